"""Asks the servers of web archives: slowly, with patience, and never at private addresses."""

from __future__ import annotations

import socket
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.resources import files
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx

from scraper.fetching import USER_AGENT
from scraper.importing.bodies import header
from scraper.messages import Message, message

_BUSY = frozenset({429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5

Parameters = Sequence[tuple[str, str]]


@cache
def servers() -> dict[str, Any]:
    """``servers.toml``: the public archives, and how they are asked."""
    return tomllib.loads((files(__package__) / "servers.toml").read_text(encoding="utf-8"))


class NoAnswer(Exception):  # noqa: N818 - it is how a request ended
    """A server gave no answer that can be used; ``said`` says which and why."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.said: Message = message(code, **values)


@dataclass(frozen=True)
class Answer:
    """A response; ``body`` as it came, content encoding included. ``url`` is where redirects ended."""

    url: str
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """The field ``name``, in lower case."""
        return header(self.headers, name)


class Client:
    """One request at a time, ``delay`` seconds apart; a context manager.

    ``servers`` are the addresses that the user named. Loopback addresses are asked only where one of
    these is one, other private addresses never.
    """

    def __init__(self, servers_named: Iterable[str], delay: float) -> None:
        manner = servers()["manner"]
        self._delay = delay
        self._tries: int = manner["tries"]
        self._longest_wait: float = manner["longest_wait"]
        self._free_at = 0.0
        local = frozenset(host for host in map(_host, servers_named) if _is_loopback(host))
        self._client = httpx.Client(
            transport=_Guarded(local),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            timeout=manner["timeout"],
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.__exit__(kind, error, trace)

    def get(
        self, url: str, parameters: Parameters = (), *, most: int, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer of a server that is not busy, of ``most`` bytes at most.

        Redirects are followed on the same host. Raises :class:`NoAnswer`.
        """
        asked = str(httpx.URL(url, params=list(parameters))) if parameters else url
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._patiently(asked, headers or {}, most)
            if answer.status not in _REDIRECTS or not answer.header("location"):
                return answer
            target = urljoin(asked, answer.header("location"))
            if _host(target) != _host(asked) or not target.startswith(("http://", "https://")):
                raise NoAnswer("server_leads_away", url=asked, target=target)
            asked = target
        raise NoAnswer("server_no_answer", url=url, reason="redirects without an end")

    def _patiently(self, url: str, headers: Mapping[str, str], most: int) -> Answer:
        reason = ""
        for attempt in range(self._tries):
            asked_to_wait = 0.0
            try:
                answer = self._once(url, headers, most)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                reason = str(error) or type(error).__name__
            else:
                if answer.status not in _BUSY:
                    return answer
                reason = f"status {answer.status}"
                asked_to_wait = _retry_after(answer.header("retry-after"))
            pause = max(asked_to_wait, self._delay * 5 * 2**attempt)
            if pause > self._longest_wait:
                break
            self._free_at = time.monotonic() + pause
        raise NoAnswer("server_no_answer", url=url, reason=reason)

    def _once(self, url: str, headers: Mapping[str, str], most: int) -> Answer:
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        try:
            with self._client.stream("GET", url, headers=headers) as response:
                fields = [
                    (name.decode("latin-1"), text.decode("latin-1")) for name, text in response.headers.raw
                ]
                # A server that ignores a range would send the whole of a very large file.
                whole_instead = "Range" in headers and response.status_code == 200
                body = b"" if whole_instead else _body(response, url, most)
        finally:
            self._free_at = time.monotonic() + self._delay
        return Answer(url, response.status_code, fields, body)


def _body(response: httpx.Response, url: str, most: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_raw():
        size += len(piece)
        if size > most:
            raise NoAnswer("answer_too_large", url=url, megabytes=most // 1_000_000)
        pieces.append(piece)
    return b"".join(pieces)


class _Guarded(httpx.HTTPTransport):
    """Connects to public addresses, and to the ``local`` hosts; the address that was checked is used."""

    def __init__(self, local: frozenset[str]) -> None:
        super().__init__(retries=0)
        self._local = local

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if host not in self._local:
            address = _public_address(host, str(request.url))
            request.extensions = {**request.extensions, "sni_hostname": host}
            request.url = request.url.copy_with(host=address)
        return super().handle_request(request)


def _public_address(host: str, url: str) -> str:
    try:
        found = {
            str(info[4][0]).partition("%")[0]
            for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        }
    except OSError as error:
        raise httpx.ConnectError(f"{host}: {error}") from error
    addresses = sorted(
        (ip_address(text.partition("%")[0]) for text in found), key=lambda a: (a.version, str(a))
    )
    if not addresses or not all(address.is_global for address in addresses):
        raise NoAnswer("server_private", url=url, host=host)
    return str(addresses[0])


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _retry_after(written: str) -> float:
    """Seconds that a server asks to wait; 0 where it does not say."""
    if written.isdigit():
        return float(written)
    try:
        return max(0.0, (parsedate_to_datetime(written) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 0.0
