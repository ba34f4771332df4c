"""``inspect``: one document, without a workspace."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.checks import Finding, evaluate
from analysis.checks.localisation.suggest import with_suggestions
from nianbao.commands.check import finding_columns
from nianbao.console import column, warn
from nianbao.failures import Failure
from nianbao.options import Format, Lang, Output, PrintFormat
from nianbao.records import (
    Column,
    Record,
    as_text,
    default_format,
    plain,
    print_table,
    put,
    put_json,
    write_json,
)
from nianbao.wording import language, sentence
from scraper.archive import Capture
from scraper.documents import read_document
from scraper.forms import Claim, Fact, Report, read_report
from scraper.forms.own_text import own_text
from scraper.store import Reading, StoredReport, line_of, lines_of, load_reports, open_database

_IDENTITY = (
    "title", "publisher", "publisher_kind", "county_code", "county_name", "year", "form", "scope",
    "period_start", "period_end", "published_on",
)  # fmt: skip
_CLAIM = ("metric", "value", "sentence", "start", "end", "approximate", "scope")
# How much of its sentence is printed around a claim in a table.
_WORDS_BEFORE, _WORDS_BEHIND = 30, 10
_FACT = ("metric", "applicant", "value", "raw", "unit", "table", "row", "column")


def inspect(
    file: Annotated[str, typer.Argument(metavar="FILE")],
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints what the document holds: one JSON object, or tables for people."""
    body, name = _content(file)
    document = read_document(body, name)
    report = read_report(document, name)
    found = _findings(report, own_text(document, report.identity.title), name, body)
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


def _findings(report: Report, text: Sequence[str], name: str, body: bytes) -> list[Finding]:
    """What the rules say of this report alone, in a database of its own."""
    capture = Capture(name, datetime.now(UTC), 200, "", "", sha256(body).hexdigest(), "", 0, 0)
    stored = StoredReport("inspected", report, capture, text=tuple(text))
    with open_database(None) as connection:
        load_reports(connection, lines_of([line_of(Reading(capture, None, "report", stored=stored))]))
        return with_suggestions(connection, evaluate(connection))[0]


def as_json(report: Report, found: list[Finding]) -> dict[str, Any]:
    """The object of the contract for ``nianbao inspect --format json``."""
    who = {**asdict(report.identity), "form": report.form}
    return {
        **{key: plain(who[key]) for key in _IDENTITY},
        "evidence": {name: asdict(said) for name, said in report.identity.evidence.items()},
        "forms": report.forms,
        "facts": [
            {**_fact(fact), "table_no": fact.table_no, "confidence": fact.confidence} for fact in report.facts
        ],
        "claims": [{key: plain(value) for key, value in _claim(claim).items()} for claim in report.claims],
        "findings": [_finding(finding) for finding in found],
        "warnings": [notice.text(language()) for notice in report.notices],
    }


def _quoted(report: Report, field: str) -> str | None:
    """Where a field was read: the kind of place and the words there."""
    said = report.identity.evidence.get(field)
    return f"{sentence(f'evidence_{said.source}')}: {said.text}" if said else None


def _fact(fact: Fact) -> dict[str, Any]:
    values = {key: getattr(fact, key) for key in _FACT}
    return {**values, "value": None if fact.value is None else float(fact.value)}


def _claim(claim: Claim) -> dict[str, Any]:
    return {key: getattr(claim, key) for key in _CLAIM} | {"value": float(claim.value)}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "metrics": list(finding.metrics),
        "applicant": finding.applicant,
        "expected": plain(finding.expected),
        "actual": plain(finding.actual),
        "message": finding.message[language()],
        "suggestion": [
            {
                "metric": change.metric,
                "applicant": change.applicant,
                "from": plain(change.was),
                "to": plain(change.to),
                "explanation": change.explanation,
            }
            for change in finding.suggestion
        ],
        "quotes": [{**quote._asdict(), "value": plain(quote.value)} for quote in finding.quotes],
    }


def _claim_columns() -> list[Column]:
    """What a reader needs to check a claim: the figure, about or not, whose it is, and its sentence."""
    return [
        column("metric"),
        Column("value", sentence("column_value"), shown=_claimed),
        Column("scope", sentence("column_scope"), shown=_claimed_scope),
        Column("sentence", sentence("column_sentence"), shown=_around),
    ]


def _claimed(claim: Record) -> str:
    value = as_text(claim["value"])
    return sentence("claim_approximate", value=value) if claim["approximate"] else value


def _around(claim: Record) -> str:
    """The words around the figure: a sentence may be as long as a page."""
    said: str = claim["sentence"]
    first, last = max(0, claim["start"] - _WORDS_BEFORE), claim["end"] + _WORDS_BEHIND
    return f"{'…' if first else ''}{said[first:last]}{'…' if last < len(said) else ''}"


def _claimed_scope(claim: Record) -> str:
    return sentence(f"scope_{claim['scope']}") if claim["scope"] else ""


def _print_report(report: Report, found: list[Finding]) -> None:
    """Identity, facts, claims and findings as tables; warnings go to standard error."""
    said = as_json(report, found)
    identity = [
        {"name": sentence(f"column_{key}"), "value": said[key], "evidence": _quoted(report, key)}
        for key in _IDENTITY
    ]
    print_table(identity, list(map(column, ("name", "value", "evidence"))), sys.stdout)
    print_table([_fact(fact) for fact in report.facts], list(map(column, _FACT)), sys.stdout)
    if report.claims:
        print_table([_claim(claim) for claim in report.claims], _claim_columns(), sys.stdout)
    wanted = ("severity", "rule", "message")
    columns = [entry for entry in finding_columns() if entry.key in wanted]
    if found:
        print_table([_finding(finding) for finding in found], columns, sys.stdout)
    for notice in report.notices:
        warn(notice.text(language()))
