"""nianbao beside what a user would otherwise write, on the same archive in the same run.

``ordinary_peer.py`` fetches the reports of a nation from a server on loopback that replays the archive, and
reads them with Beautiful Soup and pandas into SQLite; ``nianbao parse`` reads the archive, once in one
process, once with all processors. Fetching is measured apart, and part of no comparison. Every cell is
compared with what was printed: right, wrong, or missing.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import nation
from benchmarks.processes import run
from benchmarks.results import keep, options

from portals.figures import figures_of, form_of, tables_of
from scraper.archive import Archive

COUNTIES = 250
YEARS = range(2014, 2026)
WANTED = 10

Cells = dict[tuple[str, str, str], float]
"""Values by address, metric and applicant."""

_FACTS = "SELECT url, metric, applicant, value FROM fact{join} WHERE value IS NOT NULL"


@dataclass
class Score:
    """How many of the cells that were printed were read as printed, otherwise, or not at all."""

    right: int = 0
    wrong: int = 0
    missing: int = 0


def main() -> int:
    """Measures both, and keeps the result; 1 where nianbao is not `WANTED` times as fast."""
    arguments = options(__doc__)
    arguments.add_argument("--counties", type=int, default=COUNTIES)
    arguments.add_argument("--archives", type=Path, nargs=1, default=[], help="see pipeline.py")
    given = arguments.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        place = given.archives[0] if given.archives else folder / "nation"
        nation.make(place, given.counties, YEARS, publishers=1)
        printed = printed_in(place, given.counties)
        ways = {
            "ordinary": ordinary(place, folder, printed),
            "one": own(place, folder / "one", printed, "--workers", "1"),
            "all": own(place, folder / "all", printed),
        }
    pages = sum(url.endswith(".html") for url in {key[0] for key in printed})
    reports = len({key[0] for key in printed})
    figures = {"reports": reports, "pages": pages, "cells": len(printed), "wanted": WANTED, "ways": ways}
    packages = ("beautifulsoup4", "lxml", "pandas", "requests", "sqlalchemy")
    keep("ordinary", figures, given.results, packages)
    return 0 if ways["ordinary"]["seconds"] >= WANTED * ways["all"]["seconds"] else 1


def printed_in(folder: Path, counties: int) -> Cells:
    """Every cell of the nation as it was printed."""
    with (folder / "errors.csv").open(encoding="utf-8", newline="") as lines:
        errors = {(e["url"], e["metric"], e["applicant"]): e["printed"] for e in csv.DictReader(lines)}
    by_body = {
        (f"http://{county.host}/zfxxgk/nb/{year}/{county.bodies[0].slug}", year): county.bodies[0].name
        for county in nation.counties(counties, 1, 1)
        for year in YEARS
    }
    with Archive(folder / "archive") as archive:
        urls = {capture.url.rpartition(".")[0]: capture.url for capture in archive.captures()}
    figures = {
        (urls[stem], *key): figure
        for (stem, year), name in by_body.items()
        for key, figure in figures_of(name, year).items()
    } | errors
    return {key: float(figure.removesuffix("万元")) for key, figure in figures.items()}


def ordinary(place: Path, folder: Path, printed: Cells) -> dict[str, Any]:
    """What the ordinary script takes, and what it gets right."""
    addresses, forms, database, times = (folder / name for name in ("urls", "forms", "sqlite", "times"))
    addresses.write_text("\n".join(sorted({key[0] for key in printed})), encoding="utf-8")
    forms.write_text(json.dumps(labels(), ensure_ascii=False), encoding="utf-8")
    script = Path(__file__).with_name("ordinary_peer.py")
    with replayed(place) as proxy:
        command = [sys.executable, str(script), *map(str, (addresses, forms, database, times)), proxy]
        used = run(command)
    steps = json.loads(times.read_text(encoding="utf-8"))
    with closing(sqlite3.connect(database)) as connection:
        read = connection.execute(_FACTS.format(join="")).fetchall()
    return {
        "seconds": used.seconds - steps["seconds"]["fetch"],
        "processor": used.processor - steps["processor"]["fetch"],
        "peak_mb": used.peak, "steps": steps["seconds"], **scores(read, printed),
    }  # fmt: skip


def own(place: Path, workspace: Path, printed: Cells, *arguments: str) -> dict[str, Any]:
    """What ``nianbao parse`` takes, and what it gets right."""
    workspace.mkdir()
    (workspace / "archive").symlink_to((place / "archive").resolve())
    (workspace / "portals.toml").write_bytes((place / "portals.toml").read_bytes())
    steps = workspace / "steps.json"
    command = [sys.executable, str(Path(__file__).with_name("stopwatch.py")), str(steps)]
    used = run([*command, "parse", "--data", str(workspace), *arguments])
    with duckdb.connect(str(workspace / "reports.duckdb"), read_only=True) as connection:
        join = " JOIN report USING (report_id)"
        read = connection.execute(_FACTS.format(join=join)).fetchall()
    took = {name: step["seconds"] for name, step in json.loads(steps.read_text(encoding="utf-8")).items()}
    return {
        "seconds": used.seconds, "processor": used.processor, "peak_mb": used.peak,
        "steps": took, **scores(read, printed),
    }  # fmt: skip


@contextmanager
def replayed(place: Path) -> Iterator[str]:
    """Replays the archive; the address of the proxy."""
    command = [sys.executable, str(Path(__file__).with_name("replay.py")), str(place / "archive")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout is not None  # noqa: S101 - for mypy
        yield server.stdout.readline().strip()
        server.communicate()


def labels() -> dict[str, list[dict[str, Any]]]:
    """The rows of each form, and what their figures are."""
    return {
        form_of(year): [
            {
                "rows": [row.label for row in block.rows] or [""],
                "keys": [
                    [block.metric_at(row, column) for column in range(len(block.columns))]
                    for row in range(len(block.rows) or 1)
                ],
            }
            for table in tables_of(year)
            for block in table.blocks
        ]
        for year in (2014, 2019, 2021)
    }


def scores(read: list[tuple[str, str, str, float]], printed: Mapping[Any, float]) -> dict[str, Any]:
    """The cells of pages, and of files, by whether they were read right."""
    found = {(url, metric, applicant): value for url, metric, applicant, value in read}
    told = {"pages": Score(), "files": Score()}
    for key, value in printed.items():
        score = told["pages" if key[0].endswith(".html") else "files"]
        if key not in found:
            score.missing += 1
        elif found[key] == value:
            score.right += 1
        else:
            score.wrong += 1
    return {kind: vars(score) for kind, score in told.items()}


if __name__ == "__main__":
    os.environ["NO_PROXY"] = ""
    sys.exit(main())
