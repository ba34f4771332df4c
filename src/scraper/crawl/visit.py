"""One visit to a portal, remembered on disk until the next one has ended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from urllib.parse import urlsplit

from scraper.archive import Archive, Capture
from scraper.portals import Portal


class Visit:
    """A visit that was cut short is taken up again: what it fetched is read from the archive.

    A new visit asks for everything again, conditionally. As each run writes WARC files of its own, a
    visit's pages are those in files newer than ``since``, for a new visit ``newest``, the newest one when
    its run began. ``known`` are the addresses of the reports that the last whole visit found.
    """

    def __init__(self, archive: Archive, portal: Portal, newest: str) -> None:
        self._archive = archive
        host = urlsplit(portal.home).netloc.replace(":", "-")
        folder = hashlib.sha256(portal.home.encode()).hexdigest()[:8]
        self._path = archive.folder / "visits" / f"{portal.county_code}-{host}-{folder}.json"
        self.known: tuple[str, ...] = ()
        self.since = newest
        self._resume()
        self._write(ended=False)

    def _resume(self) -> None:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            if not kept["ended"]:
                self.since = str(kept["since"])
            self.known = tuple(kept["reports"])
        except (OSError, ValueError, KeyError, TypeError):
            return

    def earlier(self, capture: Capture) -> Capture | None:
        """The last version of a capture's address, content and all, that an earlier visit brought."""
        before = [
            kept
            for kept in self._archive.history(capture.url)
            if kept.status == 200 and kept.warc_file <= self.since
        ]
        return before[-1] if before else None

    def end(self, reports: Iterable[str]) -> None:
        """Notes that the visit has seen everything, and which addresses have reports."""
        self.known = tuple(reports)
        self._write(ended=True)

    def _write(self, *, ended: bool) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        kept = {"since": self.since, "ended": ended, "reports": self.known}
        new.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        new.replace(self._path)
