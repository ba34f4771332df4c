"""A text's sketch: what tells texts that have much in common without comparing them.

A MinHash signature of its windows, those that begin with one letter in four. Two texts have the same value in
a slot with the probability that a window of either is one of both; two neighbouring slots are a band, the key
under which candidates meet.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
from rensa import RMinHash

from analysis.checks.reuse.characters import codes_of
from analysis.checks.reuse.demanded import Demanded

BANDS = 128
_SLOTS = 2 * BANDS
_SEED = 711
_BEYOND = 0x10000
# Sketches, and what own prose is, are made anew when this rises.
_VERSION = 1


def version(wordings: Demanded) -> str:
    """Changes whenever the same text may get another sketch, or other own prose."""
    return f"{_VERSION} {RMinHash.ALGORITHM_VERSION} {wordings.digest}"


def sketches(texts: Sequence[str], wordings: Demanded) -> list[list[int]]:
    """The bands of each of the ``texts``, which are letters; none where a text is too short to be judged."""
    length = wordings.passage
    judged = [text for text in texts if len(text) >= max(length, wordings.prose)]
    sampled = [_sample(text, length) for text in judged]
    matrix = RMinHash.digest_matrix_from_token_sets(sampled, num_perm=_SLOTS, seed=_SEED)
    rows = iter(matrix.to_rows() if judged else ())
    return [_bands(next(rows)) if len(text) >= max(length, wordings.prose) else [] for text in texts]


def _sample(text: str, length: int) -> list[str]:
    """The windows that begin with every fourth kind of letter: the same wherever two texts agree."""
    begins = codes_of(text)[: len(text) - length + 1]
    sampled = np.flatnonzero((begins % 4 == 0) & (begins < _BEYOND))
    return [text[at : at + length] for at in sampled.tolist()]


def _bands(slots: Sequence[int]) -> list[int]:
    return list(array("Q", array("I", slots).tobytes()))
