"""The same report in every format that is read, and files that are damaged, locked or made to do harm."""

from __future__ import annotations

import csv
import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from decimal import Decimal

import cv2
import numpy as np
import pytest
from PIL import Image

import sample_report
from rendering import Figures
from sample_report import FORMATS, docx, zipped
from scraper.documents import Document, read_document
from scraper.forms import Report, read_report
from scraper.messages import ScraperError


def fixture(name: str) -> bytes:
    return (FORMATS / name).read_bytes()


WRITTEN: dict[str, Callable[[], bytes]] = {
    "docx": docx,
    "xlsx": sample_report.xlsx,
    "rtf": sample_report.rtf,
    "mht": sample_report.mht,
    "doc": lambda: fixture("report.doc"),
    "xls": lambda: fixture("report.xls"),
    "pdf": lambda: fixture("report.pdf"),
}
every_format = pytest.mark.parametrize("kind", WRITTEN)


def report_of(data: bytes) -> Report:
    # Names say nothing: this one would mislead.
    return read_report(read_document(data, "report.html"), "report.html")


def figures_of(report: Report) -> Figures:
    return {(fact.metric, fact.applicant): fact.raw for fact in report.facts}


def refusal(data: bytes) -> str:
    with pytest.raises(ScraperError) as refused:
        read_document(data, "file")
    return refused.value.said.code


@every_format
def test_every_cell_is_read_from_every_format(kind: str) -> None:
    report = report_of(WRITTEN[kind]())
    assert figures_of(report) == sample_report.figures()
    assert [str(notice) for notice in report.notices] == []


@every_format
def test_the_report_is_known_in_every_format(kind: str) -> None:
    report = report_of(WRITTEN[kind]())
    assert (report.identity.title, report.identity.publisher) == (sample_report.TITLE, "青禾县人民政府")
    assert (report.identity.year, set(report.forms.values())) == (2021, {"2021"})


@every_format
def test_paragraphs_are_those_of_the_report(kind: str) -> None:
    printed = [part for part in sample_report.parts() if isinstance(part, str)]
    paragraphs = read_document(WRITTEN[kind](), "file").paragraphs
    assert [paragraph for paragraph in paragraphs if paragraph in printed] == printed


def test_every_cell_of_a_real_pdf_is_read() -> None:
    """Its tables are split over pages, and its cases table contradicts itself: both are printed so."""
    report = report_of(fixture("hongze-2023.pdf"))
    with (FORMATS / "hongze-2023.csv").open(encoding="utf-8", newline="") as lines:
        printed = {(line["metric"], line["applicant"]): line["raw"] for line in csv.DictReader(lines)}
    assert figures_of(report) == printed
    assert report.notices == ()
    assert report.identity.title == "洪泽区人民政府2023年政府信息公开工作年度报告"


def test_paragraphs_of_a_pdf_go_on_over_lines_and_pages_without_page_numbers() -> None:
    paragraphs = read_document(fixture("hongze-2023.pdf"), "file").paragraphs
    assert (
        "2023年，区政府严格落实《政府信息公开信息处理费管理办法》，全年收取政府信息公开信息处理费0元。"
        in paragraphs
    )
    assert not [
        paragraph for paragraph in paragraphs if "- 3 -" in paragraph or paragraph.startswith("国政府")
    ]


def scan(*, noisy: bool) -> list[Image.Image]:
    """The pages of the scanned report; noisy ones are turned a little, blurred and speckled."""
    pages = []
    chance = np.random.default_rng(5)
    with Image.open(FORMATS / "scan.tiff") as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            page = np.asarray(image.convert("L"))
            if noisy:
                height, width = page.shape
                turn = cv2.getRotationMatrix2D((width / 2, height / 2), 0.8 - 1.4 * (number % 2), 1)
                turned = cv2.warpAffine(page, turn, (width, height), borderValue=(255,))
                blurred = cv2.GaussianBlur(turned, (3, 3), 0.7).astype(float)
                page = np.clip(0.92 * blurred + chance.normal(0, 9, page.shape), 0, 255).astype(np.uint8)
            pages.append(Image.fromarray(page))
    return pages


def test_every_cell_of_a_scan_is_read_with_its_confidence() -> None:
    document = read_document(fixture("scan.tiff"), "scan")
    assert figures_of(read_report(document, "scan")) == sample_report.figures()
    filled = [cell for grid in document.grids for row in grid.rows for cell in row if cell.text]
    assert all(cell.confidence is not None and 0 < cell.confidence <= 1 for cell in filled)
    assert [notice.code for notice in document.notices] == ["pages_recognised"]


def test_every_cell_of_a_skewed_and_noisy_scan_in_a_pdf_is_read() -> None:
    packed = io.BytesIO()
    first, *others = scan(noisy=True)
    first.save(packed, "PDF", save_all=True, append_images=others, resolution=150)
    report = report_of(packed.getvalue())
    assert figures_of(report) == sample_report.figures()
    assert report.identity.title == sample_report.TITLE


def test_a_page_that_was_scanned_upside_down_is_turned() -> None:
    page = scan(noisy=False)[1]
    upright, turned = (read_document(_png(page.rotate(angle, expand=True)), "scan") for angle in (0, 180))
    assert len(upright.grids) == 2
    assert [[[text.text for text in row] for row in grid.rows] for grid in turned.grids] == [
        [[text.text for text in row] for row in grid.rows] for grid in upright.grids
    ]


def _png(page: Image.Image) -> bytes:
    packed = io.BytesIO()
    page.save(packed, "PNG")
    return packed.getvalue()


def test_the_members_of_a_zip_file_are_one_document() -> None:
    html = sample_report.html()
    packed = zipped([("正文/青禾县.htm", html), ("__MACOSX/x", b"x"), ("附件.docx", docx())])
    document = read_document(packed, "bundle")
    assert len(document.grids) == 6
    assert figures_of(read_report(document, "bundle")) == sample_report.figures()
    assert document.notices == []


def test_members_that_cant_be_read_are_told_by_the_names_that_their_authors_gave_them() -> None:
    name = "青禾县.rar"
    packed = zipped([("a.html", sample_report.html()), ("placeholder", b"Rar!\x1a\x07\x00")])
    packed = packed.replace(b"placeholder", name.encode("gbk") + b" " * (11 - len(name.encode("gbk"))))
    (notice,) = read_document(packed, "bundle").notices
    assert (notice.code, str(notice.values["name"]).strip()) == ("archive_not_read", name)


def test_archives_in_archives_are_not_opened() -> None:
    inner = zipped([("a.html", sample_report.html())])
    assert refusal(zipped([("inner.zip", inner)])) == "bundle_unreadable"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"Rar!\x1a\x07\x01\x00", "archive_not_read"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "archive_not_read"),
        (zipped([("OFD.xml", b"<a/>")]), "format_not_read"),
        (zipped([("ppt/presentation.xml", b"<a/>")]), "format_not_read"),
    ],
)
def test_formats_that_are_not_read_are_named(data: bytes, code: str) -> None:
    assert refusal(data) == code


def word_table(rows: str) -> Document:
    return read_document(docx(f"<w:tbl>{rows}</w:tbl>"), "file")


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{text}</w:p></w:tc>"


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def test_what_word_strikes_out_or_hides_is_not_read() -> None:
    struck = f'<w:del w:id="1"><w:r><w:delText>12</w:delText></w:r></w:del>{run("13")}'
    hidden = run("9", "<w:vanish/>") + run("7", '<w:vanish w:val="0"/>')
    document = word_table(f"<w:tr>{cell(struck)}{cell(hidden)}</w:tr>")
    assert [text.text for text in document.grids[0].rows[0]] == ["13", "7"]


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ("<w:strike/>", "6"),
        ('<w:strike w:val="false"/>', "61"),
        ('<w:vertAlign w:val="superscript"/>', "6\n1"),
        ('<w:vertAlign w:val="baseline"/>', "61"),
    ],
)
def test_a_figure_of_word_is_what_stands_on_the_line(properties: str, text: str) -> None:
    (grid,) = word_table(f"<w:tr>{cell(run('6') + run('1', properties))}</w:tr>").grids
    assert grid.rows[0][0].text == text


def test_cells_of_word_tables_stand_where_they_are_printed() -> None:
    begins, goes_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    document = word_table(
        f"<w:tr>{cell(run('a'), begins)}{cell(run('b'), _span(2))}</w:tr>"
        f"<w:tr>{cell(run('unseen'), goes_on)}{cell(run('c'))}{cell(run('d'))}</w:tr>"
    )
    (grid,) = document.grids
    assert [[(text.text, text.row, text.column) for text in row] for row in grid.rows] == [
        [("a", 0, 0), ("b", 0, 1)],
        [("a", 0, 0), ("c", 1, 1), ("d", 1, 2)],
    ]
    assert grid.rows[0][0] is grid.rows[1][0]


def _span(columns: int) -> str:
    return f'<w:gridSpan w:val="{columns}"/>'


def test_a_table_within_a_table_is_a_grid_of_its_own() -> None:
    inner = f"<w:tbl><w:tr>{cell(run('1'))}{cell(run('2'))}</w:tr></w:tbl>"
    document = word_table(f"<w:tr><w:tc><w:p>{run('outer')}</w:p>{inner}</w:tc></w:tr>")
    texts = [[[text.text for text in row] for row in grid.rows] for grid in document.grids]
    assert texts == [[["outer"]], [["1", "2"]]]


def test_the_figures_of_a_sheet_are_read_as_they_are_shown() -> None:
    values = ("1234", "0.1", "30.000000000000004", "1E3", "10570.5")
    cells = "".join(f'<c r="{chr(65 + n)}1"><v>{value}</v></c>' for n, value in enumerate(values))
    document = read_document(_workbook(f'<row r="1">{cells}</row>'), "file")
    assert [text.text for text in document.grids[0].rows[0]] == ["1234", "0.1", "30", "1000", "10570.5"]


def test_hidden_sheets_are_left_out_and_told() -> None:
    document = read_document(_workbook("<row><c><v>1</v></c></row>", state="hidden"), "file")
    assert (document.grids, [notice.code for notice in document.notices]) == ([], ["sheet_hidden"])


def _workbook(rows: str, state: str = "visible") -> bytes:
    sheets = f'<sheets><sheet name="a" state="{state}" r:id="s"/></sheets>'
    relation = '<Relationship Id="s" Target="worksheets/a.xml"/>'
    parts = {
        "xl/workbook.xml": f'<workbook xmlns:r="r">{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships>{relation}</Relationships>",
        "xl/worksheets/a.xml": f"<worksheet><sheetData>{rows}</sheetData></worksheet>",
    }
    return zipped((name, part.encode()) for name, part in parts.items())


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF of numbered objects, the first its catalogue."""
    written, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return (
        written
        + b"xref\n0 %d\n0000000000 65535 f \n%b" % (count, table)
        + b"trailer<</Root 1 0 R/Size %d%b>>\nstartxref\n%d\n%%%%EOF" % (count, trailer, len(written))
    )


def pdf_page(content: bytes, pages: int = 1, trailer: bytes = b"") -> bytes:
    packed = zlib.compress(content)
    kids = b" ".join([b"3 0 R"] * pages)
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%b]>>" % (pages, kids),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(packed), packed),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        trailer=trailer,
    )


def ruled(cells: list[list[str]], *, turned: bool = False) -> bytes:
    """Drawing instructions for a ruled table, read upwards from below where it is turned."""
    lines = [f"100 {700 - 20 * n} m 300 {700 - 20 * n} l S" for n in range(len(cells) + 1)]
    columns = len(cells[0])
    lines += [
        f"{100 + 200 * n / columns} 700 m {100 + 200 * n / columns} {700 - 20 * len(cells)} l S"
        for n in range(columns + 1)
    ]
    lines += [
        f"BT /F 10 Tf 1 0 0 1 {105 + 200 * column / columns} {686 - 20 * row} Tm ({text}) Tj ET"
        for row, texts in enumerate(cells)
        for column, text in enumerate(texts)
    ]
    turn = "0 1 -1 0 800 0 cm\n" if turned else ""
    return (turn + "\n".join(lines)).encode()


@pytest.mark.parametrize("turned", [False, True])
def test_tables_of_a_pdf_are_read_as_they_are_ruled_also_on_turned_pages(turned: bool) -> None:
    written = [["101", "22"], ["3", "4"], ["5", "1268.45"]]
    (grid,) = read_document(
        pdf_page(ruled(written, turned=turned) + b" BT /F 9 Tf (2021 2022 2023) Tj ET"), "f"
    ).grids
    assert [[text.text for text in row] for row in grid.rows] == written


def test_a_frame_around_the_text_of_a_page_is_no_table() -> None:
    content = b"50 50 500 700 re S BT /F 10 Tf 1 0 0 1 60 700 Tm (2021 2022 2023 2024 2025) Tj ET"
    document = read_document(pdf_page(content), "file")
    assert (document.paragraphs, document.grids) == (["2021 2022 2023 2024 2025"], [])


def test_tables_without_lines_are_read_in_the_order_of_their_cells() -> None:
    rows = [("2019", "1", "22"), ("2020", "0", "7"), ("2021", "35", "4"), ("2022", "0", "0")]
    shown = "".join(
        f"BT /F 10 Tf 1 0 0 1 {100 + 60 * column} {700 - 20 * number} Tm ({text}) Tj ET "
        for number, row in enumerate(rows)
        for column, text in enumerate(row)
    )
    (grid,) = read_document(pdf_page(shown.encode()), "file").grids
    assert not grid.places_known
    assert [tuple(text.text for text in row) for row in grid.rows] == rows


@pytest.mark.parametrize(("lines", "read"), [(("12345", "67"), "1234567"), (("12", "34"), "12\n34")])
def test_a_figure_goes_on_below_where_it_fills_its_cell(lines: tuple[str, str], read: str) -> None:
    frame = b"100 660 40 40 re S 140 660 100 40 re S "
    shown = "".join(
        f"BT /F 10 Tf 1 0 0 1 105 {688 - 12 * n} Tm ({text}) Tj ET " for n, text in enumerate(lines)
    )
    beside = b"BT /F 10 Tf 1 0 0 1 150 680 Tm (2021 2022) Tj 0 -14 Td (2023 2024 2025) Tj ET"
    (grid,) = read_document(pdf_page(frame + shown.encode() + beside), "file").grids
    assert grid.rows[0][0].text == read


def test_of_a_pdf_with_thousands_of_pages_the_first_are_read_and_the_rest_told() -> None:
    document = read_document(pdf_page(b"BT /F 10 Tf (2021) Tj ET", pages=3000), "file")
    assert [notice.code for notice in document.notices] == ["pages_left_out"]


def locked_pdf() -> bytes:
    owner, user = b"<" + b"41" * 32 + b">", b"<" + b"42" * 32 + b">"
    rule = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O%b/U%b>>/ID[<00><00>]" % (owner, user)
    return pdf_page(b"", trailer=rule)


def locked_doc() -> bytes:
    data = bytearray(fixture("report.doc"))
    place = data.index(b"\xec\xa5") + 10
    flags = struct.unpack_from("<H", data, place)[0]
    struct.pack_into("<H", data, place, flags | 0x0100)
    return bytes(data)


def locked_zip() -> bytes:
    data = bytearray(docx())
    place = -1
    while (place := data.find(b"PK\x01\x02", place + 1)) >= 0:
        data[place + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize("lock", [locked_pdf, locked_doc, locked_zip])
def test_locked_files_are_told(lock: Callable[[], bytes]) -> None:
    assert refusal(lock()) == "file_encrypted"


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
HARMFUL: dict[str, Callable[[], bytes]] = {
    "zip that unpacks to a gigabyte": lambda: zipped((f"{n}.txt", bytes(50_000_000)) for n in range(5)),
    "zip of thousands of members": lambda: zipped((f"{n}.txt", b"x") for n in range(2_500)),
    "sheet of ten million rows": lambda: _workbook('<row r="10000000"><c r="A10000000"><v>1</v></c></row>'),
    "sheet of cells far apart": lambda: _workbook('<row r="9000"><c r="XFD9000"><v>1</v></c></row>'),
    "image of ten thousand million dots": lambda: png(100_000, 100_000),
    "page that unpacks to half a gigabyte": lambda: pdf_page(bytes(500_000_000)),
    "rtf of groups within groups": lambda: b"{\\rtf1" + b"{" * 1_000_000,
    "mht of parts within parts": lambda: (
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=a\n" + b"\n--a" * 5_000
    ),
}


@pytest.mark.parametrize("harm", HARMFUL)
def test_files_that_would_fill_the_memory_are_refused(harm: str) -> None:
    assert refusal(HARMFUL[harm]()) == "file_too_large"


def test_entities_are_not_resolved() -> None:
    document = f'<!DOCTYPE d [<!ENTITY e0 "aaaaaaaaaa">{ENTITIES}]><d><body><p>&e11;</p></body></d>'
    relations = (
        b'<Relationships><Relationship Type="/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    assert (
        refusal(zipped([("_rels/.rels", relations), ("word/document.xml", document.encode())]))
        == "file_damaged"
    )


@every_format
def test_of_files_that_are_cut_off_nothing_wrong_is_read(kind: str) -> None:
    whole = WRITTEN[kind]()
    printed = sample_report.figures()
    for part in range(1, 10):
        try:
            report = report_of(whole[: len(whole) * part // 10])
        except ScraperError:
            continue
        for fact in report.facts:
            assert fact.value is None or fact.value == Decimal(printed[fact.metric, fact.applicant])
        assert report.notices


@pytest.mark.parametrize("data", [png(3_000, 3_000), fixture("scan.tiff")[:20_000]])
def test_images_that_are_cut_off_are_told(data: bytes) -> None:
    assert refusal(data) == "file_damaged"


@pytest.mark.parametrize(
    ("package", "file", "extra"),
    [
        ("olefile", "report.doc", "office"),
        ("python_calamine", "report.xls", "office"),
        ("pypdfium2", "report.pdf", "pdf"),
        ("rapidocr", "scan.tiff", "ocr"),
    ],
)
def test_without_its_extra_a_file_is_refused_with_the_cure(package: str, file: str, extra: str) -> None:
    program = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from pathlib import Path\nfrom scraper.documents import read_document\n"
        f"read_document(Path(sys.argv[1]).read_bytes(), 'report')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, FORMATS / file], capture_output=True, text=True, check=False
    )
    assert f'pip install "nianbao[{extra}]"' in done.stderr.splitlines()[-1]


def test_readers_that_need_an_extra_are_loaded_only_when_they_are_needed() -> None:
    heavy = ("olefile", "python_calamine", "pypdfium2", "rapidocr", "cv2", "numpy", "PIL")
    program = (
        "import sys\nfrom scraper.documents import read_document\nread_document(b'<p>1</p>', 'page')\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_zip_files_say_the_truth_of_their_members() -> None:
    """A member that unpacks to more than it declares is damaged, not read further."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("a.txt", bytes(1_000_000))
    data = bytearray(packed.getvalue())
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(signature) + place, 100)
    assert refusal(bytes(data)) == "file_damaged"
