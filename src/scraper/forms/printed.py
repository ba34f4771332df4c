"""What stands around the figures of a report's tables, so that they can be shown as they were printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from scraper.documents import Cell, Grid
from scraper.documents.document import LONGEST_LABEL
from scraper.forms.facts import Fact
from scraper.forms.streams import unfold

# No form has more rows of headings above its figures.
_MOST_HEADINGS = 6


class Label(NamedTuple):
    """A printed cell that is no fact, in a table that has facts.

    ``table_no``, ``row`` and ``column`` are as in a fact; the cell covers ``rows`` rows, and reaches to the
    next cell of its row.
    """

    table_no: int
    row: int
    rows: int
    column: int
    text: str


def printed_labels(grids: Sequence[Grid], facts: Iterable[Fact]) -> tuple[Label, ...]:
    """The labels of the tables of ``grids`` that ``facts`` were read from.

    Tables that a text export flattened have none: where their cells stood is lost.
    """
    figures: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)
    for fact in facts:
        figures[fact.table_no].add((fact.row, fact.column))
    return tuple(
        label
        for number, places in sorted(figures.items())
        if not unfold(grids[number]).origin
        for label in _labels(number, grids[number], places)
    )


def _labels(number: int, grid: Grid, figures: set[tuple[int, int]]) -> Iterator[Label]:
    first, last = _extent(grid, [row for row, _ in figures])
    spans: dict[Cell, int] = {}
    for row in range(first, min(last + 1, len(grid.rows))):
        for cell in grid.rows[row]:
            spans[cell] = spans.get(cell, 0) + 1
    for cell, rows in spans.items():
        if cell.text and (cell.row, cell.column) not in figures:
            yield Label(number, max(cell.row, first), rows, cell.column, _cut(cell.text))


def _extent(grid: Grid, rows: Sequence[int]) -> tuple[int, int]:
    """The rows of a table from its headings on; a page that is laid out in one table has others around."""
    first = min(rows)
    highest = max(0, first - _MOST_HEADINGS)
    while first > highest and all(len(cell.text) <= LONGEST_LABEL for cell in grid.rows[first - 1]):
        first -= 1
    return first, max(rows)


def _cut(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= LONGEST_LABEL else said[:LONGEST_LABEL] + "…"
