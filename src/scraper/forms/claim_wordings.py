"""The wordings of ``claims.toml``, compiled."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_NAMED_GROUP = re.compile(r"\(\?P<\w+>")
_REFERENCE = re.compile(r"\{(\w+)\}")

# The form that the reports from this year on follow renamed what the forms before it asked for.
_FIRST_YEAR_OF_THE_2021_FORM = 2021


@dataclass(frozen=True, eq=False)
class Wording:
    """Clauses that say the same of their figure; see the head of ``claims.toml`` for the fields.

    ``around`` holds what stands before and behind the figure, ``before`` all of the former in one pattern.
    """

    metrics: dict[str, str]
    until_2020: str | None
    since_2021: str | None
    worth: int
    before: re.Pattern[str]
    around: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]
    under: frozenset[str]
    topic: bool
    needs: re.Pattern[str] | None
    or_needs: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    unless_sentence: re.Pattern[str] | None
    subject: str | None
    past: bool

    def metric(self, subject: str, year: int | None) -> str | None:
        """What the figure states under ``subject`` in a report for ``year``."""
        if year is not None and year < _FIRST_YEAR_OF_THE_2021_FORM and self.until_2020:
            return self.until_2020
        if year is not None and year >= _FIRST_YEAR_OF_THE_2021_FORM and self.since_2021:
            return self.since_2021
        return self.metrics.get(subject) or self.metrics.get("")

    def is_under(self, subject: str, topic: str) -> bool:
        """Whether a sentence on ``subject``, below a heading on ``topic``, can mean the wording."""
        return not self.under or (topic if self.topic and not subject else subject) in self.under

    def suits(self, sentence: str) -> bool:
        """Whether nothing in the rest of ``sentence`` speaks against the wording."""
        if self.needs and not self.needs.search(sentence):
            return False
        return not (self.unless_sentence and self.unless_sentence.search(sentence))

    def fit(self, before: str, after: str) -> re.Match[str] | None:
        """How a figure between ``before`` and ``after`` fits; the match holds the years that it names."""
        if not self.before.fullmatch(before):
            return None
        for left, right in self.around:
            found = left.fullmatch(before)
            behind = right.match(after) if found else None
            if found and behind and not (self.unless and self.unless.search(before)):
                return behind if behind.groupdict() else found
        return None


@dataclass(frozen=True)
class Nought:
    """Words that say that there was nothing of ``metrics``."""

    metrics: tuple[str, ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Voids:
    """What makes a figure something else than the year's own."""

    clause: re.Pattern[str]
    other_time: re.Pattern[str]
    this_time: re.Pattern[str]
    year: re.Pattern[str]
    so_far: re.Pattern[str]
    nought: re.Pattern[str]


@dataclass(frozen=True)
class Language:
    """All that is known of how claims are worded."""

    figure: re.Pattern[str]
    about: re.Pattern[str]
    scale: dict[str, int]
    money: dict[str, int]
    turning: frozenset[str]
    fractional: frozenset[str]
    by_unit: dict[str, tuple[Wording, ...]]
    noughts: tuple[Nought, ...]
    may_be_nought: re.Pattern[str]
    subjects: re.Pattern[str]
    subject_names: dict[str, str]
    voids: Voids
    bodies: re.Pattern[str]
    before_bodies: re.Pattern[str]
    all_of_them: re.Pattern[str]
    whole: re.Pattern[str]
    own: re.Pattern[str]
    time_or_scope: re.Pattern[str]
    goes_on: re.Pattern[str]
    longest_heading: int


@cache
def language() -> Language:
    """The wordings of ``claims.toml``."""
    table = tomllib.loads((files(__package__) / "claims.toml").read_text(encoding="utf-8"))
    words = table["words"]
    void, subjects = table["void"], table["subject"]
    return Language(
        figure=_figure(table["figure"], table["units"]),
        about=re.compile(f"(?:{table['figure']['before']})$"),
        scale=table["figure"]["scale"],
        money=table["money"],
        turning=frozenset(table["figure"]["turning"]),
        fractional=frozenset((*table["money"], *table["units"]["percent"])),
        by_unit=_by_unit(table),
        noughts=tuple(
            Nought(tuple(entry["metrics"]), re.compile(_with_words(entry["pattern"], words)))
            for entry in table["nought"]
        ),
        may_be_nought=re.compile(void["may_be_nought"]),
        subjects=re.compile("|".join(f"(?P<s{n}>{entry['pattern']})" for n, entry in enumerate(subjects))),
        subject_names={f"s{n}": entry["subject"] for n, entry in enumerate(subjects)},
        voids=Voids(
            clause=_any(void["clause"]),
            other_time=_any(void["other_time"]),
            this_time=re.compile(void["this_time"]),
            year=re.compile(f"(?<!{')(?<!'.join(void['not_year_behind'])}){void['year']}"),
            so_far=re.compile(void["so_far"]),
            nought=re.compile(void["nought"]),
        ),
        bodies=re.compile(table["bodies"]["pattern"]),
        before_bodies=re.compile(table["bodies"]["before"]),
        all_of_them=re.compile(table["bodies"]["all_of_them"]),
        whole=re.compile(table["scope"]["whole"]),
        own=re.compile(table["scope"]["own"]),
        time_or_scope=_any(
            [*void["other_time"], void["this_time"], r"(?:19|20)\d\d年", *table["scope"].values()]
        ),
        goes_on=re.compile(table["sentences"]["goes_on"]),
        longest_heading=table["sentences"]["longest_heading"],
    )


@cache
def wordings_of(unit: str, subject: str, topic: str) -> tuple[tuple[Wording, bool], ...]:
    """What a figure with ``unit`` may mean where the sentence speaks of ``subject``, in the file's order.

    Beside each wording stands whether the subject is its own; else the sentence must have `or_needs`.
    """
    return tuple(
        (wording, is_under)
        for wording in language().by_unit[unit]
        for is_under in [wording.is_under(subject, topic)]
        if is_under or wording.or_needs
    )


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


def _longest_first(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(set(words), key=lambda word: (-len(word), word))))


def _figure(entry: dict[str, Any], units: dict[str, list[str]]) -> re.Pattern[str]:
    """A number with its unit, and the words behind it that make it approximate.

    It begins with the set of what numbers begin with, by which the search skips all other text.
    """
    han = "〇零一二两三四五六七八九十百千"
    digits = (
        rf"(?<=\d)(?<![\d{entry['not_behind']}].)(?<!\d[,.至到、 ].)(?:\d{{0,2}}(?:,\d{{3}})+|\d*)(?:\.\d+)?"
    )
    in_words = rf"(?<=[{han}])(?<![{entry['not_behind_words']}{han}].)[{han}]*"
    return re.compile(
        rf"(?P<number>[0-9{han}](?:{digits}|{in_words}))(?P<scale>{_longest_first(entry['scale'])})?"
        rf"(?P<more>{entry['behind']})?"
        rf"(?P<unit>{_longest_first(unit for listed in units.values() for unit in listed)})"
        rf"(?P<some>{entry['after']})?"
    )


def _with_words(pattern: str, words: dict[str, str]) -> str:
    while _REFERENCE.search(pattern):
        pattern = _REFERENCE.sub(lambda name: f"(?:{words[name.group(1)]})", pattern)
    return pattern


def _by_unit(table: dict[str, Any]) -> dict[str, tuple[Wording, ...]]:
    """The wordings that each unit may stand in, in the order of the file."""
    found: dict[str, list[Wording]] = {}
    for entry in table["wording"]:
        wording = _wording(entry, table)
        for unit in table["units"][entry["units"]]:
            found.setdefault(unit, []).append(wording)
    return {unit: tuple(wordings) for unit, wordings in found.items()}


def _wording(entry: dict[str, Any], table: dict[str, Any]) -> Wording:
    def pattern(key: str) -> re.Pattern[str] | None:
        return re.compile(_with_words(entry[key], table["words"])) if key in entry else None

    metric = entry.get("metric", {})
    around = tuple(_around(wording, table) for wording in entry["wordings"])
    lefts = dict.fromkeys(_NAMED_GROUP.sub("(?:", left.pattern) for left, _ in around)
    return Wording(
        metrics={"": metric} if isinstance(metric, str) else metric,
        until_2020=entry.get("metric_until_2020"),
        since_2021=entry.get("metric_since_2021"),
        worth=entry.get("worth", 1),
        before=_any(lefts),
        around=around,
        under=frozenset(entry.get("under", ())),
        topic=entry.get("topic", False),
        needs=pattern("needs"),
        or_needs=pattern("or_needs"),
        unless=pattern("unless"),
        unless_sentence=pattern("unless_sentence"),
        subject=entry.get("subject"),
        past=entry.get("past", False),
    )


def _around(wording: str, table: dict[str, Any]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What must stand before a figure and what behind it, for a wording with ``#`` in its place."""
    before, after = _with_words(wording, table["words"]).replace("…", ".*?").split("#")
    lead, fill = ("|".join(table["around"][key]) for key in ("lead", "fill"))
    left = f"(?:{lead})*{before}(?:{fill})*" if not before.startswith(".*?") else f"{before}(?:{fill})*"
    right = f"(?:{fill})*{after}" if after else ""
    return re.compile(left), re.compile(right)
