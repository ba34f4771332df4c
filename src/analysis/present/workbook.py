"""The workbook for an office: its findings in one sheet, and each table as printed, with marked cells."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from analysis.present import page
from analysis.present.notice import Notice, NoticeTable, Point
from analysis.present.printed import PrintedCell
from analysis.present.spreadsheet import new_workbook
from analysis.present.wording import Wording

# What a spreadsheet may take for the beginning of a formula, in a file that is saved as text and read again.
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")
_HEADER_ROWS = 3
# A Chinese character in the widths of a spreadsheet, and the height of a line in points.
_CHARACTER, _LINE, _HIGHEST = 1.9, 14.5, 400.0
# The columns of the list that are printed; those behind them are for work on a screen.
_PRINTED = 10
_LONGEST_COMMENT = 1500
_MOST_IN_CELL = 32_000


@dataclass(frozen=True)
class _Column:
    said: str
    width: int
    text: Callable[[Notice, Point], str | float | None]


def write_workbook(path: Path, notices: Sequence[Notice], said: Wording) -> None:
    """Writes the workbook. Raises :class:`OSError` where it can't be written."""
    with new_workbook(path) as book:
        moments = [notice.report["captured_at"] for notice in notices]
        # Made the same twice, the file is the same: it bears the time of what it shows.
        book.set_properties({"created": max(moments, default=datetime(1980, 1, 1)), "author": "nianbao"})
        writing = _Writing(book, said)
        listed = writing.list_sheet()
        sheets = {id(notice): [*writing.table_sheets(notice)] for notice in notices}
        writing.list_points(listed, notices, sheets)


class _Writing:
    """Sheets of one workbook, and what their cells look like."""

    def __init__(self, book: Any, said: Wording) -> None:
        self._book = book
        self._said = said
        self._names: set[str] = set()
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def _format(self, **looks: Any) -> Any:
        key = tuple(sorted(looks.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"font_name": "SimSun", "font_size": 10, **looks})
        return self._formats[key]

    def _text(self, sheet: Any, row: int, column: int, text: str, **looks: Any) -> None:
        quoted = {"quote_prefix": True} if text.startswith(_FORMULA_BEGINS) else {}
        sheet.write_string(row, column, text[:_MOST_IN_CELL], self._format(**looks, **quoted))

    def list_sheet(self) -> Any:
        """The first sheet, still empty."""
        return self._sheet(self._said("sheet_points"))

    def _sheet(self, wanted: str) -> Any:
        """A sheet of that name as far as a name can have it: 31 characters, some of them forbidden."""
        bare = "".join(" " if sign in "[]:*?/\\'" else sign for sign in wanted).strip()[:31] or "_"
        name, number = bare, 1
        while name.casefold() in self._names:
            number += 1
            name = f"{bare[: 30 - len(str(number))]}~{number}"
        self._names.add(name.casefold())
        return self._book.add_worksheet(name)

    def list_points(self, sheet: Any, notices: Sequence[Notice], sheets: dict[int, list[str]]) -> None:
        """A line for each finding."""
        columns = _columns(self._said, sheets)
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            looks = {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#EEEEEE", "border": 1}
            self._text(sheet, 0, number, column.said, **looks)
        lines = [(notice, point) for notice in notices for point in notice.points]
        for row, (notice, point) in enumerate(lines, start=1):
            values = [column.text(notice, point) for column in columns]
            for number, value in enumerate(values):
                self._value(sheet, row, number, value)
            texts = [(str(value or ""), column.width) for value, column in zip(values, columns, strict=True)]
            sheet.set_row(row, _height(texts[:_PRINTED]))
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(1, len(lines)), len(columns) - 1)
        _print_on(sheet, landscape=True)
        sheet.repeat_rows(0)
        sheet.print_area(0, 0, max(1, len(lines)), _PRINTED - 1)

    def _value(self, sheet: Any, row: int, column: int, value: str | float | None) -> None:
        looks = {"text_wrap": True, "valign": "top", "border": 1}
        if isinstance(value, str):
            self._text(sheet, row, column, value, **looks)
        elif value is None:
            sheet.write_blank(row, column, None, self._format(**looks))
        else:
            sheet.write_number(row, column, value, self._format(**looks))

    def table_sheets(self, notice: Notice) -> Iterator[str]:
        """A sheet for each table with marked cells; gives their names."""
        report = notice.report
        where = f"{report['county'] or report['county_code'] or ''}{report['year'] or ''}"
        for table in notice.tables:
            name = f"{where} {self._said('table_no', number=table.table_no + 1, name='')}".rstrip(" :：")
            sheet = self._sheet(name)
            self._head(sheet, notice, table)
            self._table(sheet, notice, table)
            yield str(sheet.get_name())

    def _head(self, sheet: Any, notice: Notice, table: NoticeTable) -> None:
        report, said = notice.report, self._said
        title = " ".join(str(report[key]) for key in ("publisher", "year", "title") if report[key])
        self._text(sheet, 0, 0, title, bold=True)
        where = f"{report['url']}  {page.captured(report['captured_at'], said)}"
        self._text(sheet, 1, 0, where)
        self._text(sheet, 2, 0, page.caption(table, said), bold=True)

    def _table(self, sheet: Any, notice: Notice, table: NoticeTable) -> None:
        widths = [max(6.0, width * _CHARACTER) for width in table.printed.widths]
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for row, cells in enumerate(table.printed.rows, start=_HEADER_ROWS):
            for cell in cells:
                self._cell(sheet, (row, cell.column), cell, notice)
            texts = [
                (cell.text, sum(widths[cell.column : cell.column + cell.columns]) * cell.rows)
                for cell in cells
            ]
            sheet.set_row(row, _height(texts))
        last = _HEADER_ROWS + len(table.printed.rows)
        self._text(sheet, last, 0, self._said("legend_of_sheet", sign=notice.points[0].sign))
        _print_on(sheet, landscape=len(table.printed.widths) > 6)

    def _cell(self, sheet: Any, place: tuple[int, int], cell: PrintedCell, notice: Notice) -> None:
        row, column = place
        looks = _looks(cell)
        text = f"{cell.text}{''.join(cell.mark.signs)}" if cell.mark.signs else cell.text
        if cell.rows > 1 or cell.columns > 1:
            corner = (row + cell.rows - 1, column + cell.columns - 1)
            sheet.merge_range(row, column, *corner, "", self._format(**looks))
        if cell.kind == "figure" and cell.text.isascii() and cell.text.isdecimal() and len(cell.text) < 12:
            # A number, so that the office can add up; its mark is shown beside it.
            shown = f'0"{"".join(cell.mark.signs)}"' if cell.mark.signs else "0"
            sheet.write_number(row, column, int(cell.text), self._format(**looks, num_format=shown))
        else:
            self._text(sheet, row, column, text, **looks)
        if cell.mark.signs:
            comment = self._comment(cell, notice)
            lines = comment.count("\n") + len(comment) // 28 + 1
            size = {"width": 320, "height": min(400, 18 * lines + 10)}
            sheet.write_comment(row, column, comment, {"author": "nianbao", "font_size": 9, **size})

    def _comment(self, cell: PrintedCell, notice: Notice) -> str:
        """The relations that a cell takes part in, in words."""
        of_cell = [point for point in notice.points if point.sign in cell.mark.signs]
        said = [f"{point.sign} {page.message(point.finding, self._said)}" for point in of_cell]
        holding = dict.fromkeys(page.holds(point.finding["rule"], self._said) for point in of_cell)
        said += [self._said("holds", holds=demanded) for demanded in holding if demanded]
        return "\n".join(said)[:_LONGEST_COMMENT]


def _height(texts: Sequence[tuple[str, float]]) -> float:
    """The height of a row of texts in columns that wide: not every program measures wrapped texts."""
    lines = [math.ceil(max(len(text), 1) * _CHARACTER / width) for text, width in texts]
    return min(_HIGHEST, _LINE * max(lines, default=1))


def _looks(cell: PrintedCell) -> dict[str, Any]:
    """Marks that stay where there is no colour: heavy and dotted frames, bold figures."""
    looks: dict[str, Any] = {"text_wrap": True, "valign": "vcenter", "border": 1}
    if cell.kind == "figure":
        looks["align"] = "center"
    if cell.mark.weight == 2:
        looks |= {"border": 5, "bold": True, "bg_color": "#FFD9D9"}
    elif cell.mark.weight == 1:
        looks |= {"border": 4, "bg_color": "#FFF6D6"}
    return looks


def _gap(point: Point) -> float | None:
    gap = page.difference(point.finding)
    return float(gap) if gap else None


def _print_on(sheet: Any, *, landscape: bool) -> None:
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)


def _columns(said: Wording, sheets: dict[int, list[str]]) -> list[_Column]:
    """What the list of findings says."""

    def quotes(notice: Notice, point: Point) -> str:
        return "\n".join(quote["sentence"] or "" for quote in point.finding["quotes"])

    return [
        _Column(said("column_sign"), 5, lambda notice, point: point.sign),
        _Column(said("column_county"), 10, lambda notice, point: notice.report["county"] or ""),
        _Column(said("publisher"), 16, lambda notice, point: notice.report["publisher"] or ""),
        _Column(said("year"), 6, lambda notice, point: notice.report["year"]),
        _Column(
            said("column_severity"), 9, lambda notice, point: said(f"severity_{point.finding['severity']}")
        ),
        _Column(said("column_message"), 34, lambda notice, point: page.message(point.finding, said)),
        _Column(said("column_holds"), 22, lambda notice, point: page.holds(point.finding["rule"], said)),
        _Column(said("column_cells"), 40, lambda notice, point: page.cells(point, said)),
        _Column(said("column_proposal"), 28, lambda notice, point: page.proposals_for(point, notice, said)),
        _Column(said("column_answer"), 24, lambda notice, point: None),
        _Column(
            said("column_basis"),
            26,
            lambda notice, point: said.basis(point.finding["rule"], notice.report["form"]),
        ),
        _Column(said("column_actual"), 8, lambda notice, point: point.finding["actual"]),
        _Column(said("column_expected"), 8, lambda notice, point: point.finding["expected"]),
        _Column(said("column_difference"), 8, lambda notice, point: _gap(point)),
        _Column(said("column_quotes"), 30, quotes),
        _Column(said("column_status"), 10, lambda notice, point: said(f"status_{point.finding['status']}")),
        _Column(said("report"), 30, lambda notice, point: notice.report["title"] or ""),
        _Column(said("address"), 40, lambda notice, point: notice.report["url"]),
        _Column(
            said("captured"), 20, lambda notice, point: page.captured(notice.report["captured_at"], said)
        ),
        _Column("SHA-256", 20, lambda notice, point: notice.report["sha256"]),
        _Column(said("column_id"), 18, lambda notice, point: point.finding["finding_id"]),
        _Column(
            said("column_sheet"), 16, lambda notice, point: said("between_cells").join(sheets[id(notice)])
        ),
    ]
