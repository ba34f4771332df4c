"""An index over the texts of all reports, kept up to date with the database that it is made of.

It lies in a folder of its own and can be made anew at any time. Only what changed is read again.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from analysis.search.segment import Segment, fold, write_segment

_AT_ONCE = 1000
# More parts than these, or as many texts that are gone as there are others: it is made anew.
_MOST_SEGMENTS = 120

# Newest first; in this order reports are found.
_REPORTS = """
    SELECT r.report_id, hash(coalesce(r.title, ''), t.texts) AS digest
    FROM report r LEFT JOIN (
        SELECT report_id, list(hash(text) ORDER BY paragraph) AS texts FROM report_text GROUP BY report_id
    ) t USING (report_id)
    ORDER BY r.year DESC NULLS LAST, r.county_code, r.report_id
"""
_TEXTS = """
    SELECT r.report_id, coalesce(r.title, '') || chr(10) || coalesce(t.text, '')
    FROM report r LEFT JOIN (
        SELECT report_id, string_agg(text, chr(10) ORDER BY paragraph) AS text
        FROM report_text SEMI JOIN (SELECT unnest($reports::VARCHAR[]) AS report_id) USING (report_id)
        GROUP BY report_id
    ) t USING (report_id)
    WHERE list_contains($reports::VARCHAR[], r.report_id)
"""

Place = tuple[int, int]


@dataclass(frozen=True)
class _State:
    """``order`` has each report's id and the place of its text, newest first."""

    segments: tuple[Segment, ...] = ()
    digests: dict[str, int] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    ranks: dict[Place, int] = field(default_factory=dict)
    order: tuple[str, ...] = ()


class TextIndex:
    """The index whose files lie in ``folder``; it finds nothing before :meth:`update`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._state = _State()

    def __len__(self) -> int:
        return len(self._state.order)

    def update(self, connection: duckdb.DuckDBPyConnection) -> int:
        """Takes in the reports that are new or have another text, lets go those that are gone.

        Returns how many were read. Whoever searches meanwhile finds what was there before.
        """
        known = self._state
        lines = connection.execute(_REPORTS).fetchall()
        digests = dict(lines)
        changed = [name for name, digest in lines if known.digests.get(name) != digest]
        segments, places = list(known.segments), dict(known.places)
        stored = sum(map(len, segments)) + len(changed)
        if len(segments) + len(changed) / _AT_ONCE > _MOST_SEGMENTS or stored > 2 * len(lines) + _AT_ONCE:
            segments, places, changed = [], {}, [name for name, _ in lines]
        for some in _batches(changed):
            segment, names = self._segment(connection, some)
            places |= {name: (len(segments), number) for number, name in enumerate(names)}
            segments.append(segment)
        order = tuple(name for name, _ in lines)
        ranks = {places[name]: rank for rank, name in enumerate(order)}
        self._state = _State(tuple(segments), digests, places, ranks, order)
        return len(changed)

    def _segment(
        self, connection: duckdb.DuckDBPyConnection, reports: Sequence[str]
    ) -> tuple[Segment, list[str]]:
        rows = connection.execute(_TEXTS, {"reports": list(reports)}).fetchall()
        folder = self._folder / str(next(self._numbers))
        folder.mkdir(parents=True)
        segment = write_segment(folder, [text for _, text in rows])
        # Opened, the files need no names.
        shutil.rmtree(folder)
        return segment, [name for name, _ in rows]

    def candidates(self, words: Sequence[str]) -> Candidates:
        """The reports that have all pairs of neighbouring characters of ``words``, the newest first."""
        state = self._state
        found: list[int] = []
        for number, segment in enumerate(state.segments):
            found += (
                rank
                for one in _in_segment(segment, [fold(word) for word in words])
                if (rank := state.ranks.get((number, one))) is not None
            )
        return Candidates(state, sorted(found), [fold(word) for word in words])


class Candidates:
    """Reports that may contain the words asked for, the newest first."""

    def __init__(self, state: _State, ranks: Sequence[int], words: Sequence[str]) -> None:
        self._state = state
        self._ranks = ranks
        self._words = words
        # The pairs of one or two characters are the words themselves.
        self.certain = all(len(word) <= 2 for word in words)

    def __len__(self) -> int:
        return len(self._ranks)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Ids and texts of those that do contain the words."""
        for rank in self._ranks:
            name = self._state.order[rank]
            segment, number = self._state.places[name]
            text = self._state.segments[segment].text(number)
            folded = fold(text)
            if all(word in folded for word in self._words):
                yield name, text


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(names), _AT_ONCE):
        yield names[first : first + _AT_ONCE]


def _in_segment(segment: Segment, words: Sequence[str]) -> Sequence[int]:
    import numpy as np

    found = None
    for word in words:
        having = segment.with_pairs_of(word)
        found = having if found is None else np.intersect1d(found, having, assume_unique=True)
    return [] if found is None else found.tolist()
