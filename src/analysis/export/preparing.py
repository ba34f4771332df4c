"""What the queries of ``tables.toml`` use besides the tables of the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from analysis.checks import rules
from analysis.series.comparability import breaks, doubt, links
from analysis.series.expression import Operation, as_text
from analysis.series.figures_query import FiguresQuery
from analysis.series.lines import Choice, chosen_lines
from analysis.series.measures import measures
from analysis.series.quantities import Quantity, find_quantity

_SEPARATOR = "; "
_TOTAL = "total"

_DOUBTED_CELL = """
    CREATE TEMP TABLE doubted_cell AS
    SELECT DISTINCT cell.report_id AS report_id, cell."table" AS "table", cell.metric AS metric,
           coalesce(cell.applicant, '') AS applicant
    FROM (SELECT unnest(cells) AS cell FROM finding
          WHERE list_contains($statuses, status) AND severity <> 'notice')
"""
_DOUBTED_REPORT = """
    CREATE TEMP TABLE doubted_report AS
    SELECT DISTINCT report_id FROM finding
    WHERE list_contains($statuses, status) AND severity <> 'notice'
      AND exists(FROM (SELECT unnest($rules) AS pattern) WHERE rule GLOB pattern)
"""
_SHARED = """
    SELECT metric FROM metric GROUP BY metric HAVING count(DISTINCT "table" = 'statistics') > 1
"""
# As analysis.series.figures says: why a figure is missing, and when blanks count as zeros.
_MEASURED = """
    SELECT report_id, '{measure}' AS measure,
           CASE WHEN filled_counts THEN filled_value ELSE plain_value END AS value,
           CASE WHEN filled_counts THEN filled_base ELSE plain_base END AS denominator,
           CASE WHEN filled_counts THEN filled_missing ELSE plain_missing END AS missing,
           coalesce(filled_counts, false) AS assumed,
           report_id IN (FROM doubted_report) OR EXISTS (
               FROM doubted_measure d WHERE d.report_id = told.report_id AND d.measure = '{measure}'
           ) AS doubtful
    FROM (
        SELECT *, plain_missing = 'blank' AND (filled_value IS NOT NULL OR filled_missing <> 'blank')
                  AS filled_counts
        FROM (
            SELECT report.report_id,
                   plain.value_{n} AS plain_value, plain.base_{n} AS plain_base,
                   filled.value_{n} AS filled_value, filled.base_{n} AS filled_base,
                   {plain_missing} AS plain_missing, {filled_missing} AS filled_missing
            FROM report
            LEFT JOIN plain ON plain.place = report.rowid
            LEFT JOIN filled ON filled.place = report.rowid
        )
    ) told
"""
_MISSING = """
    CASE WHEN {t}.value_{n} IS NOT NULL THEN NULL
         WHEN form = 'narrative' THEN 'narrative'
         WHEN {t}.base_{n} = 0 THEN 'of_none'
         WHEN form IN ({forms}) THEN CASE WHEN {t}.seen_{n} THEN 'blank' ELSE 'not_printed' END
         WHEN form IN ({barred}) THEN 'weak_only'
         ELSE 'not_in_form' END
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the temporary tables: reports that stand for counties, doubts, measures, and the catalogues."""
    _keep(connection, "standing", _standing(connection))
    given = {"statuses": doubt("statuses")}
    connection.execute(_DOUBTED_CELL, given)
    connection.execute(_DOUBTED_REPORT, {**given, "rules": doubt("whole_report")})
    _measure(connection)
    _keep(connection, "measure_catalogue", _measures())
    _keep(connection, "join_catalogue", _joins())
    _keep(connection, "break_catalogue", _breaks())
    _keep(connection, "rule_catalogue", _rules())


def _keep(connection: duckdb.DuckDBPyConnection, name: str, lines: Iterable[Mapping[str, Any]]) -> None:
    rows = list(lines)
    names = list(rows[0]) if rows else ["report_id", "current_code", "year"]
    columns = {column: [row[column] for row in rows] for column in names}
    connection.register("incoming", pa.table(columns))
    connection.execute(f"CREATE TEMP TABLE {name} AS FROM incoming")
    connection.unregister("incoming")


def _standing(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    for line in chosen_lines(connection, Choice()):
        yield {"report_id": line.report_id, "current_code": line.current_code, "year": line.year}


def _measure(connection: duckdb.DuckDBPyConnection) -> None:
    quantities = [find_quantity(connection, measure) for measure in measures()]
    shared = [metric for (metric,) in connection.execute(_SHARED).fetchall()]
    for name, filled in (("plain", False), ("filled", True)):
        query = FiguresQuery(quantities, _TOTAL, shared, filled=filled)
        connection.execute(f"CREATE TEMP TABLE {name} AS {query.text}")
    _keep(connection, "measure_cell", _cells(quantities))
    connection.execute(
        "CREATE TEMP TABLE doubted_measure AS SELECT DISTINCT report_id, measure"
        " FROM doubted_cell JOIN measure_cell USING (metric, applicant)"
    )
    parts = [_measured(number, quantity) for number, quantity in enumerate(quantities)]
    connection.execute(f"CREATE TEMP TABLE measured AS {' UNION ALL '.join(parts)}")


def _measured(number: int, quantity: Quantity) -> str:
    texts = {
        "forms": _texts(quantity.forms),
        "barred": _texts(quantity.barred),
        "n": number,
    }
    return _MEASURED.format(
        measure=quantity.quantity_id,
        n=number,
        plain_missing=_MISSING.format(t="plain", **texts),
        filled_missing=_MISSING.format(t="filled", **texts),
    )


def _texts(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values)) or "''"


def _cells(quantities: Sequence[Quantity]) -> Iterator[dict[str, Any]]:
    """The cells that a doubt about a measure may come from."""
    for quantity in quantities:
        columns = {operand.applicant or _TOTAL for operand in quantity.operands}
        for metric in sorted(quantity.cells):
            for applicant in sorted(columns | {""} if _TOTAL in columns else columns):
                yield {"measure": quantity.quantity_id, "metric": metric, "applicant": applicant}


def _measures() -> Iterator[dict[str, Any]]:
    for measure in measures().values():
        yield {
            "measure": measure.measure_id,
            "label_zh": measure.label["zh"],
            "label_en": measure.label["en"],
            "unit": measure.unit,
            "expression": as_text(Operation("/", measure.numerator, measure.denominator)),
            "definition_zh": measure.definition["zh"],
            "definition_en": measure.definition["en"],
            "source": measure.source,
        }


def _joins() -> Iterator[dict[str, Any]]:
    for metric, of_metric in links().items():
        for link in of_metric:
            yield {
                "metric": metric,
                "forms": _SEPARATOR.join(sorted(link.forms)),
                "figure": as_text(link.figure),
                "terms": link.terms,
                "wording_zh": link.wording["zh"],
                "wording_en": link.wording["en"],
                "source": link.source,
            }


def _breaks() -> Iterator[dict[str, Any]]:
    for one in breaks().values():
        yield {
            "break": one.break_id,
            "form": one.form or None,
            "years": _SEPARATOR.join(map(str, one.years)) or None,
            "metrics": _SEPARATOR.join(sorted(one.metrics)) or None,
            "kinds": _SEPARATOR.join(sorted(one.kinds)) or None,
            "severs": one.severs,
            "wording_zh": one.wording["zh"],
            "wording_en": one.wording["en"],
            "source": one.source,
        }


def _rules() -> Iterator[dict[str, Any]]:
    for rule in rules():
        formulas = [" ".join(relation.text.split()) for relation in rule.relations]
        yield {
            "rule": rule.rule,
            "severity": rule.severity,
            "forms": _SEPARATOR.join(rule.forms) or None,
            "holds_zh": rule.holds["zh"],
            "holds_en": rule.holds["en"],
            "formulas": _SEPARATOR.join(formulas) or None,
            "source": rule.source,
        }
