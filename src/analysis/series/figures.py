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
        SELECT report_id, unnest(metrics) AS metric FROM finding
        WHERE list_contains($statuses, status) AND severity <> 'notice'
          AND list_has_any(metrics, $metrics) AND list_has_any(applicants, $applicants)
        UNION ALL
        SELECT report_id, '*' FROM finding
        WHERE list_contains($statuses, status) AND severity <> 'notice'
          AND exists(FROM (SELECT unnest($whole_report) AS pattern) WHERE rule GLOB pattern)
    ) USING (report_id)
    WHERE metric = '*' OR list_contains($metrics, metric)
    GROUP BY report.rowid
"""


@dataclass(slots=True)
class Figure:
    """What a line says of a quantity.

    ``value`` is None for ``reason``. ``base`` is a measure's denominator. ``bases`` tells from which
    cells it was taken (:meth:`FiguresQuery.bases_of`). ``doubtful``: a finding calls it into question.
    ``assumed``: blank cells count as zeros in it. ``breaks`` lie between it and the figure before;
    ``stretch`` counts those of them that sever, so that figures of one stretch may be set in relation.
    """

    value: float | None = None
    base: float | None = None
    reason: str = ""
    bases: int = 0
    doubtful: bool = False
    assumed: bool = False
    breaks: tuple[str, ...] = ()
    stretch: int = 0


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
        figures = [_figure(stated.get(line.place), line, quantity, applicant) for line in lines]
        _mark_doubtful(figures, lines, quantity, doubted)
        columns.append(figures)
    _fill_blanks(connection, lines, quantities, applicant, shared, columns)
    return Figures(quantities, columns, query)


def _rows(
    connection: duckdb.DuckDBPyConnection, query: FiguresQuery, places: Sequence[int]
) -> list[tuple[Any, ...]]:
    given = {"places": places} if query.only else None
    return connection.execute(query.text, given).fetchall()


def _figure(stated: tuple[Any, ...] | None, line: Line, quantity: Quantity, applicant: str) -> Figure:
    if line.place is None:
        return Figure(reason=line.absent)
    if stated is None:
        return Figure(reason=_reason(line, quantity, applicant, printed=False, base=None))
    value, base, bases, seen = stated
    reason = ""
    if value is None:
        reason = _reason(line, quantity, applicant, printed=bool(seen), base=base)
    return Figure(value, base, reason, bases)


def _reason(line: Line, quantity: Quantity, applicant: str, *, printed: bool, base: float | None) -> str:
    """Why a report gives no figure."""
    form = line.form or ""
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
        for place in blank:
            known = columns[number][place]
            figure = _figure(stated.get(lines[place].place), lines[place], quantity, applicant)
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
    """The places ``wanted`` of each owner's lines, by year."""
    places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place in wanted:
        places[lines[place].owner].append(place)
    for found in places.values():
        yield sorted(found, key=lambda place: lines[place].year)
