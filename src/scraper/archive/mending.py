"""Bringing the lookup and the CDXJ files in step with the WARC files, and the WARC files in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from scraper.archive.capture import Capture
from scraper.archive.growing import is_ours
from scraper.archive.index import index_of, read_index, state_of, write_index
from scraper.archive.lookup import Known, Lookup
from scraper.archive.members import Damage, is_member
from scraper.archive.reading import captures_in
from scraper.messages import Message, message


def in_step(lookup: Lookup, folder: Path) -> bool:
    """Whether the lookup has all that the WARC files hold, and each of them its finished index."""
    known = lookup.files()
    warcs = _warcs(folder)
    return known.keys() == warcs.keys() and all(
        known[name].covered == warc.stat().st_size and known[name].sealed == state_of(index_of(warc)) != ""
        for name, warc in warcs.items()
    )


class Mending:
    """Catches up with what the WARC files hold that the lookup does not.

    Of files that ``may_mend`` by their name also cuts off what a killed process left half written, and
    writes the indexes anew that are unfinished, altered or lost; others are only read. ``notices`` are for
    people.
    """

    def __init__(self, lookup: Lookup, folder: Path, may_mend: Callable[[str], bool]) -> None:
        self.notices: list[Message] = []
        self._lookup = lookup
        self._folder = folder
        self._may_mend = may_mend

    def run(self) -> None:
        """Raises :class:`OSError` where a file can't be read or written."""
        known = self._lookup.files()
        warcs = _warcs(self._folder)
        for name in known.keys() - warcs.keys():
            self._lookup.forget(name)
        for name, warc in warcs.items():
            self._bring_in_step(warc, known.get(name))
            # Not before: of a file that is half taken the lookup would seem to have more than it has.
            self._lookup.commit()

    def _bring_in_step(self, warc: Path, known: Known | None) -> None:
        size = warc.stat().st_size
        mend = self._may_mend(warc.name)
        state = state_of(index_of(warc))
        if known and known.covered == size and (not mend or known.sealed == state != ""):
            return
        if known is None:
            self._lookup.begin_file(warc.name)
            covered = self._from_index(warc, size)
        elif known.covered > size:
            self._lookup.cut(warc.name, size)
            covered = self._lookup.end_of(warc.name)
        else:
            covered = known.covered
        covered = self._from_warc(warc, covered, size, mend=mend)
        if mend:
            write_index(index_of(warc), self._lines(warc.name))
        self._lookup.cover(warc.name, covered, state_of(index_of(warc)) if mend else "")

    def _from_index(self, warc: Path, size: int) -> int:
        """Takes what the index has, and reads in the WARC file where it has gaps; the end of the last."""
        with warc.open("rb") as file:
            for capture in read_index(index_of(warc), warc.name):
                if is_member(file, capture.offset, capture.end, size):
                    self._lookup.add(capture)
        position = 0
        for capture in self._lookup.of_file(warc.name):
            self._from_warc(warc, position, capture.offset, mend=False)
            position = max(position, capture.end)
        return position

    def _from_warc(self, warc: Path, start: int, end: int, *, mend: bool) -> int:
        """Takes the captures between two places of a WARC file; how far it is now read."""
        if start >= end:
            return start
        half_written: Damage | None = None
        with warc.open("rb") as file:
            for found in captures_in(file, warc.name, start, end):
                if isinstance(found, Capture):
                    self._lookup.add(found)
                elif found.half_written:
                    half_written = found
                else:
                    self._say("warc_damaged", file=warc, offset=found.offset, bytes=found.length)
        if half_written is None:
            return end
        if mend and is_ours(warc.name):
            with warc.open("r+b") as file:
                file.truncate(half_written.offset)
            self._say("record_cut_off", file=warc, bytes=half_written.length)
        elif mend:
            self._say("warc_damaged", file=warc, offset=half_written.offset, bytes=half_written.length)
            return end
        return half_written.offset

    def _lines(self, name: str) -> Iterator[str]:
        for capture in self._lookup.of_file(name):
            if not capture.not_modified:
                yield capture.cdxj()
            elif shows := self._lookup.standing_before(capture):
                yield capture.cdxj(shows)

    def _say(self, code: str, **values: object) -> None:
        self.notices.append(message(code, **values))


def _warcs(folder: Path) -> dict[str, Path]:
    return {warc.name: warc for warc in sorted(folder.glob("*.warc.gz"))}
