"""Bytes to and from one address, for httpcore: connections of asyncio, without a layer between."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Iterable
from typing import Any, cast

import httpcore

from scraper.fetching.resolving import Place

# A reader that falls behind by so many bytes has the server wait.
_MOST_UNREAD = 262_144


class HandshakeError(httpcore.ConnectError):
    """There was a connection, but TLS did not come about."""


class Backend(httpcore.AsyncNetworkBackend):
    """Connects to ``place``, whatever the host is called."""

    def __init__(self, place: Place) -> None:
        self._place = place

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Opens a connection; raises httpcore's errors."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                _, wire = await loop.create_connection(_Wire, self._place.address, self._place.port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError(_said(error)) from error
        return Stream(wire)


class _Wire(asyncio.Protocol):
    """What has arrived and was not read yet."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.unread = bytearray()
        self.ended = False
        self.error: Exception | None = None
        self.arrived = asyncio.Event()
        self.writable = asyncio.Event()
        self.writable.set()
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.unread += data
        self.arrived.set()
        if len(self.unread) > _MOST_UNREAD and not self._paused and self.transport is not None:
            self._paused = True
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        self.ended = True
        self.arrived.set()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self.error = exc
        self.arrived.set()
        self.writable.set()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def take(self, most: int) -> bytes:
        """Up to ``most`` bytes."""
        data = bytes(self.unread[:most])
        del self.unread[:most]
        if not self.unread:
            self.arrived.clear()
            if self._paused and self.transport is not None and not self.ended:
                self._paused = False
                self.transport.resume_reading()
        return data


class Stream(httpcore.AsyncNetworkStream):
    """One connection, plain or over TLS."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come; nothing at the end. Raises httpcore's errors."""
        wire = self._wire
        if not wire.unread and not wire.ended:
            try:
                async with asyncio.timeout(timeout):
                    await wire.arrived.wait()
            except TimeoutError as error:
                raise httpcore.ReadTimeout from error
        if not wire.unread and wire.error is not None:
            raise httpcore.ReadError(_said(wire.error)) from wire.error
        return wire.take(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Sends ``buffer``. Raises httpcore's errors."""
        transport = self._wire.transport
        if transport is None or transport.is_closing():
            raise httpcore.WriteError("the connection was closed")
        transport.write(buffer)
        if not self._wire.writable.is_set():
            try:
                async with asyncio.timeout(timeout):
                    await self._wire.writable.wait()
            except TimeoutError as error:
                raise httpcore.WriteTimeout from error

    async def aclose(self) -> None:
        """Closes the connection, without the courtesies of TLS that servers may let us wait for."""
        if self._wire.transport is not None:
            self._wire.transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Goes on over TLS. Raises httpcore's errors, and :class:`HandshakeError`."""
        loop = asyncio.get_running_loop()
        wire = self._wire
        if wire.transport is None:
            raise httpcore.ConnectError("the connection was closed")
        try:
            async with asyncio.timeout(timeout):
                wire.transport = await loop.start_tls(
                    wire.transport, wire, ssl_context, server_hostname=server_hostname
                )
        except TimeoutError as error:
            await self.aclose()
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            await self.aclose()
            raise HandshakeError(_said(error)) from error
        return self

    def get_extra_info(self, info: str) -> Any:
        """What httpcore wants to know: whether an idle connection has something to read, which is its end."""
        if info == "is_readable":
            return bool(self._wire.unread) or self._wire.ended
        if info == "ssl_object" and self._wire.transport is not None:
            return self._wire.transport.get_extra_info("ssl_object")
        return None


def _said(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number and not isinstance(error, ssl.SSLError):
        return os.strerror(number)
    return str(error) or type(error).__name__
