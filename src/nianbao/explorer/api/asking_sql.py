"""SQL of anybody: read-only, and bounded in time, memory, rows and size of the answer."""

from __future__ import annotations

import threading
from typing import Any

import duckdb

from nianbao.failures import Failure

MOST_ROWS, MOST_CHARACTERS = 10_000, 8_000_000
_AT_ONCE = 200
_LONGEST_QUERY = 10_000


def ask_sql(connection: duckdb.DuckDBPyConnection, query: str, seconds: float) -> dict[str, Any]:
    """The columns and rows that one SELECT statement gives; ``more``: there are further rows.

    Raises :class:`Failure` where it is no such statement, takes too long or gives too much, and
    :class:`duckdb.Error`.
    """
    if not query.strip() or len(query) > _LONGEST_QUERY:
        raise Failure("sql_not_one_select", usage=True)
    statements = connection.extract_statements(query)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise Failure("sql_not_one_select", usage=True)
    timer = threading.Timer(seconds, connection.interrupt)
    timer.start()
    try:
        return _result(connection, query)
    except duckdb.InterruptException as error:
        raise Failure("sql_too_long", seconds=f"{seconds:g}") from error
    finally:
        timer.cancel()


def _result(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    result = connection.execute(query)
    columns = [name for name, *_ in result.description or ()]
    rows: list[tuple[Any, ...]] = []
    size = 0
    while len(rows) <= MOST_ROWS and (some := result.fetchmany(_AT_ONCE)):
        rows += some
        size += sum(len(str(value)) for row in some for value in row)
        if size > MOST_CHARACTERS:
            raise Failure("sql_too_large", most=f"{MOST_CHARACTERS:,}")
    return {"columns": columns, "rows": rows[:MOST_ROWS], "more": len(rows) > MOST_ROWS}
