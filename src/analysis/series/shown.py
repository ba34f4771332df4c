"""Figures in relation to other years: change from the year before, growth, index to a base year."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from analysis.series.figures import Figure, Figures, by_owner
from analysis.series.lines import Line

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
        needed.update(range(min(base, *years), max(base, *years) + 1))
    return tuple(sorted(needed))


def in_relation(shown: Shown) -> bool:
    """Whether figures are shown in relation to those of another year."""
    return shown in _RELATIONS


def relate(
    lines: Sequence[Line], figures: Figures, shown: Shown, *, base: int | None, across: bool
) -> Figures:
    """``figures`` as change, growth or index; ``across`` breaks that sever only where that is asked for.

    A change is in the figure's own unit, percentage points for shares; growth is in percent; an index is
    100 in the year ``base``. Where the other year has no figure, or only one across a break, there is
    none, nor where it is zero for growth and index.
    """
    if not in_relation(shown):
        return figures
    columns = [list(column) for column in figures.columns]
    for places in by_owner(lines, range(len(lines))):
        of_year = {lines[place].year: place for place in places}
        for place in places:
            other = of_year.get(lines[place].year - 1 if base is None else base)
            for old, new in zip(figures.columns, columns, strict=True):
                ways = sorted((place, place if other is None else other), key=lambda one: lines[one].year)
                breaks = _breaks_on_the_way(lines, old, places, ways[0], ways[1])
                new[place] = _related(
                    old[place], None if other is None else old[other], shown, breaks, across=across
                )
    return Figures(figures.quantities, columns, figures.query)


def _breaks_on_the_way(
    lines: Sequence[Line], column: Sequence[Figure], places: Sequence[int], first: int, last: int
) -> tuple[str, ...]:
    """The breaks after the figure at ``first`` up to that at ``last``."""
    start, end = lines[first].year, lines[last].year
    passed = (column[place].breaks for place in places if start < lines[place].year <= end)
    return tuple(dict.fromkeys(one for found in passed for one in found))


def _related(
    figure: Figure, other: Figure | None, shown: Shown, breaks: tuple[str, ...], *, across: bool
) -> Figure:
    if figure.value is None:
        return figure
    if other is None or other.value is None:
        return Figure(reason="no_base" if shown == "index" else "no_previous", bases=figure.bases)
    if figure.stretch != other.stretch and not across:
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
        stretch=figure.stretch,
    )
