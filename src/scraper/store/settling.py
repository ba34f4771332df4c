"""Brings reports, versions and addresses into line with what was read of the captures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from importlib.resources import files

import duckdb
import pyarrow as pa

from scraper.archive import Capture
from scraper.store.load import transaction
from scraper.store.rows import Row

# How many lines are in memory.
_FETCHED = 1_000
_MOST_REDIRECTS = 5

_RECORD = (
    "record.url, record.captured_at, record.status, record.mime, record.sha256,"
    " record.warc_file, record.warc_offset, record.warc_length, record.revisit"
)

# Addresses that ever held a report, and those that they sent their readers to.
_ADDRESSES = """
    CREATE OR REPLACE TEMP TABLE address AS
    WITH RECURSIVE reached AS (
        SELECT c.url FROM capture c JOIN reading r USING (warc_file, warc_offset) WHERE r.outcome = 'report'
        UNION
        SELECT r.leads_to
        FROM reached JOIN capture c USING (url) JOIN reading r USING (warc_file, warc_offset)
        WHERE r.leads_to IS NOT NULL
    )
    FROM reached
"""
_OF_ADDRESSES = "(FROM capture SEMI JOIN address USING (url))"
_ANSWERS = "CREATE OR REPLACE TEMP TABLE given_answer AS FROM answer"

# Where the redirects of reports' addresses lead, one step at a time. A page that sends its reader back to
# itself, with a cookie perhaps, says nothing; nor does one whose target the same visit did not keep.
_LED = """
    CREATE OR REPLACE TEMP TABLE led AS
    SELECT warc_file, warc_offset, url AS home, leads_to AS target, captured_at AS moment, outcome
    FROM given_answer SEMI JOIN (SELECT url FROM given_answer WHERE outcome = 'report') USING (url)
    WHERE outcome = 'redirect'
"""
_LED_ON = """
    CREATE OR REPLACE TEMP TABLE led AS
    WITH landing AS (
        FROM given_answer answer SEMI JOIN led ON led.target = answer.url
        QUALIFY row_number() OVER (
            PARTITION BY url, captured_at ORDER BY warc_file DESC, warc_offset DESC
        ) = 1
    )
    SELECT led.warc_file, led.warc_offset, home, landing.leads_to AS target,
           CASE WHEN led.outcome = 'redirect' THEN landing.captured_at ELSE moment END AS moment,
           CASE WHEN led.outcome <> 'redirect' THEN led.outcome
                WHEN led.target = home OR landing.captured_at > moment + INTERVAL 1 DAY THEN 'unknown'
                ELSE coalesce(landing.outcome, 'unknown') END AS outcome
    FROM led ASOF LEFT JOIN landing ON led.target = landing.url AND led.moment <= landing.captured_at
"""

_MISSING_REPORTS = f"""
    CREATE OR REPLACE TEMP TABLE missing AS
    SELECT {_RECORD}, a.file_at, a.sha256, a.warc_file, a.warc_offset, a.report_id
    FROM wanted_address a
    JOIN capture record ON record.warc_file = a.read_file AND record.warc_offset = a.read_offset
    ANTI JOIN report r
      ON r.report_id = a.report_id AND r.warc_file = a.warc_file AND r.warc_offset = a.warc_offset
    WHERE a.main
"""  # noqa: S608 - the columns stand above
_MISSING_VERSIONS = f"""
    CREATE OR REPLACE TEMP TABLE missing AS
    SELECT {_RECORD}, v.captured_at, v.sha256, v.warc_file, v.warc_offset, a.report_id
    FROM wanted_version v JOIN wanted_address a USING (url, edition)
    JOIN capture record ON record.warc_file = v.read_file AND record.warc_offset = v.read_offset
    ANTI JOIN version s
      ON s.url = v.url AND s.captured_at = v.captured_at AND NOT s.newest
     AND s.sha256 = v.sha256 AND s.content = v.content
    WHERE NOT v.newest
"""  # noqa: S608 - the columns stand above


@dataclass(frozen=True)
class Unread:
    """A record to be read by ``reader``; ``head`` is the capture that its content stands at now, if any."""

    record: Capture
    reader: str
    head: Capture | None


@dataclass(frozen=True)
class Missing:
    """What the database lacks of a report: read from ``record``, it is what ``capture`` showed."""

    record: Capture
    capture: Capture
    report_id: str


def find_unread(connection: duckdb.DuckDBPyConnection, readers: Mapping[str, str]) -> int:
    """Finds the records that another reader read, or none; how many they are.

    ``readers`` has the present reader for each ``host:port`` of an address, and for "".
    """
    columns = {"netloc": list(readers), "reader": list(readers.values())}
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    connection.register("site_reader", table)
    _run(connection, "captures.sql", captures="capture")
    _run(connection, "unread.sql")
    connection.unregister("site_reader")
    return _count(connection, "unread")


def unread(connection: duckdb.DuckDBPyConnection) -> Iterator[Unread]:
    """What :func:`find_unread` found, in the order in which it lies in the archive."""
    wanted = f"{_RECORD}, head_at, sha256, head_file, head_offset, reader"
    for row in _lines(connection, "unread", wanted):
        yield Unread(_capture(row), row[13], None if row[9] is None else _head(row))


def netlocs(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The ``host:port`` of all captures, "" for those that have none."""
    rows = connection.execute(
        "SELECT DISTINCT regexp_extract(url, '^[^:/?#]+://([^/?#]*)', 1) FROM capture"
    ).fetchall()
    return [netloc for (netloc,) in rows]


def state_of(connection: duckdb.DuckDBPyConnection, readers: Mapping[str, str]) -> str:
    """The same as long as there are no other captures, which are only ever added, and no other readers."""
    captures = _count(connection, "capture")
    readers_now = repr(sorted(readers.items()))
    return f"{captures} {hashlib.sha256(readers_now.encode()).hexdigest()}"


def is_settled(connection: duckdb.DuckDBPyConnection, state: str) -> bool:
    """Whether a run that saw the same left nothing undone."""
    return connection.execute("FROM settled WHERE state = $1", [state]).fetchall() != []


def note_settled(connection: duckdb.DuckDBPyConnection, state: str | None) -> None:
    """Notes that nothing is undone for ``state``; None, that a run has begun."""
    with transaction(connection):
        connection.execute("DELETE FROM settled")
        if state is not None:
            connection.execute("INSERT INTO settled VALUES ($1)", [state])


class Settling:
    """Works out which reports there are; the caller reads what is missing, then all else is put right.

    The same captures and readings give the same tables, whatever was there before.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        connection.execute(_ADDRESSES)
        _run(connection, "captures.sql", captures=_OF_ADDRESSES)
        connection.execute(_ANSWERS)
        self._follow_redirects()
        _run(connection, "settling.sql")

    def missing_reports(self) -> Iterator[Missing]:
        """Reports whose newest version is not the one that is stored."""
        return self._missing(_MISSING_REPORTS)

    def missing_versions(self) -> Iterator[Missing]:
        """Versions that are not the newest of their addresses, and are not stored as such."""
        return self._missing(_MISSING_VERSIONS)

    def finish(self) -> None:
        """Takes away what is no more, and says of all else where and when it is."""
        with transaction(self._connection):
            _run(self._connection, "settled.sql")

    def _missing(self, query: str) -> Iterator[Missing]:
        self._connection.execute(f"{query} ORDER BY record.warc_file, record.warc_offset")
        for row in _lines(self._connection, "missing", "*"):
            yield Missing(_capture(row), _head(row), row[13])

    def _follow_redirects(self) -> None:
        self._connection.execute(_LED)
        for _ in range(_MOST_REDIRECTS):
            if self._connection.execute("FROM led WHERE outcome = 'redirect' LIMIT 1").fetchall():
                self._connection.execute(_LED_ON)


def _run(connection: duckdb.DuckDBPyConnection, script: str, **filled: str) -> None:
    text = (files(__package__) / script).read_text(encoding="utf-8")
    connection.execute(text.format(**filled) if filled else text)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found: list[tuple[int]] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608
    return found[0][0]


def _lines(connection: duckdb.DuckDBPyConnection, table: str, columns: str) -> Iterator[Row]:
    """The lines of a table that does not change meanwhile; some at a time are in memory."""
    begin = 0
    query = f"SELECT {columns} FROM {table} record WHERE rowid >= $1 AND rowid < $2 ORDER BY rowid"  # noqa: S608
    while found := connection.execute(query, [begin, begin + _FETCHED]).fetchall():
        yield from found
        begin += _FETCHED


def _capture(row: Row) -> Capture:
    url, captured_at, status, mime, sha256, warc_file, offset, length, revisit = row[:9]
    moment = captured_at.replace(tzinfo=UTC)
    return Capture(url, moment, status, mime, "", sha256, warc_file, offset, length, revisit)


def _head(row: Row) -> Capture:
    """The capture of the same content that the four columns behind the record's name."""
    captured_at, sha256, warc_file, offset = row[9:13]
    moment = captured_at.replace(tzinfo=UTC)
    return replace(_capture(row), captured_at=moment, sha256=sha256, warc_file=warc_file, offset=offset)
