"""The relations that the figures of one table of a report must fulfil, from the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from analysis.checks.formula import CLAIMED, PREVIOUS, Formula, Term
from analysis.checks.relation import Cell, LinearRelation, Operator
from analysis.checks.rules import FORMULA, Catalogue, Relation, Rule

# Rows and columns that a publisher added have metrics of their own.
LOCAL = "local."
_TURNED = {"=": 1, "<=": 1, ">=": -1}
_OPERATORS: Mapping[str, Operator] = {"=": "=", "<=": "<=", ">=": "<="}


@dataclass(frozen=True)
class TableFigures:
    """One statutory table of a report: what its cells hold, their raw texts, and where they stand.

    ``previous`` has the figures of the same table in the report of the same body and scope a year earlier.
    ``rows`` are the cells as printed, from top to bottom and left to right; empty where their places are
    not known.
    """

    report_id: str
    table: str
    publisher_kind: str | None
    scope: str | None
    figures: Mapping[Cell, Fraction | None]
    raw: Mapping[Cell, str]
    previous: Mapping[Cell, Fraction | None]
    rows: tuple[tuple[Cell | None, ...], ...]


def linear_relations(catalogue: Catalogue, table: TableFigures) -> tuple[LinearRelation, ...]:
    """What must hold in ``table``: the rules that are errors and make no condition.

    A relation with last year's report counts if it holds, or if a relation within this report fails in one
    of the same cells: else the fault may as well be in the other report.
    """
    own: list[LinearRelation] = []
    across: list[LinearRelation] = []
    for rule in catalogue.rules:
        if rule.kind == FORMULA and _is_for(rule, table):
            for relation in rule.relations:
                looks_back = any(term.operand.startswith(PREVIOUS) for term in relation.formula.terms)
                if relation.table == table.table and _is_plain(relation):
                    (across if looks_back else own).extend(_Stating(catalogue, table).all(rule, relation))
    suspect = {cell for relation in own if _fails(table, relation) for cell in relation.coefficients}
    across = [one for one in across if not _fails(table, one) or not suspect.isdisjoint(one.coefficients)]
    return (*own, *across)


def is_localised(rule: Rule) -> bool:
    """Whether what the rule demands counts when it is asked which cell is wrong."""
    return rule.kind == FORMULA and all(map(_is_plain, rule.relations))


def _is_for(rule: Rule, table: TableFigures) -> bool:
    kinds, scope = rule.publisher_kinds, rule.scope
    return (not kinds or table.publisher_kind in kinds) and (not scope or table.scope == scope)


def _is_plain(relation: Relation) -> bool:
    """Whether a relation is one formula over tables, and asks for no condition that another figure ends."""
    return (
        len(relation.formulas) == 1
        and not relation.when
        and relation.formula.comparison in _OPERATORS
        and not any(term.operand.startswith(CLAIMED) for term in relation.formula.terms)
    )


@dataclass(frozen=True)
class _Stating:
    """States the relations of rules over the cells of a table."""

    catalogue: Catalogue
    table: TableFigures

    def all(self, rule: Rule, relation: Relation) -> Iterator[LinearRelation]:
        """The relation at every place that has a cell of it, where its failure is an error."""
        for place in self._places(rule):
            applicant = relation.formula.terms[0].operand if rule.each == "metric" else place
            stated = self._stated(rule, relation, place)
            if stated is not None and rule.severity_at(applicant) == "error":
                yield stated

    def _places(self, rule: Rule) -> Iterable[str]:
        """The rows or columns that a rule is worked out for."""
        if rule.each == "metric":
            metrics = dict.fromkeys(metric for metric, _ in self.table.figures)
            return [metric for metric in metrics if not metric.startswith(LOCAL)]
        applicants = dict.fromkeys(applicant for _, applicant in self.table.figures)
        return [one for one in applicants if rule.column in (None, one)]

    def _stated(self, rule: Rule, relation: Relation, place: str) -> LinearRelation | None:
        formula = relation.formula
        sign = _TURNED[formula.comparison]
        coefficients: dict[Cell, int] = {}
        constant = Fraction(_constant(formula))
        for term, weight in formula.weighed():
            operand = term.operand.removeprefix(PREVIOUS)
            cell = (place, operand) if rule.each == "metric" else (operand, place)
            if operand != term.operand:
                before = self.table.previous.get(cell)
                if before is None:
                    return None
                constant -= weight * before
                continue
            for part, share in self._parts(rule, term, cell):
                coefficients[part] = coefficients.get(part, 0) + weight * share
        if not self._applies(rule, relation, place) or self.table.figures.keys().isdisjoint(coefficients):
            return None
        turned = {cell: sign * weight for cell, weight in coefficients.items() if weight}
        return LinearRelation(rule.rule, turned, _OPERATORS[formula.comparison], sign * constant)

    def _applies(self, rule: Rule, relation: Relation, place: str) -> bool:
        def printed(operand: str) -> bool:
            cell = (place, operand) if rule.each == "metric" else (operand, place)
            return self.table.figures.get(cell) is not None

        return all(map(printed, relation.needs)) and not any(map(printed, relation.unless))

    def _parts(self, rule: Rule, term: Term, cell: Cell) -> Iterator[tuple[Cell, int]]:
        """The cell of an operand, or those of its parts where only these are printed; 0 if it is optional."""
        figures = self.table.figures
        split = None if rule.each == "metric" else self.catalogue.splits.get(term.operand)
        parts = [((part.operand, cell[1]), part.sign) for part in split.parts] if split else []
        if figures.get(cell) is None and any(figures.get(part) is not None for part, _ in parts):
            yield from parts
        elif not term.optional or figures.get(cell) is not None:
            yield cell, 1


def _constant(formula: Formula) -> int:
    """What the weighed operands must add up to."""
    return formula.expected.constant - formula.stated.constant


def _fails(table: TableFigures, relation: LinearRelation) -> bool:
    """Whether a relation without blank cells is broken."""
    values = [table.figures.get(cell) for cell in relation.coefficients]
    total = Fraction(0)
    for value, weight in zip(values, relation.coefficients.values(), strict=True):
        if value is None:
            return False
        total += weight * value
    return total != relation.constant if relation.op == "=" else total > relation.constant
