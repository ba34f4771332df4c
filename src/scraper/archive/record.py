"""WARC records as bytes, in the words of the standard, and what an archived response holds.

https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha1
from urllib.parse import urlsplit
from uuid import uuid4

from isal import isal_zlib

from scraper.archive.coding import decoded
from scraper.archive.posted import content_type_of

Headers = Sequence[tuple[str, str]]

IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
UNCHANGED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

# Fields of ours on revisit records, so that an index can be made anew from such a record alone.
CONTENT_SHA256 = "X-Content-SHA256"
CONTENT_TYPE = "X-Original-Content-Type"

# The client has already joined the chunks; the header would make readers split the body again.
_UNDONE_IN_TRANSIT = frozenset({"transfer-encoding"})
_WARC_DATE = "%Y-%m-%dT%H:%M:%SZ"
_LINE_ENDS = re.compile(r"[\r\n\0]+")
_MIME = re.compile(r"\s*([\w.+-]+/[\w.+-]+)\s*(?:;.*)?", re.ASCII | re.DOTALL)
# On pages level 2 is ten times faster than level 6 of zlib and gives files a quarter larger.
_LEVEL = 2
_GZIP = 31


@dataclass(frozen=True)
class Payload:
    """The body of an archived response, decoded, with what the server said of it."""

    body: bytes
    content_type: str
    headers: dict[str, str]

    @classmethod
    def of(cls, headers: Headers, body: bytes) -> Payload:
        """What a response with ``headers`` holds, whose ``body`` is as it came."""
        said = {name.lower(): _as_text(value) for name, value in headers}
        return cls(decoded(headers, body), _as_text(header(headers, "content-type")), said)

    @property
    def charset(self) -> str | None:
        """The encoding that the server declared."""
        _, _, declared = self.content_type.partition("charset=")
        return declared.strip(" \"';") or None


def header(headers: Headers, name: str) -> str:
    """The first value of a header; empty where there is none. ``name`` is in small letters."""
    return next((value for key, value in headers if key.lower() == name), "")


def record_id() -> str:
    """A new name for a record."""
    return f"<urn:uuid:{uuid4()}>"


def payload_digest(body: bytes) -> str:
    """The digest of a body as it came, by which replay software knows it again."""
    return f"sha1:{b32encode(sha1(body, usedforsecurity=False).digest()).decode()}"


def warc_date(moment: datetime) -> str:
    """A time as WARC fields write it, to the second."""
    return moment.astimezone(UTC).strftime(_WARC_DATE)


def mime_of(content_type: str) -> str:
    """The media type alone; ``unk``, as indexes write it, where there is none."""
    found = _MIME.fullmatch(content_type.strip())
    return found[1] if found else "unk"


def status_of(status_line: str) -> int:
    """The number in ``200 OK``; 0 where there is none."""
    found = re.match(r"\s*(\d{3})(?!\d)", status_line, re.ASCII)
    return int(found[1]) if found else 0


def http_head(first_line: str, headers: Headers) -> bytes:
    """The head of an HTTP message as it came; letters beyond Latin-1 are written in UTF-8."""
    lines = [first_line]
    for name, value in headers:
        kept = f"X-Archive-Orig-{name}" if name.lower() in _UNDONE_IN_TRANSIT else name
        lines.append(f"{kept}: {value}")
    return b"".join(_as_bytes(_LINE_ENDS.sub(" ", line).strip()) + b"\r\n" for line in lines) + b"\r\n"


def response_record(fields: Headers, head: bytes, body: bytes, digest: str) -> bytes:
    """One gzip member with a response; ``digest`` is the payload digest of ``body``."""
    return _member(
        "response",
        [*fields, ("WARC-Payload-Digest", digest)],
        "application/http; msgtype=response",
        head,
        body,
    )


def revisit_record(fields: Headers, head: bytes, digest: str) -> bytes:
    """One gzip member with the head of a response; its body, of ``digest``, lies in another record."""
    return _member(
        "revisit", [*fields, ("WARC-Payload-Digest", digest)], "application/http; msgtype=response", head
    )


def request_record(fields: Headers, method: str, url: str, headers: Headers, posted: bytes) -> bytes:
    """One gzip member with a request. Where ``headers`` are not known, those that it can't do without."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = headers or (
        ("Host", parts.netloc.rpartition("@")[2]),
        ("Content-Type", content_type_of(posted)),
        ("Content-Length", str(len(posted))),
    )
    head = http_head(f"{method} {path} HTTP/1.1", sent)
    return _member("request", fields, "application/http; msgtype=request", head, posted)


def resource_record(fields: Headers, mime: str, body: bytes, digest: str) -> bytes:
    """One gzip member with a file that came by no HTTP response."""
    return _member("resource", [*fields, ("WARC-Payload-Digest", digest)], mime, body)


def warcinfo_record(name: str, software: str) -> bytes:
    """The record with which a WARC file begins."""
    said = (
        f"software: {software}\r\nformat: WARC File Format 1.1\r\nconformsTo: "
        "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
    )
    fields = [*common_fields(record_id(), datetime.now(UTC)), ("WARC-Filename", name)]
    return _member("warcinfo", fields, "application/warc-fields", said.encode())


def common_fields(name: str, moment: datetime, url: str = "") -> list[tuple[str, str]]:
    """The fields that every record has."""
    fields = [("WARC-Record-ID", name), ("WARC-Date", warc_date(moment))]
    return [*fields, ("WARC-Target-URI", url)] if url else fields


def _member(kind: str, fields: Headers, content_type: str, *block: bytes) -> bytes:
    digest = sha1(usedforsecurity=False)
    for part in block:
        digest.update(part)
    lines = ["WARC/1.1", f"WARC-Type: {kind}"]
    lines += [f"{name}: {_LINE_ENDS.sub(' ', value).strip()}" for name, value in fields]
    lines += [
        f"WARC-Block-Digest: sha1:{b32encode(digest.digest()).decode()}",
        f"Content-Type: {_LINE_ENDS.sub(' ', content_type).strip()}",
        f"Content-Length: {sum(map(len, block))}",
    ]
    packer = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, _GZIP)
    pieces = ["\r\n".join(lines).encode(errors="replace") + b"\r\n\r\n", *block, b"\r\n\r\n"]
    return b"".join([*map(packer.compress, pieces), packer.flush()])


def _as_bytes(line: str) -> bytes:
    try:
        return line.encode("latin-1")
    except UnicodeEncodeError:
        return line.encode(errors="replace")


def _as_text(value: str) -> str:
    """A header's value, which clients hand on as Latin-1, as readers of WARC files take it."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
