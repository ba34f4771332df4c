"""Which reports to compare: those whose sketches say that they may have much in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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

_CHANGED = """
    SELECT earlier, first, last FROM reuse_era ANTI JOIN reuse_met USING (province, year, print)
    ORDER BY first
"""
_SETTLED = """
    DELETE FROM reuse_met
    WHERE (province, year, print) NOT IN (SELECT (province, year, print) FROM reuse_era);
    INSERT OR IGNORE INTO reuse_met BY NAME SELECT province, year, print FROM reuse_era;
"""


class _Portion(NamedTuple):
    """Reports whose neighbours are looked for together: places, and where those of the year before begin."""

    earlier: int
    first: int
    last: int


def find_pairs(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the temporary table ``reuse_pair``, which report to compare with which, and ``reuse_member``.

    Neighbours are looked for only in provinces and years that changed since :func:`settle` was called.
    """
    measures = {"crowd": _CROWD, "bands": BANDS, "likely": _LIKELY, "most": _NEIGHBOURS}
    with laid_out(connection, catalogue(), ()):
        connection.execute(_query("members"))
    for portion in _portions(map(_Portion._make, connection.execute(_CHANGED).fetchall())):
        connection.execute(_query("neighbours"), measures | portion._asdict())


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Notes that all pairs in ``reuse_pair`` are compared."""
    connection.execute(_SETTLED)


def _portions(eras: Iterable[_Portion]) -> Iterator[_Portion]:
    """The provinces and years, those that follow each other put together until there are enough reports."""
    portion: _Portion | None = None
    for era in eras:
        if portion and (era.first != portion.last + 1 or portion.last - portion.first >= _TOGETHER):
            yield portion
            portion = None
        portion = _Portion(portion.earlier, portion.first, era.last) if portion else era
    if portion:
        yield portion


def _query(name: str) -> str:
    return (files(__package__) / f"{name}.sql").read_text(encoding="utf-8")
