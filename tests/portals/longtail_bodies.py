"""The bodies of the long-tail county, as `longtail.toml` has them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from portals.reports import FIRST_YEAR, Organ, Style, title, years_of
from portals.truth import Kind

_TITLES: Mapping[int, Style] = {2013: "about", 2014: "no_government", 2015: "summary", 2021: "about"}
# Older pages all bear the day on which the site took them over.
_IMPORTED, _LAST_IMPORTED = "2014-06-20", 2012


@dataclass(frozen=True)
class Body:
    """A body that publishes; the fields are those of ``longtail.toml``."""

    organ: Organ
    number: int
    style: str
    host: str
    fault: str = ""
    linked: str = "home"
    missing: frozenset[int] = frozenset()
    without_year: frozenset[int] = frozenset()
    numerals_until: int = 0
    decoys: tuple[int, ...] = ()
    files: Mapping[int, str] = field(default_factory=dict)
    broken: Mapping[int, str] = field(default_factory=dict)

    @property
    def years(self) -> list[int]:
        """The years with a report, the newest first."""
        return [year for year in reversed(years_of(self.organ)) if year not in self.missing]

    @property
    def column(self) -> str:
        """What the list of its reports is called."""
        return f"{self.organ.short}政府信息公开年报"

    def title(self, year: int) -> str:
        """The report's title as page and list have it."""
        if year in self.without_year:
            return title(self.organ, year, "no_year")
        if year <= self.numerals_until:
            return title(self.organ, year, "zh_numerals")
        return title(self.organ, year, _TITLES.get(year, "full"))

    def id_of(self, year: int) -> int:
        """The number of the year's page, which says nothing of the year."""
        return 10_000 + self.number * 100 + (year * 37) % 97

    def day_of(self, year: int) -> str:
        """The day of publication as pages print it."""
        if year <= _LAST_IMPORTED:
            return _IMPORTED
        return f"{year + 1}-{1 + self.number % 3:02}-{10 + (year + self.number) % 18}"

    def trap(self, year: int) -> str:
        """What the report's title tries the crawler with."""
        if year in self.without_year:
            return "a title without the year"
        return "the year in Chinese numerals" if year <= self.numerals_until else ""


@cache
def settings() -> dict[str, Any]:
    """The whole of ``longtail.toml``."""
    return tomllib.loads((Path(__file__).parent / "longtail.toml").read_text(encoding="utf-8"))


@cache
def bodies() -> tuple[Body, ...]:
    """All bodies of the county that publish."""
    return tuple(_body(number, entry) for number, entry in enumerate(settings()["body"], start=1))


def _body(number: int, entry: dict[str, Any]) -> Body:
    kind: Kind = entry.get("kind") or ("township" if entry["style"] == "snowflake" else "department")
    name = settings()["county"] + entry["name"]
    return Body(
        Organ(name, kind, entry["slug"], entry.get("since", FIRST_YEAR), entry.get("until")),
        number,
        entry["style"],
        f"{entry.get('host', 'www')}.{settings()['domain']}",
        entry.get("fault", ""),
        entry.get("linked", "home"),
        frozenset(entry.get("missing", ())),
        frozenset(entry.get("without_year", ())),
        entry.get("numerals_until", 0),
        tuple(entry.get("decoys", ())),
        _by_year(entry.get("files", {})),
        _by_year(entry.get("broken", {})),
    )


def _by_year(years_of: dict[str, list[int]]) -> dict[int, str]:
    return {year: what for what, years in years_of.items() for year in years}
