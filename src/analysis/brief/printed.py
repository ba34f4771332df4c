"""The cells of one report, as tables of a brief show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb

from analysis.brief.catalogue import OutcomeGroup, OutcomeTable, outcome_tables, plan
from analysis.database import records
from analysis.series.comparability import Wording, doubt

_FACTS = """
    SELECT f.metric, f.applicant, f.value, f.raw, f.unit, f."table", m.label_zh, m.label_en
    FROM fact f JOIN report r USING (report_id)
    LEFT JOIN metric m ON m.metric = f.metric AND m.form = r.form
    WHERE report_id = $report ORDER BY table_no, "row", col
"""
_LABELS = "SELECT DISTINCT ON (metric) metric, label_zh, label_en FROM metric ORDER BY metric, form DESC"
_APPLICANTS = "SELECT applicant, label_zh, label_en FROM applicant"
_DOUBTED = """
    SELECT DISTINCT cell.metric, cell.applicant
    FROM (
        SELECT unnest(cells) AS cell FROM finding
        WHERE list_contains($statuses, status) AND severity <> 'notice'
    )
    WHERE cell.report_id = $report
    UNION ALL
    SELECT '*', '*' FROM finding
    WHERE report_id = $report AND list_contains($statuses, status) AND severity <> 'notice'
      AND exists(FROM (SELECT unnest($whole_report) AS pattern) WHERE rule GLOB pattern)
"""


@dataclass(frozen=True)
class Cell:
    """A printed figure; ``value`` is None where ``raw`` holds no number that can be read.

    ``doubtful``: an open or confirmed finding calls it into question.
    """

    metric: str
    applicant: str
    label: Wording
    value: float | None
    raw: str
    unit: str
    doubtful: bool


@dataclass(frozen=True)
class Group:
    """Outcomes of one kind: the sum of ``cells`` that hold a figure, None where none does.

    ``share`` is in percent of the total, None where the outcomes don't add up to it.
    """

    group_id: str
    count: float | None
    share: float | None
    cells: Sequence[Cell]
    of_which: Sequence[Cell]

    @property
    def doubtful(self) -> bool:
        """Whether any of its cells is called into question."""
        return any(cell.doubtful for cell in self.cells)

    @property
    def blanks(self) -> int:
        """How many of its cells hold no figure."""
        return sum(cell.value is None for cell in self.cells)


@dataclass(frozen=True)
class Outcomes:
    """How requests were decided. ``added`` is the sum of all outcomes, ``total`` what is printed as such."""

    total: Cell
    added: float
    groups: Sequence[Group]

    @property
    def agrees(self) -> bool:
        """Whether the outcomes add up to the total."""
        return self.total.value is not None and self.total.value == self.added


@dataclass(frozen=True)
class Cases:
    """Reviews and lawsuits: for each row (``review``, ``litigation_direct`` …) its cells by column."""

    columns: Sequence[str]
    rows: Mapping[str, Mapping[str, Cell]]

    def count(self, row: str, column: str) -> float | None:
        """A figure of the table; None where it is not printed or holds no number."""
        cell = self.rows.get(row, {}).get(column)
        return None if cell is None else cell.value


class PrintedReport:
    """The cells of the report ``report_id``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, report_id: str) -> None:
        self._connection = connection
        self._report = report_id

    @cached_property
    def _doubted(self) -> frozenset[tuple[str, str]]:
        given = {
            "report": self._report,
            "statuses": doubt("statuses"),
            "whole_report": doubt("whole_report"),
        }
        return frozenset(
            (metric, applicant or "")
            for metric, applicant in self._connection.execute(_DOUBTED, given).fetchall()
        )

    @cached_property
    def _labels(self) -> dict[str, Wording]:
        return {
            line["metric"]: {"zh": line["label_zh"], "en": line["label_en"]}
            for line in records(self._connection, _LABELS)
        }

    @cached_property
    def _cells(self) -> dict[tuple[str, str], tuple[str, Cell]]:
        found: dict[tuple[str, str], tuple[str, Cell]] = {}
        for line in records(self._connection, _FACTS, {"report": self._report}):
            key = (line["metric"], line["applicant"])
            found.setdefault(key, (line["table"], self._cell(line)))
        return found

    def _cell(self, line: Mapping[str, Any]) -> Cell:
        metric, applicant = line["metric"], line["applicant"]
        own = {"zh": line["label_zh"], "en": line["label_en"]} if line["label_zh"] else None
        local = metric.removeprefix("local.")
        label = own or self._labels.get(metric, {"zh": local, "en": local})
        doubted = (metric, applicant) in self._doubted or ("*", "*") in self._doubted
        return Cell(metric, applicant, label, line["value"], line["raw"], line["unit"], doubted)

    def cell(self, metric: str, applicant: str | None = None) -> Cell | None:
        """A printed cell; without ``applicant`` that of the total column, or of a table without columns."""
        wanted = ("total", "") if applicant is None else (applicant,)
        found = (self._cells.get((metric, one)) for one in wanted)
        return next((one[1] for one in found if one is not None), None)

    def _some(self, metrics: Sequence[str]) -> list[Cell]:
        return [cell for metric in metrics if (cell := self.cell(metric)) is not None]

    def outcomes(self) -> Outcomes | None:
        """How requests were decided; None where the report has no such table."""
        for table in outcome_tables():
            total = self.cell(table.total)
            if total is not None:
                return self._outcomes(table, total)
        return None

    def _outcomes(self, table: OutcomeTable, total: Cell) -> Outcomes:
        cells = [(group, self._some(group.parts)) for group in table.groups]
        added = sum(cell.value or 0 for _, of_group in cells for cell in of_group)
        agrees = total.value == added and bool(added)
        return Outcomes(
            total, added, [self._group(group, found, added if agrees else None) for group, found in cells]
        )

    def _group(self, group: OutcomeGroup, cells: Sequence[Cell], total: float | None) -> Group:
        known = [cell.value for cell in cells if cell.value is not None]
        count = sum(known) if known else None
        share = None if total is None else 100 * (count or 0) / total
        return Group(group.group_id, count, share, cells, self._some(group.of_which))

    def asked(self) -> list[Cell]:
        """Who asked, or by which channel: the parts of the requests received."""
        for entry in plan()["asked"]:
            applicants, metrics = entry.get("applicants", ()), entry.get("metrics", ())
            found = [self.cell(entry["total"], applicant) for applicant in applicants]
            cells = [cell for cell in found if cell is not None] + self._some(metrics)
            if cells:
                return [self._of_applicant(cell) for cell in cells]
        return []

    def _of_applicant(self, cell: Cell) -> Cell:
        if not cell.applicant:
            return cell
        label = self._applicants.get(cell.applicant, {"zh": cell.applicant, "en": cell.applicant})
        return Cell(cell.metric, cell.applicant, label, cell.value, cell.raw, cell.unit, cell.doubtful)

    @cached_property
    def _applicants(self) -> dict[str, Wording]:
        return {
            line["applicant"]: {"zh": line["label_zh"], "en": line["label_en"]}
            for line in records(self._connection, _APPLICANTS)
        }

    def cases(self) -> Cases | None:
        """Reviews and lawsuits; None where the report has no such table."""
        rows: dict[str, dict[str, Cell]] = {}
        columns: dict[str, None] = {}
        for entry in plan()["cases"]:
            prefix = entry["prefix"]
            found = {
                column: cell
                for column in entry["columns"]
                if (cell := self.cell(f"{prefix}_{column}")) is not None
            }
            if found:
                rows[prefix] = found
                columns |= dict.fromkeys(entry["columns"])
        printed = [column for column in columns if any(column in row for row in rows.values())]
        return Cases(printed, rows) if rows else None

    def disclosed(self) -> list[Cell]:
        """What the body disclosed by itself, in the order of the page."""
        own = [cell for table, cell in self._cells.values() if table == "proactive"]
        return own or self._some(plan()["disclosed"])
