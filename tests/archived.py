"""What tests of the archive share: responses to store, and WARC files read by nothing but warcio."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from scraper.archive import Archive, Capture

ADDRESS = "http://www.tongxin.gov.cn.test/zwgk/t20230118_1.html"
HTML = [("Content-Type", "text/html; charset=gbk"), ("ETag", '"1"'), ("Content-Encoding", "gzip")]


def report(number: int) -> bytes:
    """A page in the encoding of :data:`HTML`, another one for each number."""
    text = f"<html><body><h1>同心县政府信息公开工作年度报告</h1><p>第{number}号</p></body></html>"
    return gzip.compress(text.encode("gbk"), mtime=0)


def address(number: int) -> str:
    """The address of a page."""
    return f"http://www.tongxin.gov.cn.test/zwgk/t20230118_{number}.html"


def store(archive: Archive, number: int, url: str = "") -> Capture:
    """Stores :func:`report` under its :func:`address`, or another one."""
    return archive.store_response(url or address(number), "200 OK", HTML, report(number))


def filled(folder: Path, pages: int, **options: Any) -> list[Capture]:
    """An archive in ``folder`` of so many different pages."""
    with Archive(folder, writing=True, **options) as archive:
        return [store(archive, number) for number in range(pages)]


def everything(folder: Path, **options: Any) -> list[Capture]:
    """All captures, by their place."""
    with Archive(folder, **options) as archive:
        found = list(archive.captures())
        assert len(archive) == len(found)
    return sorted(found, key=lambda capture: (capture.warc_file, capture.offset))


@dataclass(frozen=True)
class Record:
    """A record as warcio reads it."""

    kind: str
    fields: dict[str, str]
    status_line: str
    headers: list[tuple[str, str]]
    block: bytes


def records(folder: Path) -> list[Record]:
    """All records of the WARC files, their digests checked."""
    found = []
    for warc in sorted(folder.glob("*.warc.gz")):
        with warc.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                http = record.http_headers
                found.append(
                    Record(
                        record.rec_type,
                        dict(record.rec_headers.headers),
                        f"{http.protocol} {http.statusline}" if http else "",
                        http.headers if http else [],
                        record.raw_stream.read(),
                    )
                )
                assert record.digest_checker.passed is not False
    return found


def lose_indexes(folder: Path) -> None:
    """Deletes all but the WARC files."""
    for path in folder.iterdir():
        if path.is_file() and not path.name.endswith(".warc.gz"):
            path.unlink()
