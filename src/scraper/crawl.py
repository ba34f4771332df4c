"""Portals to archive: from a county's annual-report lists to every report they link to."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from scraper.archive import Archive, Capture
from scraper.documents.characters import decode
from scraper.fetching import Fetched, Fetcher, Outcome, Pace
from scraper.portals import Portal
from scraper.portals.discovery import read_list, wording


@dataclass
class PortalCrawl:
    """What one portal's crawl found. ``failures`` are requests that brought no page, and why."""

    portal: Portal
    list_pages: int = 0
    new_reports: list[str] = field(default_factory=list)
    known_reports: list[str] = field(default_factory=list)
    failures: list[Fetched] = field(default_factory=list)

    @property
    def outcomes(self) -> list[Outcome]:
        """The kinds of failure, each once."""
        return list(dict.fromkeys(failure.outcome for failure in self.failures))


Progress = Callable[[PortalCrawl], None]


class _Visit:
    """One visit to a portal, remembered on disk until it has ended.

    A visit that was cut short is taken up again: pages fetched since it began are read from the
    archive. A new visit asks for the lists again, for they may have grown. As each run writes a WARC
    file of its own, a visit's pages are those in files newer than the newest one when it began.
    """

    def __init__(self, archive: Archive, portal: Portal) -> None:
        self._path = archive.folder / "visits" / f"{portal.county_code}.json"
        newest = archive.newest_file
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            self._after: str = newest if kept["ended"] else kept["after"]
        except (OSError, ValueError, KeyError):
            self._after = newest
        self._write(ended=False)

    def brought(self, capture: Capture) -> bool:
        """Whether ``capture`` was made in this visit."""
        return capture.warc_file > self._after

    def end(self) -> None:
        """Notes that the visit has seen everything."""
        self._write(ended=True)

    def _write(self, *, ended: bool) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps({"after": self._after, "ended": ended}))
        new.replace(self._path)


async def crawl(
    portals: Sequence[Portal],
    archive: Archive,
    *,
    pace: Pace | None = None,
    resolve: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> list[PortalCrawl]:
    """Crawls ``portals`` side by side, each host politely by itself.

    Reports already in the archive are not asked for again. ``progress`` is called when a portal is
    done.
    """
    async with Fetcher(archive, pace, resolve) as fetcher:

        async def one(portal: Portal) -> PortalCrawl:
            found = await _PortalCrawler(portal, archive, fetcher).run()
            if progress:
                progress(found)
            return found

        return list(await asyncio.gather(*map(one, portals)))


class _PortalCrawler:
    def __init__(self, portal: Portal, archive: Archive, fetcher: Fetcher) -> None:
        self._portal = portal
        self._archive = archive
        self._fetcher = fetcher
        self._visit = _Visit(archive, portal)
        self._found = PortalCrawl(portal)

    async def run(self) -> PortalCrawl:
        reports: dict[str, None] = {}
        for address in self._portal.lists:
            reports.update(dict.fromkeys(await self._reports_of(address)))
        for url in reports:
            await self._take_report(url)
        self._visit.end()
        return self._found

    async def _reports_of(self, address: str) -> list[str]:
        """The report addresses on all pages of one list.

        Ends where pages run out, and where a page only repeats links already seen, as pagers without an
        end do.
        """
        waiting, seen = deque([address]), {address}
        content: set[str] = set()
        reports: dict[str, None] = {}
        while waiting and len(seen) <= wording()["most_pages"]:
            url = waiting.popleft()
            capture = await self._list_page(url)
            if capture is None:
                continue
            payload = self._archive.read(capture)
            page = read_list(decode(payload.body, payload.charset), url)
            if url != address and page.content <= content:
                continue
            content |= page.content
            reports.update(dict.fromkeys(page.reports))
            waiting.extend(found for found in page.pages if found not in seen)
            seen.update(page.pages)
        return [url for url in reports if url not in seen]

    async def _list_page(self, url: str) -> Capture | None:
        self._found.list_pages += 1
        kept = self._archive.latest(url)
        if kept and kept.status == 200 and self._visit.brought(kept):
            return kept
        return await self._fetch(url)

    async def _take_report(self, url: str) -> None:
        kept = self._archive.latest(url)
        if kept and kept.status == 200:
            # A visit taken up again counts what its first part brought as new.
            (self._found.new_reports if self._visit.brought(kept) else self._found.known_reports).append(url)
        elif await self._fetch(url):
            self._found.new_reports.append(url)

    async def _fetch(self, url: str) -> Capture | None:
        fetched = await self._fetcher.fetch(url, self._portal.delay)
        if fetched.outcome == "ok":
            return fetched.capture
        self._found.failures.append(fetched)
        return None
