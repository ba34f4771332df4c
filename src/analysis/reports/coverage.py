"""Of how many counties there are reports, by province and year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from analysis.database import records
from analysis.series.lines import COUNTY_KINDS

_REPORTING = """
    SELECT today.province, year, count(DISTINCT today.current_code) AS reporting
    FROM report JOIN county ON county.code = county_code JOIN county today ON today.code = county.current_code
    WHERE year IS NOT NULL AND list_contains($kinds, publisher_kind)
    GROUP BY ALL ORDER BY year
"""
_COUNTIES = """
    SELECT province, min(left(code, 2)) AS code, year, count(DISTINCT current_code) AS counties
    FROM county, (SELECT unnest($years::INTEGER[]) AS year)
    WHERE coalesce(since, year) <= year AND coalesce(until, year) >= year
    GROUP BY ALL ORDER BY code
"""
_DESCRIBED = """
    SELECT (SELECT count(*) FROM report) AS reports,
           (SELECT count(DISTINCT county_code) FROM report) AS counties,
           (SELECT min(year) FROM report) AS first_year, (SELECT max(year) FROM report) AS last_year,
           (SELECT count(*) FROM fact) AS facts, (SELECT count(*) FROM claim) AS claims,
           (SELECT count(*) FROM finding WHERE status <> 'dismissed') AS findings,
           (SELECT count(*) FROM finding WHERE status = 'open' AND severity = 'error') AS errors,
           (SELECT max(captured_at) FROM report) AS last_capture,
           (SELECT bool_or(sample) FROM report) AS sample
"""


@dataclass(frozen=True)
class Coverage:
    """A line for each province: its counties with a report of government or office, of each of ``years``.

    Each record has ``province``, ``code`` (its first two digits), ``counties`` (those of the last year),
    and by year, as a text, how many of them there is a report of; ``<year>_of`` is how many there were.
    """

    years: tuple[int, ...]
    records: list[dict[str, Any]]

    def share(self, record: Mapping[str, Any], year: int) -> float | None:
        """The part of the province's counties that reported, from 0 to 1; None where it had none."""
        of = record[f"{year}_of"]
        return min(record[str(year)] / of, 1.0) if of else None


@dataclass(frozen=True)
class Described:
    """How much the database holds; ``sample``: some of it comes from sample portals."""

    reports: int
    counties: int
    first_year: int | None
    last_year: int | None
    facts: int
    claims: int
    findings: int
    errors: int
    last_capture: datetime | None
    sample: bool | None


def coverage(connection: duckdb.DuckDBPyConnection) -> Coverage:
    """Of how many counties of each province there are reports. Without reports there are no years."""
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for line in records(connection, _REPORTING, {"kinds": list(COUNTY_KINDS)}):
        found[line["province"]][line["year"]] = line["reporting"]
    years = tuple(sorted({year for of in found.values() for year in of}))
    provinces: dict[str, dict[str, Any]] = {}
    for line in records(connection, _COUNTIES, {"years": list(years)}):
        record = provinces.setdefault(line["province"], {"province": line["province"], "code": line["code"]})
        record["counties"] = line["counties"]
        record[f"{line['year']}_of"] = line["counties"]
    for province, record in provinces.items():
        for year in years:
            record[str(year)] = found[province].get(year, 0)
            record.setdefault(f"{year}_of", 0)
    return Coverage(years, list(provinces.values()))


def described(connection: duckdb.DuckDBPyConnection) -> Described:
    """How much the database holds."""
    (line,) = records(connection, _DESCRIBED)
    return Described(**line)
