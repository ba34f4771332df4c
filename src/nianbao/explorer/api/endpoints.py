"""What each address of the API answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from analysis import changes as changed
from analysis import checks, series
from analysis.checks.explaining import explain
from analysis.database import records
from analysis.provenance import find_report, source_of
from analysis.reports import report as report_called
from analysis.reports import reports_of
from analysis.reports.coverage import coverage as covered
from analysis.review import decisions_about, finding_called
from analysis.search import search_places, search_reports
from nianbao.explorer.asked import Asked
from nianbao.explorer.pages.compare import asked_question
from nianbao.explorer.pages.findings import finding_filter
from nianbao.explorer.places import county_of_name
from nianbao.explorer.tables import quantities
from nianbao.failures import Failure
from nianbao.question import Kind

_LIMIT, _MOST = 100, 1000
_MOST_PLACES = 100
_FACTS = """
    SELECT metric, applicant, value, raw, unit, "table", table_no, "row", col, confidence
    FROM fact WHERE report_id = $report ORDER BY table_no, "row", col
"""
_TEXT = "SELECT text FROM report_text WHERE report_id = $report ORDER BY paragraph"
_KINDS_OF_CHANGE = ("appeared", "vanished", "altered")

Endpoint = Callable[[Asked], Any]


def coverage(asked: Asked) -> Any:
    """Provinces by year."""
    found = covered(asked.connection)
    return {"years": found.years, "records": found.records}


def counties(asked: Asked) -> Any:
    """Counties by name."""
    return {"records": search_places(asked.connection, asked.one("q") or "", limit=_MOST_PLACES)}


def reports(asked: Asked) -> Any:
    """A list of reports."""
    kind = asked.chosen("kind", list(Kind))
    return {
        "records": reports_of(
            asked.connection,
            _county(asked),
            asked.number("year"),
            kind,
            first=_first(asked),
            limit=_limit(asked),
        )
    }


def report(asked: Asked) -> Any:
    """One report with all that was read in it."""
    found = report_called(asked.connection, asked.parts["report"])
    given = {"report": found["report_id"]}
    found["facts"] = records(asked.connection, _FACTS, given)
    found["text"] = [text for (text,) in asked.connection.execute(_TEXT, given).fetchall()]
    found["findings"] = [
        finding
        for (finding,) in asked.connection.execute(
            "SELECT finding_id FROM finding WHERE report_id = $report ORDER BY finding_id", given
        ).fetchall()
    ]
    return found


def findings(asked: Asked) -> Any:
    """A list of findings."""
    wanted = finding_filter(asked)
    total = sum(line["findings"] for line in checks.finding_counts(asked.connection, wanted))
    found = checks.findings(
        asked.connection, wanted, asked.language, first=_first(asked), limit=_limit(asked)
    )
    return {"total": total, "records": found}


def finding(asked: Asked) -> Any:
    """One finding with all that is known of it."""
    called = finding_called(asked.connection, asked.parts["finding"])
    decided = decisions_about(asked.connection, findings=[called], language=asked.language)
    return explain(asked.connection, called, asked.language) | {"decisions": decided}


def compare(asked: Asked) -> Any:
    """Counties side by side."""
    question = asked_question(asked, _metrics(asked), counties=asked.many("county"))
    found = series.compare(asked.connection, question, quantities(asked, question))
    return {"years": found.years, **_series(asked, found)}


def trend(asked: Asked) -> Any:
    """A county across years."""
    county = county_of_name(asked, asked.parts["county"])
    question = asked_question(asked, _metrics(asked))
    return _series(asked, series.trend(asked.connection, county, question, quantities(asked, question)))


def rank(asked: Asked) -> Any:
    """Counties in order."""
    question = asked_question(asked, [asked.parts["metric"]])
    if question.choice.years is not None and len(question.choice.years) > 1:
        raise Failure("rank_one_year", usage=True)
    lowest, at_least = asked.one("lowest") is not None, asked.number("at_least") or 0
    found = series.rank(asked.connection, question, lowest=lowest, top=asked.number("top"), at_least=at_least)
    return {"year": found.year, **_series(asked, found)}


def search(asked: Asked) -> Any:
    """Reports by their words."""
    found = search_reports(
        asked.connection, asked.texts(), asked.one("q") or "", first=_first(asked), limit=_limit(asked)
    )
    if not found.texts:
        raise Failure("texts_not_ready")
    lines = [line | {"text": "".join(piece.text for piece in line["pieces"])} for line in found.records]
    for line in lines:
        del line["pieces"]
    return {"total": found.total, "exact": found.exact, "records": lines}


def source(asked: Asked) -> Any:
    """Where a figure comes from."""
    called = find_report(asked.connection, asked.parts["report"])
    metric, applicant = asked.parts["metric"], asked.one("applicant")
    found = source_of(asked.connection, called, metric, applicant, language=asked.language)
    return {"report": found.report, "figure": found.figure, "cells": found.cells, "claims": found.claims}


def changes(asked: Asked) -> Any:
    """What became of reports."""
    given = asked.one("since")
    try:
        since = None if given is None else date.fromisoformat(given)
    except ValueError as error:
        raise Failure("choice_wrong", usage=True, name="since", given=given, known="2020-01-31") from error
    kind: Any = asked.chosen("kind", _KINDS_OF_CHANGE)
    wanted = changed.ChangeFilter(_county(asked), asked.number("year"), kind, since)
    return {"records": changed.changes(asked.connection, wanted)}


def metrics(asked: Asked) -> Any:
    """The catalogue of metrics and measures."""
    return {"records": series.search_metrics(asked.connection, asked.one("q"), asked.language)}


def rules(asked: Asked) -> Any:
    """The catalogue of rules."""
    return {"records": [rule.told(asked.language) for rule in checks.rules()]}


ENDPOINTS: Mapping[str, Endpoint] = {
    one.__name__: one
    for one in (
        coverage, counties, reports, report, findings, finding, compare, trend, rank, search, source, changes,
        metrics, rules,
    )
}  # fmt: skip


def _series(asked: Asked, found: series.Comparison | series.Trend | series.Ranking) -> dict[str, Any]:
    wordings = {name: wording[asked.language] for name, wording in found.wordings.items()}
    notes = [{"code": note.code, "values": note.values} for note in found.notes]
    return {"records": found.records, "notes": notes, "wordings": wordings}


def _metrics(asked: Asked) -> list[str]:
    found = asked.many("metric")
    if not found:
        raise Failure("parameter_missing", usage=True, name="metric")
    return found


def _county(asked: Asked) -> str | None:
    given = asked.one("county")
    return None if given is None else county_of_name(asked, given).current_code


def _first(asked: Asked) -> int:
    return asked.number("first") or 0


def _limit(asked: Asked) -> int:
    given = asked.number("limit")
    return _LIMIT if given is None else min(given, _MOST)
