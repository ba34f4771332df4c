"""Asking a host, when it is its turn, until it answers or has shown that it won't."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scraper.archive import Archive, Capture, Payload
from scraper.fetching.connections import Connections
from scraper.fetching.exchange import Exchange, NoAnswerError, Received
from scraper.fetching.hosts import Site
from scraper.fetching.judging import Verdict, judge
from scraper.fetching.pace import Pace
from scraper.fetching.politeness import Queues, Turn
from scraper.fetching.reply import Reply
from scraper.fetching.request import Request
from scraper.fetching.resolving import NoPlaceError, Place, Resolver
from scraper.fetching.scope import platform_of
from scraper.fetching.traffic import Traffic

_OK = 200
_UNMODIFIED = 304
_TRIES_AFTER_RESET = 2
# Strikes at which a host is asked no more in this run.
_OUT = 2


@dataclass(slots=True)
class _Errand:
    """A request, and what is needed to make it.

    ``known`` is what the archive has of the page, which the host is asked about; ``payload`` its content.
    """

    request: Request
    site: Site
    delay: float
    known: Capture | None = None
    payload: Payload | None = None


class Asker:
    """Asks politely, and archives every answer."""

    def __init__(self, archive: Archive, pace: Pace, resolve: Mapping[str, str]) -> None:
        self.traffic = Traffic()
        self._archive = archive
        self._pace = pace
        self._connections = Connections()
        self._exchange = Exchange(self._connections, pace)
        self._resolver = Resolver(resolve, pace.timeout)
        self._queues = Queues()

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._connections.aclose()

    async def closed(self, site: Site) -> Reply | None:
        """Why ``site`` can't be asked at all; None where it can."""
        try:
            return self._closed(site, self._names(site, await self._place(site)))
        except NoPlaceError as error:
            return error.reply

    async def ask(
        self, request: Request, site: Site, *, delay: float, kept: Capture | None = None, once: bool = False
    ) -> Reply:
        """The reply to ``request``, with a pause of ``delay`` seconds or more after each try.

        ``kept`` is what the archive has; the host is asked whether that still stands. ``once`` makes no
        second try where there is no connection.
        """
        errand = self._errand(request, site, delay, kept)
        attempt = 0
        while True:
            attempt += 1
            try:
                place = await self._place(site)
            except NoPlaceError as error:
                return error.reply
            reply = await self._try(errand, place)
            verdict = reply.verdict
            if not verdict.again:
                return reply
            if reply.trouble == "unreachable":
                self._resolver.failed(site.host.name, site.port)
            if attempt >= self._most_tries(reply, once=once) or verdict.wait > self._pace.longest_wait:
                self._strike(site, verdict)
                return self._refused(site, reply) if reply.trouble == "reset" else reply

    async def rest(self, site: Site, seconds: float) -> None:
        """Lets nobody ask at ``site`` for ``seconds``."""
        async with self._queues.turn(self._names(site, await self._place(site))) as turn:
            turn.pause(seconds)

    def replay(self, request: Request, kept: Capture) -> Reply:
        """The reply that the archive holds, judged as if it came now."""
        payload = self._archive.read(kept)
        status = _OK if kept.not_modified else kept.status
        verdict = judge(request, status, payload)
        return Reply(verdict, status, payload, kept, from_archive=True, unmodified=kept.not_modified)

    def block(self, site: Site, why: str, place: Place | None = None) -> None:
        """Asks ``site`` no more in this run, nor who shares its address or its prefecture's platform.

        A county's own domain is no such platform: its hosts may well stand in different places.
        """
        names = self._names(site, place) if place else [f"host {site.host.name}"]
        platform = platform_of(site.host.name)
        if site.manner.scope.owns(platform):
            names = [name for name in names if not name.startswith("platform ")]
        elif platform and place is None:
            names.append(f"platform {platform}")
        self._queues.close(names, f"{site.host.name} refused an earlier request: {why}")

    def _refused(self, site: Site, reply: Reply) -> Reply:
        """A host that breaks every connection off means it: mostly a firewall that dislikes our name."""
        self._queues.close([f"host {site.host.name}"], f"{site.host.name} breaks connections off")
        reply.verdict = replace(reply.verdict, outcome="blocked", again=False)
        return reply

    def _most_tries(self, reply: Reply, *, once: bool) -> int:
        if reply.trouble == "unreachable" and once:
            return 1
        return min(self._pace.tries, _TRIES_AFTER_RESET) if reply.trouble == "reset" else self._pace.tries

    async def _place(self, site: Site) -> Place:
        return await self._resolver.place(site.host.name, site.port, loopback=site.manner.loopback)

    def _names(self, site: Site, place: Place) -> list[str]:
        """The queues of a host, in the order in which all requests wait in them."""
        platform = platform_of(site.host.name)
        names = [place.queue, f"host {site.host.name}"]
        return [f"platform {platform}", *names] if platform else names

    def _closed(self, site: Site, names: Sequence[str]) -> Reply | None:
        why = self._queues.closed(names)
        if why:
            return Reply(Verdict("blocked", why))
        if site.host.parked:
            return Reply(Verdict("deferred", site.host.parked))
        return None

    def _errand(self, request: Request, site: Site, delay: float, kept: Capture | None) -> _Errand:
        """Only a good version of a page is held against what the host has now."""
        errand = _Errand(request, site, delay)
        if kept is None or request.method != "GET" or not (kept.status == _OK or kept.not_modified):
            return errand
        payload = self._archive.read(kept)
        dated = not {"etag", "last-modified"}.isdisjoint(payload.headers)
        if dated and judge(request, _OK, payload).outcome == "ok":
            errand.known, errand.payload = kept, payload
        return errand

    async def _try(self, errand: _Errand, place: Place) -> Reply:
        """One try, when it is its turn and the hours are right."""
        site = errand.site
        hours = site.manner.open_hours
        names = self._names(site, place)
        came = time.monotonic()
        while True:
            await hours.opening()
            async with self._queues.turn(names) as turn:
                closed = self._closed(site, names)
                if closed is not None:
                    return closed
                if site.over_budget:
                    return Reply(Verdict("deferred", site.over_budget))
                if hours.are_open:
                    begun = time.monotonic()
                    reply = await self._exchange_in(turn, errand, place)
                    self.traffic.outcomes[reply.verdict.outcome] += 1
                    self.traffic.waited += begun - came
                    self.traffic.asking += time.monotonic() - begun
                    return reply

    async def _exchange_in(self, turn: Turn, errand: _Errand, place: Place) -> Reply:
        site = errand.site
        patience = site.host.patience
        site.spent.pages += 1
        try:
            received = await self._exchange.ask(errand.request, place, site.manner.tls, _headers(errand))
        except NoAnswerError as error:
            reply = self._without_answer(site, error)
        else:
            reply = self._taken(errand, place, received)
            if not reply.verdict.again:
                patience.answered(received.latency)
                site.host.strikes = 0
        if reply.verdict.again:
            patience.troubled(errand.delay, self._pace.backoff, self._pace.longest_wait)
        pause = max(patience.pause(errand.delay), reply.verdict.wait)
        turn.pause(min(pause, max(self._pace.longest_wait, errand.delay)))
        return reply

    def _without_answer(self, site: Site, error: NoAnswerError) -> Reply:
        self._received(site, error.octets)
        detail = error.detail
        if error.trouble == "reset" and not site.host.answered:
            detail += "; the host has never sent a page, so it may be our User-Agent that it refuses"
        verdict = Verdict(error.outcome, detail, again=error.again, strikes=int(error.again))
        return Reply(verdict, trouble=error.trouble)

    def _taken(self, errand: _Errand, place: Place, received: Received) -> Reply:
        """Archives an answer and judges it."""
        request, site = errand.request, errand.site
        site.host.answered = site.host.answered or not _is_robots(request)
        site.host.cookies.take(received.headers)
        self._received(site, len(received.body))
        status_line = f"{received.status} {received.reason}".strip()
        if received.status == _UNMODIFIED and errand.known is not None and errand.payload is not None:
            capture = self._archive.store_not_modified(
                request.key, status_line, received.headers, errand.known
            )
            verdict = judge(request, _OK, errand.payload)
            return Reply(verdict, _OK, errand.payload, capture, unmodified=True)
        payload = Payload.of(received.headers, received.body)
        capture = self._archive.store_response(
            request.url,
            status_line,
            received.headers,
            received.body,
            method=request.method,
            posted=request.posted,
            payload=payload,
        )
        verdict = judge(request, received.status, payload)
        if verdict.outcome == "blocked" and (verdict.walled or not _is_robots(request)):
            self.block(site, verdict.detail, place)
        return Reply(verdict, received.status, payload, capture)

    def _received(self, site: Site, octets: int) -> None:
        site.spent.octets += octets
        self.traffic.octets += octets

    def _strike(self, site: Site, verdict: Verdict) -> None:
        host = site.host
        host.strikes += verdict.strikes
        if host.strikes >= _OUT:
            host.parked = f"{host.name} is left alone for this run: {verdict.detail}"


def _headers(errand: _Errand) -> list[tuple[str, str]]:
    """The headers that depend on the host and on what is known of the page."""
    cookies = errand.site.host.cookies.header
    more = [("Cookie", cookies)] if cookies else []
    if errand.payload is not None:
        said = errand.payload.headers
        conditions = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
        more += [(condition, said[name]) for condition, name in conditions if name in said]
    return more


def _is_robots(request: Request) -> bool:
    return request.url.endswith("/robots.txt")
