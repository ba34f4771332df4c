"""The reports of a county and of its bodies."""

from __future__ import annotations

from typing import Any

import duckdb

from analysis.database import records

_REPORTS = """
    SELECT r.year, r.publisher, r.publisher_kind, r.scope, r.form, r.title, r.published_on, r.url,
           r.captured_at, r.vanished_at, r.county_code, c.name AS county, r.report_id,
           coalesce(f.errors, 0) AS errors, coalesce(f.others, 0) AS others
    FROM report r JOIN county c ON c.code = r.county_code
    LEFT JOIN (
        SELECT report_id, count(*) FILTER (severity = 'error') AS errors,
               count(*) FILTER (severity <> 'error') AS others
        FROM finding WHERE status <> 'dismissed' GROUP BY report_id
    ) f USING (report_id)
    WHERE ($county IS NULL OR c.current_code = $county) AND ($year IS NULL OR r.year = $year)
      AND ($kind IS NULL OR r.publisher_kind = $kind)
    ORDER BY r.year DESC NULLS LAST, c.current_code,
             list_position(['county_government', 'county_office', 'department', 'township'], r.publisher_kind)
             NULLS LAST, r.publisher, r.report_id
    LIMIT $limit OFFSET $first
"""


def reports_of(
    connection: duckdb.DuckDBPyConnection,
    county: str | None = None,
    year: int | None = None,
    kind: str | None = None,
    *,
    first: int = 0,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Reports, the newest year first, those of the county's government before those of other bodies.

    ``county`` is a county's present code. ``errors`` and ``others`` count a report's findings that nobody
    dismissed. Of the list those from ``first``, from 0, are given, at most ``limit``.
    """
    wanted = {"county": county, "year": year, "kind": kind, "first": first, "limit": limit}
    return records(connection, _REPORTS, wanted)
