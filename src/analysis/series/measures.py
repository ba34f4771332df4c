"""Derived measures: ratios of figures that reports print."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from analysis.series.comparability import SeriesFault, Wording
from analysis.series.expression import Expression, ExpressionFault, Operand, operands_of, read_expression

HUNDRED = 100


@dataclass(frozen=True)
class Measure:
    """``numerator`` for each hundred of ``denominator``; null where either is missing or the latter zero.

    Both are expressions over series (:func:`analysis.series.comparability.links`).
    """

    measure_id: str
    label: Wording
    unit: str
    numerator: Expression
    denominator: Expression
    definition: Wording
    source: str


@dataclass(frozen=True)
class Blank:
    """Blank ``parts`` are zeros where the printed ``total`` is the sum of the others."""

    forms: frozenset[str]
    total: Operand
    parts: tuple[Operand, ...]


@cache
def measures() -> Mapping[str, Measure]:
    """All measures, by their id."""
    return {entry["id"]: _measure(entry) for entry in _file()["measure"]}


def _measure(entry: Mapping[str, Any]) -> Measure:
    try:
        return Measure(
            entry["id"],
            {"en": entry["en"], "zh": entry["zh"]},
            entry["unit"],
            read_expression(entry["numerator"]),
            read_expression(entry["denominator"]),
            {"en": entry["definition_en"], "zh": entry["definition_zh"]},
            entry["source"],
        )
    except (KeyError, ExpressionFault) as fault:
        raise SeriesFault(f"measures.toml, measure {entry.get('id')}: {fault}") from fault


@cache
def blanks() -> tuple[Blank, ...]:
    """Where a blank cell is a zero."""
    return tuple(
        Blank(
            frozenset(entry["forms"]),
            Operand(entry["total"]),
            tuple(operands_of(read_expression(entry["parts"]))),
        )
        for entry in _file()["blank"]
    )


def neighbours() -> tuple[int, str]:
    """How many nearest neighbours by caseload there are, and the metric that is a report's caseload."""
    return _file()["neighbours"]["count"], _file()["neighbours"]["caseload"]


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "measures.toml").read_text(encoding="utf-8"))
