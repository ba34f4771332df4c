"""Evaluates the rules over a whole database at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.resources import files

import duckdb
import pyarrow as pa

from analysis.checks.finding import Finding, Labels, Outcome, finding_of
from analysis.checks.formula import CLAIMED, PREVIOUS
from analysis.checks.formula_sql import formula_queries
from analysis.checks.rules import FORMULA, Relation, Rule, catalogue
from analysis.checks.sheets import CLAIMS, kind_query, laid_out

_SUMS = "sums"
# Findings that are in memory at once.
_TOGETHER = 5000
_FAILURES = f"""
    CREATE OR REPLACE TEMP TABLE failure AS
    SELECT row_number() OVER (ORDER BY report_id, rule, relation, place) - 1 AS number,
           {", ".join(Outcome._fields)}
    FROM outcome WHERE len(blanks) = 0 ORDER BY number
"""  # noqa: S608 - every name comes from here
_SOME = "SELECT * EXCLUDE number FROM failure WHERE number BETWEEN $first AND $last ORDER BY number"
_WEIGHED = pa.schema(
    [(name, pa.string()) for name in ("rule", "relation", "table", "operand", "instead_of")]
    + [("by_row", pa.bool_()), ("terms", pa.int32()), ("weight", pa.int32())]
)


def evaluate(
    connection: duckdb.DuckDBPyConnection,
    chosen: Sequence[Rule] = (),
    times: MutableMapping[str, float] | None = None,
) -> list[Finding]:
    """Every failure of the ``chosen`` rules, by default all that ship, in all reports of the database.

    ``times`` takes the seconds that each kind of rule took.
    """
    with evaluated(connection, chosen, times):
        return findings_in(connection, chosen)


@contextmanager
def evaluated(
    connection: duckdb.DuckDBPyConnection,
    chosen: Sequence[Rule] = (),
    times: MutableMapping[str, float] | None = None,
) -> Iterator[None]:
    """Works out the rules; until it ends, the temporary table ``outcome`` holds what came of them."""
    rules = tuple(chosen) or catalogue().rules
    spent: MutableMapping[str, float] = {} if times is None else times
    try:
        connection.execute((files(__package__) / "outcome.sql").read_text(encoding="utf-8"))
        with ExitStack() as stack:
            with _clock(spent, "sheets"):
                stack.enter_context(laid_out(connection, catalogue(), rules))
            with _clock(spent, FORMULA):
                _evaluate_formulas(connection, rules)
                _quote(connection, rules)
            _evaluate_kinds(connection, rules, spent)
            _silence(connection, rules)
        yield
    finally:
        connection.execute("DROP TABLE IF EXISTS temp.outcome")


@contextmanager
def _clock(spent: MutableMapping[str, float], what: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    spent[what] = spent.get(what, 0.0) + time.perf_counter() - started


def _evaluate_formulas(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> None:
    for query in formula_queries(rules, catalogue().splits):
        connection.execute(f"INSERT INTO outcome BY NAME {query}")


def _quote(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> None:
    """Gives the failures that took figures from the prose the sentences that state them."""
    rows = [
        {"rule": rule.rule, "relation": relation.name, "metric": operand.removeprefix(CLAIMED)}
        for rule in rules
        for relation in rule.relations
        for operand in relation.operands()
        if operand.startswith(CLAIMED) or relation.table == CLAIMS
    ]
    if not rows:
        return
    connection.register("claimed", pa.Table.from_pylist(rows))
    try:
        connection.execute((files(__package__) / "quotes.sql").read_text(encoding="utf-8"))
    finally:
        connection.unregister("claimed")


def _evaluate_kinds(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule], spent: MutableMapping[str, float]
) -> None:
    own = [rule for rule in rules if rule.kind != FORMULA]
    try:
        if any(f"FROM {_SUMS}" in kind_query(rule.kind) for rule in own):
            with _clock(spent, _SUMS):
                _make_sums(connection, rules)
        for rule in own:
            with _clock(spent, rule.kind):
                connection.execute(_kind(rule), dict(rule.parameters))
    finally:
        connection.execute(f"DROP TABLE IF EXISTS temp.{_SUMS}")


def _kind(rule: Rule) -> str:
    """The query of a rule of its own kind, for the reports that the rule is for."""
    wanted = ["true"]
    if rule.publisher_kinds:
        wanted.append("publisher_kind IN (" + ", ".join(f"'{kind}'" for kind in rule.publisher_kinds) + ")")
    if rule.scope:
        wanted.append(f"scope = '{rule.scope}'")
    reports = f"SELECT report_id FROM report WHERE {' AND '.join(wanted)}"  # noqa: S608 - names of the rules
    within = f" WHERE report_id IN ({reports})" if len(wanted) > 1 else ""
    query = kind_query(rule.kind)
    return f"INSERT INTO outcome BY NAME SELECT '{rule.rule}' AS rule, * FROM ({query}){within}"  # noqa: S608


def _make_sums(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> None:
    """Makes the table ``sums``: the operands of the sums in reports where any fails, with their figures."""
    rows = [row for rule in rules for relation in rule.relations for row in _weighed(rule, relation)]
    connection.register("weighed", pa.Table.from_pylist(rows, schema=_WEIGHED))
    try:
        connection.execute((files(__package__) / "sums.sql").read_text(encoding="utf-8"))
    finally:
        connection.unregister("weighed")


def _weighed(rule: Rule, relation: Relation) -> Iterator[dict[str, object]]:
    """The weights of a sum's operands; there are none of a relation that is no sum of one table."""
    formula, by_row = relation.formula, rule.each == "metric"
    conditional = relation.when or relation.needs or relation.unless or len(relation.formulas) > 1
    elsewhere = any(name.startswith((CLAIMED, PREVIOUS)) for name in relation.operands())
    if formula.comparison != "=" or conditional or elsewhere or relation.table == CLAIMS:
        return
    base = {"rule": rule.rule, "relation": relation.name, "table": relation.table, "by_row": by_row}
    base["terms"] = len(formula.terms)
    for term, weight in formula.weighed():
        yield {**base, "operand": term.operand, "instead_of": None, "weight": weight}
        split = None if by_row else catalogue().splits.get(term.operand)
        for part in split.parts if split else ():
            yield {**base, "operand": part.operand, "instead_of": term.operand, "weight": weight * part.sign}


def _silence(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> None:
    for rule in rules:
        for silenced in rule.silences:
            connection.execute(
                "DELETE FROM outcome WHERE rule = $1 AND report_id IN"
                " (SELECT report_id FROM outcome WHERE rule = $2)",
                [silenced, rule.rule],
            )


def findings_in(connection: duckdb.DuckDBPyConnection, chosen: Sequence[Rule] = ()) -> list[Finding]:
    """The failures in the table ``outcome``, as findings."""
    return [one for some in findings_bit_by_bit(connection, chosen) for one in some]


def findings_bit_by_bit(
    connection: duckdb.DuckDBPyConnection, chosen: Sequence[Rule] = ()
) -> Iterator[list[Finding]]:
    """The same, no more of them at once than there is memory for whatever the number of reports."""
    by_id = {rule.rule: rule for rule in chosen or catalogue().rules}
    labels = Labels(connection)
    try:
        connection.execute(_FAILURES)
        first = 0
        while rows := connection.execute(_SOME, {"first": first, "last": first + _TOGETHER - 1}).fetchall():
            lines = map(Outcome._make, rows)
            yield [finding_of(line, by_id[line.rule], catalogue().splits, labels) for line in lines]
            first += _TOGETHER
    finally:
        connection.execute("DROP TABLE IF EXISTS temp.failure")
