"""What the form demands in these words, and what else ``demanded.toml`` settles."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from typing import Any

from analysis.checks.reuse.characters import FIGURE, plain

_ANY = "…"
_NUMBER = re.compile(r"^(?:第?#+(?:部分|章|节)?)+")
_BEFORE_HEADINGS = (FIGURE, "第")
# No heading is longer.
_LONGEST_HEADING = 60

Words = tuple[str, ...]
"""The words of a wording that stand between its ``…``, in their order."""


class DemandedFault(Exception):  # noqa: N818 - it is a fault of the file
    """The file of demanded wordings says what nobody can act on."""


@dataclass(frozen=True)
class Demanded:
    """Wordings that are nobody's own prose, and from which lengths on texts are judged.

    ``passage``, ``prose`` and ``longest`` are numbers of letters: the shortest passage that counts, the
    least prose of its own that a report must have, and the longest sentence that may be left out.
    """

    headings: frozenset[str]
    open_headings: tuple[Words, ...]
    sentences: tuple[Words, ...]
    phrases: tuple[str, ...]
    passage: int
    prose: int
    longest: int
    digest: str

    def asks_for(self, sentence: str) -> bool:
        """Whether ``sentence``, in plain letters, is a heading or a statement that the form asks for."""
        if len(sentence) > self.longest:
            return False
        if len(sentence) <= _LONGEST_HEADING:
            numbered = sentence.startswith(_BEFORE_HEADINGS)
            heading = _NUMBER.sub("", sentence) if numbered else sentence
            if heading in self.headings or self._is_open_heading(heading):
                return True
        if not self.first_words.search(sentence):
            return False
        return any(_has(sentence, words) for words in self.sentences)

    def _is_open_heading(self, heading: str) -> bool:
        if not heading.endswith(self.last_words):
            return False
        return any(heading.startswith(words[0]) and _has(heading, words) for words in self.open_headings)

    @cached_property
    def last_words(self) -> tuple[str, ...]:
        """What open headings end with: few lines do."""
        return tuple({words[-1] for words in self.open_headings})

    @cached_property
    def first_words(self) -> re.Pattern[str]:
        """Finds what a demanded sentence begins with: most sentences have nothing of the kind."""
        return re.compile("|".join(sorted({re.escape(words[0]) for words in self.sentences})) or "(?!)")


def _has(sentence: str, words: Words) -> bool:
    at = 0
    for word in words:
        at = sentence.find(word, at)
        if at < 0:
            return False
        at += len(word)
    return True


@cache
def demanded() -> Demanded:
    """The wordings that ship with nianbao."""
    return read_demanded((files(__package__) / "demanded.toml").read_text(encoding="utf-8"))


def read_demanded(text: str) -> Demanded:
    """The wordings in a TOML text. Raises :class:`DemandedFault`."""
    entries = tomllib.loads(text)
    unknown = sorted(set(entries) - {"measure", "heading", "sentence", "phrase"})
    if unknown:
        raise DemandedFault(f"“{unknown[0]}” is no table; there are measure heading sentence phrase")
    headings = list(_wordings(entries, "heading"))
    measure: Mapping[str, int] = entries["measure"]
    return Demanded(
        headings=frozenset(plain(words) for words in headings if _ANY not in words),
        open_headings=tuple(tuple(map(plain, words.split(_ANY))) for words in headings if _ANY in words),
        sentences=tuple(tuple(map(plain, words.split(_ANY))) for words in _wordings(entries, "sentence")),
        phrases=tuple(sorted(map(plain, _wordings(entries, "phrase")), key=len, reverse=True)),
        passage=measure["passage"],
        prose=measure["prose"],
        longest=measure["sentence"],
        digest=sha256(text.encode()).hexdigest()[:16],
    )


def _wordings(entries: Mapping[str, Any], table: str) -> Iterable[str]:
    for entry in entries.get(table, ()):
        for words in entry["wording"]:
            if not plain(words):
                raise DemandedFault(f"{table}, {entry.get('says', '')}: “{words}” would fit everything")
            yield words
