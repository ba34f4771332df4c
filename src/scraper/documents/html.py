"""HTML pages: what the DOM shows, as paragraphs, grids and titles.

Elements that only wrap text (Word sets a figure in several spans) are dissolved first, so that each text
node that is left is a line of the page, and a cell or the whole page is read in one call.
"""

from __future__ import annotations

import re
from collections import deque
from itertools import accumulate
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.documents.document import LONGEST_LABEL, MOST_CELLS, Cell, Document, Grid, TooLarge

_UNSEEN = "script, style, noscript, template, select, textarea, svg, iframe"
# What is struck out was withdrawn, and what stands above a character only says how it is read.
_NOT_SAID = "del, s, strike, rt, rp"
_MAY_HIDE = '[hidden], [style*="display" i], [style*="visibility" i], [style*="line-through" i]'
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|line-through", re.IGNORECASE)
# A raised or lowered figure is none of these: the note of 6¹ would become a digit of 61.
_WRAPPERS = "a b big em font i img input ins label ruby small span strong u".split()
# What Word wraps text in: its paragraph marks, dates and measures.
_WRAPPERS += [r"o\:p", r"st1\:chsdate", r"st1\:chmetcnv"]
# No report prints &nbsp; and the like: a page that shows them was escaped twice.
_ESCAPED_TWICE = re.compile(
    r"&amp;(nbsp|ensp|emsp|thinsp|zwnj|ldquo|rdquo|lsquo|rsquo|mdash|middot|#160|#12288);"
)
_DIGITS = re.compile(r"\s*(\d{1,9})", re.ASCII)

# Stands between two text nodes; no page prints it.
_BREAK = "\x1f"

CELLS = "td, th"
# Around the number that a cell is given, at its end; for private use, so that no page means anything by them.
_NUMBER_BEGINS, _NUMBER_ENDS = "\uf8f0", "\uf8f1"
_NUMBER = re.compile(f"{_NUMBER_BEGINS}(\\d+){_NUMBER_ENDS}")

# The HTML standard caps colspan at 1000 and rowspan at 65534; a rowspan also ends with its table.
_MOST_COLUMNS = 1000

# Beyond these a page is no report, and would only use up the memory.
_MOST_CHARACTERS = 50_000_000
_MOST_TAGS = 1_000_000

# The time that the DOM takes grows with the square of the depth; smaller pages can't be that deep.
_LARGE_PAGE = 150_000
_DEEPEST = 5_000
_NESTING = re.compile(
    r"<(/?)(?:a|b|big|blockquote|center|code|div|dl|em|font|form|i|ol|section|small|span|strong|sub|sup|table|u|ul)\b",
    re.IGNORECASE,
)


def read_html(text: str) -> Document:
    """The document of a page's visible text and tables.

    Raises :class:`TooLarge` for pages and tables far beyond the size of any report.
    """
    return _read(parse_html(text), text)


def parse_html(text: str) -> LexborHTMLParser:
    """The DOM that :func:`read_html` reads, still whole. Raises :class:`TooLarge` as that does."""
    if len(text) > _LARGE_PAGE:
        _check_size(text)
    if "&amp;" in text:
        text = _ESCAPED_TWICE.sub(r"&\1;", text)
    return LexborHTMLParser(text.replace(_BREAK, " ") if _BREAK in text else text)


def numbered_cells(text: str) -> list[dict[tuple[int, int], tuple[int, str]]]:
    """Which elements of a page the cells of its grids are.

    For each grid, by row and column of a cell, there is the number of its element, from 0, among all that
    ``parse_html(text).css(CELLS)`` finds, and its text. Raises :class:`TooLarge` as :func:`read_html` does.
    """
    tree = parse_html(text)
    for number, element in enumerate(tree.css(CELLS)):
        element.insert_child(f"{_NUMBER_BEGINS}{number}{_NUMBER_ENDS}")
    found = []
    for grid in _read(tree, text).grids:
        cells: dict[tuple[int, int], tuple[int, str]] = {}
        for cell in (cell for row in grid.rows for cell in row):
            # What is left of a table inside of the cell stands before the cell's own number.
            numbers = _NUMBER.findall(cell.text)
            if numbers:
                cells[cell.row, cell.column] = int(numbers[-1]), _NUMBER.sub("", cell.text)
        found.append(cells)
    return found


def _read(tree: LexborHTMLParser, text: str) -> Document:
    document = Document(metadata=_metadata(tree))
    page_title = tree.css_first("title")
    shown = page_title.text().strip() if page_title else ""
    body = tree.body
    if body is not None:
        _remove_unseen(body, text)
        document.links = [text for link in body.css("a") if (text := link.text().strip())]
        tree.unwrap_tags(_WRAPPERS, delete_empty=True)
        tree.merge_text_nodes()
        headings = [" ".join(_lines(heading)) for heading in body.css("h1, h2, h3")]
        document.grids = _take_tables(body)
        document.paragraphs = _lines(body)
        document.titles = [document.metadata.get("articletitle", ""), *headings]
    document.titles = [title for title in (*document.titles, shown) if title]
    return document


def _check_size(text: str) -> None:
    steps = (-1 if tag.group(1) else 1 for tag in _NESTING.finditer(text))
    if len(text) > _MOST_CHARACTERS or text.count("<") > _MOST_TAGS:
        raise TooLarge
    if max(accumulate(steps), default=0) > _DEEPEST:
        raise TooLarge


def _metadata(tree: LexborHTMLParser) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.css("meta[name]"):
        name, content = node.attributes.get("name"), node.attributes.get("content")
        if name and content:
            found.setdefault(name.strip().lower(), content.strip())
    return found


def _remove_unseen(body: LexborNode, text: str) -> None:
    for node in body.css(f"{_UNSEEN}, {_NOT_SAID}"):
        node.replace_with("")
    for node in body.css("td input[value]"):
        if node.attributes.get("type") in (None, "text"):
            node.replace_with(node.attributes["value"] or "")
    for node in body.css(_MAY_HIDE):
        attributes = node.attributes
        if "hidden" in attributes or _HIDDEN.search(attributes.get("style") or ""):
            node.replace_with("")
    if "<!--" in text:
        for node in [node for node in body.traverse(include_text=True) if node.is_comment_node]:
            node.replace_with("")


def _lines(node: LexborNode) -> list[str]:
    """The lines of text below ``node``, runs of blanks as one; a line break in the source is a blank."""
    return _tidy(node.text(separator=_BREAK))


def _tidy(text: str) -> list[str]:
    lines = (" ".join(line.split()) for line in text.split(_BREAK))
    return [line for line in lines if line]


def _take_tables(body: LexborNode) -> list[Grid]:
    """The tables as grids, in the order in which they begin; prose that they lay out stays in its place.

    Inner tables are taken first, so that what is left of those around them is their own.
    """
    grids = []
    for table in reversed(body.css("table")):
        writing = _GridWriting()
        prose: list[str] = []
        for node in table.css("caption, tr, td, th"):
            tag = node.tag
            if tag == "tr":
                writing.begin_row()
                continue
            text = node.text(separator=_BREAK)
            if not text.isalnum():
                text = "\n".join(_tidy(text))
            if tag == "caption" or len(text) > LONGEST_LABEL:
                prose.append(text.replace("\n", _BREAK))
            if tag != "caption":
                attributes = node.attributes
                writing.add(text, _span(attributes, "colspan"), _span(attributes, "rowspan"))
        table.replace_with(_BREAK.join(prose))
        if writing.cells:
            grids.append(writing.grid())
    return grids[::-1]


def _span(attributes: dict[str, str | None], name: str) -> int:
    written = attributes.get(name)
    if not written or written == "1":
        return 1
    digits = _DIGITS.match(written)
    return max(1, int(digits.group(1))) if digits else 1


class _Reach(NamedTuple):
    """A cell that covers ``start`` to before ``end`` in the rows below, ``rows`` of them."""

    start: int
    end: int
    rows: int
    cell: Cell


class _GridWriting:
    """Puts the cells of a table in their places, row by row: column and row spans are expanded."""

    def __init__(self) -> None:
        self.cells = 0
        self._rows: list[list[Cell]] = []
        self._column = 0
        # What reaches into this row from above, and from it into the rows below, from left to right.
        self._above: deque[_Reach] = deque()
        self._below: deque[_Reach] = deque()

    def begin_row(self) -> None:
        """Ends the row above, if there is one."""
        while self._above:
            self._take_from_above()
        self._above, self._below = self._below, self._above
        self._rows.append([])
        self._column = 0

    def add(self, text: str, columns: int, rows: int) -> None:
        """A cell of the row that begins at the next free place, with its spans as they are written."""
        above = self._above
        while above and above[0].start <= self._column:
            self._take_from_above()
        start = self._column
        cell = Cell(text, len(self._rows) - 1, start)
        self._append(cell)
        self._column = start + min(columns, _MOST_COLUMNS)
        if above and above[0].start < self._column:
            self._column = above[0].start
        if rows > 1:
            self._below.append(_Reach(start, self._column, rows - 1, cell))

    def grid(self) -> Grid:
        """The rows written so far."""
        while self._above:
            self._take_from_above()
        return Grid(tuple(map(tuple, self._rows)), places_known=True)

    def _take_from_above(self) -> None:
        start, end, rows, cell = self._above.popleft()
        self._append(cell)
        self._column = end
        if rows > 1:
            self._below.append(_Reach(start, end, rows - 1, cell))

    def _append(self, cell: Cell) -> None:
        self.cells += 1
        if self.cells > MOST_CELLS:
            raise TooLarge
        self._rows[-1].append(cell)
