"""What stands around a picture: title, what is measured, a key of its signs, notes and sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET

from analysis.plots.outlines import tag
from analysis.plots.typeface import Typeface

INK, SOFT, PAPER = "#1a1a1a", "#595959", "#ffffff"
# Okabe and Ito's colours, which all kinds of colour-blind people tell apart.
BLUE, SKY, ORANGE, VERMILLION, GREEN, YELLOW = (
    "#0072b2",
    "#56b4e9",
    "#e69f00",
    "#d55e00",
    "#009e73",
    "#f0e442",
)
GREY = "#8c8c8c"

_MARGIN, _NARROWEST = 20, 600
_TITLE, _SUBTITLE, _SMALL = 18.0, 12.5, 11.0
_LEADING = 1.45
_GAP = 12.0
SWATCH, _BETWEEN = 18.0, 16.0

Shape = Literal["square", "circle", "diamond", "line", "dashes", "tick", "bar", "tile"]


@dataclass(frozen=True)
class Sign:
    """A line of the key: how something looks, and what it means; ``letter`` stands in a tile."""

    shape: Shape
    fill: str
    stroke: str
    meaning: str
    letter: str = ""


@dataclass(frozen=True)
class Frame:
    """``warning`` is what nobody may overlook: that figures are invented.

    A ``bare`` picture has nothing around it; a page that it is part of says all that.
    """

    title: str
    subtitle: Sequence[str]
    signs: Sequence[Sign]
    notes: Sequence[str]
    warning: str = ""
    bare: bool = False


def framed(body: ET.Element, frame: Frame, face: Typeface) -> ET.Element:
    """``body`` with ``frame`` around it, as one SVG element. Its texts are still texts."""
    if frame.bare:
        return _bare(body, frame)
    wide, high = float(body.get("width", "0")), float(body.get("height", "0"))
    column = max(wide, _NARROWEST)
    root = ET.Element(tag("svg"))
    ET.SubElement(root, tag("title")).text = frame.title
    ET.SubElement(root, tag("desc")).text = " ".join((frame.warning, *frame.subtitle, *frame.notes)).strip()
    ground = ET.SubElement(root, tag("rect"), {"fill": PAPER})
    setting = _Setting(root, face, column)
    setting.text(frame.title, _TITLE, INK, bold=True)
    if frame.warning:
        setting.banner(frame.warning)
    for line in frame.subtitle:
        setting.text(line, _SUBTITLE, SOFT)
    if frame.signs:
        setting.signs(frame.signs)
    setting.skip(_GAP)
    held = ET.SubElement(root, tag("g"), {"transform": f"translate({_MARGIN},{setting.y:.1f})"})
    held.extend(list(body))
    setting.skip(high + _GAP)
    for note in frame.notes:
        setting.text(note, _SMALL, SOFT)
    size = {"width": f"{column + 2 * _MARGIN:.0f}", "height": f"{setting.y + _MARGIN:.0f}"}
    ground.attrib.update(size)
    root.attrib.update(size)
    root.set("viewBox", f"0 0 {size['width']} {size['height']}")
    root.set("role", "img")
    root.set("aria-label", frame.title)
    return root


def _bare(body: ET.Element, frame: Frame) -> ET.Element:
    title = ET.Element(tag("title"))
    title.text = frame.title
    body.insert(0, title)
    body.attrib |= {"role": "img", "aria-label": frame.title}
    return body


class _Setting:
    """Sets lines one below the other."""

    def __init__(self, root: ET.Element, face: Typeface, column: float) -> None:
        self._root = root
        self._face = face
        self._column = column
        self.y = float(_MARGIN)

    def skip(self, height: float) -> None:
        self.y += height

    def text(self, text: str, size: float, colour: str, *, bold: bool = False) -> None:
        for line in self._face.lines(text, size, self._column):
            self.y += size * _LEADING
            self._put(line, _MARGIN, self.y - size * 0.3, size, colour, bold=bold)

    def banner(self, text: str) -> None:
        """A text on a coloured ground with a border."""
        lines = self._face.lines(text, _SUBTITLE, self._column - 2 * _GAP)
        height = len(lines) * _SUBTITLE * _LEADING + 10
        self.skip(6)
        place = {
            "x": str(_MARGIN),
            "y": f"{self.y:.1f}",
            "width": f"{self._column:.0f}",
            "height": f"{height:.1f}",
        }
        ET.SubElement(self._root, tag("rect"), place | {"fill": "#fff4ec", "stroke": VERMILLION})
        self.skip(5)
        for line in lines:
            self.y += _SUBTITLE * _LEADING
            self._put(line, _MARGIN + _GAP, self.y - _SUBTITLE * 0.3, _SUBTITLE, "#8a3b00", bold=True)
        self.skip(9)

    def signs(self, signs: Sequence[Sign]) -> None:
        """The key, side by side as far as there is room."""
        self.skip(6)
        x, high = float(_MARGIN), _SMALL * _LEADING + 2
        self.skip(high)
        for sign in signs:
            wide = SWATCH + 6 + self._face.width(sign.meaning, _SMALL)
            if x > _MARGIN and x + wide > _MARGIN + self._column:
                x = float(_MARGIN)
                self.skip(high)
            self._swatch(sign, x, self.y - high / 2)
            self._put(sign.meaning, x + SWATCH + 6, self.y - high / 2 + _SMALL * 0.36, _SMALL, INK)
            x += wide + _BETWEEN

    def _swatch(self, sign: Sign, x: float, y: float) -> None:
        paint = sign_path(sign, x, y)
        middle = x + SWATCH / 2
        ET.SubElement(self._root, tag("path"), paint)
        if sign.letter:
            left = middle - self._face.width(sign.letter, _SMALL) / 2
            self._put(sign.letter, left, y + _SMALL * 0.36, _SMALL, ink_on(sign.fill))

    def _put(self, text: str, x: float, y: float, size: float, colour: str, *, bold: bool = False) -> None:
        given = {"x": f"{x:.2f}", "y": f"{y:.2f}", "font-size": f"{size}px", "fill": colour}
        if bold:
            given["font-weight"] = "bold"
        ET.SubElement(self._root, tag("text"), given).text = text


def sign_path(sign: Sign, x: float, y: float) -> dict[str, str]:
    """The attributes of the path that draws a sign, ``SWATCH`` wide, from ``x`` on, its middle at ``y``."""
    paint = {"fill": sign.fill, "stroke": sign.stroke, "stroke-width": "1.6"}
    middle = x + SWATCH / 2
    if sign.shape in ("line", "dashes"):
        dashes = {"stroke-dasharray": "4,3"} if sign.shape == "dashes" else {}
        paint |= {"d": f"M{x:.1f},{y:.1f}h{SWATCH:.0f}", "stroke-width": "2"} | dashes
    elif sign.shape == "tick":
        paint |= {"d": f"M{middle:.1f},{y - 6.5:.1f}v13", "stroke-width": "2"}
    elif sign.shape == "circle":
        paint["d"] = f"M{middle - 4.5:.1f},{y:.1f}a4.5,4.5 0 1,1 9,0a4.5,4.5 0 1,1 -9,0Z"
    elif sign.shape == "diamond":
        paint["d"] = f"M{middle:.1f},{y - 6:.1f}l6,6l-6,6l-6,-6Z"
    else:
        half = {"bar": 4.0, "square": 5.0, "tile": 7.0}[sign.shape]
        left = x if sign.shape in ("bar", "tile") else middle - half
        across = SWATCH if sign.shape in ("bar", "tile") else 2 * half
        paint["d"] = f"M{left:.1f},{y - half:.1f}h{across:.0f}v{2 * half:.0f}h{-across:.0f}Z"
    return paint


def ink_on(ground: str) -> str:
    """Black or white, whichever is easier to read on ``ground``."""
    red, green, blue = (int(ground[place : place + 2], 16) for place in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else PAPER
