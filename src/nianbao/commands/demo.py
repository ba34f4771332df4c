"""``demo``: the main job on the embedded sample portals, by the ordinary commands."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from analysis import checks
from analysis.database import open_for_reading
from nianbao.commands.collect import parse_archive
from nianbao.commands.crawl import crawl_portals, report_gaps
from nianbao.commands.series import compare
from nianbao.demo import SamplePortals, sample_portals
from nianbao.failures import WORK_FAILED, Failure
from nianbao.options import DEFAULT_DATA, Data, Format, Lang
from nianbao.wording import language, sentence
from nianbao.workspace import Workspace
from scraper.portals import write_registry

_COMPARED = ("requests_received", 2020)
_TRY_NEXT = (
    ("trend", "同心县", "requests_received", "granted"),
    ("check", "--county", "白榆区"),
    ("sql", "SELECT county, year, review_total FROM cases_wide ORDER BY county, year"),
)


def demo(data: Data = DEFAULT_DATA, lang: Lang = None) -> int:
    """Crawls the sample portals, reads and checks their reports, and says what to try next."""
    workspace = Workspace(data)
    _make_sample_workspace(workspace)
    portals = sample_portals()
    _tell("demo_begins", count=len(portals), folder=workspace.folder)
    with SamplePortals() as server:
        _heading("crawl")
        run = crawl_portals(workspace, portals, server.resolve)
        _tell("demo_requests", count=len(server.requests))
    failed = report_gaps(run)
    if not run.new:
        _tell("demo_nothing_new", count=run.known)
    _heading("parse")
    read = parse_archive(workspace)
    metric, year = _COMPARED
    _heading("compare", metric, "--year", str(year))
    compare([metric], years=[str(year)], data=data, print_format=Format.TABLE)
    _heading("check")
    _tell_findings(workspace)
    _tell_next(data)
    return WORK_FAILED if failed or read.parsed.failures else 0


def _make_sample_workspace(workspace: Workspace) -> None:
    """Gives the workspace the sample portals. Raises :class:`Failure` where it holds real reports."""
    own = workspace.own_portals()
    if any(not portal.sample for portal in own) or (workspace.archive.exists() and not own):
        raise Failure("not_a_sample_workspace", folder=workspace.folder)
    try:
        workspace.folder.mkdir(parents=True, exist_ok=True)
        write_registry(workspace.registry, sample_portals())
    except OSError as error:
        raise Failure("folder_not_writable", folder=workspace.folder, reason=error.strerror) from error


def _tell(code: str, /, **values: object) -> None:
    _write(sentence(code, **values))


def _write(text: str) -> None:
    """To standard output at once, so that what the steps say on standard error comes in order."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _heading(*command: str) -> None:
    """The command that does the step."""
    _write(f"\n$ nianbao {' '.join(command)}")


def _tell_findings(workspace: Workspace) -> None:
    with open_for_reading(workspace.database) as connection:
        found = checks.findings(connection, checks.FindingFilter(status="open"), language())
    found = sorted((line for line in found if line["severity"] != "notice"), key=_report)
    for (publisher, year), lines in groupby(found, key=_report):
        _tell("demo_report", publisher=publisher, year=year)
        for line in lines:
            severity = sentence(f"severity_{line['severity']}")
            _write(f"  {severity} [{line['rule']}] {line['message']}")


def _report(finding: dict[str, Any]) -> tuple[str, int]:
    return finding["publisher"], finding["year"]


def _tell_next(data: str) -> None:
    _write("")
    _tell("demo_next")
    for command in _TRY_NEXT:
        _write("  " + " ".join(map(_quoted, _as_typed(command, data))))


def _as_typed(command: Sequence[str], data: str) -> list[str]:
    """How to call ``command`` from here: by its name where the shell finds it, else by its path."""
    program = "nianbao" if shutil.which("nianbao") else os.path.relpath(sys.argv[0])
    return [program, *command, *([] if data == DEFAULT_DATA else ["--data", data])]


def _quoted(word: str) -> str:
    return f'"{word}"' if " " in word else word
