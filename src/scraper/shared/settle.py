"""Works out which reports there are, in a database of this process alone: as for a workspace, by its SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from scraper import store
from scraper.parse import Parsed, load_counties, reader_of
from scraper.portals import Portal
from scraper.shared.archived import capture_of
from scraper.shared.part import SCHEMA
from scraper.shared.parts import Parts
from scraper.shared.readable import in_duckdb, readable
from scraper.shared.storage import Storage
from scraper.shared.task import Asked, Task, Terms

_OF_REPORT = ("fact", "label", "report_text", "evidence", "claim", "warning")
_OF_VERSION = {"earlier_fact": "fact", "earlier_text": "report_text"}
JOINS = {
    "capture": "FROM part.capture",
    **{
        table: f"SELECT s.report_id, p.* EXCLUDE (warc_file, warc_offset)"  # noqa: S608
        f" FROM part.{table} p JOIN part.source s USING (warc_file, warc_offset)"
        for table in _OF_REPORT
    },
    **{
        table: f"SELECT s.report_id, s.url, s.captured_at, p.* EXCLUDE (warc_file, warc_offset)"  # noqa: S608
        f" FROM part.{of} p JOIN part.earlier_source s USING (warc_file, warc_offset)"
        for table, of in _OF_VERSION.items()
    },
}
"""The tables that are nowhere stored as such: what they are made of, as SQL."""


@contextmanager
def scratch(storage: Storage) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database with the tables of a workspace's, in a folder that goes with the block.

    It can read the files of ``storage``.
    """
    with (
        TemporaryDirectory(prefix="nianbao-settle-") as folder,
        store.open_database(Path(folder) / "settle.duckdb") as connection,
    ):
        connection.execute(f"SET temp_directory = '{folder}'")
        connection.execute("SET enable_progress_bar = false")
        connection.register_filesystem(readable(storage))
        connection.execute("CREATE SCHEMA part")
        yield connection


def take_in(
    connection: duckdb.DuckDBPyConnection, terms: Terms, parts: Parts, portals: Sequence[Portal]
) -> list[Task]:
    """Takes in what the parts of whole WARC files say; what must be read besides."""
    load_counties(connection, portals)
    _show_parts(connection, parts)
    connection.execute("CREATE OR REPLACE TABLE capture AS FROM part.capture")
    readers = {netloc: reader_of(netloc, terms.hosts) for netloc in ("", *store.netlocs(connection))}
    store.find_unread(connection, readers)
    _take_readings(connection)
    lost = [(part.warc_file, offset) for part in parts.new for offset in part.lost]
    connection.execute("CREATE OR REPLACE TEMP TABLE lost (warc_file VARCHAR, warc_offset BIGINT)")
    if lost:
        connection.executemany("INSERT INTO lost VALUES (?, ?)", lost)
    _run(connection, "asked.sql")
    found = connection.execute("FROM asked ORDER BY warc_file, warc_offset").fetchall()
    return [
        Task(warc, parts.whole[warc].size, tuple(map(_asked, rows)))
        for warc, rows in groupby(found, key=lambda row: str(row[5]))
    ]


def read_now(connection: duckdb.DuckDBPyConnection, parts: Parts) -> Parsed:
    """What this run has read."""
    files = [in_duckdb(part.files["reading"].name) for part in parts.new]
    counted = "SELECT outcome, count(*) FROM read_parquet($1) GROUP BY outcome"
    outcomes = Counter(dict(connection.execute(counted, [files]).fetchall() if files else []))
    reports, facts = (sum(part.files[table].rows for part in parts.new) for table in ("report", "fact"))
    return Parsed(reports, facts, outcomes["other_page"], outcomes=outcomes)


def settle(connection: duckdb.DuckDBPyConnection, parts: Parts) -> None:
    """Fills the tables with all that the parts say; what was asked for besides is there by now."""
    _show_parts(connection, parts)
    _take_readings(connection)
    settling = store.Settling(connection)
    _run(connection, "gathered.sql")
    settling.finish()
    for table, query in JOINS.items():
        if table != "capture":
            connection.execute(f"INSERT INTO {table} BY NAME {query}")


def _take_readings(connection: duckdb.DuckDBPyConnection) -> None:
    """Of all that was read, what counts: of several captures of one content the oldest speaks for all."""
    connection.execute(
        "CREATE OR REPLACE TABLE reading AS FROM part.reading SEMI JOIN unread USING (warc_file, warc_offset)"
    )


def _show_parts(connection: duckdb.DuckDBPyConnection, parts: Parts) -> None:
    for table, schema in SCHEMA.items():
        names = [in_duckdb(name) for name in parts.files(table)]
        connection.register("empty", schema.empty_table())
        connection.execute(f"CREATE TABLE IF NOT EXISTS part.no_{table} AS FROM empty")
        connection.unregister("empty")
        listed = ", ".join(f"'{name.replace(chr(39), chr(39) * 2)}'" for name in names)
        query = f"FROM read_parquet([{listed}])" if names else f"FROM part.no_{table}"
        connection.execute(f"CREATE OR REPLACE VIEW part.{table} AS {query}")


def _asked(row: tuple[Any, ...]) -> Asked:
    before, holding = row[9], row[10]
    return Asked(
        capture_of(row[:9]),
        before and capture_of(tuple(before.values())),
        tuple(capture_of(tuple(one.values())[:9]) for one in holding or ()),
    )


def _run(connection: duckdb.DuckDBPyConnection, script: str) -> None:
    connection.execute((files(__package__) / script).read_text(encoding="utf-8"))
