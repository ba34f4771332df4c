"""Finds a report by what people call it: its id, its address, or its county and year."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from analysis.database import records
from analysis.series.lines import COUNTY_KINDS, Choice, Place, chosen_lines
from analysis.series.places import find_county

_COUNTY_AND_YEAR = re.compile(r"(.+?)\s*[:：@]\s*(20\d{2})")
_MOST_NAMED = 10

_COLUMNS = "report_id, publisher, year, url"
_BY_ID = f"""
    SELECT {_COLUMNS} FROM report WHERE starts_with(report_id, $given) ORDER BY report_id LIMIT {_MOST_NAMED}
"""  # noqa: S608 - nothing but the constants above is put in
_BY_ADDRESS = f"""
    SELECT {_COLUMNS} FROM report
    WHERE url = $given OR report_id IN (SELECT report_id FROM also_at WHERE url = $given)
    ORDER BY report_id
"""  # noqa: S608 - nothing but the constants above is put in
_OF_COUNTY = f"""
    SELECT {_COLUMNS} FROM report JOIN county ON code = county_code
    WHERE current_code = $county AND year = $year ORDER BY publisher, report_id LIMIT {_MOST_NAMED}
"""  # noqa: S608 - nothing but the constants above is put in


class UnknownReport(Exception):  # noqa: N818 - said by the user
    """No report is called ``given``; ``near`` are reports that could be meant, one line each."""

    def __init__(self, given: str, near: Sequence[str] = ()) -> None:
        super().__init__(given)
        self.given = given
        self.near = list(near)


class AmbiguousReport(UnknownReport):
    """Several reports are called ``given``: ``near``."""


def find_report(connection: duckdb.DuckDBPyConnection, given: str) -> str:
    """The id of the report called ``given``.

    That is its id, as much of the id's beginning as is unique, one of its addresses, or ``COUNTY:YEAR``:
    then the report that stands for the county in comparisons is meant, or else the only one of a body of
    that county. Raises :class:`UnknownReport` or :class:`AmbiguousReport`, and for a county what
    :func:`analysis.series.find_county` raises.
    """
    name = given.strip()
    if "//" in name:
        return _only(given, records(connection, _BY_ADDRESS, {"given": name}))
    if named := _COUNTY_AND_YEAR.fullmatch(name):
        return _of_county(connection, given, named[1], int(named[2]))
    return _only(given, records(connection, _BY_ID, {"given": name.lower()}) if name else [])


def _of_county(connection: duckdb.DuckDBPyConnection, given: str, county: str, year: int) -> str:
    found = find_county(connection, county)
    place = Place("county", found.province, found.prefecture, found.current_code)
    standing = chosen_lines(connection, Choice(places=(place,), kinds=COUNTY_KINDS, years=(year,)))
    if standing and standing[0].report_id is not None:
        return standing[0].report_id
    return _only(given, records(connection, _OF_COUNTY, {"county": found.current_code, "year": year}))


def _only(given: str, found: Sequence[Mapping[str, Any]]) -> str:
    if not found:
        raise UnknownReport(given)
    if len(found) > 1:
        lines = (f"{one['report_id']} {one['publisher'] or ''} {one['year'] or ''}" for one in found)
        raise AmbiguousReport(given, [line.strip() for line in lines])
    return str(found[0]["report_id"])
