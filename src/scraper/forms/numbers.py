"""Reads the figure in a cell. What is not clearly one figure is none."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from scraper.documents.characters import fold

_FIGURE = re.compile(
    r"(?P<sign>[+-]?)"
    r"(?P<whole>\d{1,3}(?:[, ]\d{3})+|\d+)"
    r"(?P<fraction>\.\d+)?"
    r"\s?(?P<unit>[^\d\s.,+-]*)"
)
_WORD_BEFORE_YUAN = re.compile(r"[^\W\d_]*元")
_MINUS = str.maketrans({"−": "-", "﹣": "-", "，": ",", "\u00a0": " ", "\u3000": " "})


@dataclass(frozen=True, slots=True)
class Figure:
    """What a cell says: a number, nothing (``value`` None), or something unreadable (``value`` None too).

    ``unit`` is the catalogue's, or the money unit that the cell itself names where the form has none.
    ``unreadable`` says what can't be read, the figure or its unit.
    """

    value: Decimal | None
    unit: str
    unreadable: Literal["figure", "unit"] | None = None

    @property
    def clear(self) -> bool:
        """Whether it is known what the cell says, be it nothing."""
        return self.unreadable is None


@dataclass(frozen=True)
class _Wording:
    blank: frozenset[str]
    counted: frozenset[str]
    before_unit: tuple[str, ...]
    money: dict[str, int]
    catalogue: dict[str, int]


@cache
def _wording() -> _Wording:
    table = tomllib.loads((files(__package__) / "numbers.toml").read_text(encoding="utf-8"))
    return _Wording(
        blank=frozenset(map(fold, table["blank"])) | frozenset(table["blank"]),
        counted=frozenset(map(fold, table["counted"])),
        before_unit=("", *map(fold, table["before_unit"])),
        money={fold(unit): worth for unit, worth in table["money"].items()},
        catalogue=table["catalogue"],
    )


def is_blank(text: str) -> bool:
    """Whether a cell says that there is no figure."""
    return "".join(fold(text).split()) in _wording().blank


def is_unit(text: str) -> bool:
    """Whether a cell names what the figure beside it counts, or that it counts nothing."""
    wording = _wording()
    flat = "".join(fold(text).split())
    return not flat or is_blank(text) or flat in wording.counted or flat in wording.money


def is_money(unit: str) -> bool:
    """Whether a catalogue unit is an amount of money."""
    return unit in _wording().catalogue


class UnitUnknown(Exception):  # noqa: N818 - it is a state of what was printed
    """A heading names a unit of money that is damaged, or not known."""


def money_unit_in(heading: str) -> str | None:
    """The unit of money that a column heading names, as 采购总金额（万元） does.

    Raises :class:`UnitUnknown` where what stands there may be another unit, or several are named.
    """
    named = {_unit_at_the_end_of(word) for word in _WORD_BEFORE_YUAN.findall("".join(fold(heading).split()))}
    if len(named) > 1:
        raise UnitUnknown(heading)
    return next(iter(named), None)


def _unit_at_the_end_of(word: str) -> str:
    unit = max((unit for unit in _wording().money if word.endswith(unit)), key=len)
    before = word.removesuffix(unit)[-1:]
    if before not in _wording().before_unit:
        raise UnitUnknown(word)
    return unit


@lru_cache(maxsize=65536)
def read_figure(text: str, unit: str, heading: str = "") -> Figure:
    """The figure in a cell of a column whose values are in ``unit`` under ``heading``.

    Separators of thousands, full-width digits and blanks are removed; a unit behind the figure is
    dropped, and an amount is converted to the catalogue's unit where the cell or the heading names another.
    """
    if text.isascii() and text.isdigit() and not is_money(unit):
        return Figure(Decimal(text), unit)
    if is_blank(text):
        return Figure(None, unit)
    match = _FIGURE.fullmatch(fold(text.translate(_MINUS)).strip())
    if match is None or _has_note_mark(text):
        return Figure(None, unit, "figure")
    value = Decimal(match["sign"] + re.sub(r"[, ]", "", match["whole"]) + (match["fraction"] or ""))
    if is_money(unit):
        return _amount(value, match["unit"], unit, heading)
    return Figure(value, unit) if _fits(match["unit"]) else Figure(None, unit, "figure")


def _has_note_mark(text: str) -> bool:
    """Whether a raised or ringed number stands in ``text``: folded, the note of 6① would be a digit of 61."""
    return any(unicodedata.category(character) == "No" for character in text)


def _fits(named: str) -> bool:
    return not named or named in _wording().counted


def _amount(value: Decimal, named: str, unit: str, heading: str) -> Figure:
    wording = _wording()
    if named and named not in wording.money:
        return Figure(None, unit, "figure")
    try:
        printed = named or money_unit_in(heading)
    except UnitUnknown:
        return Figure(None, unit, "unit")
    if printed is None:
        return Figure(value, unit)
    worth = wording.catalogue[unit]
    if not worth:
        return Figure(value, _unit_worth(wording.money[printed]))
    return Figure(value * wording.money[printed] / worth, unit)


def _unit_worth(yuan: int) -> str:
    return {1: "CNY", 10_000: "CNY 10k", 100_000_000: "CNY 100m"}[yuan]
