"""Crawls portals of the volume server in a process of its own, which is then measured.

``own_crawl.py WAY FOLDER CONCURRENCY HOME…``: ``crawl`` is the crawl as ``nianbao`` makes it; ``links``
fetches, archives and follows links as a plain crawler does, with the same client, archive and pages, and
recognises nothing.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from scraper.archive import Archive
from scraper.crawl import crawl
from scraper.fetching import Fetcher, Manner, Request
from scraper.portals import Portal
from scraper.portals.addresses import same_as
from scraper.portals.page import page_of
from volume.server import places_of, portals_of

_FOLLOWED = "/zfxxgk/"


async def follow_links(
    portals: Sequence[Portal], archive: Archive, *, resolve: dict[str, str], at_once: int
) -> None:
    """What a plain crawler does, ``at_once`` portals at a time."""
    waiting = iter(portals)
    async with Fetcher(archive, resolve=resolve) as fetcher, asyncio.TaskGroup() as group:

        async def work() -> None:
            for portal in waiting:
                await _follow(portal, fetcher)

        for _ in range(at_once):
            group.create_task(work())


async def _follow(portal: Portal, fetcher: Fetcher) -> None:
    manner = Manner.of(portal)
    waiting, seen = [portal.home], {same_as(portal.home)}
    while waiting:
        fetched = await fetcher.fetch(Request(waiting.pop()), manner)
        if fetched.payload is None:
            continue
        for link in page_of(fetched.payload.body, fetched.payload.charset, fetched.url).links:
            key = same_as(link.url)
            if _FOLLOWED in link.url and key not in seen and manner.scope.permits(link.url):
                seen.add(key)
                waiting.append(link.url)
    fetcher.release(manner)


def main() -> None:
    """Crawls as the arguments say."""
    way, folder, concurrency, *homes = sys.argv[1:]
    go = {"crawl": crawl, "links": follow_links}[way]
    with Archive(Path(folder), writing=True) as archive:
        asyncio.run(go(portals_of(homes), archive, resolve=places_of(homes), at_once=int(concurrency)))


if __name__ == "__main__":
    main()
