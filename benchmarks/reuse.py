"""What it costs to find text that reports take over: one report for each county and year, 2008 to 2025.

The prose is invented: sentences of random characters, stock sentences that a whole province uses, and
passages taken over from the year before or from a neighbour, so that it is known what must be found.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.results import keep, options

from analysis.checks.reuse import record_reuse
from scraper.store import open_database

REPORTS = 50_000
YEARS = range(2008, 2026)
PROVINCES = 31
SENTENCES = 75
STOCK = 15
ALTERED = 500

_CHARACTERS = {byte: chr(0x4E10 + 8 * byte) for byte in range(256)}
_REPORT = """
    INSERT INTO report BY NAME
    SELECT report_id, county_code, county_code || '人民政府' AS publisher,
           'county_government' AS publisher_kind, year, '2021' AS form, 'http://' || report_id AS url,
           captured_at, '' AS sha256, '' AS warc_file, 0 AS warc_offset, true AS sample FROM made
"""
_TEXT = """
    INSERT INTO report_text
    SELECT report_id, generate_subscripts(lines, 1) - 1, unnest(lines)
    FROM (SELECT report_id, string_split(text, chr(10)) AS lines FROM made)
"""

_ALTER = """
    UPDATE report_text SET text = text || '新增一句。'
    WHERE paragraph = 3 AND report_id IN (SELECT report_id FROM report ORDER BY hash(report_id) LIMIT $1)
"""
_FOUND = "SELECT report_id, other_id FROM reuse WHERE kin = 'neighbour' AND share >= 50"

Sentences = list[str]


class Country:
    """Counties that report year after year; ``taken`` are pairs of which most of the text is the same."""

    def __init__(self, reports: int) -> None:
        self.chance = random.Random(5)  # noqa: S311 - nobody's secret
        self.counties = [
            f"{10 + number % PROVINCES}{number // PROVINCES:04}"
            for number in range(-(-reports // len(YEARS)))
        ]
        self.stock = {
            county[:2]: [self.sentence() for _ in range(10 * STOCK)] for county in sorted(self.counties)
        }
        self.taken: set[tuple[str, str]] = set()

    def sentence(self) -> str:
        """A sentence that nobody else has written."""
        words = self.chance.randbytes(self.chance.randint(18, 60)).decode("latin-1").translate(_CHARACTERS)
        return f"{words[:9]}{self.chance.randint(1, 900)}件，{words[9:]}。"

    def reports(self) -> Iterator[tuple[str, str, int, str]]:
        """Name, county, year and text of each report, year by year."""
        last: dict[str, Sentences] = {}
        for year in YEARS:
            this: dict[str, Sentences] = {}
            for county in self.counties:
                this[county] = self._written(county, year, last, this)
                yield f"{county}-{year}", county, year, self._printed(this[county], year)
            last = this

    def _written(
        self, county: str, year: int, last: dict[str, Sentences], this: dict[str, Sentences]
    ) -> Sentences:
        own = [self.sentence() for _ in range(SENTENCES)]
        own[:STOCK] = self.chance.sample(self.stock[county[:2]], STOCK)
        if county in last and self.chance.random() < 0.5:
            kept = int(self.chance.random() * SENTENCES)
            own[:kept] = last[county][:kept]
        neighbours = [other for other in (self.chance.choice(self.counties),) if other[:2] == county[:2]]
        source = next((other for other in neighbours if other in this), None)
        if source and source != county:
            copied = this[source][STOCK : STOCK + int(SENTENCES * 0.65)]
            own[-len(copied) :] = copied
            self.taken.add((f"{county}-{year}", f"{source}-{year}"))
        return own

    def _printed(self, sentences: Sentences, year: int) -> str:
        lines = [
            "本报告按照《中华人民共和国政府信息公开条例》编制。",
            f"统计期限自{year}年1月1日起至{year}年12月31日止。",
        ]
        for number, title in enumerate(("总体情况", "存在的主要问题及改进情况", "其他需要报告的事项")):
            lines.append(f"{'一二三'[number]}、{title}")
            third = sentences[number * len(sentences) // 3 : (number + 1) * len(sentences) // 3]
            lines += ["".join(third[at : at + 5]) for at in range(0, len(third), 5)]
        return "\n".join(lines)


def fill(path: Path, count: int) -> None:
    """Makes a database of ``count`` reports."""
    made = islice(Country(count).reports(), count)
    with open_database(path) as connection:
        while some := list(islice(made, 5000)):
            names = ("report_id", "county_code", "year", "text")
            table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in some])
            when = pa.array([datetime(row[2] + 1, 3, 1) for row in some], pa.timestamp("s"))
            connection.register("made", table.append_column("captured_at", when))
            connection.execute(_REPORT)
            connection.execute(_TEXT)
            connection.unregister("made")


def taken_over(count: int) -> set[tuple[str, str]]:
    """Which reports of ``count`` have most of their text from which neighbour's."""
    country = Country(count)
    names = {name for name, *_ in islice(country.reports(), count)}
    return {pair for pair in country.taken if pair[0] in names}


def timed(connection: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """Records what was taken over, and tells how long it took."""
    started, spent = time.perf_counter(), time.process_time()
    pairs = record_reuse(connection)
    return {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - spent,
        "pairs": pairs,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measure(path: Path) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    """What the database ``path`` costs, and which reports have most of their text from which others."""
    with open_database(path) as connection:
        (length,) = connection.execute(
            "SELECT sum(len(text)) / count(DISTINCT report_id) FROM report_text"
        ).fetchone() or (0,)
        steps = {"all": timed(connection), "nothing_new": timed(connection)}
        connection.execute(_ALTER, [ALTERED])
        steps["altered"] = timed(connection)
        found = set(connection.execute(_FOUND).fetchall())
    return {"characters": length, "altered": ALTERED, "steps": steps}, found


def main() -> int:
    """Measures, and keeps the result; 1 where not everything was found."""
    arguments = options(__doc__)
    arguments.add_argument("--reports", type=int, default=REPORTS)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "reports.duckdb")
        # In a process of its own, so that the peak of memory is that of the work alone.
        filling = get_context("spawn").Process(target=fill, args=(path, given.reports))
        filling.start()
        filling.join()
        figures, found = measure(path)
    known = taken_over(given.reports)
    figures |= {"reports": given.reports, "provinces": PROVINCES}
    figures |= {"known": len(known), "found": len(known & found)}
    keep("reuse", figures, given.results, ("rensa",))
    return 0 if known <= found else 1


if __name__ == "__main__":
    sys.exit(main())
