"""What is worked out without a database: the same in this process and in others."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from typing import Any

import duckdb
import pytest

from analysis.checks import record_findings
from analysis.checks.reuse import record_reuse
from analysis.spreading import Spread, here
from nianbao.spreading import OverEngine
from scraper.engine import Pool
from scraper.store import open_database

PARAGRAPH = (
    "县政府办把第{}号栏目交给{}个科室轮流值守，每天上午核对链接，下午登记读者来信，逾期不办的{}在周会上点名。"
)
COUNTIES, YEARS = 6, range(2019, 2023)


@contextmanager
def contradicting_reports() -> Iterator[duckdb.DuckDBPyConnection]:
    """Reports that take text from each other, and whose tables contradict themselves."""
    with open_database(None) as connection:
        for number in range(COUNTIES * len(YEARS)):
            county, year = number % COUNTIES, YEARS[number // COUNTIES]
            connection.execute(
                "INSERT INTO report BY NAME SELECT $1 AS report_id, $2 AS county_code,"
                " $2 || '县' AS publisher, 'county_government' AS publisher_kind, $3::INTEGER AS year,"
                " 'own' AS scope, '2021' AS form,"
                " '' AS url, TIMESTAMP '2023-01-01' AS captured_at, '' AS sha256, '' AS warc_file,"
                " 0 AS warc_offset, true AS sample",
                [f"r{number}", f"99010{county}", year],
            )
            lines = [
                PARAGRAPH.format("甲乙丙丁戊己"[line % 6] * line, year, number) for line in range(county, 12)
            ]
            connection.executemany(
                "INSERT INTO report_text VALUES ($1, $2, $3)",
                [[f"r{number}", place, line] for place, line in enumerate(lines)],
            )
            cells = {"review_upheld": 12 + number, "review_corrected": 14, "review_total": 40}
            cells |= {"review_other": 0, "review_pending": 0}
            connection.executemany(
                "INSERT INTO fact VALUES ($1, $2, '', $3, '', '', 'cases', 0, 0, 0, NULL)",
                [[f"r{number}", metric, value] for metric, value in cells.items()],
            )
        yield connection


def recorded(spread: Spread) -> dict[str, list[tuple[Any, ...]]]:
    """What the checks keep of the reports."""
    with contradicting_reports() as connection:
        record_reuse(connection, spread)
        record_findings(connection, spread=spread)
        tables = ("reuse", "reuse_sketch", "finding", "suggestion", "localised")
        return {table: sorted(connection.execute(f"FROM {table}").fetchall(), key=repr) for table in tables}


def test_the_checks_keep_the_same_whoever_does_the_work() -> None:
    alone = recorded(here)
    assert all(alone.values())
    assert recorded(OverEngine(Pool(2))) == alone


def _ends_others(number: int) -> int:
    if parent_process():
        os._exit(1)
    return 2 * number


def test_what_ends_its_process_is_done_in_this_one() -> None:
    assert list(OverEngine(Pool(2))(_ends_others, range(3))) == [0, 2, 4]


def test_what_the_work_raises_is_raised_here() -> None:
    with pytest.raises(ZeroDivisionError):
        list(OverEngine(Pool(2))(_divided, range(3)))


def _divided(number: int) -> float:
    return 1 / number
