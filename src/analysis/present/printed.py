"""A statutory table as it was printed: cells in their places, with the marks of findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["label", "figure", "blank"]
# How a cell takes part in what does not hold: not at all, with nothing to add, or with its figure.
Weight = Literal[0, 1, 2]
Place = tuple[int, int]

_NARROWEST_LABEL, _WIDEST_LABEL = 4.2, 15.0
_NARROWEST_FIGURE, _WIDEST_FIGURE = 3.4, 9.0


class Label(NamedTuple):
    """A line of the database's table ``label``, without its report."""

    row: int
    row_span: int
    column: int
    text: str


class Mark(NamedTuple):
    """What a cell is marked with: the signs of the findings that it takes part in, and its weight."""

    signs: tuple[str, ...]
    weight: Weight


UNMARKED = Mark((), 0)


class Figure(NamedTuple):
    """A fact's place, what is printed there, and how it is marked; ``source`` is its place in the source."""

    row: int
    column: int
    raw: str
    mark: Mark = UNMARKED
    source: Place | None = None


@dataclass(frozen=True)
class PrintedCell:
    """A cell of the table that is shown; ``column`` is the first that it covers of those shown, from 0.

    ``place`` is a figure's row and column in the source.
    """

    text: str
    kind: Kind
    rows: int = 1
    columns: int = 1
    column: int = 0
    mark: Mark = UNMARKED
    place: Place | None = None


@dataclass(frozen=True)
class PrintedTable:
    """Rows of cells, each where it begins, and how wide the columns should be, in characters."""

    rows: tuple[tuple[PrintedCell, ...], ...]
    widths: tuple[float, ...]


def printed_table(labels: Sequence[Label], figures: Sequence[Figure]) -> PrintedTable:
    """The table that ``labels`` and ``figures`` are of."""
    return _Writing(labels, figures).table()


def table_by_form(named: Sequence[tuple[str, str, Figure]]) -> PrintedTable:
    """A table with a row for each metric and a column for each applicant, of which only the names are known.

    ``named`` are the figures with the names of row and column, in reading order.
    """
    rows = list(dict.fromkeys(row for row, _, _ in named))
    columns = list(dict.fromkeys(column for _, column, _ in named))
    labels = [Label(0, 1, number, column) for number, column in enumerate(columns, start=1) if column]
    labels += [Label(number, 1, 0, row) for number, row in enumerate(rows, start=1)]
    figures = [
        figure._replace(row=rows.index(row) + 1, column=columns.index(column) + 1)
        for row, column, figure in named
    ]
    return printed_table(labels, figures)


class _Writing:
    """Puts cells in their places. Columns in which no cell begins are left out, as are rows without any."""

    def __init__(self, labels: Sequence[Label], figures: Sequence[Figure]) -> None:
        self._cells: dict[Place, PrintedCell] = {}
        for label in labels:
            self._cells[label.row, label.column] = PrintedCell(label.text, "label", rows=label.row_span)
        for figure in figures:
            place = (figure.row, figure.column)
            self._cells[place] = PrintedCell(figure.raw, "figure", mark=figure.mark, place=figure.source)
        self._rows = sorted({row for row, _ in self._cells})
        self._columns = sorted({column for _, column in self._cells})
        self._taken: dict[Place, Place] = {}

    def table(self) -> PrintedTable:
        """The rows from the first to the last, blank places filled up."""
        for place in sorted(self._cells):
            self._take(place)
        rows = [self._row(row) for row in range(len(self._rows))]
        return PrintedTable(tuple(rows), tuple(self._widths(rows)))

    def _take(self, place: Place) -> None:
        """Gives a cell its own place and those below it that it covers, as far as they are free."""
        row, column = self._rows.index(place[0]), self._columns.index(place[1])
        if (row, column) in self._taken:
            return
        last = place[0] + self._cells[place].rows
        for below in range(row, len(self._rows)):
            if self._rows[below] >= last or (below > row and (self._rows[below], place[1]) in self._cells):
                break
            self._taken[below, column] = place

    def _row(self, row: int) -> tuple[PrintedCell, ...]:
        cells: list[PrintedCell] = []
        column = 0
        while column < len(self._columns):
            place = self._taken.get((row, column))
            begins = place == (self._rows[row], self._columns[column])
            if place is None:
                cells.append(PrintedCell("", "blank", column=column))
                column += 1
            elif begins:
                shown = self._spanning(place, row, column)
                cells.append(shown)
                column += shown.columns
            else:
                column += self._spanning(place, self._rows.index(place[0]), column).columns
        return tuple(cells)

    def _spanning(self, place: Place, row: int, column: int) -> PrintedCell:
        """A cell as large as what is free to the right of it in all of its rows allows."""
        cell = self._cells[place]
        rows = 1
        while self._taken.get((row + rows, column)) == place:
            rows += 1
        columns = 1
        while column + columns < len(self._columns) and not any(
            (below, column + columns) in self._taken for below in range(row, row + rows)
        ):
            columns += 1
        reaches_end = column + columns == len(self._columns)
        if cell.kind == "figure" and reaches_end:
            # Nothing says that the last figure of a short row covers what is blank behind it.
            columns = 1
        return PrintedCell(cell.text, cell.kind, rows, columns, column, cell.mark, cell.place)

    def _widths(self, rows: Iterable[Sequence[PrintedCell]]) -> Iterable[float]:
        longest = {"label": [0.0] * len(self._columns), "figure": [0.0] * len(self._columns)}
        for cell in (cell for row in rows for cell in row if cell.columns == 1 and cell.kind in longest):
            of_kind = longest[cell.kind]
            of_kind[cell.column] = max(of_kind[cell.column], _length(cell.text) / cell.rows)
        for label, figure in zip(longest["label"], longest["figure"], strict=True):
            if figure:
                wanted = max(figure + 1, label / 2)
                yield min(max(wanted, _NARROWEST_FIGURE), _WIDEST_FIGURE)
            else:
                yield min(max(label, _NARROWEST_LABEL), _WIDEST_LABEL)


def _length(text: str) -> float:
    """How wide a text is in Chinese characters; Latin letters and digits take half of one."""
    return sum(0.55 if character.isascii() else 1.0 for character in text) or 0.1
