"""The reports that stand for counties, one for each county and year, and the years that have none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import duckdb

Level = Literal["province", "prefecture", "county"]

# The reports that stand for a county: that of its government, or else that of the government's office.
COUNTY_KINDS = ("county_government", "county_office")

# A county is one as long as it only changed its code, name or rank. Other bodies than its government are
# told from one another by name.
_CANDIDATES = """
    SELECT county.current_code,
           CASE WHEN list_contains($county_kinds, publisher_kind) THEN ''
                ELSE coalesce(publisher, '') END AS body,
           today.province, today.prefecture, publisher_kind, scope, year, form, report.rowid AS place,
           county_code, county.name AS county, publisher, url, report_id, '' AS absent
    FROM report
    JOIN county ON county.code = county_code
    JOIN county today ON today.code = county.current_code
    WHERE year IS NOT NULL AND list_contains($kinds, publisher_kind)
"""
_CHOICE = """
    QUALIFY row_number() OVER (
        PARTITION BY county.current_code, body, year
        ORDER BY form = 'narrative', list_position($kinds, publisher_kind), captured_at DESC, report_id
    ) = 1
"""


@dataclass(frozen=True)
class Place:
    """A county, or the prefecture or the province whose counties are meant; ``code`` is a county's."""

    level: Level
    province: str
    prefecture: str = ""
    code: str = ""


@dataclass(frozen=True)
class Choice:
    """Which reports are wanted: of which places, kinds of publisher and scopes, in which years.

    What is empty or None is not asked about. A scope of None in ``scopes`` means an unknown one.
    """

    places: tuple[Place, ...] = ()
    kinds: tuple[str, ...] = COUNTY_KINDS
    scopes: tuple[str | None, ...] | None = None
    years: tuple[int, ...] | None = None

    def anywhere(self) -> Choice:
        """The same of all places."""
        return replace(self, places=())


class Line(NamedTuple):
    """A report that stands for a county, or another body, in a year; or that there is none.

    ``current_code`` and ``body`` tell whose line it is; ``place`` is where the report stands in its table,
    None where there is no report that belongs here. ``absent`` then says why.
    """

    current_code: str
    body: str
    province: str
    prefecture: str
    kind: str | None
    scope: str | None
    year: int
    form: str | None
    place: int | None
    county_code: str
    county: str
    publisher: str | None = None
    url: str | None = None
    report_id: str | None = None
    absent: str = ""

    @property
    def owner(self) -> tuple[str, str]:
        """Whose line it is."""
        return self.current_code, self.body


def chosen_lines(connection: duckdb.DuckDBPyConnection, choice: Choice, *, brief: bool = False) -> list[Line]:
    """The reports of ``choice``, of each county and year the one that stands for it, in that order.

    ``brief`` lines lack what only their readers need: publisher, address and report.
    """
    where, given = _conditions(choice)
    query = f"{_CANDIDATES} {where} {_CHOICE} ORDER BY county.current_code, body, year"
    if brief:
        query = f"SELECT * REPLACE (NULL AS publisher, NULL AS url, NULL AS report_id) FROM ({query})"  # noqa: S608
    return list(map(Line._make, connection.execute(query, given).fetchall()))


def all_lines(connection: duckdb.DuckDBPyConnection, choice: Choice) -> list[Line]:
    """All reports of ``choice``, by year, the ones that would be preferred first."""
    where, given = _conditions(choice)
    order = "form = 'narrative', list_position($kinds, publisher_kind), captured_at DESC, report_id"
    query = f"{_CANDIDATES} {where} ORDER BY county.current_code, body, year, {order}"
    return list(map(Line._make, connection.execute(query, given).fetchall()))


def latest_year(connection: duckdb.DuckDBPyConnection, choice: Choice) -> int | None:
    """The latest year in which there is a report of ``choice``."""
    where, given = _conditions(choice)
    row = connection.execute(f"SELECT max(year) FROM ({_CANDIDATES} {where})", given).fetchone()  # noqa: S608
    return None if row is None or row[0] is None else int(row[0])


def with_missing(
    connection: duckdb.DuckDBPyConnection, lines: Sequence[Line], choice: Choice, years: Collection[int]
) -> list[Line]:
    """``lines`` of ``choice``, and one without a report for each county and year that lacks one.

    The counties are those with such a report of any year, and all that exist today in the places asked for.
    One that was merged is missing up to its last year only. A report of another scope than was asked for is
    told as such.
    """
    have = {(*line.owner, line.year) for line in lines}
    others: set[tuple[str, str, int]] = set()
    if choice.scopes is not None:
        any_scope = replace(choice, scopes=None, years=tuple(years))
        others = {(*line.owner, line.year) for line in chosen_lines(connection, any_scope, brief=True)}
    found = list(lines)
    for code, body, county, province, prefecture, until in _owners(connection, choice):
        for year in years:
            if (code, body, year) not in have and (until is None or year <= until):
                absent = "another_scope" if (code, body, year) in others else "no_report"
                found.append(no_report((code, body), (county, province, prefecture), year, absent))
    if len(found) == len(lines):
        return found
    return sorted(found, key=lambda line: (line.current_code, line.body, line.year))


def no_report(
    owner: tuple[str, str], names: tuple[str, str, str], year: int, absent: str = "no_report"
) -> Line:
    """A line without a report; ``names`` are county, province and prefecture."""
    (code, body), (county, province, prefecture) = owner, names
    return Line(
        code,
        body,
        province,
        prefecture,
        kind=None,
        scope=None,
        year=year,
        form=None,
        place=None,
        county_code=code,
        county=county,
        publisher=body or None,
        absent=absent,
    )


def _owners(connection: duckdb.DuckDBPyConnection, choice: Choice) -> Iterator[tuple[Any, ...]]:
    """Whose reports could be there: code, body, name, province, prefecture, last year."""
    where, given = _conditions(replace(choice, years=None))
    reporting = f"SELECT DISTINCT current_code, body FROM ({_CANDIDATES} {where})"  # noqa: S608
    if choice.places and set(choice.kinds) <= set(COUNTY_KINDS):
        condition, _ = _places(choice.places, "")
        reporting += (
            f" UNION SELECT code, '' FROM county WHERE {condition}"  # noqa: S608
            " AND ((code = current_code AND until IS NULL) OR list_contains($codes, code))"
        )
    query = (
        f"SELECT o.current_code, body, name, province, prefecture, until FROM ({reporting}) o"  # noqa: S608
        " JOIN county ON code = o.current_code"
    )
    yield from connection.execute(query, given).fetchall()


def _conditions(choice: Choice) -> tuple[str, dict[str, Any]]:
    """The rest of the condition of ``_CANDIDATES``, and what it is filled with."""
    given: dict[str, Any] = {"kinds": list(choice.kinds), "county_kinds": list(COUNTY_KINDS)}
    where = ""
    if choice.years is not None:
        where += " AND list_contains($years, year)"
        given["years"] = list(choice.years)
    if choice.scopes is not None:
        where += " AND list_contains($scopes, coalesce(scope, ''))"
        given["scopes"] = [scope or "" for scope in choice.scopes]
    if choice.places:
        condition, names = _places(choice.places, "today.")
        where += f" AND {condition}"
        given |= names
    return where, given


def _places(places: Sequence[Place], table: str) -> tuple[str, dict[str, Any]]:
    """A condition on a county of ``table`` to lie in one of ``places``, and what it is filled with."""
    condition = (
        f"(list_contains($codes, {table}code) OR list_contains($provinces, {table}province)"
        f" OR list_contains($prefectures, {table}province || '/' || {table}prefecture))"
    )
    return condition, {
        "codes": [place.code for place in places if place.level == "county"],
        "provinces": [place.province for place in places if place.level == "province"],
        "prefectures": [
            f"{place.province}/{place.prefecture}" for place in places if place.level == "prefecture"
        ],
    }
