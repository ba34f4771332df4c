"""Where the payloads lie that revisit records of the same set of files refer to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from scraper.archive import Archive, Capture
from scraper.importing.records import Record


class Originals:
    """Notes every capture taken from a set of files by what may refer to it; a context manager.

    The notes are in a temporary file, for a set may hold millions of records.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._notes = closing(sqlite3.connect(""))

    def __enter__(self) -> Self:
        self._table = self._notes.__enter__()
        self._table.execute("CREATE TABLE original (name TEXT PRIMARY KEY, url TEXT, captured_at TEXT)")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._notes.__exit__(kind, error, trace)

    def add(self, record: Record, capture: Capture) -> None:
        """Notes that ``record`` lies in the archive as ``capture``."""
        moment = capture.captured_at.isoformat()
        names = (record.header("WARC-Record-ID"), _folded(record.header("WARC-Payload-Digest")))
        self._table.executemany(
            "INSERT OR IGNORE INTO original VALUES (?, ?, ?)",
            [(name, capture.url, moment) for name in names if name],
        )

    def of(self, revisit: Record) -> Capture | None:
        """The capture whose payload came again, or None where it is neither in these files nor archived."""
        digest = _folded(revisit.header("WARC-Payload-Digest"))
        for name in (revisit.header("WARC-Refers-To"), digest):
            row = self._table.execute(
                "SELECT url, captured_at FROM original WHERE name = ?", [name]
            ).fetchone()
            if row is not None:
                return self._archived(row[0], datetime.fromisoformat(row[1]))
        url, moment = (
            revisit.header("WARC-Refers-To-Target-URI"),
            moment_of(revisit.header("WARC-Refers-To-Date")),
        )
        return self._archived(url, moment) if moment else None

    def _archived(self, url: str, moment: datetime) -> Capture | None:
        found = (c for c in self._archive.history(url) if c.captured_at == moment and c.status != 304)
        return next(found, None)


def moment_of(written: str) -> datetime | None:
    """The time that a WARC field states, to the second; None where it states none."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)


def _folded(digest: str) -> str:
    return digest.lower().rstrip("=")
