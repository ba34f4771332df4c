"""One report of an invented county, written in every format that can be written without its own program.

Run as a program it writes `report.docx` and `report.xlsx` into the folder that it is given; from these
LibreOffice made the other files of `formats/` (see its README).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from email.message import EmailMessage
from functools import cache
from io import BytesIO
from itertools import accumulate, groupby
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

from rendering import Figures, Written, block_rows, html_page, html_table
from scraper.forms import catalogue

FORMATS = Path(__file__).parent / "formats"
TITLE = "青禾县人民政府2021年政府信息公开工作年度报告"
_OPENING = (
    TITLE,
    "本报告按照《中华人民共和国政府信息公开条例》的要求编写，数据的统计期限为2021年1月1日至2021年12月31日。"
    "公众可以到青禾县人民政府门户网站查看本报告。",
    "一、总体情况",
    "全年各单位按时更新栏目，咨询窗口照常开放，没有发生因公开工作被追究责任的情况。",
)
_SECTIONS = {
    "proactive": "二、主动公开政府信息情况",
    "requests": "三、收到和处理政府信息公开申请情况",
    "cases": "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况",
}
_CLOSING = (
    "五、存在的主要问题及改进情况",
    "栏目更新还不够及时，下一年将逐月检查。",
    "六、其他需要报告的事项",
    "无。",
)

Rows = list[list[Written]]
Part = str | Rows
"""A paragraph, or the rows of a table."""


@cache
def figures() -> Figures:
    """What the report's cells say, by metric and applicant."""
    with (FORMATS / "expected.csv").open(encoding="utf-8", newline="") as lines:
        return {(line["metric"], line["applicant"]): line["raw"] for line in csv.DictReader(lines)}


def parts() -> Iterator[Part]:
    """The report's paragraphs and tables in their order."""
    yield from _OPENING
    for table in catalogue.tables():
        if table.form == "2021":
            yield _SECTIONS[table.table]
            yield _LAYOUTS[table.table](table)
    yield from _CLOSING


def _proactive(table: catalogue.Table) -> Rows:
    """Four columns; blocks with one figure a row give it three of them."""
    rows = [row for block in table.blocks for row in block_rows(block, figures(), str)]
    return [_widened(row, 4) for row in rows]


def _widened(row: list[Written], columns: int) -> list[Written]:
    last = row[-1]
    spare = columns - sum(cell.columns for cell in row)
    return [*row[:-1], Written(last.html, last.columns + spare, last.rows)]


def _requests(table: catalogue.Table) -> Rows:
    """Three columns of labels: the outermost spans all outcomes, as on the printed form."""
    (block,) = table.blocks
    heads = [row for row in block_rows(block, figures(), str) if not row[-1].html.isdecimal()]
    heads[0][0] = Written(heads[0][0].html, 3, len(heads))
    numbers = iter(range(len(block.rows)))
    body: Rows = []
    outcomes = sum(not row.label.startswith(("一、", "二、", "四、")) for row in block.rows)
    for group, run in groupby(block.rows, key=lambda row: row.group):
        rows = list(run)
        for index, row in enumerate(rows):
            number = next(numbers)
            line = [Written("三、本年度办理结果", 1, outcomes)] if row.label == "（一）予以公开" else []
            inner = group is not None and group != "三、本年度办理结果"
            if inner and index == 0:
                line.append(Written(group or "", 1, len(rows)))
            whole = row.label.startswith(("一、", "二、", "四、"))
            line.append(Written(row.label, 1 if inner else 3 if whole else 2))
            line += [
                Written(figures()[block.metric_at(number, column)]) for column in range(len(block.columns))
            ]
            body.append(line)
    return heads + body


def _cases(table: catalogue.Table) -> Rows:
    return [row for block in table.blocks for row in block_rows(block, figures(), str)]


_LAYOUTS = {"proactive": _proactive, "requests": _requests, "cases": _cases}


def expanded(rows: Rows) -> Iterator[list[tuple[Written, int, bool]]]:
    """The cells of each row with their first column; those that reach in from above are marked."""
    reaching: dict[int, tuple[Written, int]] = {}
    for row in rows:
        line: list[tuple[Written, int, bool]] = []
        below: dict[int, tuple[Written, int]] = {}
        waiting = iter(row)
        column, width = 0, sum(cell.columns for cell, _ in reaching.values()) + sum(c.columns for c in row)
        while column < width:
            above = reaching.get(column)
            cell, left = above if above else (next(waiting), 0)
            left = left or cell.rows
            line.append((cell, column, above is not None))
            if left > 1:
                below[column] = (cell, left - 1)
            column += cell.columns
        yield line
        reaching = below


def html() -> bytes:
    """The report as a page."""
    return html_page(*(f"<p>{part}</p>" if isinstance(part, str) else html_table(part) for part in parts()))


def mht(page: bytes | None = None) -> bytes:
    """The report, or another ``page``, as a browser saved it as one file."""
    message = EmailMessage()
    message["From"] = "<Saved by a browser>"
    message["Subject"] = TITLE
    message.set_content("This page was saved as one file.")
    message.add_related(page or html(), "text", "html", cte="base64")
    message.set_type("multipart/related")
    message.set_boundary("----saved-by-a-browser----")
    return message.as_bytes()


def zipped(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A ZIP file of ``members``."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as package:
        for name, content in members:
            package.writestr(name, content)
    return packed.getvalue()


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_TEXT_WIDTH = 9000


def docx(body: str | None = None) -> bytes:
    """The report as a Word file, or one with another body."""
    if body is None:
        body = "".join(
            _word_paragraph(part) if isinstance(part, str) else _word_table(part) for part in parts()
        )
    return zipped(
        [
            (
                "[Content_Types].xml",
                b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                b'<Default Extension="rels" '
                b'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                b'<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
                b'officedocument.wordprocessingml.document.main+xml"/></Types>',
            ),
            (
                "_rels/.rels",
                '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                f'<Relationship Id="r1" Type="{_RELATION}" Target="word/document.xml"/>'
                "</Relationships>".encode(),
            ),
            ("word/document.xml", f"<w:document {_W}><w:body>{body}</w:body></w:document>".encode()),
        ]
    )


def _word_paragraph(text: str, size: int = 24) -> str:
    font = '<w:rFonts w:ascii="WenQuanYi Zen Hei" w:eastAsia="WenQuanYi Zen Hei"/>'
    alignment = '<w:pPr><w:jc w:val="center"/></w:pPr>' if text == TITLE else ""
    if text == TITLE:
        size = 36
    return (
        f'<w:p>{alignment}<w:r><w:rPr>{font}<w:sz w:val="{size}"/></w:rPr>'
        f'<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
    )


def _word_table(rows: Rows) -> str:
    widths = column_widths(rows, _TEXT_WIDTH)
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    lines = "".join(f"<w:tr>{''.join(_word_cells(line, widths))}</w:tr>" for line in expanded(rows))
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{_TEXT_WIDTH}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{lines}</w:tbl>'
    )


def _word_cells(line: Sequence[tuple[Written, int, bool]], widths: Sequence[int]) -> Iterator[str]:
    for cell, column, goes_on in line:
        width = sum(widths[column : column + cell.columns])
        merge = "<w:vMerge/>" if goes_on else '<w:vMerge w:val="restart"/>' if cell.rows > 1 else ""
        text = _word_paragraph("" if goes_on else cell.html, size=18)
        yield (
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:gridSpan w:val="{cell.columns}"/>{merge}'
            f"</w:tcPr>{text}</w:tc>"
        )


def column_widths(rows: Rows, whole: int) -> list[int]:
    """Widths that sum up to ``whole``: three columns of labels are wider than those of figures."""
    columns = sum(cell.columns for cell in rows[0])
    shares = [1, 2, 5, *[1] * 7] if columns == 10 else [1] * columns
    return [whole * share // sum(shares) for share in shares]


def xlsx() -> bytes:
    """The report as a workbook with one sheet for the text and one for each table."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "说明"
    numbers = iter(range(1, 10))
    tables = []
    for part in parts():
        if isinstance(part, str):
            sheet.append([part])
        else:
            tables.append(part)
    for rows in tables:
        page = workbook.create_sheet(f"表{next(numbers)}")
        for number, line in enumerate(expanded(rows), start=1):
            for cell, column, goes_on in line:
                if goes_on:
                    continue
                text = cell.html
                plain = text.replace(".", "", 1).isdecimal()
                page.cell(number, column + 1).value = float(text) if plain else text
                if cell.rows > 1 or cell.columns > 1:
                    page.merge_cells(
                        start_row=number,
                        start_column=column + 1,
                        end_row=number + cell.rows - 1,
                        end_column=column + cell.columns,
                    )
    packed = BytesIO()
    workbook.save(packed)
    return packed.getvalue()


def rtf(said: Iterable[Part] | None = None) -> bytes:
    """The report, or another one, as RTF: its paragraphs in code page 936, its tables as Unicode."""
    body = "".join(
        rf"\pard {_in_code_page(part)}\par" "\n" if isinstance(part, str) else "".join(_rtf_rows(part))
        for part in said or parts()
    )
    fonts = r"{\fonttbl{\f0\fnil\fcharset134 \'cb\'ce\'cc\'e5;}}"
    return rf"{{\rtf1\ansi\ansicpg936\deff0{fonts}{{\*\generator ours}}{body}}}".encode("ascii")


def _in_code_page(text: str) -> str:
    return "".join(rf"\'{byte:02x}" for byte in text.encode("gbk"))


def _rtf_rows(rows: Rows) -> Iterator[str]:
    widths = column_widths(rows, _TEXT_WIDTH)
    edges = [0, *accumulate(widths)]
    for line in expanded(rows):
        shape = "".join(
            f"{_rtf_merge(cell, goes_on)}\\cellx{edges[column + cell.columns]}"
            for cell, column, goes_on in line
        )
        texts = "".join(
            r"\pard\intbl "
            + ("" if goes_on else "".join(rf"\u{ord(c) - 65536 * (ord(c) > 32767)}?" for c in cell.html))
            + r"\cell"
            for cell, _, goes_on in line
        )
        yield rf"\trowd\trgaph100{shape}{texts}\row" "\n"


def _rtf_merge(cell: Written, goes_on: bool) -> str:
    return r"\clvmrg" if goes_on else r"\clvmgf" if cell.rows > 1 else ""


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "report.docx").write_bytes(docx())
    (folder / "report.xlsx").write_bytes(xlsx())
