"""The tables of an export and their columns, from ``tables.toml`` and the catalogue of metrics."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import duckdb

from analysis.database import records

Wording = Mapping[str, str]
Type = Literal["string", "integer", "number", "boolean", "date", "datetime"]

# How DuckDB and Parquet hold a column of each type; times are UTC.
SQL_TYPES: Mapping[Type, str] = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "TIMESTAMP",
}

_NEVER: Wording = {"en": "", "zh": ""}
_METRIC_MEANING = {
    "en": "{label}; forms {forms}; `{table}` table",
    "zh": "{label}；{forms} 年版；`{table}` 表",
}
_METRICS = """
    SELECT metric, "table", string_agg(DISTINCT form, ', ' ORDER BY form) AS forms,
           arg_max(label_zh, form) AS label_zh, arg_max(label_en, form) AS label_en,
           arg_max(unit, form) AS unit
    FROM metric WHERE list_contains($tables, "table") GROUP BY metric, "table" ORDER BY min(metric.rowid)
"""


@dataclass(frozen=True)
class Column:
    """A column: what it holds, and why a cell may be empty; an empty wording where none is.

    ``label`` and ``meaning`` are worded in both languages; ``metric`` tells that it holds a metric's values.
    """

    name: str
    type: Type
    unit: str
    label: Wording
    meaning: Wording
    null: Wording
    metric: bool = False

    @property
    def may_be_empty(self) -> bool:
        """Whether a cell may be empty."""
        return bool(self.null["en"])


@dataclass(frozen=True)
class Table:
    """A table: its query, its columns in the order of the query, and what tells its lines apart.

    ``foreign`` says which column names a line of which other table, as (column, table, column).
    """

    name: str
    title: Wording
    sql: str
    key: tuple[str, ...]
    foreign: tuple[tuple[str, str, str], ...]
    columns: tuple[Column, ...]


def tables_of(connection: duckdb.DuckDBPyConnection) -> tuple[Table, ...]:
    """All tables, those with a column for each metric as the database's catalogue has them."""
    return tuple(_table(connection, entry) for entry in _file()["table"])


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "tables.toml").read_text(encoding="utf-8"))


def _table(connection: duckdb.DuckDBPyConnection, entry: Mapping[str, Any]) -> Table:
    columns = [_column(one) for one in entry["columns"]]
    columns += _metric_columns(connection, entry.get("metrics", []))
    return Table(
        entry["name"],
        {"en": entry["en"], "zh": entry["zh"]},
        entry["sql"],
        tuple(entry["key"]),
        tuple((column, *named.split(".", 1)) for column, named in entry.get("foreign", {}).items()),
        tuple(columns),
    )


def _column(given: str | Mapping[str, Any]) -> Column:
    """A column of ``[shared]``, by its name, or one of a table's own."""
    if isinstance(given, str):
        return _column({"name": given, **_file()["shared"][given]})
    null = _file()["null"][given["null"]] if "null" in given else _NEVER
    meaning = {"en": given["en"], "zh": given["zh"]}
    return Column(given["name"], given["type"], given.get("unit", ""), meaning, meaning, null)


def _metric_columns(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> Iterator[Column]:
    """A column for each metric, once where several of the tables have it."""
    seen: set[str] = set()
    found = records(connection, _METRICS, {"tables": list(tables)}) if tables else []
    for line in found:
        if line["metric"] in seen:
            continue
        seen.add(line["metric"])
        label = {"en": line["label_en"], "zh": line["label_zh"]}
        meaning = {
            language: said.format(**{**line, "label": label[language]})
            for language, said in _METRIC_MEANING.items()
        }
        null = _file()["null"]["no_value"]
        yield Column(line["metric"], "number", line["unit"], label, meaning, null, metric=True)
