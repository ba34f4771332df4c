"""What the tests of error localisation share: cells, relations, and whether they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import groupby

from analysis.checks.localisation import Explanation, localise
from analysis.checks.localisation.relations import TableFigures, linear_relations
from analysis.checks.relation import Cell, LinearRelation
from analysis.checks.rules import catalogue

Cells = dict[Cell, Fraction | None]


def cells(figures: Mapping[Cell, int | None] | Mapping[Cell, int]) -> Cells:
    """The figures as cells."""
    return {cell: None if value is None else Fraction(value) for cell, value in figures.items()}


def holds(values: Mapping[Cell, Fraction | None], relation: LinearRelation) -> bool:
    """Whether a relation holds, with zero for blank cells."""
    total = Fraction(0)
    for cell, weight in relation.coefficients.items():
        total += weight * (values.get(cell) or 0)
    return total == relation.constant if relation.op == "=" else total <= relation.constant


def explained(table: TableFigures) -> tuple[Explanation, ...]:
    """The explanations of what the rules find wrong in a table."""
    order = [table.rows] if table.rows else []
    return localise(table.figures, linear_relations(catalogue(), table), printed=table.raw, order=order)


def by_part(explanations: Sequence[Explanation]) -> list[list[Explanation]]:
    """The alternatives for each part of a report."""
    return [list(some) for _, some in groupby(explanations, key=lambda one: one.part)]
