"""``sql``: the database as it is, read-only."""

from __future__ import annotations

from typing import Annotated

import duckdb
import typer

from analysis.database import open_for_reading, records
from nianbao.failures import Failure
from nianbao.options import DEFAULT_DATA, Data, Lang, Output, PrintFormat
from nianbao.records import Column, put
from nianbao.workspace import Workspace


def sql(
    query: Annotated[str, typer.Argument(metavar="SELECT")],
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints the result of one SELECT statement."""
    with open_for_reading(Workspace(data).database) as connection:
        statements = connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise Failure("sql_not_one_select", usage=True)
        found = records(connection, query)
        names = [name for name, *_ in connection.description or ()]
    put(found, [Column(name, name) for name in names], print_format, output)
