"""Which reports to compare: those whose sketches say that they may have much in common."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

import duckdb

from analysis.checks.reuse.sketch import BANDS
from analysis.checks.rules import catalogue
from analysis.checks.sheets import laid_out

# How many neighbours of a report are compared exactly, and from which share on, in percent, as the sketches
# have it; and how many reports with the same key of a sketch all others meet.
_NEIGHBOURS = 5
_LIKELY = 15
_CROWD = 16
# Reports whose keys meet in one query: what it takes does not grow with the database. No fewer than those of
# one province and year.
_TOGETHER = 2000

_ERAS = """
    SELECT era, min(place) AS first, max(place) AS last FROM reuse_member WHERE county <> ''
    GROUP BY era ORDER BY era
"""


class _Portion(NamedTuple):
    """Reports whose neighbours are looked for together: places, and where those of the year before begin."""

    earlier: int
    first: int
    last: int


def find_pairs(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the temporary tables ``reuse_member`` and ``reuse_pair``: which report to compare with which."""
    with laid_out(connection, catalogue(), ()):
        connection.execute(_query("members"))
    measures = {"crowd": _CROWD, "bands": BANDS, "likely": _LIKELY, "most": _NEIGHBOURS}
    neighbours = _query("neighbours")
    for portion in _portions(connection.execute(_ERAS).fetchall()):
        connection.execute(neighbours, measures | portion._asdict())


def _portions(eras: list[tuple[int, int, int]]) -> Iterator[_Portion]:
    """Provinces and years one after the other, so many that there are enough reports."""
    earlier = first = 0
    before: tuple[int, int] | None = None
    for number, (era, begin, last) in enumerate(eras):
        if not first:
            first = begin
            earlier = before[1] if before and before[0] == era - 1 else begin
        before = (era, begin)
        if last - first + 1 >= _TOGETHER or number == len(eras) - 1:
            yield _Portion(earlier, first, last)
            first = 0


def _query(name: str) -> str:
    return (files(__package__) / f"{name}.sql").read_text(encoding="utf-8")
