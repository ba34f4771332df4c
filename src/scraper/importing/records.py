"""The records of a WARC or ARC file, with what is damaged in it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParserException

from scraper.importing.members import GZIP_MAGIC, RECORD_BEGINS, members

LARGEST_RECORD = 50_000_000
"""Bytes of one record's payload, beyond any report and any page of a portal."""

# It would say of every address with a blank in it that it reads %20 there.
logging.getLogger("warcio.recordloader").setLevel(logging.ERROR)

_LONGEST_LINE = 65_536
_WARC_BEGINS = re.compile(rb"WARC/[01]\.\d+\s*\Z")
_UNREADABLE = (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, ValueError, AttributeError)


@dataclass(frozen=True)
class Record:
    """One record: ``body`` is what follows its HTTP head, or its whole block where it has none.

    ``offset`` is where it begins in the file, or where its gzip member does. ``verified`` tells whether
    a digest of the record fits: that of its block, or else of its payload, which writers may have taken
    before or after they undid what the transfer did to it; None where it has none. A record that is
    ``too_large`` has no body here.
    """

    offset: int
    kind: str
    headers: StatusAndHeaders
    http: StatusAndHeaders | None
    body: bytes
    verified: bool | None
    too_large: bool = False

    def header(self, name: str) -> str:
        """A field of the WARC head; empty where there is none."""
        return (self.headers.get_header(name) or "").strip()


@dataclass(frozen=True)
class Damage:
    """A place where a record should be and can't be read, or was altered."""

    offset: int


def read_records(file: IO[bytes]) -> Iterator[Record | Damage]:
    """The records of a WARC or ARC file in their order, gzipped or not.

    What lies behind a damaged record is found again. From a gzip member that is damaged only records are
    taken whose digest fits.
    """
    beginning = file.read(len(GZIP_MAGIC))
    file.seek(0)
    if beginning != GZIP_MAGIC:
        yield from _records_in(file)
        return
    for member in members(file):
        for found in _records_in(member.content):
            if member.damaged and not (isinstance(found, Record) and found.verified):
                continue
            yield _at(found, member.offset)
        if member.damaged:
            yield Damage(member.offset)


def _at(found: Record | Damage, offset: int) -> Record | Damage:
    if isinstance(found, Damage):
        return Damage(offset)
    return Record(offset, found.kind, found.headers, found.http, found.body, found.verified, found.too_large)


def _records_in(stream: IO[bytes]) -> Iterator[Record | Damage]:
    loader = ArcWarcRecordLoader(verify_http=False, arc2warc=True)
    line, start = _next_line(stream)
    while line:
        found = _read_record(loader, stream, line, start)
        following, begins = _next_line(stream)
        # A wrong length shows in what follows: the next record's head is not where it should be.
        ended = not following or RECORD_BEGINS.match(following)
        if isinstance(found, Record) and (found.verified or ended):
            yield found
        else:
            yield Damage(start)
            stream.seek(start + len(line))
            following, begins = _next_warc(stream)
        line, start = following, begins


def _next_line(stream: IO[bytes]) -> tuple[bytes, int]:
    """The next line that is not blank, and where it begins; no line at the end."""
    while True:
        start = stream.tell()
        line = stream.readline(_LONGEST_LINE)
        if line.strip() or not line:
            return line, start


def _next_warc(stream: IO[bytes]) -> tuple[bytes, int]:
    """The next line with which a WARC record begins."""
    while True:
        start = stream.tell()
        line = stream.readline(_LONGEST_LINE)
        if _WARC_BEGINS.match(line) or not line:
            return line, start


def _read_record(loader: ArcWarcRecordLoader, stream: IO[bytes], line: bytes, start: int) -> Record | Damage:
    if not RECORD_BEGINS.match(line):
        return Damage(start)
    try:
        record = loader.parse_record_stream(stream, statusline=line, check_digests=True)
        if record.length is None or record.rec_type is None:
            return Damage(start)
        too_large = record.length > LARGEST_RECORD
        body = _skip(record) if too_large else record.raw_stream.read()
    except _UNREADABLE:
        return Damage(start)
    problems = " ".join(record.digest_checker.problems)
    if record.raw_stream.limit or "block digest failed" in problems:
        return Damage(start)
    verified = record.digest_checker.passed
    if "payload digest failed" in problems:
        verified = record.rec_headers.get_header("WARC-Block-Digest") is not None
    return Record(start, record.rec_type, record.rec_headers, record.http_headers, body, verified, too_large)


def _skip(record: ArcWarcRecord) -> bytes:
    while record.raw_stream.read(1_000_000):
        pass
    return b""
