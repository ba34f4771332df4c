"""``import`` and ``parse``: from files and the archive to the database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from analysis.checks import record_findings
from analysis.checks.reuse import record_reuse
from analysis.spreading import Spread
from nianbao.console import documents_read, note, say, tell, warn
from nianbao.failures import WORK_FAILED, Failure
from nianbao.monitoring import monitored
from nianbao.naming import portals_called
from nianbao.options import DEFAULT_DATA, Data, Lang, MetricsFile, MetricsPort
from nianbao.reviews import bring_in
from nianbao.spreading import over_processors
from nianbao.watched import Watched
from nianbao.wording import language, sentence
from nianbao.workspace import Workspace
from scraper.archive import Archive
from scraper.cluster import WAITING, Cluster
from scraper.engine import PATIENCE, Engine
from scraper.messages import Message
from scraper.parse import Parsed, engine_of, engine_of_files
from scraper.parse import parse as parse_into
from scraper.portals import Portal
from scraper.portals.registry import merged, shipped_registry
from scraper.shared.storage import Storage
from scraper.store import open_database

# As Dask writes addresses.
_ADDRESS = re.compile(r"\w+://[^/\s]+:\d+/?")


def choose_portals(
    known: Sequence[Portal], wanted: Sequence[str], workspace: Workspace, *, everything: bool = False
) -> list[Portal]:
    """The portals of the areas and hosts that ``wanted`` names; all of them with ``everything``.

    Where nothing is named, those that don't ship with nianbao: nobody crawls the country by accident.
    Disabled entries are left out. Raises :class:`Failure` where nothing is left, or a name is none or
    could be several.
    """
    if everything and wanted:
        raise Failure("all_or_named", usage=True, given=" ".join(wanted))
    usable = [portal for portal in merged(known) if not portal.disabled]
    chosen: dict[Portal, None] = dict.fromkeys(usable if everything else ())
    for name in wanted:
        chosen.update(dict.fromkeys(portals_called(name, usable)))
    if not everything and not wanted:
        shipped, own = set(shipped_registry()), set(workspace.own_portals())
        chosen.update((portal, None) for portal in usable if portal in own or portal not in shipped)
    if not chosen:
        raise Failure("no_portals", usage=True, file=workspace.registry)
    return list(chosen)


def resolve_map(given: Sequence[str]) -> dict[str, str]:
    """Hosts and where to reach them. Raises :class:`Failure` for what is no HOST=ADDRESS:PORT."""
    pairs = {}
    for entry in given:
        host, _, address = entry.partition("=")
        name, _, port = address.rpartition(":")
        if not (host and name and port.isdigit()):
            raise Failure("resolve_wrong", usage=True, given=entry)
        pairs[host] = address
    return pairs


def pass_on(archive: Archive) -> None:
    """Says what had to be mended in the archive."""
    for notice in archive.notices:
        warn(notice.text(language()))


def warn_of_samples(workspace: Workspace) -> None:
    """Says that a workspace is the demo's, where real reports should not go."""
    if any(portal.sample for portal in workspace.own_portals()):
        note("sample_workspace", folder=workspace.folder)


def parse(
    workers: Annotated[int | None, typer.Option("--workers", min=1)] = None,
    time_limit: Annotated[float, typer.Option("--time-limit", min=1)] = PATIENCE,
    scheduler: Annotated[str | None, typer.Option("--scheduler", metavar="ADDRESS")] = None,
    wait: Annotated[float, typer.Option("--wait", min=1)] = WAITING,
    metrics_port: MetricsPort = None,
    metrics_file: MetricsFile = None,
    data: Data = DEFAULT_DATA,
    lang: Lang = None,
) -> int:
    """Reads what is new in the archive, then checks the whole database."""
    workspace = Workspace(data)
    if scheduler is not None:
        _refuse_what_no_cluster_reads(scheduler, workspace, workers)
    with monitored("parse", metrics_port, metrics_file) as job:
        watched = Watched()
        job.source = watched.series
        spread = over_processors(workers, time_limit)
        if workspace.storage is None:
            done = parse_archive(workspace, engine_of(workers, time_limit), spread, watched)
        else:
            limit = None if workers == 1 else time_limit
            engine = Cluster(scheduler, wait, _told_by_cluster) if scheduler else engine_of_files(workers)
            done = _parse_shared(workspace, workspace.storage, engine, limit, spread, watched)
        watched.parsed, watched.findings = done.parsed, done.findings
        job.code = WORK_FAILED if done.parsed.failures else 0
    for failure in done.parsed.failures:
        warn(failure.text(language()))
    if done.parsed.failures:
        warn(sentence("parse_failed_in_part", failed=len(done.parsed.failures)))
    return job.code


@dataclass(frozen=True)
class Read:
    """What one run of ``parse`` did, and how many findings the database has now."""

    parsed: Parsed
    findings: int


def parse_archive(
    workspace: Workspace,
    engine: Engine | None = None,
    spread: Spread | None = None,
    watched: Watched | None = None,
) -> Read:
    """Reads the workspace's archive into its database, checks it, and says what came of it.

    Without an ``engine`` it is read, and without ``spread`` checked, as ``nianbao parse`` does by itself.
    ``watched`` grows meanwhile.
    """
    spread = spread or over_processors()
    seen = watched or Watched()
    if not workspace.archive.is_dir():
        raise Failure("archive_missing", folder=workspace.archive)
    with Archive(workspace.archive) as archive, open_database(workspace.database_file) as connection:
        pass_on(archive)
        with documents_read(seen.progress) as progress:
            parsed = parse_into(
                archive, connection, workspace.portals(), engine or engine_of(), progress, seen.parsed
            )
        record_reuse(connection, spread)
        findings = record_findings(connection, spread=spread)
        bring_in(workspace, connection)
        warned = connection.execute("SELECT count(*), count(DISTINCT report_id) FROM warning").fetchall()[0]
    return _told(Read(parsed, findings), *warned)


def _refuse_what_no_cluster_reads(scheduler: str, workspace: Workspace, workers: int | None) -> None:
    if not _ADDRESS.fullmatch(scheduler):
        raise Failure("scheduler_no_address", usage=True, given=scheduler)
    if workers is not None:
        raise Failure("scheduler_has_workers", usage=True)
    if workspace.storage is None:
        folder = workspace.folder.resolve()
        raise Failure("scheduler_needs_storage", usage=True, folder=folder, url=folder.as_uri())


def _told_by_cluster(said: Message) -> None:
    tell(said.text(language()))


def _parse_shared(
    workspace: Workspace,
    storage: Storage,
    engine: Engine,
    time_limit: float | None,
    spread: Spread,
    watched: Watched,
) -> Read:
    """The same where the archive lies in shared storage: ``engine`` reads WARC files."""
    from nianbao.shared import parse_shared

    with documents_read(watched.progress) as progress:
        parsed, counts = parse_shared(workspace, storage, engine, time_limit, spread, progress)
    return _told(Read(parsed, counts.findings), counts.warnings, counts.warned_reports)


def _told(read: Read, warnings: int, warned_reports: int) -> Read:
    """Says what came of a run."""
    parsed = read.parsed
    if parsed.reports or parsed.failures:
        say(
            "parsed",
            reports=parsed.reports,
            facts=parsed.facts,
            other=parsed.other_pages,
            findings=read.findings,
        )
    else:
        say("parsed_nothing", findings=read.findings)
    if warnings:
        note("warnings_stored", count=warnings, reports=warned_reports)
    return read
