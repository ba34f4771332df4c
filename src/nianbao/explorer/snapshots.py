"""Copies of a workspace's database, so that readers and writers never wait for each other.

DuckDB lets one process write a file, or several read it. The explorer opens only copies of its own: whenever
the file has changed and nobody writes to it, it is copied anew, and readers go over to the copy. Tables in
shared storage are copied in the same way whenever there are others.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import struct
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from analysis.database import DatabaseMissing, open_for_reading
from analysis.shared import SharedTables, copy_shared
from nianbao.explorer.kept import Kept
from nianbao.explorer.texts import Texts
from nianbao.workspace import Workspace
from scraper.messages import ScraperError

# struct flock, as fcntl(2) has it on Linux, and on macOS and the BSDs.
_LINUX = sys.platform.startswith("linux")
_FLOCK = "hhqqi" if _LINUX else "qqihh"
_SETTINGS: dict[str, str | int] = {"threads": 1, "memory_limit": "1GB", "temp_directory": ""}
# A copy that took long is not followed by another at once: a part of the time at most is spent on copies.
_TIMES_AS_LONG = 20
_FOR_SQL: dict[str, str | int] = {"threads": 1, "memory_limit": "256MB", "temp_directory": ""}

Stamp = tuple[tuple[int, int, int], ...] | str


class BeingWritten(Exception):  # noqa: N818 - it is a state of the workspace
    """The database is being written, and there is no copy of it yet."""


@dataclass(frozen=True)
class Snapshot:
    """A copy of the database as it was at ``taken_at``, UTC; ``number`` counts the copies from 1.

    ``decided``: it was taken because somebody has decided about a finding. ``for_sql`` reads the same copy
    with little memory of its own: what anybody may ask can't take that of the pages.
    """

    number: int
    connection: duckdb.DuckDBPyConnection
    for_sql: duckdb.DuckDBPyConnection
    stamp: Stamp
    taken_at: datetime
    decided: bool = False
    kept: Kept = field(default_factory=Kept)


class Snapshots:
    """The newest copy of the database of ``workspace``, and the index of its ``texts``."""

    def __init__(self, workspace: Workspace, texts: Texts) -> None:
        self._workspace = workspace
        self._texts = texts
        self._renewing = threading.Lock()
        self._not_before = 0.0
        self._numbers = itertools.count(1)
        self._current: Snapshot | None = None
        self._error: Exception | None = None
        # DuckDB's own lock on the file would be lost if this process opened and closed it beside DuckDB.
        self.writing = threading.Lock()

    @property
    def known(self) -> Snapshot | None:
        """The copy that is read now; None where there is none yet."""
        return self._current

    def current(self) -> Snapshot:
        """The copy that is read now.

        Raises :class:`DatabaseMissing`, :class:`BeingWritten` or :class:`duckdb.Error` as long as there is
        none.
        """
        if self._current is None:
            self.renew()
        if self._current is None:
            raise self._error or BeingWritten
        return self._current

    def renew(self, *, soon: bool = False) -> bool:
        """Takes a new copy if the database has changed and nobody writes to it; whether it did.

        Where that fails the old copy stays; not ``soon``, it also stays for a while after it was taken.
        """
        with self._renewing:
            started = time.monotonic()
            if started < self._not_before and not soon:
                return False
            try:
                with self.writing:
                    taken = self._taken()
                if taken is None:
                    return False
                if self._current is None:
                    threading.Thread(target=self._texts.update, args=(taken.connection,), daemon=True).start()
                else:
                    self._texts.update(taken.connection)
            except (DatabaseMissing, OSError, duckdb.Error, ScraperError) as error:
                self._error = error
                return False
            self._current, self._error = replace(taken, decided=soon), None
            ended = time.monotonic()
            self._not_before = ended + _TIMES_AS_LONG * (ended - started)
            return True

    def _taken(self) -> Snapshot | None:
        """A new copy; None where none is needed, or none can be had now."""
        database = self._workspace.database
        before = database.state if isinstance(database, SharedTables) else _stamp(database)
        known = self._current
        if not before:
            raise DatabaseMissing(self._workspace.database_file)
        if known is not None and known.stamp == before:
            return None
        with tempfile.TemporaryDirectory(prefix="nianbao-explorer-") as folder:
            copy = Path(folder) / "reports.duckdb"
            if isinstance(database, SharedTables):
                copy_shared(database, copy)
            elif not _copied(database, before, copy):
                return None
            connection = open_for_reading(copy, _SETTINGS)
            # DuckDB opens a file only once in a process, by its name.
            other = copy.with_name("sql.duckdb")
            other.hardlink_to(copy)
            for_sql = open_for_reading(other, _FOR_SQL)
            # Opened, the copy needs no name: nothing of it is left behind, however this process ends.
        return Snapshot(next(self._numbers), connection, for_sql, before, datetime.now(UTC))


def _copied(database: Path, before: Stamp, copy: Path) -> bool:
    """Copies the file unless somebody writes to it meanwhile; whether it did."""
    if _locked(database):
        return False
    for path in _files(database):
        with suppress(FileNotFoundError):
            shutil.copyfile(path, copy.with_name(path.name.replace(database.name, copy.name)))
    if _locked(database) or _stamp(database) != before:
        return False
    if copy.with_name(f"{copy.name}.wal").exists():
        # A process that was killed left it; a read-only connection could not take it in.
        duckdb.connect(str(copy)).close()
    return True


def _files(database: Path) -> tuple[Path, Path]:
    return database, database.with_name(f"{database.name}.wal")


def _stamp(database: Path) -> Stamp:
    """What changes whenever the database does; empty where there is none."""
    found = [path.stat() for path in _files(database) if path.exists()]
    return tuple((one.st_ino, one.st_size, one.st_mtime_ns) for one in found)


def _locked(database: Path) -> bool:
    """Whether another process writes to the database. To ask takes no lock, so no writer is disturbed."""
    lock, whence, pid = fcntl.F_RDLCK, os.SEEK_SET, 0
    asked = struct.pack(_FLOCK, *((lock, whence, 0, 0, pid) if _LINUX else (0, 0, pid, lock, whence)))
    with database.open("rb") as file:
        answer = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, asked))
    return int(answer[0 if _LINUX else 3]) != fcntl.F_UNLCK
