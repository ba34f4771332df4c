"""The windows of a text: all that stands in so many letters one after the other, told by their hashes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from analysis.checks.reuse.characters import Codes, codes_of

Positions = NDArray[np.intp]
"""Where windows begin, in letters, in rising order."""

# Odd numbers whose bits look like chance: different windows hardly ever have the same hash.
_SPREADING, _FACTOR = 0xD6E8FEB86659FD93, 0x9E3779B97F4A7C15
_LOW = 2**64 - 1


@dataclass(frozen=True)
class Windows:
    """The windows of ``length`` in ``letters``. Whichever ``factor`` hashes them, the same is found."""

    letters: str
    length: int
    factor: int = _FACTOR

    def common(self, other: Windows) -> Positions:
        """Those that the ``other`` text, of the same length and factor, has too."""
        if not (len(self._sorted) and len(other._sorted)):
            return np.zeros(0, np.intp)
        met = np.searchsorted(other._sorted, self._sorted)
        met[met == len(other._sorted)] = 0
        alike = other._sorted[met] == self._sorted
        there = np.full(len(self._order), -1, np.intp)
        there[self._order[alike]] = other._order[met[alike]]
        mine = np.flatnonzero(there >= 0)
        return mine if self._same(mine, other, there[mine]) else self._compared(other)

    def _same(self, mine: Positions, other: Windows, there: Positions) -> bool:
        """Whether the windows are those of ``other``, letter by letter.

        Where the window before is that before in the other text as well, only the last letter is new.
        """
        last = self.length - 1
        new = np.ones(len(mine), np.bool_)
        new[1:] = (np.diff(mine) != 1) | (np.diff(there) != 1)
        return bool(
            (self._codes[mine + last] == other._codes[there + last]).all()
            and (self._all[mine[new]] == other._all[there[new]]).all()
        )

    def _compared(self, other: Windows) -> Positions:
        """The same without hashes, for texts in which two windows have the same."""
        known, own = other._texts(), self._texts()
        wanted = set(known)
        return np.array([at for at, window in enumerate(own) if window in wanted], np.intp)

    def _texts(self) -> list[str]:
        starts = range(len(self.letters) - self.length + 1)
        return [self.letters[at : at + self.length] for at in starts]

    @cached_property
    def _codes(self) -> Codes:
        return codes_of(self.letters)

    @cached_property
    def _all(self) -> Codes:
        return sliding_window_view(self._codes, self.length)

    @cached_property
    def _order(self) -> Positions:
        return np.argsort(self._hashes)

    @cached_property
    def _sorted(self) -> NDArray[np.uint64]:
        return self._hashes[self._order]

    @cached_property
    def _hashes(self) -> NDArray[np.uint64]:
        """A hash for each window: a polynomial of its letters, put together from doubled pieces."""
        count = len(self.letters) - self.length + 1
        if count <= 0:
            return np.zeros(0, np.uint64)
        piece = (self._codes.astype(np.uint64) + np.uint64(1)) * np.uint64(_SPREADING)
        size, power = 1, self.factor & _LOW
        hashes, done = np.zeros(count, np.uint64), 0
        while done < self.length:
            if self.length & size:
                hashes = hashes * np.uint64(power) + piece[done : done + count]
                done += size
            piece = piece[:-size] * np.uint64(power) + piece[size:] if done < self.length else piece
            size, power = 2 * size, power * power & _LOW
        return hashes
