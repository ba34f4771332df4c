"""A report: its tables as printed with what fails in them, its prose, where it lies, how it was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.present import page as present
from analysis.present.notice import Notice, Point, report_in_full
from analysis.present.wording import Wording
from analysis.reports import report as report_called
from analysis.reports import texts_of
from nianbao.console import column
from nianbao.explorer.asked import Asked, Page, Sheet
from nianbao.explorer.pages.archived import place_of
from nianbao.explorer.pages.county import form_name
from nianbao.explorer.rendering import short
from nianbao.records import Column, as_text
from nianbao.wording import sentence

_FACTS = """
    SELECT f.table_no, f."table", f."row", f.col, f.metric, f.applicant, f.raw, f.value, f.unit
    FROM fact f WHERE f.report_id = $report ORDER BY f.table_no, f."row", f.col
"""
_CELL = """
    SELECT metric, applicant, raw FROM fact
    WHERE report_id = $report AND table_no = $table AND "row" = $row AND col = $col
"""
_LABELS = """
    SELECT metric AS name, any_value(label_zh) AS zh, any_value(label_en) AS en FROM metric GROUP BY metric
    UNION ALL SELECT applicant, label_zh, label_en FROM applicant
"""


def report(asked: Asked) -> Page:
    """All that is known of a report."""
    known = report_called(asked.connection, asked.parts["report"])
    said = Wording(asked.language)
    notice = report_in_full(asked.connection, known["report_id"], asked.language)
    labels, place = _labels(asked), place_of(asked)
    values = {
        "report": known,
        "form": form_name(asked, known["form"]),
        "scope": sentence(f"scope_{known['scope']}") if known["scope"] else "",
        "captured": present.captured(known["captured_at"], said),
        "points": [_point(asked, point, notice, said) for point in notice.points],
        "tables": [present.table_in_words(table, said) for table in notice.tables],
        "paragraphs": texts_of(asked.connection, known["report_id"], known["claims"]),
        "claims": [_claim(claim, labels) for claim in known["claims"]],
        "warnings": [_in(asked, warning) for warning in known["warnings"]],
        "cell": "-".join(map(str, place)) if place else "",
        "cell_said": _cell(asked, known["report_id"], place, labels) if place else "",
        "labels": labels,
    }
    title = known["title"] or asked.said("untitled")
    return Page("report.html", title, values, [_facts_sheet(asked, known["report_id"])])


def _cell(asked: Asked, report_id: str, place: tuple[int, int, int], labels: dict[str, str]) -> str:
    """What a cell is called, and where it stands; rows and columns count from 1."""
    given = dict(zip(("table", "row", "col"), place, strict=True)) | {"report": report_id}
    for metric, applicant, raw in asked.connection.execute(_CELL, given).fetchall():
        name = " × ".join(labels.get(one, one) for one in (metric, applicant) if one)
        table, row, column = (number + 1 for number in place)
        return asked.said("cell_said", name=name, raw=short(raw), table=table, row=row, column=column)
    return ""


def _labels(asked: Asked) -> dict[str, str]:
    rows = asked.connection.execute(_LABELS).fetchall()
    return {name: zh if asked.language == "zh" else en for name, zh, en in rows}


def _point(asked: Asked, point: Point, notice: Notice, said: Wording) -> dict[str, Any]:
    """A finding in words, with what should hold."""
    finding = point.finding
    return {
        "sign": point.sign,
        "severity": finding["severity"],
        "severity_said": sentence(f"severity_{finding['severity']}"),
        "status": sentence(f"status_{finding['status']}"),
        "message": present.message(finding, said),
        "holds": present.holds(finding["rule"], said),
        "cells": present.cells(point, said) if point.cells else "",
        "proposals": present.proposals_for(point, notice, said),
        "link": asked.link(f"/finding/{finding['finding_id']}"),
    }


def _claim(claim: dict[str, Any], labels: dict[str, str]) -> dict[str, str]:
    return {
        "label": labels.get(claim["metric"], claim["metric"]),
        "value": as_text(claim["value"]),
        "sentence": claim["sentence"],
    }


def _in(asked: Asked, warning: dict[str, Any]) -> str:
    return str(warning["message_zh"] if asked.language == "zh" else warning["message"])


def _facts_sheet(asked: Asked, report_id: str) -> Sheet:
    columns = ("table", "table_no", "row", "col", "metric", "applicant", "raw", "value", "unit")
    facts: Sequence[dict[str, Any]] = ()
    if asked.whole:
        result = asked.connection.execute(_FACTS, {"report": report_id})
        names = [name for name, *_ in result.description or ()]
        facts = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    labelled = [_fact_column(key) for key in columns]
    return Sheet("facts", asked.said("facts_caption"), facts, labelled)


def _fact_column(key: str) -> Column:
    return Column(key, sentence("column_column")) if key == "col" else column(key)
