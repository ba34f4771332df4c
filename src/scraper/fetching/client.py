"""The HTTP client: asks politely, keeps every answer, and says how each request ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Self

from scraper.archive import Archive, Capture
from scraper.fetching.asking import Asker
from scraper.fetching.hosts import Hosts, Site
from scraper.fetching.judging import Verdict, is_busy, particulars_apart
from scraper.fetching.manner import Manner
from scraper.fetching.pace import Pace
from scraper.fetching.redirects import is_deep, is_first_page
from scraper.fetching.reply import Reply
from scraper.fetching.request import Fetched, Request
from scraper.fetching.rules import Rules
from scraper.fetching.traffic import Traffic
from scraper.fetching.way import Way


class Fetcher:
    """Fetches into ``archive``; an async context manager.

    ``resolve`` maps hosts to ``address:port`` where they are to be reached, for sample portals and tests.
    """

    def __init__(
        self, archive: Archive, pace: Pace | None = None, resolve: Mapping[str, str] | None = None
    ) -> None:
        self._archive = archive
        self._hosts = Hosts()
        self._asker = Asker(archive, pace or Pace(), resolve or {})
        self._rules = Rules(archive, self._asker, self._hosts)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._asker.aclose()

    @property
    def traffic(self) -> Traffic:
        """What the requests came to so far, those for robots.txt included."""
        return self._asker.traffic

    def sitemaps(self, host: str) -> Sequence[str]:
        """The sitemaps that the robots.txt of ``host`` names, as far as it was read in this run."""
        return self._hosts.sitemaps(host)

    def release(self, manner: Manner) -> None:
        """Forgets what only the visit in ``manner`` needed to know; to be called when it is done.

        Blocks, and pauses that are still due, are kept for other visits.
        """
        self._hosts.release(manner)

    async def fetch(self, request: Request, manner: Manner, *, since: str = "") -> Fetched:
        """Gets what ``request`` asks for, redirects followed within the scope of ``manner``.

        What the archive holds in a WARC file named later than ``since`` is judged again instead of being
        asked for, so that an interrupted visit goes on where it was; with nothing given, that is all that
        the archive holds. Older pages are asked for on condition that they have changed.

        Raises :class:`ScraperError` where the archive can't be read or written.
        """
        way = Way(request, self._hosts.over(request.url))
        while True:
            hop = way.hop
            reply = await self._reply(hop, manner, since, once=way.turned is not None)
            if reply.verdict.doubtful and await self._is_nowhere(hop, reply, manner, since):
                reply.verdict = Verdict("soft404", "the host answers so to any address")
            if not way.goes_on(reply, self._hosts.cookies(hop.url)):
                if way.turned is not None and way.turned_well:
                    self._hosts.turn(way.turned_from, way.turned)
                return way.ended(reply)

    async def _reply(self, hop: Request, manner: Manner, since: str, *, once: bool = False) -> Reply:
        """The reply to one request of the way, from the archive or the host."""
        if not manner.scope.permits(hop.url):
            return Reply(Verdict("out_of_scope", hop.url))
        site = self._hosts.site(hop.url, manner)
        kept = self._archive.latest(hop.key)
        reply = None
        if kept is not None and kept.warc_file > since and not is_busy(kept.status):
            reply = self._replay(hop, site, kept)
        # What leads to itself wanted to set a cookie, which is not in the archive.
        if reply is None or reply.verdict.target == hop.url:
            reply = await self._ask(hop, site, kept, once=once)
        self._compare_with_home(hop, site, reply)
        return reply

    def _replay(self, hop: Request, site: Site, kept: Capture) -> Reply:
        if site.over_budget:
            return Reply(Verdict("deferred", site.over_budget))
        reply = self._asker.replay(hop, kept)
        site.spent.pages += 1
        site.spent.octets += len(reply.payload.body) if reply.payload else 0
        if reply.verdict.outcome == "blocked":
            self._asker.block(site, reply.verdict.detail)
        return reply

    async def _ask(self, hop: Request, site: Site, kept: Capture | None, *, once: bool) -> Reply:
        closed = await self._asker.closed(site)
        if closed is not None:
            return closed
        rules = await self._rules.of(site, once=once)
        if isinstance(rules, Reply):
            return replace(rules)
        if not rules.allows(hop.url):
            return Reply(Verdict("robots", rules.closed))
        delay = max(site.manner.delay, rules.delay)
        return await self._asker.ask(hop, site, delay=delay, kept=kept, once=once)

    def _compare_with_home(self, hop: Request, site: Site, reply: Reply) -> None:
        """Some hosts show their first page in place of one that is gone, or when they are asked too much."""
        verdict = reply.verdict
        if verdict.outcome != "ok" or verdict.scripted or reply.capture is None or hop.expects != "page":
            return
        if reply.capture.sha256 == site.host.home:
            if is_deep(hop.url):
                reply.verdict = Verdict("soft404", "the host's first page in place of this one")
        elif is_first_page(hop.url):
            site.host.home = reply.capture.sha256

    async def _is_nowhere(self, hop: Request, reply: Reply, manner: Manner, since: str) -> bool:
        """Whether the host answers alike to an address that can't exist; it is asked for once."""
        site = self._hosts.site(hop.url, manner)
        if site.host.nowhere is None:
            name = sha256(site.host.name.encode()).hexdigest()[:12]
            probe = await self._reply(Request(f"{site.origin.url}/{name}/{name}.html"), manner, since)
            exists = probe.payload is not None and probe.verdict.outcome in ("ok", "soft404")
            site.host.nowhere = particulars_apart(probe.payload) if exists and probe.payload else ""
        seen = particulars_apart(reply.payload) if reply.payload else ""
        return seen != "" and seen == site.host.nowhere
