"""Reports of the invented nation that are no web pages: as files, in the formats that can be written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from io import BytesIO
from itertools import count
from random import Random

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

import corpus
import sample_report
from corpus import Draft, Piece
from portals import files
from portals.figures import figures_of, tables_of
from portals.reports import Organ, Part, Rows, body_html, parts, title
from rendering import Figures, Written, html_page, table_rows

SHARES = {
    "pdf": 0.2, "docx": 0.3, "doc": 0.15, "xlsx": 0.1, "rtf": 0.1, "txt": 0.05, "mht": 0.05, "zip": 0.05,
}  # fmt: skip
"""How often a file has which format; PDF comes first, as it did when there were but two."""

TYPES = files.TYPES | {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "rtf": "application/rtf",
    "txt": "text/plain",
    "mht": "message/rfc822",
}

# A page that is saved with the ending .doc; what Word 97 itself writes can't be made here.
_WRITERS: dict[str, Callable[[Organ, int], bytes]] = {
    "pdf": files.pdf,
    "docx": files.docx,
    "doc": files.html_doc,
    "xlsx": lambda organ, year: _workbook(_said(organ, year)),
    "rtf": lambda organ, year: sample_report.rtf(_said(organ, year)),
    "mht": lambda organ, year: sample_report.mht(_plain_page(organ, year)),
    "zip": lambda organ, year: files.zip_of(((organ, year),)),
}
_FIGURE = re.compile(r"[\d.]+(?:万元)?")
_CACHES = (figures_of, parts, files.docx, files.html_doc, files.zip_of)


def format_of(drawn: float) -> str:
    """The format for a number from 0 up to 1 that was drawn."""
    for kind, share in SHARES.items():
        drawn -= share
        if drawn < 0:
            return kind
    return "zip"


def file_of(kind: str, organ: Organ, year: int, chance: Random) -> bytes:
    """The report as a file."""
    return _text(organ, year, chance) if kind == "txt" else _WRITERS[kind](organ, year)


def draft_of(organ: Organ, year: int, figures: Figures, chance: Random) -> Draft:
    """The report's tables for the layouts of the corpus, with its prose before them."""
    tables = [table_rows(table, figures) for table in tables_of(year)]
    return Draft([[_pieces(row) for row in table] for table in tables], chance, opening=_prose(organ, year))


def forget() -> None:
    """Lets go of what is remembered of reports, so that memory doesn't grow with the nation."""
    for made in _CACHES:
        made.cache_clear()


def _prose(organ: Organ, year: int) -> list[str]:
    return [title(organ, year), *(part for part in parts(organ, year) if isinstance(part, str))]


def _said(organ: Organ, year: int) -> Iterator[Part]:
    yield title(organ, year)
    yield from parts(organ, year)


def _plain_page(organ: Organ, year: int) -> bytes:
    return html_page(f"<h1>{title(organ, year)}</h1>", body_html(organ, year))


def _workbook(said: Iterable[Part]) -> bytes:
    """A sheet for the text, and one for each table; the same bytes at every call."""
    packed = BytesIO()
    with Workbook(packed, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2024, 1, 1)})
        text = book.add_worksheet("说明")
        lines = count()
        for part in said:
            if isinstance(part, str):
                text.write_string(next(lines), 0, part)
            else:
                _fill(book.add_worksheet(), part)
    return packed.getvalue()


def _fill(sheet: Worksheet, rows: Rows) -> None:
    for number, line in enumerate(sample_report.expanded(rows)):
        for cell, column, goes_on in line:
            if goes_on:
                continue
            if cell.rows > 1 or cell.columns > 1:
                last = number + cell.rows - 1, column + cell.columns - 1
                sheet.merge_range(number, column, *last, cell.html)
            elif cell.html.replace(".", "", 1).isdecimal():
                sheet.write_number(number, column, float(cell.html))
            else:
                sheet.write_string(number, column, cell.html)


def _text(organ: Organ, year: int, chance: Random) -> bytes:
    draft = draft_of(organ, year, figures_of(organ.name, year), chance)
    corpus.TEXT_LAYOUTS[chance.choice(list(corpus.TEXT_LAYOUTS))](draft)
    return draft.text.encode()


def _pieces(row: list[Written]) -> list[Piece]:
    """A row of a table with what each cell is, as layouts ask for it."""
    plain = not any(_is_figure(cell) for cell in row)
    return [Piece(cell.html, _kind(cell, plain), cell.columns, cell.rows) for cell in row]


def _kind(cell: Written, heading: bool) -> str:
    if _is_figure(cell):
        return "figure"
    return "heading" if heading else "group" if cell.rows > 1 else "label"


def _is_figure(cell: Written) -> bool:
    # Labels begin with digits too: 2.重复申请.
    return _FIGURE.fullmatch(cell.html) is not None
