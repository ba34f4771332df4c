"""Counties, prefectures and provinces by what people call them: 640324, 6403, 吴忠, 宁夏同心县, tongxin."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from scraper.places import County, counties, county_by_code, current
from scraper.portals.registry import Portal, published_on

Level = Literal["province", "prefecture", "county"]
_DIGITS: dict[Level, int] = {"province": 2, "prefecture": 4, "county": 6}
_NOT_LETTER = re.compile(r"[^a-z]")
_FEWEST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Area:
    """A county, a prefecture or a province; ``code`` has six, four or two digits accordingly.

    ``above`` are the names of the province and the prefecture that it lies in. ``others`` are earlier and
    shorter names, ``old_codes`` the codes that a county had before.
    """

    code: str
    name: str
    level: Level
    above: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    old_codes: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Code and full name, which tell it from others of its name."""
        return f"{self.code} {''.join(dict.fromkeys(self.above))}{self.name}"


def areas_called(given: str, areas: Iterable[Area]) -> list[Area]:
    """Those of ``areas`` that ``given`` names: by code, by name, by a shorter or earlier name, by pinyin.

    What fits in the first of these ways leaves out what fits only in a later one. A code may end in the
    noughts that stand for a whole prefecture or province (640300, 640000), and names may stand behind
    those of the areas above, in full or not (宁夏吴忠同心县).
    """
    name = "".join(given.split())
    found: defaultdict[int, list[Area]] = defaultdict(list)
    letters = _letters(given)
    for area in areas:
        rank = _rank(area, name, letters)
        if rank is not None:
            found[rank].append(area)
    return sorted(found[min(found)], key=lambda area: area.code) if found else []


def areas_of(portal: Portal) -> Iterator[Area]:
    """The county of ``portal``, its prefecture where it has one, and its province."""
    county = county_by_code(portal.county_code)
    if county is not None:
        yield from _areas_of_county(current(county))
        return
    above = tuple(name for name in (portal.province, portal.prefecture) if name)
    yield Area(portal.county_code, portal.county, "county", above)
    yield from _above(portal.county_code, portal.prefecture, portal.province)


@cache
def all_areas() -> tuple[Area, ...]:
    """Every county of the register that exists today, and all that they lie in."""
    existing = (county for county in counties().values() if county.until is None)
    return tuple(dict.fromkeys(area for county in existing for area in _areas_of_county(county)))


@cache
def _areas_of_county(county: County) -> tuple[Area, ...]:
    line = _lines()[county.code]
    others = dict.fromkeys(name for one in line for name in (*one.names, one.short_name) if name)
    area = Area(
        county.code,
        county.name,
        "county",
        tuple(name for name in (county.province, county.prefecture) if name),
        tuple(name for name in others if name != county.name),
        tuple(one.code for one in line if one.code != county.code),
    )
    return (area, *_above(county.code, county.prefecture, county.province))


def _above(code: str, prefecture: str, province: str) -> Iterator[Area]:
    if prefecture and prefecture != province:
        yield Area(code[:4], prefecture, "prefecture", (province,))
    if province:
        yield Area(code[:2], province, "province")


@cache
def _lines() -> dict[str, list[County]]:
    """The counties under all codes that they had, by the last one."""
    found: dict[str, list[County]] = defaultdict(list)
    for county in counties().values():
        found[current(county).code].append(county)
    return found


def _rank(area: Area, name: str, letters: str) -> int | None:
    if name.isdecimal():
        return 0 if _is_code(area, name) else None
    if any(rest == area.name for rest in _after_above(area, name)):
        return 1
    shorter = {*area.others, *(short_of(one, area.level) for one in (area.name, *area.others))}
    if any(rest in shorter for rest in _after_above(area, name)):
        return 2
    if len(letters) >= _FEWEST_LETTERS and letters in spoken(area.name, area.level):
        return 3
    return None


def _is_code(area: Area, given: str) -> bool:
    digits = _DIGITS[area.level]
    noughts = given[digits:]
    return (
        given[:digits] in (area.code, *area.old_codes) and set(noughts) <= {"0"} and len(given) in (digits, 6)
    )


def _after_above(area: Area, name: str) -> Iterator[str]:
    """``name``, and what is left of it behind the names of the areas above."""
    yield name
    for written in spellings_above(area):
        if name.startswith(written):
            yield name[len(written) :]


@cache
def spellings_above(area: Area) -> tuple[str, ...]:
    """How the areas above ``area`` may be written in front of its name, the longest first."""
    spelled = {""}
    levels: tuple[Level, ...] = ("province", "prefecture")
    for name, level in zip(area.above, levels, strict=False):
        spelled |= {before + one for before in spelled for one in (name, short_of(name, level))}
    return tuple(sorted(spelled - {""}, key=len, reverse=True))


@cache
def short_of(name: str, level: Level) -> str:
    """What people mostly say instead of a name: 吴忠 for 吴忠市, 黔东南 for 黔东南苗族侗族自治州."""
    return re.sub(_wording()[f"{level}_end"], "", name)


@cache
def spoken(name: str, level: Level) -> frozenset[str]:
    """The pinyin of a name, with and without what it ends in, in small letters alone."""
    # Its dictionary takes longer to load than most commands run, and few need it.
    from pypinyin import lazy_pinyin

    reading = _wording()["readings"].get(name)
    syllables = reading.split() if reading else lazy_pinyin(name)
    short = short_of(name, level)
    spellings = ("".join(syllables), "".join(syllables[: len(short)] if not reading else syllables[:-1]))
    return frozenset(map(_letters, spellings))


def _letters(given: str) -> str:
    """``given`` as pinyin is compared: 吕 may be written lü or lv."""
    small = re.sub(_wording()["english_end"], "", given.lower())
    return _NOT_LETTER.sub("", small.replace("ü", "v"))


@cache
def _wording() -> dict[str, Any]:
    return tomllib.loads((files("scraper.portals") / "areas.toml").read_text(encoding="utf-8"))


def matches(portal: Portal, text: str) -> bool:
    """Whether ``text`` names an area of the portal, is part of its name or of a host, or is its family.

    Digits are the beginning of a code, other letters also that of a name's pinyin.
    """
    wanted = "".join(text.lower().split())
    areas = list(areas_of(portal))
    if areas_called(text, areas) or wanted == portal.family:
        return True
    if wanted.isdecimal():
        codes = (portal.county_code, *(code for area in areas for code in (area.code, *area.old_codes)))
        return any(code.startswith(wanted) for code in codes)
    names = (name for area in areas for name in (area.name, *area.others))
    if any(wanted in said for said in (*names, *published_on(portal))):
        return True
    letters = _letters(text)
    return len(letters) >= _FEWEST_LETTERS and any(
        spelling.startswith(letters) for area in areas for spelling in spoken(area.name, area.level)
    )
