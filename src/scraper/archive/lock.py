"""Who may write what in an archive.

``.lock`` is held by whoever writes all of it, alone; crawls of shards hold it together, and each of them
its own ``.lock-3of16``. The system releases a lock when its process ends, however it does, also on folders
that several machines mount by NFS.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from scraper.archive.shard import Shard
from scraper.messages import ScraperError, message

_ALL = ".lock"
_OF_SHARD = f"{_ALL}-"
_GATE = ".opening"


class Claim:
    """What a process may write in ``folder``: all of it, or the files of its ``shard``.

    Claims are made behind a gate, one after the other, so that none fails for another that is being
    made. Methods raise :class:`OSError` where the folder can't be written.
    """

    def __init__(self, folder: Path, shard: Shard | None = None) -> None:
        self._folder = folder
        self._shard = shard
        self._gate = _Lock(folder / _GATE)
        self._all = _Lock(folder / _ALL)
        self._own = _Lock(folder / f"{_OF_SHARD}{shard.tag if shard else ''}")

    @contextmanager
    def gate(self, *, wait: bool = True) -> Iterator[bool]:
        """Passes the gate, where somebody else is in it only with ``wait``; whether that was so."""
        passed = self._gate.take(wait=wait)
        try:
            yield passed
        finally:
            self._gate.release()

    def take_all(self) -> bool:
        """Whether nobody else writes, so that everything may be written until :meth:`release`."""
        return self._all.take()

    def take_part(self) -> None:
        """Claims the shard's files alone, though all was claimed before.

        Raises :class:`ScraperError` where somebody writes all, or may ask the same hosts.
        """
        if self._shard is None:
            raise RuntimeError("there is no part to claim")
        if not self._all.take(shared=True):
            raise ScraperError(message("archive_in_use", folder=self._folder))
        if not self._own.take():
            raise self._in_use(self._shard)
        for other, path in self._others():
            if other.overlaps(self._shard) and _is_held(path):
                raise self._in_use(other)

    def release(self) -> None:
        """Lets others write."""
        self._own.release()
        self._all.release()

    def _others(self) -> Iterator[tuple[Shard, Path]]:
        """The other shards that were ever crawled into the archive, and their locks."""
        for path in sorted(self._folder.glob(f"{_OF_SHARD}*")):
            # Somebody else's file may have such a name.
            with suppress(ValueError):
                other = Shard.tagged(path.name.removeprefix(_OF_SHARD))
                if other != self._shard:
                    yield other, path

    def _in_use(self, other: Shard) -> ScraperError:
        return ScraperError(message("shard_in_use", shard=other, folder=self._folder))


class _Lock:
    """A lock of the system's on a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def take(self, *, shared: bool = False, wait: bool = False) -> bool:
        """Whether nobody else has it, or only such as share it; of one that is held the kind is changed."""
        # On NFS a lock is shared only by files that are open for reading.
        self._file = self._file or self._path.open("a+b")
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self._file, how if wait else how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _is_held(path: Path) -> bool:
    lock = _Lock(path)
    try:
        return not lock.take(shared=True)
    finally:
        lock.release()
