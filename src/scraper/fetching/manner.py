"""How one portal is to be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, Self

from scraper.fetching.hours import Hours
from scraper.fetching.scope import Scope
from scraper.messages import ScraperError, message

TRUST = ("verify", "legacy", "unverified")


class Registered(Protocol):
    """What the registry says of a portal; its meaning stands there."""

    @property
    def county(self) -> str: ...  # noqa: D102
    @property
    def home(self) -> str: ...  # noqa: D102
    @property
    def lists(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def hosts(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def delay(self) -> float: ...  # noqa: D102
    @property
    def hours(self) -> str: ...  # noqa: D102
    @property
    def tls(self) -> str: ...  # noqa: D102
    @property
    def loopback(self) -> bool: ...  # noqa: D102
    @property
    def most_pages(self) -> int: ...  # noqa: D102
    @property
    def most_bytes(self) -> int: ...  # noqa: D102


@dataclass(slots=True)
class Spent:
    """What one visit has asked of one host."""

    pages: int = 0
    octets: int = 0


@dataclass(frozen=True, eq=False)
class Manner:
    """How requests of one visit to a portal are made; one object for the whole visit.

    ``delay`` is in seconds, ``hours`` as in ``22:00-06:00`` of Beijing's time. ``tls`` is ``verify``,
    ``legacy`` or ``unverified``. ``loopback`` lets addresses of this machine be entered. ``most_pages``
    and ``most_bytes`` bound the visit for each host; ``spent`` counts them.
    """

    scope: Scope
    delay: float = 2.0
    hours: str = ""
    tls: str = "verify"
    loopback: bool = False
    most_pages: int = 5000
    most_bytes: int = 2_000_000_000
    spent: dict[str, Spent] = field(default_factory=dict)

    @classmethod
    def of(cls, portal: Registered) -> Self:
        """The manner that a registry entry asks for.

        Raises :class:`ScraperError` where its hours or its trust are not understood.
        """
        try:
            Hours.read(portal.hours)
        except ValueError as error:
            raise _misunderstood(portal, "hours", portal.hours, "22:00-06:00") from error
        if portal.tls not in TRUST:
            raise _misunderstood(portal, "tls", portal.tls, " / ".join(TRUST))
        return cls(
            scope=Scope(portal.home, portal.lists, portal.hosts),
            delay=portal.delay,
            hours=portal.hours,
            tls=portal.tls,
            loopback=portal.loopback,
            most_pages=portal.most_pages,
            most_bytes=portal.most_bytes,
        )

    @cached_property
    def open_hours(self) -> Hours:
        """``hours``, read."""
        return Hours.read(self.hours)


def _misunderstood(portal: Registered, setting: str, value: str, allowed: str) -> ScraperError:
    return ScraperError(
        message("portal_setting", county=portal.county, setting=setting, value=value, allowed=allowed)
    )
