"""Connections: the transport under httpx, with one connection for each host.

httpx's own transport keeps a pool that it searches at every request, and looks hosts up by itself. Here
a host has a single connection, for it gets one request at a time, and it leads to the address that was
checked.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator

import httpcore
import httpx

from scraper.fetching.resolving import Place
from scraper.fetching.streams import Backend
from scraper.fetching.tls import context_for

# Idle seconds after which a connection is closed, and how many are kept open.
_KEPT = 60.0
_MOST = 256

_Key = tuple[bytes, bytes, int, str]


class Connections(httpx.AsyncBaseTransport):
    """Sends requests that carry, as extensions, the ``place`` of their host and how far to ``trust`` it."""

    def __init__(self) -> None:
        self._open: dict[_Key, tuple[httpcore.AsyncHTTPConnection, Place]] = {}
        self._contexts: dict[str, ssl.SSLContext] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends ``request``; errors are httpcore's, which say most."""
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        key = (url.raw_scheme, url.raw_host, port, request.extensions["trust"])
        connection = await self._connection(key, request.extensions["place"])
        target = httpcore.URL(scheme=key[0], host=key[1], port=port, target=url.raw_path)
        response = await connection.handle_async_request(
            httpcore.Request(
                request.method,
                target,
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
            request=request,
        )

    async def close_host(self, host: str) -> None:
        """Closes what is open to a host."""
        for key in [key for key in self._open if key[1] == host.encode()]:
            await self._open.pop(key)[0].aclose()

    async def aclose(self) -> None:
        """Closes all connections."""
        while self._open:
            await self._open.popitem()[1][0].aclose()

    async def _connection(self, key: _Key, place: Place) -> httpcore.AsyncHTTPConnection:
        known = self._open.pop(key, None)
        if known is not None:
            connection, leads_to = known
            if leads_to == place and connection.is_available() and not connection.has_expired():
                self._open[key] = known
                return connection
            await connection.aclose()
        if len(self._open) >= _MOST:
            await self._close_oldest()
        connection = httpcore.AsyncHTTPConnection(
            httpcore.Origin(*key[:3]),
            ssl_context=self._context(key[3]) if key[0] == b"https" else None,
            keepalive_expiry=_KEPT,
            network_backend=Backend(place),
        )
        self._open[key] = (connection, place)
        return connection

    async def _close_oldest(self) -> None:
        """Closes the idle connection that was used longest ago."""
        for key, (connection, _) in self._open.items():
            if connection.is_idle() or connection.is_closed():
                del self._open[key]
                await connection.aclose()
                return

    def _context(self, trust: str) -> ssl.SSLContext:
        if trust not in self._contexts:
            self._contexts[trust] = context_for(trust)
        return self._contexts[trust]


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._response.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        await self._response.aclose()
