"""The members of a gzip file, past damaged ones."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO

GZIP_MAGIC = b"\x1f\x8b\x08"

# How a WARC or ARC record begins; other bytes behind a damaged place only look like a gzip member.
RECORD_BEGINS = re.compile(rb"\s*(?:WARC/[01]\.|filedesc://|\w{2,10}:\S+ [\d.:a-f]{2,40} \d{14} )")

_GZIP = 16 + zlib.MAX_WBITS
# A block of this size unpacks to 17 MB at most.
_BLOCK = 16_384
_IN_MEMORY = 4_000_000
# A whole WARC file may be packed as one member, but what unpacks to so many times its size is no WARC file.
_MANY = 100_000_000
_MOST_TIMES = 200
_MOST_DAMAGES = 1_000


@dataclass(frozen=True)
class Member:
    """A gzip member: where it begins in the file, and what it holds.

    ``content`` must be used before the next member is asked for. Where the member is ``damaged`` it is
    what could be unpacked.
    """

    offset: int
    content: IO[bytes]
    damaged: bool = False


def members(file: IO[bytes]) -> Iterator[Member]:
    """Each member of ``file``. Behind a damaged one the next that holds a record is looked for."""
    source = _Source(file)
    damages = 0
    while source.more():
        offset = source.position
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as content:
            whole = _unpack(source, content)
            content.seek(0)
            yield Member(offset, content, damaged=not whole)
        if whole:
            continue
        damages += 1
        following = _next_member(source, offset + 1) if damages < _MOST_DAMAGES else None
        if following is None:
            return
        source.go(following)


class _Source:
    """A file read in blocks; what lies behind the end of a member is put back."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._waiting = b""
        self.position = file.tell()

    def more(self) -> bool:
        """Whether there is anything left to read."""
        self._waiting = self._waiting or self._file.read(_BLOCK)
        return bool(self._waiting)

    def block(self) -> bytes:
        """The next bytes; none at the end."""
        found, self._waiting = self._waiting or self._file.read(_BLOCK), b""
        self.position += len(found)
        return found

    def put_back(self, unused: bytes) -> None:
        """Has ``unused``, the end of the last block, read again."""
        self._waiting = unused
        self.position -= len(unused)

    def go(self, position: int) -> None:
        """Reads on at ``position``."""
        self._file.seek(position)
        self._waiting, self.position = b"", position


def _unpack(source: _Source, content: IO[bytes]) -> bool:
    """Unpacks one member into ``content``; whether it is whole."""
    reader = zlib.decompressobj(_GZIP)
    packed = 0
    while not reader.eof:
        block = source.block()
        packed += len(block)
        try:
            unpacked = reader.decompress(block)
        except zlib.error:
            return False
        content.write(unpacked)
        if not block or content.tell() > max(_MANY, packed * _MOST_TIMES):
            return False
    source.put_back(reader.unused_data)
    return True


def _next_member(source: _Source, start: int) -> int | None:
    """Where the next member begins that holds a record."""
    source.go(start)
    behind = b""
    while block := source.block():
        window = behind + block
        first = source.position - len(window)
        for found in re.finditer(re.escape(GZIP_MAGIC), window):
            if begins_record(window[found.start() :]):
                return first + found.start()
        # A member that begins at the end of the block is tried again with the next one.
        behind = window[-1024:]
    return None


def begins_record(beginning: bytes) -> bool:
    """Whether a WARC or ARC record begins a file, gzipped or not, of which ``beginning`` is the start."""
    if not beginning.startswith(GZIP_MAGIC):
        return RECORD_BEGINS.match(beginning) is not None
    try:
        return RECORD_BEGINS.match(zlib.decompressobj(_GZIP).decompress(beginning, 1024)) is not None
    except zlib.error:
        return False
