"""Shared storage as DuckDB may see it: files that stay as they are, only to be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from threading import get_ident
from typing import Any

from scraper.messages import Message, message
from scraper.shared.storage import Storage

SCHEME = "nianbao"
"""What DuckDB calls the storage, so that it may be allowed this and nothing else."""

# So many bytes at the end of a file hold what it says of itself.
_END = 65_536

# Files are never altered, only replaced by others: what was read of one stays true.
_WRITTEN_AT = datetime(2000, 1, 1, tzinfo=UTC)


def readable(storage: Storage, sizes: Mapping[str, int] | None = None, soon: Iterable[str] = ()) -> Any:
    """A file system of fsspec to be registered with DuckDB.

    ``sizes`` has the bytes of files, as far as they are known. The ends of those called ``soon``, where
    Parquet files tell what they hold, are fetched at once and together: one by one takes long from afar.
    """
    from fsspec.spec import AbstractFileSystem

    class Readable(AbstractFileSystem):  # type: ignore[misc]
        protocol = SCHEME
        cachable = False

        def __init__(self) -> None:
            super().__init__()
            self._sizes = dict(sizes or {})
            self._ends = storage.ends({name: self._sizes[name] for name in soon}, _END)

        def info(self, path: str, **options: Any) -> dict[str, Any]:
            name = _name(path)
            if name not in self._sizes:
                try:
                    self._sizes[name] = storage.filesystem.size(storage.path(name))
                except OSError as error:
                    raise _UnreadableError(storage, name) from error
            return {"name": path, "size": self._sizes[name], "type": "file"}

        def modified(self, path: str) -> datetime:
            return _WRITTEN_AT

        def glob(self, path: str, **options: Any) -> list[str]:
            return [path]

        def open(self, path: str, mode: str = "rb", **options: Any) -> _Readable:
            if mode != "rb":
                raise PermissionError(f"{storage.url} is only read here")
            name = _name(path)
            return _Readable(storage, name, int(self.info(path)["size"]), self._ends.get(name, b""))

    return Readable()


def in_duckdb(name: str) -> str:
    """A file of the storage as DuckDB calls it."""
    return f"{SCHEME}://{name}"


def failure_in(text: str) -> Message | None:
    """Which file DuckDB could not read, where that is why it says ``text``; it tells exceptions as text."""
    found = _SAID.search(text)
    return message("storage_file_unreadable", url=found[1]) if found else None


_SAID = re.compile(r"_UnreadableError: nianbao can't read <(.*)>")


class _UnreadableError(OSError):
    def __init__(self, storage: Storage, name: str) -> None:
        super().__init__(f"nianbao can't read <{storage.address(name)}>")


def _name(path: str) -> str:
    return path.removeprefix(f"{SCHEME}://")


class _Readable:
    """An open file. DuckDB's threads share one: each goes to its own place and reads there."""

    def __init__(self, storage: Storage, name: str, size: int, end: bytes) -> None:
        self._storage = storage
        self._name = name
        self._size = size
        self._end = end
        self._places: dict[int, int] = {}

    def seek(self, place: int, whence: int = 0) -> int:
        start = (0, self.tell(), self._size)[whence]
        self._places[get_ident()] = start + place
        return start + place

    def tell(self) -> int:
        return self._places.get(get_ident(), 0)

    def read(self, length: int = -1) -> bytes:
        place = self.tell()
        end = self._size if length < 0 else min(place + length, self._size)
        if place >= end:
            return b""
        self._places[get_ident()] = end
        known_from = self._size - len(self._end)
        if place >= known_from:
            return self._end[place - known_from : end - known_from]
        try:
            found = self._storage.part_of(self._name, place, end - place)
        except OSError as error:
            raise _UnreadableError(self._storage, self._name) from error
        if len(found) < end - place:
            raise _UnreadableError(self._storage, self._name)
        return found

    def close(self) -> None:
        self._places.clear()

    @property
    def closed(self) -> bool:
        return False
