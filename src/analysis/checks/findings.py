"""Reads stored findings with the reports that they are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from analysis.database import records

_FROM = """
    FROM finding f JOIN report r USING (report_id) LEFT JOIN county c ON c.code = r.county_code
    WHERE ($county IS NULL OR coalesce(c.current_code, r.county_code) = $county)
      AND ($province IS NULL OR c.province = $province)
      AND ($prefecture IS NULL OR c.prefecture = $prefecture)
      AND ($year IS NULL OR r.year = $year)
      AND ($rule IS NULL OR f.rule = $rule OR f.rule LIKE replace($rule, '*', '%'))
      AND ($severity IS NULL OR f.severity = $severity) AND ($status IS NULL OR f.status = $status)
"""
_QUERY = f"""
    SELECT f.finding_id, f.rule, f.severity, f.status, r.county_code, c.name AS county, r.publisher, r.year,
           f.applicant, f.metrics, f.expected, f.actual, f.message, f.message_zh, r.url, f.report_id
    {_FROM}
    ORDER BY list_position(['error', 'warning', 'notice'], f.severity),
             r.county_code, r.year, f.rule, f.applicant, f.finding_id
    LIMIT $limit OFFSET $first
"""
_COUNTS = f"SELECT f.rule, f.severity, f.status, count(*) AS findings {_FROM} GROUP BY ALL ORDER BY ALL"


_UNASSESSED = """
    SELECT u.rule, u.reason, r.county_code, c.name AS county, r.publisher, r.year, u.place, u.applicant,
           u.blanks, u.relation, r.url, u.report_id
    FROM unassessed u JOIN report r USING (report_id) LEFT JOIN county c ON c.code = r.county_code
    WHERE ($county IS NULL OR coalesce(c.current_code, r.county_code) = $county)
      AND ($year IS NULL OR r.year = $year)
      AND ($rule IS NULL OR u.rule = $rule OR u.rule LIKE replace($rule, '*', '%'))
    ORDER BY r.county_code, r.year, r.publisher, u.rule, u.relation, u.place, u.report_id
"""


@dataclass(frozen=True)
class FindingFilter:
    """Which findings are wanted; None means any.

    ``county`` is the county's present code, ``rule`` may end in ``*``; ``province`` and ``prefecture`` are
    names.
    """

    county: str | None = None
    year: int | None = None
    rule: str | None = None
    severity: str | None = None
    status: str | None = None
    province: str | None = None
    prefecture: str | None = None


def findings(
    connection: duckdb.DuckDBPyConnection,
    wanted: FindingFilter,
    language: str = "en",
    *,
    first: int = 0,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """The stored findings that ``wanted`` describes, the gravest first, worded in ``language``.

    Of the list those from ``first``, from 0, are given, at most ``limit``.
    """
    found = records(connection, _QUERY, vars(wanted) | {"first": first, "limit": limit})
    for record in found:
        chinese = record.pop("message_zh")
        record["message"] = chinese if language == "zh" else record["message"]
    return found


def finding_counts(connection: duckdb.DuckDBPyConnection, wanted: FindingFilter) -> list[dict[str, Any]]:
    """How many ``findings`` of each rule, severity and status there are among those ``wanted``."""
    return records(connection, _COUNTS, vars(wanted))


def not_assessable(connection: duckdb.DuckDBPyConnection, wanted: FindingFilter) -> list[dict[str, Any]]:
    """Where rules could not be judged, of the county, year and rule that ``wanted`` names.

    ``reason`` is ``blank``, and ``blanks`` are the figures that are not stated, or ``table_missing``.
    """
    keys = ("county", "year", "rule")
    return records(connection, _UNASSESSED, {key: getattr(wanted, key) for key in keys})
