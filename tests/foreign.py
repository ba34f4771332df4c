"""WARC and WACZ files as other archivers write them, and what an import made of them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from conftest import Outcome
from scraper.archive import Archive, Capture

Head = Sequence[tuple[str, str]]

HTML = (("Content-Type", "text/html; charset=utf-8"),)
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


def at(written: str) -> datetime:
    """A time such as ``2012-01-02T03:04:05``, UTC."""
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


SITE = "http://www.qinghe.gov.cn"
FIRST, LATER = at("2012-03-05T08:00:00"), at("2013-04-06T09:30:00")
PAGE = "<html><body><p>政府信息公开</p></body></html>".encode() * 40


def sha1(body: bytes) -> str:
    """A digest as WARC files state it."""
    return f"sha1:{base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()}"


def in_chunks(body: bytes, size: int = 700) -> bytes:
    """``body`` as it goes over the wire in chunks."""
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


class Warc:
    """A WARC file in the making. ``offsets`` are those of its records, in their order."""

    def __init__(self, *, gzipped: bool = True) -> None:
        self._file = BytesIO()
        self._gzipped = gzipped
        self._writer = WARCWriter(self._file, gzip=gzipped, warc_version="1.1")
        self.offsets: list[int] = []
        self.bare("warcinfo", "", b"software: somebody's\r\n", "application/warc-fields")

    def response(
        self,
        url: str,
        body: bytes,
        moment: datetime,
        *,
        status: str = "200 OK",
        head: Head = HTML,
        chunked: bool = False,
        packed: bool = False,
        fields: Mapping[str, str] | None = None,
    ) -> str:
        """Writes a response, ``packed`` with gzip and ``chunked`` on request. Returns the record's id."""
        more = [("Content-Encoding", "gzip")] if packed else []
        more += [("Transfer-Encoding", "chunked")] if chunked else []
        sent = gzip.compress(body, mtime=0) if packed else body
        wire = in_chunks(sent) if chunked else sent
        return self._write(
            self._writer.create_warc_record(
                url,
                "response",
                payload=BytesIO(wire),
                length=len(wire),
                http_headers=StatusAndHeaders(status, [*head, *more], protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": written(moment), **(fields or {})},
            )
        )

    def revisit(
        self,
        url: str,
        moment: datetime,
        fields: Mapping[str, str],
        *,
        profile: str = IDENTICAL,
        status: str = "200 OK",
        head: Head = HTML,
    ) -> str:
        """Writes that what ``fields`` refer to came again at ``url``, or still stands there."""
        http = StatusAndHeaders(status, list(head), protocol="HTTP/1.1")
        block = http.to_ascii_bytes()
        kept = {"WARC-Date": written(moment), "WARC-Profile": profile, **fields}
        return self.bare("revisit", url, block, "application/http; msgtype=response", kept)

    def request(self, url: str, block: bytes, concurrent_to: str = "", moment: datetime | None = None) -> str:
        """Writes a request; ``block`` is as it was sent."""
        fields = {"WARC-Concurrent-To": concurrent_to} if concurrent_to else {}
        fields["WARC-Date"] = written(moment or at("2012-01-01T00:00:00"))
        return self.bare("request", url, block, "application/http; msgtype=request", fields)

    def bare(
        self, kind: str, url: str, block: bytes, content_type: str, fields: Mapping[str, str] | None = None
    ) -> str:
        """Writes a record with ``block`` as it is."""
        own = {
            "WARC-Type": kind,
            "WARC-Record-ID": f"<urn:uuid:{uuid4()}>",
            "WARC-Date": "2012-01-01T00:00:00Z",
            **({"WARC-Target-URI": url} if url else {}),
            **(fields or {}),
            "Content-Type": content_type,
            "Content-Length": str(len(block)),
        }
        self.offsets.append(self._file.tell())
        head = "".join(f"{name}: {value}\r\n" for name, value in own.items())
        record = f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n"
        self._file.write(gzip.compress(record, mtime=0) if self._gzipped else record)
        return own["WARC-Record-ID"]

    def bytes(self) -> bytes:
        """The file so far."""
        return self._file.getvalue()

    def _write(self, record: ArcWarcRecord) -> str:
        self.offsets.append(self._file.tell())
        self._writer.write_record(record)
        return str(record.rec_headers.get_header("WARC-Record-ID"))


def written(moment: datetime) -> str:
    """A time as WARC files write it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def wacz(
    members: Mapping[str, bytes],
    *,
    hashed: Mapping[str, bytes] | None = None,
    listed: Mapping[str, object] | None = None,
    signed: bytes | None = None,
) -> bytes:
    """A WACZ file with ``members``.

    ``hashed`` are the members as the list of members describes them, where they differ; ``listed`` are
    further fields of the list, ``signed`` is the list that its digest is of, where that is another one.
    """
    resources = [
        {
            "name": path.rpartition("/")[2],
            "path": path,
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "bytes": len(content),
        }
        for path, content in (members if hashed is None else hashed).items()
    ]
    package = {"profile": "data-package", "wacz_version": "1.1.1", "resources": resources, **(listed or {})}
    described = json.dumps(package).encode()
    digest = hashlib.sha256(described if signed is None else signed).hexdigest()
    packed = BytesIO()
    with ZipFile(packed, "w") as zipped:
        for path, content in members.items():
            zipped.writestr(path, content, ZIP_STORED if path.endswith(".gz") else ZIP_DEFLATED)
        zipped.writestr("datapackage.json", described)
        zipped.writestr(
            "datapackage-digest.json", json.dumps({"path": "datapackage.json", "hash": f"sha256:{digest}"})
        )
    return packed.getvalue()


def pages(count: int, *, gzipped: bool = True, digests: bool = True) -> Warc:
    warc = Warc(gzipped=gzipped)
    for number in range(count):
        if digests:
            warc.response(f"{SITE}/{number}.html", PAGE + b"%d" % number, FIRST)
        else:
            block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE + b"%d" % number
            fields = {"WARC-Date": "2012-03-05T08:00:00Z"}
            warc.bare(
                "response", f"{SITE}/{number}.html", block, "application/http; msgtype=response", fields
            )
    return warc


def captures(folder: Path) -> list[Capture]:
    with Archive(folder / "data" / "archive") as found:
        return sorted(found.captures(), key=lambda one: (one.url, one.captured_at))


def body_of(folder: Path, url: str) -> bytes:
    with Archive(folder / "data" / "archive") as found:
        latest = found.latest(url)
        assert latest is not None
        return found.read(latest).body


def counts(found: Outcome) -> list[tuple[int, int]]:
    """New and known captures for each thing that was imported."""
    return [(record["new"], record["known"]) for record in found.records]


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def own_records(folder: Path) -> list[tuple[dict[str, str], bytes]]:
    """Head and raw body of every capture in the archive, read by warcio, which checks all digests."""
    found = []
    for path in sorted((folder / "data" / "archive").glob("*.warc.gz")):
        with path.open("rb") as warc:
            for record in ArchiveIterator(warc, check_digests="raise"):
                body = record.raw_stream.read()
                if record.rec_type in ("response", "resource", "revisit"):
                    http = record.http_headers.headers if record.http_headers else []
                    found.append(({**dict(http), **dict(record.rec_headers.headers)}, body))
    return found
