"""What comparing costs: questions to a database of every county and year.

It takes the reports of ``benchmarks/checking.py``, gives them to the counties of the register, a third of
them as reports of an office, lays their facts down report by report as ``nianbao parse`` does, and doubts
some. Then it asks questions: the best of several runs in one process counts, and the processor time of that
run. It ends with 1 where a question takes longer than it should. ``--database FILE`` keeps the database,
or takes one that was kept.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.checking import COUNTIES, make_reports
from benchmarks.results import keep, options

from analysis import series
from analysis.database import open_for_reading
from analysis.series import Choice, Place, Question
from scraper.places import counties
from scraper.store import load_counties, open_database

LONGEST = 300
RUNS = 7
NINGXIA = Place("province", "宁夏回族自治区")
COUNTY = "同心县"
SPAN = tuple(range(2008, 2026))

# Every third county is given to its office, with its own figures alone. Some figures of one report in ten
# are doubtful.
_SETTLE = """
    CREATE TEMP TABLE place AS
    SELECT format('{:05}', row_number() OVER (ORDER BY code) - 1) AS number, code, name FROM county
    WHERE until IS NULL AND code = current_code;
    UPDATE report SET county_code = code, publisher = name || '人民政府'
    FROM place WHERE county_code = number;
    UPDATE report SET publisher_kind = 'county_office', scope = 'own', publisher = publisher || '办公室'
    WHERE hash(county_code) % 3 = 0;
    CREATE TEMP TABLE ordered AS SELECT * FROM fact ORDER BY report_id, "table", "row";
    TRUNCATE fact;
    INSERT INTO fact SELECT * FROM ordered;
    DROP TABLE ordered;
"""
_DOUBT = """
    INSERT INTO finding BY NAME
    SELECT report_id || '-balance' AS finding_id, report_id, 'requests.balance' AS rule, 'error' AS severity,
           'total' AS applicant, ['processed_total', 'carried_forward', 'requests_received'] AS metrics,
           ['total'] AS applicants, '' AS message, '' AS message_zh, 'open' AS status, {others}
    FROM report WHERE form <> 'narrative' AND hash(report_id) % 10 = 0
"""


def main() -> int:
    """Makes the database, asks the questions, keeps what they took; 1 where one took too long."""
    arguments = options(__doc__)
    arguments.add_argument("--counties", type=int, default=COUNTIES)
    arguments.add_argument("--database", type=Path)
    given = arguments.parse_args()
    with TemporaryDirectory() as folder:
        path: Path = given.database or Path(folder) / "reports.duckdb"
        if not path.exists():
            make_database(path, given.counties)
        with open_for_reading(path) as connection:
            figures = measure(connection)
    keep("series", figures, given.results)
    return 1 if any(one["ms"] > LONGEST for one in figures["questions"].values()) else 0


def make_database(path: Path, count: int) -> None:
    """Writes the database, of ``count`` counties."""
    with open_database(path) as connection:
        make_reports(connection, count)
        load_counties(connection, counties().values())
        connection.execute(_SETTLE)
        described = connection.execute("DESCRIBE finding").fetchall()
        filled = {*_DOUBT.replace("'", " ").split(), "finding_id", "report_id"}
        others = [
            f"{'[]' if kind.endswith('[]') else repr('')} AS {name}"
            for name, kind, nullable, *_ in described
            if nullable == "NO" and name not in filled and f"{name}," not in filled
        ]
        connection.execute(_DOUBT.format(others=", ".join(others) or "NULL AS expected"))
        connection.execute("CHECKPOINT")


def questions(connection: duckdb.DuckDBPyConnection) -> dict[str, Callable[[], int]]:
    """Questions, each of which gives the number of its records."""
    county = series.find_county(connection, COUNTY)

    def compare(*metrics: str, **asked: object) -> Callable[[], int]:
        question = Question(metrics, **asked)  # type: ignore[arg-type]
        return lambda: len(series.compare(connection, question).records)

    def trend(*metrics: str, **asked: object) -> Callable[[], int]:
        question = Question(metrics, **asked)  # type: ignore[arg-type]
        return lambda: len(series.trend(connection, county, question).records)

    def rank(metric: str, **asked: object) -> Callable[[], int]:
        question = Question((metric,), **asked)  # type: ignore[arg-type]
        return lambda: len(series.rank(connection, question).records)

    all_years, ningxia = Choice(years=SPAN), Choice(places=(NINGXIA,), years=SPAN)
    return {
        "compare granted": compare("granted"),
        "compare disclosure_rate refusal_rate not_held_rate": compare(
            "disclosure_rate", "refusal_rate", "not_held_rate"
        ),
        "compare requests_received --as change": compare("requests_received", shown="change"),
        "compare requests_received --as index --base 2014 --across-breaks": compare(
            "requests_received", shown="index", base=2014, across=True
        ),
        "compare refusal_rate --peers prefecture": compare("refusal_rate", peers="prefecture"),
        "compare refusal_rate --peers province": compare("refusal_rate", peers="province"),
        "compare refusal_rate --peers kind --as percentile": compare(
            "refusal_rate", peers="kind", shown="percentile"
        ),
        "compare refusal_rate --peers nearest": compare("refusal_rate", peers="nearest"),
        "compare refusal_rate --in 宁夏 --year 2008-2025 --peers province": compare(
            "refusal_rate", choice=ningxia, peers="province"
        ),
        "compare granted --year 2008-2025": compare("granted", choice=all_years),
        "trend 同心县 requests_received granted refusal_rate": trend(
            "requests_received", "granted", "refusal_rate"
        ),
        "trend 同心县 refusal_rate --peers prefecture": trend("refusal_rate", peers="prefecture"),
        "trend 同心县 refusal_rate --peers province": trend("refusal_rate", peers="province"),
        "trend 同心县 refusal_rate --peers kind": trend("refusal_rate", peers="kind"),
        "trend 同心县 refusal_rate --peers nearest": trend("refusal_rate", peers="nearest"),
        "rank refusal_rate": rank("refusal_rate"),
        "rank correction_rate --exclude-doubtful": rank("correction_rate", without_doubtful=True),
        "rank refusal_rate --in 宁夏": rank("refusal_rate", choice=Choice(places=(NINGXIA,))),
    }


def measure(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """What each question took."""
    counted = connection.execute(
        "SELECT (SELECT count(*) FROM report), (SELECT count(*) FROM fact), (SELECT count(*) FROM finding)"
    ).fetchone()
    asked = {}
    for words, ask in questions(connection).items():
        ask()
        took, worked, records = min(_timed(ask) for _ in range(RUNS))
        asked[words] = {"records": records, "ms": took, "processor_ms": worked}
    return {
        **dict(zip(("reports", "cells", "findings"), counted or (0, 0, 0), strict=True)),
        "runs": RUNS,
        "wanted_ms": LONGEST,
        "questions": asked,
    }


def _timed(ask: Callable[[], int]) -> tuple[float, float, int]:
    """Milliseconds by the clock and of the processor, and the number of records."""
    started, worked = time.perf_counter(), time.process_time()
    records = ask()
    return (time.perf_counter() - started) * 1000, (time.process_time() - worked) * 1000, records


if __name__ == "__main__":
    sys.exit(main())
