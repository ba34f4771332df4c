"""Writes a report as PDF by hand: text of a font that every reader knows, ruled tables, or one picture.

No font is embedded; the characters are given as UCS-2, so that they are read back whatever is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from zlib import compress

from portals.reports import Organ, Part, Rows, parts, title
from rendering import Written
from sample_report import expanded

_WIDTH, _HEIGHT, _MARGIN = 595, 842, 50
_ROOM = _WIDTH - 2 * _MARGIN
_LEADING = 1.6


@cache
def pdf(organ: Organ, year: int) -> bytes:
    """The report with its text, each table on one page."""
    layout = _Layout()
    layout.paragraph(title(organ, year), 16)
    for part in parts(organ, year):
        layout.add(part)
    return _file([page.encode() for page in layout.pages], "/Font<</F1 4 0 R>>", _FONT)


def scan_pdf(width: int, height: int, pixels: bytes) -> bytes:
    """A page that is one grey picture, without any text; ``pixels`` has a byte for each point."""
    image = (
        f"<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceGray"
        f"/BitsPerComponent 8/Filter/FlateDecode/Length "
    ).encode()
    packed = compress(pixels, 9)
    drawn = f"q {_WIDTH} 0 0 {_HEIGHT} 0 0 cm /I1 Do Q".encode()
    stream = image + str(len(packed)).encode() + b">>stream\n" + packed + b"\nendstream"
    return _file([drawn], "/XObject<</I1 4 0 R>>", [stream])


class _Layout:
    """Pages that fill up from the top; ``y`` is where the next line goes."""

    def __init__(self) -> None:
        self.pages: list[str] = [""]
        self.y = float(_HEIGHT - _MARGIN)

    def add(self, part: Part) -> None:
        if isinstance(part, str):
            self.paragraph(part, 11)
        else:
            self._table(part)

    def paragraph(self, text: str, size: float) -> None:
        for line in _wrapped(text, _ROOM, size):
            self._need(size * _LEADING)
            self.y -= size * _LEADING
            self.pages[-1] += _drawn(_MARGIN, self.y, line, size)

    def _need(self, height: float) -> None:
        if self.y - height < _MARGIN:
            self.pages.append("")
            self.y = float(_HEIGHT - _MARGIN)

    def _table(self, rows: Rows) -> None:
        """In small print, and never over the end of a page."""
        edges = _edges(rows)
        size = 6.0
        lines = list(expanded(rows))
        heights = [_row_height(line, edges, size) for line in lines]
        self._need(sum(heights) + size)
        self.y -= size
        tops = [self.y - sum(heights[:number]) for number in range(len(heights) + 1)]
        for number, line in enumerate(lines):
            for cell, column, goes_on in line:
                if goes_on:
                    continue
                left, right = edges[column], edges[column + cell.columns]
                top, bottom = tops[number], tops[number + cell.rows]
                self.pages[-1] += f"{left} {bottom:.1f} {right - left} {top - bottom:.1f} re S\n"
                for count, words in enumerate(_wrapped(cell.html, right - left - 4, size), start=1):
                    self.pages[-1] += _drawn(left + 2, top - count * size * 1.3, words, size)
        self.y = tops[-1]


def _edges(rows: Rows) -> list[int]:
    """Where columns begin: those with labels alone are wider than those with figures."""
    columns = sum(cell.columns for cell in rows[0])
    figures = {
        column
        for line in expanded(rows)
        for cell, column, _ in line
        if cell.html[:1].isdecimal() and cell.columns == 1
    }
    first = min((column for column in figures), default=1)
    shares = [4 if column < first else 1 for column in range(columns)]
    return [_MARGIN + _ROOM * sum(shares[:column]) // sum(shares) for column in range(columns + 1)]


def _row_height(line: Sequence[tuple[Written, int, bool]], edges: list[int], size: float) -> float:
    return 4 + size * 1.3 * max(_lines_of(item, edges, size) for item in line)


def _lines_of(item: tuple[Written, int, bool], edges: list[int], size: float) -> int:
    cell, column, _ = item
    if cell.rows > 1:
        return 1
    return len(list(_wrapped(cell.html, edges[column + cell.columns] - edges[column] - 4, size)))


def _wrapped(text: str, room: float, size: float) -> Iterator[str]:
    """Lines of even length: readers lose a character that is left alone on the last one."""
    lines = -(-len(text) // max(1, int(room // size))) or 1
    fitting = -(-len(text) // lines) or 1
    for start in range(0, max(1, len(text)), fitting):
        yield text[start : start + fitting]


def _drawn(x: float, y: float, text: str, size: float) -> str:
    return f"BT /F1 {size} Tf {x} {y:.1f} Td <{text.encode('utf-16-be').hex()}> Tj ET\n"


_FONT = [
    b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[5 0 R]>>",
    b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000/FontDescriptor 6 0 R"
    b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>>>",
    b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0"
    b"/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
]


def _file(pages: Sequence[bytes], resources: str, shared: Sequence[bytes]) -> bytes:
    """A file of ``pages``' drawing; ``shared`` are objects numbered from 4 on, which ``resources`` name."""
    first = 4 + len(shared)
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}/MediaBox[0 0 {_WIDTH} {_HEIGHT}]>>".encode(),
        f"<<{resources}>>".encode(),
        *shared,
    ]
    for number, drawn in enumerate(pages):
        content = first + 2 * number + 1
        objects.append(f"<</Type/Page/Parent 2 0 R/Resources 3 0 R/Contents {content} 0 R>>".encode())
        packed = compress(drawn, 9)
        objects.append(
            f"<</Filter/FlateDecode/Length {len(packed)}>>stream\n".encode() + packed + b"\nendstream"
        )
    body, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, written in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n".encode() + written + b"\nendobj\n"
    table = b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    trailer = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + head + table + trailer.encode()
