"""Grids from cells that lie between the lines of a table, and what every reader makes of tables."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from scraper.documents.document import LONGEST_LABEL, MOST_CELLS, Cell, Document, Grid, TooLarge

# A title may be set in up to so many lines.
_TITLE_LINES = 3


class Placed(NamedTuple):
    """A cell that covers the columns from ``left`` to before ``right`` and the rows likewise."""

    text: str
    left: int
    right: int
    top: int
    bottom: int
    confidence: float | None = None


def grid_of(cells: Sequence[Placed]) -> Grid:
    """The grid of placed cells: each in every row that it covers, once, from left to right."""
    if sum(cell.bottom - cell.top for cell in cells) > MOST_CELLS:
        raise TooLarge
    rows: list[list[Cell]] = [[] for _ in range(max((cell.bottom for cell in cells), default=0))]
    for cell in sorted(cells, key=lambda cell: cell.left):
        printed = Cell(cell.text, cell.top, cell.left, cell.confidence)
        for number in range(cell.top, cell.bottom):
            rows[number].append(printed)
    return Grid(tuple(map(tuple, rows)), places_known=True)


class Edges:
    """The lines of a table in one direction, drawn at slightly different places in each row."""

    def __init__(self, positions: Iterable[float], tolerance: float) -> None:
        self.places: list[float] = []
        group: list[float] = []
        for position in sorted(positions):
            if group and position - group[0] > tolerance:
                self.places.append(sum(group) / len(group))
                group = []
            group.append(position)
        if group:
            self.places.append(sum(group) / len(group))

    def number(self, position: float) -> int:
        """The number, from 0, of the line nearest to ``position``."""
        behind = bisect_left(self.places, position)
        near = [number for number in (behind - 1, behind) if 0 <= number < len(self.places)]
        return min(near, key=lambda number: abs(self.places[number] - position))


class WrittenTable:
    """A table of a text document, written row by row with the places where its cells begin and end.

    ``tolerance`` is how far edges that people see as one may lie apart, in the unit of the places.
    """

    def __init__(self, tolerance: float) -> None:
        self._tolerance = tolerance
        self._rows: list[list[tuple[str, float, float, bool]]] = []

    def add_row(self, cells: Iterable[tuple[str, float, float, bool]]) -> None:
        """Adds a row of cells: text, left and right edge, and whether the cell goes on from above.

        Of a cell that goes on no text is shown.
        """
        self._rows.append(list(cells))

    def grid(self) -> Grid:
        """The table with its vertically merged cells joined."""
        edges = Edges(
            (place for row in self._rows for _, left, right, _ in row for place in (left, right)),
            self._tolerance,
        )
        placed: list[Placed] = []
        open_above: dict[int, int] = {}
        for top, row in enumerate(self._rows):
            reaching: dict[int, int] = {}
            for text, left, right, goes_on in row:
                start, end = edges.number(left), edges.number(right)
                above = open_above.get(start) if goes_on else None
                if above is None:
                    reaching[start] = len(placed)
                    placed.append(Placed(text, start, max(end, start + 1), top, top + 1))
                else:
                    reaching[start] = above
                    placed[above] = placed[above]._replace(bottom=top + 1)
            open_above = reaching
        return grid_of(placed)


def add_grid(document: Document, grid: Grid) -> None:
    """Adds a table to a document; prose that it lays out is a paragraph as well."""
    if not any(grid.rows):
        return
    document.grids.append(grid)
    for number, row in enumerate(grid.rows):
        for cell in row:
            if cell.row == number and len(cell.text) > LONGEST_LABEL:
                document.paragraphs.extend(lines_of(cell.text))


def lines_of(text: str) -> list[str]:
    """The lines of a text that say something, runs of blanks as one."""
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]


def tidy(text: str) -> str:
    """A cell's text: its lines, runs of blanks as one."""
    return "\n".join(lines_of(text))


def first_titles(paragraphs: Sequence[str]) -> list[str]:
    """Candidates for the title: each of the first lines, then neighbours of them as one."""
    first = list(paragraphs[: 2 * _TITLE_LINES])
    joined = [
        "".join(first[start : start + count])
        for count in range(2, _TITLE_LINES + 1)
        for start in range(len(first) - count + 1)
    ]
    return first[:_TITLE_LINES] + joined
