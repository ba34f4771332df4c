"""Figures of many counties side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from analysis.series.comparability import Wording
from analysis.series.lines import Choice, Line, Place, chosen_lines, latest_year, with_missing
from analysis.series.peers import Peers
from analysis.series.quantities import Quantity
from analysis.series.question import Question, answer, quantities_of
from analysis.series.records import Note, Records
from analysis.series.shown import years_needed


@dataclass(frozen=True)
class Comparison:
    """Records in the order of the counties' codes and years, and what a reader must know of them.

    A county that changed its code stands once, as it was called in the year.

    Each record names county, publisher, scope, year, form, address and report, and holds the value of
    each quantity. ``owner`` is the same in all years: the county's code of today, and the body if it is
    another than the county's own. A value is None where there is none; ``missing`` says why, as
    "metric:reason". ``doubtful`` are those that an open finding calls into question; ``break``
    ("metric:break") what lies between a figure and the one of the county before it; ``joined``
    ("metric:form") what is taken from another figure of that form; ``assumed`` what counts blank cells as
    zeros. ``wordings`` explains breaks and joins. Of a measure ``<id>_of`` is the denominator. With peers,
    ``<id>_percentile``, ``_median``, ``_q25``, ``_q75`` and ``_peers`` are as
    :class:`analysis.series.peers.Standing` says.
    """

    quantities: Sequence[Quantity]
    years: tuple[int, ...]
    records: list[dict[str, Any]]
    notes: list[Note]
    wordings: Mapping[str, Wording]


class NoReports(Exception):  # noqa: N818 - it is a state of the database
    """The database holds no report that could be compared."""


def compare(
    connection: duckdb.DuckDBPyConnection, question: Question, quantities: Sequence[Quantity] | None = None
) -> Comparison:
    """What ``question`` asks, of the latest year where it names none.

    ``quantities`` are those that it asks for, where :func:`quantities_of` has found them before.

    Raises :class:`UnknownMetric`, :class:`UnknownApplicant` or :class:`NoReports`.
    """
    quantities = quantities or quantities_of(connection, question)
    years = question.choice.years or (latest(connection, question.choice),)
    needed = replace(question.choice, years=years_needed(question.shown, years, question.base))
    asked = with_missing(connection, chosen_lines(connection, needed), question.choice, years)
    lines = [*asked, *peer_lines(connection, asked, needed, question.peers)]
    wanted = [place for place, line in enumerate(asked) if line.year in years]
    found = answer(connection, question, quantities, lines, len(asked), wanted)
    records = Records(question, found, wanted)
    return Comparison(quantities, tuple(years), records.records, records.notes(), records.wordings)


def latest(connection: duckdb.DuckDBPyConnection, choice: Choice) -> int:
    """The latest year with a report of ``choice``, or else of any. Raises :class:`NoReports`."""
    year = latest_year(connection, choice) or latest_year(connection, Choice(kinds=choice.kinds))
    if year is None:
        raise NoReports
    return year


def peer_lines(
    connection: duckdb.DuckDBPyConnection, asked: Sequence[Line], choice: Choice, peers: Peers | None
) -> list[Line]:
    """The reports beside ``asked`` that may be peers of them."""
    if peers is None or not choice.places:
        return []
    around: tuple[Place, ...] = ()
    if peers == "province":
        around = tuple(Place("province", province) for province in {line.province for line in asked})
    elif peers == "prefecture":
        named = {(line.province, line.prefecture) for line in asked}
        around = tuple(Place("prefecture", *names) for names in named)
    own = {line.owner for line in asked}
    found = chosen_lines(connection, replace(choice, places=around), brief=True)
    return [line for line in found if line.owner not in own]
