"""Tables that lie as Parquet files in storage that several machines share, asked where they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

# Small tables that are joined with everything, and those whose lines have an order. The others stay where
# they are.
_TAKEN_ALONG = frozenset({"metric", "applicant", "county"})
# Lines of these are told from one another by their place in the table.
_PLACED = frozenset({"report"})


@dataclass(frozen=True)
class SharedTables:
    """The tables of a state of shared storage at ``url``.

    ``tables`` has the addresses of the Parquet files of each table, which begin with ``scheme`` and lie in
    ``filesystem``, which is one of fsspec; ``joins`` are the long tables that are made of several of those,
    ``views`` the views over them all, as SQL. ``state`` is another one for other tables.
    """

    url: str
    scheme: str
    filesystem: Any
    tables: Mapping[str, Sequence[str]]
    joins: Mapping[str, str]
    views: Mapping[str, str]
    state: str


def open_shared(
    shared: SharedTables, settings: Mapping[str, str | int], shut: Mapping[str, object]
) -> duckdb.DuckDBPyConnection:
    """A read-only connection that sees the tables where they lie, and nothing else; shut as ``shut`` says.

    Raises :class:`duckdb.Error` where a file is not there any more.
    """
    with TemporaryDirectory(prefix="nianbao-shared-") as folder:
        # A database of views alone: opened anew, nobody can add to it, as to that of a workspace.
        path = Path(folder) / "nianbao.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.register_filesystem(shared.filesystem)
            connection.execute("CREATE SCHEMA part")
            for table, names in shared.tables.items():
                kind = "TABLE" if table in _TAKEN_ALONG else "VIEW"
                connection.execute(f"CREATE {kind} {table} AS {_read(names, placed=table in _PLACED)}")
            for view, query in {**shared.joins, **shared.views}.items():
                connection.execute(f"CREATE VIEW {view} AS {query}")
        # Once opened, it needs no name.
        connection = duckdb.connect(str(path), read_only=True, config=dict(settings))
    connection.register_filesystem(shared.filesystem)
    connection.execute(f"SET allowed_directories = ['{shared.scheme}://']")
    for name, value in shut.items():
        connection.execute(f"SET {name} = {value}")
    return connection


def copy_shared(shared: SharedTables, target: Path) -> None:
    """Writes all tables into a database of their own, which needs the storage no more.

    Raises :class:`duckdb.Error` where a file is not there any more.
    """
    with duckdb.connect(str(target)) as connection:
        connection.register_filesystem(shared.filesystem)
        connection.execute("CREATE SCHEMA part")
        for table, names in shared.tables.items():
            kind = "VIEW" if table.startswith("part.") else "TABLE"
            connection.execute(f"CREATE {kind} {table} AS {_read(names)}")
        for table, query in shared.joins.items():
            connection.execute(f"CREATE TABLE {table} AS {query}")
        connection.execute("DROP SCHEMA part CASCADE")
        for view, query in shared.views.items():
            connection.execute(f"CREATE VIEW {view} AS {query}")


def _read(names: Sequence[str], *, placed: bool = False) -> str:
    """How a table is read from its files; ``placed``, with the place of each line as tables have it."""
    listed = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    if not placed:
        return f"FROM read_parquet([{listed}])"
    placed_lines = f"read_parquet([{listed}], file_row_number = true)"
    return f"SELECT * RENAME (file_row_number AS rowid) FROM {placed_lines}"  # noqa: S608 - files of ours
