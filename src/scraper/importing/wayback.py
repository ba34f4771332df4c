"""The Internet Archive's Wayback Machine, or a server that speaks as it does.

The index is described at https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scraper.archive.coding import decoded
from scraper.importing.bodies import Headers, digest_fits, header, without_encoding
from scraper.importing.client import Answer, Client, Parameters, servers
from scraper.importing.intake import Found
from scraper.importing.listing import (
    Filter,
    Listed,
    NotTaken,
    Query,
    names_capture,
    plain_address,
    status_line,
)
from scraper.importing.members import GZIP_MAGIC
from scraper.importing.records import LARGEST_RECORD
from scraper.messages import ScraperError, message

_INDEX = "/cdx/search/cdx"
_FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest", "length")
_LARGEST_PAGE = 64_000_000
_MOST_PAGES = 1_000
_ORIGINAL = "x-archive-orig-"
_TRANSFER = frozenset({"transfer-encoding", "connection", "keep-alive"})


class Wayback:
    """The archive whose index is at ``cdx``, by default that of the Internet Archive."""

    def __init__(self, client: Client, cdx: str = "") -> None:
        self.unreadable = 0
        self._client = client
        self._cdx = cdx or servers()["wayback"]["cdx"]
        self._replay = self._cdx.partition("?")[0].removesuffix(_INDEX).rstrip("/") + "/web"

    def list(self, query: Query) -> Iterator[Listed]:
        """The captures that the index lists, page by page."""
        wanted = Filter(query)
        asked = self._parameters(query, wanted)
        key = ""
        for _ in range(_MOST_PAGES):
            resumed = [*asked, ("resumeKey", key)] if key else asked
            lines, following = _page(self._client.get(self._cdx, resumed, most=_LARGEST_PAGE))
            for line in lines:
                listed = _listed(line)
                if listed is None:
                    self.unreadable += 1
                elif wanted.passes(listed):
                    yield listed
            if not following or following == key:
                return
            key = following

    def _parameters(self, query: Query, wanted: Filter) -> Parameters:
        given = (("matchType", query.match), ("from", query.since), ("to", query.until))
        filters = ["statuscode:200|-", f"mimetype:{wanted.wanted}", f"!mimetype:{wanted.unwanted}"]
        if query.only:
            filters.append(f"original:{query.only}")
        return [
            ("url", query.pattern),
            ("output", "json"),
            ("fl", ",".join(_FIELDS)),
            ("gzip", "false"),
            *((name, value) for name, value in given if value),
            *(("filter", one) for one in filters),
            ("limit", str(servers()["wayback"]["page"])),
            ("showResumeKey", "true"),
        ]

    def source(self, listed: Listed) -> tuple[str, str]:
        """The address of the capture as it came to the archive: no banner, no links rewritten."""
        return f"{self._replay}/{listed.timestamp}id_/{listed.original}", ""

    def fetch(self, listed: Listed) -> Found:
        """One capture, its digest verified."""
        source, _ = self.source(listed)
        answer = self._client.get(source, most=LARGEST_RECORD)
        headers, body = _verified(answer, listed.digest)
        return Found(
            url=listed.url,
            captured_at=listed.captured_at,
            status_line=status_line(listed.status),
            headers=headers,
            body=body,
            place=source,
            source=source,
            digest=f"sha1:{listed.digest}",
        )


def _page(answer: Answer) -> tuple[list[dict[str, str]], str]:
    """The lines of an answer, and the key of the next one; empty where there is none.

    The first line has the names of the fields; a key stands behind an empty line.
    """
    if answer.status != 200:
        said = answer.body[:200].decode(errors="replace").strip()
        raise ScraperError(message("listing_refused", url=answer.url, status=answer.status, said=said))
    try:
        rows: list[list[str]] = json.loads(answer.body.strip() or b"[]")
        following = rows[-1][0] if len(rows) > 1 and rows[-2] == [] else ""
        lines = [dict(zip(rows[0], row, strict=True)) for row in rows[1 : -2 if following else None]]
    except (ValueError, TypeError, IndexError, KeyError) as error:
        raise ScraperError(message("listing_unreadable", url=answer.url)) from error
    return lines, following


def _listed(line: dict[str, Any]) -> Listed | None:
    """A line's capture; None where it names none."""
    original, timestamp, digest = (str(line.get(name)) for name in ("original", "timestamp", "digest"))
    if not names_capture(original, timestamp, digest):
        return None
    mime, status = str(line.get("mimetype")), str(line.get("statuscode"))
    return Listed(
        url=plain_address(original),
        original=original,
        timestamp=timestamp,
        mime=mime,
        status=int(status) if status.isdigit() else 200,
        digest=digest,
        revisit=mime == "warc/revisit",
    )


def _verified(answer: Answer, digest: str) -> tuple[Headers, bytes]:
    """Head and body as they were archived. Raises :class:`NotTaken` where the digest is another."""
    if answer.status != 200:
        raise NotTaken("capture_not_given")
    headers = _original_head(answer)
    if digest_fits(digest, answer.body):
        # Some archives undo the encoding and keep the field.
        packed = header(headers, "content-encoding").lower() != "gzip" or answer.body.startswith(GZIP_MAGIC)
        return headers if packed else without_encoding(headers), answer.body
    body = decoded(answer.headers, answer.body)
    if not digest_fits(digest, body):
        raise NotTaken("digest_differs")
    return without_encoding(headers), body


def _original_head(answer: Answer) -> Headers:
    """The head that the page was captured with; its content type and encoding are always known."""
    original = [
        (name[len(_ORIGINAL) :], value)
        for name, value in answer.headers
        if name.lower().startswith(_ORIGINAL) and name.lower().removeprefix(_ORIGINAL) not in _TRANSFER
    ]
    names = {name.lower() for name, _ in original}
    own = [field for field in answer.headers if field[0].lower() in ("content-type", "content-encoding")]
    return original + [field for field in own if field[0].lower() not in names]
