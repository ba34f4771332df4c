"""Formulas as SQL over the sheets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from analysis.checks.formula import CLAIMED, PREVIOUS, Formula, Sum, Term
from analysis.checks.rules import Relation, Rule, Split
from analysis.checks.sheets import CLAIMS, ROWS, column_of, sheet_of

# Amounts have decimals, and binary fractions of them don't add up to the last digit.
_DECIMALS = 6


def formula_queries(rules: Iterable[Rule], splits: Mapping[str, Split]) -> list[str]:
    """The queries that find where the relations of ``rules`` do not hold, one for each sheet and its joins.

    They give the columns of ``outcome`` but for quotes and words. A line with ``blanks``, figures that
    are not stated, is no failure: the relation would hold with others in their place than zero, and
    can't be assessed. ``split`` are the metrics for which their parts stand.
    """
    together: dict[tuple[str, ...], list[_Failing]] = defaultdict(list)
    for rule in rules:
        for relation in rule.relations:
            failing = _Failing(rule, relation, splits)
            together[failing.source()].append(failing)
    return [_query(source, failing) for source, failing in together.items()]


def _query(source: tuple[str, ...], failing: Sequence[_Failing]) -> str:
    """One scan: lines on which anything fails are few, and only those are looked at relation by relation."""
    conditions = [one.condition() for one in failing]
    lines = ", ".join(
        f"CASE WHEN {condition} THEN {one.line()} END"
        for one, condition in zip(failing, conditions, strict=True)
    )
    return f"""
        SELECT unnest(failing, recursive := true) FROM (
            SELECT unnest([{lines}]) AS failing FROM {" ".join(source)}
            WHERE {" OR ".join(conditions)}
        ) WHERE failing IS NOT NULL
    """  # noqa: S608 - every name comes from the rules, and is one


class _Failing:
    """Where a relation of a rule does not hold, as expressions over a sheet's line."""

    def __init__(self, rule: Rule, relation: Relation, splits: Mapping[str, Split]) -> None:
        self._rule = rule
        self._relation = relation
        self._splits = splits
        self._sheet = sheet_of(rule, relation)
        self._terms = relation.formula.terms

    def source(self) -> tuple[str, ...]:
        """The sheet and what is joined to it."""
        return (f"sheet_{self._sheet} w", *self._joins())

    def condition(self) -> str:
        """Whether the relation applies to a line and does not hold on it."""
        return "(" + " AND ".join(f"({condition})" for condition in self._conditions()) + ")"

    def line(self) -> str:
        """What is said of a failure."""
        formula = self._relation.formula
        columns = {
            "report_id": "w.report_id",
            "rule": f"'{self._rule.rule}'",
            "relation": f"'{self._relation.name}'",
            "place": self._place(),
            "applicant": self._applicant(),
            "stated": f"{self._filled(formula.stated)}::DOUBLE",
            "expected": f"{self._filled(formula.expected)}::DOUBLE",
            "blanks": _list(self._blank()),
            "split": _list(self._split()),
            "previous_id": "h.previous_id" if self._looks_back() else "NULL::VARCHAR",
        }
        return "{" + ", ".join(f"'{name}': {value}" for name, value in columns.items()) + "}"

    def _place(self) -> str:
        if self._sheet == ROWS:
            return "w.metric"
        return "coalesce(w.scope, '')" if self._sheet == CLAIMS else "w.applicant"

    def _applicant(self) -> str:
        return f"'{self._terms[0].operand}'" if self._sheet == ROWS else "w.applicant"

    def _joins(self) -> Iterator[str]:
        if self._looks_back():
            yield "JOIN chain h ON h.report_id = w.report_id"
            yield f"JOIN sheet_{self._sheet} p ON p.report_id = h.previous_id AND p.applicant = w.applicant"
            yield "JOIN report b ON b.report_id = h.previous_id"
        if self._reads_prose() or self._rule.publisher_kinds or self._rule.scope:
            yield "JOIN report r ON r.report_id = w.report_id"
        if self._reads_prose():
            yield "JOIN sheet_claims c ON c.report_id = w.report_id AND c.scope IS NOT DISTINCT FROM r.scope"

    def _looks_back(self) -> bool:
        return any(name.startswith(PREVIOUS) for name in self._relation.operands())

    def _reads_prose(self) -> bool:
        return any(name.startswith(CLAIMED) for name in self._relation.operands())

    def _conditions(self) -> Iterator[str]:
        rule, relation = self._rule, self._relation
        if rule.column is not None and self._sheet == "requests":
            yield f"w.applicant = '{rule.column}'"
        if rule.publisher_kinds:
            yield f"r.publisher_kind IN ({_quoted(rule.publisher_kinds)})"
        if rule.scope:
            yield f"r.scope = '{rule.scope}'"
        if self._sheet == ROWS:
            yield "NOT starts_with(w.metric, 'local.')"
        yield from (f"{column_of(name)} IS NOT NULL" for name in self._needed())
        yield from (f"{column_of(name)} IS NULL" for name in relation.unless)
        yield from (self._holds(formula, strict=True) for formula in relation.when)
        if self._looks_back():
            # Another form does not ask for it; in the same form a blank can't be assessed.
            before = [term.operand for term in self._terms if term.operand.startswith(PREVIOUS)]
            yield f"b.form IN ({_quoted(rule.previous_forms)}) OR {_any_stated(before)}"
        if not self._reads_prose():
            yield " OR ".join(f"{name} IS NOT NULL" for name in dict.fromkeys(self._own()))
        yield from (f"NOT {self._holds(formula, strict=False)}" for formula in relation.formulas)

    def _needed(self) -> Iterator[str]:
        """The figures without which the relation does not apply; what prose does not state it can't break."""
        claimed = (
            term.operand for term in self._terms if term.operand.startswith(CLAIMED) and not term.optional
        )
        yield from dict.fromkeys((*self._relation.needs, *claimed))

    def _own(self) -> Iterator[str]:
        """The columns of the sheet's own line that the formula adds up."""
        for term in self._terms:
            for operand in (term.operand, *self._parts(term)):
                if not operand.startswith((PREVIOUS, CLAIMED)):
                    yield column_of(operand)

    def _parts(self, term: Term) -> tuple[str, ...]:
        split = self._splits.get(term.operand) if self._sheet == "requests" else None
        return tuple(part.operand for part in split.parts) if split else ()

    def _blank(self) -> Iterator[str]:
        """For each figure that may be missing: its name where it is."""
        for term in self._terms:
            if term.optional:
                continue
            own = f"{column_of(term.operand)} IS NULL"
            parts = self._parts(term)
            if not parts:
                yield f"CASE WHEN {own} THEN '{term.operand}' END"
                continue
            yield f"CASE WHEN {own} AND NOT ({_any_stated(parts)}) THEN '{term.operand}' END"
            for part in parts:
                missing = f"{own} AND ({_any_stated(parts)}) AND {column_of(part)} IS NULL"
                yield f"CASE WHEN {missing} THEN '{part}' END"

    def _split(self) -> Iterator[str]:
        for term in self._terms:
            parts = self._parts(term)
            if parts:
                own = f"{column_of(term.operand)} IS NULL"
                yield f"CASE WHEN {own} AND ({_any_stated(parts)}) THEN '{term.operand}' END"

    def _holds(self, formula: Formula, *, strict: bool) -> str:
        """Whether a formula holds: ``strict`` is never so where a figure is missing, else that is zero."""
        added = self._strict if strict else self._filled
        difference = f"{added(formula.stated)} - {added(formula.expected)}"
        return f"(round({difference}, {_DECIMALS}) {formula.comparison} 0)"

    def _filled(self, side: Sum) -> str:
        return _added(side, self._or_zero)

    def _strict(self, side: Sum) -> str:
        return _added(side, lambda term: self._or_zero(term) if term.optional else self._exactly(term))

    def _or_zero(self, term: Term) -> str:
        parts = self._parts(term)
        instead = " + ".join(f"coalesce({column_of(part)}, 0)" for part in parts) or "0"
        return f"coalesce({column_of(term.operand)}, {instead})"

    def _exactly(self, term: Term) -> str:
        parts = self._parts(term)
        if not parts:
            return column_of(term.operand)
        return f"coalesce({column_of(term.operand)}, {' + '.join(map(column_of, parts))})"


def _added(side: Sum, column: Callable[[Term], str]) -> str:
    signed = (f"{'-' if term.sign < 0 else '+'} {column(term)}" for term in side.terms)
    return f"({side.constant} {' '.join(signed)})"


def _list(columns: Iterator[str]) -> str:
    """A list of what is not null among ``columns``."""
    listed = ", ".join(columns)
    return f"list_filter([{listed}]::VARCHAR[], lambda x: x IS NOT NULL)" if listed else "[]::VARCHAR[]"


def _any_stated(operands: Iterable[str]) -> str:
    return " OR ".join(f"{column_of(operand)} IS NOT NULL" for operand in operands)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
