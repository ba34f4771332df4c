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
from scraper.archive.growing import newest_of
from scraper.archive.lookup import Lookup
from scraper.archive.posted import as_key, key_of
from scraper.archive.reading import BrokenRecord, payload_of
from scraper.archive.record import Headers, Payload, header, mime_of, payload_digest, status_of
from scraper.archive.shard import Shard
from scraper.archive.writer import Sent, Writer
from scraper.messages import Message, ScraperError, message

_LARGEST_WARC = 1_000_000_000
_OK = 200

# RFC 9111, 3.2: what a 304 answer says of these is not of what was kept.
_KEPT = frozenset(
    {"content-encoding", "content-length", "content-range", "content-type", "transfer-encoding"}
)


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
        if not capture.revisit:
            return self._read_whole(capture)
        said = self._read_record(capture)
        if capture.not_modified:
            before = self._catalogue.ask(lambda lookup: lookup.standing_before(capture))
            kept = self.read(before) if before else self._read_content(capture)
            renewed = {name: value for name, value in said.headers.items() if _may_renew(name)}
            return Payload(kept.body, kept.content_type, {**kept.headers, **renewed})
        kept = self._read_content(capture)
        return Payload(kept.body, said.content_type or kept.content_type, said.headers)

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

    def _read_record(self, capture: Capture) -> Payload:
        path = self.folder / capture.warc_file
        try:
            with path.open("rb") as warc:
                warc.seek(capture.offset)
                return payload_of(warc.read(capture.length))
        except (OSError, BrokenRecord) as error:
            raise self._problem("record_unreadable", capture) from error

    def _read_whole(self, capture: Capture) -> Payload:
        payload = self._read_record(capture)
        if sha256(payload.body).hexdigest() != capture.sha256:
            raise self._problem("record_unreadable", capture)
        return payload

    def _read_content(self, revisit: Capture) -> Payload:
        """What any of the records holds that have the content of ``revisit``."""
        problem: ScraperError | None = None
        for original in self._catalogue.ask(lambda lookup: lookup.holding(revisit.sha256, revisit.url)):
            try:
                return self._read_whole(original)
            except ScraperError as error:
                problem = error
        raise problem or self._problem("original_missing", revisit)

    def _problem(self, code: str, capture: Capture) -> ScraperError:
        path = self.folder / capture.warc_file
        return ScraperError(message(code, file=path, offset=capture.offset, url=capture.url))


def _may_renew(name: str) -> bool:
    return name not in _KEPT


def _to_the_second(moment: datetime | None) -> datetime:
    return (moment or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
