"""Figures that the equations leave open: the nearest to what is printed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations

from analysis.checks.localisation.equations import Equation, eliminate
from analysis.checks.localisation.sheet import Exact, Sheet
from analysis.checks.relation import Cell

# More figures than this that are open at once are no explanation.
_MOST_OPEN = 3


def nearest_changes(
    sheet: Sheet,
    solved: Mapping[Cell, Equation],
    loose: Collection[Cell],
    values: Mapping[Cell, Exact],
    lacking: Mapping[int, Exact],
) -> dict[Cell, Exact] | None:
    """The smallest changes that make all relations hold; None where there are none.

    ``solved`` is what the equations say, ``loose`` the cells that they leave open. The smallest changes lie
    in a corner, where as many bounds are reached as figures are open: the corners are tried one by one.
    """
    cells = sorted(loose | solved.keys())
    free = len(loose) - sum(1 for cell in loose if cell in solved)
    if free > _MOST_OPEN:
        return None
    best: dict[Cell, Exact] | None = None
    for reached in combinations(list(_bounds(sheet, cells, values, lacking)), free):
        changes = _corner([*solved.values(), *reached], cells)
        if changes is not None and _fits(sheet, changes, values, lacking) and _nearer(changes, best):
            best = changes
    return best


def _bounds(
    sheet: Sheet, cells: Collection[Cell], values: Mapping[Cell, Exact], lacking: Mapping[int, Exact]
) -> Iterator[Equation]:
    """What may keep a figure where it is: its printed value, zero, a relation that sets a limit."""
    for cell in cells:
        yield Equation({cell: 1}, 0)
        if values[cell] > 0 and not sheet.signed(cell):
            yield Equation({cell: 1}, -values[cell])
    for number, lack in lacking.items():
        relation = sheet.relations[number]
        if relation.op == "<=":
            yield Equation({c: v for c, v in relation.coefficients.items() if c in cells}, lack)


def _corner(equations: Collection[Equation], cells: Collection[Cell]) -> dict[Cell, Exact] | None:
    """The changes that fulfil all equations, if that settles them."""
    copies = (Equation(dict(equation.left), equation.right) for equation in equations)
    solved, rest = eliminate(copies, cells)
    if len(solved) < len(cells) or any(equation.right != 0 for equation in rest):
        return None
    return {cell: equation.right for cell, equation in solved.items()}


def _fits(
    sheet: Sheet, changes: Mapping[Cell, Exact], values: Mapping[Cell, Exact], lacking: Mapping[int, Exact]
) -> bool:
    if not all(sheet.possible(cell, values[cell], change) for cell, change in changes.items()):
        return False
    for number, lack in lacking.items():
        coefficients = sheet.relations[number].coefficients
        moved = sum(value * changes[cell] for cell, value in coefficients.items() if cell in changes)
        if sheet.fails(number, lack - moved):
            return False
    return True


def _nearer(changes: Mapping[Cell, Exact], best: Mapping[Cell, Exact] | None) -> bool:
    return best is None or _length(changes) < _length(best)


def _length(changes: Mapping[Cell, Exact]) -> Exact:
    length: Exact = 0
    for change in changes.values():
        length += change if change > 0 else -change
    return length
