"""What was settled, written as Parquet; what nobody needs any more is taken away."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from scraper.shared.current import MAKE, TABLES, Current, switch
from scraper.shared.part import COMMITS, FOLDER, SCHEMA
from scraper.shared.parts import Parts, sizes_in
from scraper.shared.readable import in_duckdb
from scraper.shared.settle import JOINS
from scraper.shared.storage import Storage

# Tables of a workspace's database that only its own `parse` needs.
_BOOKKEEPING = frozenset({"made_by", "settled"})
# Tables whose lines have an order of their own, which is that of the catalogue.
_ORDERED = frozenset({"metric", "applicant"})
# What is worked out for long, and by which `parse` knows what it need not work out again.
_KEPT = ("reuse_sketch", "reuse_met", "reuse", "localised", "suggestion")

# Files that no current state names may be those of a run that is under way, or of a reader.
_GRACE = timedelta(days=1)


def made_of(parts: Parts, *others: bytes) -> str:
    """Tells what tables are made of: the parts, and ``others``, such as the code that checks them."""
    digest = hashlib.sha256(str(MAKE).encode())
    for part in parts:
        digest.update(part.to_json())
    for other in others:
        digest.update(hashlib.sha256(other).digest())
    return digest.hexdigest()[:16]


def is_whole(storage: Storage, now: Current) -> bool:
    """Whether all files are there that ``now`` names. Raises :class:`ScraperError`."""
    there = sizes_in(storage, sorted({name.rpartition("/")[0] for name in now.sizes}))
    return all(there.get(name) == size for name, size in now.sizes.items())


def bring_back(connection: duckdb.DuckDBPyConnection, before: Current | None) -> None:
    """Takes what is worked out for long from the tables as they were."""
    for table in _KEPT:
        paths = [in_duckdb(name) for name in before.tables[table]] if before else []
        if not paths:
            continue
        connection.execute(f"INSERT INTO {table} BY NAME FROM read_parquet($1)", [paths])


def publish(
    connection: duckdb.DuckDBPyConnection,
    storage: Storage,
    parts: Parts,
    made: str,
    counts: Mapping[str, int],
) -> Current:
    """Writes all tables, then switches to them in one step. Raises :class:`ScraperError`."""
    with TemporaryDirectory(prefix="nianbao-tables-") as folder:
        written = _written(connection, Path(folder))
        digests = {table: _digest(file) for table, file in written.items()}
        state = hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()[:16]
        there = storage.files(f"{TABLES}/{state}")
        tables, sizes = {}, {}
        for table, file in written.items():
            name = f"{TABLES}/{state}/{file.name}"
            tables[table], sizes[name] = (name,), file.stat().st_size
            found = there.get(file.name)
            if found is None or found.size != sizes[name]:
                storage.bring(name, file)
    now = Current(
        make=MAKE,
        made_of=made,
        commits=tuple(part.name for part in parts),
        tables={**tables, **_of_parts(parts, tables)},
        sizes={**sizes, **{file.name: file.size for part in parts for file in part.files.values()}},
        joins=JOINS,
        views=_views(connection),
        counts=dict(counts),
    )
    switch(storage, now)
    return now


def _of_parts(parts: Parts, tables: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The files of parts by table; where there is no part, the empty table in their stead."""
    return {f"part.{table}": tuple(parts.files(table)) or tables[f"part.no_{table}"] for table in SCHEMA}


def tidy(storage: Storage, *needed: Current | None) -> None:
    """Takes away parts and tables that none of the ``needed`` states names and that are a day old."""
    kept = {name for state in needed if state for name in state.names}
    folders = [COMMITS, *(f"{FOLDER}/{table}" for table in SCHEMA), *_states(storage)]
    before = datetime.now(UTC) - _GRACE
    storage.remove(
        name
        for folder in folders
        for file, found in storage.files(folder).items()
        if (name := f"{folder}/{file}") not in kept and found.written_at < before
    )


def _states(storage: Storage) -> list[str]:
    return [f"{TABLES}/{name}" for name in storage.folders(TABLES)]


def _written(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Path]:
    """All tables of the database that are no views over parts, each as a file."""
    found = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables()"
        " WHERE NOT temporary AND NOT internal ORDER BY ALL"
    ).fetchall()
    written = {}
    for schema, name in found:
        if name in JOINS or name in _BOOKKEEPING:
            continue
        table = name if schema == "main" else f"{schema}.{name}"
        order = "" if table in _ORDERED else "ORDER BY ALL"
        written[table] = folder / f"{table}.parquet"
        connection.execute(
            f"COPY (FROM {table} {order}) TO '{written[table]}'"
            " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)"
        )
    return written


def _views(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The views of a workspace's database, in the order in which they can be made."""
    rows = connection.execute(
        "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal AND NOT temporary"
        " AND schema_name = 'main' ORDER BY view_oid"
    ).fetchall()
    return {name: sql.partition(" AS ")[2].rstrip(";") for name, sql in rows}


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
