"""Whose county the report is: the codes on the page, the host, the name, and whether they agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scraper.forms.identity.evidence import Evidence, Identity, quote
from scraper.forms.identity.page import Page
from scraper.forms.identity.places import Place
from scraper.forms.identity.wording import pattern, wording
from scraper.messages import message
from scraper.places import County, counties_named, county_by_code, county_by_name, county_in, same_county

_HEAD = 400


@dataclass(frozen=True)
class _Clue:
    """A county's code and where it stands; ``county`` is None where the register lacks the code."""

    code: str
    county: County | None
    evidence: Evidence


def find_county(found: Identity, page: Page, place: Place | None, hosts: Mapping[str, str]) -> None:
    """Sets the county of the report's year.

    The site code decides, then the credit code, the index number, the host where a registry knows it,
    the name, and the number of the police's registration. Each of them that means another county gives
    a warning; a code or a name from before or after a change of the county's agrees.
    """
    if place and place.of_prefecture:
        return
    named = _named(found, page, place)
    clues = list(_clues(page, hosts))
    if named:
        clues.append(named)
    if not clues:
        clues = list(_codes(page, "index_number", "weak")) or list(_codes(page, "police"))
    if not clues:
        _take_name(found, place)
        return
    chosen = clues[0]
    # A code that the register lacks says nothing against a county that it has.
    if chosen.county is None and named and named.county:
        chosen = named
    _take(found, chosen, place)
    for clue in clues:
        if clue is not chosen and not _agree(chosen, clue):
            _warn(found, chosen, clue.county.name if clue.county else clue.code, clue.evidence)
    if named is None and place and place.county and chosen.county:
        _compare_name(found, chosen, chosen.county, place.county)


def _take(found: Identity, chosen: _Clue, place: Place | None) -> None:
    county = chosen.county
    if county and found.year:
        county = county_in(county, found.year) or county
    found.county_code = county.code if county else chosen.code
    found.evidence["county_code"] = chosen.evidence
    if county:
        found.county_name = county.name_in(found.year)
        found.evidence["county_name"] = chosen.evidence
    else:
        _take_name(found, place)


def _take_name(found: Identity, place: Place | None) -> None:
    if place and place.county:
        found.county_name = place.county
        found.evidence["county_name"] = found.evidence["publisher"]


def _compare_name(found: Identity, chosen: _Clue, county: County, printed: str) -> None:
    """Compares the name alone, where the register has several counties of it, or none."""
    if not any(same_county(county, other) for other in counties_named(printed)):
        _warn(found, chosen, printed, found.evidence["publisher"])


def _agree(one: _Clue, other: _Clue) -> bool:
    if one.county is None or other.county is None:
        return one.code == other.code
    return same_county(one.county, other.county)


def _warn(found: Identity, chosen: _Clue, other: str, evidence: Evidence) -> None:
    found.notices.append(
        message(
            "counties_differ",
            code=chosen.code,
            registered=chosen.county.name if chosen.county else chosen.code,
            source=chosen.evidence.text,
            named=other,
            text=evidence.text,
        )
    )


def _named(found: Identity, page: Page, place: Place | None) -> _Clue | None:
    if place is None or place.county is None:
        return None
    within = place.above or page.text[:_HEAD]
    county = county_by_name(place.county, within=within, year=found.year)
    if county is None and place.above:
        county = county_by_name(place.county, within=place.above + page.text[:_HEAD], year=found.year)
    return _Clue(county.code, county, found.evidence["publisher"]) if county else None


def _clues(page: Page, hosts: Mapping[str, str]) -> Iterator[_Clue]:
    yield from list(_site_codes(page))[:1]
    yield from list(_credit_codes(page))[:1]
    yield from list(_codes(page, "index_number"))[:1]
    code = hosts.get(page.host or "")
    if code:
        yield _Clue(code, county_by_code(code), Evidence("host", page.host or ""))


def _site_codes(page: Page) -> Iterator[_Clue]:
    for name in wording()["site_code"]["metadata"]:
        written = page.metadata.get(name, "")
        if re.fullmatch(r"\d{10}", written) and _is_countys(written[:6]):
            yield _Clue(written[:6], county_by_code(written[:6]), Evidence("site_code", written))
    matches = list(pattern("site_code").finditer(page.text))
    for match in reversed(matches):
        if _is_countys(match["code"]):
            yield _Clue(match["code"], county_by_code(match["code"]), quote("site_code", match.group(0)))


def _credit_codes(page: Page) -> Iterator[_Clue]:
    near = pattern("credit_code", "near")
    for text in (page.url, page.text):
        for match in pattern("credit_code").finditer(text):
            county = county_by_code(match["code"])
            if county and near.search(text, max(0, match.start() - 20), match.start()):
                yield _Clue(match["code"], county, Evidence("credit_code", match.group(0)))


def _codes(page: Page, table: str, key: str = "pattern") -> Iterator[_Clue]:
    """Counties of codes with a label; only those that the register has, for other numbers look alike."""
    source = wording()[table]["source"]
    for match in pattern(table, key).finditer(page.text):
        county = county_by_code(match["code"])
        if county:
            yield _Clue(county.code, county, quote(source, match.group(0)))


def _is_countys(code: str) -> bool:
    """Whether a code can be a county's: not a prefecture's, nor a development zone's (71 to 79)."""
    return code[4:] != "00" and not (code[4] == "7" and county_by_code(code) is None)
