"""What a picture is drawn from: the figures of an answer as rows, with their names and signs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from analysis.plots.wording import Language, Wording
from analysis.present.figures import figure_text, said_of, short_label, signs_of
from analysis.series import Comparison, Quantity, Question, Ranking, Sources, Trend

Row = dict[str, Any]
Answer = Comparison | Trend | Ranking


class Material:
    """An answer, ready to be drawn in one language.

    A row is the figure of one line (a county or another body) and year: ``line`` its name, ``year``,
    ``value`` or None, ``text`` the figure with its signs or why there is none, ``doubtful``, ``joined``,
    ``breaks``, ``marked``, ``said`` what is told of it; with peers ``median``, ``q25`` and ``q75``.
    """

    def __init__(
        self,
        answer: Answer,
        question: Question,
        sources: Sources,
        language: Language,
        marked: Collection[str] = (),
    ) -> None:
        self.answer = answer
        self.question = question
        self.sources = sources
        self.say = Wording(language)
        self._marked = frozenset(marked)

    @property
    def language(self) -> Language:
        """The language of the picture."""
        return self.say.language

    @property
    def records(self) -> Sequence[Mapping[str, Any]]:
        """The answer's records."""
        return self.answer.records

    @cached_property
    def quantities(self) -> list[Quantity]:
        """What is drawn."""
        return [self.answer.quantity] if isinstance(self.answer, Ranking) else list(self.answer.quantities)

    @cached_property
    def years(self) -> list[int]:
        """The years of the records, in order."""
        return sorted({record["year"] for record in self.records})

    @cached_property
    def lines(self) -> dict[tuple[str, str], str]:
        """The name of each line, in the order of the records; no two have the same."""
        return line_names(self.records)

    @cached_property
    def marked_names(self) -> list[str]:
        """The names of the lines that are pointed out."""
        return [name for (code, _), name in self.lines.items() if code in self._marked]

    def label(self, quantity: Quantity) -> str:
        """What a quantity is called."""
        return short_label(quantity)[self.language]

    def label_of(self, quantity_id: str) -> str:
        """What the quantity with that id is called; the id itself where the picture has no such quantity."""
        found = [quantity for quantity in self.quantities if quantity.quantity_id == quantity_id]
        return self.label(found[0]) if found else quantity_id

    def axis(self, quantity: Quantity) -> str:
        """What stands on the axis of a quantity: its label, its unit, how it is shown."""
        shown = self.question.shown
        label = self.label(quantity)
        if quantity.unit == "percent" and shown in ("value", "change"):
            label = self.say("axis_percent", label=label)
        if shown == "value":
            return label
        if shown == "index":
            return self.say("axis_index", label=label, base=self.question.base)
        return self.say(f"axis_{shown}", label=label)

    def number(self, value: float, quantity: Quantity) -> str:
        """A figure as it is printed, without signs."""
        return figure_text(value, quantity, self.question)

    def rows(self, quantity: Quantity) -> list[Row]:
        """A row for each record, in their order."""
        return [self._row(record, quantity) for record in self.records]

    def by_line(self, quantity: Quantity) -> Iterator[tuple[str, list[Row]]]:
        """The rows of each line, by year."""
        rows = self.rows(quantity)
        for name in self.lines.values():
            yield name, sorted((row for row in rows if row["line"] == name), key=lambda row: row["year"])

    def _row(self, record: Mapping[str, Any], quantity: Quantity) -> Row:
        name = quantity.quantity_id
        value = record[name]
        row: Row = {
            "line": self.lines[record["owner"]],
            "code": record["county_code"],
            "year": record["year"],
            "value": value,
            "text": self._text(record, quantity),
            "doubtful": bool(said_of(record, "doubtful", name)),
            "joined": bool(said_of(record, "joined", name)),
            "assumed": bool(said_of(record, "assumed", name)),
            "breaks": sorted(said_of(record, "break", name)),
            "marked": record["owner"][0] in self._marked,
        }
        for part in ("median", "q25", "q75", "peers"):
            if f"{name}_{part}" in record:
                row[part] = record[f"{name}_{part}"]
        row["said"] = self._said(row, record, quantity)
        return row

    def _text(self, record: Mapping[str, Any], quantity: Quantity) -> str:
        name = quantity.quantity_id
        if record[name] is not None:
            return self.number(record[name], quantity) + signs_of(record, name)
        reasons = [why for why in said_of(record, "missing", name) if why]
        return self.say(f"absent_{reasons[0] if reasons else 'no_peers'}")

    def _said(self, row: Row, record: Mapping[str, Any], quantity: Quantity) -> str:
        said = self.say("said", line=row["line"], year=row["year"], text=row["text"])
        of = record.get(f"{quantity.quantity_id}_of")
        if of is not None and row["value"] is not None:
            said = self.say("said_of", said=said, of=f"{of:,.6f}".rstrip("0").rstrip("."))
        if row.get("median") is not None:
            parts = {part: self.number(row[part], quantity) for part in ("median", "q25", "q75")}
            said = self.say(
                "said_peers",
                said=said,
                peers=row["peers"],
                median=parts["median"],
                lower=parts["q25"],
                upper=parts["q75"],
            )
        return said


def line_names(records: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """The name of each ``owner``, as the last of its ``records`` has it; no two have the same."""
    last = {record["owner"]: record for record in records}
    names = {owner: f"{record['county']} {owner[1]}".strip() for owner, record in last.items()}
    for extra in ("prefecture", "province", "county_code"):
        count = Counter(names.values())
        names = {
            owner: name if count[name] == 1 else _more_exactly(name, last[owner][extra])
            for owner, name in names.items()
        }
    return names


def _more_exactly(name: str, extra: str) -> str:
    return f"{name}（{extra}）" if extra else name
