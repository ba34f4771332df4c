"""Asking a host, when it is its turn, until it answers or has shown that it won't."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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

_UNMODIFIED = 304
_TRIES_AFTER_RESET = 2
# Strikes at which a host is asked no more in this run.
_OUT = 2


class Asker:
    """Asks politely, and archives every answer."""

    def __init__(self, archive: Archive, pace: Pace, resolve: Mapping[str, str]) -> None:
        self.requests = 0
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
        known = self._standing(request, kept)
        attempt = 0
        while True:
            attempt += 1
            try:
                place = await self._place(site)
            except NoPlaceError as error:
                return error.reply
            reply = await self._try(request, site, place, delay, known)
            verdict = reply.verdict
            if not verdict.again:
                return reply
            if reply.trouble == "unreachable":
                self._resolver.failed(site.host.name, site.port)
            if attempt >= self._most_tries(reply, once=once) or verdict.wait > self._pace.longest_wait:
                self._strike(site, verdict)
                return reply

    def replay(self, request: Request, kept: Capture) -> Reply:
        """The reply that the archive holds, judged as if it came now."""
        payload = self._archive.read(kept)
        status = 200 if kept.not_modified else kept.status
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

    def _standing(self, request: Request, kept: Capture | None) -> tuple[Capture, Payload] | None:
        """What the archive has of a page and asks about; only a good version may be held against a new."""
        if kept is None or request.method != "GET" or not (kept.status == 200 or kept.not_modified):
            return None
        payload = self._archive.read(kept)
        if not {"etag", "last-modified"} & payload.headers.keys():
            return None
        return (kept, payload) if judge(request, 200, payload).outcome == "ok" else None

    async def _try(
        self,
        request: Request,
        site: Site,
        place: Place,
        delay: float,
        known: tuple[Capture, Payload] | None,
    ) -> Reply:
        """One try, when it is its turn and the hours are right."""
        hours = site.manner.open_hours
        names = self._names(site, place)
        while True:
            await hours.opening()
            async with self._queues.turn(names) as turn:
                closed = self._closed(site, names)
                if closed is not None:
                    return closed
                if site.over_budget:
                    return Reply(Verdict("deferred", site.over_budget))
                if hours.are_open:
                    return await self._exchange_in(turn, request, site, place, delay, known)

    async def _exchange_in(
        self,
        turn: Turn,
        request: Request,
        site: Site,
        place: Place,
        delay: float,
        known: tuple[Capture, Payload] | None,
    ) -> Reply:
        self.requests += 1
        site.spent.pages += 1
        patience = site.host.patience
        more = self._headers(site, known)
        try:
            received = await self._exchange.ask(request, place, site.manner.tls, more)
        except NoAnswerError as error:
            reply = self._without_answer(site, error)
        else:
            reply = self._taken(request, site, place, received, known)
            if not reply.verdict.again:
                patience.answered(received.latency)
                site.host.strikes = 0
        if reply.verdict.again:
            patience.troubled(delay, self._pace.backoff, self._pace.longest_wait)
        pause = max(patience.pause(delay), reply.verdict.wait)
        turn.pause(min(pause, max(self._pace.longest_wait, delay)))
        return reply

    def _headers(self, site: Site, known: tuple[Capture, Payload] | None) -> list[tuple[str, str]]:
        more: list[tuple[str, str]] = []
        if site.host.cookies.header:
            more.append(("Cookie", site.host.cookies.header))
        if known is not None:
            said = known[1].headers
            if "etag" in said:
                more.append(("If-None-Match", said["etag"]))
            if "last-modified" in said:
                more.append(("If-Modified-Since", said["last-modified"]))
        return more

    def _without_answer(self, site: Site, error: NoAnswerError) -> Reply:
        site.spent.octets += error.octets
        detail = error.detail
        if error.trouble == "reset" and not site.host.answered:
            detail += "; the host has never sent a page, so it may be our User-Agent that it refuses"
        verdict = Verdict(error.outcome, detail, again=error.again, strikes=int(error.again))
        return Reply(verdict, trouble=error.trouble)

    def _taken(
        self,
        request: Request,
        site: Site,
        place: Place,
        received: Received,
        known: tuple[Capture, Payload] | None,
    ) -> Reply:
        """Archives an answer and judges it."""
        site.host.answered = site.host.answered or not _is_robots(request)
        site.host.cookies.take(received.headers)
        site.spent.octets += len(received.body)
        status_line = f"{received.status} {received.reason}".strip()
        if received.status == _UNMODIFIED and known is not None:
            kept, payload = known
            capture = self._archive.store_not_modified(request.key, status_line, received.headers, kept)
            return Reply(judge(request, 200, payload), 200, payload, capture, unmodified=True)
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

    def _strike(self, site: Site, verdict: Verdict) -> None:
        host = site.host
        host.strikes += verdict.strikes
        if host.strikes >= _OUT:
            host.parked = f"{host.name} is left alone for this run: {verdict.detail}"


def _is_robots(request: Request) -> bool:
    return request.url.endswith("/robots.txt")
