"""Finding captures by address and by content: a SQLite file beside the WARC files.

It is never the truth: whatever it lacks is read again from the WARC files and their CDXJ indexes, and it
can be deleted at any time. Addresses and digests are found by 64 bits of a hash, so that the trees which
are written at random places stay small; what is found is compared in full.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

from scraper.archive.capture import Capture
from scraper.archive.posted import is_posted

_VERSION = 1
_TABLES = """
CREATE TABLE {schema}.file (id INTEGER PRIMARY KEY, name TEXT UNIQUE, covered INTEGER, sealed TEXT);
CREATE TABLE {schema}.capture (
    file INTEGER, offset INTEGER, length INTEGER, address INTEGER, url TEXT, captured_at INTEGER,
    status INTEGER, mime TEXT, digest TEXT, content INTEGER, sha256 TEXT, revisit INTEGER, posted INTEGER,
    PRIMARY KEY (file, offset)
) WITHOUT ROWID;
CREATE INDEX {schema}.by_address ON capture (address, captured_at);
CREATE INDEX {schema}.by_content ON capture (content) WHERE NOT revisit;
"""
_ITS_OWN = "CREATE TEMP VIEW found AS SELECT * FROM main.capture"
# A reader sees of each file what was covered when it came, whatever is written meanwhile, and by
# tables of its own what was not covered yet.
_AS_IT_WAS = """
INSERT INTO temp.file SELECT * FROM main.file;
CREATE TEMP TABLE bound (file INTEGER PRIMARY KEY, covered INTEGER);
INSERT INTO bound SELECT id, max(covered, coalesce((
    SELECT offset + length FROM main.capture WHERE file = id ORDER BY offset DESC LIMIT 1
), 0)) FROM main.file;
CREATE TEMP VIEW found AS
SELECT * FROM main.capture AS c
WHERE offset + length <= (SELECT covered FROM temp.bound WHERE file = c.file)
UNION ALL SELECT * FROM temp.capture;
"""

# Kilobytes; enough for the upper parts of the trees.
_CACHE = 2000
_PATIENCE = 30.0
_SHORT_PATIENCE = 1000
_LONGEST_BATCH = 500
_LONGEST_WAIT = 0.5
_FAR = 2**63 - 1


@dataclass(frozen=True)
class Known:
    """What the lookup knows of a WARC file: all captures before ``covered`` are in it.

    ``sealed`` tells in what state the file's CDXJ was when both agreed; empty while the file is written.
    """

    covered: int
    sealed: str


class Lookup:
    """The captures of an archive. All methods raise :class:`sqlite3.DatabaseError` where it is damaged."""

    def __init__(self, connection: sqlite3.Connection, *, apart: bool) -> None:
        self._connection = connection
        self._apart = apart
        self._known_numbers: dict[str, int] = {}
        self._known_names: dict[int, str] = {}
        self._waiting = 0
        self._since = 0.0

    @classmethod
    def writing(cls, path: Path) -> Self:
        """Opens the lookup, or begins an empty one where there is none that can be used.

        Raises :class:`sqlite3.DatabaseError` or :class:`OSError` where that is not possible either.
        """
        try:
            return cls(_opened_for_writing(path), apart=False)
        except sqlite3.DatabaseError:
            discard(path)
            return cls(_opened_for_writing(path), apart=False)

    @classmethod
    def reading(cls, path: Path | None, *, unchanging: bool = False) -> Self:
        """The lookup as it is now; an empty one where there is none that can be used.

        What is added is kept aside and for this reader alone. An ``unchanging`` one is nobody's to write
        as long as it is open, so that SQLite locks nothing and many machines may read it.
        """
        for connection in _opened_for_reading(path, unchanging=unchanging):
            try:
                version = connection.execute("PRAGMA main.user_version").fetchone()
                if version != (_VERSION,):
                    raise sqlite3.DatabaseError(version)
                connection.execute(f"PRAGMA cache_size = -{_CACHE}")
                connection.executescript("BEGIN;" + _TABLES.format(schema="temp") + _AS_IT_WAS + "COMMIT;")
            except sqlite3.DatabaseError:
                connection.close()
            else:
                return cls(connection, apart=True)
        raise AssertionError("an empty database can be opened")

    def close(self) -> None:
        """Ends; what was added stays."""
        try:
            self.commit()
            if not self._apart:
                # Others may read it now without its log, even while a reader keeps the log from going.
                self._connection.execute(f"PRAGMA busy_timeout = {_SHORT_PATIENCE}")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self._connection.close()

    def files(self) -> dict[str, Known]:
        """The WARC files that it knows, by name."""
        rows = self._connection.execute("SELECT name, covered, sealed FROM file ORDER BY name").fetchall()
        return {name: Known(max(covered, self.end_of(name)), sealed) for name, covered, sealed in rows}

    def names(self) -> list[str]:
        """The names of the WARC files."""
        return sorted(self._numbers())

    def begin_file(self, name: str) -> None:
        """Notes a WARC file of which nothing is covered yet."""
        self._change("INSERT INTO file (name, covered, sealed) VALUES (?, 0, '')", (name,))
        self._known_numbers = {}

    def cover(self, name: str, covered: int, sealed: str) -> None:
        """Notes how far a file is covered, and the state of its CDXJ where both agree."""
        self._change("UPDATE file SET covered = ?, sealed = ? WHERE name = ?", (covered, sealed, name))

    def cut(self, name: str, end: int) -> None:
        """Drops the captures of a file that end behind ``end``."""
        number = self._numbers()[name]
        self._change("DELETE FROM capture WHERE file = ? AND offset + length > ?", (number, end))
        if self._apart:
            self._change("UPDATE bound SET covered = min(covered, ?) WHERE file = ?", (end, number))
        self._change("UPDATE file SET covered = 0 WHERE id = ?", (number,))

    def forget(self, name: str) -> None:
        """Drops a file and its captures."""
        self.cut(name, 0)
        self._change("DELETE FROM file WHERE name = ?", (name,))
        self._known_numbers = {}

    def add(self, capture: Capture) -> None:
        """Adds a capture, or what is now known of it."""
        self._change(
            "INSERT OR REPLACE INTO capture VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._numbers()[capture.warc_file], capture.offset, capture.length, _short(capture.url),
                capture.url, int(capture.captured_at.timestamp()), capture.status, capture.mime,
                capture.digest, _short(capture.sha256), capture.sha256, capture.revisit,
                is_posted(capture.url),
            ),
        )  # fmt: skip
        self._waiting += 1

    def commit(self) -> None:
        """Keeps what was added, and shows it to others."""
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    def commit_in_time(self) -> None:
        """As :meth:`commit`, but not for every capture alone."""
        if self._waiting >= _LONGEST_BATCH or time.monotonic() - self._since > _LONGEST_WAIT:
            self.commit()

    def latest(self, url: str) -> Capture | None:
        """The newest capture of an address."""
        return next(
            self._select(
                "SELECT * FROM found WHERE address = ? AND url = ?"
                " ORDER BY captured_at DESC, file DESC, offset DESC LIMIT 1",
                (_short(url), url),
            ),
            None,
        )

    def history(self, url: str) -> list[Capture]:
        """All captures of an address, oldest first."""
        return list(
            self._select(
                "SELECT * FROM found WHERE address = ? AND url = ? ORDER BY captured_at, file, offset",
                (_short(url), url),
            )
        )

    def holding(self, sha256: str, url: str) -> list[Capture]:
        """Some records that hold this body, those of the address first and answers to POST requests last."""
        return list(
            self._select(
                "SELECT * FROM found WHERE content = ? AND NOT revisit AND sha256 = ?"
                " ORDER BY url <> ?, posted, file, offset LIMIT 20",
                (_short(sha256), sha256, url),
            )
        )

    def standing_before(self, capture: Capture) -> Capture | None:
        """The capture of the same address and content that a 304 answer says is still what stands."""
        return next(
            self._select(
                "SELECT * FROM found WHERE address = ? AND url = ? AND sha256 = ? AND captured_at <= ?"
                " AND status <> 304 ORDER BY captured_at DESC, file DESC, offset DESC LIMIT 1",
                (_short(capture.url), capture.url, capture.sha256, int(capture.captured_at.timestamp())),
            ),
            None,
        )

    def of_file(self, name: str) -> Iterator[Capture]:
        """The captures of a file by their place, also those that are added meanwhile further on."""
        behind = -1
        while page := self.page(name, behind):
            yield from page
            behind = page[-1].offset

    def page(self, name: str, behind: int, before: int = _FAR) -> list[Capture]:
        """Some captures of a file between two places; an open cursor would keep writers waiting."""
        return list(
            self._select(
                "SELECT * FROM found WHERE file = ? AND offset > ? AND offset < ? ORDER BY offset LIMIT 1000",
                (self._numbers().get(name, -1), behind, before),
            )
        )

    def count(self) -> int:
        """How many captures there are."""
        (number,) = self._connection.execute("SELECT count(*) FROM found").fetchone()
        return int(number)

    def end_of(self, name: str) -> int:
        """Where the last capture of a file ends."""
        row = self._connection.execute(
            "SELECT offset, length FROM found WHERE file = ? ORDER BY offset DESC LIMIT 1",
            (self._numbers()[name],),
        ).fetchone()
        return int(row[0] + row[1]) if row else 0

    def _change(self, statement: str, values: Sequence[object]) -> None:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN")
            self._waiting, self._since = 0, time.monotonic()
        self._connection.execute(statement, values)

    def _select(self, question: str, values: Sequence[object]) -> Iterator[Capture]:
        rows = self._connection.execute(question, values).fetchall()
        return map(self._capture, rows)

    def _capture(self, row: tuple[Any, ...]) -> Capture:
        file, offset, length, _, url, moment, status, mime, digest, _, sha256, revisit, _ = row
        return Capture(
            url, datetime.fromtimestamp(moment, UTC), status, mime, digest, sha256,
            self._name(file), offset, length, bool(revisit),
        )  # fmt: skip

    def _numbers(self) -> dict[str, int]:
        if not self._known_numbers:
            rows = self._connection.execute("SELECT name, id FROM file").fetchall()
            self._known_numbers = dict(rows)
            self._known_names = {number: name for name, number in rows}
        return self._known_numbers

    def _name(self, number: int) -> str:
        self._numbers()
        return self._known_names[number]


def discard(path: Path) -> None:
    """Deletes a lookup; it is made anew from the WARC files."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _opened_for_writing(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # Captures that a power cut takes from the log are read again from the WARC files.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE}")
        _ensure_tables(connection)
        connection.execute(_ITS_OWN)
    except BaseException:
        connection.close()
        raise
    return connection


def _ensure_tables(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM main.sqlite_master").fetchone()
    if not tables:
        script = _TABLES.format(schema="main")
        connection.executescript(f"BEGIN; {script} PRAGMA user_version = {_VERSION}; COMMIT;")
    elif version != _VERSION:
        raise sqlite3.DatabaseError(f"version {version}")


def _opened_for_reading(path: Path | None, *, unchanging: bool) -> Iterator[sqlite3.Connection]:
    """By every way in which a database can be opened that may lie where nobody can write."""
    if path is not None:
        address, log = path.resolve().as_uri(), path.with_name(path.name + "-wal")
        # Who can open it for writing clears its log away at the end.
        uris = [] if unchanging else [f"{address}?mode=rw", f"{address}?mode=ro"]
        if not log.exists() or not log.stat().st_size:
            uris.append(f"{address}?mode=ro&immutable=1")
        for uri in uris:
            try:
                yield sqlite3.connect(uri, timeout=_PATIENCE, isolation_level=None, uri=True)
            except sqlite3.DatabaseError:
                continue
    empty = sqlite3.connect(":memory:", isolation_level=None)
    _ensure_tables(empty)
    yield empty


def _short(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
