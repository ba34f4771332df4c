"""The HTTP client: asks politely, keeps every response, and says how each request ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, Self
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from scraper.archive import Archive, Capture
from scraper.fetching.robots import Robots, read_robots

Outcome = Literal[
    "ok", "not_modified", "redirect", "soft404", "gone", "blocked", "needs_captcha", "js_only",
    "tls_invalid", "dns", "timeout", "deferred", "robots", "out_of_scope", "too_large", "bad_type",
]  # fmt: skip

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
class Fetched:
    """How a request ended; ``capture`` is the archived response, where there was one."""

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

    async def fetch(self, url: str, delay: float) -> Fetched:
        """Gets ``url``, waiting ``delay`` seconds after the host's last answer, or longer if it asks.

        Redirects are followed on the same host only.
        """
        for _ in range(_MOST_REDIRECTS + 1):
            fetched = await self._fetch_once(url, delay)
            if fetched.outcome != "redirect":
                return fetched
            target = urljoin(url, fetched.detail)
            if urlsplit(target).hostname != urlsplit(url).hostname:
                return Fetched(url, "out_of_scope", fetched.capture, target)
            url = target
        return Fetched(url, "redirect", detail="too many redirects")

    async def _fetch_once(self, url: str, delay: float) -> Fetched:
        host = self._hosts.setdefault(urlsplit(url).netloc, _Host())
        async with host.lock:
            if host.refused:
                return Fetched(url, "blocked", detail="the host refused an earlier request")
            if host.robots is None:
                host.robots = await self._robots(host, url, delay)
            if not host.robots.allows(url):
                return Fetched(url, "robots")
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

    async def _try(self, host: _Host, url: str, delay: float) -> Fetched:
        """Asks up to ``tries`` times, waiting longer each time."""
        fetched = Fetched(url, "deferred")
        for attempt in range(self._pace.tries):
            await asyncio.sleep(max(0.0, host.free_at - time.monotonic()))
            fetched, wait = await self._ask(url)
            pause = delay if wait is None else max(delay, wait or self._pace.backoff * 2**attempt)
            host.free_at = time.monotonic() + min(pause, self._pace.longest_wait)
            if wait is None or pause > self._pace.longest_wait:
                return fetched
        return fetched

    async def _ask(self, url: str) -> tuple[Fetched, float | None]:
        """One request: how it ended, and the seconds to wait before another try, None for no more."""
        self.requests += 1
        try:
            async with self._client.stream("GET", url) as response:
                body = await self._body(response)
        except _TooLargeError:
            return Fetched(url, "too_large"), None
        except httpx.TimeoutException:
            return Fetched(url, "timeout"), 0.0
        except httpx.ConnectError as error:
            return _not_connected(url, error)
        except httpx.HTTPError as error:
            return Fetched(url, "deferred", detail=str(error)), 0.0
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


def _not_connected(url: str, error: httpx.ConnectError) -> tuple[Fetched, float | None]:
    reason = str(error)
    if "CERTIFICATE" in reason.upper() or "SSL" in reason.upper():
        return Fetched(url, "tls_invalid", detail=reason), None
    if "name resolution" in reason or "Name or service" in reason or "nodename" in reason:
        return Fetched(url, "dns", detail=reason), None
    return Fetched(url, "deferred", detail=reason), 0.0


def _judge(url: str, response: httpx.Response, capture: Capture) -> tuple[Fetched, float | None]:
    status = response.status_code
    if status in _BUSY:
        return Fetched(url, "deferred", capture, f"status {status}"), _retry_after(response)
    if status in _REFUSED:
        return Fetched(url, "blocked", capture, f"status {status}"), None
    if status in (301, 302, 303, 307, 308) and "location" in response.headers:
        return Fetched(url, "redirect", capture, response.headers["location"]), None
    if status == 200:
        return Fetched(url, "ok", capture), None
    return Fetched(url, "gone", capture, f"status {status}"), None


def _retry_after(response: httpx.Response) -> float:
    """Seconds that the server asks to wait; 0 where it does not say."""
    asked = response.headers.get("retry-after", "")
    if asked.isdigit():
        return float(asked)
    try:
        return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0
