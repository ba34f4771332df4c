"""Which slip of a person's accounts for one figure that was printed instead of another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from analysis.checks.localisation.catalogue import slips
from analysis.checks.localisation.misplacements import Grid
from analysis.checks.localisation.sheet import Exact, Sheet
from analysis.checks.relation import Cell

_DIGITS = re.compile(r"[\d,\s]*\d")


@dataclass(frozen=True)
class Surroundings:
    """What the slips of a report are told by: its figures, the raw texts of its cells, and its tables."""

    sheet: Sheet
    raw: Mapping[Cell, str]
    tables: Sequence[Grid]

    def slip(self, cell: Cell, proposed: Exact) -> str | None:
        """The first slip in ``slips.toml`` that accounts for what ``cell`` says instead of ``proposed``."""
        doubt = _Doubt(self, cell, self.sheet.values[cell], proposed, self._digits(cell), str(abs(proposed)))
        return next((slip for slip in slips().weights if slip in _SIGNS and _SIGNS[slip](doubt)), None)

    def _digits(self, cell: Cell) -> str:
        """The digits of a figure as printed, with leading zeros; from its value where the text says else."""
        value = str(abs(self.sheet.values[cell]))
        found = _DIGITS.search(unicodedata.normalize("NFKC", self.raw.get(cell, "")))
        digits = re.sub(r"[,\s]", "", found[0]) if found else ""
        return digits if digits.lstrip("0") == value else value


@dataclass(frozen=True)
class _Doubt:
    """A figure, and what it might have been; ``was`` and ``should`` are their digits."""

    around: Surroundings
    cell: Cell
    printed: Exact
    proposed: Exact
    was: str
    should: str

    @property
    def same_sign(self) -> bool:
        return self.printed * self.proposed > 0


def _total_left_zero(doubt: _Doubt) -> bool:
    return doubt.printed == 0 and doubt.cell in doubt.around.sheet.totals


def _part_left_zero(doubt: _Doubt) -> bool:
    sheet = doubt.around.sheet
    return doubt.printed == 0 and any(
        doubt.cell in parts
        and sheet.values[total] == doubt.proposed
        and not any(sheet.values[part] for part in parts if part[1] or not doubt.cell[1])
        for total, parts in sheet.totals.items()
    )


def _blank(doubt: _Doubt) -> bool:
    return doubt.around.sheet.printed.get(doubt.cell) is None


def _sign_lost(doubt: _Doubt) -> bool:
    return doubt.printed == -doubt.proposed


def _digits_swapped(doubt: _Doubt) -> bool:
    was, should = doubt.was, doubt.should
    return doubt.same_sign and any(
        was[:place] + was[place + 1] + was[place] + was[place + 2 :] == should
        for place in range(len(was) - 1)
    )


def _tenfold(doubt: _Doubt) -> bool:
    return doubt.printed != 0 and doubt.printed == 10 * doubt.proposed


def _tenth(doubt: _Doubt) -> bool:
    return doubt.printed != 0 and 10 * doubt.printed == doubt.proposed


def _digit_doubled(doubt: _Doubt) -> bool:
    was = doubt.was
    return doubt.same_sign and any(
        was[place] == was[place + 1] and was[:place] + was[place + 1 :] == doubt.should
        for place in range(len(was) - 1)
    )


def _digit_lost(doubt: _Doubt) -> bool:
    should = doubt.should
    return doubt.same_sign and any(
        should[:place] + should[place + 1 :] == doubt.was for place in range(len(should))
    )


def _digit_altered(doubt: _Doubt) -> bool:
    pairs = list(zip(doubt.was, doubt.should, strict=False))
    return (
        doubt.same_sign
        and len(doubt.was) == len(doubt.should)
        and sum(one != other for one, other in pairs) == 1
    )


def _total_copied(doubt: _Doubt) -> bool:
    sheet = doubt.around.sheet
    if doubt.printed == 0 or doubt.cell not in sheet.totals:
        return False
    return any(
        cell in sheet.totals and cell != doubt.cell and sheet.values[cell] == doubt.printed
        for table in doubt.around.tables
        if any(doubt.cell in row for row in table)
        for row in table
        for cell in row
    )


_SIGNS: dict[str, Callable[[_Doubt], bool]] = {
    "total_left_zero": _total_left_zero,
    "part_left_zero": _part_left_zero,
    "blank": _blank,
    "sign_lost": _sign_lost,
    "digits_swapped": _digits_swapped,
    "tenfold": _tenfold,
    "tenth": _tenth,
    "digit_doubled": _digit_doubled,
    "digit_lost": _digit_lost,
    "digit_altered": _digit_altered,
    "total_copied": _total_copied,
}
