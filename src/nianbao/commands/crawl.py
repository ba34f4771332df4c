"""``crawl``: from portals to the archive."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from nianbao.commands.collect import choose_portals, pass_on, resolve_map, warn_of_samples
from nianbao.console import column, say, warn
from nianbao.failures import WORK_FAILED, Failure
from nianbao.monitoring import Job, Series, monitored
from nianbao.options import DEFAULT_DATA, Data, Lang, MetricsFile, MetricsPort, Output, PrintFormat
from nianbao.records import Column, Record, put
from nianbao.wording import sentence
from nianbao.workspace import Workspace
from scraper.archive import Archive, Shard
from scraper.crawl import AT_ONCE, Listener, PortalCrawl, Step, falling_into
from scraper.crawl import crawl as crawl_into
from scraper.crawl.log import RunLog
from scraper.fetching import Outcome, Traffic
from scraper.portals import Portal, read_registry
from scraper.portals.families import families

# Causes that an operator can do something about come first in the progress line.
_BLOCKED = ("blocked", "needs_captcha", "robots")

# Kinds of gaps that are told; all stand in the run report.
_MOST_TOLD = 20


def crawl(
    portals: Annotated[list[str] | None, typer.Argument(metavar="PORTAL")] = None,
    data: Data = DEFAULT_DATA,
    everything: Annotated[bool, typer.Option("--all")] = False,
    registry: Annotated[Path | None, typer.Option("--registry", metavar="FILE", dir_okay=False)] = None,
    resolve: Annotated[list[str] | None, typer.Option("--resolve", metavar="HOST=ADDRESS:PORT")] = None,
    shard: Annotated[str | None, typer.Option("--shard", metavar="I/N")] = None,
    at_once: Annotated[int, typer.Option("--at-once", min=1)] = AT_ONCE,
    explain: Annotated[bool, typer.Option("--explain")] = False,
    without: Annotated[list[str] | None, typer.Option("--without", metavar="FAMILY")] = None,
    metrics_port: MetricsPort = None,
    metrics_file: MetricsFile = None,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> int:
    """Fetches the reports of the chosen portals, and prints a line for each portal."""
    workspace = Workspace(data)
    part = _shard(shard) if shard is not None else None
    known = [*(read_registry(registry) if registry else []), *workspace.portals()]
    chosen = choose_portals(known, portals or [], workspace, everything=everything)
    for name in without or []:
        if name not in families():
            raise Failure("unknown_family", usage=True, given=name, near="; ".join(families()))
    ways = Ways(at_once=at_once, explain=explain, without=tuple(without or ()), shard=part)
    labels = {"shard": str(part)} if part else {}
    with monitored("crawl", metrics_port, metrics_file, labels) as job:
        done = crawl_portals(workspace, chosen, resolve_map(resolve or []), ways, job)
        warn_of_samples(workspace)
        if explain:
            put(done.steps, _step_columns(), print_format, output)
        else:
            put(done.records, _columns(), print_format, output)
        job.code = report_gaps(done)
    return job.code


@dataclass(frozen=True)
class Ways:
    """How a run goes about its work; of a ``shard`` it crawls only the portals that fall into it."""

    at_once: int = AT_ONCE
    explain: bool = False
    without: tuple[str, ...] = ()
    shard: Shard | None = None


class Run(Listener):
    """A run as people follow it: ``records`` are a line for each portal, ``steps`` the explanations.

    ``gaps`` are the kinds of gaps met first, each by host, outcome and detail, with one of its addresses and
    how many there are; ``missed`` counts the addresses that brought nothing, by outcome, ``failed`` the
    portals with any. ``traffic`` counts the requests.
    """

    def __init__(self, log: RunLog, progress: Progress | None, count: int) -> None:
        self.log = log
        self.records: list[dict[str, Any]] = []
        self.steps: list[dict[str, Any]] = []
        self.gaps: dict[tuple[str, Outcome, str], tuple[str, int]] = {}
        self.new = self.known = self.altered = self.failed = 0
        self.missed: Counter[Outcome] = Counter()
        self.traffic = Traffic()
        self.count = count
        self.empty: list[str] = []
        self._pages = self._blocked = 0
        self._progress = progress
        self._task: TaskID | None = progress.add_task("", total=count) if progress else None

    def asks(self, traffic: Traffic) -> None:
        """Keeps the counts."""
        self.traffic = traffic

    def event(self, portal: Portal, kind: str, particulars: dict[str, Any]) -> None:
        """Logs it, and counts pages."""
        self.log.event(portal, kind, particulars)
        if kind == "fetched":
            self._pages += 1
            self._blocked += particulars["outcome"] in _BLOCKED
            if self._progress and self._task is not None:
                self._progress.update(self._task, description=self._state())

    def ended(self, found: PortalCrawl, steps: list[Step]) -> None:
        """Keeps the portal's line, and reports the rest to the log."""
        self.log.ended(found)
        self.records.append(_record(found))
        self.steps += (_step_record(found, step) for step in steps)
        self.new += len(found.new_reports)
        self.known += len(found.known_reports)
        self.altered += len(found.altered_reports)
        self.missed.update(gap.outcome for gap in found.gaps)
        for gap in found.gaps:
            kind = (urlsplit(gap.url).hostname or "", gap.outcome, gap.detail)
            if kind in self.gaps or len(self.gaps) < _MOST_TOLD:
                url, count = self.gaps.get(kind, (gap.url, 0))
                self.gaps[kind] = (url, count + 1)
        if not found.reports and not found.gaps:
            self.empty.append(f"{found.portal.county} {found.portal.home}")
        self.failed += bool(found.gaps) or not found.reports
        if self._progress and self._task is not None:
            self._progress.advance(self._task)
        else:
            _say(found)

    def series(self) -> Iterator[Series]:
        """What can be watched of the run."""
        sent = self.traffic
        yield Series("requests_total", "Requests, each try, by what came of it.", sent.outcomes, "outcome")
        yield Series("received_bytes_total", "Bytes of bodies, as they were received.", sent.octets)
        yield Series("waiting_seconds_total", "Time that requests waited for their turn.", sent.waited)
        yield Series("request_seconds_total", "Time that requests took.", sent.asking)
        states = {"new": self.new, "known": self.known, "altered": self.altered}
        yield Series("reports_total", "Reports, against the last visit.", states, "state")
        yield Series("gaps_total", "Addresses that brought nothing, by cause.", self.missed, "outcome")
        results = {"whole": len(self.records) - self.failed, "in_part": self.failed}
        yield Series("portals_total", "Portals that are done, by result.", results, "result")
        yield Series("portals", "Portals that this run has to do.", self.count)

    def _state(self) -> str:
        task = self._progress.tasks[0] if self._progress else None
        elapsed = (task.elapsed or 0.0) if task else 0.0
        rate = self._pages / elapsed if elapsed else 0.0
        return sentence(
            "crawl_state",
            pages=self._pages,
            rate=f"{rate:.1f}",
            blocked=self._blocked,
            errors=self.missed.total(),
        )


def crawl_portals(
    workspace: Workspace,
    portals: Sequence[Portal],
    resolve: Mapping[str, str],
    ways: Ways | None = None,
    job: Job | None = None,
) -> Run:
    """Crawls ``portals`` into the workspace's archive and says how each went; ``job`` may be watched."""
    chosen = ways or Ways()
    if chosen.shard is not None:
        of_all, portals = len(portals), falling_into(chosen.shard, portals)
        say("crawl_shard", shard=chosen.shard, count=len(portals), all=of_all)
    with ExitStack() as stack:
        archive = stack.enter_context(Archive(workspace.archive, writing=True, shard=chosen.shard))
        pass_on(archive)
        log = stack.enter_context(RunLog(workspace.runs, chosen.shard))
        progress = stack.enter_context(_progress()) if sys.stderr.isatty() else None
        run = Run(log, progress, len(portals))
        if job is not None:
            job.source = run.series
        asyncio.run(
            crawl_into(
                portals,
                archive,
                resolve=resolve,
                listener=run,
                explain=chosen.explain,
                without=chosen.without,
                at_once=chosen.at_once,
            )
        )
    return run


def _shard(given: str) -> Shard:
    try:
        return Shard.written(given)
    except ValueError as error:
        raise Failure("shard_wrong", usage=True, given=given) from error


def _progress() -> Progress:
    return Progress(
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _say(found: PortalCrawl) -> None:
    say(
        "crawled",
        county=found.portal.county,
        host=urlsplit(found.portal.home).hostname,
        new=len(found.new_reports),
        known=len(found.known_reports),
        altered=len(found.altered_reports),
        pages=found.pages,
        gaps=len(found.gaps),
    )


def _columns() -> list[Column]:
    shown = (
        "county_code", "county", "pages", "new_reports", "known_reports", "altered_reports", "years",
        "gaps", "incomplete_lists",
    )  # fmt: skip
    return [
        *(column(key) for key in shown),
        *(column(key, brief=False) for key in ("home", "list_pages", "missing_years", "failures")),
    ]


def _record(found: PortalCrawl) -> dict[str, Any]:
    years = [year for year in found.years if year]
    return {
        "county_code": found.portal.county_code,
        "county": found.portal.county,
        "home": found.portal.home,
        "pages": found.pages,
        "list_pages": found.list_pages,
        "new_reports": len(found.new_reports),
        "known_reports": len(found.known_reports),
        "altered_reports": len(found.altered_reports),
        "years": f"{min(years)}–{max(years)}" if years else "",
        "missing_years": [f"{name} {year}" for name, gap in found.missing_years().items() for year in gap],
        "gaps": len(found.gaps),
        "incomplete_lists": sum(seen.incomplete for seen in found.lists),
        "failures": [f"{gap.outcome} {gap.url}" for gap in found.gaps],
    }


def _step_columns() -> list[Column]:
    return [
        column("county", brief=False),
        column("score"),
        Column("role", sentence("column_role"), shown=lambda record: sentence(f"role_{record['role']}")),
        column("label"),
        Column("reasons", sentence("column_reasons"), shown=_reasons),
        column("outcome"),
        column("seen_as", brief=False),
        column("url"),
    ]


def _step_record(found: PortalCrawl, step: Step) -> dict[str, Any]:
    return {
        "county": found.portal.county,
        "score": step.score,
        "role": step.role,
        "label": step.label,
        "reasons": [f"{reason.kind} {reason.quoted} {reason.points:+}" for reason in step.reasons],
        "outcome": step.outcome,
        "seen_as": step.seen_as,
        "url": step.url,
    }


def _reasons(record: Record) -> str:
    said = (reason.split(" ", 1) for reason in record["reasons"])
    return "; ".join(f"{sentence(f'reason_{kind}')} {rest}" for kind, rest in said)


def report_gaps(run: Run) -> int:
    """Says which addresses brought no page, and where all is told; the exit code."""
    told = 0
    for (_, outcome, detail), (url, count) in run.gaps.items():
        told += count
        others = sentence("crawl_failed_others", count=count - 1) if count > 1 else ""
        cause = sentence(f"outcome_{outcome}")
        warn(sentence("crawl_failed", url=url, others=others, outcome=cause, detail=detail).rstrip())
    if run.missed.total() > told:
        warn(sentence("crawl_more_gaps", count=run.missed.total() - told))
    for place in run.empty:
        warn(sentence("crawl_found_nothing", place=place))
    say("crawl_reported", folder=run.log.folder)
    if run.failed:
        warn(sentence("crawl_failed_in_part", failed=run.failed, all=len(run.records)))
    return WORK_FAILED if run.failed else 0
