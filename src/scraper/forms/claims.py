"""Figures that the prose of a report states, each tied to the metric that it means."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from scraper.forms.claim_wordings import Language, Wording, language, wordings_of
from scraper.forms.prose import Clause, Prose, prose

_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_IN_WORDS = re.compile(
    r"(?:(?P<thousands>[一二两三四五六七八九])千)?零?(?:(?P<hundreds>[一二两三四五六七八九])百)?零?"
    r"(?:(?P<tens>[一二三四五六七八九]?)(?P<ten>十))?零?(?P<ones>[〇零一二两三四五六七八九])?"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure of the prose that states ``metric``.

    ``value`` is in the metric's unit. ``start`` and ``end`` are the figure's place within ``sentence``,
    which stands there as printed; where words say that there was nothing (未收到申请) the value is 0 and
    the place is theirs. ``approximate`` figures say so (余, 近, 超). ``scope`` is "own" where the sentence
    speaks of the office's own figure, "whole" where it speaks of the whole county, else None.
    """

    metric: str
    value: Decimal
    sentence: str
    start: int
    end: int
    approximate: bool
    scope: str | None


def find_claims(
    paragraphs: Iterable[str], year: int | None = None, publisher: str | None = None
) -> list[Claim]:
    """The claims of ``paragraphs`` in reading order; what is in doubt is left out.

    Where the report's ``year`` is known, figures of other years are told from its own; where its
    ``publisher`` is, the publisher's figures from those of other bodies.
    """
    reader = _Reader(year, publisher or "")
    return [claim for paragraph in paragraphs for claim in reader.read(paragraph)]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A claim whose sentence has not been read to its end; ``start`` and ``end`` are in the folded text."""

    metric: str
    value: Decimal
    start: int
    end: int
    approximate: bool
    scope: str | None
    year: int | None


@dataclass(slots=True)
class _Speech:
    """What a sentence speaks of at the point reached: subject, time and scope.

    ``year`` is the year last named; ``elsewhen`` tells that another time than the report's was named.
    """

    subject: str = ""
    year: int | None = None
    elsewhen: bool = False
    scope: str | None = None


class _Reader:
    """Reads paragraphs one after another; a heading names the topic of what follows it."""

    def __init__(self, year: int | None, publisher: str) -> None:
        self._year = year
        self._publisher = publisher
        self._language = language()
        self._topic = ""
        self._speech = _Speech()

    def read(self, paragraph: str) -> Iterator[Claim]:
        """The claims of the next paragraph."""
        text = prose(paragraph)
        self._speech = _Speech()
        places = self._places(text.text)
        if not places:
            self._hear_heading(text.text)
            return
        for start, end in text.sentences():
            sentence = text.text[start:end]
            if not self._language.goes_on.match(sentence):
                self._speech = _Speech()
            last = bisect_left(places, end) - 1
            if last >= 0 and places[last] >= start:
                yield from self._settled(self._sentence(text, start, end, places[last]), text, start, end)
            else:
                self._hear_heading(sentence)

    def _places(self, text: str) -> list[int]:
        """Where something may be claimed: at figures, and at the ends of words that there was nothing."""
        known = self._language
        figures = [found.start() for found in known.figure.finditer(text)]
        noughts = [found.end() - 1 for found in known.may_be_nought.finditer(text)]
        return sorted(figures + noughts) if noughts else figures

    def _hear_heading(self, text: str) -> None:
        if len(text) <= self._language.longest_heading:
            self._topic = self._subject_in(text) or ""

    def _subject_in(self, text: str) -> str | None:
        """What ``text`` speaks of at its end; an empty text where it is no matter of ours."""
        named = [found.lastgroup for found in self._language.subjects.finditer(text)]
        return self._language.subject_names[str(named[-1])] if named else None

    def _sentence(self, text: Prose, start: int, end: int, last: int) -> Iterator[_Draft]:
        """What the sentence from ``start`` to ``end`` may claim, the last of it at ``last``."""
        outside: list[str] = []
        for clause in text.clauses(start, end):
            if clause.start > last:
                break
            # A remark in brackets doesn't change what the sentence speaks of.
            while len(outside) < clause.depth:
                outside.append(self._speech.subject)
            while len(outside) > clause.depth:
                self._speech.subject = outside.pop()
            damaged = text.is_damaged(clause.start, clause.end)
            drafts = self._clause(text.text, clause, text.text[start:end])
            yield from () if damaged else drafts

    def _clause(self, text: str, clause: Clause, sentence: str) -> list[_Draft]:
        figures = list(self._language.figure.finditer(text, clause.start, clause.end))
        drafts = self._noughts(text, clause)
        if not figures:
            self._go_on(text[clause.start : clause.end])
            subject = self._subject_in(text[clause.start : clause.end])
            self._speech.subject = self._speech.subject if subject is None else subject
            return drafts
        ends = [figure.start() for figure in figures[1:]] + [clause.end]
        begun = clause.start
        for figure, end in zip(figures, ends, strict=True):
            before, after = text[begun : figure.start()], text[figure.end() : end]
            self._go_on(before)
            draft = self._figure(figure, before, after, text[clause.start : figure.start()], sentence)
            drafts += [draft] if draft else []
            begun = figure.end()
        return drafts

    def _go_on(self, text: str) -> None:
        """Hears of which time and whose figures ``text`` speaks."""
        speech, voids = self._speech, self._language.voids
        if not self._language.time_or_scope.search(text) or voids.clause.search(text):
            return
        for named in voids.year.finditer(text):
            speech.year = int(named["year"])
            speech.elsewhen = self._year is not None and speech.year != self._year
        if voids.other_time.search(text):
            speech.elsewhen = True
        elif voids.this_time.search(text):
            speech.elsewhen = False
        if self._language.own.search(text):
            speech.scope = "own"
        elif self._language.whole.search(text):
            speech.scope = "whole"

    def _figure(
        self, figure: re.Match[str], before: str, after: str, clause: str, sentence: str
    ) -> _Draft | None:
        """What ``figure`` states; it also moves what the sentence speaks of."""
        speech = self._speech
        if self._language.voids.clause.search(clause):
            return None
        if self._is_anothers(clause):
            speech.subject = ""
            return None
        about = self._language.about.search(before)
        found = self._wording(figure["unit"], before[: about.start()] if about else before, after, sentence)
        if found is None:
            if figure["unit"] in self._language.turning:
                speech.subject = ""
            return None
        wording, fit = found
        metric = wording.metric(speech.subject, self._year)
        if wording.subject is not None:
            speech.subject = wording.subject
        value = _value(figure, wording, self._language)
        if metric is None or value is None or not self._is_timely(wording, fit):
            return None
        return _Draft(
            metric=metric,
            value=value,
            start=figure.start("number"),
            end=figure.end("scale") if figure["scale"] else figure.end("number"),
            approximate=bool(about or figure["more"] or figure["some"]),
            scope=speech.scope,
            year=None if wording.past else speech.year,
        )

    def _wording(
        self, unit: str, before: str, after: str, sentence: str
    ) -> tuple[Wording, re.Match[str]] | None:
        for wording, is_under in wordings_of(unit, self._speech.subject, self._topic):
            fit = wording.fit(before, after)
            if fit is None or not wording.suits(sentence):
                continue
            if is_under or (wording.or_needs and wording.or_needs.search(sentence)):
                return wording, fit
        return None

    def _is_timely(self, wording: Wording, fit: re.Match[str]) -> bool:
        """Whether the figure is of the report's year, and what it is carried from or to beside it."""
        named = fit.groupdict()
        if self._year is not None:
            if named.get("from") and int(named["from"]) != self._year - 1:
                return False
            if named.get("to") and int(named["to"]) != self._year + 1:
                return False
        return wording.past or not self._speech.elsewhen

    def _is_anothers(self, clause: str) -> bool:
        """Whether the clause speaks of what another body did."""
        found = self._language.bodies.search(clause)
        if found is None or self._language.all_of_them.search(clause):
            return False
        return self._language.before_bodies.sub("", found["body"]) not in self._publisher

    def _noughts(self, text: str, clause: Clause) -> list[_Draft]:
        said = text[clause.start : clause.end]
        known = self._language
        if not known.may_be_nought.search(said) or known.voids.nought.search(said):
            return []
        self._go_on(said)
        if self._speech.elsewhen or self._is_anothers(said):
            return []
        return [
            _Draft(metric, Decimal(0), start, end, False, self._speech.scope, self._speech.year)
            for nought in known.noughts
            for found in nought.pattern.finditer(text, clause.start, clause.end)
            for start, end in [found.span()]
            for metric in nought.metrics
        ]

    def _settled(self, drafts: Iterable[_Draft], text: Prose, start: int, end: int) -> Iterator[Claim]:
        """The claims of a sentence, without those that something said later in it puts in doubt."""
        found = list(drafts)
        so_far = self._language.voids.so_far.search(text.text, start, end)
        if so_far:
            found = [draft for draft in found if draft.start > so_far.start()]
        if self._year is None:
            newest = max((draft.year for draft in found if draft.year), default=None)
            found = [draft for draft in found if draft.year in (None, newest)]
        said: set[tuple[str, str | None]] = set()
        first, last = text.in_print(start, end)
        for draft in found:
            if (draft.metric, draft.scope) in said:
                continue
            said.add((draft.metric, draft.scope))
            begun, ended = text.in_print(draft.start, draft.end)
            yield Claim(
                metric=draft.metric,
                value=draft.value,
                sentence=text.printed[first:last],
                start=begun - first,
                end=ended - first,
                approximate=draft.approximate,
                scope=draft.scope,
            )


def _value(figure: re.Match[str], wording: Wording, known: Language) -> Decimal | None:
    """The figure in the metric's unit; None where it is no number, or half a thing."""
    number = _number(figure["number"])
    if number is None:
        return None
    value = number * known.scale.get(figure["scale"] or "", 1)
    unit = figure["unit"]
    if unit in known.money:
        value = value * known.money[unit] / wording.worth
    whole = value == value.to_integral_value()
    if not whole:
        return value if unit in known.fractional else None
    return Decimal(int(value))


@cache
def _number(written: str) -> Decimal | None:
    """The number that digits or Chinese numerals write."""
    if written[0].isdigit() and written.isascii():
        return Decimal(written.replace(",", ""))
    if all(character in _DIGITS for character in written) and len(written) > 1:
        return None
    found = _IN_WORDS.fullmatch(written)
    if found is None:
        return None
    total = 0
    for name, rank in (("thousands", 1000), ("hundreds", 100), ("tens", 10), ("ones", 1)):
        total += _DIGITS.get(found[name] or "", 0) * rank
    return Decimal(total + 10 if found["ten"] and not found["tens"] else total)
