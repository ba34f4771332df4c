"""``import`` and ``parse``: from files and the archive to the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from rapidfuzz import process

from analysis.checks import record_findings
from nianbao.console import note, say, warn
from nianbao.failures import WORK_FAILED, Failure
from nianbao.options import DEFAULT_DATA, Data, Lang
from nianbao.wording import language, sentence
from nianbao.workspace import Workspace
from scraper.archive import Archive
from scraper.parse import Parsed
from scraper.parse import parse as parse_into
from scraper.portals import Portal
from scraper.store import open_database


def choose_portals(
    known: Sequence[Portal], wanted: Sequence[str], workspace: Workspace, *, everything: bool = False
) -> list[Portal]:
    """The portals that ``wanted`` names by county code, county or host; all where it is empty.

    Raises :class:`Failure` where there are none, or none of a name.
    """
    if not known:
        raise Failure("no_portals", file=workspace.registry)
    if not wanted:
        return list(known)
    chosen: dict[Portal, None] = {}
    for name in wanted:
        found = [portal for portal in known if name in _names(portal)]
        if not found:
            near = process.extract(name, [portal.county for portal in known], limit=3, score_cutoff=50)
            names = "; ".join(dict.fromkeys(county for county, _, _ in near))
            raise Failure("unknown_portal", usage=True, given=name, near=names or sentence("nothing_near"))
        chosen.update(dict.fromkeys(found))
    return list(chosen)


def _names(portal: Portal) -> set[str]:
    county = portal.county
    return {portal.county_code, county, county[:-1], urlsplit(portal.home).hostname or ""} - {""}


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


def parse(data: Data = DEFAULT_DATA, lang: Lang = None) -> int:
    """Reads what is new in the archive, then checks the whole database."""
    workspace = Workspace(data)
    done = parse_archive(workspace)
    for failure in done.parsed.failures:
        warn(failure.text(language()))
    if done.parsed.failures:
        warn(sentence("parse_failed_in_part", failed=len(done.parsed.failures)))
    return WORK_FAILED if done.parsed.failures else 0


@dataclass(frozen=True)
class Read:
    """What one run of ``parse`` did, and how many findings the database has now."""

    parsed: Parsed
    findings: int


def parse_archive(workspace: Workspace) -> Read:
    """Reads the workspace's archive into its database, checks it, and says what came of it."""
    if not workspace.archive.is_dir():
        raise Failure("archive_missing", folder=workspace.archive)
    with Archive(workspace.archive) as archive, open_database(workspace.database) as connection:
        pass_on(archive)
        parsed = parse_into(archive, connection, workspace.portals())
        findings = record_findings(connection)
        warned = connection.execute("SELECT count(*), count(DISTINCT report_id) FROM warning").fetchone()
    if parsed.reports or parsed.failures:
        say(
            "parsed",
            reports=parsed.reports,
            facts=parsed.facts,
            other=parsed.other_pages,
            findings=findings,
        )
    else:
        say("parsed_nothing", findings=findings)
    if warned and warned[0]:
        note("warnings_stored", count=warned[0], reports=warned[1])
    return Read(parsed, findings)
