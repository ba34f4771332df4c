"""Scans: the text of pages that are pictures, recognised, and the tables that their lines rule.

Recognition finds running text well but misses single digits in the cells of a table, and takes
neighbouring cells for one line. So every cell in which there is ink is looked at by itself, too.
"""

from __future__ import annotations

import math
import re
import warnings
from collections import defaultdict
from functools import cache
from io import BytesIO
from statistics import median
from typing import TYPE_CHECKING, Any

from scraper.documents.document import Document, TooLarge
from scraper.documents.pages import Page, Text, read_pages
from scraper.documents.refusal import needing
from scraper.documents.ruling import Line, RuledTable
from scraper.messages import message

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Pixels = NDArray[np.uint8]

_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
_MOST_PIXELS = 40_000_000
_MOST_IMAGES = 60

# Of the longer side: smaller pictures are enlarged and larger ones reduced to these, as they read best.
_LEAST_PIXELS = 1_800
_BEST_PIXELS = 2_400

# In heights of the text: what is longer is a line, and strokes of characters are not.
_SHORTEST_ACROSS = 2.0
_SHORTEST_DOWN = 1.5
# Shares of the shorter side.
_USUAL_TEXT = 1 / 55
_TOLERANCE = 1 / 250
# Of the width, lines by which a page is set straight; slopes that are none, and too steep for one.
_LONG = 1 / 30
_VERY_LONG = 1 / 6
_STRAIGHT = 0.001
_MOST_TILTED = 0.15

# Least score of a text outside tables; what stands in a table is kept with its score, whatever that is.
_LEAST_SCORE = 0.4

# A page whose words score less may stand on its head; what is no longer than this is no word, for 0 reads
# alike both ways.
_LEAST_SURENESS = 0.8
_SHORT = 2

# In pixels: what is smaller is dirt; gaps that dirt leaves in lines; the room left around a text.
_DIRT = 5
_GAP = 3
_AROUND = 8

# What is read for a figure where only figures stand.
_FIGURES = str.maketrans("OoQ〇○lI|", "00000111")
_LIKE_FIGURES = re.compile(r"[0-9OoQ〇○lI|.,]+")
_HAN = re.compile(r"[㐀-鿿]")
_DOUBT = 0.8


def read_image(data: bytes) -> Document:
    """The document of an image file; each page of a TIFF is a page.

    Raises Refused where the extra is missing, :class:`TooLarge` for images of enormous size;
    OSError and ValueError where the file is damaged.
    """
    with needing("ocr", "image"):
        import numpy as np
        from PIL import Image, ImageOps

    pages: list[Page] = []
    with warnings.catch_warnings():
        # Of what is odd in a file only what can't be read matters.
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(data), formats=_FORMATS) as image:
                for number in range(min(getattr(image, "n_frames", 1), _MOST_IMAGES)):
                    image.seek(number)
                    _check_size(image)
                    frame = image.copy()
                    frame.thumbnail((_BEST_PIXELS, _BEST_PIXELS))
                    upright = ImageOps.exif_transpose(frame).convert("RGB")
                    pages.append(read_scan(np.asarray(upright)[:, :, ::-1]))
        except Image.DecompressionBombError as error:
            raise TooLarge from error
    document = Document()
    read_pages(pages, document)
    document.notices.append(message("pages_recognised", count=len(pages)))
    return document


def _check_size(image: Image) -> None:
    if image.width * image.height > _MOST_PIXELS:
        raise TooLarge


def read_scan(pixels: Any) -> Page:
    """A page from its pixels, blue, green and red.

    Raises Refused where the extra is missing.
    """
    with needing("ocr", "scan"):
        import cv2
        import onnxruntime
        import rapidocr
    _ = onnxruntime, rapidocr, cv2
    scan = _upright(_sized(pixels))
    across, down = scan.lines()
    page = Page([], across, down, scan.width * _TOLERANCE, recognised=True)
    page.texts = scan.texts(page.tables)
    return page


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "critical", "Global.text_score": 0.0})


def _sized(pixels: Pixels) -> Pixels:
    import cv2

    longest = max(pixels.shape[:2])
    scale = max(1.0, _LEAST_PIXELS / longest) if longest < _BEST_PIXELS else _BEST_PIXELS / longest
    if scale == 1.0:
        return pixels
    kind = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=kind)  # type: ignore[return-value]


def _upright(pixels: Pixels) -> _Scan:
    """The page turned by quarters as it reads best."""
    import numpy as np

    scan = _Scan(_straight(pixels))
    turns = [1, 3] if scan.lies_sideways else [2] if scan.sureness < _LEAST_SURENESS else []
    turned = [_Scan(_straight(np.ascontiguousarray(np.rot90(pixels, turn)))) for turn in turns]
    return max([scan, *turned], key=lambda scan: (not scan.lies_sideways, scan.sureness))


def _straight(pixels: Pixels) -> Pixels:
    """The page turned so that its ruling lines lie level."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    thick = cv2.dilate(_ink(pixels), cv2.getStructuringElement(cv2.MORPH_RECT, (1, 5)))
    long = cv2.getStructuringElement(cv2.MORPH_RECT, (int(width * _LONG), 1))
    _, labels, found, _ = cv2.connectedComponentsWithStats(cv2.morphologyEx(thick, cv2.MORPH_OPEN, long))
    slopes = []
    for number, (x, y, w, h, _) in enumerate(found):
        if number and w > width * _VERY_LONG and h < w * _MOST_TILTED:
            ys, xs = np.nonzero(labels[y : y + h, x : x + w] == number)
            slopes.append(float(np.polyfit(xs, ys, 1)[0]))
    if not slopes or abs(median(slopes)) < _STRAIGHT:
        return pixels
    angle = math.degrees(math.atan(median(slopes)))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return cv2.warpAffine(  # type: ignore[return-value]
        pixels, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255)
    )


def _ink(pixels: Pixels) -> Pixels:
    """Where there is ink: 255, and 0 elsewhere."""
    import cv2

    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    return cv2.adaptiveThreshold(  # type: ignore[return-value]
        grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 18
    )


class _Scan:
    """A straight page: its lines, and its texts by their places."""

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels
        self._ink = _ink(pixels)
        self.height, self.width = pixels.shape[:2]
        self._found = self._recognise_page()
        self._words = [text for text in self._found if len(text.text) > _SHORT]
        heights = [text.height for text in self._found]
        self._text_height = median(heights) if heights else min(self.width, self.height) * _USUAL_TEXT

    @property
    def lies_sideways(self) -> bool:
        """Whether most words stand on end."""
        return sum(text.height > text.right - text.left for text in self._words) * 2 > len(self._words)

    @property
    def sureness(self) -> float:
        """The usual score of a word."""
        return median([text.confidence or 0.0 for text in self._words]) if self._words else 0.0

    def lines(self) -> tuple[list[Line], list[Line]]:
        """The ruling lines across and down."""
        across = [
            Line(y + height / 2, x, x + width)
            for x, y, width, height in self._strokes(int(self._text_height * _SHORTEST_ACROSS), 1)
        ]
        down = [
            Line(x + width / 2, y, y + height)
            for x, y, width, height in self._strokes(1, int(self._text_height * _SHORTEST_DOWN))
        ]
        return across, down

    def _strokes(self, width: int, height: int) -> list[tuple[int, int, int, int]]:
        import cv2

        bridge = cv2.getStructuringElement(cv2.MORPH_RECT, (min(width, _GAP), min(height, _GAP)))
        shape = cv2.getStructuringElement(cv2.MORPH_RECT, (width, height))
        closed = cv2.morphologyEx(self._ink, cv2.MORPH_CLOSE, bridge)
        opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, shape)
        _, _, found, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
        return [(int(x), int(y), int(w), int(h)) for x, y, w, h, _ in found[1:]]

    def texts(self, tables: list[RuledTable]) -> list[Text]:
        """The recognised texts: lines outside the tables, and in each cell what stands in it."""
        inside: dict[tuple[int, int], list[Text]] = defaultdict(list)
        kept: list[Text] = []
        for text in self._found:
            place = _cell_of(tables, text)
            if place is not None:
                inside[place].append(text)
            elif (text.confidence or 0) >= _LEAST_SCORE:
                kept.append(text)
        for number, table in enumerate(tables):
            for cell in range(len(table.cells)):
                kept += self._cell(table.room(cell), inside[number, cell])
        return kept

    def _recognise_page(self) -> list[Text]:
        result = _engine()(self._pixels, use_det=True, use_cls=False, use_rec=True)
        if result.boxes is None or result.txts is None:
            return []
        return [
            Text(text, *_around(box.tolist()), float(score))
            for box, text, score in zip(result.boxes, result.txts, result.scores, strict=True)
        ]

    def _cell(self, room: tuple[float, float, float, float], found: list[Text]) -> list[Text]:
        """The texts of a cell: those found, or where these don't cover its ink what is read there anew."""
        ink = self._ink_in(room)
        if ink is None:
            return []
        inside = [text for text in found if _fits(text, room)]
        if len(inside) == len(found) and inside and _covers(inside, ink):
            return [_as_figure(text) for text in inside]
        left, _, right, _ = ink
        lines = [self._recognise_line((left, top, right, bottom)) for top, bottom in self._rows(ink)]
        return [_as_figure(line) for line in lines if line.text]

    def _ink_in(self, room: tuple[float, float, float, float]) -> tuple[int, int, int, int] | None:
        """The box around the ink between a cell's lines."""
        import cv2

        inset = max(3, int(self.width * _TOLERANCE * 0.8))
        left, top, right, bottom = int(room[0]) + inset, int(room[1]) + inset, int(room[2]), int(room[3])
        part = self._ink[top : bottom - inset, left : right - inset]
        if not part.size:
            return None
        _, _, found, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
        boxes = [(x, y, x + w, y + h) for x, y, w, h, _ in found[1:] if max(w, h) > _DIRT]
        if not boxes:
            return None
        return (
            left + int(min(box[0] for box in boxes)),
            top + int(min(box[1] for box in boxes)),
            left + int(max(box[2] for box in boxes)),
            top + int(max(box[3] for box in boxes)),
        )

    def _rows(self, ink: tuple[int, int, int, int]) -> list[tuple[int, int]]:
        """The lines of text in a box, by the empty rows between them."""
        left, top, right, bottom = ink
        if bottom - top < 1.6 * self._text_height:
            return [(top, bottom)]
        filled = self._ink[top:bottom, left:right].max(axis=1).tolist()
        rows: list[tuple[int, int]] = []
        start = None
        for number, full in enumerate([*filled, False]):
            if full and start is None:
                start = number
            elif not full and start is not None:
                short = rows and number + top - rows[-1][0] < 1.2 * self._text_height
                rows[-1:] = (
                    [(rows[-1][0], number + top)] if short else [*rows[-1:], (start + top, number + top)]
                )
                start = None
        return rows

    def _recognise_line(self, box: tuple[int, int, int, int]) -> Text:
        import cv2

        left, top, right, bottom = box
        part = self._pixels[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2]
        framed = cv2.copyMakeBorder(
            part, _AROUND, _AROUND, _AROUND, _AROUND, cv2.BORDER_CONSTANT, value=(255, 255, 255)
        )
        result = _engine()(framed, use_det=False, use_cls=False, use_rec=True)
        text, score = next(zip(result.txts or (), result.scores or (), strict=True), ("", 0.0))
        return Text(text.strip(), left, top, right, bottom, confidence=float(score))


def _around(corners: list[list[float]]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _cell_of(tables: list[RuledTable], text: Text) -> tuple[int, int] | None:
    for number, table in enumerate(tables):
        cell = table.cell_at(*text.middle)
        if cell is not None:
            return number, cell
    return None


def _fits(text: Text, room: tuple[float, float, float, float]) -> bool:
    """Whether a text lies within a cell, its blurred edge aside."""
    spare = 0.4 * min(text.height, text.right - text.left)
    return text.left > room[0] - spare and text.right < room[2] + spare


def _covers(texts: list[Text], ink: tuple[int, int, int, int]) -> bool:
    """Whether texts were found wherever a cell has ink."""
    spare = 0.6 * max(text.height for text in texts)
    left, top = min(text.left for text in texts), min(text.top for text in texts)
    right, bottom = max(text.right for text in texts), max(text.bottom for text in texts)
    return (
        left < ink[0] + spare and top < ink[1] + spare and right > ink[2] - spare and bottom > ink[3] - spare
    )


def _as_figure(text: Text) -> Text:
    """A text that looks like a figure as that figure, with the doubt that remains."""
    if _LIKE_FIGURES.fullmatch(text.text) and text.text.translate(_FIGURES) != text.text:
        return text._replace(text=text.text.translate(_FIGURES), confidence=_DOUBT * (text.confidence or 0.0))
    return text
