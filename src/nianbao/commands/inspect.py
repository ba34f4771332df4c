"""``inspect``: one document, without a workspace."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.checks import Finding, evaluate
from nianbao.commands.check import finding_columns
from nianbao.console import column, warn
from nianbao.failures import Failure
from nianbao.options import Format, Lang, Output, PrintFormat
from nianbao.records import default_format, plain, print_table, put, put_json, write_json
from nianbao.wording import language, sentence
from scraper.archive import Capture
from scraper.documents import read_document
from scraper.forms import Fact, Report, read_report
from scraper.store import StoredReport, load_reports, open_database

_IDENTITY = (
    "title", "publisher", "publisher_kind", "county_code", "county_name", "year", "form", "scope",
    "period_start", "period_end", "published_on",
)  # fmt: skip
_FACT = ("metric", "applicant", "value", "raw", "unit", "table", "row", "column")


def inspect(
    file: Annotated[str, typer.Argument(metavar="FILE")],
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints what the document holds: one JSON object, or tables for people."""
    body, name = _content(file)
    report = read_report(read_document(body, name), name)
    found = _findings(report, name, body)
    chosen = print_format or default_format()
    if output is not None and output.suffix == ".json":
        write_json(as_json(report, found), output)
    elif output is None and chosen is Format.JSON:
        put_json(as_json(report, found), sys.stdout)
    elif output is None and chosen is Format.TABLE:
        _print_report(report, found)
    else:
        put([_fact(fact) for fact in report.facts], list(map(column, _FACT)), chosen, output)


def _content(file: str) -> tuple[bytes, str]:
    if file == "-":
        return sys.stdin.buffer.read(), sentence("standard_input")
    path = Path(file)
    if not path.is_file():
        raise Failure("file_missing", usage=True, file=path)
    return path.read_bytes(), path.name


def _findings(report: Report, name: str, body: bytes) -> list[Finding]:
    """What the rules say of this report alone, in a database of its own."""
    capture = Capture(name, datetime.now(UTC), 200, "", "", sha256(body).hexdigest(), "", 0, 0)
    with open_database(None) as connection:
        load_reports(connection, [StoredReport("inspected", report, capture)], [], "")
        return evaluate(connection)


def as_json(report: Report, found: list[Finding]) -> dict[str, Any]:
    """The object of the contract for ``nianbao inspect --format json``."""
    who = {**asdict(report.identity), "form": report.form}
    return {
        **{key: plain(who[key]) for key in _IDENTITY},
        "forms": report.forms,
        "facts": [
            {**_fact(fact), "table_no": fact.table_no, "confidence": fact.confidence} for fact in report.facts
        ],
        "claims": [],
        "findings": [_finding(finding) for finding in found],
        "warnings": [notice.text(language()) for notice in report.notices],
    }


def _fact(fact: Fact) -> dict[str, Any]:
    values = {key: getattr(fact, key) for key in _FACT}
    return {**values, "value": None if fact.value is None else float(fact.value)}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "metrics": list(finding.metrics),
        "applicant": finding.applicant,
        "expected": plain(finding.expected),
        "actual": plain(finding.actual),
        "message": finding.message[language()],
        "suggestion": [],
    }


def _print_report(report: Report, found: list[Finding]) -> None:
    """Identity, facts and findings as tables; warnings go to standard error."""
    said = as_json(report, found)
    identity = [{"name": sentence(f"column_{key}"), "value": said[key]} for key in said if key in _IDENTITY]
    print_table(identity, [column("name"), column("value")], sys.stdout)
    print_table([_fact(fact) for fact in report.facts], list(map(column, _FACT)), sys.stdout)
    wanted = ("severity", "rule", "message")
    columns = [entry for entry in finding_columns() if entry.key in wanted]
    if found:
        print_table([_finding(finding) for finding in found], columns, sys.stdout)
    for notice in report.notices:
        warn(notice.text(language()))
