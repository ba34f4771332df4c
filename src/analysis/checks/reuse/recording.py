"""Keeps which reports have text in common, in the tables ``reuse_sketch`` and ``reuse``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import NamedTuple

import duckdb
import pyarrow as pa

from analysis.checks.reuse.demanded import Demanded, demanded
from analysis.checks.reuse.passages import covered, matches, runs, windows
from analysis.checks.reuse.prose import own_prose
from analysis.checks.reuse.sketch import BANDS, sketches, version
from analysis.checks.rules import catalogue
from analysis.checks.sheets import laid_out

# Texts, and pairs of texts, that are in memory at once.
_TEXTS = 500
_PAIRS = 500
# Texts whose windows are kept for the next pairs.
_MOST_WINDOWS = 64
# How many neighbours of a report are compared exactly, and from which share on, in percent, as the sketches
# have it; and how many reports with the same key of a sketch all others meet.
_NEIGHBOURS = 5
_LIKELY = 15
_CROWD = 16
# From this share on, in percent, the longest passage is kept.
_WORTH_SHOWING = 10

_SKETCH = pa.schema(
    [
        ("report_id", pa.string()),
        ("print", pa.string()),
        ("letters", pa.int32()),
        ("bands", pa.list_(pa.uint64())),
    ]
)
_REUSE = pa.schema(
    [(name, pa.string()) for name in ("report_id", "other_id", "kin")]
    + [("share", pa.float64()), ("letters", pa.int32()), ("longest", pa.int32())]
    + [(name, pa.string()) for name in ("passage", "print", "other_print")]
)
_READABLE = """
    CREATE OR REPLACE TEMP TABLE reuse_text AS
    SELECT report_id, $1 || ' ' || sum(hash(paragraph, text)) AS print,
           min(t.rowid) AS first_place, max(t.rowid) AS last_place
    FROM report_text t SEMI JOIN report r USING (report_id) GROUP BY report_id
    -- What is shorter has no more letters of its own either.
    HAVING sum(len(text)) >= $2
"""
_UNSKETCHED = """
    SELECT report_id, print, first_place, last_place
    FROM reuse_text ANTI JOIN reuse_sketch USING (report_id, print) ORDER BY first_place, report_id
"""
_TEXTS_OF = """
    SELECT report_id, string_agg(text, '\n' ORDER BY paragraph) FROM report_text
    WHERE rowid BETWEEN $first AND $last AND report_id IN (SELECT unnest($wanted)) GROUP BY report_id
"""
# A pair stands while both texts are the same.
_STANDING = """
    SELECT p.report_id, p.other_id, p.kin, a.print, b.print AS other_print,
           least(a.first_place, b.first_place) AS first, greatest(a.last_place, b.last_place) AS last,
           a.first_place AS place
    FROM reuse_pair p JOIN reuse_text a ON a.report_id = p.report_id
    JOIN reuse_text b ON b.report_id = p.other_id
"""
_FORGET = f"""
    DELETE FROM reuse WHERE (report_id, other_id, kin, print, other_print) NOT IN
    (SELECT (report_id, other_id, kin, print, other_print) FROM ({_STANDING}))
"""  # noqa: S608
_UNCOMPARED = f"""
    SELECT * EXCLUDE place FROM ({_STANDING})
    ANTI JOIN reuse USING (report_id, other_id, kin, print, other_print)
    ORDER BY place, report_id, other_id, kin
"""  # noqa: S608


class _Pair(NamedTuple):
    report_id: str
    other_id: str
    kin: str
    print: str
    other_print: str
    first: int
    last: int


class _Text(NamedTuple):
    """A report's text, and where in ``report_text`` its paragraphs are."""

    report_id: str
    print: str
    first: int
    last: int


def record_reuse(connection: duckdb.DuckDBPyConnection) -> int:
    """Compares the newest texts of all reports and keeps what they share; returns how many pairs there are.

    Each report is compared with last year's of the same body, and with those of its province, of the same
    year and the year before, whose sketches say that they have much in common. Only what is new is worked
    out. What was done stays when the run is stopped.
    """
    wordings = demanded()
    try:
        connection.execute(_READABLE, [version(wordings), wordings.prose])
        _sketch(connection, wordings)
        with laid_out(connection, catalogue(), ()):
            pairs = (files(__package__) / "pairs.sql").read_text(encoding="utf-8")
            measures = {"crowd": _CROWD, "bands": BANDS, "likely": _LIKELY, "most": _NEIGHBOURS}
            connection.execute(pairs, measures)
        _compare(connection, wordings)
    finally:
        for name in ("reuse_text", "reuse_pair"):
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    (count,) = connection.execute("SELECT count(*) FROM reuse").fetchone() or (0,)
    return int(count)


def _sketch(connection: duckdb.DuckDBPyConnection, wordings: Demanded) -> None:
    connection.execute(
        "DELETE FROM reuse_sketch WHERE (report_id, print) NOT IN (SELECT (report_id, print) FROM reuse_text)"
    )
    waiting = iter([_Text(*row) for row in connection.execute(_UNSKETCHED).fetchall()])
    while some := list(islice(waiting, _TEXTS)):
        texts = _texts(connection, some, {text.report_id for text in some})
        letters = [own_prose(texts[text.report_id], wordings).letters for text in some]
        rows = [
            {"report_id": text.report_id, "print": text.print, "letters": len(own), "bands": bands}
            for text, own, bands in zip(some, letters, sketches(letters, wordings), strict=True)
        ]
        _insert(connection, "reuse_sketch", _SKETCH, rows)


def _texts(
    connection: duckdb.DuckDBPyConnection, places: Sequence[_Text | _Pair], wanted: Iterable[str]
) -> dict[str, str]:
    """The texts of the ``wanted`` reports, which lie within ``places``: paragraphs one a line."""
    within = {"first": min(place.first for place in places), "last": max(place.last for place in places)}
    return dict(connection.execute(_TEXTS_OF, {"wanted": sorted(wanted), **within}).fetchall())


def _compare(connection: duckdb.DuckDBPyConnection, wordings: Demanded) -> None:
    connection.execute(_FORGET)
    waiting = iter([_Pair(*row) for row in connection.execute(_UNCOMPARED).fetchall()])
    while some := list(islice(waiting, _PAIRS)):
        _insert(connection, "reuse", _REUSE, list(_compared(connection, some, wordings)))


def _compared(
    connection: duckdb.DuckDBPyConnection, pairs: Sequence[_Pair], wordings: Demanded
) -> Iterator[dict[str, object]]:
    texts = _texts(connection, pairs, {report_id for pair in pairs for report_id in pair[:2]})
    proses = {report_id: own_prose(text, wordings) for report_id, text in texts.items()}

    @lru_cache(_MOST_WINDOWS)
    def windows_of(report_id: str) -> frozenset[str]:
        return windows(proses[report_id].letters, wordings.passage)

    for pair in pairs:
        own, other = proses[pair.report_id], proses[pair.other_id]
        known = windows_of(pair.other_id)
        common = runs(own.letters, known, wordings.passage)
        shared = covered(common)
        share = 100 * shared / len(own.letters)
        longest, passage = 0, ""
        if share >= _WORTH_SHOWING:
            match = matches(own.letters, other.letters, common, known)[0]
            start, end = own.span(match.at, match.at + match.letters)
            longest, passage = match.letters, own.text[start:end]
        yield {
            **{name: getattr(pair, name) for name in _REUSE.names if name in _Pair._fields},
            "share": share,
            "letters": shared,
            "longest": longest,
            "passage": passage,
        }


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema, rows: Sequence[dict[str, object]]
) -> None:
    connection.register("reuse_rows", pa.Table.from_pylist(rows, schema=schema))
    try:
        connection.execute(f"INSERT INTO {table} BY NAME FROM reuse_rows")
    finally:
        connection.unregister("reuse_rows")
