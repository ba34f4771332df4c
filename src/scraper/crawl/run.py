"""Many portals side by side, each politely by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from scraper.archive import Archive
from scraper.crawl.found import PortalCrawl, Step
from scraper.crawl.portal import PortalCrawler
from scraper.fetching import Fetcher, Pace, Traffic
from scraper.portals import Portal

AT_ONCE = 32
"""Portals that are crawled at the same time."""


class Listener:
    """What a run tells while it goes on; every method may be overridden."""

    def asks(self, traffic: Traffic) -> None:
        """The run begins; ``traffic`` counts its requests as it goes on."""

    def began(self, portal: Portal) -> None:
        """A portal's crawl begins."""

    def event(self, portal: Portal, kind: str, particulars: dict[str, Any]) -> None:
        """Something happened there: ``fetched`` an address, found a ``report``."""

    def ended(self, found: PortalCrawl, steps: list[Step]) -> None:
        """A portal's crawl has ended; ``steps`` are filled where explanations were asked for."""


async def crawl(
    portals: Iterable[Portal],
    archive: Archive,
    *,
    pace: Pace | None = None,
    resolve: Mapping[str, str] | None = None,
    listener: Listener | None = None,
    explain: bool = False,
    without: Iterable[str] = (),
    at_once: int = AT_ONCE,
) -> None:
    """Crawls ``portals``, ``at_once`` of them at a time, and tells ``listener`` what each brought.

    Nothing of a portal is kept when it is done, so that thousands need no more memory than a few. Raises
    :class:`ScraperError` where the archive can't be written; an error ends the run, for it is no fault of a
    portal.
    """
    waiting = iter(list(portals))
    told = listener or Listener()
    newest = archive.newest_file
    async with Fetcher(archive, pace, resolve) as fetcher:
        told.asks(fetcher.traffic)

        async def work() -> None:
            for portal in waiting:
                told.began(portal)
                event = _for(told.event, portal)
                crawler = PortalCrawler(
                    portal,
                    archive,
                    fetcher,
                    newest=newest,
                    event=event,
                    explain=explain,
                    without=without,
                )
                told.ended(await crawler.run(), crawler.steps)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(at_once):
                    group.create_task(work())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors


def _for(
    tell: Callable[[Portal, str, dict[str, Any]], None], portal: Portal
) -> Callable[[str, dict[str, Any]], None]:
    return lambda kind, particulars: tell(portal, kind, particulars)
