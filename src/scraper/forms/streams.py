"""Tables that a text export flattened to one cell a line, put together again by counting.

Such a text keeps the order of the cells and nothing else: ``规章``, ``0``, ``0``, ``0``, ``规范性文件``, …
So a row is a run of labels and the run of figures behind it. Exports that also dropped repeated cells keep
labels whose figures are gone; they are refused, for what is left can't be told from what was printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import NamedTuple

from scraper.documents import Cell, Grid
from scraper.forms import catalogue
from scraper.forms.catalogue import Block
from scraper.forms.numbers import is_unit
from scraper.forms.wordings import wording_of

# A line of a flattened table is a cell: short, and no sentence.
_LONGEST_CELL = 60
_SENTENCE = re.compile(r"[。；！？;!?]")
_SECTION = re.compile(r"\s*[一二三四五六七八九十]{1,2}\s*、")
_FEWEST_CELLS = 8

# So many headings are the head of a table, not labels of a row.
_FEWEST_HEADINGS = 4

# A label may be broken into lines; more than these are several labels.
_MOST_LINES_OF_LABEL = 3

# So many labels without figures, and more than half of all, are left over from dropped cells.
_FEWEST_WITHOUT_FIGURES = 6


class Unfolded(NamedTuple):
    """A grid with its rows put together, and by new place the place that each cell has in the document.

    ``refused`` tells that figures were dropped from it.
    """

    grid: Grid
    origin: dict[tuple[int, int], tuple[int, int]]
    refused: bool


def unfold(grid: Grid) -> Unfolded:
    """``grid`` with the rows of the forms, if it has one cell a line or several rows in one line."""
    if len(grid.rows) >= _FEWEST_CELLS and all(len(row) <= 1 for row in grid.rows):
        lines = [tuple(cell for row in grid.rows for cell in row)]
    elif any(_holds_several_rows(row) for row in grid.rows):
        lines = list(grid.rows)
    else:
        return Unfolded(grid, {}, refused=False)
    rows: list[tuple[Cell, ...]] = []
    origin: dict[tuple[int, int], tuple[int, int]] = {}
    without_figures = with_figures = 0
    for line in lines:
        if len(lines) > 1 and not _holds_several_rows(line):
            unfolded = [list(line)]
        else:
            unfolded, lost, kept = _rows_of(line)
            without_figures, with_figures = without_figures + lost, with_figures + kept
        for cells in unfolded:
            for column, cell in enumerate(cells):
                origin[len(rows), column] = (cell.row, cell.column)
            rows.append(tuple(c._replace(row=len(rows), column=n) for n, c in enumerate(cells)))
    refused = without_figures >= _FEWEST_WITHOUT_FIGURES and without_figures > with_figures
    return Unfolded(Grid(tuple(rows), places_known=False), origin, refused)


def flattened_tables(paragraphs: Iterable[str]) -> list[Grid]:
    """Runs of short lines that may be tables, one cell a line, from the first label of a form on."""
    grids = []
    for short, run in groupby(_divided(paragraphs), key=lambda line: line[1]):
        cells = [line for line, _ in run]
        start = next((index for index, line in enumerate(cells) if _is_known(line)), len(cells))
        if short and len(cells) - start >= _FEWEST_CELLS:
            rows = ((Cell(line, row, 0),) for row, line in enumerate(cells[start:]))
            grids.append(Grid(tuple(rows), places_known=False))
    return grids


def _divided(paragraphs: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Each line and whether it can be a cell; the heading of a section can't."""
    for line in paragraphs:
        short = len(line) <= _LONGEST_CELL and not _SENTENCE.search(line)
        yield line, short and (_is_known(line) or not _SECTION.match(line))


def _is_known(text: str) -> bool:
    said = wording_of(text)
    return bool(said.rows or said.groups or said.heading)


def _is_value(cell: Cell) -> bool:
    said = wording_of(cell.text)
    return not (said.rows or said.label) or is_unit(cell.text)


def _holds_several_rows(cells: Sequence[Cell]) -> bool:
    """Whether in one line headings are followed by figures, or figures by the label of another row."""
    if len(cells) < _FEWEST_CELLS:
        return False
    headings = 0
    figure_seen = False
    for cell in cells:
        said = wording_of(cell.text)
        if figure_seen and (said.rows or said.groups) and not said.heading:
            return True
        headings += said.heading
        figure_seen = figure_seen or said.figure
        if figure_seen and headings >= _FEWEST_HEADINGS:
            return True
    return False


def _rows_of(cells: Sequence[Cell]) -> tuple[list[list[Cell]], int, int]:
    """The rows of a stream of cells, and how many labels of rows lost and kept their figures."""
    rows: list[list[Cell]] = []
    lost = kept = 0
    labels: list[Cell] = []
    for values, run in groupby(cells, key=_is_value):
        if not values:
            labels = _joined(list(run))
            continue
        headings, own = _apart(labels)
        rows += headings
        lost += _named(cell for heading in headings for cell in heading)
        kept += _named(own[-1:])
        rows.append([*own, *run])
        labels = []
    rows += [[label] for label in labels]
    return rows, lost + _named(labels), kept


def _named(labels: Iterable[Cell]) -> int:
    """How many of ``labels`` can only be labels of rows."""
    said = [wording_of(label.text) for label in labels]
    return sum(bool(wording.rows) and not wording.heading and not wording.groups for wording in said)


def _joined(labels: list[Cell]) -> list[Cell]:
    """``labels`` with those that were broken into lines made whole."""
    whole: list[Cell] = []
    start = 0
    while start < len(labels):
        taken = labels[start]
        for end in range(start + 2, min(start + _MOST_LINES_OF_LABEL, len(labels)) + 1):
            text = "".join(label.text for label in labels[start:end])
            if _is_known(text) and not all(_is_known(label.text) for label in labels[start:end]):
                taken, start = taken._replace(text=text), end - 1
                break
        whole.append(taken)
        start += 1
    return whole


def _apart(labels: Sequence[Cell]) -> tuple[list[list[Cell]], list[Cell]]:
    """Rows of headings, and the labels of the row of figures that follows."""
    for start in range(len(labels)):
        for block in catalogue.blocks():
            levels = _as_printed(block, labels[start:])
            if levels:
                before = [[label] for label in labels[:start]]
                return before + levels, list(labels[start + sum(map(len, levels)) :])
    own = len(labels)
    while own > 0 and _labels_rows(labels[own - 1]):
        own -= 1
    headings, row = list(labels[:own]), list(labels[own:])
    known = [index for index, label in enumerate(headings) if wording_of(label.text).heading]
    if len(known) < 2:
        return [[label] for label in headings], row
    return [[label] for label in headings[: known[0]]] + [headings[known[0] :]], row


def _labels_rows(label: Cell) -> bool:
    said = wording_of(label.text)
    return bool(said.rows or said.groups)


def _as_printed(block: Block, labels: Sequence[Cell]) -> list[list[Cell]]:
    """The lines of the block's head, if ``labels`` begin with all its headings in the form's order."""
    levels: list[list[Cell]] = []
    taken = 0
    if len(block.columns) == 1 and _labels_rows(labels[0]):
        # 总计 alone stands in front of figures rather than above them.
        return levels
    for level in _printed_levels(block):
        line = list(labels[taken : taken + len(level)])
        taken += len(level)
        if len(line) < len(level):
            return []
        for label, heading in zip(line, level, strict=True):
            places = block.headings.find(label.text)
            if not any(place in places for place in block.headings.find(heading)):
                return []
        levels.append(line)
    return levels


@cache
def _printed_levels(block: Block) -> tuple[tuple[str, ...], ...]:
    """The headings above the block's columns, line by line, each group once."""
    depth = max(len(column.groups) for column in block.columns) + 1
    paths = [(*column.groups, column.label) for column in block.columns]
    levels = []
    for level in range(depth):
        reaching = [path[: level + 1] for path in paths if len(path) > level]
        levels.append(tuple(path[-1] for path in dict.fromkeys(reaching)))
    return tuple(levels)
