"""Which captures an archive has: its lookup, kept in step with the WARC files."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from scraper.archive.capture import Capture
from scraper.archive.growing import is_of
from scraper.archive.lock import Claim
from scraper.archive.lookup import Lookup, discard
from scraper.archive.mending import Mending, in_step
from scraper.archive.shard import Shard
from scraper.messages import Message, ScraperError, message

LOOKUP = "captures.sqlite"

_Answer = TypeVar("_Answer")


class Catalogue:
    """Answers questions about the captures in ``folder``.

    A writer has it alone; a reader, and the writer of a ``shard``, sees what was there when it opened, with
    what it added. The lookup is brought in step by whoever comes when nobody writes, and stays as it is as
    long as shards are written: no machine changes what another one reads. ``notices`` say what was mended.
    ``growing`` is the name of the WARC file that is being written. Methods raise :class:`ScraperError` where
    the folder can't be read or written.
    """

    def __init__(self, folder: Path, shard: Shard | None = None) -> None:
        self.notices: list[Message] = []
        self.growing = ""
        self._folder = folder
        self._path = folder / LOOKUP
        self._shard = shard
        self._claim = Claim(folder, shard)
        self._lookup: Lookup | None = None
        self._writing = False

    def open_for_writing(self) -> None:
        """Makes the folder where it is missing, and keeps others from writing what this one does."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if self._shard is not None:
                self._open_shard(self._shard)
                return
            with self._claim.gate():
                if not self._claim.take_all():
                    raise ScraperError(message("archive_in_use", folder=self._folder))
            self._writing = True
            self._mend()
        except (OSError, sqlite3.DatabaseError) as error:
            raise not_writable(self._folder, error) from error

    def _open_shard(self, shard: Shard) -> None:
        with self._claim.gate():
            if self._claim.take_all():
                self._mend()
                self._use(None)
            self._claim.take_part()
        own = partial(is_of, shard)
        try:
            self._bring_in_step(Lookup.reading(self._path, unchanging=True), own)
        except sqlite3.DatabaseError:
            self._bring_in_step(Lookup.reading(None), own)

    def open_for_reading(self) -> None:
        """Takes what is there; mends it first, unless somebody is writing or nobody may."""
        try:
            if not self._is_in_step():
                self._mend_if_free()
                if not self._is_in_step():
                    self._catch_up()
        except OSError as error:
            raise ScraperError(
                message("file_unreadable", name=error.filename or self._folder, reason=error.strerror)
            ) from error

    def close(self) -> None:
        """Ends, and lets others write."""
        try:
            self._use(None)
        finally:
            self._claim.release()

    def ask(self, question: Callable[[Lookup], _Answer]) -> _Answer:
        """What the lookup answers; it is made anew from the WARC files where it turns out to be damaged."""
        if self._lookup is None:
            raise RuntimeError("the archive is not open")
        try:
            return question(self._lookup)
        except sqlite3.ProgrammingError:
            raise
        except sqlite3.DatabaseError:
            self._make_anew()
        try:
            return question(self._lookup)
        except sqlite3.DatabaseError as error:
            raise not_writable(self._folder, error) from error

    def standing_before(self, capture: Capture) -> Capture | None:
        """See :class:`scraper.archive.contents.Known`."""
        return self.ask(lambda lookup: lookup.standing_before(capture))

    def holding(self, sha256: str, url: str) -> list[Capture]:
        """See :class:`scraper.archive.contents.Known`."""
        return self.ask(lambda lookup: lookup.holding(sha256, url))

    def _use(self, lookup: Lookup | None) -> None:
        if self._lookup is not None:
            # What could not be written to it is read from the WARC files next time.
            with suppress(sqlite3.DatabaseError):
                self._lookup.close()
        self._lookup = lookup

    def _is_in_step(self) -> bool:
        lookup = Lookup.reading(self._path)
        self._use(lookup)
        try:
            return in_step(lookup, self._folder)
        except sqlite3.DatabaseError:
            return False

    def _mend_if_free(self) -> None:
        # Who may not write reads what is there.
        with suppress(OSError, sqlite3.DatabaseError), self._claim.gate(wait=False) as passed:
            if passed and self._claim.take_all():
                self._mend()
        self._use(None)
        self._claim.release()

    def _mend(self) -> None:
        try:
            self._bring_in_step(Lookup.writing(self._path), self._is_finished)
        except sqlite3.DatabaseError:
            self._use(None)
            discard(self._path)
            self._bring_in_step(Lookup.writing(self._path), self._is_finished)

    def _catch_up(self) -> None:
        """For this reader alone."""
        try:
            self._bring_in_step(Lookup.reading(self._path), _none)
        except sqlite3.DatabaseError:
            self._bring_in_step(Lookup.reading(None), _none)

    def _bring_in_step(self, lookup: Lookup, may_mend: Callable[[str], bool]) -> None:
        self._use(lookup)
        mending = Mending(lookup, self._folder, may_mend)
        mending.run()
        self.notices += mending.notices

    def _is_finished(self, name: str) -> bool:
        return name != self.growing

    def _make_anew(self) -> None:
        self._use(None)
        try:
            if self._writing:
                discard(self._path)
                self._bring_in_step(Lookup.writing(self._path), self._is_finished)
            else:
                self._bring_in_step(Lookup.reading(None), _none)
        except (OSError, sqlite3.DatabaseError) as error:
            raise not_writable(self._folder, error) from error


def _none(name: str) -> bool:
    return False


def not_writable(folder: Path, error: OSError | sqlite3.DatabaseError) -> ScraperError:
    """What to say where a folder can't be written."""
    reason = getattr(error, "strerror", None) or str(error)
    return ScraperError(message("workspace_not_writable", folder=folder, reason=reason))
