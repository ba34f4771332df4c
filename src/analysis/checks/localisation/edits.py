"""What follows from the relations once it is decided which cells may change: implied edits.

An implied edit is a combination of relations that the figures break whatever the chosen cells say, so that
some other of its cells has to change too (Fellegi and Holt 1976).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from analysis.checks.localisation.equations import Equation, eliminate, subtract
from analysis.checks.localisation.nearest import nearest_changes
from analysis.checks.localisation.sheet import Exact, Sheet
from analysis.checks.relation import Cell


@dataclass(frozen=True)
class Edit:
    """A demand that is not met: coefficient × change, summed over the cells, must move in a direction.

    ``direction`` is 1 where the sum must become larger, -1 smaller, 0 just different.
    """

    coefficients: Mapping[Cell, Exact]
    direction: int

    def moved_by(self, cell: Cell, values: Mapping[Cell, Exact]) -> bool:
        """Whether a change of ``cell`` alone can go the right way; a figure can't fall below zero."""
        rising = self.coefficients[cell] * self.direction
        return rising >= 0 or values[cell] > 0 or Sheet.signed(cell)


@dataclass(frozen=True)
class Outcome:
    """What comes of letting only some cells change.

    Either ``edits`` that can't be met so, or the ``changes`` of those cells. Where ``open`` names cells,
    others would do as well, and these are the nearest.
    """

    edits: tuple[Edit, ...] = ()
    changes: Mapping[Cell, Exact] = field(default_factory=dict)
    open: frozenset[Cell] = frozenset()


def broken(sheet: Sheet) -> tuple[Edit, ...]:
    """The relations that the figures break, as edits."""
    return tuple(
        Edit(sheet.relations[number].coefficients, 1 if sheet.lacking[number] > 0 else -1)
        for number in sheet.failing
    )


def solve(
    sheet: Sheet, chosen: Collection[Cell], values: Mapping[Cell, Exact], lacking: Mapping[int, Exact]
) -> Outcome:
    """The changes of the ``chosen`` cells from ``values`` that make all relations hold.

    ``lacking`` says by how much every relation in question falls short: all that the chosen cells take part
    in, and all that fail.
    """
    solved, left_over = eliminate(
        (
            Equation(
                {
                    cell: value
                    for cell, value in sheet.relations[number].coefficients.items()
                    if cell in chosen
                },
                lack,
                {number: 1},
            )
            for number, lack in lacking.items()
            if sheet.relations[number].op == "="
        ),
        sorted(chosen),
    )
    edits = [
        Edit(_sum(sheet, equation.made_of), 1 if equation.right > 0 else -1)
        for equation in left_over
        if equation.right != 0
    ]
    settled = {cell: equation for cell, equation in solved.items() if len(equation.left) == 1}
    edits += _unfit(sheet, settled, values)
    loose = frozenset(chosen) - settled.keys()
    if not edits and not loose:
        edits += _overrun(sheet, settled, lacking)
    if edits:
        return Outcome(edits=tuple(edits))
    if not loose:
        return Outcome(changes={cell: equation.right for cell, equation in settled.items()})
    nearest = nearest_changes(sheet, solved, loose, values, lacking)
    if nearest is None:
        return Outcome(edits=(_any_other(sheet, chosen, lacking),))
    return Outcome(changes=nearest, open=loose)


def _unfit(sheet: Sheet, settled: Mapping[Cell, Equation], values: Mapping[Cell, Exact]) -> Iterator[Edit]:
    """Edits against values that no cell can have: below zero, or broken where the printed one is whole."""
    for cell, equation in settled.items():
        if not sheet.possible(cell, values[cell], equation.right):
            others = _sum(sheet, equation.made_of)
            del others[cell]
            yield Edit(others, -1 if values[cell] + equation.right < 0 else 0)


def _overrun(sheet: Sheet, settled: Mapping[Cell, Equation], lacking: Mapping[int, Exact]) -> Iterator[Edit]:
    """Edits against upper bounds that the settled changes overrun."""
    for number, lack in lacking.items():
        coefficients = sheet.relations[number].coefficients
        moved = {cell: value for cell, value in coefficients.items() if cell in settled}
        if sheet.relations[number].op == "<=" and lack < sum(
            value * settled[cell].right for cell, value in moved.items()
        ):
            others: dict[Cell, Exact] = dict(coefficients)
            for cell, value in moved.items():
                subtract(others, value, _sum(sheet, settled[cell].made_of))
            yield Edit(others, -1)


def _any_other(sheet: Sheet, chosen: Collection[Cell], lacking: Mapping[int, Exact]) -> Edit:
    """Only says that some other cell of the relations in question must change."""
    concerned = {cell for number in lacking for cell in sheet.relations[number].coefficients}
    return Edit({cell: 1 for cell in sorted(concerned) if cell not in chosen}, 0)


def _sum(sheet: Sheet, made_of: Mapping[int, Exact]) -> dict[Cell, Exact]:
    """The coefficients of a combination of relations."""
    total: dict[Cell, Exact] = {}
    for number, factor in made_of.items():
        subtract(total, -factor, sheet.relations[number].coefficients)
    return total
