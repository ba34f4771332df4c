"""Crawls for tests: portals on loopback, and what is kept of a crawl of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scraper.archive import Archive
from scraper.crawl import Listener, PortalCrawl, Step, crawl
from scraper.fetching import Pace
from scraper.portals import Portal

QUICK = Pace(timeout=5, tries=3, backoff=0.02, longest_wait=5)


class Kept(Listener):
    """Keeps what every portal's crawl found, by its county's code, and what was looked at."""

    def __init__(self) -> None:
        self.crawls: dict[str, PortalCrawl] = {}
        self.steps: list[Step] = []
        self.events: list[tuple[str, dict[str, Any]]] = []

    def event(self, portal: Portal, kind: str, particulars: dict[str, Any]) -> None:
        self.events.append((kind, particulars))

    def ended(self, found: PortalCrawl, steps: list[Step]) -> None:
        self.crawls[found.portal.county_code] = found
        self.steps += steps


def crawl_all(
    portals: Sequence[Portal],
    folder: Path,
    resolve: Mapping[str, str],
    *,
    pace: Pace = QUICK,
    without: Iterable[str] = (),
) -> Kept:
    """Crawls ``portals`` into the archive in ``folder``."""
    kept = Kept()
    with Archive(folder, writing=True) as archive:
        asyncio.run(
            crawl(portals, archive, pace=pace, resolve=resolve, listener=kept, explain=True, without=without)
        )
    return kept
