"""What a registry's entries say that is likely wrong, though each can be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scraper.forms.identity import is_government_host
from scraper.messages import Message, message
from scraper.places import County, counties, county_by_code, current
from scraper.portals.families import families
from scraper.portals.registry import Portal, bare, is_own, is_shared, published_on


@dataclass(frozen=True)
class Doubt:
    """``error``: a crawl of the portal would go wrong; ``notice``: somebody should look at it."""

    portal: Portal
    severity: Literal["error", "notice"]
    said: Message


def doubts(portals: Sequence[Portal]) -> Iterator[Doubt]:
    """What is doubtful in ``portals``, in their order; those of one host are held against each other."""
    homes: defaultdict[str, list[Portal]] = defaultdict(list)
    for portal in portals:
        if is_own(portal.host, portal) and not portal.disabled:
            homes[bare(portal.host)].append(portal)
    for portal in portals:
        if portal.disabled:
            continue
        yield from (Doubt(portal, "error", said) for said in _errors(portal, homes[bare(portal.host)]))
        yield from (Doubt(portal, "notice", said) for said in _notices(portal))


def _errors(portal: Portal, same_host: Iterable[Portal]) -> Iterator[Message]:
    if portal.family and portal.family not in families():
        yield message("portal_family", family=portal.family, known=", ".join(families()))
    if is_own(portal.host, portal):
        if is_shared(portal.host):
            yield message("portal_shared_host", host=portal.host, county=portal.county)
        others = [other for other in same_host if _county(other) != _county(portal)]
        if others:
            names = "; ".join(f"{other.county_code} {other.county}" for other in others)
            yield message("portal_host_of_another", host=portal.host, others=names)


def _notices(portal: Portal) -> Iterator[Message]:
    foreign = [host for host in published_on(portal) if not is_government_host(host)]
    if foreign:
        yield message("portal_host_foreign", hosts=", ".join(dict.fromkeys(foreign)))
    county = county_by_code(portal.county_code)
    if county is not None and county.until is not None:
        yield message("portal_county_ended", year=county.until, heirs=_heirs(county) or "–")


def _county(portal: Portal) -> str:
    county = county_by_code(portal.county_code)
    return current(county).code if county else portal.county_code


def _heirs(county: County) -> str:
    today = current(county)
    heirs = [today] if today is not county else [counties()[code] for code in county.successors]
    return "; ".join(f"{heir.code} {heir.province}{heir.prefecture}{heir.name}" for heir in heirs)
