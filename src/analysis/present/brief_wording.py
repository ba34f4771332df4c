"""The words of briefs, from ``brief.toml``: sentences, names, figures with their units and signs."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from analysis.brief import Cell, Figure
from analysis.present.figures import SIGNS, short_label
from analysis.present.wording import Language
from analysis.series import Quantity

_PERCENT = "percent"


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "brief.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class BriefWording:
    """The sentences of one language."""

    language: Language

    def __call__(self, code: str, /, **values: object) -> str:
        """The sentence ``code``, filled in; of none or of one where ``count`` is 0 or 1 and it says so."""
        entry = _table()["said"][code]
        count = values.get("count")
        sentence: str = entry[self.language]
        if isinstance(count, int | float) and count in (0, 1):
            sentence = entry.get(f"{self.language}_{count:.0f}", sentence)
        shown = {
            name: number(value) if isinstance(value, int | float) and name != "year" else value
            for name, value in values.items()
        }
        return sentence.format(**shown) if values else sentence

    def noun(self, quantity: Quantity) -> str:
        """What a key figure is called within a sentence."""
        entry = _table()["noun"].get(quantity.quantity_id)
        return str(entry[self.language]) if entry else short_label(quantity)[self.language]

    def label(self, quantity: Quantity) -> str:
        """What a figure is called in a table."""
        entry = _table()["label"].get(quantity.quantity_id)
        return str(entry[self.language]) if entry else short_label(quantity)[self.language]

    def part(self, group: str) -> str:
        """What a kind of outcomes is called."""
        return str(_table()["part"][group][self.language])

    def reason(self, code: str, *, short: bool = False) -> str:
        """Why there is no figure."""
        entry = _table()["reason"][code]
        return str(entry[f"short_{self.language}" if short else self.language])

    def listed(self, names: Sequence[object]) -> str:
        """Names one after the other."""
        return self("listed").join(map(str, names))

    def sentences(self, *found: str) -> str:
        """Sentences one after the other; those that are empty left out."""
        return self("sentences").join(one for one in found if one)

    def years(self, years: Sequence[int]) -> str:
        """Years, those that follow each other as spans."""
        spans: list[list[int]] = []
        for year in sorted(years):
            if spans and year == spans[-1][-1] + 1:
                spans[-1].append(year)
            else:
                spans.append([year])
        shown = [
            self("span", first=str(one[0]), last=str(one[-1])) if len(one) > 1 else str(one[0])
            for one in spans
        ]
        return self.listed(shown)

    def amount(self, value: float, quantity: Quantity) -> str:
        """A figure with its unit: what is printed to its last digit, what is worked out to one decimal."""
        if not quantity.is_measure:
            return number(value)
        shown = f"{value:,.1f}".replace("-", "−")
        return self("percent", figure=shown) if quantity.unit == _PERCENT else shown

    def figure(self, figure: Figure) -> str:
        """A figure with its unit and signs, or in short why there is none."""
        if figure.value is None:
            return self.reason(figure.reason, short=True)
        return self.amount(figure.value, figure.quantity) + _signs(figure)

    def stated(self, figure: Figure) -> str:
        """A figure with its unit as a sentence has it: of the signs only the one of doubt."""
        assert figure.value is not None  # noqa: S101 - asked before
        return self.amount(figure.value, figure.quantity) + (SIGNS["doubtful"] if figure.doubtful else "")

    def change(self, figure: Figure) -> str:
        """A difference with its sign and unit, or in short why there is none."""
        if figure.value is None:
            return self.reason(figure.reason, short=True)
        sign = "+" if figure.value > 0 else ""
        doubt = SIGNS["doubtful"] if figure.doubtful else ""
        if not figure.quantity.is_measure:
            return f"{sign}{number(figure.value)}{doubt}"
        shown = f"{figure.value:+,.1f}".replace("-", "−")
        if float(f"{figure.value:.1f}") == 0:
            shown = "0.0"
        if figure.quantity.unit == _PERCENT:
            return self("points", difference=shown) + doubt
        return shown + doubt

    def cell(self, cell: Cell) -> str:
        """A printed figure with its sign, or that it is blank."""
        if cell.value is None:
            return self.reason("blank", short=True)
        return number(cell.value) + (SIGNS["doubtful"] if cell.doubtful else "")


def number(value: float) -> str:
    """A figure as people write it: thousands apart, no decimals where there are none."""
    written = f"{value:,.6f}".rstrip("0").rstrip(".").replace("-", "−")
    return "0" if written == "−0" else written


def _signs(figure: Figure) -> str:
    marks = {
        "doubtful": figure.doubtful,
        "break": bool(figure.breaks),
        "joined": figure.joined,
        "assumed": figure.assumed,
    }
    return "".join(sign for mark, sign in SIGNS.items() if marks[mark])
