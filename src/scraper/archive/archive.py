"""The archive of a workspace: WARC files, each with its CDXJ index beside it.

A record is written in one piece and then indexed, so a process killed at any moment leaves at most one
half-written record, or one record without a line in the index. Opening the archive mends both: whole
records are indexed again, and the half-written end is cut off.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from scraper.archive.capture import Capture, key_of, read_cdxj
from scraper.archive.record import (
    BrokenRecord,
    Payload,
    capture_of,
    payload_of,
    resource_record,
    response_record,
    warcinfo_record,
    whole_members,
)
from scraper.messages import Message, ScraperError, message

_LARGEST_WARC = 1_000_000_000


class Archive:
    """Opens the archive in ``folder``; a context manager.

    With ``writing`` the folder is made where it is missing and no other process may write to it.
    ``captures`` are all archived responses, ``notices`` what had to be mended. Raises
    :class:`ScraperError` where the folder can't be read or written.
    """

    def __init__(self, folder: Path, *, writing: bool = False) -> None:
        self.folder = folder
        self._captures: list[Capture] = []
        self.notices: list[Message] = []
        self._latest: dict[str, Capture] = {}
        self._writing = writing
        self._lock: IO[bytes] | None = None
        self._growing: _Growing | None = None

    def __enter__(self) -> Self:
        if self._writing:
            self._make_writable()
        elif self.folder.is_dir():
            self._take_lock_if_free()
        for warc in sorted(self.folder.glob("*.warc.gz")):
            for capture in self._indexed(warc):
                self._remember(capture)
        if not self._writing:
            self._release_lock()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._growing is not None:
            self._growing.close()
        self._release_lock()

    @property
    def newest_file(self) -> str:
        """The name of the WARC file that was begun last; names sort by time."""
        return max((capture.warc_file for capture in self._captures), default="")

    def latest(self, url: str) -> Capture | None:
        """The newest capture of an address, as :func:`key_of` writes it."""
        return self._latest.get(url)

    def history(self, url: str) -> list[Capture]:
        """All captures of an address, oldest first."""
        return sorted((c for c in self._captures if c.url == url), key=lambda c: c.captured_at)

    def captures(self) -> Iterator[Capture]:
        """All captures."""
        return iter(list(self._captures))

    def __len__(self) -> int:
        return len(self._captures)

    def read(self, capture: Capture) -> Payload:
        """The archived body. Raises :class:`ScraperError` if the WARC file is gone or was altered."""
        if capture.revisit:
            capture = next(c for c in self._captures if c.sha256 == capture.sha256 and not c.revisit)
        path = self.folder / capture.warc_file
        try:
            with path.open("rb") as warc:
                warc.seek(capture.offset)
                return payload_of(warc.read(capture.length), capture.sha256)
        except (OSError, BrokenRecord) as error:
            raise ScraperError(
                message("record_unreadable", file=path, offset=capture.offset, url=capture.url)
            ) from error

    def store_response(
        self,
        url: str,
        status_line: str,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        *,
        captured_at: datetime | None = None,
        method: str = "GET",
        posted: bytes = b"",
        warc_headers: Sequence[tuple[str, str]] = (),
    ) -> Capture:
        """Keeps a response as it came, content encoding included."""
        moment = captured_at or datetime.now(UTC)
        member = response_record(key_of(url, method, posted), moment, status_line, headers, body)
        return self._store(member)

    def store_not_modified(
        self, url: str, status_line: str, headers: Sequence[tuple[str, str]], original: Capture
    ) -> Capture:
        """Keeps the answer that what ``original`` holds is still what stands at the address."""
        moment = datetime.now(UTC).replace(microsecond=0)
        capture = replace(original, captured_at=moment, status=304, revisit=True)
        self._remember(capture)
        return capture

    def store_resource(self, url: str, mime: str, body: bytes, captured_at: datetime) -> Capture:
        """Keeps a file that came by no HTTP response."""
        return self._store(resource_record(url, captured_at, mime, body))

    def _store(self, member: bytes) -> Capture:
        try:
            if self._growing is None or self._growing.full:
                self._begin_warc()
            capture = cast("_Growing", self._growing).append(member)
        except OSError as error:
            raise _not_writable(self.folder, error) from error
        self._remember(capture)
        return capture

    def _remember(self, capture: Capture) -> None:
        self._captures.append(capture)
        known = self._latest.get(capture.url)
        if known is None or known.captured_at <= capture.captured_at:
            self._latest[capture.url] = capture

    def _begin_warc(self) -> None:
        if self._growing is not None:
            self._growing.close()
        count = len(list(self.folder.glob("*.warc.gz")))
        name = f"nianbao-{datetime.now(UTC):%Y%m%d%H%M%S}-{count:05}.warc.gz"
        self._growing = _Growing(self.folder / name)

    def _make_writable(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = (self.folder / ".lock").open("ab")
        except OSError as error:
            raise _not_writable(self.folder, error) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise ScraperError(message("archive_in_use", folder=self.folder)) from error

    def _take_lock_if_free(self) -> None:
        """A reader mends what a killed writer left, unless somebody is writing just now."""
        try:
            lock = (self.folder / ".lock").open("ab")
        except OSError:
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._lock = lock
        except BlockingIOError:
            lock.close()

    def _release_lock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _indexed(self, warc: Path) -> list[Capture]:
        index = _index_of(warc)
        captures = list(_read_index(index)) if index.exists() else []
        covered = max((capture.offset + capture.length for capture in captures), default=0)
        if self._lock is None or covered >= warc.stat().st_size:
            return captures
        found = self._recover(warc, covered)
        if found is None:
            return captures
        captures += found
        _write_index(index, captures)
        return captures

    def _recover(self, warc: Path, covered: int) -> list[Capture] | None:
        """The captures behind ``covered``; a half-written record at the end is cut off.

        None where only the head of the file lies there, which needs no line in the index.
        """
        found: list[Capture] = []
        with warc.open("r+b") as file:
            end = covered
            for offset, member in whole_members(file, covered):
                end = offset + len(member)
                capture = capture_of(member, warc.name, offset)
                if capture is not None:
                    found.append(capture)
            size = warc.stat().st_size
            if end < size:
                file.truncate(end)
                self.notices.append(message("record_cut_off", file=warc, bytes=size - end))
        return found or None


class _Growing:
    """The WARC file that this run writes, and its index. Makes both files."""

    def __init__(self, path: Path) -> None:
        self._warc = path.open("xb")
        self._warc.write(warcinfo_record(path.name, f"nianbao/{version('nianbao')}"))
        self._warc.flush()
        self._index_path = _index_of(path)
        self._index = self._index_path.open("w", encoding="utf-8")
        self._name = path.name

    @property
    def full(self) -> bool:
        """Whether the next record belongs into a new file."""
        return self._warc.tell() > _LARGEST_WARC

    def append(self, member: bytes) -> Capture:
        """Writes one record, then its line in the index."""
        offset = self._warc.tell()
        self._warc.write(member)
        self._warc.flush()
        capture = cast("Capture", capture_of(member, self._name, offset))
        self._index.write(capture.cdxj())
        self._index.flush()
        return capture

    def close(self) -> None:
        """Closes both files and puts the index into the order that CDXJ readers expect."""
        self._warc.close()
        self._index.close()
        _write_index(self._index_path, list(_read_index(self._index_path)))


def _index_of(warc: Path) -> Path:
    return warc.with_name(warc.name.removesuffix(".warc.gz") + ".cdxj")


def _read_index(index: Path) -> Iterator[Capture]:
    for line in index.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            yield read_cdxj(line)
        except (ValueError, KeyError):
            # The line that a killed process was writing; its record is found again in the WARC.
            continue


def _write_index(index: Path, captures: Sequence[Capture]) -> None:
    new = index.with_suffix(".cdxj.new")
    new.write_text("".join(sorted(capture.cdxj() for capture in captures)), encoding="utf-8")
    new.replace(index)


def _not_writable(folder: Path, error: OSError) -> ScraperError:
    return ScraperError(message("workspace_not_writable", folder=folder, reason=error.strerror or str(error)))
