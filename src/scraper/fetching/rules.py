"""Each origin's robots.txt: fetched, archived, and kept for a day."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scraper.archive import Archive, Capture
from scraper.fetching.asking import Asker
from scraper.fetching.hosts import Hosts, Site
from scraper.fetching.manner import Spent
from scraper.fetching.reply import Reply
from scraper.fetching.request import Request
from scraper.fetching.robots import Robots, read_robots

# RFC 9309 allows a robots.txt to be kept for a day, and asks that five redirects be followed.
_KEPT = timedelta(hours=24)
# That a host could not be reached may be over sooner.
_FAILURE_KEPT = timedelta(minutes=10)
_MOST_REDIRECTS = 5


class Rules:
    """Finds out what hosts allow."""

    def __init__(self, archive: Archive, asker: Asker, hosts: Hosts) -> None:
        self._archive = archive
        self._asker = asker
        self._hosts = hosts

    async def of(self, site: Site, *, once: bool = False) -> Robots | Reply:
        """What the origin of ``site`` allows, or why it can't be known, which closes it.

        With ``once`` no second try is made where there is no connection.
        """
        origin = site.origin
        async with origin.lock:
            if origin.until < time.monotonic():
                found = await self._read(site, once=once)
                kept = _KEPT if isinstance(found, Robots) else _FAILURE_KEPT
                origin.until = time.monotonic() + kept.total_seconds()
                origin.rules = found if isinstance(found, Robots) else None
                origin.failure = found if isinstance(found, Reply) else None
        return origin.rules or origin.failure or Robots(None)

    async def _read(self, site: Site, *, once: bool) -> Robots | Reply:
        """Follows redirects, also to other hosts of the portal; one that leaves it has no rules for us."""
        url = f"{site.origin.url}/robots.txt"
        for _ in range(_MOST_REDIRECTS + 1):
            reply = await self._get(url, site, once=once)
            verdict = reply.verdict
            if reply.payload is None or (verdict.outcome == "blocked" and verdict.walled):
                said = replace(verdict, detail=f"robots.txt: {verdict.detail}", again=False)
                return Reply(said, capture=reply.capture, trouble=reply.trouble)
            if verdict.outcome != "redirect" or not verdict.target:
                rules = read_robots(reply.status, reply.payload)
                if not reply.from_archive and rules.delay > site.manner.delay:
                    # The pause that the file asks for is due after the file already.
                    await self._asker.rest(site, rules.delay)
                return rules
            url = verdict.target
            if not site.manner.scope.permits(url):
                break
        return Robots(None)

    async def _get(self, url: str, site: Site, *, once: bool) -> Reply:
        request = Request(url, expects="data")
        kept = self._archive.latest(url)
        if kept is not None and kept.status < 500 and _is_fresh(kept):
            return self._asker.replay(request, kept)
        # It is no page of the visit's budget.
        at = replace(self._hosts.site(url, site.manner), spent=Spent())
        return await self._asker.ask(request, at, delay=site.manner.delay, kept=kept, once=once)


def _is_fresh(kept: Capture) -> bool:
    return datetime.now(UTC) - kept.captured_at <= _KEPT
