"""What is worked out of texts and of pairs of them, apart from any database: in whichever process."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from analysis.checks.reuse.demanded import demanded
from analysis.checks.reuse.passages import covered, matches, runs, windows
from analysis.checks.reuse.prose import Prose, own_prose
from analysis.checks.reuse.sketch import sketches
from analysis.checks.reuse.windows import Windows

# Texts that are kept for the next pairs.
_KEPT = 256
# From this share on, in percent, the longest passage is told.
_WORTH_SHOWING = 10


class Text(NamedTuple):
    """A report's paragraphs, one a line; ``print`` tells them from others."""

    report_id: str
    print: str
    text: str


class Read(NamedTuple):
    """What a text is: how long its own prose, the bands of its sketch, and the prose, packed."""

    report_id: str
    print: str
    letters: int
    bands: list[int]
    prose: bytes


class Kept(NamedTuple):
    """Where a packed prose is in a file, in bytes."""

    begins_at: int
    size: int


class Comparisons(NamedTuple):
    """Pairs, the report and the other one, whose packed proses are in ``file``."""

    file: Path
    pairs: Sequence[tuple[Kept, Kept]]


class Shared(NamedTuple):
    """How much of a prose stands in another's: in percent, in letters, and the longest passage of it."""

    share: float
    letters: int
    longest: int
    passage: str


def read_texts(texts: Sequence[Text]) -> list[Read]:
    """Finds what is own prose, and sketches it."""
    proses = [own_prose(one.text) for one in texts]
    bands = sketches([prose.letters for prose in proses], demanded())
    return [
        Read(one.report_id, one.print, len(prose.letters), keys, _packed(prose))
        for one, prose, keys in zip(texts, proses, bands, strict=True)
    ]


def compare(comparisons: Comparisons) -> list[Shared]:
    """Compares every pair letter by letter."""
    with comparisons.file.open("rb") as file:

        @lru_cache(_KEPT)
        def kept(place: Kept) -> tuple[Prose, Windows]:
            file.seek(place.begins_at)
            prose = _unpacked(file.read(place.size))
            return prose, windows(prose)

        return list(_compared((kept(own), kept(other)) for own, other in comparisons.pairs))


def _compared(
    pairs: Iterable[tuple[tuple[Prose, Windows], tuple[Prose, Windows]]],
) -> Iterator[Shared]:
    for (own, windows_of_own), (other, windows_of_other) in pairs:
        common = windows_of_own.common(windows_of_other)
        letters = covered(runs(common, own.wordings.passage))
        share = 100 * letters / len(own.letters)
        longest, passage = 0, ""
        if share >= _WORTH_SHOWING:
            match = matches(own, other, common)[0]
            start, end = own.span(match.at, match.at + match.letters)
            longest, passage = match.letters, own.text[start:end]
        yield Shared(share, letters, longest, passage)


def _packed(prose: Prose) -> bytes:
    return pickle.dumps((prose.text, prose.letters, prose.sentences, prose.begins))


def _unpacked(packed: bytes) -> Prose:
    text, letters, sentences, begins = pickle.loads(packed)  # noqa: S301 - made by this program
    return Prose(text, letters, sentences, begins, demanded())
