"""What of one text stands in another: its share exactly, and passage by passage."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis.checks.reuse.prose import Prose
from analysis.checks.reuse.windows import Positions, Windows

Span = tuple[int, int]
"""From which letter to which."""

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


def windows(prose: Prose) -> Windows:
    """What of ``prose`` may be part of a passage: its windows of the least length of one."""
    return Windows(prose.letters, prose.wordings.passage)


def runs(common: Positions, length: int) -> list[Span]:
    """What the ``common`` windows of ``length`` cover."""
    if not len(common):
        return []
    gaps = np.flatnonzero(np.diff(common) > length)
    begins = common[np.concatenate(([0], gaps + 1))]
    ends = common[np.concatenate((gaps, [len(common) - 1]))] + length
    return list(zip(begins.tolist(), ends.tolist(), strict=True))


def covered(spans: Iterable[Span]) -> int:
    """How many letters there are in the spans."""
    return sum(end - begin for begin, end in spans)


def share(own: Prose, other: Prose) -> float:
    """How much of the ``own`` prose stands in the ``other``, in percent.

    It never falls when text is added behind the other's, is 100 for texts of the same letters, and 0 where
    no passage of the least length is common.
    """
    if not own.letters:
        return 0.0
    common = windows(own).common(windows(other))
    return 100 * covered(runs(common, own.wordings.passage)) / len(own.letters)


def passages(own: Prose, other: Prose) -> list[Passage]:
    """The passages of the ``own`` prose that stand in the ``other``, the longest first.

    Together they are the share: no letter is in two of them.
    """
    common = windows(own).common(windows(other))
    return [_passage(own, other, match) for match in matches(own, other, common)]


class Match(NamedTuple):
    """So many ``letters`` from ``at`` on are those from ``there`` on in the other text."""

    at: int
    there: int
    letters: int


def matches(own: Prose, other: Prose, common: Positions) -> list[Match]:
    """What the ``common`` windows cover, taken apart into what stands in one piece in the other text.

    The longest comes first.
    """
    length = own.wordings.passage
    starts = common.tolist()
    found = [
        match
        for begin, end in runs(common, length)
        for match in _within(own.letters, other.letters, begin, end, starts, length)
    ]
    return sorted(found, key=lambda match: (-match.letters, match.at))


def _within(
    letters: str, other: str, begin: int, end: int, starts: Sequence[int], length: int
) -> Iterator[Match]:
    at = begin
    while at < end:
        # The last common window that has this letter, and begins no later.
        first = starts[bisect_right(starts, at) - 1]
        place, size = _longest(letters, first, other, length)
        yield Match(at, place + at - first, first + size - at)
        at = first + size


def _longest(letters: str, first: int, other: str, length: int) -> tuple[int, int]:
    """Where in ``other`` the most letters from ``first`` on stand, and how many: the earliest place."""
    window = letters[first : first + length]
    best, place = (-1, 0), -1
    for _ in range(_MOST_PLACES):
        place = other.find(window, place + 1)
        if place < 0:
            break
        size = length + _alike(letters, first + length, other, place + length)
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
