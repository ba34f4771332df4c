"""Shared storage for tests: a folder by its URL, or a bucket of a server on loopback that speaks S3."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from moto.server import ThreadedMotoServer
from s3fs import S3FileSystem

from analysis.database import open_for_reading
from nianbao.workspace import Workspace

BUCKET = "reports"
# Tables that only a workspace's own `parse` needs.
_BOOKKEEPING = {"made_by", "settled"}


@contextmanager
def s3() -> Iterator[str]:
    """The address of a server that speaks S3 and has an empty bucket; the environment leads to it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", address)
        environment.setenv("AWS_ACCESS_KEY_ID", "key")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        clear()
        S3FileSystem().mkdir(BUCKET)
        try:
            yield address
        finally:
            clear()
            server.stop()


def clear() -> None:
    """Lets s3fs look at the environment again."""
    S3FileSystem.clear_instance_cache()


def shared_in_s3(folder: Path, prefix: str) -> str:
    """Copies what a workspace shares below ``prefix`` of the bucket; its URL."""
    filesystem = S3FileSystem(use_listings_cache=False)
    for path in (*(folder / "archive").glob("*.warc.gz"), *folder.glob("portals.toml")):
        filesystem.put_file(str(path), f"{BUCKET}/{prefix}/{path.relative_to(folder).as_posix()}")
    return f"s3://{BUCKET}/{prefix}"


def objects(prefix: str) -> dict[str, bytes]:
    """All that a run wrote below ``prefix``, by its path."""
    filesystem = S3FileSystem(use_listings_cache=False)
    top = f"{BUCKET}/{prefix}/"
    found = {path.removeprefix(top): path for path in filesystem.find(top)}
    return {
        name: filesystem.cat_file(path)
        for name, path in found.items()
        if name.startswith(("parts/", "tables/"))
    }


def shared(folder: Path, target: Path) -> str:
    """Copies what a workspace shares into ``target``; its URL."""
    (target / "archive").mkdir(parents=True, exist_ok=True)
    for warc in (folder / "archive").glob("*.warc.gz"):
        shutil.copy(warc, target / "archive")
    for name in ("portals.toml", "reviews.jsonl"):
        if (folder / name).exists():
            shutil.copy(folder / name, target)
    return target.as_uri()


Contents = dict[str, tuple[list[tuple[str, str]], list[Any]]]


def tables_of(database: Path) -> Contents:
    """All lines of all tables of a workspace's database, with names and types of their columns."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {name: _lines(connection, name) for name in names if name not in _BOOKKEEPING}


def tables_at(url: str, names: Any) -> Contents:
    """The same of shared storage."""
    with open_for_reading(Workspace(url).database) as connection:
        return {name: _lines(connection, name) for name in names}


def _lines(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[list[tuple[str, str]], list[Any]]:
    described = connection.execute(f'DESCRIBE "{name}"').fetchall()
    columns = [(column, str(kind)) for column, kind, *_ in described if column != "rowid"]
    wanted = ", ".join(f'"{column}"' for column, _ in columns)
    return columns, connection.execute(f'SELECT {wanted} FROM "{name}" ORDER BY ALL').fetchall()


def files_in(folder: Path) -> dict[str, bytes]:
    """All that a run wrote, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for name in ("parts", "tables")
        for path in sorted((folder / name).rglob("*"))
        if path.is_file()
    }
