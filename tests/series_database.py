"""Small databases for comparisons: counties, reports, and what they state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from scraper.store import open_database

# What a report states: by metric a figure, or figures by applicant. None is a blank cell.
Figures = Mapping[str, "float | Mapping[str, float | None] | None"]

COUNTIES = [
    # code, name, prefecture, province, pinyin, until, current code
    ("110001", "甲县", "东市", "北省", "jiaxian", None, "110001"),
    ("110002", "乙县", "东市", "北省", "yixian", None, "110002"),
    ("110003", "丙区", "东市", "北省", "bingqu", None, "110003"),
    ("110101", "丁县", "西市", "北省", "dingxian", None, "110101"),
    ("120001", "戊县", "南市", "南省", "wuxian", None, "120001"),
    ("120002", "甲县", "南市", "南省", "jiaxian", None, "120002"),
    ("120003", "己县", "南市", "南省", "jixian", 2015, "120003"),
]


def form_of(year: int) -> str:
    """The form that a report of ``year`` should have."""
    starts = {2008: "narrative", 2014: "2014", 2019: "2019", 2021: "2021"}
    return starts[max(start for start in starts if start <= year)]


@dataclass(frozen=True)
class Stated:
    """A report of the county ``code`` for ``year`` and its figures."""

    code: str
    year: int
    figures: Figures = field(default_factory=dict)
    kind: str = "county_government"
    scope: str | None = "whole"
    form: str = ""
    publisher: str = ""

    @property
    def report_id(self) -> str:
        return f"{self.code}-{self.year}-{self.kind}{self.publisher}"


@contextmanager
def database(reports: Sequence[Stated]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that holds ``COUNTIES`` and ``reports``."""
    with open_database(None) as connection:
        for code, name, prefecture, province, pinyin, until, current in COUNTIES:
            connection.execute(
                "INSERT INTO county BY NAME SELECT $1 AS code, $2 AS name, $3 AS prefecture, $4 AS province,"
                " $5 AS pinyin, $6 AS until, [] AS successors, [] AS other_names, $7 AS current_code",
                [code, name, prefecture, province, pinyin, until, current],
            )
        for report in reports:
            _insert(connection, report)
        yield connection


def _insert(connection: duckdb.DuckDBPyConnection, report: Stated) -> None:
    form = report.form or form_of(report.year)
    connection.execute(
        "INSERT INTO report BY NAME SELECT $1 AS report_id, $2 AS county_code, $3 AS publisher,"
        " $4 AS publisher_kind, $5 AS year, $6 AS form, $7 AS scope, 'http://' || $1 AS url,"
        " TIMESTAMP '2026-01-01' AS captured_at, '' AS sha256, '' AS warc_file, 0 AS warc_offset,"
        " true AS sample",
        [
            report.report_id,
            report.code,
            report.publisher or f"{report.code}人民政府",
            report.kind,
            report.year,
            form,
            report.scope,
        ],
    )
    rows = [
        (report.report_id, metric, applicant, value, _table(connection, metric, form))
        for metric, figures in report.figures.items()
        for applicant, value in (
            figures if isinstance(figures, Mapping) else {_column(connection, metric, form): figures}
        ).items()
    ]
    if rows:
        connection.executemany(
            "INSERT INTO fact BY NAME SELECT $1 AS report_id, $2 AS metric, $3 AS applicant, $4 AS value,"
            " coalesce(CAST($4 AS VARCHAR), '') AS raw, '' AS unit, $5 AS \"table\", 0 AS table_no,"
            ' 0 AS "row", 0 AS col',
            rows,
        )


def _table(connection: duckdb.DuckDBPyConnection, metric: str, form: str) -> str:
    row = connection.execute(
        'SELECT "table" FROM metric WHERE metric = $1 AND form = $2', [metric, form]
    ).fetchone()
    assert row is not None, f"{metric} is not in the {form} form"
    return str(row[0])


def _column(connection: duckdb.DuckDBPyConnection, metric: str, form: str) -> str:
    return "total" if _table(connection, metric, form) == "requests" else ""


def doubt(
    connection: duckdb.DuckDBPyConnection,
    report: Stated,
    metrics: Sequence[str],
    *,
    rule: str = "requests.balance",
    severity: str = "error",
    status: str = "open",
    applicants: Sequence[str] = ("total",),
) -> None:
    """Stores a finding about cells of ``report``."""
    columns = [
        (name, kind, nullable)
        for name, kind, nullable, *_ in connection.execute("DESCRIBE finding").fetchall()
    ]
    values = {
        "finding_id": f"{report.report_id}{rule}{metrics}",
        "report_id": report.report_id,
        "rule": rule,
        "severity": severity,
        "metrics": list(metrics),
        "applicants": list(applicants),
        "cells": [
            {"report_id": report.report_id, "table": "requests", "metric": metric, "applicant": applicant}
            for metric in metrics
            for applicant in applicants
        ],
        "status": status,
    }
    # Columns that matter to the checks alone are left empty.
    for name, kind, nullable in columns:
        if name not in values and nullable == "NO":
            values[name] = [] if kind.endswith("[]") else ""
    names = ", ".join(values)
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    connection.execute(f"INSERT INTO finding ({names}) VALUES ({places})", list(values.values()))
