"""Reading WARC records: what one holds, and the captures of a file without an index."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParserException

from scraper.archive.capture import NOT_MODIFIED, Capture
from scraper.archive.coding import decoded
from scraper.archive.members import Damage, Member, members
from scraper.archive.posted import key_of
from scraper.archive.record import (
    CONTENT_SHA256,
    CONTENT_TYPE,
    Payload,
    mime_of,
    payload_digest,
    status_of,
)

_GZIP = 16 + zlib.MAX_WBITS
_HEAD = 2048
_RECORD_ID = re.compile(rb"^WARC-Record-ID:\s*(<[!-~]+>)", re.MULTILINE)
_UNREADABLE = (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError, AttributeError)


class BrokenRecord(Exception):  # noqa: N818 - it is a state of a file
    """Bytes that are not the record that the index promises."""


def payload_of(member: bytes) -> Payload:
    """What the record in ``member`` holds; for a revisit its head alone. Raises :class:`BrokenRecord`."""
    try:
        record = _parse(io.BytesIO(zlib.decompress(member, _GZIP)))
        return _payload(record, _body(record))
    except (*_UNREADABLE, zlib.error) as error:
        raise BrokenRecord from error


def record_id_at(path: Path, offset: int) -> str:
    """The name of the record at a place of a WARC file; empty where there is none."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            head = zlib.decompressobj(_GZIP).decompress(file.read(_HEAD), _HEAD)
    except (OSError, zlib.error):
        return ""
    found = _RECORD_ID.search(head.partition(b"\r\n\r\n")[0])
    return found[1].decode() if found else ""


def captures_in(file: IO[bytes], name: str, start: int, end: int) -> Iterator[Capture | Damage]:
    """The captures between two places of the WARC file ``name``, and where it is damaged."""
    for found in records_in(file, name, start, end):
        yield found if isinstance(found, Damage) else found[0]


def records_in(
    file: IO[bytes], name: str, start: int, end: int
) -> Iterator[tuple[Capture, Payload] | Damage]:
    """As :func:`captures_in`, each capture with what its record holds; of a revisit its head alone."""
    asked: dict[str, _Asked] = {}
    for member in members(file, start, end):
        if isinstance(member, Damage):
            yield member
            continue
        try:
            record = _parse(member.content)
            if record.rec_type == "request":
                asked = {_header(record, "WARC-Record-ID"): _request_in(record)}
            found = _record_in(record, name, member, asked)
        except _UNREADABLE:
            continue
        if found is not None:
            yield found


@dataclass(frozen=True)
class _Asked:
    method: str
    posted: bytes


def _parse(content: IO[bytes]) -> ArcWarcRecord:
    return ArcWarcRecordLoader(verify_http=False).parse_record_stream(content, known_format="warc")


def _request_in(record: ArcWarcRecord) -> _Asked:
    method = record.http_headers.protocol if record.http_headers else "GET"
    return _Asked(method, record.raw_stream.read())


def _record_in(
    record: ArcWarcRecord, name: str, member: Member, asked: dict[str, _Asked]
) -> tuple[Capture, Payload] | None:
    """The index entry of a record and what it holds; None for records that hold no published content.

    A revisit of others has no entry, for it does not say what it stands for; ``nianbao import`` takes
    such files.
    """
    sha = _header(record, CONTENT_SHA256)
    if record.rec_type not in ("response", "resource") and not (record.rec_type == "revisit" and sha):
        return None
    request = asked.get(_header(record, "WARC-Concurrent-To"), _Asked("GET", b""))
    revisit = record.rec_type == "revisit"
    body = b"" if revisit else _body(record)
    payload = _payload(record, body)
    status = status_of(record.http_headers.statusline) if record.http_headers else 200
    said = _header(record, CONTENT_TYPE) if revisit and status == NOT_MODIFIED else _content_type(record)
    capture = Capture(
        url=key_of(_header(record, "WARC-Target-URI"), request.method, request.posted),
        captured_at=_moment(_header(record, "WARC-Date")),
        status=status,
        mime=mime_of(said),
        digest=_header(record, "WARC-Payload-Digest") or payload_digest(body),
        sha256=sha if revisit else sha256(payload.body).hexdigest(),
        warc_file=name,
        offset=member.offset,
        length=member.length,
        revisit=revisit,
    )
    return capture, payload


def _payload(record: ArcWarcRecord, body: bytes) -> Payload:
    headers = record.http_headers.headers if record.http_headers else []
    said = {name.lower(): value for name, value in headers}
    return Payload(decoded(headers, body), _content_type(record), said)


def _body(record: ArcWarcRecord) -> bytes:
    """The body with its content coding, without the chunks in which others keep it."""
    stream = record.raw_stream
    chunked = record.http_headers and record.http_headers.get_header("transfer-encoding") == "chunked"
    body: bytes = (ChunkedDataReader(stream) if chunked else stream).read()
    return body


def _header(record: ArcWarcRecord, name: str) -> str:
    return record.rec_headers.get_header(name) or ""


def _content_type(record: ArcWarcRecord) -> str:
    headers = record.http_headers or record.rec_headers
    return headers.get_header("Content-Type") or ""


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written.replace("Z", "+00:00")).astimezone(UTC).replace(microsecond=0)
