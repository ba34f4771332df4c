"""What the user calls a county, a prefecture, a province or a portal; asks back where it is not one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import duckdb
from rapidfuzz import process

from analysis.series.lines import Place
from analysis.series.places import KnownCounty, known_counties
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


KnownPlaces = Mapping[Area, tuple[Place, bool]]


def known_places(connection: duckdb.DuckDBPyConnection) -> KnownPlaces:
    """The areas of the database with the places that they are, and whether there are reports of them."""
    return _places(known_counties(connection))


def place_called(
    connection: duckdb.DuckDBPyConnection, given: str, known: KnownPlaces | None = None
) -> Place:
    """The county, prefecture or province of the database that ``given`` names.

    It is named as :func:`scraper.portals.areas.areas_called` says. Of several with that name the only one
    with reports is meant. Raises :class:`Failure` with the candidates where it could be several, with what
    is near where it is none. ``known`` are the :func:`known_places`, where they are at hand.
    """
    known = known or known_places(connection)
    areas = areas_called(given, known)
    reporting = [area for area in areas if known[area][1]] or areas
    if not areas:
        raise Failure(
            "unknown_area", usage=True, given=given, near=_near(given, known) or sentence("nothing_near")
        )
    if len({known[area][0] for area in reporting}) > 1:
        near = "; ".join(dict.fromkeys(area.place for area in reporting))
        raise Failure("ambiguous_area", usage=True, given=given, near=near)
    return known[reporting[0]][0]


def _places(counties: Sequence[KnownCounty]) -> dict[Area, tuple[Place, bool]]:
    """The areas of ``counties`` with the places that they are, and whether there are reports of them."""
    lines: defaultdict[str, list[KnownCounty]] = defaultdict(list)
    for known in counties:
        lines[known.county.current_code].append(known)
    found: dict[Area, tuple[Place, bool]] = {}
    for code, line in lines.items():
        today = next((one.county for one in line if one.county.code == code), line[-1].county)
        above = tuple(name for name in (today.province, today.prefecture) if name)
        others = dict.fromkeys(name for one in line for name in (one.county.name, *one.other_names))
        others.pop(today.name, None)
        codes = tuple(one.county.code for one in line if one.county.code != code)
        county = Area(code, today.name, "county", above, tuple(others), codes)
        areas = {county: Place("county", today.province, today.prefecture, code)}
        if today.province:
            areas[Area(code[:2], today.province, "province")] = Place("province", today.province)
        if today.prefecture and today.prefecture != today.province:
            prefecture = Area(code[:4], today.prefecture, "prefecture", (today.province,))
            areas[prefecture] = Place("prefecture", today.province, today.prefecture)
        for area, place in areas.items():
            found[area] = place, found.get(area, (place, False))[1] or line[0].reporting
    return found


def _near(given: str, areas: Iterable[Area]) -> str:
    """The areas whose names are most like ``given``, in characters or, where it has letters, in pinyin."""
    places: dict[str, list[str]] = defaultdict(list)
    for area in areas:
        for name in spoken(area.name, area.level) if given.isascii() else (area.name,):
            places[name].append(area.place)
    alike = process.extract(given.lower(), list(places), limit=_MOST_NEAR, score_cutoff=_LEAST_ALIKE)
    near = dict.fromkeys(place for name, _, _ in alike for place in places[name])
    return "; ".join(list(near)[:_MOST_NEAR])
