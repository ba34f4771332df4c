"""Where a figure comes from: the archived page, the table, the cells, and what findings say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from analysis.database import records
from analysis.provenance.figure import Fact, MadeOf, ReportFigures, Wanted
from analysis.provenance.findings import Findings
from analysis.provenance.labels import column_labels, row_labels
from analysis.provenance.names import Names, find_figure
from analysis.series.comparability import Terms
from analysis.series.expression import Expression, Operation, as_text
from analysis.series.quantities import Quantity

_REPORT = """
    SELECT r.report_id, r.county_code, c.name AS county, r.publisher, r.publisher_kind, r.year, r.form,
           r.scope, r.title, r.url, r.captured_at, r.sha256, r.warc_file, r.warc_offset, r.sample,
           r.vanished_at
    FROM report r LEFT JOIN county c ON c.code = r.county_code WHERE report_id = $report
"""
_VERSION = """
    SELECT v.captured_at, v.newest, v.county_code, v.publisher, v.year, v.title, v.form, v.sha256,
           v.warc_file, v.warc_offset, v.url
    FROM version v JOIN report r USING (report_id)
    WHERE report_id = $report AND v.captured_at < $before
    ORDER BY v.url = r.url DESC, v.captured_at DESC, v.url LIMIT 1
"""
_PLACE = 'metric, applicant, value, raw, unit, "table", table_no, "row", col, confidence'
_FACTS = f'SELECT {_PLACE} FROM fact WHERE report_id = $report ORDER BY table_no, "row", col'  # noqa: S608
_EARLIER_FACTS = f"""
    SELECT {_PLACE} FROM earlier_fact
    WHERE report_id = $report_id AND url = $url AND captured_at = $captured_at
    ORDER BY table_no, "row", col
"""  # noqa: S608 - nothing but the constant above is put in
_LABELS = 'SELECT table_no, "row", row_span, col, text FROM label WHERE report_id = $report'
_CLAIMS = """
    SELECT metric, value, sentence, start_at, end_at, approximate FROM claim
    WHERE report_id = $report AND list_contains($metrics, metric) ORDER BY metric, sentence, start_at
"""
_SHARED = """
    SELECT metric FROM metric GROUP BY metric HAVING count(DISTINCT "table" = 'statistics') > 1
"""
_NOWHERE = dict.fromkeys(
    ("value", "raw", "unit", "table", "table_no", "row", "col", "confidence", "page_table", "page_row",
     "page_column")
)  # fmt: skip


class NoVersion(Exception):  # noqa: N818 - said by the user
    """The report was not captured yet on ``day``; it was first on ``first``."""

    def __init__(self, day: date, first: datetime) -> None:
        super().__init__(str(day))
        self.day = day
        self.first = first


@dataclass(frozen=True)
class Source:
    """Where a figure comes from.

    ``report`` is the line of the report or of its version, ``figure`` what was asked for, and ``cells``
    those that it is made of. ``claims`` are sentences of the report that state the same. ``facts`` and
    ``labels`` are all that the report's tables print. Columns are named in ``docs/sources.md``.
    """

    report: dict[str, Any]
    figure: dict[str, Any]
    cells: tuple[dict[str, Any], ...]
    claims: tuple[dict[str, Any], ...]
    facts: tuple[Fact, ...]
    labels: tuple[Mapping[str, Any], ...]


def source_of(
    connection: duckdb.DuckDBPyConnection,
    report_id: str,
    metric: str,
    applicant: str | None = None,
    *,
    join: Terms = "near",
    at: date | None = None,
    language: str = "en",
) -> Source:
    """Where the figure ``metric`` of a report comes from, in the column ``applicant``, by default the total.

    ``metric`` is the id or a label of a metric or of a measure, or one of the report's own (``local.…``);
    ``join`` as in comparisons; ``at``: as the report's address showed it at the end of that day. Raises
    :class:`analysis.series.UnknownMetric`, :class:`analysis.series.UnknownApplicant`, :class:`NoVersion`.
    """
    report = _report(connection, report_id, at)
    facts = _facts(connection, report)
    labels = records(connection, _LABELS, {"report": report_id}) if report["newest"] else []
    names = Names(connection, report["form"], language)
    column = names.applicant_called(applicant)
    shared = [name for (name,) in connection.execute(_SHARED).fetchall()]
    quantity = find_figure(connection, metric, facts, join)
    made = ReportFigures(facts, report["form"], shared).made_of(quantity, column)
    reading = _Reading(names, Findings(connection, report_id, language), facts, labels)
    metrics = [quantity.quantity_id, *quantity.cells]
    return Source(
        report,
        _figure(quantity, made, column, names),
        tuple(reading.cell(wanted, current=report["newest"]) for wanted in made.cells),
        tuple(records(connection, _CLAIMS, {"report": report_id, "metrics": metrics}))
        if report["newest"] and column in ("total", "")
        else (),
        tuple(facts),
        tuple(labels),
    )


def _report(connection: duckdb.DuckDBPyConnection, report_id: str, at: date | None) -> dict[str, Any]:
    """The report; or the version of it that its address showed at the end of the day ``at``."""
    (report,) = records(connection, _REPORT, {"report": report_id})
    report["newest"] = True
    if at is None:
        return report
    before = datetime.combine(at, datetime.min.time()) + timedelta(days=1)
    found = records(connection, _VERSION, {"report": report_id, "before": before})
    if not found:
        (first,) = connection.execute(
            "SELECT min(captured_at) FROM version WHERE report_id = $1", [report_id]
        ).fetchall()
        raise NoVersion(at, first[0] or report["captured_at"])
    same = found[0]["newest"] and found[0]["url"] == report["url"]
    return report if same else report | found[0]


def _facts(connection: duckdb.DuckDBPyConnection, report: Mapping[str, Any]) -> list[dict[str, Any]]:
    if report["newest"]:
        return records(connection, _FACTS, {"report": report["report_id"]})
    named = {key: report[key] for key in ("report_id", "url", "captured_at")}
    return records(connection, _EARLIER_FACTS, named)


def _figure(quantity: Quantity, made: MadeOf, applicant: str, names: Names) -> dict[str, Any]:
    return {
        "metric": quantity.quantity_id,
        "label": names.of_quantity(quantity),
        "applicant": applicant,
        "applicant_label": names.of(applicant),
        "value": None if made.value is None else float(made.value),
        "unit": quantity.unit,
        "of": None if made.base is None else float(made.base),
        "expression": as_text(_expression(quantity)),
        "missing": made.reason,
        "joined": [
            f"{as_text(basis.figure)} ({basis.terms}): {basis.link.wording[names.language]}"
            for basis in made.stands_in
            if basis.link is not None
        ],
        "assumed": made.assumed,
    }


def _expression(quantity: Quantity) -> Expression:
    if quantity.denominator is None:
        return quantity.numerator
    return Operation("/", quantity.numerator, quantity.denominator)


class _Reading:
    """Tells of each cell what is printed there and around it, and what findings say of it."""

    def __init__(
        self,
        names: Names,
        findings: Findings,
        facts: Sequence[Fact],
        labels: Sequence[Mapping[str, Any]],
    ) -> None:
        self._names = names
        self._findings = findings
        self._facts = facts
        self._labels = labels

    def cell(self, wanted: Wanted, *, current: bool) -> dict[str, Any]:
        """A cell with its place; findings are those of the ``current`` version alone."""
        cell: dict[str, Any] = {
            "metric": wanted.metric,
            "label": self._names.of(wanted.metric),
            "applicant": wanted.applicant,
            "applicant_label": self._names.of(wanted.applicant) if wanted.applicant else "",
            **_NOWHERE,
            "missing": "not_printed",
            "row_labels": (),
            "column_labels": (),
            "findings": (),
        }
        fact = wanted.fact
        if fact is not None:
            cell |= {key: fact[key] for key in _NOWHERE if key in fact}
            cell["missing"] = "blank" if fact["value"] is None else ""
            cell["page_table"], cell["page_row"] = fact["table_no"] + 1, fact["row"] + 1
            cell["page_column"] = fact["col"] + 1
            cell["row_labels"], cell["column_labels"] = self._around(fact)
            cell["findings"] = self._findings.of(fact) if current else ()
        return cell

    def _around(self, fact: Fact) -> tuple[tuple[str, ...], tuple[str, ...]]:
        labels = [label for label in self._labels if label["table_no"] == fact["table_no"]]
        figures = [other for other in self._facts if other["table_no"] == fact["table_no"]]
        row, col = fact["row"], fact["col"]
        return row_labels(labels, row, col), column_labels(labels, figures, row, col)
