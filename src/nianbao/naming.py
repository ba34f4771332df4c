"""What the user calls a county, a prefecture, a province or a portal; asks back where it is not one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz import process

from nianbao.console import note
from nianbao.failures import Failure
from nianbao.wording import sentence
from scraper.portals import Portal
from scraper.portals.areas import Area, all_areas, areas_called, areas_of, spoken
from scraper.portals.registry import bare, published_on

_MOST_NEAR = 5
_LEAST_ALIKE = 60


def portals_called(given: str, known: Sequence[Portal]) -> list[Portal]:
    """The portals of ``known`` in the area that ``given`` names, or on the host that it is.

    An area is named as :func:`scraper.portals.areas.areas_called` says. Raises :class:`Failure` with the
    candidates where it could be several, with what is near where it is none.
    """
    if "." in given:
        found = [portal for portal in known if bare(given.lower()) in map(bare, published_on(portal))]
        if not found:
            raise Failure("unknown_portal", usage=True, given=given)
        return found
    lying_in: defaultdict[Area, list[Portal]] = defaultdict(list)
    for portal in known:
        for area in areas_of(portal):
            lying_in[area].append(portal)
    areas = areas_called(given, lying_in)
    if not areas:
        raise _unknown(given, lying_in)
    chosen = lying_in[areas[0]]
    if any(lying_in[area] != chosen for area in areas):
        raise Failure("ambiguous_area", usage=True, given=given, near="; ".join(a.place for a in areas))
    _tell_others(given, areas)
    return chosen


def _tell_others(given: str, areas: Sequence[Area]) -> None:
    """Says that the name could mean others too, which have no portal in the registry."""
    others = [area.place for area in areas_called(given, all_areas()) if area not in areas]
    if others and not given.isdecimal():
        note("area_taken", given=given, taken="; ".join(a.place for a in areas), others="; ".join(others))


def _unknown(given: str, areas: Iterable[Area]) -> Failure:
    without = areas_called(given, all_areas())
    if without:
        return Failure("area_without_portal", usage=True, place="; ".join(area.place for area in without))
    near = _near(given, areas) or _near(given, all_areas())
    return Failure("unknown_area", usage=True, given=given, near=near or sentence("nothing_near"))


def county_called(given: str) -> Area:
    """The county of the register that ``given`` names, as it is called today.

    Raises :class:`Failure` with the candidates where it could be several, with what is near where it is
    none.
    """
    counties = [area for area in all_areas() if area.level == "county"]
    found = areas_called(given, counties)
    if not found:
        near = _near(given, counties) or sentence("nothing_near")
        raise Failure("unknown_county", usage=True, given=given, near=near)
    if len(found) > 1:
        near = "; ".join(area.place for area in found)
        raise Failure("ambiguous_county", usage=True, given=given, near=near)
    return found[0]


def _near(given: str, areas: Iterable[Area]) -> str:
    """The areas whose names are most like ``given``, in characters or, where it has letters, in pinyin."""
    places: dict[str, list[str]] = defaultdict(list)
    for area in areas:
        for name in spoken(area.name, area.level) if given.isascii() else (area.name,):
            places[name].append(area.place)
    alike = process.extract(given.lower(), list(places), limit=_MOST_NEAR, score_cutoff=_LEAST_ALIKE)
    near = dict.fromkeys(place for name, _, _ in alike for place in places[name])
    return "; ".join(list(near)[:_MOST_NEAR])
