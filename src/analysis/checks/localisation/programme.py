"""The covering programme: which cells and misplacements must be at fault, at the least.

An integer programme of 0/1 variables, one for each element, that minimises what those that are 1 cost. It is
stated as MaxSAT: its requirements are clauses, which are added one by one while what the solver has learnt
stays. (A general solver of integer programmes, HiGHS, took ten times as long over all, and up to a minute.)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Generic, TypeVar

Element = TypeVar("Element")


class CoveringProgramme(Generic[Element]):
    """Chooses the elements that meet every requirement at the least cost, a whole number for each."""

    def __init__(self, cost: Callable[[Element], int]) -> None:
        # Imported late: most reports contradict nothing, and need no solver.
        from pysat.examples.rc2 import RC2
        from pysat.formula import WCNF

        self._cost = cost
        self._variables: dict[Element, int] = {}
        self._impossible = False
        self._solver = RC2(WCNF())

    def require(self, helpers: Iterable[Element], unless: Collection[Element] = ()) -> None:
        """Asks for one of ``helpers``, as long as all of ``unless`` are chosen."""
        self._add([self._variable(one) for one in helpers] + [-self._variable(one) for one in unless])

    def forbid(self, chosen: Collection[Element]) -> None:
        """Rules out that all of ``chosen`` are chosen."""
        self._add([-self._variable(element) for element in chosen])

    def solve(self) -> frozenset[Element] | None:
        """The elements of a cheapest choice; None where there is none."""
        model = None if self._impossible else self._solver.compute()
        if model is None:
            return None
        chosen = set(model)
        return frozenset(element for element, variable in self._variables.items() if variable in chosen)

    def _variable(self, element: Element) -> int:
        if element not in self._variables:
            self._variables[element] = len(self._variables) + 1
            self._solver.add_clause([-self._variables[element]], weight=self._cost(element))
        return self._variables[element]

    def _add(self, clause: list[int]) -> None:
        if clause:
            self._solver.add_clause(clause)
        else:
            self._impossible = True
