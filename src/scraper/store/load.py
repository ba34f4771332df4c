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
from scraper.store.lines import columns, listed, shown

_BATCH = 2_000


def _same(*names: str) -> dict[str, str]:
    """Columns that are called in their table as in a line."""
    return {name: name for name in names}


_IDENTITY = ("county_code", "publisher", "year", "title", "form")
_PLACE = ("url", "captured_at", "sha256", "warc_file", "warc_offset")
READING = {
    "warc_file": "read_file",
    "warc_offset": "read_offset",
    **_same("reader", "outcome", "leads_to", "content", "figures", *_IDENTITY),
}
_REPORT = _same(
    "report_id", *_IDENTITY, "publisher_kind", "scope", "period_start", "period_end", "published_on", *_PLACE,
    "sample",
)  # fmt: skip
_VERSION = {**_same("report_id", *_IDENTITY, "content", *_PLACE), "last_seen_at": "captured_at"}
_REPORT_KEY = _same("report_id")
_VERSION_KEY = _same("report_id", "url", "captured_at")

# What is known of a report beside its own line, and which list of a line it is.
_OF_REPORT = {**_same("fact", "label", "claim", "evidence", "warning"), "report_text": "text"}
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
        lines = rows.table_of("capture", list(map(rows.capture_row, batch)))
        rows.insert(connection, "capture", lines, "OR IGNORE")


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


def load_readings(connection: duckdb.DuckDBPyConnection, lines: pa.Table) -> None:
    """Keeps what came of reading some captures, and the reports that stand there, as one transaction.

    ``lines`` are as :func:`scraper.store.lines_of` gives them. What an older reader saw in the same content
    goes, whatever it was.
    """
    with transaction(connection):
        rows.insert(connection, "reading", columns(lines, READING), "OR REPLACE")
        _forget_contents(connection, lines)
        _replace_reports(connection, shown(lines))


def load_reports(connection: duckdb.DuckDBPyConnection, lines: pa.Table) -> None:
    """Replaces reports as one transaction."""
    with transaction(connection):
        _replace_reports(connection, lines)


def load_earlier(connection: duckdb.DuckDBPyConnection, lines: pa.Table) -> None:
    """Replaces versions that are not the newest of their addresses, as one transaction.

    The capture of each is the one in which its address first showed it.
    """
    versions = columns(lines, _VERSION).append_column("newest", pa.repeat(pa.scalar(False), len(lines)))
    with transaction(connection):
        connection.register("written", versions)
        _forget_versions(
            connection, "SELECT url, captured_at FROM version SEMI JOIN written USING (url, captured_at)"
        )
        connection.unregister("written")
        rows.insert(connection, "version", versions)
        rows.insert(connection, "earlier_fact", listed(lines, "fact", _VERSION_KEY))
        rows.insert(connection, "earlier_text", listed(lines, "text", _VERSION_KEY))


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


def _forget_contents(connection: duckdb.DuckDBPyConnection, lines: pa.Table) -> None:
    """Takes away the reports and versions that are these contents of their addresses."""
    connection.register("read_anew", columns(lines, {"url": "url", "sha256": "read_sha256"}))
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


def _replace_reports(connection: duckdb.DuckDBPyConnection, lines: pa.Table) -> None:
    forget_reports(connection, lines["report_id"].to_pylist())
    rows.insert(connection, "report", columns(lines, _REPORT))
    for table, name in _OF_REPORT.items():
        rows.insert(connection, table, listed(lines, name, _REPORT_KEY))
