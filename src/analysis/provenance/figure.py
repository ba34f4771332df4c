"""Which cells of a report a figure is made of, and what they give together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from analysis.series.expression import Operand, evaluate, operands_of
from analysis.series.measures import HUNDRED, blanks
from analysis.series.quantities import Basis, Quantity

_TOTAL = "total"
_STATISTICS = "statistics"
_FORM_2014 = "2014"

Fact = Mapping[str, Any]
Name = tuple[str, str]


@dataclass(frozen=True)
class Wanted:
    """A cell that a figure needs: ``fact`` is its line of the database, None where it is not printed."""

    metric: str
    applicant: str
    fact: Fact | None

    @property
    def name(self) -> Name:
        """Its metric and applicant."""
        return self.metric, self.applicant


@dataclass(frozen=True)
class MadeOf:
    """The cells of a figure in the order of its expression, and its value.

    ``value`` is None for ``reason``, one of those of ``docs/comparing.md``. ``base`` is a measure's
    denominator. ``stands_in`` are the bases of which other figures stand for a series; ``assumed``: blank
    cells that the printed total shows to be zeros count as such.
    """

    cells: tuple[Wanted, ...]
    value: Fraction | None
    base: Fraction | None
    reason: str
    stands_in: tuple[Basis, ...]
    assumed: bool = False


class ReportFigures:
    """The figures of one report; ``shared`` are metrics that both the statistics and another table print."""

    def __init__(self, facts: Sequence[Fact], form: str, shared: Collection[str]) -> None:
        self._form = form
        self._shared = shared
        self._facts: dict[tuple[str, str, bool], Fact] = {}
        for fact in facts:
            self._facts.setdefault((fact["metric"], fact["applicant"], self._is_statistics(fact)), fact)

    def made_of(self, quantity: Quantity, applicant: str) -> MadeOf:
        """What ``quantity`` is made of, in the column ``applicant`` of the requests table.

        As in comparisons, of several bases the first counts that gives a value.
        """
        made = self._made(quantity, applicant, {})
        if quantity.is_measure and made.reason == "blank":
            filled = self._made(quantity, applicant, dict(self._zeros(applicant)))
            if filled.value is not None or filled.reason != made.reason:
                return MadeOf(
                    filled.cells, filled.value, filled.base, filled.reason, filled.stands_in, assumed=True
                )
        return made

    def _made(self, quantity: Quantity, applicant: str, zeros: Mapping[Name, Fraction]) -> MadeOf:
        cells: dict[Name, Wanted] = {}
        values: dict[Operand, Fraction | None] = {}
        stands_in: list[Basis] = []
        for operand in quantity.operands:
            column = operand.applicant or applicant
            basis, values[operand] = self._basis(quantity.series[operand.metric].bases, column, zeros)
            if basis is None:
                continue
            for wanted in self._wanted(basis, column):
                cells.setdefault(wanted.name, wanted)
            if basis.joined:
                stands_in.append(basis)
        value = evaluate(quantity.numerator, values)
        base = None
        if quantity.denominator is not None:
            base = evaluate(quantity.denominator, values)
            value = HUNDRED * value / base if value is not None and base else None
        found = tuple(cells.values())
        reason = "" if value is not None else self._reason(quantity, applicant, base, found)
        return MadeOf(found, value, base, reason, tuple(stands_in))

    def _basis(
        self, bases: Sequence[Basis], applicant: str, zeros: Mapping[Name, Fraction]
    ) -> tuple[Basis | None, Fraction | None]:
        """The basis that gives the value, or else the first of which anything is printed."""
        printed = None
        for basis in bases:
            wanted = {}
            for operand in operands_of(basis.figure):
                cell = self._cell(operand, applicant, statistics=basis.statistics)
                wanted[operand] = _value(cell.fact) if _has_value(cell.fact) else zeros.get(cell.name)
                if printed is None and cell.fact is not None:
                    printed = basis
            value = evaluate(basis.figure, wanted)
            if value is not None:
                return basis, value
        return printed, None

    def _wanted(self, basis: Basis, applicant: str) -> Iterator[Wanted]:
        for operand in operands_of(basis.figure):
            yield self._cell(operand, applicant, statistics=basis.statistics)

    def _cell(self, operand: Operand, applicant: str, *, statistics: bool) -> Wanted:
        column = operand.applicant or applicant
        tables = (statistics,) if operand.metric in self._shared else (statistics, not statistics)
        for stored in (column, "") if column == _TOTAL else (column,):
            for of_statistics in tables:
                fact = self._facts.get((operand.metric, stored, of_statistics))
                if fact is not None:
                    return Wanted(operand.metric, stored, fact)
        return Wanted(operand.metric, column, None)

    def _reason(
        self, quantity: Quantity, applicant: str, base: Fraction | None, cells: Sequence[Wanted]
    ) -> str:
        if self._form == "narrative":
            return "narrative"
        if base == 0:
            return "of_none"
        if self._form in quantity.forms:
            if any(cell.fact is not None for cell in cells):
                return "blank"
            return "no_applicants" if applicant != _TOTAL else "not_printed"
        return "weak_only" if self._form in quantity.barred else "not_in_form"

    def _zeros(self, applicant: str) -> Iterator[tuple[Name, Fraction]]:
        """The blank cells that a printed total shows to be zeros."""
        for blank in blanks():
            statistics = _FORM_2014 in blank.forms
            total = self._cell(blank.total, applicant, statistics=statistics)
            parts = [self._cell(part, applicant, statistics=statistics) for part in blank.parts]
            stated = [_value(part.fact) for part in parts if _has_value(part.fact)]
            if _has_value(total.fact) and _value(total.fact) == sum(stated, Fraction(0)):
                yield from ((part.name, Fraction(0)) for part in parts if not _has_value(part.fact))

    @staticmethod
    def _is_statistics(fact: Fact) -> bool:
        return bool(fact["table"] == _STATISTICS)


def _has_value(fact: Fact | None) -> bool:
    return fact is not None and fact["value"] is not None


def _value(fact: Fact | None) -> Fraction:
    """The exact value of a printed decimal."""
    assert fact is not None  # noqa: S101 - asked for before
    return Fraction(repr(float(fact["value"])))
