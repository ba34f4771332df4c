"""Which portals fall into which shard, so that several crawls together ask for what one would."""

from __future__ import annotations

from collections.abc import Iterable

from scraper.archive import Shard
from scraper.fetching.scope import platform_of
from scraper.portals import Portal


def dealt_by(host: str) -> str:
    """The name whose shard a ``host`` belongs to: the domain below .gov.cn that it is of, else itself.

    ``www.x.harbin.gov.cn`` goes where all of ``harbin.gov.cn`` goes: such hosts mostly stand behind one
    firewall, and are asked one request at a time together.
    """
    name = host.lower().rstrip(".")
    return platform_of(name) or name.removeprefix("www.")


def falling_into(shard: Shard, portals: Iterable[Portal]) -> list[Portal]:
    """Those of ``portals`` whose home's host falls into ``shard``."""
    return [portal for portal in portals if shard.holds(dealt_by(portal.host))]
