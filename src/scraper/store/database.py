"""Opens the database and makes its tables and views."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

import duckdb
import pyarrow as pa

from scraper.forms import catalogue
from scraper.messages import ScraperError, message
from scraper.store.rows import renew

APPLICANT_TABLE = "requests"
_STATISTICS, _PROSE = "statistics", "prose"

# Unless the user gives another size: so much of the database is in memory, the rest in a file beside it.
_MEMORY_OF_USER, _MEMORY = "NIANBAO_MEMORY", "1GB"


def open_database(path: Path | None) -> duckdb.DuckDBPyConnection:
    """The database at ``path``, made where it is missing; in memory for None.

    Raises :class:`ScraperError` where the file can't be written, is no database, or was made by a
    version of nianbao with other tables, or where memory is limited to what is no size.
    """
    try:
        connection = duckdb.connect(str(path) if path else ":memory:")
    except duckdb.Error as error:
        raise ScraperError(
            message("database_unusable", file=path, reason=str(error).splitlines()[0])
        ) from error
    limit_memory(connection)
    _make_tables(connection, path)
    _load_catalogue(connection)
    connection.execute((files(__package__) / "views.sql").read_text(encoding="utf-8"))
    for table in dict.fromkeys(entry.table for entry in catalogue.tables()):
        connection.execute(_wide_view(table))
    connection.execute(_totals_view())
    return connection


def limit_memory(connection: duckdb.DuckDBPyConnection) -> None:
    """Keeps the memory of a database to what ``NIANBAO_MEMORY`` says, such as ``4GB``, or to 1 GB.

    Raises :class:`ScraperError` where that is no size.
    """
    size = os.environ.get(_MEMORY_OF_USER) or _MEMORY
    try:
        connection.execute("SET memory_limit = $1", [size])
    except duckdb.Error as error:
        connection.close()
        raise ScraperError(message("memory_unknown", name=_MEMORY_OF_USER, size=size)) from error


def _make_tables(connection: duckdb.DuckDBPyConnection, path: Path | None) -> None:
    schema = (files(__package__) / "schema.sql").read_text(encoding="utf-8")
    digest = hashlib.sha256(schema.encode()).hexdigest()
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if tables and ("made_by" not in tables or connection.execute("FROM made_by").fetchall() != [(digest,)]):
        connection.close()
        raise ScraperError(message("database_of_another_version", file=path))
    connection.execute(schema)
    connection.execute("INSERT OR IGNORE INTO made_by VALUES ($1)", [digest])


def _load_catalogue(connection: duckdb.DuckDBPyConnection) -> None:
    for table, entries in (("metric", catalogue.metrics()), ("applicant", catalogue.applicants())):
        columns = [column for (column, *_) in connection.execute(f'DESCRIBE "{table}"').fetchall()]
        renew(
            connection,
            table,
            pa.table({name: [getattr(entry, name) for entry in entries] for name in columns}),
            whole=True,
        )


def _wide_view(table: str) -> str:
    """A view with one line for each report, or report and applicant, and a column for each metric."""
    metrics = dict.fromkeys(entry.metric for entry in catalogue.metrics() if entry.table == table)
    columns = {name: f"metric = '{name}'" for name in metrics}
    by = ["applicant"] if table == APPLICANT_TABLE else []
    return _view(
        f"{table}_wide", by, {name: [which] for name, which in columns.items()}, f""""table" = '{table}'"""
    )


def _totals_view() -> str:
    """A view with one line for each report and a column for each metric of any table: its total.

    A metric that the 2014 form's statistics and a later table print is the later table's, where both are.
    """
    tables: dict[str, dict[str, None]] = {}
    for entry in catalogue.metrics():
        if entry.table != _PROSE:
            tables.setdefault(entry.metric, {})[entry.table] = None
    columns = {
        name: [
            f"""metric = '{name}' AND "table" = '{table}'""" if len(of) > 1 else f"metric = '{name}'"
            for table in sorted(of, key=lambda table: table == _STATISTICS)
        ]
        for name, of in tables.items()
    }
    return _view("totals_wide", [], columns, "applicant IN ('total', '')")


def _view(name: str, by: Sequence[str], columns: Mapping[str, Sequence[str]], which: str) -> str:
    """A view of the facts for which ``which`` holds, by report and ``by``.

    A column is the value of the facts for which its condition holds; of several conditions the first that
    gives one counts.
    """
    values = [
        f"coalesce({', '.join(f'max(CASE WHEN {one} THEN value END)' for one in of)}, NULL) AS {column}"
        for column, of in columns.items()
    ]
    # Grouped before they are joined, which takes a tenth of the time.
    return f"""
        CREATE OR REPLACE VIEW {name} AS
        SELECT report_id, report.county_code, county.name AS county, report.publisher, report.year,
               report.form, wide.* EXCLUDE (report_id)
        FROM (
            SELECT {", ".join(["report_id", *by, *values])} FROM fact WHERE {which}
            GROUP BY {", ".join(["report_id", *by])}
        ) wide
        JOIN report USING (report_id) LEFT JOIN county ON county.code = report.county_code
    """  # noqa: S608 - every name comes from the catalogue that ships with the code
