"""One request and its answer, within bounds of time and size."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import httpcore
import httpx

from scraper.archive.posted import content_type_of
from scraper.fetching.challenges import refusal
from scraper.fetching.connections import Connections
from scraper.fetching.pace import Pace
from scraper.fetching.reply import Trouble
from scraper.fetching.request import Outcome, Request
from scraper.fetching.resolving import Place
from scraper.fetching.streams import HandshakeError
from scraper.fetching.tls import fault_of

USER_AGENT = f"nianbao/{version('nianbao')} (+https://github.com/nianbao/nianbao; research on annual reports)"

_OK = 200
_SAID = (
    (b"User-Agent", USER_AGENT.encode()),
    (b"Accept", b"text/html,application/xhtml+xml,*/*;q=0.8"),
    (b"Accept-Language", b"zh-CN,zh;q=0.9"),
    (b"Accept-Encoding", b"gzip, deflate"),
)


class NoAnswerError(Exception):
    """Why a request brought no answer.

    ``trouble`` is what may be got around by asking otherwise; ``again`` whether the same request may have
    better luck. ``octets`` had come before it was given up.
    """

    def __init__(
        self, outcome: Outcome, detail: str, trouble: Trouble = "", *, again: bool = False, octets: int = 0
    ) -> None:
        super().__init__(detail)
        self.outcome: Outcome = outcome
        self.detail = detail
        self.trouble: Trouble = trouble
        self.again = again
        self.octets = octets


@dataclass(slots=True)
class Received:
    """An answer as it came: ``body`` with its content coding; ``latency`` in seconds until it began."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    latency: float


class Exchange:
    """Sends requests over ``connections``, as patiently as ``pace`` says."""

    def __init__(self, connections: Connections, pace: Pace) -> None:
        self._connections = connections
        self._pace = pace
        self._timeouts = dict.fromkeys(("connect", "read", "write", "pool"), pace.timeout)

    async def ask(self, request: Request, place: Place, trust: str, more: list[tuple[str, str]]) -> Received:
        """The answer to ``request`` from ``place``; ``more`` are headers. Raises :class:`NoAnswerError`."""
        try:
            asked = self._asked(request, place, trust, more)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise NoAnswerError("out_of_scope", f"no address: {error}") from error
        started = time.monotonic()
        response: httpx.Response | None = None
        try:
            async with asyncio.timeout(self._pace.longest_request):
                response = await self._connections.handle_async_request(asked)
                return await self._receive(response, started)
        except TimeoutError as error:
            raise NoAnswerError("timeout", f"no end within {self._pace.longest_request:g} s") from error
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
            raise _no_answer(error, trust, began=response is not None) from error
        finally:
            if response is not None:
                await response.aclose()

    def _asked(
        self, request: Request, place: Place, trust: str, more: list[tuple[str, str]]
    ) -> httpx.Request:
        headers = [*_SAID, *((name.encode(), value.encode("latin-1", "replace")) for name, value in more)]
        if request.referer:
            headers.append((b"Referer", _in_ascii(request.referer)))
        if request.posted:
            headers.append((b"Content-Type", content_type_of(request.posted).encode()))
        return httpx.Request(
            request.method,
            request.url,
            headers=headers,
            content=request.posted or None,
            extensions={"timeout": self._timeouts, "place": place, "trust": trust},
        )

    async def _receive(self, response: httpx.Response, started: float) -> Received:
        latency = time.monotonic() - started
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw]
        said = {name.lower(): value for name, value in headers}
        announced = said.get("content-length", "")
        if announced.isdigit() and int(announced) > self._pace.largest_body:
            raise NoAnswerError("too_large", f"{int(announced):,} bytes are announced")
        kind = said.get("content-type", "") if response.status_code == _OK else None
        body = await self._body(response.stream, kind, started)
        reason: bytes = response.extensions.get("reason_phrase", b"")
        return Received(response.status_code, reason.decode("latin-1"), headers, body, latency)

    async def _body(self, stream: Any, kind: str | None, started: float) -> bytes:
        """The body, which is left where it is if it's too large or too slow, or of a refused ``kind``."""
        pieces: list[bytes] = []
        size = 0
        async for piece in stream:
            if not pieces and kind is not None:
                refused = refusal(kind, piece[:16])
                if refused:
                    raise NoAnswerError("bad_type", refused)
            pieces.append(piece)
            size += len(piece)
            if size > self._pace.largest_body:
                raise NoAnswerError("too_large", f"more than {self._pace.largest_body:,} bytes", octets=size)
            elapsed = time.monotonic() - started
            if elapsed > self._pace.timeout and size < elapsed * self._pace.slowest_body:
                raise NoAnswerError("timeout", f"{size:,} bytes in {elapsed:.0f} s", octets=size)
        return b"".join(pieces)


def _no_answer(error: Exception, trust: str, *, began: bool) -> NoAnswerError:
    if isinstance(error, HandshakeError):
        return NoAnswerError("tls_invalid", fault_of(error, trust), "tls")
    if isinstance(error, httpcore.ConnectTimeout):
        return NoAnswerError("timeout", "no connection", "unreachable", again=True)
    if isinstance(error, httpcore.TimeoutException):
        return NoAnswerError("timeout", "the answer stopped" if began else "no answer", again=True)
    if isinstance(error, httpcore.ConnectError):
        return NoAnswerError("deferred", f"no connection: {error}", "unreachable", again=True)
    if isinstance(error, httpcore.LocalProtocolError):
        return NoAnswerError("deferred", f"the request is not HTTP: {error}")
    return NoAnswerError("deferred", f"reset: {error or 'the connection was closed'}", "reset", again=True)


def _in_ascii(url: str) -> bytes:
    return url.encode() if url.isascii() else str(httpx.URL(url)).encode()
