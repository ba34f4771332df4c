"""Opens a workspace's database for reading."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from analysis.shared import SharedTables, open_shared

_SHUT: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "lock_configuration": "true",
}


Database = Path | SharedTables
"""Where the tables are: in a DuckDB file, or in shared storage."""


class DatabaseMissing(Exception):  # noqa: N818 - it is a state of the workspace
    """There is no database at ``path``: nothing was parsed yet."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(f"{path} does not exist")
        self.path = path


def open_for_reading(
    database: Database, settings: Mapping[str, str | int] | None = None
) -> duckdb.DuckDBPyConnection:
    """A read-only connection that can reach nothing but this database; ``settings`` are
    DuckDB's, for a file that this process opens once.

    Raises :class:`DatabaseMissing`, or :class:`duckdb.Error` where the file is no database or another
    process is writing to it.
    """
    if isinstance(database, SharedTables):
        return open_shared(database, settings or {}, _SHUT)
    if not database.exists():
        raise DatabaseMissing(database)
    # Said when it is opened, for a second connection of the same process may change nothing any more.
    if settings is None:
        return duckdb.connect(str(database), read_only=True, config=_SHUT)
    # Once shut it takes no settings at all, those that come with it included.
    connection = duckdb.connect(str(database), read_only=True, config=dict(settings))
    for name, value in _SHUT.items():
        connection.execute(f"SET {name} = {value}")
    return connection


def open_to_write_files(database: Database) -> duckdb.DuckDBPyConnection:
    """As :func:`open_for_reading`, but what is read can be written to files of this machine."""
    if isinstance(database, SharedTables):
        return open_shared(database, {}, {})
    return duckdb.connect(str(database), read_only=True)


def records(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The lines of a query's result, each by column name."""
    result = connection.execute(query, parameters)
    columns = [name for name, *_ in result.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
