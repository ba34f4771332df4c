"""``check review``: what people decide about findings."""

from __future__ import annotations

import getpass
import shutil
import subprocess
from typing import Annotated, Any

import duckdb
import typer

from analysis import review as decisions
from analysis.database import open_for_reading
from analysis.review import Decision, Verdict
from analysis.review.standing import Scope
from analysis.series import find_county
from nianbao.console import column, say, warn
from nianbao.failures import WORK_FAILED, Failure
from nianbao.options import DEFAULT_DATA, Data, Lang, Output, PrintFormat, Year
from nianbao.records import Column, Record, as_text, put
from nianbao.reviews import bring_in
from nianbao.wording import language, sentence
from nianbao.workspace import Workspace
from scraper.messages import ScraperError
from scraper.store import open_database

Findings = Annotated[list[str] | None, typer.Argument(metavar="ID")]


def review(
    findings: Findings = None,
    confirm: Annotated[bool, typer.Option("--confirm")] = False,
    dismiss: Annotated[bool, typer.Option("--dismiss")] = False,
    reopen: Annotated[bool, typer.Option("--reopen")] = False,
    note: Annotated[str, typer.Option("--note", metavar="TEXT")] = "",
    name: Annotated[str, typer.Option("--name", metavar="NAME")] = "",
    decided: Annotated[bool, typer.Option("--list")] = False,
    county: Annotated[str | None, typer.Option("--county", metavar="COUNTY")] = None,
    year: Year = None,
    rule: Annotated[str | None, typer.Option("--rule")] = None,
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> int:
    """Records a decision about findings; without one prints what is open, or what was decided."""
    workspace = Workspace(data)
    verdict = _verdict(confirm=confirm, dismiss=dismiss, reopen=reopen)
    if verdict and not findings:
        raise Failure("review_without_finding", usage=True)
    with open_for_reading(workspace.database) as connection:
        ids = [finding_called(connection, given) for given in findings or []]
        if verdict:
            who = name or _user()
            taken = [decisions.decision_about(connection, one, verdict, who, note) for one in ids]
        else:
            code = find_county(connection, county).current_code if county else None
            wanted = Scope(code, year, rule)
            shown = (
                _decided_ones(connection, wanted, ids) if decided or ids else _open_ones(connection, wanted)
            )
    if verdict:
        return _record(workspace, taken)
    records, columns = shown
    put(records, columns, print_format, output)
    if not records:
        say("reviews_none" if decided or ids else "findings_none")
    return 0


def _verdict(*, confirm: bool, dismiss: bool, reopen: bool) -> Verdict | None:
    given: list[Verdict] = []
    given += ["confirmed"] if confirm else []
    given += ["dismissed"] if dismiss else []
    given += ["open"] if reopen else []
    if len(given) > 1:
        raise Failure("review_one_decision", usage=True)
    return given[0] if given else None


def finding_called(connection: duckdb.DuckDBPyConnection, given: str) -> str:
    """The id of the finding that ``given``, its beginning, names. Raises :class:`Failure`."""
    try:
        return decisions.finding_called(connection, given)
    except decisions.UnknownFinding as error:
        code = "ambiguous_finding" if isinstance(error, decisions.AmbiguousFinding) else "unknown_finding"
        near = "; ".join(error.near) or sentence("nothing_near")
        raise Failure(code, usage=True, given=given, near=near) from error


def _user() -> str:
    """Who is at work here, as git or else the system knows them."""
    git = shutil.which("git")
    if git:
        asked = subprocess.run(  # noqa: S603 - a fixed command
            [git, "config", "user.name"], capture_output=True, text=True, check=False, timeout=10
        )
        if asked.stdout.strip():
            return asked.stdout.strip()
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise Failure("review_without_name", usage=True) from error


def _record(workspace: Workspace, taken: list[Decision]) -> int:
    """Keeps the decisions in their file, and brings them into the database."""
    try:
        decisions.record_decisions(workspace.reviews, taken)
    except OSError as error:
        raise Failure("output_not_written", file=workspace.reviews, reason=error) from error
    for one in taken:
        message = one.message[language()]
        said = sentence(f"status_{one.verdict}")
        say("review_recorded", finding=one.finding_id, decision=said, name=one.name, message=message)
    try:
        with open_database(workspace.database_file) as connection:
            bring_in(workspace, connection)
    except (duckdb.Error, ScraperError) as error:
        warn(sentence("review_not_brought_in", file=workspace.reviews, reason=str(error).splitlines()[0]))
        return WORK_FAILED
    return 0


_Shown = tuple[list[dict[str, Any]], list[Column]]


def _decided_ones(connection: duckdb.DuckDBPyConnection, wanted: Scope, ids: list[str]) -> _Shown:
    found = decisions.decisions_about(connection, wanted, ids or None, language())
    return found, _decision_columns(decisions.shortest_ids(connection))


def _open_ones(connection: duckdb.DuckDBPyConnection, wanted: Scope) -> _Shown:
    found = decisions.to_decide(connection, wanted, language())
    return found, _open_columns(decisions.shortest_ids(connection))


def _id_column(shown: int) -> Column:
    label = sentence("column_finding_id")
    return Column("finding_id", label, shown=lambda record: str(record["finding_id"])[:shown])


def _decision_columns(shown: int) -> list[Column]:
    return [
        _id_column(shown),
        Column("decision", sentence("column_decision"), shown=lambda r: sentence(f"status_{r['decision']}")),
        Column("standing", sentence("column_standing"), shown=_standing),
        Column("name", sentence("column_decided_by")),
        *map(column, ("decided_at", "note", "county", "year", "rule", "message")),
        *(
            column(key, brief=False)
            for key in (
                "publisher", "applicant", "metrics", "expected", "actual", "expected_now", "actual_now",
                "url", "report_id", "review_no",
            )
        ),
    ]  # fmt: skip


def _standing(record: Record) -> str:
    """What a decision is worth, with the figures then and now where they differ."""
    said = sentence(f"standing_{record['standing']}")
    if record["standing"] != "figures_changed":
        return said
    then, now = (_figures(record, when) for when in ("", "_now"))
    return f"{said} ({then} → {now})"


def _figures(record: Record, when: str) -> str:
    figures = {key: as_text(record[f"{key}{when}"]) for key in ("actual", "expected")}
    return sentence("stated_expected", **figures)


def _open_columns(shown: int) -> list[Column]:
    return [
        _id_column(shown),
        Column(
            "severity", sentence("column_severity"), shown=lambda r: sentence(f"severity_{r['severity']}")
        ),
        *map(column, ("county", "year", "rule", "message")),
        Column("decided", sentence("column_decided"), shown=_decided),
        *(
            column(key, brief=False)
            for key in (
                "county_code", "publisher", "applicant", "metrics", "expected", "actual", "name",
                "decided_at", "expected_then", "actual_then", "url", "report_id",
            )
        ),
    ]  # fmt: skip


def _decided(record: Record) -> str:
    """What was decided while the figures were others."""
    if record["decided"] is None:
        return ""
    then = {key: as_text(record[f"{key}_then"]) for key in ("actual", "expected")}
    decision = sentence(f"status_{record['decided']}")
    return sentence("decided_then", decision=decision, name=record["name"], **then)
