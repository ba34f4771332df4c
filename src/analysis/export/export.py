"""Writes a whole export into a folder: all or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb

from analysis.database import Database, DatabaseMissing, open_to_write_files, records
from analysis.export.catalogue import tables_of
from analysis.export.changes import CHANGELOG, CHANGES, edition_of, is_export, same_content, write_changes
from analysis.export.package import write_descriptor, write_manifest
from analysis.export.preparing import prepare
from analysis.export.texts import write_texts
from analysis.export.writing import CSV, PARQUET, WORKBOOK, Written, quoted, write_table, write_workbook

_MEMORY = "1GB"
_COUNTED = """
    SELECT count(*) AS reports, min(year) AS first, max(year) AS last,
           count(*) FILTER (sample) AS samples, (SELECT count(*) FROM fact) AS facts,
           coalesce((SELECT max(captured_at) FROM capture), max(captured_at)) AS made_at
    FROM report
"""


class NotAnExport(Exception):  # noqa: N818 - said by the user
    """``folder`` holds something that is no export, and is left as it is."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self.folder = folder


class NothingToExport(Exception):  # noqa: N818 - it is a state of the database
    """The database holds no report."""


@dataclass(frozen=True)
class Exported:
    """The lines of each table, what the workbook lacks, and the export that it was compared with."""

    rows: dict[str, int]
    left_out: tuple[str, ...]
    shortened: int
    older: Path | None


def export(
    database: Database,
    folder: Path,
    *,
    version: str,
    since: Path | None = None,
    tell: Callable[[str], None] = lambda table: None,
) -> Exported:
    """Writes the database into ``folder``, which is there as a whole or not at all.

    An export that stands there already is replaced, anything else is not. It is compared with ``since``, or
    else with the export that it replaces, or else with the newest one beside it. ``tell`` hears of each table
    before it is written. Raises :class:`NotAnExport`, :class:`NothingToExport`,
    :class:`analysis.database.DatabaseMissing`, :class:`OSError` or :class:`duckdb.Error`.
    """
    if isinstance(database, Path) and not database.exists():
        raise DatabaseMissing(database)
    if folder.exists() and not is_export(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise NotAnExport(folder)
    if since is not None and not is_export(since):
        raise NotAnExport(since)
    older = since or (folder if is_export(folder) else _newest_beside(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(mkdtemp(prefix=f".{folder.name}.unfinished-", dir=folder.parent))
    try:
        exported = _make(database, made / "export", made / "spilled", version, older, tell)
        _put_in_place(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return exported


def _newest_beside(folder: Path) -> Path | None:
    """The export of the latest captures in the same folder."""
    if not folder.parent.is_dir():
        return None
    beside = [path for path in folder.parent.iterdir() if not path.name.startswith(".") and is_export(path)]
    return max(beside, key=lambda path: (edition_of(path), path.name), default=None)


def _make(
    database: Database,
    made: Path,
    spilled: Path,
    version: str,
    older: Path | None,
    tell: Callable[[str], None],
) -> Exported:
    for path in (made / CSV, made / PARQUET, spilled):
        path.mkdir(parents=True)
    written = Written()
    with open_to_write_files(database) as connection:
        connection.execute(f"SET memory_limit = '{_MEMORY}'; SET enable_progress_bar = false")
        connection.execute(f"SET temp_directory = '{quoted(spilled)}'")
        (counted,) = records(connection, _COUNTED)
        if not counted["reports"]:
            raise NothingToExport
        prepare(connection)
        tables = tables_of(connection)
        for table in tables:
            tell(table.name)
            written.rows[table.name] = write_table(connection, table, made)
        tell(WORKBOOK)
        write_workbook(connection, tables, written, made, counted["made_at"])
        write_texts(made, tables, written.rows, _about(counted, version, written.left_out))
        write_descriptor(made, tables, written.rows, version=version, made_at=counted["made_at"])
        write_manifest(made)
        _tell_changes(connection, older, made)
    return Exported(written.rows, tuple(written.left_out), written.shortened, older)


def _about(counted: Mapping[str, Any], version: str, left_out: Sequence[str]) -> dict[str, Any]:
    """What the texts say of the whole."""
    reports, facts, made_at = counted["reports"], counted["facts"], counted["made_at"]
    span = f"{counted['first']} to {counted['last']}"
    return {
        "version": version,
        "reports": f"{reports:,}",
        "facts": f"{facts:,}",
        "samples": counted["samples"],
        "first": counted["first"],
        "last": counted["last"],
        "made_at": f"{made_at:%Y-%m-%d %H:%M:%S}",
        "edition": f"{made_at:%Y.%m.%d}",
        "day": f"{made_at:%Y-%m-%d}",
        "left_out": ", ".join(f"`{name}`" for name in left_out),
        "abstract": f"{reports:,} annual reports of Chinese county governments on {span}, {facts:,} cells of"
        " their statutory tables.",
    }


def _tell_changes(connection: duckdb.DuckDBPyConnection, older: Path | None, made: Path) -> None:
    """Says what changed since ``older``; where nothing did, what that one says of changes stands."""
    if older is not None and same_content(older, made):
        for name in (CHANGES, CHANGELOG):
            shutil.copyfile(older / name, made / name)
    else:
        write_changes(connection, older, made)
    write_manifest(made)


def _put_in_place(made: Path, folder: Path) -> None:
    """Renames what was made; an export that stood there goes away only then."""
    before = made / "before"
    if folder.exists():
        folder.rename(before)
    try:
        (made / "export").rename(folder)
    except OSError:
        if before.exists():
            before.rename(folder)
        raise
