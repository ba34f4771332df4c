"""Figures of chosen reports side by side, and which of them a finding calls into question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from analysis.series.catalogue import Metric

# The reports that stand for a county: that of its government, or else that of the government's office.
COUNTY_KINDS = ("county_government", "county_office")

_FIGURES = """
    SELECT f.report_id, f.metric, f.value,
           exists(FROM finding WHERE finding.report_id = f.report_id AND finding.status = 'open'
                  AND finding.severity <> 'notice'
                  AND list_contains(finding.metrics, f.metric)
                  AND list_contains(finding.applicants, f.applicant)) AS doubtful
    FROM fact f
    WHERE list_contains($reports, f.report_id) AND list_contains($metrics, f.metric)
      AND (f.applicant = $applicant OR f.applicant = '' AND $applicant = 'total')
"""


@dataclass(frozen=True)
class Note:
    """Something a reader of a comparison must know; ``code`` names it, ``values`` fill its sentence."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)


def series_of(
    connection: duckdb.DuckDBPyConnection,
    reports: Sequence[dict[str, Any]],
    metrics: Sequence[Metric],
    applicant: str,
) -> tuple[list[dict[str, Any]], list[Note]]:
    """Each of ``reports`` with its figures of ``metrics``, and what a reader must know of them.

    A report's line gains the value of each metric, None where the cell is blank or there is no report
    (``report_id`` is None), and ``doubtful``, the metrics that an open finding calls into question.
    Of the requests table the figures are those of ``applicant``.
    """
    values, doubtful = _figures(connection, reports, metrics, applicant)
    lines = [
        {
            **report,
            **{metric.metric: values.get((report["report_id"], metric.metric)) for metric in metrics},
            "doubtful": [
                metric.metric for metric in metrics if (report["report_id"], metric.metric) in doubtful
            ],
        }
        for report in reports
    ]
    return lines, list(_notes(lines, metrics, _forms_of(connection, metrics)))


def _figures(
    connection: duckdb.DuckDBPyConnection,
    reports: Sequence[dict[str, Any]],
    metrics: Sequence[Metric],
    applicant: str,
) -> tuple[dict[tuple[str, str], float | None], set[tuple[str, str]]]:
    """Values, and which of them are doubtful, by report and metric."""
    rows = connection.execute(
        _FIGURES,
        {
            "reports": [report["report_id"] for report in reports],
            "metrics": [metric.metric for metric in metrics],
            "applicant": applicant,
        },
    ).fetchall()
    values = {(report_id, metric): value for report_id, metric, value, _ in rows}
    return values, {(report_id, metric) for report_id, metric, _, doubtful in rows if doubtful}


def _forms_of(connection: duckdb.DuckDBPyConnection, metrics: Sequence[Metric]) -> dict[str, set[str]]:
    """The generations of the form that ask for each metric."""
    rows = connection.execute(
        "SELECT metric, list(form) FROM metric WHERE list_contains($metrics, metric) GROUP BY metric",
        {"metrics": [metric.metric for metric in metrics]},
    ).fetchall()
    return {metric: set(forms) for metric, forms in rows}


def _notes(
    lines: Sequence[dict[str, Any]], metrics: Sequence[Metric], forms: dict[str, set[str]]
) -> Iterator[Note]:
    reported = [line for line in lines if line["report_id"]]
    if len({line["scope"] for line in reported if line["scope"]}) > 1:
        yield Note("scopes_differ")
    for metric in metrics:
        lacking = {line["form"] for line in reported} - forms[metric.metric]
        if lacking:
            yield Note("not_in_form", {"metric": metric.metric, "forms": ", ".join(sorted(lacking))})
    if any(line["doubtful"] for line in reported):
        yield Note("doubtful")
    if len(reported) < len(lines):
        yield Note("reports_missing", {"count": len(lines) - len(reported)})
