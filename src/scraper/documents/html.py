"""HTML pages: what the DOM shows, as paragraphs, grids and titles.

Elements that only wrap text (Word sets a figure in several spans) are dissolved first, so that each text
node that is left is a line of the page, and a cell or the whole page is read in one call.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.documents.document import Cell, Document, Grid, TooLarge

_UNSEEN = "script, style, noscript, template, select, option, textarea, svg, head, iframe"
_STYLED = '[hidden], [style*="display" i]'
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_WRAPPERS = (
    "a b big code del em font i img input ins label mark nobr s small span strong sub sup u wbr"
).split()
# Word's own elements, as in <o:p> and <st1:chsdate>.
_FOREIGN = re.compile(r"</(\w+:\w+)>")
_DIGITS = re.compile(r"\s*(\d{1,9})", re.ASCII)

# Stands between two text nodes; no page prints it.
_BREAK = "\x1f"

# The HTML standard caps colspan at 1000 and rowspan at 65534; a rowspan also ends with its table.
_MOST_COLUMNS = 1000

# Beyond these a page is no report, and would only use up the memory.
_MOST_ELEMENTS = 1_000_000
_MOST_CELLS = 500_000

# No label of any form is longer: a cell beyond this holds prose, laid out in a table.
_LONGEST_LABEL = 80


def read_html(text: str) -> Document:
    """The document of a page's visible text and tables.

    Raises :class:`TooLarge` for pages and tables far beyond the size of any report.
    """
    if text.count("<") > _MOST_ELEMENTS:
        raise TooLarge
    tree = LexborHTMLParser(text.replace(_BREAK, " ") if _BREAK in text else text)
    document = Document(metadata=_metadata(tree))
    page_title = tree.css_first("title")
    shown = page_title.text().strip() if page_title else ""
    body = tree.body
    if body is not None:
        _remove_unseen(tree, body, comments="<!--" in text)
        document.link_characters = sum(len(link.text()) for link in body.css("a"))
        tree.unwrap_tags(_WRAPPERS + _foreign_tags(text), delete_empty=True)
        tree.merge_text_nodes()
        headings = [" ".join(_lines(heading)) for heading in body.css("h1, h2, h3")]
        document.grids = _take_tables(body)
        document.paragraphs = _lines(body)
        document.titles = [document.metadata.get("articletitle", ""), *headings]
    document.titles = [title for title in (*document.titles, shown) if title]
    return document


def _metadata(tree: LexborHTMLParser) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.css("meta[name]"):
        name, content = node.attributes.get("name"), node.attributes.get("content")
        if name and content:
            found.setdefault(name.strip().lower(), content.strip())
    return found


def _remove_unseen(tree: LexborHTMLParser, body: LexborNode, *, comments: bool) -> None:
    for node in body.css(f"{_UNSEEN}, {_STYLED}"):
        attributes = node.attributes
        style = attributes.get("style")
        if style is None or "hidden" in attributes or _HIDDEN.search(style):
            node.replace_with("")
    if comments:
        for node in [node for node in body.traverse(include_text=True) if node.is_comment_node]:
            node.replace_with("")


def _foreign_tags(text: str) -> list[str]:
    return [name.lower().replace(":", "\\:") for name in set(_FOREIGN.findall(text))]


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
        rows: list[list[_WrittenCell]] = []
        prose: list[str] = []
        for node in table.css("caption, tr, td, th"):
            tag = node.tag
            if tag == "tr":
                rows.append([])
                continue
            text = node.text(separator=_BREAK)
            if not text.isalnum():
                text = "\n".join(_tidy(text))
            if tag == "caption" or len(text) > _LONGEST_LABEL:
                prose.append(text.replace("\n", _BREAK))
            if tag != "caption":
                rows[-1].append(_written_cell(text, node.attributes))
        table.replace_with(_BREAK.join(prose))
        if any(rows):
            grids.append(_expand(rows))
    return grids[::-1]


class _WrittenCell(NamedTuple):
    """A cell as written: its text, and how many columns and rows it says that it covers."""

    text: str
    columns: int
    rows: int


def _written_cell(text: str, attributes: dict[str, str | None]) -> _WrittenCell:
    columns, rows = _span(attributes.get("colspan")), _span(attributes.get("rowspan"))
    return _WrittenCell(text, min(columns, _MOST_COLUMNS), rows)


def _span(written: str | None) -> int:
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


def _expand(rows: Sequence[Sequence[_WrittenCell]]) -> Grid:
    """The grid of a table's rows as written: column and row spans expanded."""
    expanded: list[tuple[Cell, ...]] = []
    reaching: list[_Reach] = []
    cells = 0
    for number, written in enumerate(rows):
        if reaching or any(cell.rows > 1 or cell.columns > 1 for cell in written):
            line, reaching = _expand_row(number, written, reaching)
        else:
            line = [Cell(cell.text, number, column) for column, cell in enumerate(written)]
        cells += len(line)
        if cells > _MOST_CELLS:
            raise TooLarge
        expanded.append(tuple(line))
    return Grid(tuple(expanded), places_known=True)


def _expand_row(
    number: int, written: Sequence[_WrittenCell], reaching: list[_Reach]
) -> tuple[list[Cell], list[_Reach]]:
    """One row's cells, each once, and those that reach on into the rows below, from left to right."""
    line: list[Cell] = []
    below: list[_Reach] = []
    above = deque(reaching)
    column = 0

    def take_from_above() -> int:
        reach = above.popleft()
        line.append(reach.cell)
        if reach.rows > 1:
            below.append(reach._replace(rows=reach.rows - 1))
        return reach.end

    for written_cell in written:
        while above and above[0].start <= column:
            column = take_from_above()
        cell = Cell(written_cell.text, number, column)
        line.append(cell)
        start, column = column, column + written_cell.columns
        if above:
            column = min(column, above[0].start)
        if written_cell.rows > 1:
            below.append(_Reach(start, column, written_cell.rows - 1, cell))
    while above:
        take_from_above()
    return line, below
