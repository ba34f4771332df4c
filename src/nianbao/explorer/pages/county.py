"""A county: its figures beside its peers', how requests were decided, what is found, all reports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from analysis import checks, series
from analysis.reports import reports_of
from nianbao.console import column
from nianbao.explorer.asked import Asked, Page, Sheet
from nianbao.explorer.pages.findings import finding_sheet
from nianbao.explorer.pictures import pictures_of
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
_MOST_FINDINGS = 12


def county(asked: Asked) -> Page:
    """All that is known of a county."""
    found = series.find_county(asked.connection, asked.parts["county"])
    code = found.current_code
    standing = series.trend(asked.connection, found, _STANDING, quantities(asked, _STANDING))
    decided = series.trend(asked.connection, found, _DECIDED, quantities(asked, _DECIDED))
    wanted = checks.FindingFilter(county=code)
    counts = checks.finding_counts(asked.connection, wanted)
    limit = asked.limit if asked.whole else _MOST_FINDINGS
    told = checks.findings(asked.connection, wanted, asked.language, limit=limit)
    total = sum(line["findings"] for line in counts)
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
        "notes": said_notes(asked, [*standing.notes, *decided.notes]),
        "counts": counts,
        "total": total,
        "shown": len(told),
    }
    pictures = [
        *pictures_of(asked, "figures", asked.said("standing_caption"), _plotted(standing), _STANDING),
        *pictures_of(asked, "outcomes", asked.said("outcomes_caption"), decided, _DECIDED),
    ]
    return Page("county.html", found.name, values, sheets, pictures)


def _plotted(found: series.Trend) -> series.Trend:
    """The few figures that a plot at the head of a page has room for."""
    return replace(found, quantities=[one for one in found.quantities if one.quantity_id in _PLOTTED])


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
