"""The findings that a cell takes part in, those of other reports too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import duckdb

from analysis.database import records
from analysis.series.comparability import doubt

_OF_CELLS = """
    SELECT cell."table" AS "table", cell.metric AS metric, coalesce(cell.applicant, '') AS applicant,
           finding_id, rule, severity, status, message, message_zh
    FROM (SELECT *, unnest(cells) AS cell FROM finding) WHERE cell.report_id = $report
    ORDER BY list_position(['error', 'warning', 'notice'], severity), rule, finding_id
"""
# What is doubtful about the whole report calls each of its figures into question.
_OF_REPORT = """
    SELECT finding_id, rule, severity, status, message, message_zh FROM finding
    WHERE report_id = $report AND exists(FROM (SELECT unnest($rules) AS pattern) WHERE rule GLOB pattern)
    ORDER BY rule, finding_id
"""


class Findings:
    """The findings about the cells of one report, worded in ``language``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, report_id: str, language: str) -> None:
        self._language = language
        self._of_cells: defaultdict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        for line in records(connection, _OF_CELLS, {"report": report_id}):
            key = (line.pop("table"), line.pop("metric"), line.pop("applicant"))
            if line not in self._of_cells[key]:
                self._of_cells[key].append(line)
        given = {"report": report_id, "rules": doubt("whole_report")}
        self._of_report = records(connection, _OF_REPORT, given)

    def of(self, fact: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        """The findings that ``fact`` takes part in, and those about its whole report, each once."""
        found = [*self._of_cells[fact["table"], fact["metric"], fact["applicant"]], *self._of_report]
        return tuple({line["finding_id"]: self._worded(line) for line in found}.values())

    def _worded(self, line: Mapping[str, Any]) -> dict[str, Any]:
        said = {key: value for key, value in line.items() if not key.startswith("message")}
        return said | {"message": line["message_zh"] if self._language == "zh" else line["message"]}
