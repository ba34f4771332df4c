"""What checking costs: all rules on a report of every county and year.

It makes 2,778 counties' reports of 2008 to 2025 that contradict nothing, straight into the tables of the
database; whatever is found there is a false alarm, and the benchmark ends with 1. Then it measures what each
kind of rule takes with two threads and 1 GB.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from benchmarks.results import keep, options

from analysis.checks import record_findings, rules
from consistent_series import Cells, Series, form_of_year, prose_of
from scraper.forms import catalogue
from scraper.store import open_database

COUNTIES = 2778
YEARS = range(2008, 2026)
THREADS, MEMORY = 2, "1GB"


def main() -> int:
    """Makes the reports, checks them, keeps what it took; 1 where anything was found."""
    arguments = options(__doc__)
    arguments.add_argument("--counties", type=int, default=COUNTIES)
    given = arguments.parse_args()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "reports.duckdb"
        with open_database(path) as connection:
            make_reports(connection, given.counties)
        with open_database(path) as connection:
            connection.execute(f"SET threads = {THREADS}; SET memory_limit = '{MEMORY}'")
            figures = measure(connection)
    keep("checking", {"counties": given.counties, **figures}, given.results)
    return 1 if figures["findings"] else 0


def make_reports(connection: duckdb.DuckDBPyConnection, counties: int) -> None:
    """Reports of every county and year that no rule can find fault with, the same on every run."""
    series = Series(counties, seed=2025)
    for year in YEARS:
        cells = series.year(year)
        names = [f"{county:05}-{year}" for county in range(counties)]
        _insert(connection, "report", _reports(names, year))
        if cells:
            # Reports come one after the other, each with all its cells.
            _insert(connection, "fact", pa.concat_tables(_facts(names, year, cells)), "ORDER BY report_id")
        prose = prose_of(names, year, cells, series.disclosed)
        _insert(connection, "claim", prose.claims)
        _insert(connection, "report_text", prose.paragraphs)
    connection.execute("CHECKPOINT")


def measure(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Evaluates all rules, and stores what they find."""
    counted = connection.execute(
        "SELECT (SELECT count(*) FROM report), (SELECT count(*) FROM fact), (SELECT count(*) FROM claim)"
    ).fetchone()
    times: dict[str, float] = {}
    started, worked = time.perf_counter(), time.process_time()
    found = record_findings(connection, times)
    took, work = time.perf_counter() - started, time.process_time() - worked
    alarms = connection.execute("SELECT rule, count(*), any_value(message) FROM finding GROUP BY rule")
    for line in alarms.fetchall():
        print(*line)
    return {
        **dict(zip(("reports", "cells", "claims"), counted or (0, 0, 0), strict=True)),
        "rules": len(rules()), "threads": THREADS, "memory": MEMORY, "findings": found,
        "kinds": dict(sorted(times.items(), key=lambda item: -item[1])),
        "seconds": took, "processor": work,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def _reports(names: list[str], year: int) -> pa.Table:
    count, form = len(names), form_of_year(year)
    places = [f"{county:05}" for county in range(count)]
    every = {
        "publisher_kind": "county_government", "scope": "whole", "form": form, "sha256": "", "warc_file": "",
    }  # fmt: skip
    return pa.table(
        {
            "report_id": names,
            "county_code": places,
            "publisher": [f"县{place}人民政府" for place in places],
            "year": pa.array([year] * count, pa.int32()),
            "title": [f"县{place}人民政府{year}年政府信息公开工作年度报告" for place in places],
            "period_start": [date(year, 1, 1)] * count,
            "period_end": [date(year, 12, 31)] * count,
            "published_on": [date(year + 1, 3, 20)] * count,
            "url": [f"http://www.xian{place}.gov.cn/{year}.html" for place in places],
            "captured_at": [datetime(2026, 11, 24, tzinfo=UTC).replace(tzinfo=None)] * count,
            "warc_offset": pa.array([0] * count, pa.int64()),
            "sample": [False] * count,
            **{name: [value] * count for name, value in every.items()},
        }
    )


def _facts(names: list[str], year: int, cells: Cells) -> Iterator[pa.Table]:
    """The facts of a year's reports, those of one metric and applicant after the other."""
    tables = {
        entry.metric: (entry.table, entry.unit)
        for entry in catalogue.metrics()
        if entry.form == form_of_year(year)
    }
    count = len(names)
    for number, ((metric, applicant), values) in enumerate(cells.items()):
        table, unit = tables[metric]
        written = [f"{value:g}" if value % 1 else str(int(value)) for value in values.tolist()]
        column = {"metric": metric, "applicant": applicant, "unit": _unit(metric, unit), "table": table}
        places = {"table_no": 0, "row": number, "col": 0}
        yield pa.table(
            {
                "report_id": names,
                "value": pa.array(values, pa.float64()),
                "raw": written,
                **{name: [value] * count for name, value in column.items()},
                **{name: pa.array([value] * count, pa.int32()) for name, value in places.items()},
            }
        )


def _unit(metric: str, unit: str) -> str:
    return "万元" if metric == "procurement_amount" else unit


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table, order: str = "") -> None:
    connection.register("incoming", rows)
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming {order}")  # noqa: S608
    connection.unregister("incoming")


if __name__ == "__main__":
    sys.exit(main())
