"""One county's figures across years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from analysis.database import records
from analysis.series.catalogue import check_applicant, find_metric
from analysis.series.figures import COUNTY_KINDS, Note, series_of
from analysis.series.places import County, find_county

# A series keeps to one publisher and one scope: the one with most years, the government before its
# office where both have as many.
_REPORTS = """
    WITH candidate AS (
        SELECT report.*, county.name AS county
        FROM report JOIN county ON county.code = county_code
        WHERE current_code = $current AND year IS NOT NULL AND list_contains($kinds, publisher_kind)
    ),
    followed AS (
        SELECT publisher_kind, scope FROM candidate
        GROUP BY publisher_kind, scope
        ORDER BY count(DISTINCT year) DESC, list_position($kinds, publisher_kind) LIMIT 1
    ),
    chosen AS (
        SELECT candidate.* FROM candidate JOIN followed
          ON candidate.publisher_kind = followed.publisher_kind
         AND candidate.scope IS NOT DISTINCT FROM followed.scope
        QUALIFY row_number() OVER (
            PARTITION BY year ORDER BY form = 'narrative', captured_at DESC, report_id
        ) = 1
    ),
    span AS (
        SELECT unnest(range(min(year), max(year) + 1)) AS year FROM chosen
    )
    SELECT coalesce(r.county_code, $code) AS county_code, coalesce(r.county, $name) AS county,
           r.publisher, r.scope, CAST(span.year AS INTEGER) AS year, r.form, r.url, r.report_id
    FROM span LEFT JOIN chosen r ON r.year = span.year
    ORDER BY span.year
"""


@dataclass(frozen=True)
class Trend:
    """Lines from the first reported year to the last; records and notes are as in a comparison."""

    county: County
    records: list[dict[str, Any]]
    notes: list[Note]


def trend(
    connection: duckdb.DuckDBPyConnection,
    county: str,
    metrics: Sequence[str],
    *,
    applicant: str = "total",
) -> Trend:
    """``metrics`` of ``county`` in every year from its first report to its last.

    A county that changed its code, name or rank is one series; one that was merged ends there. A year
    without a report stands in the series with no values. Raises :class:`UnknownCounty`,
    :class:`UnknownMetric` or :class:`UnknownApplicant`.
    """
    place = find_county(connection, county)
    wanted = [find_metric(connection, metric) for metric in metrics]
    check_applicant(connection, applicant)
    parameters = {
        "code": place.code,
        "name": place.name,
        "current": place.current_code,
        "kinds": COUNTY_KINDS,
    }
    years = records(connection, _REPORTS, parameters)
    return Trend(place, *series_of(connection, years, wanted, applicant))
