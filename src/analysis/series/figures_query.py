"""The query that reads the figures of quantities, for many reports in one pass over the facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from analysis.series.expression import Expression, Operand, as_sql, operands_of
from analysis.series.measures import HUNDRED, blanks
from analysis.series.quantities import Quantity, Series

_TOTAL = "total"
_FORM_2014 = "2014"


@dataclass(frozen=True)
class Cell:
    """A cell of the forms: its metric and column, and whether it lies in the table of statistics."""

    metric: str
    applicant: str
    statistics: bool


class FiguresQuery:
    """The query for ``quantities`` in the column ``applicant``.

    ``shared`` are the metrics that both the table of statistics and a later table print.

    ``text`` gives a line for each report that has any of their cells, with its place in the table of
    reports and four columns for each quantity: its value; its denominator; the number that
    :meth:`bases_of` takes apart; and whether the report prints any of its cells. With ``filled``, blank
    cells that the printed total shows to be zeros (:func:`analysis.series.measures.blanks`) count as zeros
    in measures. ``$places`` are the places of the reports wanted where ``only`` is set; else all are read.
    """

    def __init__(
        self,
        quantities: Sequence[Quantity],
        applicant: str,
        shared: Collection[str],
        *,
        filled: bool = False,
        only: bool = False,
    ) -> None:
        self._quantities = quantities
        self._applicant = applicant
        self._shared = shared
        self._filled = filled
        self.only = only
        self._cells: dict[Cell, str] = {}
        self._series: dict[tuple[Operand, bool], tuple[Series, str]] = {}
        self._zeros = dict(self._zero_cells()) if filled else {}
        self._filled_cells: dict[Cell, None] = {}
        self.text = self._written()

    def bases_of(self, quantity: Quantity, number: int) -> Iterator[tuple[Operand, int]]:
        """The basis of each operand, by its place among the series' bases, in the column of bases."""
        for operand in quantity.operands:
            size = len(quantity.series[operand.metric].bases) + 1
            number, place = divmod(number, size)
            if place < size - 1:
                yield operand, place

    def _written(self) -> str:
        columns = [
            column
            for number, quantity in enumerate(self._quantities)
            for column in self._columns(number, quantity)
        ]
        series = [
            text for (operand, filled) in list(self._series) for text in self._series_columns(operand, filled)
        ]
        zeros = [self._zero_column(cell) for cell in self._filled_cells]
        cells = [self._cell_column(cell, name) for cell, name in self._cells.items()]
        seen = [self._seen_column(number, quantity) for number, quantity in enumerate(self._quantities)]
        metrics = _texts({cell.metric for cell in self._cells})
        applicants = _texts({a for cell in self._cells for a in _stored(cell.applicant)})
        chosen = "WHERE rowid IN (SELECT unnest($places))" if self.only else ""
        return f"""
            WITH cell AS (
                SELECT place, {", ".join([*cells, *seen])}
                FROM fact JOIN (SELECT rowid AS place, report_id FROM report {chosen}) USING (report_id)
                WHERE metric IN ({metrics}) AND applicant IN ({applicants})
                GROUP BY place
            ),
            zero AS (SELECT {", ".join(["*", *zeros])} FROM cell),
            series AS (SELECT {", ".join(["*", *series])} FROM zero)
            SELECT {", ".join(["place", *columns])} FROM series
        """  # noqa: S608 - what is put in comes from the catalogues, not from the user

    # The layers from the top: quantities of series, series of cells, cells of facts.

    def _columns(self, number: int, quantity: Quantity) -> Iterator[str]:
        filled = self._filled and quantity.is_measure

        def column(operand: Operand) -> str:
            return self._series_column(quantity, operand, filled)

        value = as_sql(quantity.numerator, column)
        base = "NULL"
        if quantity.denominator is not None:
            base = as_sql(quantity.denominator, column)
            value = f"{HUNDRED} * {value} / nullif({base}, 0)"
        yield f"{value} AS value_{number}"
        yield f"{base} AS base_{number}"
        places, size = [], 1
        for operand in quantity.operands:
            places.append(f"{size} * {column(operand)}_basis")
            size *= len(quantity.series[operand.metric].bases) + 1
        yield f"{' + '.join(places)} AS bases_{number}"
        yield f"seen_{number}"

    def _series_column(self, quantity: Quantity, operand: Operand, filled: bool) -> str:
        key = (operand, filled)
        if key not in self._series:
            self._series[key] = (quantity.series[operand.metric], f"s{len(self._series)}")
            for basis in quantity.series[operand.metric].bases:
                for cell in operands_of(basis.figure):
                    self._column_of(self._cell(cell, operand, basis.statistics))
        return self._series[key][1]

    def _series_columns(self, operand: Operand, filled: bool) -> Iterator[str]:
        series, name = self._series[operand, filled]
        values = [self._basis(basis.figure, operand, basis.statistics, filled) for basis in series.bases]
        found = "".join(f" WHEN {value} IS NOT NULL THEN {place}" for place, value in enumerate(values))
        yield f"coalesce({', '.join([*values, 'NULL'])}) AS {name}"
        yield (f"CASE{found} ELSE {len(values)} END" if found else "0") + f" AS {name}_basis"

    def _basis(self, figure: Expression, operand: Operand, statistics: bool, filled: bool) -> str:
        def column(cell: Operand) -> str:
            one = self._cell(cell, operand, statistics)
            if not filled or one not in self._zeros:
                return self._column_of(one)
            self._filled_cells[one] = None
            return f"z{self._column_of(one)}"

        return as_sql(figure, column)

    def _cell(self, cell: Operand, asked: Operand, statistics: bool) -> Cell:
        return Cell(cell.metric, cell.applicant or asked.applicant or self._applicant, statistics)

    def _column_of(self, cell: Cell) -> str:
        if cell not in self._cells:
            self._cells[cell] = f"c{len(self._cells)}"
            if cell in self._zeros:
                for other in self._zeros[cell]:
                    self._column_of(other)
        return self._cells[cell]

    def _zero_cells(self) -> Iterator[tuple[Cell, tuple[Cell, ...]]]:
        """Each cell that may be a blank zero, with the total and then all parts of the sum that tells it."""
        for blank in blanks():
            statistics = _FORM_2014 in blank.forms
            cells = tuple(
                Cell(operand.metric, self._applicant, statistics) for operand in (blank.total, *blank.parts)
            )
            yield from ((cell, cells) for cell in cells[1:])

    def _zero_column(self, cell: Cell) -> str:
        name = self._cells[cell]
        total, *parts = (self._cells[one] for one in self._zeros[cell])
        parts_sum = " + ".join(f"coalesce({part}, 0)" for part in parts)
        return f"coalesce({name}, CASE WHEN {total} = {parts_sum} THEN 0 END) AS z{name}"

    def _cell_column(self, cell: Cell, name: str) -> str:
        where = f"metric = '{cell.metric}'"
        if len({one.applicant for one in self._cells}) > 1:
            where += f" AND applicant IN ({_texts(_stored(cell.applicant))})"
        if cell.metric in self._shared:
            where += f""" AND "table" {"=" if cell.statistics else "<>"} 'statistics'"""
        # A condition inside takes half the time of FILTER.
        return f"max(CASE WHEN {where} THEN value END) AS {name}"

    def _seen_column(self, number: int, quantity: Quantity) -> str:
        applicants = _texts(a for o in quantity.operands for a in _stored(o.applicant or self._applicant))
        where = f"metric IN ({_texts(quantity.cells)}) AND applicant IN ({applicants})"
        return f"bool_or({where}) AS seen_{number}"


def _stored(applicant: str) -> tuple[str, ...]:
    """What a fact's applicant is for a column: outside the requests table only totals are printed."""
    return (_TOTAL, "") if applicant == _TOTAL else (applicant,)


def _texts(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(set(values))) or "''"
