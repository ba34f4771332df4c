"""A simulated report as the files that portals attach to its page; the same bytes at every call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from PIL import Image, ImageDraw, ImageFont

from portals import pdf as written
from portals.figures import figures_of, tables_of
from portals.reports import Organ, Rows, body_html, parts, table_html, title
from rendering import Written, table_rows
from sample_report import expanded

FORMATS = Path(__file__).parent.parent / "formats"
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "doc": "application/msword",
    "wps": "application/octet-stream",
    "pdf": "application/pdf",
    "xls": "application/vnd.ms-excel",
    "zip": "application/zip",
    "png": "image/png",
}
"""What servers say of files with these endings."""

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGES = "http://schemas.openxmlformats.org/package/2006"
_DATE = (2024, 1, 1, 0, 0, 0)

# The words of formats/report.doc and report.xls that say whose report it is, and of which year. What takes
# their place must be as long.
_OLD_TITLE = "青禾县人民政府2021年政府信息公开工作年度报告"
_OLD_PERIOD = "2021年1月1日至2021年12月31日"
_OLD_SITE = "到青禾县人民政府门户网站"
_NEW_SITE = "到所在县人民政府门户网站"
_SHORTEST_TITLE = "{name}{year}年信息公开年报"


@cache
def docx(organ: Organ, year: int) -> bytes:
    """The report as Word's own XML."""
    body = _word_paragraph(title(organ, year)) + "".join(
        _word_paragraph(part) if isinstance(part, str) else _word_table(part) for part in parts(organ, year)
    )
    return _docx(body)


@cache
def table_docx(organ: Organ, year: int) -> bytes:
    """The report's tables alone, as they are attached to a page that has the text."""
    tables = (table_rows(table, figures_of(organ.name, year)) for table in tables_of(year))
    return _docx("".join(map(_word_table, tables)))


@cache
def html_doc(organ: Organ, year: int) -> bytes:
    """The report as a page that was saved with the ending .doc."""
    return _saved_page(title(organ, year), body_html(organ, year))


@cache
def table_html_xls(organ: Organ, year: int) -> bytes:
    """The report's tables as a page that was saved with the ending .xls."""
    return _saved_page(title(organ, year), table_html(organ, year))


@cache
def doc(organ: Organ, year: int) -> bytes:
    """A Word 97 file that says whose report it is and of which year, with figures that are not its own.

    The figures are those of ``formats/report.doc``, in the form of 2021 on.
    """
    return _relabelled("report.doc", organ, year)


@cache
def xls(organ: Organ, year: int) -> bytes:
    """An Excel 97 file; see `doc`."""
    return _relabelled("report.xls", organ, year)


wps = doc
"""WPS Writer saves the same format under its own ending."""


def pdf(organ: Organ, year: int) -> bytes:
    """The report as a PDF with text."""
    return written.pdf(organ, year)


@cache
def scan_pdf(organ: Organ, year: int) -> bytes:
    """A PDF of one picture, without text."""
    drawn = _drawn_table(organ, year)
    return written.scan_pdf(drawn.width, drawn.height, drawn.tobytes())


@cache
def table_png(organ: Organ, year: int) -> bytes:
    """A picture of a table: lines and figures, and strokes where labels would be."""
    packed = BytesIO()
    _drawn_table(organ, year).save(packed, "PNG")
    return packed.getvalue()


def zipped(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A ZIP file of ``members``."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as package:
        for name, content in members:
            entry = ZipInfo(name, _DATE)
            entry.compress_type = ZIP_DEFLATED
            package.writestr(entry, content)
    return packed.getvalue()


@cache
def zip_of(reports: tuple[tuple[Organ, int], ...]) -> bytes:
    """A ZIP file with a .doc, saved from a page, for each report."""
    return zipped((f"{title(organ, year)}.doc", html_doc(organ, year)) for organ, year in reports)


def _saved_page(heading: str, body: str) -> bytes:
    head = f'<head><meta charset="utf-8"><title>{escape(heading)}</title></head>'
    return f"<html>{head}<body><h1>{escape(heading)}</h1>\n{body}</body></html>".encode()


def _relabelled(file: str, organ: Organ, year: int) -> bytes:
    if year < 2021:
        raise ValueError(f"{file} has the form of 2021, not that of {year}")
    titles = [title(organ, year), title(organ, year, "no_government")]
    titles.append(_SHORTEST_TITLE.format(name=organ.name, year=year))
    fitting = next(text for text in titles if len(text) <= len(_OLD_TITLE))
    found = (FORMATS / file).read_bytes()
    for old, new in (
        (_OLD_TITLE, fitting.ljust(len(_OLD_TITLE))),
        (_OLD_PERIOD, _OLD_PERIOD.replace("2021", str(year))),
        (_OLD_SITE, _NEW_SITE),
    ):
        before, after = (text.encode("utf-16-le") for text in (old, new))
        if found.count(before) != 1 or len(before) != len(after):
            raise ValueError(f"{file} does not say {old} once")
        found = found.replace(before, after)
    return found


def _docx(body: str) -> bytes:
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    content_types = (
        f'<Types xmlns="{_PACKAGES}/content-types"><Default Extension="rels" ContentType="{relations}"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    )
    links = (
        f'<Relationships xmlns="{_PACKAGES}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    document = f"<w:document {_W}><w:body>{body}</w:body></w:document>"
    texts = (("[Content_Types].xml", content_types), ("_rels/.rels", links), ("word/document.xml", document))
    return zipped((name, text.encode()) for name, text in texts)


def _word_paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text, quote=False)}</w:t></w:r></w:p>'


def _word_table(rows: Rows) -> str:
    columns = sum(cell.columns for cell in rows[0])
    grid = "<w:gridCol/>" * columns
    lines = "".join(f"<w:tr>{''.join(_word_cells(line))}</w:tr>" for line in expanded(rows))
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{lines}</w:tbl>"


def _word_cells(line: Sequence[tuple[Written, int, bool]]) -> Iterator[str]:
    for cell, _, goes_on in line:
        merge = "<w:vMerge/>" if goes_on else '<w:vMerge w:val="restart"/>' if cell.rows > 1 else ""
        text = _word_paragraph("" if goes_on else cell.html)
        yield f'<w:tc><w:tcPr><w:gridSpan w:val="{cell.columns}"/>{merge}</w:tcPr>{text}</w:tc>'


@cache
def _drawn_table(organ: Organ, year: int) -> Image.Image:
    """The largest table of the year's form, or strokes in place of lines of text where there is none."""
    tables = [table_rows(table, figures_of(organ.name, year)) for table in tables_of(year)]
    rows = max(tables, key=len, default=[[Written("一", columns=2)]] * 20)
    columns = max(sum(cell.columns for cell in row) for row in rows)
    room = 560 // columns
    drawn = Image.new("L", (600, 20 * len(rows) + 40), 255)
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(size=12)
    for number, line in enumerate(expanded(rows)):
        for cell, column, goes_on in line:
            left, top = 20 + column * room, 20 + number * 20
            if goes_on:
                continue
            right, bottom = left + cell.columns * room, top + cell.rows * 20
            pen.rectangle((left, top, right, bottom), outline=0)
            if cell.html.isascii():
                pen.text((left + 6, top + 3), cell.html, 0, font=font)
            else:
                pen.line((left + 6, top + 10, right - 6, top + 10), 90, width=3)
    return drawn
