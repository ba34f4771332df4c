"""The figures of a report and the relations between them that can be assessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from analysis.checks.localisation.catalogue import slips
from analysis.checks.relation import Cell, LinearRelation

# Whole numbers stay int: their arithmetic is exact as well, and many times faster.
Exact = int | Fraction


@dataclass(frozen=True)
class Sheet:
    """Figures with the relations that they must fulfil; blank cells count as zero.

    ``printed`` holds all cells as they are printed, None for a blank one.
    """

    printed: Mapping[Cell, Fraction | None]
    relations: tuple[LinearRelation, ...]

    @cached_property
    def values(self) -> dict[Cell, Exact]:
        """The figure of each cell, zero where it is blank or not printed at all."""
        found = {cell: exact(value) for cell, value in self.printed.items() if value is not None}
        concerned = {cell for relation in self.relations for cell in relation.coefficients}
        return {cell: found.get(cell, 0) for cell in sorted(concerned | set(self.printed))}

    @cached_property
    def touching(self) -> dict[Cell, tuple[int, ...]]:
        """The numbers of the relations that each cell takes part in."""
        found: dict[Cell, list[int]] = {}
        for number, relation in enumerate(self.relations):
            for cell in relation.coefficients:
                found.setdefault(cell, []).append(number)
        return {cell: tuple(numbers) for cell, numbers in sorted(found.items())}

    @cached_property
    def lacking(self) -> tuple[Exact, ...]:
        """By how much the sum of each relation falls short of its constant."""
        return tuple(self.lack(number, self.values) for number in range(len(self.relations)))

    @cached_property
    def totals(self) -> dict[Cell, frozenset[Cell]]:
        """The cells that stand for the sum of at least two others, with these."""
        found: dict[Cell, frozenset[Cell]] = {}
        for relation in self.relations:
            for cell in relation.coefficients if relation.op == "=" else ():
                parts = frozenset(relation.coefficients) - {cell}
                sign = relation.coefficients[cell]
                if len(parts) > 1 and all(relation.coefficients[part] * sign < 0 for part in parts):
                    found[cell] = found.get(cell, frozenset()) | parts
        return found

    def lack(self, number: int, values: Mapping[Cell, Exact]) -> Exact:
        """By how much the sum of relation ``number`` falls short of its constant, with these figures."""
        relation = self.relations[number]
        total: Exact = exact(relation.constant)
        for cell, coefficient in relation.coefficients.items():
            total -= coefficient * values[cell]
        return total

    def fails(self, number: int, lacking: Exact) -> bool:
        """Whether relation ``number`` fails when its sum falls short by ``lacking``."""
        return lacking != 0 if self.relations[number].op == "=" else lacking < 0

    @cached_property
    def failing(self) -> tuple[int, ...]:
        """The relations that the printed figures break."""
        return tuple(number for number, lacking in enumerate(self.lacking) if self.fails(number, lacking))

    def only(self, numbers: Iterable[int]) -> Sheet:
        """The same figures with these relations alone."""
        return Sheet(self.printed, tuple(self.relations[number] for number in numbers))

    def possible(self, cell: Cell, value: Exact, change: Exact) -> bool:
        """Whether a cell can change so: not below zero, and from a whole figure only to a whole one."""
        changed = value + change
        whole = value.denominator > 1 or changed.denominator == 1
        return whole and (changed >= 0 or change >= 0 or self.signed(cell))

    @staticmethod
    def signed(cell: Cell) -> bool:
        """Whether the figure of a cell may be negative."""
        return cell[0] in slips().signed


def exact(value: Fraction) -> Exact:
    """The same number, an int where it is whole."""
    return value.numerator if value.denominator == 1 else value


def assessable(
    printed: Mapping[Cell, Fraction | None], relations: Sequence[LinearRelation]
) -> tuple[LinearRelation, ...]:
    """The relations that have no blank cell, or hold with zeros in place of the blank ones.

    Of any other nobody can tell whether it holds. They come in an order of their own, whatever the order
    of ``relations``.
    """
    sheet = Sheet(printed, tuple(sorted(relations, key=_place)))
    blank = {cell for cell in sheet.values if printed.get(cell) is None}
    return tuple(
        relation
        for number, relation in enumerate(sheet.relations)
        if number not in sheet.failing or blank.isdisjoint(relation.coefficients)
    )


def _place(relation: LinearRelation) -> tuple[str, list[tuple[Cell, int]], str, Fraction]:
    return relation.rule, sorted(relation.coefficients.items()), relation.op, relation.constant
