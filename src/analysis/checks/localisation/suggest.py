"""What would mend the reports of a database: explanations for those whose relations fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import chain, groupby, islice
from typing import NamedTuple, TypeVar

import duckdb

from analysis.checks.finding import Cell as FindingCell
from analysis.checks.finding import Change as FindingChange
from analysis.checks.finding import Finding
from analysis.checks.localisation.explanation import Explanation
from analysis.checks.localisation.relations import TableFigures, is_localised, linear_relations
from analysis.checks.localisation.search import localise
from analysis.checks.relation import Cell
from analysis.checks.rules import catalogue
from analysis.spreading import Spread, here

Item = TypeVar("Item")

# Reports that are in memory at once.
_BATCH = 500
_SOME = """
    SELECT * EXCLUDE number FROM figure
    WHERE number BETWEEN $first AND $last AND number IN (SELECT unnest($wanted::BIGINT[]))
    ORDER BY ALL
"""


class _Printed(NamedTuple):
    """A line of ``figures.sql``."""

    report_id: str
    table: str
    earlier: bool
    publisher_kind: str | None
    scope: str | None
    metric: str
    applicant: str
    value: float | None
    raw: str
    table_no: int
    row: int
    col: int


class Suggestion(NamedTuple):
    """An explanation of what fails in one table of a report.

    ``number`` counts the explanations of the report from 1. Those with the same ``part`` are alternatives;
    it takes one of each part to mend the report.
    """

    report_id: str
    table: str
    part: int
    number: int
    explanation: Explanation

    def cells(self) -> Iterator[FindingCell]:
        """The cells that it changes."""
        for change in self.explanation.changes:
            yield FindingCell(self.report_id, self.table, change.metric, change.applicant)

    def changes(self) -> Iterator[FindingChange]:
        """Its changes, as a finding has them."""
        for change in self.explanation.changes:
            was = None if change.from_ is None else float(change.from_)
            yield FindingChange(change.metric, change.applicant, was, float(change.to), self.number)


@cache
def localised_rules() -> frozenset[str]:
    """The rules whose errors tell that it is to be asked which cell is wrong."""
    return frozenset(rule.rule for rule in catalogue().rules if is_localised(rule))


def with_suggestions(
    connection: duckdb.DuckDBPyConnection, found: Sequence[Finding]
) -> tuple[list[Finding], list[Suggestion]]:
    """The findings with what would mend them, and all explanations behind.

    A finding takes the changes of every explanation that changes one of its cells; what a rule proposes
    itself stays.
    """
    localised = localised_rules()
    wanted = [one for one in found if one.severity == "error" and one.rule in localised]
    proposed = list(suggestions(connection, sorted({one.report_id for one in wanted})))
    by_cell: dict[FindingCell, dict[int, Suggestion]] = {}
    for suggestion in proposed:
        for cell in suggestion.cells():
            by_cell.setdefault(cell, {})[suggestion.number] = suggestion
    changes = {
        one.finding_id: tuple(
            change
            for _, suggestion in sorted(_about(one, by_cell).items())
            for change in suggestion.changes()
        )
        for one in wanted
    }
    return [
        replace(one, suggestion=one.suggestion or changes.get(one.finding_id, ())) for one in found
    ], proposed


def _about(
    finding: Finding, by_cell: Mapping[FindingCell, Mapping[int, Suggestion]]
) -> dict[int, Suggestion]:
    about: dict[int, Suggestion] = {}
    for cell in finding.cells:
        about |= by_cell.get(cell, {})
    return about


def suggestions(
    connection: duckdb.DuckDBPyConnection, report_ids: Sequence[str], spread: Spread = here
) -> Iterator[Suggestion]:
    """The explanations of what fails in the reports, one report after another."""
    with figures_of(connection, report_ids):
        yield from explanations(connection, range(len(report_ids)), spread)


def explanations(
    connection: duckdb.DuckDBPyConnection, numbers: Sequence[int], spread: Spread
) -> Iterator[Suggestion]:
    """The explanations for the reports of these ``numbers``, which rise, in the table ``figure``."""
    tables = (one for some in _batches(numbers) for one in _reports(connection, some))
    return chain.from_iterable(spread(_explained, tables))


def _reports(connection: duckdb.DuckDBPyConnection, numbers: Sequence[int]) -> Iterator[list[TableFigures]]:
    """The tables of each report, the reports one after another."""
    wanted = {"first": numbers[0], "last": numbers[-1], "wanted": numbers}
    lines = map(_Printed._make, connection.execute(_SOME, wanted).fetchall())
    for report_id, printed in groupby(lines, key=lambda line: line.report_id):
        yield list(_tables(report_id, printed))


def _explained(tables: Sequence[TableFigures]) -> list[Suggestion]:
    """What would mend the tables of one report."""
    explained = []
    part = 0
    for table in tables:
        order = [table.rows] if table.rows else []
        relations = linear_relations(catalogue(), table)
        found = localise(table.figures, relations, printed=table.raw, order=order)
        for _, alternatives in groupby(found, key=lambda explanation: explanation.part):
            part += 1
            explained += [(table, part, one) for one in alternatives]
    return [
        Suggestion(table.report_id, table.table, part, number, explanation)
        for number, (table, part, explanation) in enumerate(explained, 1)
    ]


@contextmanager
def figures_of(connection: duckdb.DuckDBPyConnection, report_ids: Sequence[str]) -> Iterator[None]:
    """Has the temporary table ``figure``: all that is looked at to explain what fails in the reports."""
    try:
        with _chained(connection):
            query = (files(__package__) / "figures.sql").read_text(encoding="utf-8")
            connection.execute(query, {"reports": list(report_ids)})
        yield
    finally:
        connection.execute("DROP TABLE IF EXISTS temp.figure")


@contextmanager
def _chained(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Has the table ``chain``, which tells last year's reports, unless the rules are just being evaluated."""
    if connection.execute("FROM duckdb_tables() WHERE table_name = 'chain'").fetchall():
        yield
        return
    try:
        connection.execute((files("analysis.checks") / "sheets.sql").read_text(encoding="utf-8"))
        yield
    finally:
        for name in ("body", "chain", "said"):
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _tables(report_id: str, lines: Iterable[_Printed]) -> Iterator[TableFigures]:
    for table, cells in groupby(lines, key=lambda line: line.table):
        printed = list(cells)
        own = [line for line in printed if not line.earlier]
        if own:
            yield TableFigures(
                report_id=report_id,
                table=table,
                publisher_kind=own[0].publisher_kind,
                scope=own[0].scope,
                figures=_figures(own),
                raw={(line.metric, line.applicant): line.raw for line in own},
                previous=_figures(line for line in printed if line.earlier),
                rows=_laid_out(own),
            )


def _figures(lines: Iterable[_Printed]) -> dict[Cell, Fraction | None]:
    """What each cell holds; the largest figure where a cell is printed twice, as the rules have it."""
    figures: dict[Cell, Fraction | None] = {}
    for line in lines:
        cell = (line.metric, line.applicant)
        value = None if line.value is None else Fraction(str(line.value))
        known = figures.get(cell)
        figures[cell] = value if known is None or (value is not None and value > known) else known
    return figures


def _laid_out(lines: Sequence[_Printed]) -> tuple[tuple[Cell | None, ...], ...]:
    """The cells in rows and columns as printed; nothing where two of them stand in the same place."""
    places: Mapping[tuple[int, int, int], Cell] = {
        (line.table_no, line.row, line.col): (line.metric, line.applicant) for line in lines
    }
    if len(places) < len(lines):
        return ()
    rows = sorted({place[:2] for place in places})
    columns = sorted({place[2] for place in places})
    return tuple(tuple(places.get((*row, column)) for column in columns) for row in rows)


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch
