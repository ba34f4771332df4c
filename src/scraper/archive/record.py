"""WARC records: writing one response, and reading it back."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.archive.capture import Capture

# The client has already joined the chunks; the header would make readers split the body again.
_UNDONE_IN_TRANSIT = frozenset({"transfer-encoding"})

_WARC_DATE = "%Y-%m-%dT%H:%M:%SZ"
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True)
class Payload:
    """The body of an archived response, decoded, with what the server said of it."""

    body: bytes
    content_type: str
    headers: dict[str, str]

    @property
    def charset(self) -> str | None:
        """The encoding that the server declared."""
        _, _, declared = self.content_type.partition("charset=")
        return declared.strip(" \"';") or None


def response_record(
    url: str,
    captured_at: datetime,
    status_line: str,
    headers: Sequence[tuple[str, str]],
    body: bytes,
) -> bytes:
    """One gzip member with the response as it came: ``status_line`` such as ``200 OK``."""
    kept = [
        (f"X-Archive-Orig-{name}" if name.lower() in _UNDONE_IN_TRANSIT else name, value)
        for name, value in headers
    ]
    return _member(
        lambda writer: writer.create_warc_record(
            url,
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=StatusAndHeaders(status_line, kept, protocol="HTTP/1.1"),
            warc_headers_dict={"WARC-Date": captured_at.strftime(_WARC_DATE)},
        )
    )


def resource_record(url: str, captured_at: datetime, mime: str, body: bytes) -> bytes:
    """One gzip member with a file that came by no HTTP response."""
    return _member(
        lambda writer: writer.create_warc_record(
            url,
            "resource",
            payload=io.BytesIO(body),
            length=len(body),
            warc_content_type=mime,
            warc_headers_dict={"WARC-Date": captured_at.strftime(_WARC_DATE)},
        )
    )


def warcinfo_record(name: str, software: str) -> bytes:
    """The record with which a WARC file begins."""
    fields = {
        "software": software,
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    }
    return _member(lambda writer: writer.create_warcinfo_record(name, fields))


def _member(make: Callable[[WARCWriter], ArcWarcRecord]) -> bytes:
    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
    writer.write_record(make(writer))
    return buffer.getvalue()


def whole_members(file: BinaryIO, start: int) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of each complete gzip member from ``start`` on; stops before a broken one."""
    file.seek(start)
    data = file.read()
    position = 0
    while position < len(data):
        reader = zlib.decompressobj(_GZIP)
        try:
            reader.decompress(data[position:])
        except zlib.error:
            return
        if not reader.eof:
            return
        length = len(data) - position - len(reader.unused_data)
        yield start + position, data[position : position + length]
        position += length


def capture_of(member: bytes, warc_file: str, offset: int) -> Capture | None:
    """The index entry of a record; None for records that hold no published content."""
    for record in ArchiveIterator(io.BytesIO(member)):
        if record.rec_type not in ("response", "resource"):
            return None
        body = record.content_stream().read()
        headers = record.rec_headers
        return Capture(
            url=headers.get_header("WARC-Target-URI"),
            captured_at=_moment(headers.get_header("WARC-Date")),
            status=int(record.http_headers.get_statuscode()) if record.http_headers else 200,
            mime=_content_type(record).partition(";")[0].strip() or "unk",
            digest=headers.get_header("WARC-Payload-Digest"),
            sha256=hashlib.sha256(body).hexdigest(),
            warc_file=warc_file,
            offset=offset,
            length=len(member),
        )
    return None


class BrokenRecord(Exception):  # noqa: N818 - it is a state of a file
    """Bytes that are not the record that the index promises."""


def payload_of(member: bytes, sha256: str) -> Payload:
    """The body of the record in ``member``, which must have the digest ``sha256``.

    Raises :class:`BrokenRecord`.
    """
    try:
        record = next(iter(ArchiveIterator(io.BytesIO(member))))
        body = record.content_stream().read()
    except (ArchiveLoadFailed, StopIteration, EOFError, zlib.error) as error:
        raise BrokenRecord from error
    if hashlib.sha256(body).hexdigest() != sha256:
        raise BrokenRecord
    http = record.http_headers.headers if record.http_headers else []
    return Payload(body, _content_type(record), {name.lower(): value for name, value in http})


def _content_type(record: ArcWarcRecord) -> str:
    headers = record.http_headers or record.rec_headers
    return headers.get_header("Content-Type") or ""


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written.replace("Z", "+00:00")).astimezone(UTC).replace(microsecond=0)
