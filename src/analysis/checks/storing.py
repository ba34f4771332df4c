"""Keeps what the rules found in the tables ``finding``, ``suggestion`` and ``unassessed``."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from analysis.checks.evaluation import evaluated, findings_bit_by_bit
from analysis.checks.finding import Finding
from analysis.checks.formula import CLAIMED, PREVIOUS
from analysis.checks.localisation.renewing import looked_at, renew_suggestions
from analysis.checks.localisation.suggest import localised_rules
from analysis.checks.rules import FORMULA, catalogue
from analysis.checks.sheets import STATUTORY
from analysis.spreading import Spread, here

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


# The reports in which a relation that must hold fails.
_SUSPECTS = """
    SELECT DISTINCT report_id FROM found
    WHERE severity = 'error' AND rule IN (SELECT unnest($rules)) ORDER BY report_id
"""
# A finding takes the changes of every explanation that changes one of its cells; what a rule proposes itself
# stays. What people decided about it stays as well.
_RENEWED = """
    CREATE OR REPLACE TEMP TABLE renewed AS
    WITH broken AS (
        SELECT finding_id, unnest(cells, recursive := true), generate_subscripts(cells, 1) AS position
        FROM found
        WHERE severity = 'error' AND rule IN (SELECT unnest($rules)) AND suggestion = []
    ),
    -- Of explanations of two years with one number that of the later cell counts.
    about AS (
        SELECT finding_id, report_id, explanation_no
        FROM broken JOIN suggestion USING (report_id, "table", metric, applicant)
        QUALIFY row_number() OVER (PARTITION BY finding_id, explanation_no ORDER BY position DESC) = 1
    ),
    mended AS (
        SELECT finding_id, list({
            'metric': metric, 'applicant': applicant, 'from': "from", 'to': "to",
            'explanation': explanation_no
        } ORDER BY explanation_no, metric, applicant) AS suggestion
        FROM about JOIN suggestion USING (report_id, explanation_no) GROUP BY finding_id
    )
    SELECT found.* REPLACE (
        coalesce(mended.suggestion, found.suggestion) AS suggestion,
        coalesce(finding.status, found.status) AS status
    )
    FROM found LEFT JOIN mended USING (finding_id) LEFT JOIN finding USING (finding_id)
"""
# What is the same is left alone: to write it again takes longer than to work it out.
_REPLACE = """
    CREATE OR REPLACE TEMP TABLE changed AS FROM renewed EXCEPT FROM finding;
    DELETE FROM finding WHERE finding_id IN (SELECT finding_id FROM changed)
        OR finding_id NOT IN (SELECT finding_id FROM renewed);
    INSERT INTO finding FROM changed;
    DROP TABLE changed;
"""


def record_findings(
    connection: duckdb.DuckDBPyConnection,
    times: MutableMapping[str, float] | None = None,
    spread: Spread = here,
) -> int:
    """Evaluates the shipped rules and replaces what is stored; returns how many findings there are.

    A finding that was there before keeps its status. What would mend a report is worked out again only
    where its figures, last year's or the rules changed, wherever ``spread`` has it done. ``times`` takes
    the seconds of each kind of rule.
    """
    try:
        with evaluated(connection, times=times), _asking_rules(connection):
            connection.execute("CREATE OR REPLACE TEMP TABLE found AS FROM finding LIMIT 0")
            for some in findings_bit_by_bit(connection):
                _insert(connection, some)
            suspects = connection.execute(_SUSPECTS, {"rules": sorted(localised_rules())}).fetchall()
            with looked_at(connection, [report_id for (report_id,) in suspects], spread):
                _replace(connection)
        (count,) = connection.execute("SELECT count(*) FROM found").fetchone() or (0,)
    finally:
        for name in ("found", "renewed"):
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    return int(count)


def _insert(connection: duckdb.DuckDBPyConnection, some: Sequence[Finding]) -> None:
    connection.register("taken", _finding_table(some))
    try:
        connection.execute("INSERT INTO found BY NAME FROM taken")
    finally:
        connection.unregister("taken")


def _replace(connection: duckdb.DuckDBPyConnection) -> None:
    """Puts what was found into the place of what was stored, all at once."""
    connection.execute("BEGIN")
    try:
        renew_suggestions(connection)
        connection.execute(_RENEWED, {"rules": sorted(localised_rules())})
        connection.execute(_REPLACE)
        connection.execute("DELETE FROM unassessed")
        connection.execute(_UNASSESSED)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


@contextmanager
def _asking_rules(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.register("asking", _asking())
    try:
        yield
    finally:
        connection.unregister("asking")


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
