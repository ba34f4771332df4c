"""Writing responses into the archive: whole, or as a revisit of what is there already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from scraper.archive.capture import NOT_MODIFIED, Capture
from scraper.archive.catalogue import Catalogue, not_writable
from scraper.archive.growing import GrowingWarc, name_after, newest_of
from scraper.archive.index import state_of
from scraper.archive.lookup import Lookup
from scraper.archive.posted import address_of, is_posted
from scraper.archive.reading import record_id_at
from scraper.archive.record import (
    CONTENT_SHA256,
    CONTENT_TYPE,
    IDENTICAL,
    UNCHANGED,
    Headers,
    common_fields,
    http_head,
    record_id,
    request_record,
    resource_record,
    response_record,
    revisit_record,
    warc_date,
)
from scraper.archive.shard import Shard


@dataclass(frozen=True)
class Sent:
    """A request that is not a plain GET; ``headers`` are empty where they are not known."""

    method: str
    posted: bytes
    headers: Headers = ()


class Writer:
    """Writes records into WARC files of ``folder``, each of about ``largest_warc`` bytes at most.

    The files of a crawl of one ``shard`` bear its name. All methods raise :class:`ScraperError` where that
    is not possible.
    """

    def __init__(
        self, folder: Path, catalogue: Catalogue, largest_warc: int, shard: Shard | None = None
    ) -> None:
        self._folder = folder
        self._catalogue = catalogue
        self._largest_warc = largest_warc
        self._shard = shard
        self._growing: GrowingWarc | None = None

    def close(self) -> None:
        """Ends the WARC file that is being written, and its index."""
        growing, self._growing = self._growing, None
        if growing is None:
            return
        try:
            state = state_of(growing.close())
        except OSError as error:
            raise not_writable(self._folder, error) from error
        self._catalogue.growing = ""
        self._catalogue.ask(lambda lookup: lookup.cover(growing.name, growing.size, state))

    def response(
        self,
        capture: Capture,
        status_line: str,
        headers: Headers,
        body: bytes,
        sent: Sent | None,
        extra: Headers,
    ) -> Capture:
        """Writes the response that ``capture`` tells of, and the request beside it if one was ``sent``."""
        address = address_of(capture.url)
        name, request = record_id(), b""
        fields = common_fields(name, capture.captured_at, address)
        if sent is not None:
            asked = record_id()
            fields.append(("WARC-Concurrent-To", asked))
            beside = [*common_fields(asked, capture.captured_at, address), ("WARC-Concurrent-To", name)]
            request = request_record(beside, sent.method, address, sent.headers, sent.posted)
        fields += extra
        head = http_head(f"HTTP/1.1 {status_line}", headers)
        original = self._original(capture) if body and capture.status != NOT_MODIFIED else ()
        if not original:
            return self._write(capture, request, response_record(fields, head, body, capture.digest))
        fields += [("WARC-Profile", IDENTICAL), *original, (CONTENT_SHA256, capture.sha256)]
        return self._write(
            replace(capture, revisit=True), request, revisit_record(fields, head, capture.digest)
        )

    def not_modified(self, capture: Capture, status_line: str, headers: Headers, extra: Headers) -> Capture:
        """Writes the answer that what ``capture`` tells of still stands."""
        fields = [
            *common_fields(record_id(), capture.captured_at, address_of(capture.url)),
            *extra,
            ("WARC-Profile", UNCHANGED),
            *self._original(capture),
            (CONTENT_SHA256, capture.sha256),
            (CONTENT_TYPE, capture.mime),
        ]
        head = http_head(f"HTTP/1.1 {status_line}", headers)
        return self._write(capture, b"", revisit_record(fields, head, capture.digest))

    def resource(self, capture: Capture, mime: str, body: bytes, extra: Headers) -> Capture:
        """Writes a file that came by no HTTP response."""
        fields = [*common_fields(record_id(), capture.captured_at, capture.url), *extra]
        return self._write(capture, b"", resource_record(fields, mime, body, capture.digest))

    def _original(self, capture: Capture) -> Headers:
        """The fields that lead to a record with the same body; none where there is no such record.

        Not to the answer to another POST request: replay software would not find it.
        """
        for found in self._catalogue.ask(lambda lookup: lookup.holding(capture.sha256, capture.url)):
            fits = found.digest == capture.digest and (found.url == capture.url or not is_posted(found.url))
            name = record_id_at(self._folder / found.warc_file, found.offset) if fits else ""
            if name:
                return (
                    ("WARC-Refers-To", name),
                    ("WARC-Refers-To-Target-URI", address_of(found.url)),
                    ("WARC-Refers-To-Date", warc_date(found.captured_at)),
                )
        return ()

    def _write(self, capture: Capture, request: bytes, record: bytes) -> Capture:
        try:
            growing = self._place_to_write()
            offset = growing.append(request, record)
            capture = replace(capture, warc_file=growing.name, offset=offset, length=len(record))
            if not capture.not_modified:
                growing.note(capture.cdxj())
            elif shows := self._catalogue.ask(lambda lookup: lookup.standing_before(capture)):
                growing.note(capture.cdxj(shows))
        except OSError as error:
            raise not_writable(self._folder, error) from error
        self._catalogue.ask(lambda lookup: lookup.add(capture))
        self._catalogue.ask(Lookup.commit_in_time)
        return capture

    def _place_to_write(self) -> GrowingWarc:
        if self._growing is not None and self._growing.size > self._largest_warc:
            self.close()
        if self._growing is None:
            name = name_after(newest_of(self._catalogue.ask(Lookup.names)), self._shard)
            self._growing = GrowingWarc(self._folder / name)
            self._catalogue.growing = name
            self._catalogue.ask(lambda lookup: lookup.begin_file(name))
        return self._growing
