"""Writes what machines a job takes into ``docs/operations.md``, by formulas on what benchmarks measured.

What stands there between the two marks is this script's: ``python benchmarks/sizing.py`` replaces it by what
``benchmarks/sections/en/sizing.md`` and ``zh/sizing.md`` make of the results of ``pipeline.py`` and
``crawling.py`` in ``benchmarks/results``. A figure that was not measured yet is shown as a dash.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGES = {"en": "operations.md", "zh": "zh/operations.md"}
BEGINNING, END = "<!-- by benchmarks/sizing.py -->", "<!-- end -->"
# Steps of parse that one process does for all reports together.
_TOGETHER = ("settling", "reuse", "findings")


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

    Of a report: ``read`` and ``together``, seconds of a worker and of the one process that brings all
    together, kilobytes of the ``database``. Of a request of a crawl: ``asked``, seconds of a processor, and
    kilobytes of the ``archive``. ``worker`` and ``main`` are megabytes of memory, those of ``main`` with
    ``measured`` reports.
    """

    read: float | None = None
    together: float | None = None
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
    together: float | None
    database: float | None
    workers: float | None


def cost(results: Path) -> Cost:
    """What the results in the folder say."""
    nations: Sequence[Mapping[str, Any]] = (_figures(results, "pipeline") or {}).get("nations", ())
    crawl = _figures(results, "crawling")
    known: dict[str, Any] = {}
    if crawl:
        way = crawl["ways"]["crawl"]
        known |= {"asked": way["ms"] / 1000, "archive": way["warc_mb"] * 1000 / crawl["pages"]}
    if len(nations) > 1:
        small, large = nations[0], nations[-1]
        more = large["reports"] - small["reports"]
        known |= {
            "read": (_workers(large) - _workers(small)) / more,
            "together": (_together(large) - _together(small)) / more,
            "database": (large["database_mb"] - small["database_mb"]) * 1000 / more,
            "main": large["each"][0],
            "worker": max(large["each"][1:], default=None),
            "measured": large["reports"],
        }
    return Cost(**known)


def size(job: Job, each: Cost, assumed: Assumed) -> Size:
    """What ``job`` takes."""
    requests = job.reports * assumed.requests
    at_once = min(job.portals, assumed.at_once * job.shards)
    return Size(
        job,
        crawl=requests * assumed.seconds / at_once / 3600,
        asking=_times(each.asked, requests / job.shards / 3600),
        archive=_times(each.archive, requests / 1e6),
        reading=_times(each.read, job.reports / job.workers / 3600),
        together=_times(each.together, job.reports / 3600),
        database=_times(each.database, job.reports / 1e6),
        workers=_times(each.worker, job.workers / 1000),
    )


def section(language: str, results: Path) -> str:
    """The part of the page."""
    templates = Environment(  # noqa: S701 - it is Markdown: nothing in it is escaped
        loader=FileSystemLoader(Path(__file__).with_name("sections")),
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


def number(value: float | None, places: int = 0) -> str:
    """A figure with thousands apart; a dash where there is none."""
    return "–" if value is None else f"{value:,.{places}f}"


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _figures(results: Path, name: str) -> Mapping[str, Any] | None:
    path = results / f"{name}.json"
    if not path.exists():
        return None
    figures: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["figures"]
    return figures


def _workers(nation: Mapping[str, Any]) -> float:
    """Processor seconds of the processes that read."""
    return float(nation["processor"] - nation["steps"]["all"]["main_processor"])


def _together(nation: Mapping[str, Any]) -> float:
    """Seconds of the process that brings all together: while others read, and then."""
    steps = nation["steps"]
    later = sum(steps[name]["seconds"] for name in _TOGETHER)
    return float(steps["reading"]["main_processor"] + later)


def main() -> int:
    """Writes both pages."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--results", type=Path, default=RESULTS, help="the folder that results are kept in")
    said.add_argument("--docs", type=Path, default=ROOT / "docs", help="the folder of the pages")
    given = said.parse_args()
    for language, name in PAGES.items():
        page = given.docs / name
        part = section(language, given.results)
        page.write_text(filled(page.read_text(encoding="utf-8"), part), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
