"""What a run knows of each host that it has met."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scraper.fetching.cookies import Cookies
from scraper.fetching.manner import Manner, Spent
from scraper.fetching.politeness import Patience
from scraper.fetching.reply import Reply
from scraper.fetching.robots import Robots
from scraper.fetching.scope import host_of

_PORTS = {"http": 80, "https": 443}


@dataclass(slots=True, eq=False)
class Origin:
    """A host over one scheme and port: its rules, or why they can't be had, until ``until``."""

    url: str
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: Robots | None = None
    failure: Reply | None = None
    until: float = 0.0


@dataclass(slots=True, eq=False)
class Host:
    """One host. ``parked`` says why it is asked no more in this run, ``strikes`` how near it is to that.

    ``home`` is the digest of its first page. ``nowhere`` is what it answers to an address that can't
    exist, None while nobody asked. ``over`` has, by scheme, the failure for which the other is used.
    ``visits`` are the portals' visits that came here.
    """

    name: str
    patience: Patience = field(default_factory=Patience)
    cookies: Cookies = field(default_factory=Cookies)
    origins: dict[str, Origin] = field(default_factory=dict)
    parked: str = ""
    strikes: int = 0
    answered: bool = False
    home: str = ""
    nowhere: str | None = None
    over: dict[str, Reply] = field(default_factory=dict)
    visits: set[Manner] = field(default_factory=set)


@dataclass(slots=True)
class Site:
    """A host, as one visit to one portal asks it over one scheme and port."""

    host: Host
    origin: Origin
    port: int
    manner: Manner
    spent: Spent

    @property
    def over_budget(self) -> str:
        """Which bound of the visit is reached; empty for none."""
        if self.spent.pages >= self.manner.most_pages:
            return f"the budget of {self.manner.most_pages:,} pages for {self.host.name} is spent"
        if self.spent.octets >= self.manner.most_bytes:
            return f"the budget of {self.manner.most_bytes:,} bytes for {self.host.name} is spent"
        return ""


class Hosts:
    """All hosts of a run that a visit still needs."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}

    def __len__(self) -> int:
        return len(self._hosts)

    def site(self, url: str, manner: Manner) -> Site:
        """Where ``url`` is asked for in ``manner``."""
        parts = urlsplit(url)
        name = host_of(parts)
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = Host(name)
        spent = manner.spent.get(name)
        if spent is None:
            spent = manner.spent[name] = Spent()
            host.visits.add(manner)
        root = f"{parts.scheme}://{parts.netloc.lower()}"
        origin = host.origins.get(root)
        if origin is None:
            origin = host.origins[root] = Origin(root)
        return Site(host, origin, parts.port or _PORTS[parts.scheme], manner, spent)

    def over(self, url: str) -> Reply | None:
        """The failure for which the other of http and https is used for ``url``."""
        host = self._known(url)
        return host.over.get(url.partition(":")[0]) if host else None

    def turn(self, url: str, failure: Reply) -> None:
        """From now on the other of http and https is used for the host of ``url``."""
        host = self._known(url)
        if host is not None:
            host.over[url.partition(":")[0]] = failure

    def cookies(self, url: str) -> int:
        """How often the host of ``url`` has set cookies."""
        host = self._known(url)
        return host.cookies.changes if host else 0

    def _known(self, url: str) -> Host | None:
        try:
            return self._hosts.get(host_of(urlsplit(url)))
        except ValueError:
            return None

    def sitemaps(self, name: str) -> Sequence[str]:
        """The sitemaps that the robots.txt of a host names, as far as it was read."""
        host = self._hosts.get(name)
        rules = [origin.rules for origin in host.origins.values() if origin.rules] if host else []
        return tuple(dict.fromkeys(url for each in rules for url in each.sitemaps))

    def release(self, manner: Manner) -> None:
        """Forgets hosts that only this visit needed."""
        for name in manner.spent:
            host = self._hosts.get(name)
            if host is not None:
                host.visits.discard(manner)
                if not host.visits:
                    del self._hosts[name]
