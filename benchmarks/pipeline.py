"""From an archive to the checked database: ``nianbao parse`` on nations of two sizes.

Measured are the time, the processor time and the memory of all its processes, the database that it leaves,
and how each grows from the smaller to the larger nation; and where the time goes: ``stopwatch.py`` times the
steps of ``parse``, and lexbor alone makes DOMs of the same pages. What it read is
compared with what the nation says, and what it found with the errors that were put there. The benchmark ends
with 1 where anything is missing, wrong, or a false alarm.
"""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import nation
from benchmarks.parsing import dom_alone
from benchmarks.processes import run
from benchmarks.results import keep, options

from portals.figures import figures_of, form_of

COUNTIES = (278, 2778)
YEARS = range(2008, 2026)

# So many counties have every figure compared.
_COMPARED = 278

_REPORTS = "SELECT publisher, year, report_id FROM report"
_FACTS = """
    SELECT publisher, report.year, metric, applicant, value FROM fact JOIN report USING (report_id)
    WHERE publisher IN (SELECT unnest($1))
"""
# A finding that names the figure that was made wrong, and one of which no cell lies in a wrong report.
_NAMED = """
    SELECT count(*) FROM error
    WHERE EXISTS (
        FROM finding JOIN report USING (report_id)
        WHERE report.url = error.url AND list_contains(metrics, error.metric)
          AND (error.applicant = '' OR list_contains(applicants, error.applicant))
    )
"""
_FALSE = """
    SELECT rule, count(*) FROM finding
    WHERE severity = 'error' AND NOT EXISTS (
        FROM report JOIN error USING (url)
        WHERE report.report_id = finding.report_id
           OR list_contains(list_transform(cells, lambda cell: cell.report_id), report.report_id)
    )
    GROUP BY rule
"""


def main() -> int:
    """Measures both nations, and keeps the result."""
    arguments = options(__doc__)
    arguments.add_argument("--counties", type=int, nargs="+", default=list(COUNTIES))
    arguments.add_argument(
        "--archives", type=Path, nargs="+", default=[],
        help="folders of the nations, in the same order; what is there is taken, what is not is made",
    )  # fmt: skip
    given = arguments.parse_args()
    with TemporaryDirectory() as folder:
        kept = given.archives or [Path(folder) / f"{count}" for count in given.counties]
        nations = []
        for count, place in zip(given.counties, kept, strict=True):
            nation.make(place, count, YEARS, publishers=1)
            nations.append(measure(place, count, Path(folder) / f"workspace-{count}"))
    figures = {"years": [YEARS[0], YEARS[-1]], "nations": nations}
    keep("pipeline", figures, given.results)
    return 0 if all(one["right"] for one in nations) else 1


def measure(folder: Path, counties: int, workspace: Path) -> dict[str, Any]:
    """What it takes to read and check the nation in ``folder`` in a new workspace, and what comes of it."""
    workspace.mkdir()
    (workspace / "archive").symlink_to((folder / "archive").resolve())
    (workspace / "portals.toml").write_bytes((folder / "portals.toml").read_bytes())
    steps = workspace / "steps.json"
    command = [sys.executable, str(Path(__file__).with_name("stopwatch.py")), str(steps)]
    used = run([*command, "parse", "--data", str(workspace)])
    database = workspace / "reports.duckdb"
    pages, size, dom = dom_alone(folder)
    return {
        "counties": counties,
        **asdict(used),
        "database_mb": database.stat().st_size / 1e6,
        "archive_mb": sum(path.stat().st_size for path in (folder / "archive").glob("*.warc.gz")) / 1e6,
        "pages": pages,
        "pages_mb": size / 1e6,
        "dom_processor": dom,
        "steps": json.loads(steps.read_text(encoding="utf-8")),
        **outcome(folder, counties, database),
    }


def outcome(folder: Path, counties: int, database: Path) -> dict[str, Any]:
    """What was read and found, beside what there was to read and find."""
    bodies = [county.bodies[0].name for county in nation.counties(counties, 1, 1)]
    wanted = {(name, year) for name in bodies for year in YEARS}
    with (folder / "errors.csv").open(encoding="utf-8", newline="") as lines:
        errors = list(csv.DictReader(lines))
    with duckdb.connect(str(database), read_only=True) as connection:
        read = connection.execute(_REPORTS).fetchall()
        connection.execute("CREATE TEMP TABLE error (url VARCHAR, metric VARCHAR, applicant VARCHAR)")
        rows = [(error["url"], error["metric"], error["applicant"]) for error in errors]
        connection.executemany("INSERT INTO error VALUES ($1, $2, $3)", rows)
        (named,) = connection.execute(_NAMED).fetchone() or (0,)
        false_alarms = dict(connection.execute(_FALSE).fetchall())
        (facts,) = connection.execute("SELECT count(*) FROM fact").fetchone() or (0,)
        (findings,) = connection.execute("SELECT count(*) FROM finding").fetchone() or (0,)
        some = bodies[:: max(1, counties // _COMPARED)]
        compared = differing(connection, some, errors)
    cells = sum(len(figures_of(bodies[0], year)) for year in YEARS if form_of(year)) * counties
    right = {(name, year) for name, year, _ in read} == wanted and len(read) == len(wanted)
    right = right and facts == cells and named == len(errors) and not (compared["wrong"] or false_alarms)
    return {
        "reports": len(read), "reports_wanted": len(wanted), "facts": facts, "facts_wanted": cells,
        **compared, "findings": findings, "errors": len(errors), "errors_named": named,
        "false_alarms": false_alarms, "right": right,
    }  # fmt: skip


def differing(
    connection: duckdb.DuckDBPyConnection, bodies: list[str], errors: list[dict[str, str]]
) -> dict[str, int]:
    """How many figures of the reports of ``bodies`` differ from what was printed, or were not read."""
    printed = {
        (name, year, *key): figure
        for name in bodies
        for year in YEARS
        if form_of(year)
        for key, figure in figures_of(name, year).items()
    }
    for error in errors:
        key = error["publisher"], int(error["year"]), error["metric"], error["applicant"]
        if key in printed:
            printed[key] = error["printed"]
    true = {key: float(figure.removesuffix("万元")) for key, figure in printed.items()}
    read = {tuple(line[:4]): line[4] for line in connection.execute(_FACTS, [bodies]).fetchall()}
    unlike = [key for key in read.keys() | true.keys() if read.get(key) != true.get(key)]
    unread = [key for key in unlike if key in true and read.get(key) is None]
    return {"compared": len(true), "wrong": len(unlike) - len(unread), "unread": len(unread)}


if __name__ == "__main__":
    sys.exit(main())
