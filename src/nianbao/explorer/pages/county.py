"""A county: its figures beside its peers', how requests were decided, what is found, all reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from analysis import checks, series
from analysis.reports import reports_of
from analysis.series.records import MARKS
from nianbao.console import column
from nianbao.explorer.asked import MOST, Asked, Page, Sheet
from nianbao.explorer.pages.findings import finding_sheet
from nianbao.explorer.pictures import pictures_of
from nianbao.explorer.places import county_of_name
from nianbao.explorer.tables import quantities, said_notes, series_sheet
from nianbao.records import Column, Record
from nianbao.wording import sentence

_KEY = ("requests_received", "disclosure_rate", "refusal_rate", "carried_over_rate", "correction_rate")
_PLOTTED = ("requests_received", "refusal_rate")
_OUTCOMES = (
    "granted", "granted_in_part", "denied_subtotal", "unavailable_subtotal", "rejected_subtotal",
    "other_handling", "processed_total",
)  # fmt: skip
_STANDING = series.Question(_KEY, peers="prefecture")
_DECIDED = series.Question(_OUTCOMES)
_BOTH = series.Question((*_KEY, *_OUTCOMES), peers="prefecture")
_MOST_FINDINGS = 12


def county(asked: Asked) -> Page:
    """All that is known of a county."""
    found = county_of_name(asked, asked.parts["county"])
    code = found.current_code
    # Both tables are of the same reports: what is asked together is read at once.
    both = series.trend(asked.connection, found, _BOTH, quantities(asked, _BOTH))
    standing, decided = _part(both, _KEY), _part(both, _OUTCOMES)
    told = checks.findings(asked.connection, checks.FindingFilter(county=code), asked.language, limit=MOST)
    total = len(told)
    told = told if asked.whole else told[:_MOST_FINDINGS]
    sheets = [
        _standing_sheet(asked, standing),
        series_sheet(
            asked,
            "outcomes",
            asked.said("outcomes_caption"),
            decided,
            series.Question(_OUTCOMES),
            head="year",
        ),
        finding_sheet(asked, asked.said("county_findings_caption"), told, total),
        _reports_sheet(asked, code),
    ]
    values = {
        "county": found,
        "notes": said_notes(asked, both.notes),
        "total": total,
        "shown": len(told),
    }
    pictures = [
        *pictures_of(asked, "figures", asked.said("standing_caption"), _part(both, _PLOTTED), _STANDING),
        *pictures_of(asked, "outcomes", asked.said("outcomes_caption"), decided, _DECIDED),
    ]
    return Page("county.html", found.name, values, sheets, pictures)


def _part(found: series.Trend, metrics: Sequence[str]) -> series.Trend:
    """The same with some of its figures alone, and what is said of them."""
    records = [
        record
        | {mark: tuple(said for said in record[mark] if said.split(":")[0] in metrics) for mark in MARKS}
        for record in found.records
    ]
    shown = [one for one in found.quantities if one.quantity_id in metrics]
    return replace(found, quantities=shown, records=records)


def _standing_sheet(asked: Asked, found: series.Trend) -> Sheet:
    return series_sheet(asked, "figures", asked.said("standing_caption"), found, _STANDING, head="year")


def _reports_sheet(asked: Asked, code: str) -> Sheet:
    found = reports_of(asked.connection, code, limit=asked.limit if asked.whole else 500)
    return Sheet(
        "reports",
        asked.said("reports_caption"),
        found,
        report_columns(asked),
        links={"title": lambda record: asked.link(f"/report/{record['report_id']}")},
        head="title",
    )


def report_columns(asked: Asked) -> list[Column]:
    """The columns of a list of reports."""
    return [
        column("year"),
        Column("title", sentence("column_title"), shown=lambda record: _title(asked, record)),
        column("publisher"),
        Column("form", sentence("column_form"), shown=lambda record: form_name(asked, record["form"])),
        Column("scope", sentence("column_scope"), shown=_scope),
        Column("published_on", asked.said("column_published_on")),
        Column("errors", asked.said("column_errors")),
        Column("others", asked.said("column_others")),
        *(column(key, brief=False) for key in ("county_code", "county", "url", "report_id")),
    ]


def _title(asked: Asked, record: Record) -> str:
    return record["title"] or asked.said("untitled")


def form_name(asked: Asked, form: str | None) -> str:
    """What a generation of the form is called."""
    return asked.said(f"form_{form}") if form else ""


def _scope(record: Record) -> Any:
    return sentence(f"scope_{record['scope']}") if record["scope"] else ""
