"""Word files of today (DOCX): the paragraphs and tables of their XML."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from scraper.documents.document import Document
from scraper.documents.package import Package
from scraper.documents.placing import WrittenTable, add_grid, first_titles, lines_of, tidy

# What was struck out under change tracking, moved away, or set beside a character to tell its sound; and
# the second version of a drawing for programs that can't show the first.
_UNSEEN = {"del", "moveFrom", "rt", "Fallback", "instrText", "delText"}
_MARKS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_OFF = {"0", "false", "off", "baseline"}

_MOST_COLUMNS = 1_000


def read_docx(package: Package) -> Document:
    """The document of a DOCX file.

    Raises KeyError where the package has no main part, and what :class:`Package` raises.
    """
    body = package.read_xml(_main_part(package)).find("body")
    document = Document()
    if body is not None:
        _read_blocks(document, body)
    document.titles = first_titles(document.paragraphs)
    return document


def is_docx(package: Package) -> bool:
    """Whether a package is a text document: some programs name the main part differently."""
    return any(name.startswith("word/") for name in package.names)


def _main_part(package: Package) -> str:
    for relation in package.read_xml("_rels/.rels").iter("Relationship"):
        if relation.get("Type", "").endswith("/officeDocument"):
            return relation.get("Target", "").lstrip("/")
    return "word/document.xml"


def _read_blocks(document: Document, parent: Element) -> None:
    for block in _seen(parent, ("p", "tbl")):
        if block.tag == "p":
            document.paragraphs.extend(lines_of(_text(block)))
            for box in _text_boxes(block):
                _read_blocks(document, box)
        else:
            _read_table(document, block)


def _seen(parent: Element, tags: tuple[str, ...]) -> Iterator[Element]:
    """The nearest elements of ``tags`` below ``parent``, whatever wraps them."""
    for child in parent:
        if child.tag in tags:
            yield child
        elif child.tag not in _UNSEEN:
            yield from _seen(child, tags)


def _text(parent: Element) -> str:
    return "".join(_pieces(parent))


def _pieces(parent: Element) -> Iterator[str]:
    for child in parent:
        if child.tag == "t":
            yield child.text or ""
        elif child.tag in _MARKS:
            yield _MARKS[child.tag]
        elif child.tag in _UNSEEN or child.tag in ("txbxContent", "pPr", "rPr"):
            continue
        elif child.tag != "r":
            yield from _pieces(child)
        elif not _has(child, "vanish", "strike", "dstrike"):
            # A raised or lowered figure is a note: 6¹ is not 61.
            yield "\n" if _has(child, "vertAlign") else ""
            yield from _pieces(child)


def _has(run: Element, *properties: str) -> bool:
    """Whether one of ``properties`` is set for a run."""
    found = (run.find(f"rPr/{name}") for name in properties)
    return any(entry is not None and entry.get("val", "1") not in _OFF for entry in found)


def _text_boxes(paragraph: Element) -> Iterator[Element]:
    return _seen(paragraph, ("txbxContent",))


def _read_table(document: Document, table: Element) -> None:
    """A table, and behind it those within its cells."""
    written = WrittenTable(tolerance=0)
    inner: list[Element] = []
    for row in _seen(table, ("tr",)):
        if row.find("trPr/del") is None:
            written.add_row(_row(row, inner))
    add_grid(document, written.grid())
    for nested in inner:
        _read_table(document, nested)


def _row(row: Element, inner: list[Element]) -> Iterator[tuple[str, float, float, bool]]:
    column = _number(row.find("trPr/gridBefore"), 0)
    pending: tuple[str, float, float, bool] | None = None
    for cell in _seen(row, ("tc",)):
        end = column + max(1, _number(cell.find("tcPr/gridSpan"), 1))
        if pending and _goes_on(cell.find("tcPr/hMerge")):
            pending = (pending[0], pending[1], end, pending[3])
        else:
            if pending:
                yield pending
            pending = (_cell_text(cell, inner), column, end, _goes_on(cell.find("tcPr/vMerge")))
        column = end
    if pending:
        yield pending


def _cell_text(cell: Element, inner: list[Element]) -> str:
    paragraphs = []
    for block in _seen(cell, ("p", "tbl")):
        if block.tag == "tbl":
            inner.append(block)
            continue
        paragraphs.append(_text(block))
        paragraphs += [_text(line) for box in _text_boxes(block) for line in box.iter("p")]
    return tidy("\n".join(paragraphs))


def _goes_on(merge: Element | None) -> bool:
    return merge is not None and merge.get("val", "continue") == "continue"


def _number(element: Element | None, default: int) -> int:
    written = element.get("val", "") if element is not None else ""
    return min(int(written), _MOST_COLUMNS) if written.isdecimal() else default
