"""A part of all hosts: its crawl may write to an archive beside the crawls of the other parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from math import gcd
from typing import Self

_WRITTEN = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)
_TAG = re.compile(r"(\d{1,9})of(\d{1,9})", re.ASCII)


@dataclass(frozen=True)
class Shard:
    """Part ``number`` of ``count``, counted from 1. Raises :class:`ValueError` where there is none."""

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise ValueError(f"{self.number}/{self.count}")

    @classmethod
    def written(cls, text: str) -> Self:
        """The shard that people write as ``3/16``. Raises :class:`ValueError` where it is none."""
        return cls._from(_WRITTEN, text)

    @classmethod
    def tagged(cls, tag: str) -> Self:
        """The shard that names of files call ``3of16``. Raises :class:`ValueError` where it is none."""
        return cls._from(_TAG, tag)

    @classmethod
    def _from(cls, shape: re.Pattern[str], text: str) -> Self:
        found = shape.fullmatch(text)
        if found is None:
            raise ValueError(text)
        return cls(int(found[1]), int(found[2]))

    @property
    def tag(self) -> str:
        """What names of files call it: ``3of16``."""
        return f"{self.number}of{self.count}"

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def holds(self, name: str) -> bool:
        """Whether ``name`` falls into this part.

        The first 14 hexadecimal digits of the SHA-256 of the name in UTF-8 are a number; the remainder of its
        division by ``count``, plus 1, is the number of the name's part.
        """
        number = int(sha256(name.encode()).hexdigest()[:14], 16)
        return number % self.count + 1 == self.number

    def overlaps(self, other: Shard) -> bool:
        """Whether some name may fall into both, as into 1/2 and 3/4 but not into 1/2 and 2/4."""
        common = gcd(self.count, other.count)
        return self.number % common == other.number % common
