"""Answers as records, one for each line, and what a reader of them must know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from analysis.series.comparability import Wording, breaks, continued_by
from analysis.series.figures import Figure
from analysis.series.figures_query import FiguresQuery
from analysis.series.lines import Line
from analysis.series.peers import Standing
from analysis.series.quantities import Quantity
from analysis.series.question import Answer, Question

# What a record says of its figures beside their values: each some of "metric" or "metric:what".
MARKS = ("doubtful", "break", "joined", "assumed", "missing")


@dataclass(frozen=True)
class Note:
    """Something a reader must know; ``code`` names it, ``values`` fill its sentence.

    A value may be a wording in both languages.
    """

    code: str
    values: dict[str, Any] = field(default_factory=dict)


# What is said of the figures of one record, by mark; most say nothing.
_Marks = dict[str, list[str]]
_NOWHERE = Standing()


class Records:
    """The records of ``answer`` at the places ``wanted``, and what is said of them.

    ``wordings`` explains what the records' ``break`` and ``joined`` name.
    """

    def __init__(self, question: Question, answer: Answer, wanted: Sequence[int]) -> None:
        self._question = question
        self._answer = answer
        self._wanted = wanted
        query = answer.figures.query
        self._joins = [
            cache(lambda bases, quantity=quantity: tuple(_joins(query, quantity, bases)))
            for quantity in answer.figures.quantities
        ]
        self.wordings: dict[str, Wording] = {}
        self.records = [self._record(place) for place in wanted]

    def _record(self, place: int) -> dict[str, Any]:
        line = self._answer.lines[place]
        record: dict[str, Any] = {
            "owner": line.owner,
            "county_code": line.county_code,
            "county": line.county,
            "province": line.province,
            "prefecture": line.prefecture,
            "publisher": line.publisher,
            "year": line.year,
        }
        marks: _Marks = {}
        for number, quantity in enumerate(self._answer.figures.quantities):
            figure = self._answer.figures.columns[number][place]
            self._put_values(record, number, quantity, figure, place)
            self._mark(marks, number, quantity.quantity_id, figure)
        record["scope"] = line.scope
        record["form"] = line.form
        record["url"] = line.url
        record["report_id"] = line.report_id
        for mark in MARKS:
            record[mark] = tuple(marks[mark]) if mark in marks else ()
        return record

    def _put_values(
        self, record: dict[str, Any], number: int, quantity: Quantity, figure: Figure, place: int
    ) -> None:
        name = quantity.quantity_id
        record[name] = figure.value
        if quantity.is_measure:
            record[f"{name}_of"] = figure.base
        if not self._answer.standings:
            return
        standing = self._answer.standings[number].get(place, _NOWHERE)
        if self._question.shown == "percentile":
            record[name] = standing.percentile
        else:
            record[f"{name}_percentile"] = standing.percentile
            record[f"{name}_median"] = standing.median
            record[f"{name}_q25"] = standing.lower
            record[f"{name}_q75"] = standing.upper
        record[f"{name}_peers"] = standing.peers

    def _mark(self, marks: _Marks, number: int, name: str, figure: Figure) -> None:
        if figure.value is None:
            marks.setdefault("missing", []).append(f"{name}:{figure.reason}")
        if figure.doubtful:
            marks.setdefault("doubtful", []).append(name)
        if figure.assumed:
            marks.setdefault("assumed", []).append(name)
        for one in figure.breaks:
            marks.setdefault("break", []).append(f"{name}:{one}")
            self.wordings[f"{name}:{one}"] = breaks()[one].wording
        if figure.value is not None:
            for form, wording in self._joins[number](figure.bases):
                marks.setdefault("joined", []).append(f"{name}:{form}")
                self.wordings[f"{name}:{form}"] = wording

    def notes(self) -> list[Note]:
        """What a reader must know of the records."""
        return list(self._notes())

    def _notes(self) -> Iterator[Note]:
        lines = [self._answer.lines[place] for place in self._wanted]
        if len({line.scope for line in lines if line.scope}) > 1:
            yield Note("scopes_differ")
        for number, quantity in enumerate(self._answer.figures.quantities):
            column = self._answer.figures.columns[number]
            yield from _form_notes(quantity, lines, [column[place] for place in self._wanted])
        yield from self._mark_notes()
        if self._answer.left_out:
            yield Note("left_out", {"count": self._answer.left_out})
        missing = sum(line.report_id is None and line.absent == "no_report" for line in lines)
        if missing:
            yield Note("reports_missing", {"count": missing})

    def _mark_notes(self) -> Iterator[Note]:
        for mark in ("break", "joined"):
            said: dict[str, tuple[Wording, list[str]]] = {}
            for named in dict.fromkeys(one for record in self.records for one in record[mark]):
                name, what = named.split(":", 1)
                key = what if mark == "break" else named
                said.setdefault(key, (self.wordings[named], []))[1].append(name)
            for wording, names in said.values():
                yield Note(mark, {"what": wording, "metrics": ", ".join(names)})
        for mark in ("doubtful", "assumed"):
            if any(record[mark] for record in self.records):
                yield Note(mark)
        reasons = {one.split(":", 1)[1] for record in self.records for one in record["missing"]}
        if "break" in reasons:
            yield Note("not_across")
        if "of_none" in reasons:
            yield Note("of_none")


def _joins(query: FiguresQuery, quantity: Quantity, number: int) -> Iterator[tuple[str, Wording]]:
    """The forms whose other figures stand for ``quantity``, each with all that is to be said of them."""
    said: dict[str, list[Wording]] = {}
    for operand, place in query.bases_of(quantity, number):
        basis = quantity.series[operand.metric].bases[place]
        if basis.joined and basis.link is not None:
            said.setdefault("+".join(sorted(basis.forms)), []).append(basis.link.wording)
    for form, wordings in said.items():
        yield form, {language: _together(wordings, language) for language in ("en", "zh")}


def _together(wordings: Sequence[Wording], language: str) -> str:
    return "; ".join(dict.fromkeys(wording[language] for wording in wordings))


def _form_notes(quantity: Quantity, lines: Sequence[Line], figures: Sequence[Figure]) -> Iterator[Note]:
    """Which forms don't ask for ``quantity``, and which other series has their figures."""
    name = quantity.quantity_id
    for reason in ("not_in_form", "weak_only"):
        pairs = zip(lines, figures, strict=True)
        lacking = {line.form for line, figure in pairs if figure.reason == reason and line.form}
        if lacking:
            yield Note(reason, {"metric": name, "forms": ", ".join(sorted(lacking))})
            others = list(continued_by(name))
            if others:
                yield Note("continued", {"metric": name, "series": ", ".join(others)})
