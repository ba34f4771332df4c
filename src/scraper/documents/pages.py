"""Printed pages to paragraphs and grids: texts with their places, and ruling lines.

Positions grow to the right and downwards. A text is a character of a PDF or a run that was recognised on
a scan.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from statistics import median
from typing import NamedTuple

from scraper.documents.document import Cell, Document, Grid
from scraper.documents.placing import Placed, add_grid, grid_of
from scraper.documents.ruling import Line, RuledTable, ruled_tables

_PAGE_NUMBER = re.compile(
    r"[-—–－·\s]*(?:第\s*)?\d{1,3}(?:\s*页)?(?:\s*[,，/共]*\s*\d{1,3}\s*页?)?[-—–－·\s]*"
)
_FIGURE = re.compile(r"[+-]?[\d,.]+")
_LATIN = re.compile(r"[!-~]")

# A heading that a new paragraph begins with, wherever the line before it ends.
_HEADING = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[、）)]")

# In heights of a line.
_SPACE = 0.15
_WIDE_SPACE = 0.8
_BOLD = 0.25
_GAP = 1.5
_CELL_MARGINS = 1.3
_SAME_LINE = 0.5
_SHORT_OF_MARGIN = 1.6
_INDENT = 1.0
_LARGER = 1.25


# Of a table without lines.
_FEWEST_ROWS = 3


class Text(NamedTuple):
    """A text and its place on the page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float | None = None

    @property
    def height(self) -> float:
        """How tall the text stands."""
        return self.bottom - self.top

    @property
    def middle(self) -> tuple[float, float]:
        """The point in its middle."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass
class Page:
    """What one page shows, or a scan of it (``recognised``); lines within ``tolerance`` look like one."""

    texts: list[Text]
    across: list[Line]
    down: list[Line]
    tolerance: float
    recognised: bool = False
    tables: list[RuledTable] = field(init=False)

    def __post_init__(self) -> None:
        self.tables = ruled_tables(self.across, self.down, self.tolerance)


def read_pages(pages: Sequence[Page], document: Document) -> None:
    """Adds the pages' paragraphs and grids to ``document``, paragraphs joined over page breaks."""
    paragraphs = _Paragraphs()
    for page in pages:
        inside, outside = _share_out(page)
        for table, texts in zip(page.tables, inside, strict=True):
            add_grid(document, grid_of(list(_filled(table, texts))))
        rows, lines = _unruled(_in_rows(outside))
        for table_rows in rows:
            add_grid(document, _in_order(table_rows))
        paragraphs.add_page(lines, page.tables)
    document.paragraphs += paragraphs.done()
    document.titles += paragraphs.titles()


def _share_out(page: Page) -> tuple[list[dict[int, list[Text]]], list[Text]]:
    """The texts in each table by their cells, and those outside of all tables."""
    inside: list[dict[int, list[Text]]] = [defaultdict(list) for _ in page.tables]
    outside = []
    # Of tables that lie in each other the inner one has the text.
    order = sorted(range(len(page.tables)), key=lambda number: page.tables[number].area)
    for text in page.texts:
        for number in order:
            cell = page.tables[number].cell_at(*text.middle)
            if cell is not None:
                inside[number][cell].append(text)
                break
        else:
            outside.append(text)
    return inside, outside


def _filled(table: RuledTable, texts: dict[int, list[Text]]) -> Iterator[Placed]:
    for number, cell in enumerate(table.cells):
        lines = text_lines(texts.get(number, ()))
        if lines:
            left, _, right, _ = table.room(number)
            known = [line.confidence for line in lines if line.confidence is not None]
            cell = cell._replace(text=_wrapped(lines, right - left), confidence=min(known) if known else None)
        yield cell


def _wrapped(lines: list[Text], width: float) -> str:
    """A cell's lines; a figure that fills the width of a cell goes on in the next line."""
    text = lines[0].text
    for line, following in pairwise(lines):
        digit = (line.right - line.left) / len(line.text)
        full = line.right - line.left + digit + _CELL_MARGINS * line.height > width
        runs_on = full and _FIGURE.fullmatch(line.text) and _FIGURE.fullmatch(following.text)
        text += ("" if runs_on else "\n") + following.text
    return text


def text_lines(texts: Sequence[Text]) -> list[Text]:
    """The lines that texts make, from above."""
    return list(map(_joined, _in_rows(texts)))


def _in_rows(texts: Sequence[Text]) -> list[list[Text]]:
    """Texts that stand level, from above and from left to right."""
    rows: list[list[Text]] = []
    for text in sorted(texts, key=lambda text: text.middle[1]):
        row = rows[-1] if rows else []
        height = max((other.height for other in row[-3:]), default=0)
        if row and text.middle[1] - row[-1].middle[1] < _SAME_LINE * max(height, text.height):
            row.append(text)
        else:
            rows.append([text])
    return [sorted(row, key=lambda text: text.left) for row in rows]


def _unruled(rows: list[list[Text]]) -> tuple[list[list[list[Text]]], list[Text]]:
    """Rows that are tables without lines, and all other lines.

    Such a table is some rows below each other with wide gaps in them, at least half of them with figures.
    """
    tables: list[list[list[Text]]] = []
    lines: list[Text] = []
    for gaps, run in groupby(map(_parted, rows), key=lambda row: len(row) > 1):
        found = list(run)
        figures = sum(any(_FIGURE.fullmatch(text.text) for text in row) for row in found)
        if gaps and len(found) >= _FEWEST_ROWS and 2 * figures >= len(found):
            tables.append(found)
        else:
            lines += map(_joined, found)
    return tables, lines


def _parted(row: list[Text]) -> list[Text]:
    """The parts of a row that wide gaps divide."""
    parts: list[list[Text]] = []
    for text in row:
        if parts and text.left - parts[-1][-1].right < _GAP * text.height:
            parts[-1].append(text)
        else:
            parts.append([text])
    return list(map(_joined, parts))


def _in_order(rows: list[list[Text]]) -> Grid:
    """A grid of which only the order of the cells is known: an empty cell leaves no trace."""
    return Grid(
        tuple(
            tuple(Cell(text.text, number, column, text.confidence) for column, text in enumerate(row))
            for number, row in enumerate(rows)
        ),
        places_known=False,
    )


def _joined(texts: list[Text]) -> Text:
    """A line of texts as one, with a blank where they stand apart."""
    height = median(text.height for text in texts)
    pieces: list[str] = []
    for number, text in enumerate(texts):
        if number:
            before = texts[number - 1]
            if before.text == text.text and text.left - before.left < _BOLD * height:
                # Set twice, a little apart, to look bold.
                continue
            latin = _LATIN.match(before.text[-1:]) and _LATIN.match(text.text[:1])
            if text.left - before.right > (_SPACE if latin else _WIDE_SPACE) * height:
                pieces.append(" ")
        pieces.append(text.text)
    known = [text.confidence for text in texts if text.confidence is not None]
    return Text(
        "".join(pieces),
        texts[0].left,
        median(text.top for text in texts),
        max(text.right for text in texts),
        median(text.bottom for text in texts),
        min(known) if known else None,
    )


class _Paragraphs:
    """Joins lines to paragraphs: one that reaches the margin goes on in the next, if that isn't indented."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._heights: list[float] = []
        self._goes_on = False

    def add_page(self, lines: list[Text], tables: Sequence[RuledTable]) -> None:
        """Adds the lines of a page outside its tables."""
        lines = _without_page_number(lines)
        if not lines:
            return
        left, right = min(line.left for line in lines), max(line.right for line in lines)
        tops = [table.frame[1] for table in tables]
        above = float("-inf")
        for line in lines:
            behind_table = any(above < top < line.top for top in tops)
            indented = line.left - left > _INDENT * line.height
            same_size = (
                bool(self._heights) and line.height < _LARGER * self._heights[-1] < _LARGER**2 * line.height
            )
            if self._goes_on and not (indented or behind_table or _HEADING.match(line.text)) and same_size:
                self._found[-1] += line.text
            else:
                self._found.append(line.text)
                self._heights.append(line.height)
            self._goes_on = right - line.right < _SHORT_OF_MARGIN * line.height
            above = line.top

    def done(self) -> list[str]:
        """All paragraphs."""
        return self._found

    def titles(self) -> list[str]:
        """The first lines in the largest print, as one, and alone."""
        heights = self._heights[:20]
        if not heights:
            return []
        large = max(heights) / _LARGER
        first = next(number for number, height in enumerate(heights) if height > large)
        last = first
        while last < len(heights) and heights[last] > large:
            last += 1
        lines = self._found[first:last]
        return ["".join(lines), *lines] if len(lines) > 1 else lines


def _without_page_number(lines: list[Text]) -> list[Text]:
    return [
        line
        for number, line in enumerate(lines)
        if number not in (0, len(lines) - 1) or not _PAGE_NUMBER.fullmatch(line.text)
    ]
