"""``coverage``: which reports there are, by county and year."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from analysis import series
from analysis.database import open_for_reading
from nianbao.commands.series import Kinds, Places, Scope, Years
from nianbao.console import column, note
from nianbao.options import DEFAULT_DATA, Counties, Data, Lang, Output, PrintFormat
from nianbao.plotting import Plot, Plotting
from nianbao.question import choice_of
from nianbao.records import Column, Record, put
from nianbao.wording import sentence
from nianbao.workspace import Workspace


def coverage(
    counties: Counties = None,
    places: Places = None,
    years: Years = None,
    kinds: Kinds = None,
    scope: Scope = None,
    plot: Plot = None,
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints a line for each county with its report of each year, or that there is none."""
    plotting = Plotting(plot)
    with open_for_reading(Workspace(data).database) as connection:
        choice = choice_of(connection, years, counties, places, kinds, scope)
        found = series.coverage(connection, choice)
        plotting.coverage(connection, found)
    records = [
        _line(list(group), found.years) for _, group in groupby(found.records, lambda one: one["owner"])
    ]
    put(records, _columns(found.years, records), print_format, output)
    note("coverage_key")
    if any(record["doubtful"] for record in records):
        note("coverage_doubtful")


def _line(of_county: Sequence[Record], years: Sequence[int]) -> dict[str, Any]:
    """The reports of one county, year by year; nothing for a year in which it was no longer there."""
    last = of_county[-1]
    states = {record["year"]: record["state"] for record in of_county}
    without = ("missing", "another_scope")
    return {
        "county_code": last["owner"][0],
        **{key: last[key] for key in ("county", "province", "prefecture")},
        "publisher": last["owner"][1],
        **{str(year): states.get(year) for year in years},
        "reports": sum(state not in without for state in states.values()),
        "missing_years": [year for year, state in states.items() if state in without],
        "doubtful": [record["year"] for record in of_county if record["doubtful"]],
    }


def _columns(years: Sequence[int], records: Sequence[Record]) -> list[Column]:
    bodies = any(record["publisher"] for record in records)
    return [
        *map(column, ("county_code", "county")),
        *(column(key, brief=False) for key in ("province", "prefecture")),
        column("publisher", brief=bodies),
        *(_of_year(year) for year in years),
        column("reports"),
        *(column(key, brief=False) for key in ("missing_years", "doubtful")),
    ]


def _of_year(year: int) -> Column:
    def shown(record: Record) -> str:
        state = record[str(year)]
        mark = "*" if year in record["doubtful"] else ""
        return sentence(f"coverage_{state}") + mark if state else ""

    return Column(str(year), str(year), shown=shown)
