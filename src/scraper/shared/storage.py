"""A folder that several machines share: on a mounted file system, or in an S3 bucket."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from scraper.messages import ScraperError, message

SCHEMES = ("s3", "file")

# What is read ahead of a WARC file, in bytes, and how many such blocks are in memory.
_BLOCK, _BLOCKS = 8_000_000, 3

# What nobody has finished yet. It is no file of the storage.
_UNFINISHED = ".unfinished"


def is_url(text: str) -> bool:
    """Whether ``text`` names shared storage, and no folder."""
    return "://" in text


@dataclass(frozen=True)
class Stored:
    """A file of the storage: bytes, and when it was written, in UTC."""

    size: int
    written_at: datetime


@dataclass(frozen=True)
class Storage:
    """The shared storage at ``url``; names are paths below it.

    Methods raise :class:`ScraperError` where it can't be reached, read or written. A file is there as a
    whole or not at all, whoever writes it. What S3 needs to know stands where all its clients look for it:
    ``AWS_ENDPOINT_URL``, ``AWS_ACCESS_KEY_ID`` and so on.
    """

    url: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        local = parts.scheme == "file"
        if parts.scheme not in SCHEMES or local != (not parts.netloc) or (local and parts.path == ""):
            raise ScraperError(message("storage_url", url=self.url))
        object.__setattr__(self, "url", self.url.rstrip("/") if parts.path.strip("/") else self.url)

    def __reduce__(self) -> tuple[type[Storage], tuple[str]]:
        return type(self), (self.url,)

    def address(self, name: str) -> str:
        """Where a file is, for people."""
        return f"{self.url.rstrip('/')}/{name}"

    @property
    def folder(self) -> Path | None:
        """The folder, where it is one of this machine's file system."""
        parts = urlsplit(self.url)
        return Path(unquote(parts.path)) if parts.scheme == "file" else None

    def files(self, folder: str) -> dict[str, Stored]:
        """The files right in a folder, by name; none where there is no such folder.

        Raises :class:`ScraperError` where the storage itself is not there.
        """
        return {
            posixpath.basename(one["name"]): Stored(one["size"], _written_at(one))
            for one in self._listed(folder)
            if one["type"] == "file" and not one["name"].endswith(_UNFINISHED)
        }

    def folders(self, folder: str) -> list[str]:
        """The folders right in a folder, by name."""
        return [posixpath.basename(one["name"]) for one in self._listed(folder) if one["type"] == "directory"]

    def _listed(self, folder: str) -> list[dict[str, Any]]:
        with self._reached(folder):
            with suppress(FileNotFoundError):
                listed = self.filesystem.ls(self.path(folder), detail=True)
                return sorted(listed, key=lambda one: str(one["name"]))
            top = self.root if self.folder else self.root.partition("/")[0]
            if not self.filesystem.exists(top):
                raise FileNotFoundError(self.url)
        return []

    def read(self, name: str) -> bytes | None:
        """A whole file; None where there is none."""
        with self._reached(name), suppress(FileNotFoundError):
            found: bytes = self.filesystem.cat_file(self.path(name))
            return found
        return None

    def read_all(self, names: Sequence[str]) -> dict[str, bytes]:
        """Whole files, small ones, those that are there."""
        if not names:
            return {}
        by_path = {self.path(name): name for name in names}
        with self._reached(names[0]):
            found: Mapping[str, Any] = self.filesystem.cat(list(by_path), on_error="return")
            for error in found.values():
                if isinstance(error, Exception) and not isinstance(error, FileNotFoundError):
                    raise error
        by_stripped = {self.filesystem._strip_protocol(path): name for path, name in by_path.items()}
        return {by_stripped[path]: one for path, one in found.items() if isinstance(one, bytes)}

    @contextmanager
    def opened(self, name: str, size: int) -> Iterator[IO[bytes]]:
        """A file of ``size`` to be read from its beginning to its end, with a few blocks in memory."""
        with self._reached(name):
            options: dict[str, Any] = {"size": size}
            if self.folder is None:
                options |= {"block_size": _BLOCK, "cache_type": "blockcache"}
                options |= {"cache_options": {"maxblocks": _BLOCKS}}
            with self.filesystem.open(self.path(name), "rb", **options) as file:
                yield file

    def part_of(self, name: str, offset: int, length: int) -> bytes:
        """Some bytes of a file. Raises :class:`OSError`."""
        if self.folder is not None:
            with Path(self.path(name)).open("rb", buffering=0) as file:
                return os.pread(file.fileno(), length, offset)
        try:
            found: bytes = self.filesystem.cat_file(self.path(name), start=offset, end=offset + length)
        except _failures() as error:
            raise OSError(_reason(error)) from error
        return found

    def ends(self, sizes: Mapping[str, int], length: int) -> dict[str, bytes]:
        """The last bytes of files, at most ``length`` of each, asked for together; ``sizes`` are known.

        Files of this machine are not asked: nothing is gained by it.
        """
        if not sizes or self.folder is not None:
            return {}
        starts = [max(0, size - length) for size in sizes.values()]
        with self._reached(next(iter(sizes))):
            found = self.filesystem.cat_ranges(list(map(self.path, sizes)), starts, list(sizes.values()))
        return dict(zip(sizes, found, strict=True))

    def write(self, name: str, content: bytes) -> None:
        """Writes a file, or replaces it."""
        with self._reached(name):
            if self.folder is None:
                self.filesystem.pipe_file(self.path(name), content)
                return
            with self._in_one_step(name) as unfinished:
                unfinished.write_bytes(content)

    def bring(self, name: str, file: Path) -> None:
        """Writes a file, or replaces it, with what ``file`` of this machine holds, which may go."""
        with self._reached(name):
            if self.folder is None:
                self.filesystem.put_file(str(file), self.path(name))
                return
            with self._in_one_step(name) as unfinished:
                unfinished.write_bytes(b"")
                self.filesystem.put_file(str(file), str(unfinished))

    def remove(self, names: Iterable[str]) -> None:
        """Takes files away; those that are gone already don't matter."""
        for name in names:
            with self._reached(name), suppress(FileNotFoundError):
                self.filesystem.rm_file(self.path(name))

    @property
    def filesystem(self) -> Any:
        """As fsspec has it."""
        return self._opened[0]

    def path(self, name: str) -> str:
        """A file as the file system calls it."""
        return f"{self.root}/{name}"

    @property
    def root(self) -> str:
        """The storage as the file system calls it."""
        return self._opened[1]

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        try:
            from fsspec.core import url_to_fs

            filesystem, root = url_to_fs(self.url, **({} if self.folder else {"use_listings_cache": False}))
        except ImportError as error:
            raise ScraperError(message("storage_extra_missing", url=self.url)) from error
        return filesystem, str(root).rstrip("/")

    @contextmanager
    def _in_one_step(self, name: str) -> Iterator[Path]:
        """A file beside the one that is meant, which takes its place at the end."""
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.{uuid4().hex}{_UNFINISHED}")
        try:
            yield unfinished
            with unfinished.open("rb") as file:
                os.fsync(file.fileno())
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)

    @contextmanager
    def _reached(self, name: str) -> Iterator[None]:
        try:
            yield
        except _failures() as error:
            where = self.address(name) if name else self.url
            raise ScraperError(message(_code(error), url=where, reason=_reason(error))) from error


def _failures() -> tuple[type[Exception], ...]:
    """What file systems raise where they can't do what is asked."""
    with suppress(ImportError):
        from botocore.exceptions import BotoCoreError, ClientError

        return OSError, BotoCoreError, ClientError
    return (OSError,)


def _code(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "storage_missing"
    if isinstance(error, PermissionError) or type(error).__name__ in (
        "NoCredentialsError",
        "PartialCredentialsError",
    ):
        return "storage_refused"
    return "storage_failed"


def _reason(error: Exception) -> str:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return said.splitlines()[0].rstrip(".")


def _written_at(listed: Mapping[str, Any]) -> datetime:
    found = listed.get("LastModified") or listed.get("mtime") or 0
    return found.astimezone(UTC) if isinstance(found, datetime) else datetime.fromtimestamp(found, UTC)
