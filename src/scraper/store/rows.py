"""How lines of Arrow get into the database, whole batches at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from scraper.archive import Capture
from scraper.store.lines import naive

Row = tuple[Any, ...]

SCHEMAS = {
    name: pa.schema(columns)
    for name, columns in {
        "capture": (
            ("url", pa.string()), ("captured_at", pa.timestamp("s")), ("status", pa.int32()),
            ("mime", pa.string()), ("sha256", pa.string()), ("warc_file", pa.string()),
            ("warc_offset", pa.int64()), ("warc_length", pa.int64()), ("revisit", pa.bool_()),
        ),
        "county": (
            ("code", pa.string()), ("name", pa.string()), ("province", pa.string()),
            ("prefecture", pa.string()), ("pinyin", pa.string()), ("since", pa.int32()),
            ("until", pa.int32()), ("successors", pa.list_(pa.string())),
            ("other_names", pa.list_(pa.string())), ("current_code", pa.string()),
        ),
    }.items()
}  # fmt: skip


def table_of(table: str, rows: Sequence[Row]) -> pa.Table:
    """``rows``, whose values stand in the order of ``SCHEMAS``, with their columns; there is at least one."""
    schema = SCHEMAS[table]
    columns = [
        pa.array(values, field.type) for field, values in zip(schema, zip(*rows, strict=True), strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def insert(connection: duckdb.DuckDBPyConnection, table: str, lines: pa.Table, how: str = "") -> None:
    """Adds ``lines``; columns of ``table`` that they lack stay null."""
    if not lines.num_rows:
        return
    connection.register("incoming", lines)
    connection.execute(f"INSERT {how} INTO {table} BY NAME FROM incoming")
    connection.unregister("incoming")


def renew(connection: duckdb.DuckDBPyConnection, table: str, lines: pa.Table, *, whole: bool = False) -> None:
    """Brings lines, whose columns are the table's in their order, up to date; writes nothing if they are.

    With ``whole`` there are to be no others, and they are to stand in this order.
    """
    connection.register("incoming", lines)
    others = connection.execute(f"(FROM incoming EXCEPT FROM {table}) LIMIT 1").fetchall()
    if others and whole:
        # INSERT OR REPLACE does not keep the order.
        connection.execute(f"BEGIN; DELETE FROM {table}; INSERT INTO {table} FROM incoming; COMMIT")  # noqa: S608
    elif others:
        connection.execute(f"INSERT OR REPLACE INTO {table} FROM incoming")
    connection.unregister("incoming")


def capture_row(capture: Capture) -> Row:
    """The line of ``capture``."""
    return (
        capture.url, naive(capture.captured_at), capture.status, capture.mime, capture.sha256,
        capture.warc_file, capture.offset, capture.length, capture.revisit,
    )  # fmt: skip
