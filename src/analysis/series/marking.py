"""Where series break: between which figures of one county, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from analysis.series.comparability import breaks, breaks_of_forms
from analysis.series.figures import Figure, Figures, by_owner
from analysis.series.figures_query import FiguresQuery
from analysis.series.lines import Line
from analysis.series.quantities import Quantity


def mark_breaks(lines: Sequence[Line], figures: Figures, wanted: Iterable[int]) -> None:
    """Gives the figures at ``wanted`` the breaks between each and the one before it of the same county."""
    owners = list(by_owner(lines, wanted))
    for quantity, column in zip(figures.quantities, figures.columns, strict=True):
        finder = BreakFinder(figures.query, quantity)
        for places in owners:
            stated = [place for place in places if column[place].value is not None]
            for before, after in pairwise(stated):
                column[after].breaks = finder.between(
                    lines[before], column[before], lines[after], column[after]
                )


def severed(found: Iterable[str]) -> bool:
    """Whether nothing may be worked out across one of these breaks."""
    return any(breaks()[one].severs for one in found)


class BreakFinder:
    """Finds the breaks of one quantity; most counties break alike, so each question is answered once."""

    def __init__(self, query: FiguresQuery, quantity: Quantity) -> None:
        self._query = query
        self._quantity = quantity
        self._of_bases = cache(lambda before, after: tuple(self._between_bases(before, after)))
        self._of_years = cache(lambda before, after, kind: tuple(self._between_years(before, after, kind)))

    def between(self, before: Line, first: Figure, after: Line, second: Figure) -> tuple[str, ...]:
        """The breaks between the figure ``first`` of the line ``before`` and a later one, each once."""
        found: tuple[str, ...] = self._of_years(before.year, after.year, after.kind)
        if first.bases != second.bases:
            found = (*self._of_bases(first.bases, second.bases), *found)
        if before.scope != after.scope:
            found = (*found, "scope" if before.scope and after.scope else "scope_unknown")
        if before.kind != after.kind:
            found = (*found, "publisher")
        return found

    def _between_bases(self, before: int, after: int) -> Iterator[str]:
        earlier, later = (dict(self._query.bases_of(self._quantity, number)) for number in (before, after))
        found: dict[str, None] = {}
        for operand, place in earlier.items():
            if operand in later:
                bases = self._quantity.series[operand.metric].bases
                found |= dict.fromkeys(breaks_of_forms(bases[place].forms, bases[later[operand]].forms))
        yield from found

    def _between_years(self, before: int, after: int, kind: str | None) -> Iterator[str]:
        for one in breaks().values():
            if one.between(before, after, self._quantity.quantity_id, kind):
                yield one.break_id
