"""The HTTP client: asks politely, keeps every response, and says how each request ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Self
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from scraper.archive import Archive, Capture
from scraper.fetching.manner import Manner
from scraper.fetching.request import Fetched, Outcome, Request
from scraper.fetching.robots import Robots, read_robots

USER_AGENT = "nianbao/0.1 (+https://github.com/nianbao/nianbao; research on annual reports)"

# RFC 9309 allows a robots.txt to be kept for a day.
_ROBOTS_KEPT = timedelta(hours=24)
_MOST_REDIRECTS = 5
_REFUSED = frozenset({401, 403, 405, 412, 418, 468, 521})
_BUSY = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Pace:
    """How patient the client is. Seconds and bytes."""

    timeout: float = 30.0
    tries: int = 3
    backoff: float = 2.0
    longest_wait: float = 120.0
    largest_body: int = 50_000_000


@dataclass(frozen=True)
class _Ended:
    url: str
    outcome: Outcome
    capture: Capture | None = None
    detail: str = ""


@dataclass
class _Host:
    """One host's queue: a single request at a time, and a pause after each."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    robots: Robots | None = None
    free_at: float = 0.0
    refused: bool = False


class _TooLargeError(Exception):
    pass


class _Redirecting(httpx.AsyncHTTPTransport):
    """Sends requests for a host to another address, as curl's ``--resolve`` does."""

    def __init__(self, resolve: Mapping[str, str]) -> None:
        super().__init__(retries=0)
        self._resolve = resolve

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        address = self._resolve.get(request.url.host)
        if address is not None:
            host, _, port = address.rpartition(":")
            request.extensions = {**request.extensions, "sni_hostname": request.url.host}
            request.url = request.url.copy_with(host=host, port=int(port))
        return await super().handle_async_request(request)


class Fetcher:
    """Fetches into ``archive``; an async context manager.

    ``resolve`` maps host names to ``address:port`` where they are to be reached, for sample portals and
    tests.
    """

    def __init__(
        self, archive: Archive, pace: Pace | None = None, resolve: Mapping[str, str] | None = None
    ) -> None:
        self.requests = 0
        self._archive = archive
        self._pace = pace or Pace()
        self._hosts: dict[str, _Host] = {}
        self._client = httpx.AsyncClient(
            transport=_Redirecting(resolve or {}),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"},
            timeout=self._pace.timeout,
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._client.aclose()

    async def fetch(self, request: Request, manner: Manner, *, since: str = "") -> Fetched:
        """Gets what ``request`` asks for, redirects followed.

        What the archive holds in a WARC file named later than ``since`` is judged again instead of being
        asked for again.
        """
        url = request.url
        for _ in range(_MOST_REDIRECTS + 1):
            if not manner.scope.permits(url):
                return Fetched(request, "out_of_scope", url, detail=url)
            kept = self._archive.latest(url)
            if kept and kept.warc_file > since and kept.status == 200:
                return Fetched(request, "ok", url, kept, self._archive.read(kept), from_archive=True)
            ended = await self._fetch_once(url, manner.delay)
            if ended.outcome != "redirect":
                payload = self._archive.read(ended.capture) if ended.capture else None
                payload = payload if ended.outcome == "ok" else None
                return Fetched(request, ended.outcome, ended.url, ended.capture, payload, ended.detail)
            url = urljoin(url, ended.detail)
        return Fetched(request, "redirect", url, detail="too many redirects")

    async def _fetch_once(self, url: str, delay: float) -> _Ended:
        host = self._hosts.setdefault(urlsplit(url).netloc, _Host())
        async with host.lock:
            if host.refused:
                return _Ended(url, "blocked", detail="the host refused an earlier request")
            if host.robots is None:
                host.robots = await self._robots(host, url, delay)
            if not host.robots.allows(url):
                return _Ended(url, "robots")
            fetched = await self._try(host, url, max(delay, host.robots.delay))
            host.refused = fetched.outcome == "blocked"
            return fetched

    async def _robots(self, host: _Host, url: str, delay: float) -> Robots:
        address = urlunsplit((*urlsplit(url)[:2], "/robots.txt", "", ""))
        kept = self._archive.latest(address)
        if kept is None or datetime.now(UTC) - kept.captured_at > _ROBOTS_KEPT:
            kept = (await self._try(host, address, delay)).capture
        payload = self._archive.read(kept) if kept else None
        return read_robots(kept.status if kept else None, payload, USER_AGENT)

    async def _try(self, host: _Host, url: str, delay: float) -> _Ended:
        """Asks up to ``tries`` times, waiting longer each time."""
        fetched = _Ended(url, "deferred")
        for attempt in range(self._pace.tries):
            await asyncio.sleep(max(0.0, host.free_at - time.monotonic()))
            fetched, wait = await self._ask(url)
            pause = delay if wait is None else max(delay, wait or self._pace.backoff * 2**attempt)
            host.free_at = time.monotonic() + min(pause, self._pace.longest_wait)
            if wait is None or pause > self._pace.longest_wait:
                return fetched
        return fetched

    async def _ask(self, url: str) -> tuple[_Ended, float | None]:
        """One request: how it ended, and the seconds to wait before another try, None for no more."""
        self.requests += 1
        try:
            async with self._client.stream("GET", url) as response:
                body = await self._body(response)
        except _TooLargeError:
            return _Ended(url, "too_large"), None
        except httpx.TimeoutException:
            return _Ended(url, "timeout"), 0.0
        except httpx.ConnectError as error:
            return _not_connected(url, error)
        except httpx.HTTPError as error:
            return _Ended(url, "deferred", detail=str(error)), 0.0
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw]
        status_line = f"{response.status_code} {response.reason_phrase}"
        capture = self._archive.store_response(url, status_line, headers, body)
        return _judge(url, response, capture)

    async def _body(self, response: httpx.Response) -> bytes:
        pieces: list[bytes] = []
        size = 0
        async for piece in response.aiter_raw():
            size += len(piece)
            if size > self._pace.largest_body:
                raise _TooLargeError
            pieces.append(piece)
        return b"".join(pieces)


def _not_connected(url: str, error: httpx.ConnectError) -> tuple[_Ended, float | None]:
    reason = str(error)
    if "CERTIFICATE" in reason.upper() or "SSL" in reason.upper():
        return _Ended(url, "tls_invalid", detail=reason), None
    if "name resolution" in reason or "Name or service" in reason or "nodename" in reason:
        return _Ended(url, "dns", detail=reason), None
    return _Ended(url, "deferred", detail=reason), 0.0


def _judge(url: str, response: httpx.Response, capture: Capture) -> tuple[_Ended, float | None]:
    status = response.status_code
    if status in _BUSY:
        return _Ended(url, "deferred", capture, f"status {status}"), _retry_after(response)
    if status in _REFUSED:
        return _Ended(url, "blocked", capture, f"status {status}"), None
    if status in (301, 302, 303, 307, 308) and "location" in response.headers:
        return _Ended(url, "redirect", capture, response.headers["location"]), None
    if status == 200:
        return _Ended(url, "ok", capture), None
    return _Ended(url, "gone", capture, f"status {status}"), None


def _retry_after(response: httpx.Response) -> float:
    """Seconds that the server asks to wait; 0 where it does not say."""
    asked = response.headers.get("retry-after", "")
    if asked.isdigit():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0
