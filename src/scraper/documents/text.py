"""Text in which tables were flattened to lines of cells between ``|`` bars."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from scraper.documents.document import Cell, Document, Grid, TooLarge

_MARKDOWN_HEADING = re.compile(r"^\s*#{1,6}\s+")

# Where nearly every line has a single cell, a line is a cell and not a row.
_SHARE_OF_SINGLE_CELLS = 0.9
_FEWEST_SINGLE_CELLS = 8

# Beyond these a text is no report, and would only use up the memory.
_MOST_LINES = 100_000
_MOST_BARS = 200_000


def read_text(text: str) -> Document:
    """Paragraphs and ``|`` tables; neighbouring lines with bars are one table.

    Raises :class:`TooLarge` for texts far beyond the size of any report.
    """
    if text.count("\n") > _MOST_LINES or text.count("|") > _MOST_BARS:
        raise TooLarge
    document = Document()
    lines = [line for line in text.splitlines() if line.strip()]
    for barred, group in groupby(lines, key=lambda line: "|" in line):
        if barred:
            document.grids.append(_grid([line.split("|") for line in group]))
        else:
            document.paragraphs.extend(_MARKDOWN_HEADING.sub("", line).strip() for line in group)
    document.titles = document.paragraphs[:3]
    return document


def _grid(rows: Sequence[Sequence[str]]) -> Grid:
    # A bar before the first cell or behind the last makes an empty field there in every line.
    first = int(all(not fields[0].strip() for fields in rows))
    closed = int(all(not fields[-1].strip() for fields in rows))
    cells = [fields[first : len(fields) - closed] for fields in rows]
    if _one_cell_a_line(cells):
        cells = [_only_cell(fields, closed) for fields in cells]
    return Grid(
        rows=tuple(
            tuple(Cell(text.strip(), row, column) for column, text in enumerate(fields))
            for row, fields in enumerate(cells)
        ),
        places_known=False,
    )


def _one_cell_a_line(rows: Sequence[Sequence[str]]) -> bool:
    filled = [sum(bool(text.strip()) for text in fields) for fields in rows]
    single = sum(count <= 1 for count in filled)
    return sum(filled) >= _FEWEST_SINGLE_CELLS and single >= _SHARE_OF_SINGLE_CELLS * len(rows)


def _only_cell(fields: Sequence[str], closed: int) -> Sequence[str]:
    """The cell of a line; a line of several bars and nothing else only filled up the row above."""
    filled = [text for text in fields if text.strip()]
    return filled or (fields[:1] if len(fields) + closed <= 2 else [])
