"""``datapackage.json``: the export for programs, as a Frictionless Data Package.

https://specs.frictionlessdata.io/data-package/ and /table-schema/, version 1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from analysis.export.catalogue import Column, Table
from analysis.export.writing import CSV, PARQUET
from analysis.units import unit_called

DESCRIPTOR, MANIFEST = "datapackage.json", "MANIFEST.sha256"
NAME = "nianbao"


def write_descriptor(
    folder: Path, tables: Sequence[Table], rows: Mapping[str, int], *, version: str, made_at: datetime
) -> None:
    """Writes the descriptor; the tables lie in ``folder`` already."""
    descriptor = {
        "profile": "data-package",
        "name": NAME,
        "title": "Annual reports on open government information of Chinese counties",
        "description": "Figures that county governments print in their annual reports"
        " (政府信息公开工作年度报告), cell by cell, with where they were read, what contradicts itself, and"
        " derived measures.",
        "version": f"{made_at:%Y.%m.%d}",
        "created": f"{made_at:%Y-%m-%dT%H:%M:%SZ}",
        "nianbao": version,
        "keywords": ["open government information", "政府信息公开", "年度报告"],
        "licenses": [{"title": "Facts published by governments", "path": "LICENSE.md"}],
        "sources": [{"title": "Annual reports of county governments; addresses in the table reports"}],
        "contributors": [{"title": "nianbao", "role": "wrangler"}],
        "resources": [_resource(folder, table, rows[table.name]) for table in tables],
    }
    text = json.dumps(descriptor, ensure_ascii=False, indent=2)
    (folder / DESCRIPTOR).write_text(text + "\n", encoding="utf-8", newline="\n")


def write_manifest(folder: Path) -> None:
    """Writes the digests of all files, as ``sha256sum`` reads them."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = [f"{digest_of(folder / name)}  {name}\n" for name in names if name != MANIFEST]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8", newline="\n")


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _resource(folder: Path, table: Table, rows: int) -> dict[str, Any]:
    path = folder / CSV / f"{table.name}.csv"
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{CSV}/{table.name}.csv",
        "title": table.title["en"],
        "description": table.title["zh"],
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest_of(path)}",
        "rows": rows,
        "parquet": f"{PARQUET}/{table.name}.parquet",
        "schema": {
            "fields": [_field(column, column.name in table.key) for column in table.columns],
            "missingValues": [""],
            "primaryKey": list(table.key),
            "foreignKeys": [
                {"fields": column, "reference": {"resource": other, "fields": named}}
                for column, other, named in table.foreign
            ],
        },
    }


def _field(column: Column, is_key: bool) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "title": column.label["en"],
        "description": f"{column.meaning['en']} / {column.meaning['zh']}",
    }
    if column.unit:
        field["unit"] = unit_called(column.unit, "en")
    if column.type == "datetime":
        field["format"] = "%Y-%m-%dT%H:%M:%SZ"
    if not column.may_be_empty and column.type != "string" and not is_key:
        field["constraints"] = {"required": True}
    if column.may_be_empty:
        field["missing"] = f"{column.null['en']} / {column.null['zh']}"
    return field
