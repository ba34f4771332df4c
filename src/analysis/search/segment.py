"""A part of the index: some texts, and in which of them each pair of neighbouring characters stands.

Chinese is written without blanks between words. Every two neighbouring characters are a key instead, and a
word stands where its pairs do. Keys are numbers, so that arrays do the work.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]
    Docs = NDArray[np.int64]

# A key has the first character, the second, and the text that they stand in.
_SECOND, _FIRST = 16, 37
MOST_TEXTS = 1 << _SECOND


@dataclass(frozen=True)
class Segment:
    """Texts numbered from 0; ``pairs`` are those that occur, ``starts`` where the texts of each begin.

    ``ends`` is where each text ends in ``texts``.
    """

    pairs: Numbers
    starts: Numbers
    found: NDArray[np.uint16]
    ends: Sequence[int]
    texts: mmap.mmap

    def __len__(self) -> int:
        return len(self.ends)

    def text(self, number: int) -> str:
        """A text as it was given."""
        begin = self.ends[number - 1] if number else 0
        return self.texts[begin : self.ends[number]].decode("utf-8", "replace")

    def with_pairs_of(self, word: str) -> Docs:
        """The texts that have all pairs of ``word``, in order: all that contain it, and perhaps others."""
        import numpy as np

        if len(word) == 1:
            return self._with_pair(ord(word) << _FIRST - _SECOND, (ord(word) + 1) << _FIRST - _SECOND)
        pairs = {_pair(first, second) for first, second in pairwise(word)}
        found: Docs | None = None
        for pair in sorted(pairs):
            having = self._with_pair(pair, pair + 1)
            found = having if found is None else np.intersect1d(found, having, assume_unique=True)
            if not len(found):
                break
        return np.empty(0, np.int64) if found is None else found

    def _with_pair(self, low: int, high: int) -> Docs:
        """The texts that have a pair from ``low`` to below ``high``."""
        import numpy as np

        first, last = np.searchsorted(self.pairs, np.array([low, high], np.uint64))
        having = self.found[int(self.starts[first]) : int(self.starts[last])].astype(np.int64)
        return having if last - first == 1 else np.unique(having)


def _pair(first: str, second: str) -> int:
    return (ord(first) << _FIRST - _SECOND) | ord(second)


def write_segment(folder: Path, texts: Sequence[str]) -> Segment:
    """Writes the index of ``texts`` into files in ``folder``, and opens it. At most ``MOST_TEXTS``."""
    import numpy as np

    # A line end behind every text makes its last character the first of a pair too.
    folded = [f"{fold(text)}\n" for text in texts]
    characters = np.frombuffer("".join(folded).encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
    numbers = np.repeat(np.arange(len(folded), dtype=np.uint64), [len(text) for text in folded])
    keys = (characters[:-1] << np.uint64(_FIRST)) | (characters[1:] << np.uint64(_SECOND)) | numbers[:-1]
    keys.sort()
    keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys
    pairs = keys >> np.uint64(_SECOND)
    starts = np.flatnonzero(np.concatenate(([True], pairs[1:] != pairs[:-1]))) if len(pairs) else pairs
    encoded = [text.encode("utf-8", "replace") for text in texts]
    (folder / "texts").write_bytes(b"".join(encoded) or b"\n")
    parts = {
        "pairs": pairs[starts],
        "starts": np.append(starts, len(pairs)).astype(np.uint64),
        "found": (keys & np.uint64(MOST_TEXTS - 1)).astype(np.uint16),
    }
    for name, part in parts.items():
        np.save(folder / f"{name}.npy", part)
    opened = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in parts}
    with (folder / "texts").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    ends = np.cumsum([len(text) for text in encoded]).tolist()
    return Segment(opened["pairs"], opened["starts"], opened["found"], ends, mapped)


def fold(text: str) -> str:
    """A text without what makes no difference: capital letters."""
    return text.lower()
