"""PDF: characters and lines at their places through PDFium; pages without text are scans."""

from __future__ import annotations

import ctypes
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from scraper.documents.document import Document, TooLarge
from scraper.documents.pages import Page, Text, read_pages
from scraper.documents.refusal import Refused, needing
from scraper.documents.ruling import Line
from scraper.messages import message

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

_MOST_PAGES = 200
_MOST_CHARACTERS = 50_000
_MOST_OBJECTS = 50_000
_MOST_STREAM_BYTES = 100_000_000
# Of one stream that draws; and how much of the file before a stream says what it is.
_MOST_DRAWN_BYTES = 4_000_000
_DESCRIBED = 1_000
_STREAM = re.compile(rb"stream\r?\n(?=[\x08\x18\x38\x48\x58\x68\x78])")

# How near to its end a file says that it ends.
_END = 2_048

# In points: what is thinner is a line, even where it is drawn as an area; edges nearer than the tolerance
# are one.
_THIN = 3.0
_TOLERANCE = 3.0
_SHORTEST = 5.0

# A page with fewer characters and a picture is a scan with a page number or a seal in print.
_FEWEST_CHARACTERS = 20
# Characters that stand for nothing, from a font without its table of characters.
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x80-\x9f\ue000-\uf8ff\ufffd-\uffff]")
_MOST_UNREADABLE = 0.2
_HAN_OR_DIGIT = re.compile(r"[㐀-鿿０-９0-9]")
_FEWEST_HAN_OR_DIGITS = 0.2

_DEEPEST = 8
_MOST_SEGMENTS = 5_000
_PIECE = 1 << 20

# How large a character's box may be, in sizes of its font.
_LARGEST_BOX = 3.0

# A picture that fills so much of a page is the page; text on it is what a scanner recognised.
_FULL_PAGE = 0.7
# How pages are drawn for recognition: dots an inch, and at most so many on a side.
_DOTS = 200
_LONGEST_SIDE = 3_500

ReadScan = Callable[[Any], Page]
"""Reads a page from its pixels."""
Place = Callable[[float, float], tuple[float, float]]
"""Turns a point of the PDF to one of the upright page, downwards."""


def read_pdf(data: bytes, read_scan: ReadScan) -> Document:
    """The document of a PDF.

    ``read_scan`` reads a page that is a picture. Raises :class:`Refused` for damaged and encrypted files,
    and where no page can be read.
    """
    with needing("pdf", "PDF"):
        from pypdfium2 import PdfDocument, PdfiumError

    _check_streams(data)
    try:
        pdf = PdfDocument(data)
    except PdfiumError as error:
        # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY
        locked = getattr(error, "err_code", None) in (4, 5)
        raise Refused("file_encrypted" if locked else "file_damaged", kind="PDF") from error
    try:
        # PDFium mends what it can of a file without its end.
        return _read(pdf, read_scan, cut_off=b"%%EOF" not in data[-_END:])
    except PdfiumError as error:
        raise Refused("file_damaged", kind="PDF") from error
    finally:
        pdf.close()


def _read(pdf: PdfDocument, read_scan: ReadScan, *, cut_off: bool) -> Document:
    document = Document()
    pages: list[Page] = []
    unread: list[int] = []
    recognised = 0
    refusal: Refused | None = None
    for number in range(min(len(pdf), _MOST_PAGES)):
        try:
            page = _read_page(pdf[number], read_scan)
            pages.append(page)
            recognised += page.recognised
        except Refused as refused:
            unread.append(number + 1)
            refusal = refused
    if refusal is not None and not any(page.texts for page in pages):
        raise refusal
    if recognised:
        document.notices.append(message("pages_recognised", count=recognised))
    if unread:
        document.notices.append(message("pages_unread", pages=", ".join(map(str, unread))))
    if len(pdf) > _MOST_PAGES:
        document.notices.append(message("pages_left_out", pages=len(pdf), read=_MOST_PAGES))
    if cut_off:
        document.notices.append(message("file_cut_off"))
    read_pages(pages, document)
    return document


def _read_page(page: PdfPage, read_scan: ReadScan) -> Page:
    texts, turned = _texts(page)
    across, down, pictures = _drawn(page, turned)
    if _is_scan(page, texts, pictures):
        return read_scan(_picture(page))
    return Page(texts, across, down, _TOLERANCE)


def _texts(page: PdfPage) -> tuple[list[Text], Place]:
    """The characters of a page, and how to turn the page so that they stand upright."""
    import pypdfium2.raw as pdfium

    if pdfium.FPDFPage_CountObjects(page) > _MOST_OBJECTS:
        raise TooLarge
    textpage = page.get_textpage()
    count = textpage.count_chars()
    if count > _MOST_CHARACTERS:
        raise TooLarge
    found: list[tuple[str, tuple[float, float, float, float]]] = []
    quarters: Counter[int] = Counter()
    for number in range(count):
        character = chr(pdfium.FPDFText_GetUnicode(textpage, number))
        if character.isspace() or pdfium.FPDFText_IsGenerated(textpage, number) == 1:
            continue
        unmapped = pdfium.FPDFText_HasUnicodeMapError(textpage, number) == 1
        found.append(("\ufffd" if unmapped else character, _character_box(textpage, number)))
        quarters[round(pdfium.FPDFText_GetCharAngle(textpage, number) / (math.pi / 2)) % 4] += 1
    turned = _TURNED[quarters.most_common(1)[0][0] if quarters else 0]
    return [Text(character, *_turned_box(turned, *place)) for character, place in found], turned


def _character_box(textpage: PdfTextPage, number: int) -> tuple[float, float, float, float]:
    """The room of a character: that which its font gives it, so that a row's characters stand level.

    For vertical writing PDFium takes the font's size before it is scaled; then the ink alone is known.
    """
    import pypdfium2.raw as pdfium

    box: tuple[float, float, float, float] = textpage.get_charbox(number, loose=True)
    left, bottom, right, top = box
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(textpage, number, matrix)
    scale = max(math.hypot(matrix.a, matrix.b), math.hypot(matrix.c, matrix.d))
    size = scale * pdfium.FPDFText_GetFontSize(textpage, number)
    if max(right - left, top - bottom) > _LARGEST_BOX * size:
        box = textpage.get_charbox(number)
    return box


# By the quarters of a turn, clockwise, that the characters are turned by.
_TURNED: tuple[Place, ...] = (
    lambda x, y: (x, -y),
    lambda x, y: (-y, -x),
    lambda x, y: (-x, y),
    lambda x, y: (y, x),
)


def _turned_box(turned: Place, *corners: float) -> tuple[float, float, float, float]:
    (x, y), (other_x, other_y) = turned(*corners[:2]), turned(*corners[2:])
    return min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)


def _drawn(page: PdfPage, turned: Place) -> tuple[list[Line], list[Line], list[Any]]:
    """A page's lines across and down, and its pictures."""
    import pypdfium2.raw as pdfium

    across: list[Line] = []
    down: list[Line] = []
    pictures = []
    for number, drawn in enumerate(page.get_objects(max_depth=_DEEPEST)):
        if number > _MOST_OBJECTS:
            raise TooLarge
        if drawn.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures.append(drawn)
        elif drawn.type == pdfium.FPDF_PAGEOBJ_PATH:
            for left, top, right, bottom in _edges(drawn, turned):
                if bottom - top <= _THIN < right - left:
                    across.append(Line((top + bottom) / 2, left, right))
                elif right - left <= _THIN < bottom - top:
                    down.append(Line((left + right) / 2, top, bottom))
    return across, down, pictures


def _edges(path: Any, turned: Place) -> Iterator[tuple[float, float, float, float]]:
    """The boxes of the lines that a path draws: thin areas, and the edges of those that are not filled."""
    import pypdfium2.raw as pdfium

    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
    if not (fill.value or stroke.value):
        return
    for points in _figures(path, turned):
        xs, ys = [x for x, _ in points], [y for _, y in points]
        whole = (min(xs), min(ys), max(xs), max(ys))
        if whole[2] - whole[0] <= _THIN or whole[3] - whole[1] <= _THIN:
            yield whole
        elif stroke.value:
            for (x, y), (next_x, next_y) in pairwise(points):
                yield min(x, next_x), min(y, next_y), max(x, next_x), max(y, next_y)


def _figures(path: Any, turned: Place) -> Iterator[list[tuple[float, float]]]:
    """The points of each figure of a path; a closed one ends where it begins."""
    import pypdfium2.raw as pdfium

    matrix = path.get_matrix()
    container = path.container
    while container is not None:
        matrix = matrix.multiply(container.get_matrix())
        container = container.container
    x, y = ctypes.c_float(), ctypes.c_float()
    points: list[tuple[float, float]] = []
    for number in range(min(pdfium.FPDFPath_CountSegments(path), _MOST_SEGMENTS)):
        segment = pdfium.FPDFPath_GetPathSegment(path, number)
        if pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_MOVETO:
            if points:
                yield points
            points = []
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        points.append(turned(*matrix.on_point(x.value, y.value)))
        if pdfium.FPDFPathSegment_GetClose(segment):
            points.append(points[0])
    if points:
        yield points


def _is_scan(page: PdfPage, texts: list[Text], pictures: list[Any]) -> bool:
    """Whether what a page says is in a picture, or in characters that stand for nothing."""
    written = "".join(text.text for text in texts)
    if len(written) < _FEWEST_CHARACTERS:
        return bool(pictures)
    if len(_UNREADABLE.findall(written)) > _MOST_UNREADABLE * len(written):
        return True
    if len(_HAN_OR_DIGIT.findall(written)) < _FEWEST_HAN_OR_DIGITS * len(written):
        return True
    width, height = page.get_size()
    return any(_room(picture) > _FULL_PAGE * width * height for picture in pictures)


def _room(picture: Any) -> float:
    left, bottom, right, top = picture.get_bounds()
    return float((right - left) * (top - bottom))


def _picture(page: PdfPage) -> Any:
    """A page as its readers see it, in pixels."""
    scale = min(_DOTS / 72, _LONGEST_SIDE / max(1, *page.get_size()))
    return page.render(scale=scale).to_numpy()


def _check_streams(data: bytes) -> None:
    """Refuses files that blow up when they are unpacked, before anything unpacks them."""
    total = 0
    for start in (match.end() for match in _STREAM.finditer(data)):
        end = data.find(b"endstream", start)
        described = data[max(0, start - _DESCRIBED) : start].rpartition(b" obj")[2]
        drawn = b"/Length1" not in described and (b"/Form" in described or b"/Subtype" not in described)
        limit = _MOST_DRAWN_BYTES if drawn else _MOST_STREAM_BYTES
        size = _unpacked(data[start : end if end >= 0 else None], limit)
        total += size
        if size >= limit or total > _MOST_STREAM_BYTES:
            raise TooLarge


def _unpacked(packed: bytes, limit: int, layers: int = 3) -> int:
    """How many bytes a stream unpacks to, those of streams packed twice included, up to ``limit``."""
    unpacker = zlib.decompressobj()
    size, first = 0, b""
    try:
        while packed and size < limit and not unpacker.eof:
            piece = unpacker.decompress(packed, _PIECE)
            first = first or piece
            size += len(piece)
            packed = unpacker.unconsumed_tail
    except zlib.error:
        pass
    if layers and first[:1] == b"x" and size < limit:
        size += _unpacked(first, limit - size, layers - 1)
    return size
