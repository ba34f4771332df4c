"""Characters in the one form in which texts are compared, each for each so that places stay."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import opencc
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
"""A text as the code points of its characters."""

_SENTENCE_ENDS = frozenset("。！？!?；;\n\r\u2028\u2029")
_WITHIN_FIGURES = frozenset(".,")
# Mirrors set pinyin in brackets behind a character: 機(jī)構.
_PINYIN_NOTE = re.compile(r"[(（](?<=[㐀-鿿].)[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńň]{1,7}[)）]")
_DIGITS = "0123456789"
_NUMERALS = "〇零一二两三四五六七八九十百千万亿"
_FIGURE = re.compile(rf"(?:[0-9]+(?:[.,][0-9]+)*|[{_NUMERALS}]+)+")
_LETTER = re.compile(rf"({_FIGURE.pattern})|[^\s.,]")

_to_simplified = opencc.OpenCC("t2s").convert

FIGURE = "#"
"""Stands for any figure, in digits or in words: 2021 and 2022, 6 and 六."""

# What each character counts as, worked out when it is first met: 0 is not known yet.
_FOLDING = np.zeros(0x110000, np.uint32)


def _kinds() -> NDArray[np.uint8]:
    kinds = np.zeros(0x110000, np.uint8)
    for kind, characters in enumerate((_DIGITS, _NUMERALS, _WITHIN_FIGURES, " "), 1):
        kinds[[ord(character) for character in characters]] = kind
    return kinds


_KINDS = _kinds()
_DIGIT, _NUMERAL, _WITHIN, _BLANK = 1, 2, 3, 4


def codes_of(text: str) -> Codes:
    """The code points of ``text``."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def _text_of(codes: Codes) -> str:
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def _folded(character: str) -> str:
    if character in _SENTENCE_ENDS:
        return "\n"
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) != 1 or plain in _SENTENCE_ENDS:
        return "\n" if plain in _SENTENCE_ENDS else " "
    if plain in _WITHIN_FIGURES:
        return plain
    if unicodedata.category(plain)[0] not in "LN":
        return " "
    digit = unicodedata.digit(plain, None)
    simplified = str(digit) if digit is not None else _to_simplified(plain).lower()
    return simplified if len(simplified) == 1 else plain


def fold(text: str) -> str:
    """``text`` in simplified and half-width characters, as long as it was.

    Sentences end with a line; other punctuation, symbols and the pinyin that mirrors insert are blanks.
    """
    codes = codes_of(_PINYIN_NOTE.sub(lambda note: " " * len(note[0]), text))
    folded = _FOLDING[codes]
    if not folded.all():
        for code in np.unique(codes[folded == 0]).tolist():
            _FOLDING[code] = ord(_folded(chr(code)))
        folded = _FOLDING[codes]
    return _text_of(folded)


class Place(NamedTuple):
    """Where a ``letter`` stands in a text; a figure is one letter, ``#``."""

    start: int
    end: int
    letter: str


def letters(folded: str) -> str:
    """What is compared of ``folded``: letters, with ``#`` for figures, and the ends of its sentences."""
    codes = codes_of(folded)
    kinds = _KINDS[codes]
    digits = kinds == _DIGIT
    figures = digits | (kinds == _NUMERAL)
    figures[1:-1] |= (kinds[1:-1] == _WITHIN) & digits[:-2] & digits[2:]
    begins = figures.copy()
    begins[1:] &= ~figures[:-1]
    kept = begins | (kinds == 0)
    return _text_of(np.where(begins, np.uint32(ord(FIGURE)), codes)[kept])


def places(folded: str, start: int, end: int) -> Iterator[Place]:
    """The :func:`letters` between ``start`` and ``end`` with their places."""
    for found in _LETTER.finditer(folded, start, end):
        yield Place(found.start(), found.end(), FIGURE if found[1] else found[0])


def plain(text: str) -> str:
    """The letters of a text without the ends of its sentences."""
    return letters(fold(text)).replace("\n", "")
