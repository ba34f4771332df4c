"""The archive of a workspace: WARC files, each with its CDXJ index beside it.

A record is written in one piece and then indexed, so a process killed at any moment leaves at most one
half-written record, or one record without a line in the index. Opening the archive mends both: whole
records are indexed again, and the half-written end is cut off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from scraper.archive.capture import NOT_MODIFIED, Capture
from scraper.archive.catalogue import Catalogue
from scraper.archive.contents import Contents
from scraper.archive.growing import newest_of
from scraper.archive.lookup import Lookup
from scraper.archive.posted import as_key, key_of
from scraper.archive.record import Headers, Payload, header, mime_of, payload_digest, status_of
from scraper.archive.shard import Shard
from scraper.archive.writer import Sent, Writer
from scraper.messages import Message

_LARGEST_WARC = 1_000_000_000
_OK = 200


class Archive:
    """Opens the archive in ``folder``; a context manager.

    With ``writing`` the folder is made where it is missing and no other process may write to it, but for a
    ``shard``: then those may that crawl other shards, also on other machines, each into files of its own. A
    WARC file that has grown beyond ``largest_warc`` bytes is closed and another one begun. ``notices`` say
    what had to be mended. A reader, and the crawl of a shard, sees the archive as it was when it was opened,
    with what it wrote itself. Raises :class:`ScraperError` where the folder can't be read or written.
    """

    def __init__(
        self,
        folder: Path,
        *,
        writing: bool = False,
        shard: Shard | None = None,
        largest_warc: int = _LARGEST_WARC,
    ) -> None:
        self.folder = folder
        self._catalogue = Catalogue(folder, shard)
        self._writer = Writer(folder, self._catalogue, largest_warc, shard)
        self._writing = writing

    def __enter__(self) -> Self:
        try:
            if self._writing:
                self._catalogue.open_for_writing()
            else:
                self._catalogue.open_for_reading()
        except BaseException:
            self._catalogue.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._writer.close()
        finally:
            self._catalogue.close()

    def __len__(self) -> int:
        return self._catalogue.ask(Lookup.count)

    @property
    def notices(self) -> list[Message]:
        """What had to be mended."""
        return self._catalogue.notices

    @property
    def newest_file(self) -> str:
        """The name of the WARC file that was begun last, empty where there is none; names sort by time."""
        return newest_of(self._catalogue.ask(Lookup.names))

    def latest(self, url: str) -> Capture | None:
        """The newest capture of an address, or of a request as :func:`key_of` names it."""
        return self._catalogue.ask(lambda lookup: lookup.latest(as_key(url)))

    def history(self, url: str) -> list[Capture]:
        """All captures of an address, oldest first."""
        return self._catalogue.ask(lambda lookup: lookup.history(as_key(url)))

    def current(self, url: str) -> Capture | None:
        """The capture that stands for an address: the newest with content.

        A revisit, which only says that earlier content came again or still stands, counts where it
        brought that back after something else, or where the address has no other.
        """
        standing: Capture | None = None
        for capture in self.history(url):
            holds = capture.status == _OK or capture.not_modified
            if holds and (standing is None or not capture.revisit or capture.sha256 != standing.sha256):
                standing = capture
        return standing

    def captures(self) -> Iterator[Capture]:
        """All captures, file by file, from disk; those stored meanwhile may be left out."""
        for name, known in self._catalogue.ask(Lookup.files).items():
            behind = -1
            while page := self._catalogue.ask(lambda lookup: lookup.page(name, behind, known.covered)):  # noqa: B023
                yield from page
                behind = page[-1].offset

    def read(self, capture: Capture) -> Payload:
        """What was archived, decoded; of a revisit the content that it stands for.

        Raises :class:`ScraperError` if a WARC file is gone or was altered.
        """
        return Contents(self._take, self._catalogue, self.folder.joinpath).read(capture)

    def store_response(
        self,
        url: str,
        status_line: str,
        headers: Headers,
        body: bytes,
        *,
        captured_at: datetime | None = None,
        method: str = "GET",
        posted: bytes = b"",
        request_headers: Headers = (),
        warc_headers: Headers = (),
        payload: Payload | None = None,
    ) -> Capture:
        """Keeps a response as it came, content encoding included: ``status_line`` such as ``200 OK``.

        Where the archive has the body already, a revisit record is written that refers to it. An answer
        to another ``method`` than GET is kept together with the request. ``warc_headers`` are further
        fields of the record. ``payload`` may be given by those who made it (``Payload.of``) already.
        """
        content = (payload or Payload.of(headers, body)).body
        capture = Capture(
            url=key_of(url, method, posted),
            captured_at=_to_the_second(captured_at),
            status=status_of(status_line),
            mime=mime_of(header(headers, "content-type")),
            digest=payload_digest(body),
            sha256=sha256(content).hexdigest(),
            warc_file="",
            offset=0,
            length=0,
        )
        sent = Sent(method, posted, request_headers) if method != "GET" else None
        return self._writer.response(capture, status_line, headers, body, sent, warc_headers)

    def store_not_modified(
        self,
        url: str,
        status_line: str,
        headers: Headers,
        original: Capture,
        *,
        captured_at: datetime | None = None,
        warc_headers: Headers = (),
    ) -> Capture:
        """Keeps the answer (304) that what ``original`` holds is still what stands at the address."""
        moment = _to_the_second(captured_at)
        capture = replace(original, url=as_key(url), captured_at=moment, status=NOT_MODIFIED, revisit=True)
        return self._writer.not_modified(capture, status_line, headers, warc_headers)

    def store_resource(
        self, url: str, mime: str, body: bytes, captured_at: datetime, *, warc_headers: Headers = ()
    ) -> Capture:
        """Keeps a file that came by no HTTP response."""
        capture = Capture(
            url=as_key(url),
            captured_at=_to_the_second(captured_at),
            status=_OK,
            mime=mime_of(mime),
            digest=payload_digest(body),
            sha256=sha256(body).hexdigest(),
            warc_file="",
            offset=0,
            length=0,
        )
        return self._writer.resource(capture, mime, body, warc_headers)

    def _take(self, name: str, offset: int, length: int) -> bytes:
        with (self.folder / name).open("rb") as warc:
            warc.seek(offset)
            return warc.read(length)


def _to_the_second(moment: datetime | None) -> datetime:
    return (moment or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
