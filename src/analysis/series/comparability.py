"""Which figures of different generations of the form make one series, and where a series breaks."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast, get_args

from analysis.series.expression import Expression, ExpressionFault, operands_of, read_expression

Terms = Literal["same", "near", "weak"]
Wording = Mapping[str, str]

# The generations of the form, the oldest first; "narrative" are reports without tables.
GENERATIONS = ("narrative", "2014", "2019", "2021")


class SeriesFault(ValueError):  # noqa: N818 - the fault is in a file of data, not in the program
    """comparability.toml or measures.toml says something impossible; the message names the entry."""


@dataclass(frozen=True)
class Link:
    """What stands for a metric in ``forms`` that have no such cell, on which terms, in words.

    Where it ``leads`` the series follows it, and it is the metric's own cell that stands in.
    """

    forms: frozenset[str]
    figure: Expression
    terms: Terms
    wording: Wording
    source: str
    leads: bool = False


@dataclass(frozen=True)
class Break:
    """Why a series can't be read through.

    It lies before the first report of the generation ``form``, or between the two ``years``; then it
    concerns only ``metrics`` and publishers of ``kinds``, all where they are empty. No change and no
    index is worked out across one that ``severs``.
    """

    break_id: str
    severs: bool
    wording: Wording
    source: str
    form: str = ""
    years: tuple[int, ...] = ()
    metrics: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    def between(self, before: int, after: int, quantity: str, kind: str | None) -> bool:
        """Whether it is one of years, concerns ``quantity``, and lies between the years of two reports."""
        return (
            bool(self.years)
            and before <= self.years[0]
            and after >= self.years[-1]
            and (not self.metrics or quantity in self.metrics)
            and (not self.kinds or kind in self.kinds)
        )


@cache
def links() -> Mapping[str, tuple[Link, ...]]:
    """The links of each series, by its metric."""
    found = {}
    for entry in _file()["series"]:
        try:
            found[entry["metric"]] = tuple(map(_link, entry["link"]))
        except (KeyError, ExpressionFault) as fault:
            raise SeriesFault(f"comparability.toml, series {entry.get('metric')}: {fault}") from fault
    return found


def _link(entry: Mapping[str, Any]) -> Link:
    terms = entry["terms"]
    if terms not in get_args(Terms):
        raise KeyError(f"terms = {terms!r}")
    return Link(
        frozenset(entry["forms"]),
        read_expression(entry["figure"]),
        cast("Terms", terms),
        {"en": entry["en"], "zh": entry["zh"]},
        entry["source"],
        entry.get("leads", False),
    )


@cache
def breaks() -> Mapping[str, Break]:
    """All breaks, by their id."""
    return {
        entry["id"]: Break(
            entry["id"],
            entry["severs"],
            {"en": entry["en"], "zh": entry["zh"]},
            entry["source"],
            entry.get("form", ""),
            tuple(entry.get("years", ())),
            frozenset(entry.get("metrics", ())),
            frozenset(entry.get("kinds", ())),
        )
        for entry in _file()["break"]
    }


def breaks_of_forms(before: frozenset[str], after: frozenset[str]) -> Iterator[str]:
    """The breaks between figures of the forms ``before`` and ``after``, in either direction of time."""
    places = [{GENERATIONS.index(form) for form in forms} for forms in (before, after)]
    (_, older), (newer, _) = sorted((min(place), max(place)) for place in places)
    for one in breaks().values():
        if one.form and older < GENERATIONS.index(one.form) <= newer:
            yield one.break_id


def continued_by(metric: str) -> Iterator[str]:
    """The series that take figures of ``metric`` in where the forms changed its name or its cut."""
    for series, its_links in links().items():
        for link in its_links:
            if series != metric and any(operand.metric == metric for operand in operands_of(link.figure)):
                yield series


def doubt(key: Literal["statuses", "whole_report"]) -> list[str]:
    """What calls figures into question: findings of which statuses, and of which rules all of a report's."""
    return list(_file()["doubt"][key])


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "comparability.toml").read_text(encoding="utf-8"))
