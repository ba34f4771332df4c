"""Local files into the archive, so that they are read and traced like crawled pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path

from scraper.archive import Archive
from scraper.messages import Message, message


@dataclass(frozen=True)
class Imported:
    """How many files were taken, how many were there already, and why others could not be taken."""

    new: int
    known: int
    failures: tuple[Message, ...]


def import_files(paths: Iterable[Path], archive: Archive) -> Imported:
    """Keeps each file, and each file below a folder, under its ``file:`` address.

    A file whose content is in the archive under that address is not taken again.
    """
    new = known = 0
    failures: list[Message] = []
    for path in _files(paths):
        try:
            taken = _import_file(path, archive)
        except OSError as error:
            failures.append(message("file_unreadable", name=path, reason=error.strerror))
        else:
            new, known = new + taken, known + (not taken)
    return Imported(new, known, tuple(failures))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        below = (found for found in path.rglob("*") if found.is_file()) if path.is_dir() else (path,)
        # Hidden files are what systems and editors leave behind.
        yield from sorted(found for found in below if not found.name.startswith("."))


def _import_file(path: Path, archive: Archive) -> bool:
    body = path.read_bytes()
    url = path.resolve().as_uri()
    latest = archive.latest(url)
    if latest is not None and latest.sha256 == sha256(body).hexdigest():
        return False
    mime, _ = guess_type(path.name)
    archive.store_resource(url, mime or "application/octet-stream", body, datetime.now(UTC))
    return True
