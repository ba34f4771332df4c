"""The shipped typeface: how wide texts are, where they are broken into lines, how characters are drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any

from analysis.present.fonts import SANS, ExtraMissing, font_files

EXTRA = "plot"

# No line begins with these.
_NOT_FIRST = "，。；：、！？）》”’…·%,.;:!?)"
# And none ends with these.
_NOT_LAST = "（《“‘"
# What is not broken: a Latin word with what hangs on it, else a single character.
_PIECE = re.compile(r"[!-~–]+ ?|.", re.DOTALL)


class Typeface:
    """Measures in the size that is given, in pixels. Raises :class:`ExtraMissing`."""

    def __init__(self) -> None:
        file = font_files(EXTRA)[SANS]
        try:
            from fontTools.ttLib import TTFont
        except ImportError as error:
            raise ExtraMissing(EXTRA) from error
        font = TTFont(BytesIO(file.read_bytes()), lazy=True)
        self._glyphs: Any = font.getGlyphSet()
        self._names: dict[int, str] = font.getBestCmap()
        self._advances: dict[str, tuple[int, int]] = font["hmtx"].metrics
        self.em: int = font["head"].unitsPerEm
        self._outlines: dict[str, str] = {}

    def glyph(self, character: str) -> str:
        """The name of its glyph; that of an empty box where the typeface lacks the character."""
        return self._names.get(ord(character), ".notdef")

    def advance(self, character: str) -> int:
        """How far the next character stands, in units of which the em square has :attr:`em`."""
        return self._advances[self.glyph(character)][0]

    def outline(self, glyph: str) -> str:
        """The outline of a glyph as an SVG path, in units of the em square, upwards."""
        if glyph not in self._outlines:
            from fontTools.pens.svgPathPen import SVGPathPen

            pen = SVGPathPen(self._glyphs)
            self._glyphs[glyph].draw(pen)
            self._outlines[glyph] = pen.getCommands()
        return self._outlines[glyph]

    def width(self, text: str, size: float) -> float:
        """How wide ``text`` is."""
        return sum(map(self.advance, text)) * size / self.em

    def lines(self, text: str, size: float, most: float) -> list[str]:
        """``text`` in lines no wider than ``most``, if it can be broken so."""
        lines = [""]
        for piece in self._pieces(text):
            if lines[-1] and self.width(lines[-1] + piece.rstrip(), size) > most:
                lines.append("")
            lines[-1] += piece if lines[-1] else piece.lstrip()
        return [line.rstrip() for line in lines]

    def title(self, text: str, size: float, most: float) -> str | list[str]:
        """The same, as titles in Vega-Lite have it: one line is no list."""
        lines = self.lines(text, size, most)
        return lines if len(lines) > 1 else lines[0]

    @staticmethod
    def _pieces(text: str) -> Iterator[str]:
        held = ""
        for piece in _PIECE.findall(text):
            if held and piece[0] not in _NOT_FIRST and held[-1] not in _NOT_LAST:
                yield held
                held = ""
            held += piece
        if held:
            yield held


@cache
def typeface() -> Typeface:
    """The typeface, read once. Raises :class:`ExtraMissing` where the extra ``plot`` is not installed."""
    return Typeface()
