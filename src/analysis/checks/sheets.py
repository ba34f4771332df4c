"""The reports laid out as sheets: one line for each report and column, one column for each metric.

A formula is then an expression over a line, and a rule a scan of a few columns of all reports. Sheets are
temporary tables of the connection; :func:`laid_out` takes them away again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

import duckdb

from analysis.checks.formula import CLAIMED, PREVIOUS
from analysis.checks.rules import FORMULA, Catalogue, PrintedSum, Relation, Rule

CLAIMS = "claims"
ROWS = "requests_rows"
STATUTORY = ("requests", "cases", "proactive", "statistics")
PRINTS = "prints"
_COMMON = ("body", "chain", "said")
# The same figures in the same cells give the same print; what is printed blank counts as well.
_PRINTS = """
    SELECT report_id, sum(hash("table", metric, applicant, value)) AS print, count(value) AS figures,
           count_if(value <> 0) AS nonzero,
           count(DISTINCT value) FILTER (value > 1 AND applicant IN ('', 'total')) AS varied
    FROM fact WHERE NOT starts_with(metric, 'local.') GROUP BY report_id
"""


@contextmanager
def laid_out(
    connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, chosen: Sequence[Rule]
) -> Iterator[None]:
    """Makes the sheets that the ``chosen`` rules need, and drops them at the end."""
    made = list(_COMMON)
    try:
        connection.execute((files(__package__) / "sheets.sql").read_text(encoding="utf-8"))
        for name, statement in _sheets(connection, catalogue, chosen):
            made.append(name)
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {statement}")
        yield
    finally:
        for name in made:
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _sheets(
    connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, chosen: Sequence[Rule]
) -> Iterator[tuple[str, str]]:
    """The sheets, each with its query."""
    wanted = set(_wanted(chosen))
    for table in STATUTORY:
        if table in wanted:
            yield f"sheet_{table}", _sheet(table, metrics_of(connection, table), catalogue.printed_sums)
    if ROWS in wanted:
        yield f"sheet_{ROWS}", _rows(connection)
    if PRINTS in wanted:
        yield f"sheet_{PRINTS}", _PRINTS
    if CLAIMS in wanted:
        yield f"sheet_{CLAIMS}", _claims(sorted(set(_claimed(chosen))))


def _wanted(chosen: Iterable[Rule]) -> Iterator[str]:
    """Which sheets the rules look at; a kind of its own at those that its query names."""
    for rule in chosen:
        if rule.kind != FORMULA:
            query = kind_query(rule.kind)
            yield from (name for name in (*STATUTORY, ROWS, PRINTS) if f"sheet_{name}" in query)
        for relation in rule.relations:
            yield sheet_of(rule, relation)
    if any(True for _ in _claimed(chosen)):
        yield CLAIMS


def sheet_of(rule: Rule, relation: Relation) -> str:
    """The sheet that a relation is worked out on."""
    return ROWS if rule.each == "metric" else relation.table


@cache
def kind_query(kind: str) -> str:
    """The query of a kind of rule."""
    return (files(__package__) / "kinds" / f"{kind}.sql").read_text(encoding="utf-8")


def metrics_of(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """The metrics of a statutory table in all forms."""
    rows = connection.execute(
        'SELECT DISTINCT metric FROM metric WHERE "table" = $1 ORDER BY metric', [table]
    ).fetchall()
    return [metric for (metric,) in rows]


def _claimed(chosen: Iterable[Rule]) -> Iterator[str]:
    """The metrics that formulas take from the prose."""
    for rule in chosen:
        for relation in rule.relations:
            prefix = "" if relation.table == CLAIMS else CLAIMED
            for operand in (*relation.operands(), *relation.needs):
                if operand.startswith(prefix):
                    yield operand.removeprefix(prefix)


def _column(condition: str, name: str) -> str:
    # Half as costly as an aggregate with a FILTER, of which a sheet would have dozens.
    return f"max(CASE WHEN {condition} THEN value END) AS {name}"


def _sheet(table: str, metrics: Sequence[str], printed: Sequence[PrintedSum]) -> str:
    columns = [_column(f"metric = '{metric}'", metric) for metric in metrics]
    columns += [
        _column(f"metric LIKE 'local.%{entry.label}'", entry.metric)
        for entry in printed
        if entry.table == table
    ]
    return f"""
        SELECT report_id, applicant, {", ".join(columns)} FROM fact
        WHERE "table" = '{table}' AND (applicant = '' OR applicant IN (SELECT applicant FROM applicant))
        GROUP BY report_id, applicant
    """  # noqa: S608 - every name comes from the catalogue


def _rows(connection: duckdb.DuckDBPyConnection) -> str:
    applicants = [name for (name,) in connection.execute("SELECT applicant FROM applicant").fetchall()]
    columns = (_column(f"applicant = '{name}'", name) for name in applicants)
    return f"""
        SELECT report_id, metric, {", ".join(columns)} FROM fact WHERE "table" = 'requests'
        GROUP BY report_id, metric
    """  # noqa: S608 - every name comes from the catalogue


def _claims(metrics: Sequence[str]) -> str:
    """What the prose states of each scope: exactly, and only once or always alike."""
    columns = (_column(f"metric = '{metric}'", metric) for metric in metrics)
    return f"""
        SELECT report_id, scope, '' AS applicant, {", ".join(columns)}
        FROM (
            SELECT report_id, scope, metric, max(value) AS value FROM said WHERE exact
            GROUP BY report_id, scope, metric HAVING min(value) = max(value)
        ) GROUP BY report_id, scope
    """  # noqa: S608 - every name comes from the rules


def column_of(operand: str) -> str:
    """Where an operand stands: w is the sheet's own line, p last year's, c the claims'."""
    if operand.startswith(PREVIOUS):
        return f"p.{operand.removeprefix(PREVIOUS)}"
    if operand.startswith(CLAIMED):
        return f"c.{operand.removeprefix(CLAIMED)}"
    return f"w.{operand}"
