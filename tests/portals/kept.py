"""The dead host's pages in a WARC and a WACZ file, the same bytes at every call.

The WARC has requests and metadata beside the responses, bodies as they went over the wire, a page that is
missing, a redirect, and a revisit record.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from surt import surt
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from portals.dead_host import Page, others, pages, truth

NAME = "rescue-20161128.warc.gz"
CRAWLED = datetime(2016, 11, 28, 2, 0, tzinfo=UTC)
"""When the first page was kept; the others followed a minute apart each."""
AGAIN = datetime(2017, 3, 6, 9, 30, tzinfo=UTC)
"""When the report of 2012 was met again, unchanged."""

_IDS = "https://simulator.gov.cn.test/record/"
_MADE = (2017, 3, 6, 10, 0, 0)


@dataclass(frozen=True)
class Kept:
    """A record of the WARC file that has a page, and where it lies."""

    page: Page
    at: datetime
    offset: int
    length: int
    revisit: bool = False


@cache
def warc() -> bytes:
    """The WARC file."""
    return _kept()[0]


def records() -> tuple[Kept, ...]:
    """The records of the WARC file that have pages, in its order."""
    return _kept()[1]


def write(folder: Path) -> tuple[Path, Path]:
    """Writes the WARC and the WACZ file into ``folder``. Returns their paths."""
    paths = folder / NAME, folder / "rescue.wacz"
    for path, content in zip(paths, (warc(), wacz()), strict=True):
        path.write_bytes(content)
    return paths


@cache
def _kept() -> tuple[bytes, tuple[Kept, ...]]:
    file = Warc(NAME)
    found: list[Kept] = []
    for number, page in enumerate((*pages(), *others())):
        at = CRAWLED + timedelta(minutes=number)
        asked = f"GET {page.path} HTTP/1.1\r\nHost: {page.host}\r\nUser-Agent: rescue/1.0\r\n\r\n"
        # Some tools take the digest of chunks as they came, against the standard; one record is theirs.
        by_standard = {} if page.chunked and page.gzipped else {"WARC-Payload-Digest": f"sha1:{page.digest}"}
        found.append(Kept(page, at, *file.response(page, at, fields=by_standard)))
        file.beside("request", page, at, asked.encode(), "application/http; msgtype=request")
        file.beside("metadata", page, at, b"fetchTimeMs: 41\r\n", "application/warc-fields")
    twice = next(kept for kept in found if kept.page.url == truth()[0].url)
    found.append(Kept(twice.page, AGAIN, *file.revisit(twice.page, AGAIN, twice.at), revisit=True))
    return file.bytes(), tuple(found)


@cache
def wacz() -> bytes:
    """The WACZ file: the WARC with its index, the list of pages, and the digests of all these."""
    listed = [{"format": "json-pages-1.0", "id": "pages", "title": "rescue"}]
    listed += [
        {"id": f"{number:02}", "url": kept.page.url, "ts": _written(kept.at), "title": kept.page.path}
        for number, kept in enumerate(records())
        if kept.page.mime == "text/html" and kept.page.code == 200 and not kept.revisit
    ]
    members = {
        f"archive/{NAME}": warc(),
        "indexes/index.cdx": "".join(sorted(map(_index_line, records()))).encode(),
        "pages/pages.jsonl": "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in listed).encode(),
    }
    resources = [
        {"name": path.rpartition("/")[2], "path": path, "hash": _sha256(content), "bytes": len(content)}
        for path, content in members.items()
    ]
    package = {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": "rescue",
        "created": _written(datetime(*_MADE, tzinfo=UTC)),
        "resources": resources,
    }
    described = json.dumps(package, indent=2).encode()
    digest = {"path": "datapackage.json", "hash": _sha256(described)}
    members |= {"datapackage.json": described, "datapackage-digest.json": json.dumps(digest).encode()}
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as zipped:
        for path, content in members.items():
            zipped.writestr(ZipInfo(path, _MADE), content)
    return packed.getvalue()


def _index_line(kept: Kept) -> str:
    """The record's line of a CDXJ index."""
    fields = {
        "url": kept.page.url,
        "mime": "warc/revisit" if kept.revisit else kept.page.mime,
        "status": str(kept.page.code),
        "digest": f"sha1:{kept.page.digest}",
        "length": str(kept.length),
        "offset": str(kept.offset),
        "filename": NAME,
    }
    return f"{surt(kept.page.url)} {kept.at:%Y%m%d%H%M%S} {json.dumps(fields)}\n"


def _sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Warc:
    """A WARC file in memory; record ids are made from what a record is of."""

    def __init__(self, name: str, version: str = "1.1") -> None:
        self._file = BytesIO()
        self._writer = WARCWriter(self._file, gzip=True, warc_version=version)
        info = [("WARC-Type", "warcinfo"), ("WARC-Filename", name), *self._own(name, "warcinfo", CRAWLED)]
        headers = StatusAndHeaders("", info, protocol=f"WARC/{version}")
        said = b"software: simulator\r\nformat: WARC File Format 1.1\r\nrobots: obey\r\n"
        self._write(
            self._writer.create_warc_record(
                "", "warcinfo", payload=BytesIO(said), length=len(said), warc_headers=headers
            )
        )

    def response(self, page: Page, at: datetime, *, fields: Mapping[str, str]) -> tuple[int, int]:
        """Writes a page as it went over the wire, with ``fields`` more. Returns offset and length."""
        return self._write(
            self._writer.create_warc_record(
                page.url,
                "response",
                payload=BytesIO(page.wire),
                length=len(page.wire),
                http_headers=StatusAndHeaders(page.status, page.headers, protocol="HTTP/1.1"),
                warc_headers_dict={**dict(self._own(page.url, "response", at)), **fields},
            )
        )

    def revisit(self, page: Page, at: datetime, first: datetime) -> tuple[int, int]:
        """Writes that ``page`` was met again as it had been ``first``."""
        return self._write(
            self._writer.create_revisit_record(
                page.url,
                f"sha1:{page.digest}",
                page.url,
                _written(first),
                http_headers=StatusAndHeaders(page.status, page.headers, protocol="HTTP/1.1"),
                warc_headers_dict=dict(self._own(page.url, "revisit", at)),
            )
        )

    def beside(self, kind: str, page: Page, at: datetime, content: bytes, content_type: str) -> None:
        """Writes a request or metadata record."""
        self._write(
            self._writer.create_warc_record(
                page.url,
                kind,
                payload=BytesIO(content),
                length=len(content),
                warc_content_type=content_type,
                warc_headers_dict=dict(self._own(page.url, kind, at)),
            )
        )

    def bytes(self) -> bytes:
        """The file so far."""
        return self._file.getvalue()

    def _write(self, record: ArcWarcRecord) -> tuple[int, int]:
        start = self._file.tell()
        self._writer.write_record(record)
        return start, self._file.tell() - start

    @staticmethod
    def _own(name: str, kind: str, at: datetime) -> Iterator[tuple[str, str]]:
        yield "WARC-Record-ID", f"<urn:uuid:{uuid5(NAMESPACE_URL, f'{_IDS}{kind}/{at:%Y%m%d%H%M%S}/{name}')}>"
        yield "WARC-Date", _written(at)


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
