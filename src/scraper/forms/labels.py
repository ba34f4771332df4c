"""Labels compared by what they say: numbering, punctuation, blanks and scripts make no difference."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Generic, TypeVar

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from scraper.documents.characters import fold

_NUMBERING = re.compile(
    r"^\s*(?:[（(〔\[【]?\s*[一二三四五六七八九十]{1,3}\s*[)）〕\]】、.,:]"
    r"|[（(〔\[【]?\s*\d{1,2}\s*(?:[)）〕\]】、,]|\.(?!\d))|其中\s*:?)\s*"
)
# Forms write YYYY where a label names the year of the report.
_YEAR = re.compile(r"(?:19|20)\d{2}(?=\s*年)")
_NOT_WORD = re.compile(r"[\W_]+")
_HAN = re.compile(r"[㐀-鿿]")

# Below this length a one-character slip turns one label into another (结果维持, 结果纠正).
_SHORTEST_WITH_TYPO = 5

# No form's label comes near this length.
_LONGEST = 120

Place = TypeVar("Place")


@lru_cache(maxsize=65536)
def label_keys(text: str) -> tuple[str, str]:
    """What ``text`` says, with its numbering and without it."""
    folded = _YEAR.sub("YYYY", _word_for_word(fold(text)))
    return _NOT_WORD.sub("", folded), _NOT_WORD.sub("", _NUMBERING.sub("", folded))


def _word_for_word(text: str) -> str:
    for other, word in _words().items():
        if other in text:
            text = text.replace(other, word)
    return text


@cache
def _words() -> dict[str, str]:
    table = tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))
    words: dict[str, str] = table["words"]
    return words


def has_han(text: str) -> bool:
    """Whether ``text`` has a Chinese character, as every label does and no figure."""
    return _HAN.search(text) is not None


class Vocabulary(Generic[Place]):
    """Labels and the places of a form that they stand for."""

    def __init__(self, entries: Iterable[tuple[str, Place]]) -> None:
        self._whole: dict[str, list[Place]] = {}
        self._bare: dict[str, list[Place]] = {}
        for text, place in entries:
            whole, bare = label_keys(text)
            for index, key in ((self._whole, whole), (self._bare, bare)):
                places = index.setdefault(key, [])
                if place not in places:
                    places.append(place)
        self._long = [key for key in self._bare if len(key) >= _SHORTEST_WITH_TYPO]

    def find(self, text: str) -> list[Place]:
        """The places whose label ``text`` is: to the letter, without numbering, or with one typo.

        A typo is forgiven only where all labels within one character stand for the same.
        """
        whole, bare = label_keys(text)
        if not bare:
            return []
        return self._whole.get(whole) or self._bare.get(bare) or self._with_typo(bare)

    def _with_typo(self, bare: str) -> list[Place]:
        if not _SHORTEST_WITH_TYPO <= len(bare) <= _LONGEST:
            return []
        near = process.extract(bare, self._long, scorer=Levenshtein.distance, score_cutoff=1, limit=None)
        meant = [self._bare[key] for key, _, _ in near]
        return meant[0] if meant and all(places == meant[0] for places in meant) else []
