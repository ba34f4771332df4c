"""Workbooks: XLSX by its XML, XLS through calamine; each sheet is a grid."""

from __future__ import annotations

import posixpath
import re
import struct
from collections.abc import Iterable, Iterator
from decimal import Decimal
from io import BytesIO
from xml.etree.ElementTree import Element

from scraper.documents.document import Document, TooLarge
from scraper.documents.package import Package
from scraper.documents.placing import Placed, add_grid, first_titles, grid_of, lines_of, tidy
from scraper.documents.refusal import Refused, needing
from scraper.messages import message

# Excel's own limit, and how much of a workbook no report fills.
_MOST_COLUMNS = 16_384
_MOST_FILLED_ROWS = 20_000
_MOST_SHEETS = 100
_MOST_CELLS = 500_000

_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")

# Records of an XLS stream: those that hold a cell, and the mark of encryption.
_CELL_RECORDS = {0x0006, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x00FD, 0x00BD, 0x00BE, 0x00D6}
_LOCKED_RECORD = 0x002F

Filled = dict[tuple[int, int], str]
"""Texts of cells by row and column, from 0."""
Merged = tuple[int, int, int, int]
"""First row, first column, last row and last column of merged cells, from 0."""


def read_xlsx(package: Package) -> Document:
    """The document of an XLSX file: its visible sheets.

    Raises KeyError for parts that are missing, and what :class:`Package` raises.
    """
    shared = _shared_strings(package)
    folder = "xl/"
    targets = {
        relation.get("Id", ""): relation.get("Target", "")
        for relation in package.read_xml(f"{folder}_rels/workbook.xml.rels").iter("Relationship")
    }
    document = Document()
    for sheet in _limited(package.read_xml(f"{folder}workbook.xml").iterfind("sheets/sheet")):
        target = targets[sheet.get("id", "")]
        if "worksheets/" not in target:
            continue
        if sheet.get("state", "visible") != "visible":
            document.notices.append(message("sheet_hidden", sheet=sheet.get("name", "")))
            continue
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(folder + target)
        root = package.read_xml(part)
        _add_sheet(document, _cells_of(root, shared), _merged_of(root))
    document.titles += first_titles(document.paragraphs)
    return document


def _limited(sheets: Iterable[Element]) -> Iterator[Element]:
    for number, sheet in enumerate(sheets):
        if number >= _MOST_SHEETS:
            raise TooLarge
        yield sheet


def _shared_strings(package: Package) -> list[str]:
    name = "xl/sharedStrings.xml"
    return [_string(entry) for entry in package.read_xml(name)] if name in package.names else []


def _string(entry: Element) -> str:
    """A string without the pronunciation that is set above it."""
    runs = (run for run in entry if run.tag != "rPh")
    return "".join(text.text or "" for run in runs for text in run.iter("t"))


def _cells_of(root: Element, shared: list[str]) -> Filled:
    filled: Filled = {}
    row = -1
    for line in root.iterfind("sheetData/row"):
        row = int(line.get("r", row + 2)) - 1
        column = -1
        for cell in line.iterfind("c"):
            place = _PLACE.fullmatch(cell.get("r", ""))
            column = _column(place.group(1)) if place else column + 1
            text = _value(cell, shared)
            if text:
                filled[row, column] = text
    return filled


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: Element, shared: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        inline = cell.find("is")
        return tidy(_string(inline)) if inline is not None else ""
    written = cell.findtext("v") or ""
    if kind == "s":
        return tidy(shared[int(written)])
    return _as_shown(written) if kind == "n" else tidy(written)


def _as_shown(written: str) -> str:
    """A number without the last digits of its binary form: sheets show at most fifteen."""
    try:
        return f"{Decimal(f'{float(written):.15g}'):f}"
    except ValueError:
        return written


def _merged_of(root: Element) -> Iterator[Merged]:
    for merged in root.iterfind("mergeCells/mergeCell"):
        first, _, last = merged.get("ref", "").partition(":")
        corners = _PLACE.fullmatch(first), _PLACE.fullmatch(last or first)
        if corners[0] and corners[1]:
            (left, top), (right, bottom) = corners[0].groups(), corners[1].groups()
            yield int(top) - 1, _column(left), int(bottom) - 1, _column(right)


def read_xls(data: bytes, records: bytes) -> Document:
    """The document of an XLS file; ``records`` is its stream ``Workbook`` or ``Book``.

    Raises :class:`Refused` for encrypted and damaged files.
    """
    with needing("office", "XLS"):
        from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    _check_extent(records)
    document = Document()
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(data))
        for described in workbook.sheets_metadata[:_MOST_SHEETS]:
            if described.typ != SheetTypeEnum.WorkSheet:
                continue
            if described.visible != SheetVisibleEnum.Visible:
                document.notices.append(message("sheet_hidden", sheet=described.name))
                continue
            sheet = workbook.get_sheet_by_name(described.name)
            rows = sheet.to_python(skip_empty_area=False)
            filled = {
                (row, column): text
                for row, values in enumerate(rows)
                for column, value in enumerate(values)
                if (text := _printed(value))
            }
            merged = ((*first, *last) for first, last in sheet.merged_cell_ranges or ())
            _add_sheet(document, filled, merged)
    except CalamineError as error:
        raise Refused("file_damaged", kind="XLS") from error
    document.titles += first_titles(document.paragraphs)
    return document


def _printed(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return _as_shown(repr(value)) if isinstance(value, float | int) else tidy(str(value))


def _check_extent(records: bytes) -> None:
    """Refuses sheets whose cells lie so far apart that the rows between them would fill the memory."""
    place = rows = columns = 0
    while place + 4 <= len(records):
        kind, length = struct.unpack_from("<HH", records, place)
        if kind == _LOCKED_RECORD:
            raise Refused("file_encrypted")
        if kind in _CELL_RECORDS and length >= 4:
            row, column = struct.unpack_from("<HH", records, place + 4)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        place += 4 + length
    if rows * columns > _MOST_CELLS:
        raise TooLarge


def _add_sheet(document: Document, filled: Filled, merged: Iterable[Merged]) -> None:
    """A sheet's filled part as a grid, and rows of one text alone as paragraphs too."""
    if not filled:
        return
    bottom, right = (max(place[axis] for place in filled) + 1 for axis in (0, 1))
    if bottom > _MOST_FILLED_ROWS or right > _MOST_COLUMNS or bottom * right > _MOST_CELLS:
        raise TooLarge
    placed, covered = _merged_cells(filled, merged, bottom, right)
    placed += [
        Placed(filled.get((row, column), ""), column, column + 1, row, row + 1)
        for row in range(bottom)
        for column in range(right)
        if (row, column) not in covered
    ]
    for row in range(bottom):
        alone = [text for column in range(right) if (text := filled.get((row, column)))]
        if len(alone) == 1:
            document.paragraphs += lines_of(alone[0])
    add_grid(document, grid_of(placed))


def _merged_cells(
    filled: Filled, merged: Iterable[Merged], bottom: int, right: int
) -> tuple[list[Placed], set[tuple[int, int]]]:
    """The merged cells within the filled part, and the places that they cover."""
    placed: list[Placed] = []
    covered: set[tuple[int, int]] = set()
    area = 0
    for top, left, last_row, last_column in merged:
        rows, columns = range(top, min(last_row + 1, bottom)), range(left, min(last_column + 1, right))
        area += len(rows) * len(columns)
        if area > _MOST_CELLS:
            raise TooLarge
        places = {(row, column) for row in rows for column in columns}
        if places and not places & covered:
            covered |= places
            text = filled.get((top, left), "")
            placed.append(Placed(text, columns.start, columns.stop, rows.start, rows.stop))
    return placed, covered
