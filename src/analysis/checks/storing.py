"""Keeps what the rules found in the tables ``finding``, ``suggestion`` and ``unassessed``."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence

import duckdb
import pyarrow as pa

from analysis.checks.evaluation import evaluated, findings_in
from analysis.checks.finding import Finding
from analysis.checks.formula import CLAIMED, PREVIOUS
from analysis.checks.localisation.suggest import store, with_suggestions
from analysis.checks.rules import FORMULA, catalogue
from analysis.checks.sheets import STATUTORY

_CELL = pa.struct([(name, pa.string()) for name in ("report_id", "table", "metric", "applicant")])
_QUOTE = pa.struct(
    [
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("sentence", pa.string()),
        ("start_at", pa.int32()),
        ("end_at", pa.int32()),
    ]
)
_CHANGE = pa.struct(
    [
        ("metric", pa.string()),
        ("applicant", pa.string()),
        ("from", pa.float64()),
        ("to", pa.float64()),
        ("explanation", pa.int32()),
    ]
)
_FINDING = pa.schema(
    [
        *((name, pa.string()) for name in ("finding_id", "report_id", "rule", "relation", "place")),
        *((name, pa.string()) for name in ("severity", "applicant")),
        ("metrics", pa.list_(pa.string())),
        ("applicants", pa.list_(pa.string())),
        ("expected", pa.float64()),
        ("actual", pa.float64()),
        ("message", pa.string()),
        ("message_zh", pa.string()),
        ("cells", pa.list_(_CELL)),
        ("quotes", pa.list_(_QUOTE)),
        ("suggestion", pa.list_(_CHANGE)),
        ("status", pa.string()),
    ]
)
# A form asks for a table that the report does not print: what is asked of it can't be assessed. A report
# without any table is judged by the form of its year.
_MISSING_TABLES = """
    SELECT r.report_id, a.rule, '' AS relation, '' AS place, NULL AS applicant, 'table_missing' AS reason,
           []::VARCHAR[] AS blanks
    FROM report r JOIN asking a
      ON a.form = CASE WHEN r.form <> 'narrative' THEN r.form WHEN r.year >= 2021 THEN '2021'
                  WHEN r.year >= 2019 THEN '2019' END
    ANTI JOIN (SELECT DISTINCT report_id, "table" FROM fact) f
      ON f.report_id = r.report_id AND f."table" = a."table"
"""
_UNASSESSED = f"""
    INSERT INTO unassessed BY NAME
    SELECT report_id, rule, relation, place, nullif(applicant, '') AS applicant, 'blank' AS reason, blanks
    FROM outcome WHERE len(blanks) > 0
    UNION ALL BY NAME {_MISSING_TABLES}
"""  # noqa: S608


def record_findings(
    connection: duckdb.DuckDBPyConnection, times: MutableMapping[str, float] | None = None
) -> int:
    """Evaluates the shipped rules and replaces what is stored; returns how many findings there are.

    A finding that was there before keeps its status. ``times`` takes the seconds of each kind of rule.
    """
    with evaluated(connection, times=times):
        found, proposed = with_suggestions(connection, findings_in(connection))
        connection.register("found", _finding_table(found))
        connection.register("asking", _asking())
        connection.execute("BEGIN")
        try:
            _replace_findings(connection)
            connection.execute("DELETE FROM unassessed")
            connection.execute(_UNASSESSED)
            store(connection, proposed)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        finally:
            connection.unregister("found")
            connection.unregister("asking")
    return len(found)


def _replace_findings(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE renewed AS"
        " SELECT found.* EXCLUDE status, coalesce(finding.status, found.status) AS status"
        " FROM found LEFT JOIN finding USING (finding_id)"
    )
    connection.execute("DELETE FROM finding WHERE finding_id NOT IN (SELECT finding_id FROM found)")
    connection.execute("INSERT OR REPLACE INTO finding BY NAME SELECT * FROM renewed")
    connection.execute("DROP TABLE renewed")


def _asking() -> pa.Table:
    """Which rules for every publisher look at which tables of which forms."""
    rows = {
        (rule.rule, relation.table, form)
        for rule in catalogue().rules
        if rule.kind == FORMULA and not rule.publisher_kinds and not rule.scope
        for relation in rule.relations
        if relation.table in STATUTORY
        and not any(name.startswith((CLAIMED, PREVIOUS)) for name in relation.operands())
        for form in rule.forms
    }
    return pa.Table.from_pylist([dict(zip(("rule", "table", "form"), row, strict=True)) for row in rows])


def _finding_table(found: Sequence[Finding]) -> pa.Table:
    return pa.Table.from_pylist(list(_finding_rows(found)), schema=_FINDING)


def _finding_rows(found: Sequence[Finding]) -> Iterator[dict[str, object]]:
    for one in found:
        plain = {name: getattr(one, name) for name in _FINDING.names if hasattr(one, name)}
        yield plain | {
            "message": one.message["en"],
            "message_zh": one.message["zh"],
            "cells": [dict(zip(_names(_CELL), cell, strict=True)) for cell in one.cells],
            "quotes": [dict(zip(_names(_QUOTE), quote, strict=True)) for quote in one.quotes],
            "suggestion": [dict(zip(_names(_CHANGE), change, strict=True)) for change in one.suggestion],
            "status": "open",
        }


def _names(struct: pa.StructType) -> list[str]:
    return [field.name for field in struct]
