"""The figures of chosen reports: their values, or why there is none, and what calls them into question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from analysis.series.comparability import doubt
from analysis.series.figures_query import FiguresQuery
from analysis.series.lines import Line
from analysis.series.quantities import Quantity

_TOTAL = "total"
# Up to so many reports it is quicker to pick their facts than to read those of all.
_FEW = 20_000

_SHARED = """
    SELECT metric FROM metric GROUP BY metric HAVING count(DISTINCT "table" = 'statistics') > 1
"""
# `*` in a rule's pattern stands for any text, as in the commands.
_DOUBTED = """
    SELECT report.rowid, list(DISTINCT metric)
    FROM report JOIN (
        SELECT cell.report_id, cell.metric
        FROM (
            SELECT unnest(cells) AS cell FROM finding
            WHERE list_contains($statuses, status) AND severity <> 'notice'
        )
        WHERE list_contains($metrics, cell.metric) AND list_contains($applicants, cell.applicant)
        UNION ALL
        SELECT report_id, '*' FROM finding
        WHERE list_contains($statuses, status) AND severity <> 'notice'
          AND exists(FROM (SELECT unnest($whole_report) AS pattern) WHERE rule GLOB pattern)
    ) USING (report_id)
    GROUP BY report.rowid
"""


@dataclass(slots=True)
class Figure:
    """What a line says of a quantity.

    ``value`` is None for ``reason``. ``base`` is a measure's denominator. ``bases`` tells from which
    cells it was taken (:meth:`FiguresQuery.bases_of`). ``doubtful``: a finding calls it into question.
    ``assumed``: blank cells count as zeros in it. ``breaks`` lie between it and the figure before, or the
    one that it is set in relation to.
    """

    value: float | None = None
    base: float | None = None
    reason: str = ""
    bases: int = 0
    doubtful: bool = False
    assumed: bool = False
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figures:
    """For each quantity its figures, one for each line, and the query that tells their bases apart."""

    quantities: Sequence[Quantity]
    columns: list[list[Figure]]
    query: FiguresQuery


def read_figures(
    connection: duckdb.DuckDBPyConnection,
    lines: Sequence[Line],
    quantities: Sequence[Quantity],
    applicant: str,
) -> Figures:
    """What ``lines`` say of ``quantities`` in the column ``applicant`` of the requests table."""
    shared = [metric for (metric,) in connection.execute(_SHARED).fetchall()]
    reports = [line.place for line in lines if line.place is not None]
    query = FiguresQuery(quantities, applicant, shared, only=len(reports) <= _FEW)
    rows = _rows(connection, query, reports)
    doubted = _doubted(connection, quantities, applicant)
    columns = []
    for number, quantity in enumerate(quantities):
        at = 1 + 4 * number
        stated = {row[0]: row[at : at + 4] for row in rows}
        figures = _figures(stated, lines, quantity, applicant)
        _mark_doubtful(figures, lines, quantity, doubted)
        columns.append(figures)
    _fill_blanks(connection, lines, quantities, applicant, shared, columns)
    return Figures(quantities, columns, query)


def _rows(
    connection: duckdb.DuckDBPyConnection, query: FiguresQuery, places: Sequence[int]
) -> list[tuple[Any, ...]]:
    given = {"places": places} if query.only else None
    return connection.execute(query.text, given).fetchall()


def _figures(
    stated: Mapping[int | None, tuple[Any, ...]], lines: Sequence[Line], quantity: Quantity, applicant: str
) -> list[Figure]:
    """The figures of ``lines``; ``stated`` has the columns of the query by the place of the report."""
    figures = []
    for line in lines:
        value, base, bases, printed = stated.get(line.place, (None, None, 0, False))
        reason = _reason(line, quantity, applicant, bool(printed), base) if value is None else ""
        figures.append(Figure(value, base, reason, bases))
    return figures


def _reason(line: Line, quantity: Quantity, applicant: str, printed: bool, base: float | None) -> str:
    """Why a report gives no figure."""
    form = line.form or ""
    if line.place is None:
        return line.absent
    if form == "narrative":
        return "narrative"
    if base == 0:
        return "of_none"
    if form in quantity.forms:
        if printed:
            return "blank"
        return "no_applicants" if applicant != _TOTAL else "not_printed"
    return "weak_only" if form in quantity.barred else "not_in_form"


def _fill_blanks(
    connection: duckdb.DuckDBPyConnection,
    lines: Sequence[Line],
    quantities: Sequence[Quantity],
    applicant: str,
    shared: Collection[str],
    columns: list[list[Figure]],
) -> None:
    """Works the measures out again in which a cell is blank, with the blanks that are shown to be zeros."""
    for number, quantity in enumerate(quantities):
        blank = [
            place
            for place, figure in enumerate(columns[number])
            if quantity.is_measure and figure.reason == "blank"
        ]
        if not blank:
            continue
        query = FiguresQuery([quantity], applicant, shared, filled=True, only=len(blank) <= _FEW)
        reports = [report for place in blank if (report := lines[place].place) is not None]
        stated = {row[0]: row[1:] for row in _rows(connection, query, reports)}
        again = _figures(stated, [lines[place] for place in blank], quantity, applicant)
        for place, figure in zip(blank, again, strict=True):
            known = columns[number][place]
            if figure.value is not None or figure.reason != known.reason:
                figure.assumed, figure.doubtful = True, known.doubtful
                columns[number][place] = figure


def _doubted(
    connection: duckdb.DuckDBPyConnection, quantities: Sequence[Quantity], applicant: str
) -> dict[int | None, frozenset[str]]:
    """By report, the metrics that a finding calls into question; ``*`` where it is all of them."""
    applicants = {operand.applicant or applicant for q in quantities for operand in q.operands}
    if _TOTAL in applicants:
        applicants.add("")
    rows = connection.execute(
        _DOUBTED,
        {
            "metrics": sorted(frozenset[str]().union(*(quantity.cells for quantity in quantities))),
            "applicants": sorted(applicants),
            "statuses": doubt("statuses"),
            "whole_report": doubt("whole_report"),
        },
    ).fetchall()
    return {place: frozenset(metrics) for place, metrics in rows}


def _mark_doubtful(
    figures: Sequence[Figure],
    lines: Sequence[Line],
    quantity: Quantity,
    doubted: Mapping[int | None, frozenset[str]],
) -> None:
    wanted = quantity.cells | {"*"}
    for line, figure in zip(lines, figures, strict=True):
        if line.place in doubted and doubted[line.place] & wanted:
            figure.doubtful = True


def leave_out_doubtful(figures: Figures) -> int:
    """Takes the doubtful figures away; returns how many they are."""
    count = 0
    for column in figures.columns:
        for figure in column:
            if figure.doubtful and figure.value is not None:
                figure.value, figure.reason, figure.doubtful = None, "doubtful", False
                count += 1
    return count


def by_owner(lines: Sequence[Line], wanted: Iterable[int]) -> Iterator[list[int]]:
    """The places ``wanted`` of each owner's lines, which stand by year."""
    places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place in wanted:
        places[lines[place].owner].append(place)
    yield from places.values()
