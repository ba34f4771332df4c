"""Everything about one finding: what should hold, who demands it, which cells, and what would mend it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from analysis.checks.finding import Labels
from analysis.checks.formula import CLAIMED, PREVIOUS, Sum
from analysis.checks.rules import Rule, catalogue
from analysis.database import records

_FINDING = """
    SELECT f.*, r.county_code, c.name AS county, r.publisher, r.year, r.form, r.scope, r.url, r.title,
           r.captured_at, r.sha256, r.warc_file, r.warc_offset
    FROM finding f JOIN report r USING (report_id) LEFT JOIN county c ON c.code = r.county_code
    WHERE f.finding_id = $finding
"""
# A row that a publisher added stands under its own label; the rules know it by how that ends.
_CELLS = """
    SELECT cell.report_id, cell."table", cell.metric, cell.applicant, f.value, f.raw, f.unit, f.table_no,
           f."row", f.col, r.year, r.publisher, r.url
    FROM (SELECT unnest(cells, recursive := true), generate_subscripts(cells, 1) AS number
          FROM finding WHERE finding_id = $finding) cell
    JOIN report r ON r.report_id = cell.report_id
    LEFT JOIN (SELECT unnest($metrics) AS metric, unnest($labels) AS label) p ON p.metric = cell.metric
    LEFT JOIN fact f ON f.report_id = cell.report_id AND f."table" = cell."table"
         AND f.applicant = cell.applicant
         AND (f.metric = cell.metric OR f.metric LIKE 'local.%' || p.label)
    ORDER BY cell.number, f.table_no, f."row", f.col
"""
_EXPLANATIONS = """
    SELECT explanation_no, metric, applicant, slip, open, complete FROM suggestion WHERE report_id = $report
"""


class UnknownFinding(Exception):  # noqa: N818 - said by the user
    """No finding is called ``given``."""

    def __init__(self, given: str) -> None:
        super().__init__(given)
        self.given = given


def explain(connection: duckdb.DuckDBPyConnection, finding_id: str, language: str = "en") -> dict[str, Any]:
    """What is known of a finding, worded in ``language``. Raises :class:`UnknownFinding`.

    ``cells`` are those that take part, each with its place and raw text, the stated one first; ``quotes``
    the sentences of the prose; ``suggestion`` the ways to mend it, each a list of cells with what they say
    and should say.
    """
    found = records(connection, _FINDING, {"finding": finding_id})
    if not found:
        raise UnknownFinding(finding_id)
    (finding,) = found
    labels = Labels(connection)
    rule = next((one for one in catalogue().rules if one.rule == finding["rule"]), None)
    return {
        **{key: finding[key] for key in _KEPT},
        "message": finding["message_zh"] if language == "zh" else finding["message"],
        "holds": rule.holds[language] if rule else None,
        "formula": _formula(rule, finding, labels, language) if rule else None,
        "source": rule.source[language] if rule else None,
        "difference": _difference(finding),
        "cells": _cells(connection, finding_id, labels, language),
        "quotes": [_quote(quote) for quote in finding["quotes"]],
        "suggestion": _suggestions(connection, finding, labels, language),
    }


_KEPT = (
    "finding_id", "rule", "severity", "status", "county_code", "county", "publisher", "year", "form", "scope",
    "title", "url", "captured_at", "report_id", "relation", "place", "applicant", "expected", "actual",
)  # fmt: skip


def _difference(finding: Mapping[str, Any]) -> float | None:
    if finding["actual"] is None or finding["expected"] is None:
        return None
    return float(finding["actual"] - finding["expected"])


def _formula(rule: Rule, finding: Mapping[str, Any], labels: Labels, language: str) -> str | None:
    """The formula with the names of its figures; None for a rule that is no formula."""
    relation = next((one for one in rule.relations if one.name == finding["relation"]), None)
    if relation is None:
        return None
    formula = relation.formula
    stated, expected = (_sum(side, labels, language) for side in (formula.stated, formula.expected))
    return f"{stated} {formula.comparison} {expected}"


def _sum(side: Sum, labels: Labels, language: str) -> str:
    added = ""
    for number, term in enumerate(side.terms):
        sign = " − " if term.sign < 0 else " + " if number else ""
        added += sign + _named(term.operand, labels, language)
    if side.constant or not side.terms:
        added += (" + " if side.terms else "") + str(side.constant)
    return added


def _named(operand: str, labels: Labels, language: str) -> str:
    where = {PREVIOUS: {"zh": "上一年", "en": "last year's "}, CLAIMED: {"zh": "正文", "en": "the prose's "}}
    for prefix, wording in where.items():
        if operand.startswith(prefix):
            return f"{wording[language]}“{labels.of(operand.removeprefix(prefix), language)}”"
    return f"“{labels.of(operand, language)}”"


def _cells(
    connection: duckdb.DuckDBPyConnection, finding_id: str, labels: Labels, language: str
) -> list[dict[str, Any]]:
    printed = catalogue().printed_sums
    wanted = {"metrics": [entry.metric for entry in printed], "labels": [entry.label for entry in printed]}
    found = records(connection, _CELLS, {"finding": finding_id, **wanted})
    for cell in found:
        cell["label"] = labels.of(cell["metric"], language)
        cell["applicant_label"] = labels.of(cell["applicant"], language) if cell["applicant"] else ""
    return found


def _quote(quote: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "metric": quote["metric"],
        "value": quote["value"],
        "sentence": quote["sentence"],
        "start": quote["start_at"],
        "end": quote["end_at"],
    }


def _suggestions(
    connection: duckdb.DuckDBPyConnection, finding: Mapping[str, Any], labels: Labels, language: str
) -> list[list[dict[str, Any]]]:
    """Ways to mend it, each a list of changes that go together; with the slip that accounts for them."""
    known = {
        (line["explanation_no"], line["metric"], line["applicant"]): line
        for line in records(connection, _EXPLANATIONS, {"report": finding["report_id"]})
    }
    together: dict[int, list[dict[str, Any]]] = {}
    for change in finding["suggestion"]:
        number, metric, applicant = change.get("explanation", 0), change["metric"], change["applicant"]
        explanation = known.get((number, metric, applicant), {})
        together.setdefault(number, []).append(
            {
                **{key: change[key] for key in ("metric", "applicant", "from", "to")},
                "label": labels.of(metric, language),
                "applicant_label": labels.of(applicant, language) if applicant else "",
                **{key: explanation.get(key) for key in ("slip", "open", "complete")},
            }
        )
    return list(together.values())
