"""What of one text stands in another: its share exactly, and passage by passage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from analysis.checks.reuse.demanded import demanded
from analysis.checks.reuse.prose import Prose

# Of a beginning that the other text has many times, so many places are tried for the longest passage.
_MOST_PLACES = 50


@dataclass(frozen=True)
class Passage:
    """Text that stands in both reports, the same but for figures, punctuation and script.

    ``text[start:end]`` of the report says what ``text[other_start:other_end]`` of the other says; ``letters``
    is how many characters it has without punctuation. Where ``figures_differ`` it is the same but for
    figures.
    """

    letters: int
    start: int
    end: int
    other_start: int
    other_end: int
    text: str
    other_text: str
    figures_differ: bool


def windows(letters: str, length: int) -> frozenset[str]:
    """All that stands in ``length`` letters one after the other."""
    return frozenset([letters[at : at + length] for at in range(len(letters) - length + 1)])


def runs(letters: str, other: frozenset[str], length: int) -> list[tuple[int, int]]:
    """Where ``letters`` are covered by windows of ``length`` that the ``other`` text has too."""
    common = [at for at in range(len(letters) - length + 1) if letters[at : at + length] in other]
    found: list[tuple[int, int]] = []
    for at in common:
        if found and at <= found[-1][1]:
            found[-1] = (found[-1][0], at + length)
        else:
            found.append((at, at + length))
    return found


def covered(spans: Iterable[tuple[int, int]]) -> int:
    """How many letters there are in the spans."""
    return sum(end - begin for begin, end in spans)


def share(own: Prose, other: Prose) -> float:
    """How much of the ``own`` prose stands in the ``other``, in percent.

    It never falls when text is added behind the other's, is 100 for texts of the same letters, and 0 where
    no passage of the least length is common.
    """
    if not own.letters:
        return 0.0
    length = demanded().passage
    common = runs(own.letters, windows(other.letters, length), length)
    return 100 * covered(common) / len(own.letters)


def passages(own: Prose, other: Prose) -> list[Passage]:
    """The passages of the ``own`` prose that stand in the ``other``, the longest first.

    Together they are the share: no letter is in two of them.
    """
    known = windows(other.letters, demanded().passage)
    common = runs(own.letters, known, demanded().passage)
    return [_passage(own, other, match) for match in matches(own.letters, other.letters, common, known)]


class Match(NamedTuple):
    """So many ``letters`` from ``at`` on are those from ``there`` on in the other text."""

    at: int
    there: int
    letters: int


def matches(
    letters: str, other: str, common: Iterable[tuple[int, int]], known: frozenset[str]
) -> list[Match]:
    """The ``common`` runs taken apart into what stands in one piece in the other text, the longest first."""
    found = [match for begin, end in common for match in _within(letters, other, begin, end, known)]
    return sorted(found, key=lambda match: (-match.letters, match.at))


def _within(letters: str, other: str, begin: int, end: int, known: frozenset[str]) -> Iterator[Match]:
    at = begin
    while at < end:
        first = _window_at(letters, at, known)
        place, size = _longest(letters, first, other)
        yield Match(at, place + at - first, first + size - at)
        at = first + size


def _window_at(letters: str, at: int, known: frozenset[str]) -> int:
    """Where the last common window that has the letter ``at``, and begins no later, begins."""
    length = demanded().passage
    return next(first for first in range(at, -1, -1) if letters[first : first + length] in known)


def _longest(letters: str, first: int, other: str) -> tuple[int, int]:
    """Where in ``other`` the most letters from ``first`` on stand, and how many: the earliest place."""
    window = letters[first : first + demanded().passage]
    best, place = (-1, 0), -1
    for _ in range(_MOST_PLACES):
        place = other.find(window, place + 1)
        if place < 0:
            break
        size = len(window) + _alike(letters, first + len(window), other, place + len(window))
        if size > best[1]:
            best = (place, size)
    return best


def _alike(letters: str, at: int, other: str, there: int) -> int:
    """How many letters from ``at`` on are the same as those from ``there`` on."""
    size, step = 0, 1
    while step:
        mine = letters[at + size : at + size + step]
        if len(mine) == step and other.startswith(mine, there + size):
            size, step = size + step, 2 * step
        else:
            step //= 2
    return size


def _passage(own: Prose, other: Prose, match: Match) -> Passage:
    here, there = (match.at, match.at + match.letters), (match.there, match.there + match.letters)
    start, end = own.span(*here)
    other_start, other_end = other.span(*there)
    return Passage(
        letters=match.letters,
        start=start,
        end=end,
        other_start=other_start,
        other_end=other_end,
        text=own.text[start:end],
        other_text=other.text[other_start:other_end],
        figures_differ=own.figures(*here) != other.figures(*there),
    )
