"""Writes tables as Parquet, CSV and XLSX: the same lines in the same order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from analysis.export.catalogue import SQL_TYPES, Column, Table
from analysis.present.spreadsheet import new_workbook

PARQUET, CSV, WORKBOOK = "parquet", "csv", "nianbao.xlsx"

# A sheet holds 1,048,576 rows, one of them the head. Far below that, a workbook of so many cells is slow to
# write and slower to open.
MOST_ROWS = 1_048_575
MOST_CELLS = 1_000_000
_LONGEST_TEXT = 32_767
_FETCHED = 5_000
_WIDEST = 40

# What a spreadsheet would take for a formula; figures with a sign, and signs alone, are none.
_MAY_ACT = "=+-@\t\r＝＋－＠"
_SIGNED_FIGURE = "[-+－＋]+[ ]*[0-9０-９.,，%％]*"


@dataclass
class Written:
    """What was written of the tables: their lines, and of the workbook what it lacks.

    ``left_out`` are tables that only Parquet and CSV hold; ``shortened`` how many texts were longer than a
    cell of a spreadsheet may be.
    """

    rows: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    shortened: int = 0


def write_table(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> int:
    """Writes ``parquet/<table>.parquet`` and ``csv/<table>.csv``; returns the number of lines.

    Raises :class:`duckdb.Error` where a file can't be written.
    """
    parquet = folder / PARQUET / f"{table.name}.parquet"
    columns = ", ".join(
        f'CAST("{one.name}" AS {SQL_TYPES[one.type]}) AS "{one.name}"' for one in table.columns
    )
    connection.execute(
        f"COPY (SELECT {columns} FROM ({table.sql})) TO '{quoted(parquet)}'"  # noqa: S608 - from the catalogue
        " (FORMAT parquet, PRESERVE_ORDER true, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
    )
    source = f"read_parquet('{quoted(parquet)}')"
    columns = ", ".join(f'{printed(one)} AS "{one.name}"' for one in table.columns)
    connection.execute(
        f"COPY (SELECT {columns} FROM {source}) TO '{quoted(folder / CSV / f'{table.name}.csv')}'"  # noqa: S608
        " (FORMAT csv, HEADER, PRESERVE_ORDER true,"
        " TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%SZ', DATEFORMAT '%Y-%m-%d')"
    )
    counted = connection.execute(f"SELECT count(*) FROM {source}").fetchall()  # noqa: S608 - a path of ours
    return int(counted[0][0])


def quoted(path: Path) -> str:
    """A path inside of a text of SQL."""
    return str(path).replace("'", "''")


def printed(column: Column) -> str:
    """A column as CSV holds it: whole figures without decimals, texts that no spreadsheet would run."""
    name = f'"{column.name}"'
    if column.type == "number":
        return whole_if_whole(name)
    if column.type == "string":
        first = ", ".join(f"chr({ord(character)})" for character in _MAY_ACT)
        acts = f"left({name}, 1) IN ({first}) AND NOT regexp_full_match({name}, '{_SIGNED_FIGURE}')"
        return f"CASE WHEN {acts} THEN chr(39) || {name} ELSE {name} END"
    return name


def whole_if_whole(value: str) -> str:
    """SQL for a figure as text: without decimals where it has none."""
    whole = f"{value} = trunc({value}) AND abs({value}) < 1e15"
    return f"CASE WHEN {whole} THEN ({value})::BIGINT::VARCHAR ELSE ({value})::VARCHAR END"


def may_act(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula."""
    return text[:1] in set(_MAY_ACT) and re.fullmatch(_SIGNED_FIGURE, text) is None


def write_workbook(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    written: Written,
    folder: Path,
    made_at: datetime,
) -> None:
    """Writes the workbook: a list of the tables, then a sheet for each that is not too large for one.

    Raises :class:`OSError` where it can't be written.
    """
    with new_workbook(folder / WORKBOOK, large=True) as book:
        book.set_properties({"title": "nianbao", "created": made_at})
        looks = {
            "head": book.add_format({"bold": True}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "datetime": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        contents = book.add_worksheet("contents")
        for table in tables:
            rows = written.rows[table.name]
            if rows > MOST_ROWS or rows * len(table.columns) > MOST_CELLS:
                written.left_out.append(table.name)
                continue
            sheet = book.add_worksheet(table.name)
            written.shortened += _write_sheet(sheet, _lines(connection, table, folder), table, looks)
        _write_contents(contents, tables, written, looks["head"])


def _lines(connection: duckdb.DuckDBPyConnection, table: Table, folder: Path) -> Iterator[tuple[Any, ...]]:
    parquet = folder / PARQUET / f"{table.name}.parquet"
    result = connection.execute(f"FROM read_parquet('{quoted(parquet)}')")
    while rows := result.fetchmany(_FETCHED):
        yield from rows


def _write_sheet(sheet: Any, lines: Iterator[tuple[Any, ...]], table: Table, looks: dict[str, Any]) -> int:
    """Writes the lines; returns how many texts were too long for a cell."""
    shortened = 0
    for number, column in enumerate(table.columns):
        sheet.set_column(number, number, min(_WIDEST, max(10, len(column.name) + 2)))
    sheet.freeze_panes(1, 0)
    for number, column in enumerate(table.columns):
        sheet.write_string(0, number, column.name, looks["head"])
    kinds = [column.type for column in table.columns]
    for row, line in enumerate(lines, start=1):
        for number, value in enumerate(line):
            if value is None:
                continue
            kind = kinds[number]
            if kind == "string":
                shortened += len(value) > _LONGEST_TEXT
                sheet.write_string(row, number, value[:_LONGEST_TEXT])
            elif kind == "boolean":
                sheet.write_boolean(row, number, value)
            elif kind in looks:
                sheet.write_datetime(row, number, value, looks[kind])
            else:
                sheet.write_number(row, number, value)
    return shortened


def _write_contents(sheet: Any, tables: Sequence[Table], written: Written, head: Any) -> None:
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 2, 12)
    sheet.set_column(3, 4, 80)
    for number, name in enumerate(("table", "rows", "columns", "contents", "内容")):
        sheet.write_string(0, number, name, head)
    for row, table in enumerate(tables, start=1):
        sheet.write_string(row, 0, table.name)
        sheet.write_number(row, 1, written.rows[table.name])
        sheet.write_number(row, 2, len(table.columns))
        here = table.name not in written.left_out
        away = ("", "") if here else _AWAY
        sheet.write_string(row, 3, away[0] + table.title["en"])
        sheet.write_string(row, 4, away[1] + table.title["zh"])
    if written.shortened:
        sheet.write_string(len(tables) + 2, 0, f"{written.shortened} texts shortened to 32,767 characters")


_AWAY = ("Too large for a sheet: only in csv/ and parquet/. ", "超出工作表容量，仅见于 csv/ 和 parquet/。")
