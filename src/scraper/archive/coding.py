"""Content codings of HTTP: what a body was packed in."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import brotlicffi

_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_BARE_DEFLATE = -zlib.MAX_WBITS

_BLOCK = 65_536
_MOST_DECODED = 200_000_000


class _NotCoded(Exception):  # noqa: N818 - it is a state of a body
    """Bytes that are not in the coding that the header names."""


class _TooLarge(_NotCoded):
    """Bytes that unpack to more than is bearable."""


def decoded(headers: Sequence[tuple[str, str]], body: bytes) -> bytes:
    """``body`` with the content codings undone that ``headers`` name: gzip, deflate and br.

    One that ends early gives what it has. Servers also name codings that they did not use: a body that
    is not in its coding, and one whose coding is not known, is given as it came, and so is one that
    would unpack to more than 200 MB.
    """
    named = ",".join(value for name, value in headers if name.lower() == "content-encoding")
    for coding in reversed([part.strip().lower() for part in named.split(",")]):
        undo = _CODINGS.get(coding)
        try:
            body = undo(body) if undo and body else body
        except _NotCoded:
            return body
    return body


def _gunzip(body: bytes) -> bytes:
    """All members; what follows the last one is padding."""
    pieces: list[bytes] = []
    room = _MOST_DECODED
    while body:
        try:
            piece, body = _inflate(body, _GZIP, room)
        except _NotCoded as reason:
            if pieces and not isinstance(reason, _TooLarge):
                break
            raise
        pieces.append(piece)
        room -= len(piece)
    return b"".join(pieces)


def _undeflate(body: bytes) -> bytes:
    """With the frame that the standard asks for, or without, as many servers send it."""
    try:
        return _inflate(body, _ZLIB, _MOST_DECODED)[0]
    except _NotCoded:
        return _inflate(body, _BARE_DEFLATE, _MOST_DECODED)[0]


def _inflate(body: bytes, window: int, room: int) -> tuple[bytes, bytes]:
    """One stream, and what lies behind it."""
    reader = zlib.decompressobj(window)
    pieces: list[bytes] = []
    for start in range(0, len(body), _BLOCK):
        try:
            piece = reader.decompress(body[start : start + _BLOCK], room + 1)
        except zlib.error as error:
            if any(pieces):
                return b"".join(pieces), b""
            raise _NotCoded from error
        room -= len(piece)
        if room < 0:
            raise _TooLarge
        pieces.append(piece)
        if reader.eof:
            return b"".join(pieces), reader.unused_data + body[start + _BLOCK :]
    return b"".join(pieces), b""


def _unbrotli(body: bytes) -> bytes:
    reader = brotlicffi.Decompressor()
    pieces: list[bytes] = []
    room = _MOST_DECODED
    try:
        for start in range(0, len(body), _BLOCK):
            piece = reader.decompress(body[start : start + _BLOCK], room + 1)
            room -= len(piece)
            if room < 0:
                raise _TooLarge
            pieces.append(piece)
            if reader.is_finished():
                break
    except brotlicffi.error as error:
        if not any(pieces):
            raise _NotCoded from error
    return b"".join(pieces)


_CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _undeflate,
    "br": _unbrotli,
}
