"""The gzip members of a WARC file, one record each, past damaged ones."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO

_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b\x08"
_RECORD = b"WARC/"
# A block of this size unpacks to 17 MB at most.
_BLOCK = 16_384
_IN_MEMORY = 16_000_000


@dataclass(frozen=True)
class Member:
    """One gzip member. ``content`` is what it holds, to be used before the next member is asked for."""

    offset: int
    length: int
    content: IO[bytes]


@dataclass(frozen=True)
class Damage:
    """Bytes that are no whole member, up to the next one that holds a record.

    ``half_written`` tells that they are the beginning of one at the end of the file, as a process leaves
    it that was killed.
    """

    offset: int
    length: int
    half_written: bool


class _Broken(Exception):  # noqa: N818 - it is a state of a file
    pass


def is_member(file: IO[bytes], start: int, end: int, size: int) -> bool:
    """Whether one member can lie between two places of a file of ``size``: one begins at either."""
    return end <= size and all(_begins_at(file, place) for place in (start, end) if place < size)


def members(file: IO[bytes], start: int, end: int) -> Iterator[Member | Damage]:
    """The members between two places of a file, with one of them in memory at a time."""
    position = start
    while position < end:
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as content:
            try:
                until = _unpack(file, position, end, content)
            except _Broken:
                until, broken = None, True
            else:
                broken = False
            if until is not None:
                content.seek(0)
                yield Member(position, until - position, content)
        if until is None:
            following = _next_record(file, position + 1, end)
            until = end if following is None else following
            yield Damage(position, until - position, half_written=not broken and following is None)
        position = until


def _unpack(file: IO[bytes], start: int, end: int, content: IO[bytes]) -> int | None:
    """Unpacks the member that begins at ``start``; its end, or None where it lies beyond ``end``."""
    reader = zlib.decompressobj(_GZIP)
    file.seek(start)
    position = start
    while not reader.eof:
        block = file.read(min(_BLOCK, end - position))
        if not block:
            return None
        position += len(block)
        try:
            content.write(reader.decompress(block))
        except zlib.error as error:
            raise _Broken from error
    return position - len(reader.unused_data)


def _begins_at(file: IO[bytes], place: int) -> bool:
    file.seek(place)
    return file.read(len(_MAGIC)) == _MAGIC


def _next_record(file: IO[bytes], start: int, end: int) -> int | None:
    """Where the next member begins that holds a record."""
    position = start
    while position < end:
        file.seek(position)
        # What a candidate at the very end of a block needs is read with it.
        window = file.read(min(2 * _BLOCK, end - position))
        found = window.find(_MAGIC)
        while 0 <= found < _BLOCK:
            if _holds_record(window[found:]):
                return position + found
            found = window.find(_MAGIC, found + 1)
        position += _BLOCK
    return None


def _holds_record(packed: bytes) -> bool:
    try:
        return zlib.decompressobj(_GZIP).decompress(packed, len(_RECORD)) == _RECORD
    except zlib.error:
        return False
