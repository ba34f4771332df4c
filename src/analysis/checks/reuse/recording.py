"""Keeps which reports have text in common, in the tables ``reuse_sketch`` and ``reuse``."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypeVar

import duckdb
import pyarrow as pa

from analysis.checks.reuse.candidates import find_pairs, settle
from analysis.checks.reuse.comparing import Comparisons, Kept, Read, Text, compare, read_texts
from analysis.checks.reuse.demanded import demanded
from analysis.checks.reuse.sketch import version
from analysis.spreading import Spread, here

_Item = TypeVar("_Item")

# Texts, and pairs of texts, that are read or written at once, and those that one process is given at once.
_TEXTS, _FEW_TEXTS = 500, 20
_PAIRS, _FEW_PAIRS = 5000, 100

_SKETCH = pa.schema(
    [
        ("report_id", pa.string()),
        ("print", pa.string()),
        ("letters", pa.int32()),
        ("bands", pa.list_(pa.uint64())),
    ]
)
_KEPT = pa.schema([("report_id", pa.string()), ("begins_at", pa.int64()), ("size", pa.int32())])
_REUSE = pa.schema(
    [(name, pa.string()) for name in ("report_id", "other_id", "kin", "print", "other_print")]
    + [("share", pa.float64()), ("letters", pa.int32()), ("longest", pa.int32()), ("passage", pa.string())]
)
_READABLE = """
    CREATE OR REPLACE TEMP TABLE reuse_text AS
    SELECT report_id, $1 || ' ' || sum(hash(paragraph, text)) AS print,
           min(t.rowid) AS first_place, max(t.rowid) AS last_place
    FROM report_text t SEMI JOIN report r USING (report_id) GROUP BY report_id
    -- What is shorter has no more letters of its own either.
    HAVING sum(len(text)) >= $2
"""
# What waits is numbered from 0, so that it can be taken bit by bit.
_UNSKETCHED = """
    CREATE OR REPLACE TEMP TABLE reuse_unread AS
    SELECT row_number() OVER (ORDER BY first_place, report_id) - 1 AS number, *
    FROM reuse_text ANTI JOIN reuse_sketch USING (report_id, print)
"""
_UNKEPT = """
    CREATE OR REPLACE TEMP TABLE reuse_unread AS
    SELECT row_number() OVER (ORDER BY first_place, report_id) - 1 AS number, *
    FROM reuse_text SEMI JOIN (
        SELECT report_id FROM reuse_uncompared UNION SELECT other_id FROM reuse_uncompared
    ) USING (report_id) ANTI JOIN reuse_kept USING (report_id)
"""
_UNREAD = """
    WITH wanted AS (FROM reuse_unread WHERE number BETWEEN $first AND $last)
    SELECT report_id, any_value(print), string_agg(text, '\n' ORDER BY paragraph)
    FROM report_text t JOIN wanted USING (report_id)
    WHERE t.rowid BETWEEN (SELECT min(first_place) FROM wanted) AND (SELECT max(last_place) FROM wanted)
    GROUP BY report_id ORDER BY any_value(number)
"""
# A pair stands while both texts are the same.
_STANDING = """
    SELECT p.report_id, p.other_id, p.kin, a.print, b.print AS other_print
    FROM reuse_pair p JOIN reuse_text a ON a.report_id = p.report_id
    JOIN reuse_text b ON b.report_id = p.other_id
"""
_FORGET = f"""
    DELETE FROM reuse WHERE (report_id, other_id, kin, print, other_print) NOT IN
    (SELECT (report_id, other_id, kin, print, other_print) FROM ({_STANDING}))
"""  # noqa: S608
# Those of a province and year come together: they are compared with each other and with the year before.
_UNCOMPARED = f"""
    CREATE OR REPLACE TEMP TABLE reuse_uncompared AS
    SELECT row_number() OVER (ORDER BY m.place, waiting.other_id, waiting.kin) - 1 AS number, waiting.*
    FROM (FROM ({_STANDING}) ANTI JOIN reuse USING (report_id, other_id, kin, print, other_print)) waiting
    JOIN reuse_member m ON m.report_id = waiting.report_id
"""  # noqa: S608
_WAITING = """
    SELECT p.report_id, other_id, kin, print, other_print, a.begins_at, a.size, b.begins_at, b.size
    FROM reuse_uncompared p JOIN reuse_kept a ON a.report_id = p.report_id
    JOIN reuse_kept b ON b.report_id = p.other_id
    WHERE number BETWEEN $first AND $last ORDER BY number
"""
_MADE = (
    "reuse_text",
    "reuse_unread",
    "reuse_kept",
    "reuse_member",
    "reuse_era",
    "reuse_pair",
    "reuse_uncompared",
)


def record_reuse(connection: duckdb.DuckDBPyConnection, spread: Spread = here) -> int:
    """Compares the newest texts of all reports and keeps what they share; returns how many pairs there are.

    Each report is compared with last year's of the same body, and with those of its province, of the same
    year and the year before, whose sketches say that they have much in common. Only what is new is worked
    out, wherever ``spread`` has it done. What was done stays when the run is stopped. The texts at work are
    in a temporary file, not in memory.
    """
    wordings = demanded()
    try:
        with TemporaryDirectory(prefix="nianbao-") as folder:
            connection.execute(_READABLE, [version(wordings), wordings.prose])
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE reuse_kept (report_id VARCHAR, begins_at BIGINT, size INTEGER)"
            )
            work = _Work(connection, spread, Path(folder, "proses"))
            work.sketch()
            find_pairs(connection)
            work.compare()
            settle(connection)
    finally:
        for name in _MADE:
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    (count,) = connection.execute("SELECT count(*) FROM reuse").fetchone() or (0,)
    return int(count)


class _Work:
    """What one run does; ``proses`` is the file in which it keeps the own prose of texts."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, spread: Spread, proses: Path) -> None:
        self._connection = connection
        self._spread = spread
        self._proses = proses

    def sketch(self) -> None:
        """Sketches the texts that are new."""
        self._connection.execute(
            "DELETE FROM reuse_sketch"
            " WHERE (report_id, print) NOT IN (SELECT (report_id, print) FROM reuse_text)"
        )
        self._connection.execute(_UNSKETCHED)
        for some in self._read():
            _insert(self._connection, "reuse_sketch", _SKETCH, [one._asdict() for one in some])

    def compare(self) -> None:
        """Compares the pairs that are new or have a new text."""
        self._connection.execute(_FORGET)
        self._connection.execute(_UNCOMPARED)
        self._connection.execute(_UNKEPT)
        for _ in self._read():
            pass
        waiting: deque[_Pair] = deque()
        done = chain.from_iterable(self._spread(compare, self._comparisons(waiting)))
        for some in _batches(done, _PAIRS):
            rows = [waiting.popleft()._asdict() | shared._asdict() for shared in some]
            _insert(self._connection, "reuse", _REUSE, rows)

    def _read(self) -> Iterator[list[Read]]:
        """What the texts in ``reuse_unread`` are, which are kept in the file."""
        with self._proses.open("ab") as file:
            for some in _batches(chain.from_iterable(self._spread(read_texts, self._texts())), _TEXTS):
                kept = [
                    {"report_id": one.report_id, "begins_at": file.tell(), "size": file.write(one.prose)}
                    for one in some
                ]
                file.flush()
                _insert(self._connection, "reuse_kept", _KEPT, kept)
                yield some

    def _texts(self) -> Iterator[list[Text]]:
        for rows in self._bit_by_bit(_UNREAD, _TEXTS):
            yield from _batches(map(Text._make, rows), _FEW_TEXTS)

    def _comparisons(self, waiting: deque[_Pair]) -> Iterator[Comparisons]:
        """The pairs in ``reuse_uncompared``; those that were taken come into ``waiting``."""
        for rows in self._bit_by_bit(_WAITING, _PAIRS):
            for some in _batches(rows, _FEW_PAIRS):
                waiting.extend(_Pair(*row[:5]) for row in some)
                yield Comparisons(self._proses, [(Kept(*row[5:7]), Kept(*row[7:9])) for row in some])

    def _bit_by_bit(self, query: str, size: int) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query of what is numbered, so many numbers at a time."""
        first = 0
        while rows := self._connection.execute(query, {"first": first, "last": first + size - 1}).fetchall():
            yield rows
            first += size


class _Pair(NamedTuple):
    report_id: str
    other_id: str
    kin: str
    print: str
    other_print: str


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema, rows: Sequence[Mapping[str, object]]
) -> None:
    connection.register("reuse_rows", pa.Table.from_pylist(rows, schema=schema))
    try:
        connection.execute(f"INSERT INTO {table} BY NAME FROM reuse_rows")
    finally:
        connection.unregister("reuse_rows")


def _batches(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
