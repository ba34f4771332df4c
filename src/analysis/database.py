"""Opens a workspace's database for reading."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

_SHUT: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "lock_configuration": "true",
}


class DatabaseMissing(Exception):  # noqa: N818 - it is a state of the workspace
    """There is no database at ``path``: nothing was parsed yet."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} does not exist")
        self.path = path


def open_for_reading(
    path: Path, settings: Mapping[str, str | int] | None = None
) -> duckdb.DuckDBPyConnection:
    """A read-only connection that can reach nothing but this database; ``settings`` are
    DuckDB's, for a file that this process opens once.

    Raises :class:`DatabaseMissing`, or :class:`duckdb.Error` where the file is no database or another
    process is writing to it.
    """
    if not path.exists():
        raise DatabaseMissing(path)
    # Said when it is opened, for a second connection of the same process may change nothing any more.
    if settings is None:
        return duckdb.connect(str(path), read_only=True, config=_SHUT)
    # Once shut it takes no settings at all, those that come with it included.
    connection = duckdb.connect(str(path), read_only=True, config=dict(settings))
    for name, value in _SHUT.items():
        connection.execute(f"SET {name} = {value}")
    return connection


def records(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The lines of a query's result, each by column name."""
    result = connection.execute(query, parameters)
    columns = [name for name, *_ in result.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
