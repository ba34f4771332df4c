"""The place in a publisher's name: 江苏省淮安市洪泽区人民政府 is 淮安市, 洪泽区 and 人民政府."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from scraper.forms.identity.wording import pattern, wording
from scraper.places import counties, counties_named

# 积石山保安族东乡族撒拉族自治县 and 双江拉祜族佤族布朗族傣族自治县.
_LONGEST_NAME = 15


@dataclass(frozen=True)
class Place:
    """``county`` as printed, with ``known`` where the register has it; ``rest`` is what follows.

    ``above`` are the names of province and prefecture before it. A body of a province or prefecture
    has no county; ``unnamed`` is the county of a body that leaves its name out (县人民政府办公室).
    """

    above: str
    county: str | None
    known: bool
    rest: str
    unnamed: bool = False

    @property
    def of_prefecture(self) -> bool:
        """Whether the body is a prefecture's or a province's."""
        return bool(self.above) and self.county is None and not self.unnamed


@lru_cache(maxsize=1024)
def place_in(publisher: str, year: int | None) -> Place:
    """The place that ``publisher`` begins with.

    A city that was a county in ``year`` is one even where a prefecture has or had its name (巢湖市).
    """
    provinces, prefectures = _above()
    province = _prefix(publisher, provinces)
    inner = publisher.removeprefix(province)
    whole = _county(inner, year, prefectures)
    if whole:
        return Place(province, whole, known=True, rest=inner.removeprefix(whole))
    prefecture = _prefix(inner, prefectures)
    within = inner.removeprefix(prefecture)
    above = province + prefecture
    county = _county(within, year, frozenset())
    if county:
        return Place(above, county, known=True, rest=within.removeprefix(county))
    unknown = pattern("place", "unknown").match(within)
    if unknown and _could_be(unknown["name"]):
        return Place(above, unknown["name"], known=False, rest=unknown["rest"])
    unnamed = pattern("place", "unnamed").match(within)
    rest = within[unnamed.end() :] if unnamed else within
    return Place(above, None, known=False, rest=rest, unnamed=unnamed is not None)


def _county(text: str, year: int | None, prefectures: frozenset[str]) -> str:
    """The longest county's name that ``text`` begins with."""
    for length in range(min(len(text), _LONGEST_NAME), 1, -1):
        named = counties_named(text[:length])
        if not named:
            continue
        if text[:length] in prefectures and not any(county.valid_in(year or 0) for county in named):
            continue
        return text[:length]
    return ""


def _could_be(name: str) -> bool:
    """Whether a county that the register lacks can have this name: samples and older counties."""
    if pattern("place", "no_county").search(name):
        return False
    stem = name.rstrip("县区旗市")
    return len(stem) <= int(wording()["publisher"]["longest_place"]) or "自治" in name


@cache
def _above() -> tuple[frozenset[str], frozenset[str]]:
    provinces = {county.province for county in counties().values()}
    prefectures = {county.prefecture for county in counties().values()} - provinces - {""}
    return frozenset(provinces), frozenset(prefectures.union(wording()["place"]["prefectures"]))


def _prefix(text: str, names: Iterable[str]) -> str:
    return max((name for name in names if text.startswith(name)), key=len, default="")
