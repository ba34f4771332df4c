"""Characters in the one form in which texts are compared, each for each so that places stay."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

import opencc

_SENTENCE_ENDS = frozenset("。！？!?；;\n\r\u2028\u2029")
_WITHIN_FIGURES = frozenset(".,")
# Mirrors set pinyin in brackets behind a character: 機(jī)構.
_PINYIN_NOTE = re.compile(r"[(（](?<=[㐀-鿿].)[a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńň]{1,7}[)）]")
_NUMERALS = "〇零一二两三四五六七八九十百千万亿"
_FIGURE = re.compile(rf"(?:[0-9]+(?:[.,][0-9]+)*|[{_NUMERALS}]+)+")
_LETTER = re.compile(rf"({_FIGURE.pattern})|[^\s.,]")

_to_simplified = opencc.OpenCC("t2s").convert

FIGURE = "#"
"""Stands for any figure, in digits or in words: 2021 and 2022, 6 and 六."""


class _Folding(dict[int, str]):
    """What each character counts as, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _folded(chr(code))
        return folded


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


_FOLDING = _Folding()


def fold(text: str) -> str:
    """``text`` in simplified and half-width characters, as long as it was.

    Sentences end with a line; other punctuation, symbols and the pinyin that mirrors insert are blanks.
    """
    return _PINYIN_NOTE.sub(lambda note: " " * len(note[0]), text).translate(_FOLDING)


class Place(NamedTuple):
    """Where a ``letter`` stands in a text; a figure is one letter, ``#``."""

    start: int
    end: int
    letter: str


def letters(folded: str) -> str:
    """What is compared of ``folded``: letters, with ``#`` for figures, and the ends of its sentences."""
    masked = _FIGURE.sub(FIGURE, folded)
    return masked.replace(" ", "").replace(".", "").replace(",", "")


def places(folded: str, start: int, end: int) -> Iterator[Place]:
    """The :func:`letters` between ``start`` and ``end`` with their places."""
    for found in _LETTER.finditer(folded, start, end):
        yield Place(found.start(), found.end(), FIGURE if found[1] else found[0])


def plain(text: str) -> str:
    """The letters of a text without the ends of its sentences."""
    return letters(fold(text)).replace("\n", "")
