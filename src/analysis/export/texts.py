"""The texts of an export: README, dictionary, citation, terms, and scripts that load the tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from analysis.export.catalogue import Column, Table
from analysis.units import unit_called

DICTIONARY = "dictionary.csv"
_DICTIONARY_HEAD = (
    "table", "column", "type", "unit", "label_en", "label_zh", "meaning_en", "meaning_zh", "empty_en",
    "empty_zh",
)  # fmt: skip
_DICTIONARY_WORDS: Mapping[str, Mapping[str, Any]] = {
    "en": {
        "title": "Data dictionary",
        "key": "A line is told by ",
        "joins": "`{column}` is `{table}.{other}`.",
        "heads": ("column", "type", "unit", "meaning", "empty where"),
    },
    "zh": {
        "title": "数据字典",
        "key": "各行由以下列区分：",
        "joins": "`{column}` 即 `{table}.{other}`。",
        "heads": ("列", "类型", "单位", "含义", "何时为空"),
    },
}
_R_CLASSES = {"integer": "numeric", "number": "numeric", "date": "Date"}
_LONGEST_STATA_NAME, _LONGEST_STATA_LABEL = 32, 80
# Words that no variable of Stata may be called.
_STATA_WORDS = frozenset(
    "_all _b byte _coef _cons double float if in int long _n _N _pi _pred _rc _skip strL str using"
    " with".split()
)


def write_texts(
    folder: Path, tables: Sequence[Table], rows: Mapping[str, int], about: Mapping[str, Any]
) -> None:
    """Writes the texts into ``folder``; ``about`` fills their places."""
    listed = [{"name": table.name, "rows": f"{rows[table.name]:,}", "title": table.title} for table in tables]
    for name in ("README.md", "README.zh-CN.md", "LICENSE.md", "CITATION.cff"):
        _write(folder / name, _filled(name, {**about, "tables": listed}))
    for language, name in (("en", "dictionary.md"), ("zh", "dictionary.zh.md")):
        _write(folder / name, _dictionary(tables, language))
    _write(folder / DICTIONARY, _dictionary_lines(tables))
    # Stata imports no file without lines.
    filled = [_in_stata(table) for table in tables if rows[table.name]]
    _write(folder / "load.R", _filled("load.R", {"tables": list(map(_in_r, tables))}))
    _write(folder / "load.do", _filled("load.do", {"tables": filled}))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _filled(name: str, values: Mapping[str, Any]) -> str:
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    template = (files(__package__) / "texts" / f"{name}.j2").read_text(encoding="utf-8")
    return environment.from_string(template).render(values).rstrip("\n") + "\n"


def _dictionary(tables: Sequence[Table], language: str) -> str:
    shown = [
        {
            "name": table.name,
            "title": table.title,
            "key": ", ".join(f"`{name}`" for name in table.key) + ("." if language == "en" else "。"),
            "foreign": table.foreign,
            "columns": [
                {
                    "name": column.name,
                    "type": column.type,
                    "unit": unit_called(column.unit, language),
                    "meaning": column.meaning[language].replace("|", "\\|"),
                    "null": column.null[language],
                }
                for column in table.columns
            ],
        }
        for table in tables
    ]
    return _filled("dictionary.md", {**_DICTIONARY_WORDS[language], "language": language, "tables": shown})


def _dictionary_lines(tables: Sequence[Table]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_DICTIONARY_HEAD)
    for table in tables:
        for column in table.columns:
            wordings = (column.label, column.meaning, column.null)
            said = [wording[language] for wording in wordings for language in ("en", "zh")]
            writer.writerow([table.name, column.name, column.type, column.unit, *said])
    return text.getvalue()


def _in_r(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "columns": [
            {"name": column.name, "r": _R_CLASSES.get(column.type, "character")} for column in table.columns
        ],
        "times": _named(table, "datetime"),
        "flags": _named(table, "boolean"),
    }


def _named(table: Table, kind: str) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns if column.type == kind)


def _in_stata(table: Table) -> dict[str, Any]:
    names = list(_stata_names(table.columns))
    columns = [
        {"type": column.type, "stata": name, "label": _stata_label(column, name)}
        for column, name in zip(table.columns, names, strict=True)
    ]
    return {"name": table.name, "columns": columns}


def _stata_names(columns: Sequence[Column]) -> Iterator[str]:
    """A name of at most 32 characters for each column, each once."""
    taken = {column.name for column in columns if len(column.name) <= _LONGEST_STATA_NAME}
    for column in columns:
        name, number = column.name, 0
        if name in _STATA_WORDS:
            name = f"{name}_"
        while len(name) > _LONGEST_STATA_NAME or (number and name in taken):
            number += 1
            name = f"{column.name[: _LONGEST_STATA_NAME - len(str(number)) - 1]}_{number}"
            if name not in taken:
                taken.add(name)
                break
        yield name


def _stata_label(column: Column, name: str) -> str:
    said = column.label["en"] if name == column.name else f"{column.name}: {column.label['en']}"
    return said.replace('"', "'").replace("`", "'")[:_LONGEST_STATA_LABEL]
