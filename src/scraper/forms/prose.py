"""Prose as it is read: folded, cut into sentences and clauses, with its figures and their places in print."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from scraper.documents.characters import INSERTED, damaged_runs, fold

_TITLE = re.compile(r"《[^《》]*》")
_SENTENCE_END = re.compile(r"[。!?\n]+")
# A comma between figures may separate thousands, a colon there hours and minutes.
_SEPARATOR = re.compile(r"(?<!\d),|,(?!\d{3}(?!\d))|(?<!\d):|:(?!\d)|[;()、…|]")
# What is not read: what mirrors insert, and blanks except between digits.
_UNREAD = re.compile(rf"{INSERTED.pattern}|(?<!\d)[^\S\n]+|[^\S\n]+(?!\d)")
_BLANK = re.compile(r"[^\S\n]")
# Characters that fold to several, or ringed and raised numbers that would fold to digits of a figure.
_KEPT = re.compile(
    r"[\u00b2\u00b3\u00b9\u00bc-\u00be\u2026\u2070-\u209f\u2100-\u218f\u2460-\u24ff\u3200-\u33ff]"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a sentence, from ``start`` to ``end`` in the paragraph's folded text.

    ``opened`` is the sign before it; ``depth`` tells how many brackets it stands in.
    """

    start: int
    end: int
    opened: str
    depth: int


@dataclass(frozen=True)
class Prose:
    """One paragraph: ``text`` is what is compared, ``places`` where its characters stand in ``printed``.

    What stands in 《》 is blanked in ``text``: the years and numbers of a document's name count nothing.
    """

    printed: str
    text: str
    places: range | list[int]

    def in_print(self, start: int, end: int) -> tuple[int, int]:
        """The place in print of the folded text from ``start`` to ``end``, without what follows it."""
        return self.places[start], self.places[end - 1] + 1

    def sentences(self) -> Iterator[tuple[int, int]]:
        """Where sentences begin and end, with their full stops, in the folded text."""
        start = 0
        for stop in _SENTENCE_END.finditer(self.text):
            if stop.start() > start:
                yield start, stop.end() if stop.group() != "\n" else stop.start()
            start = stop.end()
        if start < len(self.text):
            yield start, len(self.text)

    def clauses(self, start: int, end: int) -> Iterator[Clause]:
        """The clauses of the sentence from ``start`` to ``end``, without its full stop.

        A pause mark (、) ends a clause only behind a figure: 结果维持1件、纠正1件 are two statements, but
        行政复议、行政诉讼 are one subject.
        """
        opened, depth, begun = "", 0, start
        while end > start and self.text[end - 1] in "。.!?":
            end -= 1
        for mark in _SEPARATOR.finditer(self.text, start, end):
            sign, clause = mark.group(), self.text[begun : mark.start()]
            if sign == "、" and not _HAS_FIGURE.search(clause):
                continue
            if clause:
                yield Clause(begun, mark.start(), opened, depth)
            depth = max(0, depth + {"(": 1, ")": -1}.get(sign, 0))
            opened, begun = sign, mark.end()
        if begun < end:
            yield Clause(begun, end, opened, depth)

    @cached_property
    def damage(self) -> list[tuple[int, int]]:
        """The stretches of ``text`` in and beside which characters were lost.

        A lost byte shifts what follows up to the next full stop or bracket, digits included.
        """
        found: list[tuple[int, int]] = []
        begun = 0
        for run in damaged_runs(self.printed):
            at = self.printed.find(run, begun)
            begun = at + 1
            first = bisect_left(self.places, at)
            last = bisect_left(self.places, at + len(run))
            while last < len(self.text) and self.text[last] not in "。)\n":
                last += 1
            found.append((first, last))
        return found

    def is_damaged(self, start: int, end: int) -> bool:
        """Whether any of the text from ``start`` to ``end`` is not to be trusted."""
        return any(first < end and start < last for first, last in self.damage)


_HAS_FIGURE = re.compile(r"[\d〇零一二两三四五六七八九十百千]")


def prose(paragraph: str) -> Prose:
    """``paragraph`` made ready for reading."""
    text, places = _folded(paragraph)
    return Prose(paragraph, _TITLE.sub(_blanked, text), places)


def _blanked(title: re.Match[str]) -> str:
    return f"《{'□' * (len(title.group()) - 2)}》"


def _folded(paragraph: str) -> tuple[str, range | list[int]]:
    """The folded characters of ``paragraph``, each with its place there."""
    folded = fold(paragraph)
    if len(folded) == len(paragraph) and not _BLANK.search(paragraph) and not _KEPT.search(paragraph):
        return folded, range(len(paragraph))
    read: list[str] = []
    places: list[int] = []
    begun = 0
    for unread in _UNREAD.finditer(paragraph):
        read.append(paragraph[begun : unread.start()])
        places += range(begun, unread.start())
        begun = unread.end()
    read.append(paragraph[begun:])
    places += range(begun, len(paragraph))
    return _one_by_one("".join(read)), places


def _one_by_one(text: str) -> str:
    if not _KEPT.search(text):
        folded = fold(text)
        if len(folded) == len(text):
            return folded
    return "".join(map(_fold_character, text))


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    folded = fold(character)
    numbered = unicodedata.category(character) == "No"
    return folded if len(folded) == 1 and not numbered else character
