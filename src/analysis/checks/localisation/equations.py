"""Linear equations, solved exactly: in whole numbers and fractions, nothing rounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from analysis.checks.localisation.sheet import Exact, exact
from analysis.checks.relation import Cell

Key = TypeVar("Key")


@dataclass
class Equation:
    """What the changes of some cells, each times its coefficient, must add up to.

    ``made_of`` says how much of which relations was added up to it.
    """

    left: dict[Cell, Exact]
    right: Exact
    made_of: dict[int, Exact] = field(default_factory=dict)

    def minus(self, factor: Exact, other: Equation) -> None:
        """Takes ``factor`` times ``other`` away."""
        subtract(self.left, factor, other.left)
        self.right -= factor * other.right
        subtract(self.made_of, factor, other.made_of)

    def divide(self, divisor: Exact) -> None:
        """Divides both sides."""
        self.left = {cell: quotient(value, divisor) for cell, value in self.left.items()}
        self.right = quotient(self.right, divisor)
        self.made_of = {number: quotient(value, divisor) for number, value in self.made_of.items()}


def eliminate(
    equations: Iterable[Equation], cells: Iterable[Cell]
) -> tuple[dict[Cell, Equation], list[Equation]]:
    """Solves the equations, which are changed by it, for as many of ``cells`` as can be.

    Returns an equation for each of these, with no other of them in it, and those left without any cell: the
    equations contradict each other where the right side of one of these is not 0.
    """
    rest = list(equations)
    solved: dict[Cell, Equation] = {}
    for cell in cells:
        pivot = min(
            (equation for equation in rest if cell in equation.left),
            key=lambda equation: len(equation.made_of),
            default=None,
        )
        if pivot is None:
            continue
        pivot.divide(pivot.left[cell])
        rest.remove(pivot)
        for other in (*rest, *solved.values()):
            if cell in other.left:
                other.minus(other.left[cell], pivot)
        solved[cell] = pivot
    return solved, rest


def subtract(into: dict[Key, Exact], factor: Exact, other: Mapping[Key, Exact]) -> None:
    """Takes ``factor`` times ``other`` away, and drops what comes to nothing."""
    for key, value in other.items():
        rest = into.get(key, 0) - factor * value
        if rest:
            into[key] = rest
        else:
            into.pop(key, None)


def quotient(value: Exact, divisor: Exact) -> Exact:
    """The exact quotient, an int where it is whole."""
    if divisor in (1, -1):
        return value * divisor
    return exact(Fraction(value) / divisor)
