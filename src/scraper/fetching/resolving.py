"""From a host's name to the address that is connected to, and the addresses that never are.

The address is looked up once and then used: what was checked is what is connected to, so a name that
changes its address between the two (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Self

from scraper.fetching.judging import Verdict
from scraper.fetching.reply import Reply
from scraper.fetching.request import Outcome
from scraper.fetching.scope import is_reserved

# Seconds after which a name is looked up again, and how many are remembered.
_KEPT = 900.0
_MOST_NAMES = 2_000

# IPv6 addresses that hold an IPv4 address, beside those that ipaddress knows (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a host is reached. ``queue`` names the address for politeness.

    ``never`` says why it is not connected to, ``on_loopback`` the same where this machine is allowed.
    """

    address: str
    port: int
    queue: str
    never: str
    on_loopback: str

    @classmethod
    def at(cls, address: IPv4Address | IPv6Address, port: int) -> Self:
        """The place; on this machine each port is a place of its own."""
        written = str(address)
        queue = f"address {written}:{port}" if address.is_loopback else f"address {written}"
        return cls(
            written, port, queue, forbidden(written, loopback=False), forbidden(written, loopback=True)
        )


class NoPlaceError(Exception):
    """Why a host can't, or mustn't, be reached."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.verdict.detail)
        self.reply = reply


@dataclass(slots=True)
class _Known:
    """The addresses of a host, the one in use first, or why there are none."""

    places: list[Place]
    until: float
    failure: Reply | None = None


class Resolver:
    """Looks hosts up. ``resolve`` has the addresses of some, as ``{"host": "address:port"}`` or with
    ``host:443`` for one port alone, and wins over the DNS. ``timeout`` is in seconds.
    """

    def __init__(self, resolve: Mapping[str, str], timeout: float) -> None:
        self._given = {name.lower(): _read(written) for name, written in resolve.items()}
        self._given_hosts = {name.partition(":")[0] for name in self._given}
        self._timeout = timeout
        self._known: dict[tuple[str, int], _Known] = {}

    async def place(self, host: str, port: int, *, loopback: bool) -> Place:
        """The address at which ``host`` is reached; raises :class:`NoPlaceError`.

        Addresses of this machine are allowed by ``loopback`` alone, those of private networks never.
        """
        known = self._known.get((host, port))
        if known is None or known.until < time.monotonic():
            known = await self._look_up(host, port)
            if len(self._known) >= _MOST_NAMES:
                self._known.clear()
            self._known[host, port] = known
        if known.failure is not None:
            raise NoPlaceError(known.failure)
        why = ""
        for place in known.places:
            why = place.on_loopback if loopback else place.never
            if not why:
                return place
        raise NoPlaceError(_no("out_of_scope", f"{host} is at {known.places[-1].address}, {why}"))

    def failed(self, host: str, port: int) -> None:
        """No connection came about: another address of the host is next."""
        known = self._known.get((host, port))
        if known is not None and len(known.places) > 1:
            known.places.append(known.places.pop(0))

    async def _look_up(self, host: str, port: int) -> _Known:
        until = time.monotonic() + _KEPT
        given = self._given.get(f"{host}:{port}") or self._given.get(host)
        if given is not None:
            return _Known([given], until)
        if host in self._given_hosts:
            return _Known(
                [], until, Reply(Verdict("deferred", f"{host} has no port {port}"), trouble="unreachable")
            )
        literal = _literal(host)
        if literal is not None:
            return _Known([Place.at(literal, port)], until)
        if is_reserved(host):
            return _Known([], until, _no("dns", f"{host} is a reserved name and exists nowhere"))
        try:
            return _Known(await self._ask(host, port), until)
        except TimeoutError:
            return _Known([], until, _no("dns", f"no name server answered for {host}"))
        except (OSError, UnicodeError) as error:
            said = getattr(error, "strerror", None) or error
            return _Known([], until, _no("dns", f"{host}: {said}"))

    async def _ask(self, host: str, port: int) -> list[Place]:
        """All addresses of a host, in an order that is the same for every host that shares them."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._timeout):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = {ip_address(str(entry[4][0]).partition("%")[0]) for entry in found}
        ordered = sorted(addresses, key=lambda address: (address.version, int(address)))
        return [Place.at(address, port) for address in ordered]


def _no(outcome: Outcome, detail: str) -> Reply:
    return Reply(Verdict(outcome, detail))


def forbidden(address: str, *, loopback: bool) -> str:
    """Why an address of the network is not connected to; empty where it is."""
    found = _embedded(ip_address(address))
    if found.is_loopback:
        return "" if loopback else "an address of this machine"
    if found.is_link_local:
        return "a link-local address"
    if found.is_multicast:
        return "a multicast address"
    if not found.is_global:
        return "an address of a private or reserved network"
    return ""


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one, where packets would go to that."""
    if isinstance(address, IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inside is None and address in _NAT64:
        inside = IPv4Address(int(address) & 0xFFFFFFFF)
    return inside or address


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _read(written: str) -> Place:
    address, _, port = written.rpartition(":")
    return Place.at(ip_address(address.strip("[]")), int(port))
