"""HTML pages: one walk over the DOM gathers paragraphs, grids and titles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.documents.document import Cell, Document, Grid

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd div dl dt fieldset figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section table tbody td tfoot th thead tr "
    "ul ucapcontent".split()
)
_UNSEEN = frozenset("script style noscript template select option textarea svg head iframe".split())
_HEADINGS = frozenset(("h1", "h2", "h3"))
_SPACES = re.compile(r"[^\S\n]+")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)

# The HTML standard caps colspan at 1000 and rowspan at 65534; a rowspan also ends with its table.
_MOST_COLUMNS = 1000

# No label of any form is longer: a cell beyond this holds prose, laid out in a table.
_LONGEST_LABEL = 80


def read_html(text: str) -> Document:
    """The document of a page's visible text and tables."""
    tree = LexborHTMLParser(text)
    document = Document(metadata=_metadata(tree))
    walk = _Walk(document)
    if tree.body is not None:
        walk.visit(tree.body)
    page_title = tree.css_first("title")
    named = document.metadata.get("articletitle", "")
    shown = page_title.text(deep=True).strip() if page_title else ""
    document.titles = [title for title in (named, *walk.headings, shown) if title]
    return document


def _metadata(tree: LexborHTMLParser) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.css("meta[name]"):
        name, content = node.attributes.get("name"), node.attributes.get("content")
        if name and content:
            found.setdefault(name.strip().lower(), content.strip())
    return found


@dataclass
class _OpenCell:
    columns: int
    rows: int
    pieces: list[str] = field(default_factory=list)


@dataclass
class _OpenTable:
    """A table whose end has not been reached; ``rows`` are the cells as written, spans not expanded."""

    rows: list[list[_OpenCell]] = field(default_factory=list)

    def grid(self) -> Grid:
        """Expands row and column spans."""
        expanded: list[tuple[Cell, ...]] = []
        reaching: dict[int, tuple[Cell, int]] = {}
        for index, written in enumerate(self.rows):
            line, reaching = _expand_row(index, written, reaching)
            expanded.append(line)
        return Grid(tuple(expanded), places_known=True)


def _expand_row(
    index: int, written: list[_OpenCell], reaching: dict[int, tuple[Cell, int]]
) -> tuple[tuple[Cell, ...], dict[int, tuple[Cell, int]]]:
    """One row's cells, each once, and by column the cells that reach into the rows below."""
    places: dict[int, Cell] = {}
    still: dict[int, tuple[Cell, int]] = {}

    def put(column: int, cell: Cell, rows_left: int) -> None:
        places[column] = cell
        if rows_left:
            still[column] = (cell, rows_left)

    for column, (cell, rows_left) in reaching.items():
        put(column, cell, rows_left - 1)
    column = 0
    for opened in written:
        while column in places:
            column += 1
        cell = Cell(_tidy(opened.pieces), index, column)
        for _ in range(opened.columns):
            if column in places:
                break
            put(column, cell, opened.rows - 1)
            column += 1
    line: list[Cell] = []
    for place in sorted(places):
        if not line or line[-1] is not places[place]:
            line.append(places[place])
    return tuple(line), still


def _tidy(pieces: list[str]) -> str:
    """Text with runs of blanks as one, and line breaks kept where the page breaks the line."""
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


class _Walk:
    """Visits each node once, in reading order, with an explicit stack: pages nest as deep as they like."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.headings: list[str] = []
        self._paragraph: list[str] = []
        self._tables: list[_OpenTable] = []
        self._cells: list[_OpenCell | None] = []

    def visit(self, root: LexborNode) -> None:
        """Gathers what lies below ``root``."""
        stack: list[tuple[LexborNode, bool]] = [(root, False)]
        while stack:
            node, done = stack.pop()
            if done:
                self._leave(node)
                continue
            tag = node.tag
            if tag == "-text":
                self._say(node.text_content or "")
            elif tag is not None and not self._unseen(node, tag):
                self._enter(node, tag)
                stack.append((node, True))
                child = node.last_child
                while child is not None:
                    stack.append((child, False))
                    child = child.prev
        self._end_paragraph()

    def _unseen(self, node: LexborNode, tag: str) -> bool:
        if tag in _UNSEEN or tag.startswith(("-", "!")):
            return True
        style = node.attributes.get("style")
        return "hidden" in node.attributes or bool(style and _HIDDEN.search(style))

    def _say(self, text: str) -> None:
        # A line break in the source is a blank; only elements break lines.
        flat = text.replace("\r", " ").replace("\n", " ")
        cell = self._cells[-1] if self._cells else None
        (self._paragraph if cell is None else cell.pieces).append(flat)

    def _enter(self, node: LexborNode, tag: str) -> None:
        if tag == "table":
            self._break()
            self._tables.append(_OpenTable())
            self._cells.append(None)
        elif tag == "tr" and self._tables:
            self._tables[-1].rows.append([])
        elif tag in ("td", "th") and self._tables:
            self._open_cell(node)
        elif tag == "br" or tag in _BLOCKS:
            self._break()

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag
        if tag == "table" and self._tables:
            self._cells.pop()
            table = self._tables.pop()
            if any(table.rows):
                self.document.grids.append(table.grid())
        elif tag in ("td", "th") and self._tables:
            self._close_cell()
        elif tag in _HEADINGS:
            heading = _tidy(self._paragraph)
            if heading:
                self.headings.append(heading)
            self._end_paragraph()
        elif tag == "a":
            self.document.link_characters += len(node.text(deep=True))
        elif tag in _BLOCKS:
            self._break()

    def _open_cell(self, node: LexborNode) -> None:
        table = self._tables[-1]
        if not table.rows:
            table.rows.append([])
        cell = _OpenCell(columns=min(_span(node, "colspan"), _MOST_COLUMNS), rows=_span(node, "rowspan"))
        table.rows[-1].append(cell)
        self._cells[-1] = cell

    def _close_cell(self) -> None:
        cell, self._cells[-1] = self._cells[-1], None
        text = _tidy(cell.pieces) if cell else ""
        if len(text) > _LONGEST_LABEL:
            self.document.paragraphs.extend(text.split("\n"))

    def _break(self) -> None:
        cell = self._cells[-1] if self._cells else None
        if cell is not None:
            cell.pieces.append("\n")
        elif not self._tables:
            self._end_paragraph()
        else:
            self._paragraph.append("\n")

    def _end_paragraph(self) -> None:
        text = _tidy(self._paragraph)
        self._paragraph.clear()
        if text:
            self.document.paragraphs.extend(text.split("\n"))


def _span(node: LexborNode, name: str) -> int:
    written = (node.attributes.get(name) or "").strip()
    digits = re.match(r"\d{1,9}", written)
    return max(1, int(digits.group())) if digits else 1
