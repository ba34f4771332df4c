"""Counties in the order of one figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from analysis.series.comparability import Wording
from analysis.series.compare import compare
from analysis.series.quantities import Quantity
from analysis.series.question import Question
from analysis.series.records import Note

# Shares of fewer than so many vary widely by chance alone.
FEW = 10


@dataclass(frozen=True)
class Ranking:
    """Records by rank, then those without a figure; they and the notes are as in a comparison.

    ``rank`` is 1 for the first; equal figures have the same rank, and the next one counts them all. It is
    None where there is no figure, or where the measure's denominator is too small; ``missing`` says so.
    """

    quantity: Quantity
    year: int
    records: list[dict[str, Any]]
    notes: list[Note]
    wordings: Mapping[str, Wording]


def rank(
    connection: duckdb.DuckDBPyConnection,
    question: Question,
    quantities: Sequence[Quantity] | None = None,
    *,
    lowest: bool = False,
    top: int | None = None,
    at_least: int = 0,
) -> Ranking:
    """The counties of ``question``, which asks for one metric and at most one year, the highest first.

    ``lowest`` turns the order around; ``top`` ends it after that rank. Measures of denominators below
    ``at_least`` get no rank. Raises what :func:`compare` raises.
    """
    found = compare(connection, question, quantities)
    (quantity,) = found.quantities
    name = quantity.quantity_id
    _take_out_small(found.records, quantity, at_least)
    ranked = [record for record in found.records if record[name] is not None]
    ranked.sort(key=lambda record: (record[name] if lowest else -record[name], record["county_code"]))
    _number(ranked, name)
    rest = [{"rank": None, **record} for record in found.records if record[name] is None]
    numbered = [{"rank": record["rank"], **record} for record in ranked]
    notes = [*found.notes, *_small(ranked, quantity)]
    notes.append(Note("ranked", {"count": len(ranked), "without": len(rest)}))
    if top is not None:
        numbered, rest = [record for record in numbered if record["rank"] <= top], []
    return Ranking(quantity, found.years[0], [*numbered, *rest], notes, found.wordings)


def _number(ranked: Sequence[dict[str, Any]], name: str) -> None:
    for place, record in enumerate(ranked):
        before = ranked[place - 1] if place else None
        record["rank"] = before["rank"] if before and before[name] == record[name] else place + 1


def _take_out_small(records: Sequence[dict[str, Any]], quantity: Quantity, at_least: int) -> None:
    """Takes the figure of a measure away where its denominator is below ``at_least``."""
    name = quantity.quantity_id
    for record in records:
        base = record.get(f"{name}_of")
        if record[name] is not None and base is not None and base < at_least:
            record[name] = None
            record["missing"] = (f"{name}:few",)


def _small(ranked: Sequence[dict[str, Any]], quantity: Quantity) -> list[Note]:
    """Tells of shares of few: they lead and end rankings by chance."""
    base = f"{quantity.quantity_id}_of"
    few = sum(record[base] < FEW for record in ranked) if quantity.is_measure else 0
    return [Note("of_few", {"count": few, "few": FEW})] if few else []
