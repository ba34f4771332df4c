"""Writes what machines a job takes into ``docs/operations.md``, by formulas on what benchmarks measured.

What stands there between the two marks is this script's: ``python benchmarks/sizing.py`` replaces it by what
``benchmarks/sections/en/sizing.md`` and ``zh/sizing.md`` make of the results of ``pipeline.py`` and
``crawling.py`` in ``benchmarks/results``, and so does ``performance.py``. A figure that was not measured yet
is shown as a dash.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.document import SECTIONS, number
from benchmarks.results import RESULTS, ROOT, Result, read

PAGES = {"en": "operations.md", "zh": "zh/operations.md"}
BEGINNING, END = "<!-- by benchmarks/sizing.py -->", "<!-- end -->"
# Steps of parse that follow when all is read.
_CHECKING = ("settling", "reuse", "findings")


@dataclass(frozen=True)
class Assumed:
    """What depends on the portals and can't be measured here: a crawl's own metrics tell it.

    Requests for each report, seconds that a request takes on one host with its pause, portals at once.
    """

    requests: float = 2.0
    seconds: float = 2.5
    at_once: int = 32


@dataclass(frozen=True)
class Cost:
    """What was measured; None where it was not.

    Of a report, in seconds of a processor: ``read``, what can be spread, of which ``written`` in the one
    process that writes; ``checked``, what that process does of all that follows. Kilobytes of the
    ``database``. Of a request of a crawl: ``asked``, seconds of a processor, and kilobytes of the
    ``archive``. ``worker`` and ``main`` are megabytes of memory, with ``measured`` reports.
    """

    read: float | None = None
    written: float | None = None
    checked: float | None = None
    database: float | None = None
    asked: float | None = None
    archive: float | None = None
    worker: float | None = None
    main: float | None = None
    measured: int | None = None


@dataclass(frozen=True)
class Job:
    """How much there is to do, in so many shards by so many workers."""

    reports: int
    portals: int
    shards: int
    workers: int


JOBS = (
    Job(reports=50_000, portals=2_850, shards=1, workers=2),
    Job(reports=3_000_000, portals=2_850, shards=1, workers=2),
    Job(reports=3_000_000, portals=2_850, shards=4, workers=16),
)


@dataclass(frozen=True)
class Size:
    """What a job takes: hours, and gigabytes; None where a figure is missing."""

    job: Job
    crawl: float
    asking: float | None
    archive: float | None
    reading: float | None
    checking: float | None
    database: float | None
    workers: float | None


def cost(results: Path) -> Cost:
    """What the results in the folder say."""
    known: dict[str, Any] = {}
    if crawling := _result(results, "crawling"):
        way = crawling.figures["ways"]["crawl"]
        known |= {"asked": way["ms"] / 1000, "archive": way["warc_mb"] * 1000 / crawling.figures["pages"]}
    pipeline = _result(results, "pipeline")
    if pipeline and len(pipeline.figures["nations"]) > 1:
        known |= _of_a_report(pipeline.figures["nations"])
    return Cost(**known)


def _of_a_report(nations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What each further report takes, which leaves out what any run takes.

    Processor time, because other work on the machine makes all else longer.
    """
    small, large = nations[0], nations[-1]

    def each(of: Callable[[Mapping[str, Any]], float]) -> float:
        more: int = large["reports"] - small["reports"]
        return (of(large) - of(small)) / more

    return {
        "read": each(lambda one: one["processor"] - _alone(one)),
        "written": each(lambda one: one["steps"]["reading"]["main_processor"]),
        "checked": each(_alone),
        "database": each(lambda one: one["database_mb"]) * 1000,
        "main": large["each"][0],
        "worker": max(large["each"][1:], default=None),
        "measured": large["reports"],
    }


def _alone(nation: Mapping[str, Any]) -> float:
    return float(sum(nation["steps"][name]["main_processor"] for name in _CHECKING))


def size(job: Job, each: Cost, assumed: Assumed) -> Size:
    """What ``job`` takes."""
    requests = job.reports * assumed.requests
    at_once = min(job.portals, assumed.at_once * job.shards)
    spread, alone = _times(each.read, 1 / job.workers), each.written
    # The one that writes may be slower than all who read.
    slowest = None if spread is None or alone is None else max(spread, alone)
    return Size(
        job,
        crawl=requests * assumed.seconds / at_once / 3600,
        asking=_times(each.asked, requests / job.shards / 3600),
        archive=_times(each.archive, requests / 1e6),
        reading=_times(slowest, job.reports / 3600),
        checking=_times(each.checked, job.reports / 3600),
        database=_times(each.database, job.reports / 1e6),
        workers=_times(each.worker, job.workers / 1000),
    )


def section(language: str, results: Path) -> str:
    """The part of the page."""
    templates = Environment(  # noqa: S701 - it is Markdown: nothing in it is escaped
        loader=FileSystemLoader(SECTIONS),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["number"] = number
    each, assumed = cost(results), Assumed()
    sizes = [size(job, each, assumed) for job in JOBS]
    text: str = templates.get_template(f"{language}/sizing.md").render(
        cost=each, assumed=assumed, sizes=sizes
    )
    return text.strip()


def filled(page: str, part: str) -> str:
    """The page with another part between the marks. Raises :class:`ValueError` where it has none."""
    before, beginning, rest = page.partition(BEGINNING)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError(f"no {BEGINNING} … {END}")
    return f"{before}{beginning}\n{part}\n{end}{after}"


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _result(results: Path, name: str) -> Result | None:
    path = results / f"{name}.json"
    return read(path) if path.exists() else None


def write(docs: Path, results: Path = RESULTS) -> None:
    """Fills the pages that there are below ``docs``."""
    for language, name in PAGES.items():
        page = docs / name
        if page.exists():
            part = section(language, results)
            page.write_text(filled(page.read_text(encoding="utf-8"), part), encoding="utf-8")


def main() -> int:
    """Fills both pages."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--results", type=Path, default=RESULTS, help="the folder that results are kept in")
    said.add_argument("--docs", type=Path, default=ROOT / "docs", help="the folder of the pages")
    given = said.parse_args()
    write(given.docs, given.results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
