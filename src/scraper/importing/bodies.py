"""The body of a response: what the transfer did to it, and its digest."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from io import BytesIO

from warcio.bufferedreaders import ChunkedDataReader

Headers = Sequence[tuple[str, str]]


def header(headers: Headers, name: str) -> str:
    """The field ``name``, in lower case, of an HTTP head; empty where there is none."""
    return next((value.strip() for key, value in headers if key.lower() == name), "")


def without_encoding(headers: Headers) -> list[tuple[str, str]]:
    """The head of a response whose body was decoded: what no longer holds stands under another name."""
    undone = ("content-encoding", "content-length")
    return [(f"X-Archive-Orig-{name}" if name.lower() in undone else name, value) for name, value in headers]


def without_chunks(headers: Headers, body: bytes) -> bytes:
    """``body`` with the chunks of its transfer joined, where it has any.

    Many archives keep the header though they joined the chunks; such a body stays as it is.
    """
    chunked = header(headers, "transfer-encoding").lower() == "chunked"
    joined: bytes = ChunkedDataReader(BytesIO(body)).read() if chunked else body
    return joined


def digest_fits(stated: str, body: bytes) -> bool | None:
    """Whether ``body`` has the digest ``stated``, such as ``sha1:`` and base 32, or bare base 32.

    None where the digest is of a kind that is not known.
    """
    kind, _, value = stated.rpartition(":")
    kind = (kind or "sha1").strip().lower().replace("-", "")
    if kind not in ("sha1", "sha256", "md5"):
        return None
    digest = hashlib.new(kind, body, usedforsecurity=False)
    forms = (digest.hexdigest().upper(), base64.b32encode(digest.digest()).decode().rstrip("="))
    return value.strip().rstrip("=").upper() in forms
