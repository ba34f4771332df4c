"""One year's figures across counties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from analysis.database import records
from analysis.series.catalogue import check_applicant, find_metric
from analysis.series.figures import COUNTY_KINDS, Note, series_of
from analysis.series.places import find_county

_REPORTS = """
    WITH covered AS (
        SELECT DISTINCT current_code
        FROM report JOIN county ON code = county_code WHERE list_contains($kinds, publisher_kind)
    ),
    chosen AS (
        SELECT report.*, county.name AS county, county.current_code
        FROM report JOIN county ON code = county_code
        WHERE year = $year AND list_contains($kinds, publisher_kind)
        QUALIFY row_number() OVER (
            PARTITION BY current_code
            ORDER BY form = 'narrative', list_position($kinds, publisher_kind), captured_at DESC, report_id
        ) = 1
    )
    SELECT coalesce(r.county_code, county.code) AS county_code, coalesce(r.county, county.name) AS county,
           county.province, r.publisher, r.scope,
           CAST($year AS INTEGER) AS year, r.form, r.url, r.report_id
    FROM county LEFT JOIN chosen r ON r.current_code = county.code
    WHERE CASE WHEN len($codes) > 0 THEN list_contains($codes, county.code)
               ELSE county.code IN (SELECT current_code FROM covered) END
    ORDER BY county_code
"""


@dataclass(frozen=True)
class Comparison:
    """Lines in the order of the counties' codes, and what a reader must know of them.

    A county that changed its code stands once, as it was called in the year.

    Each record names county, publisher, scope, year, form, address and report, and holds the value of
    each metric: None where the cell is blank, the form has no such cell, or there is no report (then
    ``report_id`` is None too).
    """

    year: int
    records: list[dict[str, Any]]
    notes: list[Note]


class NoReports(Exception):  # noqa: N818 - it is a state of the database
    """The database holds no report at all."""


def compare(
    connection: duckdb.DuckDBPyConnection,
    metrics: Sequence[str],
    *,
    year: int | None = None,
    counties: Sequence[str] = (),
    applicant: str = "total",
) -> Comparison:
    """``metrics`` of all counties with reports, or of ``counties``, in ``year`` or the latest one.

    Raises :class:`UnknownMetric`, :class:`UnknownCounty`, :class:`UnknownApplicant` or
    :class:`NoReports`.
    """
    wanted = [find_metric(connection, metric) for metric in metrics]
    check_applicant(connection, applicant)
    codes = [find_county(connection, county).current_code for county in counties]
    chosen_year = latest_year(connection) if year is None else year
    places = records(connection, _REPORTS, {"year": chosen_year, "kinds": COUNTY_KINDS, "codes": codes})
    return Comparison(chosen_year, *series_of(connection, places, wanted, applicant))


def latest_year(connection: duckdb.DuckDBPyConnection) -> int:
    """The latest year with a report. Raises :class:`NoReports`."""
    row = connection.execute("SELECT max(year) FROM report").fetchone()
    if row is None or row[0] is None:
        raise NoReports
    return int(row[0])
