"""Figures in relation to other years: change from the year before, growth, index to a base year."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

from analysis.series.figures import Figure, Figures, by_owner
from analysis.series.lines import Line
from analysis.series.marking import BreakFinder, severed

Shown = Literal["value", "change", "growth", "index", "percentile"]

_HUNDRED = 100
# What is worked out of the figure, and of the one that it is set in relation to.
_RELATIONS: Mapping[str, Callable[[float, float], float]] = {
    "change": lambda value, other: value - other,
    "growth": lambda value, other: _HUNDRED * (value / other - 1),
    "index": lambda value, other: _HUNDRED * (value / other),
}


def years_needed(shown: Shown, years: Sequence[int], base: int | None) -> tuple[int, ...]:
    """The years whose figures are needed to show ``years``."""
    needed = set(years)
    if shown in ("change", "growth"):
        needed |= {year - 1 for year in years}
    elif shown == "index" and base is not None:
        needed.add(base)
    return tuple(sorted(needed))


def in_relation(shown: Shown) -> bool:
    """Whether figures are shown in relation to those of another year."""
    return shown in _RELATIONS


def relate(
    lines: Sequence[Line],
    figures: Figures,
    shown: Shown,
    years: Collection[int],
    *,
    base: int | None,
    across: bool,
) -> Figures:
    """The figures of ``years`` as change, growth or index.

    A change is in the figure's own unit, percentage points for shares; growth is in percent; an index is
    100 in the year ``base``. Where the other year has no figure, or only one across a break that severs,
    there is none, unless it is to be worked out ``across`` breaks; nor where that figure is zero, for
    growth and index. ``breaks`` of a figure are then those between the two years.
    """
    columns = [list(column) for column in figures.columns]
    finders = [BreakFinder(figures.query, quantity) for quantity in figures.quantities]
    for places in by_owner(lines, range(len(lines))):
        of_year = {lines[place].year: place for place in places}
        for place in places:
            year = lines[place].year
            if year not in years:
                continue
            other = of_year.get(year - 1 if base is None else base)
            for finder, old, new in zip(finders, figures.columns, columns, strict=True):
                new[place] = _related(lines, old, place, other, shown, finder, across)
    return Figures(figures.quantities, columns, figures.query)


def _related(
    lines: Sequence[Line],
    column: Sequence[Figure],
    place: int,
    other_place: int | None,
    shown: Shown,
    finder: BreakFinder,
    across: bool,
) -> Figure:
    figure = column[place]
    if figure.value is None:
        return figure
    other = Figure() if other_place is None else column[other_place]
    if other_place is None or other.value is None:
        return Figure(reason="no_base" if shown == "index" else "no_previous", bases=figure.bases)
    first, last = sorted((place, other_place), key=lambda one: lines[one].year)
    breaks = finder.between(lines[first], column[first], lines[last], column[last])
    if severed(breaks) and not across:
        return Figure(reason="break", bases=figure.bases, breaks=breaks)
    if shown != "change" and other.value == 0:
        return Figure(reason="of_none", bases=figure.bases)
    return Figure(
        value=_RELATIONS[shown](figure.value, other.value),
        base=figure.base,
        bases=figure.bases,
        doubtful=figure.doubtful or other.doubtful,
        assumed=figure.assumed or other.assumed,
        breaks=breaks,
    )
