"""Writes captures, counties and reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import islice

import duckdb
import pyarrow as pa

from scraper.archive import Capture
from scraper.places import County, current
from scraper.store import rows
from scraper.store.rows import Reading, StoredReport

_BATCH = 10_000

# 304 says that the content before still stands.
_WITH_CONTENT = (200, 304)

# What is known of a report beside its own line.
_OF_REPORT = ("fact", "label", "report_text", "claim", "evidence", "warning")
_OF_VERSION = ("version", "earlier_text", "earlier_fact")


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All that the block writes is stored, or nothing of it."""
    connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def load_captures(connection: duckdb.DuckDBPyConnection, captures: Iterable[Capture]) -> None:
    """Adds the captures that the database does not have, batch by batch."""
    waiting = iter(captures)
    while batch := list(islice(waiting, _BATCH)):
        rows.insert(connection, "capture", list(map(rows.capture_row, batch)), "OR IGNORE")


def load_counties(connection: duckdb.DuckDBPyConnection, counties: Iterable[County]) -> None:
    """Adds counties, or renews what is known of them."""
    lines = [
        (
            c.code, c.name, c.province, c.prefecture, _pinyin(c.name), c.since, c.until, list(c.successors),
            [name for name in (*c.names[1:], c.short_name) if name], current(c).code,
        )
        for c in counties
    ]  # fmt: skip
    rows.renew(connection, "county", rows.table_of("county", lines))


@cache
def _pinyin(name: str) -> str:
    # Its dictionary takes longer to load than most commands run, and only this one needs it.
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(name))


def load_readings(
    connection: duckdb.DuckDBPyConnection, readings: Sequence[Reading], reports: Sequence[StoredReport]
) -> None:
    """Keeps what came of reading some captures, and ``reports``, as one transaction.

    What an older reader saw in the same content goes, whatever it was.
    """
    contents = [reading for reading in readings if reading.capture.status in _WITH_CONTENT]
    with transaction(connection):
        rows.insert(connection, "reading", list(map(rows.reading_row, readings)), "OR REPLACE")
        _forget_contents(connection, contents)
        _replace_reports(connection, reports)


def load_reports(connection: duckdb.DuckDBPyConnection, reports: Sequence[StoredReport]) -> None:
    """Replaces ``reports`` as one transaction."""
    with transaction(connection):
        _replace_reports(connection, reports)


def load_earlier(connection: duckdb.DuckDBPyConnection, versions: Sequence[StoredReport]) -> None:
    """Replaces versions that are not the newest of their addresses, as one transaction.

    The capture of each is the one in which its address first showed it.
    """
    keys = [(stored.capture.url, rows.naive(stored.capture.captured_at)) for stored in versions]
    written = {
        "url": pa.array([url for url, _ in keys], pa.string()),
        "captured_at": pa.array([moment for _, moment in keys], pa.timestamp("s")),
    }
    with transaction(connection):
        connection.register("written", pa.table(written))
        _forget_versions(
            connection, "SELECT url, captured_at FROM version SEMI JOIN written USING (url, captured_at)"
        )
        connection.unregister("written")
        rows.insert(connection, "version", list(map(rows.earlier_row, versions)))
        for table, rows_of in (("earlier_fact", rows.fact_rows), ("earlier_text", rows.text_rows)):
            found = [rows_of(stored, *key) for stored, key in zip(versions, keys, strict=True)]
            rows.insert(connection, table, [row for some in found for row in some])


def forget_reports(connection: duckdb.DuckDBPyConnection, report_ids: Sequence[str]) -> None:
    """Takes away all that is known of reports, but not their versions."""
    known = _known(connection, report_ids)
    for table in ("report", *_OF_REPORT) if known else ():
        connection.execute(
            f"DELETE FROM {table} WHERE report_id IN (SELECT unnest($1::VARCHAR[]))",  # noqa: S608
            [known],
        )


def _known(connection: duckdb.DuckDBPyConnection, report_ids: Sequence[str]) -> list[str]:
    """Those that are there: the long tables are searched for no others."""
    found = connection.execute(
        "SELECT report_id FROM report WHERE report_id IN (SELECT unnest($1::VARCHAR[]))", [list(report_ids)]
    ).fetchall()
    return [report_id for (report_id,) in found]


def _forget_contents(connection: duckdb.DuckDBPyConnection, readings: Sequence[Reading]) -> None:
    """Takes away the reports and versions that are these contents of their addresses."""
    table = pa.table(
        {
            "url": pa.array([reading.capture.url for reading in readings], pa.string()),
            "sha256": pa.array([reading.capture.sha256 for reading in readings], pa.string()),
        }
    )
    connection.register("read_anew", table)
    found = connection.execute(
        "SELECT report_id FROM report SEMI JOIN read_anew USING (url, sha256)"
    ).fetchall()
    forget_reports(connection, [report_id for (report_id,) in found])
    _forget_versions(
        connection, "SELECT url, captured_at FROM version SEMI JOIN read_anew USING (url, sha256)"
    )
    connection.unregister("read_anew")


def _forget_versions(connection: duckdb.DuckDBPyConnection, keys: str) -> None:
    """Takes away the versions that a query names by address and time, with all that is known of them."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE stale AS {keys}")
    (count,) = connection.execute("SELECT count(*) FROM stale").fetchall()[0]
    for table in _OF_VERSION if count else ():
        connection.execute(
            f"DELETE FROM {table} USING stale"  # noqa: S608
            f" WHERE {table}.url = stale.url AND {table}.captured_at = stale.captured_at"
        )


def _replace_reports(connection: duckdb.DuckDBPyConnection, reports: Sequence[StoredReport]) -> None:
    forget_reports(connection, [stored.report_id for stored in reports])
    rows.insert(connection, "report", list(map(rows.report_row, reports)))
    for table, rows_of in (
        ("fact", rows.fact_rows),
        ("label", rows.label_rows),
        ("report_text", rows.text_rows),
        ("evidence", rows.evidence_rows),
        ("claim", rows.claim_rows),
        ("warning", rows.warning_rows),
    ):
        rows.insert(connection, table, [row for stored in reports for row in rows_of(stored)])
