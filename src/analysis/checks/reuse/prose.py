"""A report's own prose: what it says beyond what the form demands."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from analysis.checks.reuse.characters import FIGURE, Place, fold, letters, places
from analysis.checks.reuse.demanded import Demanded, demanded


@dataclass(frozen=True)
class Prose:
    """The own prose of ``text``: ``letters``, as they are compared; a figure is one letter, ``#``.

    ``sentences`` are the numbers of those that are its own, and ``begins`` which of the letters each of them
    begins with. ``wordings`` is what was left out of them.
    """

    text: str
    letters: str
    sentences: tuple[int, ...]
    begins: tuple[int, ...]
    wordings: Demanded

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Where the letters from ``begin`` to ``end`` stand in the text."""
        return self._place(begin).start, self._place(end - 1).end

    def figures(self, begin: int, end: int) -> list[str]:
        """The figures among the letters from ``begin`` to ``end``, in half-width characters."""
        among = (self._place(at) for at in range(begin, end) if self.letters[at] == FIGURE)
        return [self._folded[place.start : place.end] for place in among]

    def _place(self, letter: int) -> Place:
        number = bisect_right(self.begins, letter) - 1
        return self._places_in(number)[letter - self.begins[number]]

    def _places_in(self, number: int) -> list[Place]:
        """Where the letters of one of its sentences stand; worked out where passages are shown."""
        if number not in self._known:
            line = self.sentences[number]
            found = list(places(self._folded, self._lines[line], self._lines[line + 1] - 1))
            for phrase in self.wordings.phrases:
                _remove(found, phrase)
            self._known[number] = found
        return self._known[number]

    @cached_property
    def _known(self) -> dict[int, list[Place]]:
        return {}

    @cached_property
    def _folded(self) -> str:
        return fold(self.text)

    @cached_property
    def _lines(self) -> list[int]:
        """Where each sentence begins in the text."""
        return list(accumulate((len(line) + 1 for line in self._folded.split("\n")), initial=0))


def own_prose(text: str, wordings: Demanded | None = None) -> Prose:
    """The own prose in ``text``, paragraphs one a line, without what ``wordings`` leave out.

    They are by default those that ship with nianbao.
    """
    wordings = wordings or demanded()
    sentences = letters(fold(text)).split("\n")
    own = [number for number, said in enumerate(sentences) if said and not wordings.asks_for(said)]
    kept = "\n".join([sentences[number] for number in own])
    for phrase in wordings.phrases:
        kept = kept.replace(phrase, "")
    parts = kept.split("\n") if own else []
    begins = tuple(accumulate(map(len, parts), initial=0))[:-1]
    return Prose(text, "".join(parts), tuple(own), begins, wordings)


def _remove(found: list[Place], phrase: str) -> None:
    said = "".join([place.letter for place in found])
    at = said.find(phrase)
    while at >= 0:
        del found[at : at + len(phrase)]
        said = said[:at] + said[at + len(phrase) :]
        at = said.find(phrase, at)
