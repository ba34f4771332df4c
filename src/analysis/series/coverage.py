"""Which reports there are: of each county and year, and of what scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import duckdb

from analysis.series.comparability import doubt
from analysis.series.compare import NoReports
from analysis.series.lines import Choice, Line, chosen_lines, with_missing

State = Literal["whole", "own", "unknown", "narrative", "missing", "another_scope"]

_DOUBTED = """
    SELECT DISTINCT report_id FROM finding
    WHERE list_contains($statuses, status) AND severity <> 'notice'
"""


@dataclass(frozen=True)
class Coverage:
    """A record for each line and year, in the order of the counties' codes and years.

    ``state`` is the scope of the report (``unknown`` where it says none), ``narrative`` where it has no
    tables, ``missing`` where there is none, ``another_scope`` where only one of another scope than was asked
    for. ``doubtful``: a finding about it, of more than a notice, is open or confirmed. ``owner`` is the same
    in all years. A year in which the county was no longer there has no record.
    """

    years: tuple[int, ...]
    records: list[dict[str, Any]]


def coverage(connection: duckdb.DuckDBPyConnection, choice: Choice) -> Coverage:
    """Which reports of ``choice`` there are; by default from the first reported year to the last.

    The counties are those that a comparison has. Raises :class:`NoReports`.
    """
    lines = chosen_lines(connection, choice)
    reported = [line.year for line in lines]
    if choice.years is None and not reported:
        raise NoReports
    years = choice.years or tuple(range(min(reported), max(reported) + 1))
    found = with_missing(connection, lines, choice, years)
    doubted = {row[0] for row in connection.execute(_DOUBTED, {"statuses": doubt("statuses")}).fetchall()}
    if not found:
        raise NoReports
    return Coverage(years, [_record(line, line.report_id in doubted) for line in _by_line(found)])


def _by_line(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.owner, line.year))


def _record(line: Line, doubtful: bool) -> dict[str, Any]:
    return {
        "owner": line.owner,
        "county_code": line.county_code,
        "county": line.county,
        "province": line.province,
        "prefecture": line.prefecture,
        "publisher": line.publisher,
        "year": line.year,
        "state": _state(line),
        "doubtful": doubtful,
        "url": line.url,
        "report_id": line.report_id,
    }


def _state(line: Line) -> State:
    if line.place is None:
        return "another_scope" if line.absent == "another_scope" else "missing"
    if line.form == "narrative":
        return "narrative"
    if line.scope not in ("whole", "own"):
        return "unknown"
    return "whole" if line.scope == "whole" else "own"
