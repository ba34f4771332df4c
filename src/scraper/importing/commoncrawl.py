"""Common Crawl: indexes of many crawls, and WARC files of which single records are read.

Described at https://commoncrawl.org/get-started and https://github.com/webrecorder/pywb/wiki/CDX-Server-API.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from scraper.importing.bodies import digest_fits, without_chunks
from scraper.importing.client import Answer, Client, Parameters, servers
from scraper.importing.intake import Found
from scraper.importing.listing import (
    Filter,
    Listed,
    NotTaken,
    Query,
    names_capture,
    plain_address,
)
from scraper.importing.records import LARGEST_RECORD, Record, read_records
from scraper.messages import ScraperError, message

_LARGEST_PAGE = 64_000_000
_MOST_PAGES = 10_000
# CC-MAIN-2018-17: the year and week of a crawl.
_CRAWL = re.compile(r"CC-MAIN-(\d{4})")


class CommonCrawl:
    """All crawls that ``collinfo`` lists, or the one whose index is at ``index``; records from ``data``."""

    def __init__(self, client: Client, collinfo: str = "", index: str = "", data: str = "") -> None:
        known = servers()["commoncrawl"]
        self.unreadable = 0
        self._client = client
        self._collinfo = collinfo or known["collinfo"]
        self._index = index
        self._data = (data or known["data"]).rstrip("/")

    def list(self, query: Query) -> Iterator[Listed]:
        """The captures that the indexes list, crawl by crawl, page by page."""
        wanted = Filter(query)
        asked = _parameters(query, wanted)
        for index in [self._index] if self._index else self._indexes(query):
            for page in range(self._pages(index, asked)):
                answer = self._client.get(index, [*asked, ("page", str(page))], most=_LARGEST_PAGE)
                for line in _lines(answer):
                    listed = _listed(line)
                    self.unreadable += listed is None
                    if listed is not None and wanted.passes(listed):
                        yield listed

    def _indexes(self, query: Query) -> Iterator[str]:
        """The addresses of the indexes of crawls in the years of the query."""
        answer = self._client.get(self._collinfo, most=_LARGEST_PAGE)
        since, until = query.since[:4] or "0000", query.until[:4] or "9999"
        for crawl in _json(answer):
            try:
                name, index = str(crawl["id"]), str(crawl["cdx-api"])
            except (TypeError, KeyError) as error:
                raise _unreadable(answer) from error
            year = _CRAWL.match(name)
            if year is None or since <= year.group(1) <= until:
                yield index

    def _pages(self, index: str, asked: Parameters) -> int:
        answer = self._client.get(index, [*asked, ("showNumPages", "true")], most=_LARGEST_PAGE)
        if answer.status == 404:
            return 0
        try:
            return min(int(_json(answer)["pages"]), _MOST_PAGES)
        except (TypeError, KeyError, ValueError) as error:
            raise _unreadable(answer) from error

    def source(self, listed: Listed) -> tuple[str, str]:
        """The WARC file and the bytes of the record in it."""
        last = listed.offset + listed.length - 1
        return f"{self._data}/{listed.file.lstrip('/')}", f"bytes={listed.offset}-{last}"

    def fetch(self, listed: Listed) -> Found:
        """One capture, its digest verified."""
        source, source_range = self.source(listed)
        answer = self._client.get(source, most=LARGEST_RECORD, headers={"Range": source_range})
        if answer.status == 200:
            raise NotTaken("range_ignored")
        if answer.status != 206:
            raise NotTaken("capture_not_given")
        record = _response(answer.body)
        if record.http is None or plain_address(record.header("WARC-Target-URI")) != listed.url:
            raise NotTaken("record_differs")
        headers = list(record.http.headers)
        body = without_chunks(headers, record.body)
        if not (digest_fits(listed.digest, record.body) or digest_fits(listed.digest, body)):
            raise NotTaken("digest_differs")
        return Found(
            url=listed.url,
            captured_at=listed.captured_at,
            status_line=record.http.statusline,
            headers=headers,
            body=body,
            place=source,
            source=source,
            source_range=source_range,
            digest=f"sha1:{listed.digest}",
            truncated=record.header("WARC-Truncated"),
        )


def _parameters(query: Query, wanted: Filter) -> Parameters:
    given = (("matchType", query.match), ("from", query.since), ("to", query.until))
    filters = ["=status:200", f"~mime:({wanted.wanted})$", f"!~mime:({wanted.unwanted})$"]
    if query.only:
        filters.append(f"~url:{query.only}")
    return [
        ("url", query.pattern),
        ("output", "json"),
        *((name, value) for name, value in given if value),
        *(("filter", one) for one in filters),
    ]


def _response(packed: bytes) -> Record:
    """The one response in a gzip member. Raises :class:`NotTaken` where there is none, or it is damaged."""
    for found in read_records(BytesIO(packed)):
        if isinstance(found, Record) and found.kind == "response" and not found.too_large:
            return found
    raise NotTaken("record_differs")


def _lines(answer: Answer) -> Iterator[dict[str, Any]]:
    if answer.status == 404:
        return
    if answer.status != 200:
        said = answer.body[:200].decode(errors="replace").strip()
        raise ScraperError(message("listing_refused", url=answer.url, status=answer.status, said=said))
    for line in answer.body.splitlines():
        try:
            fields = json.loads(line)
        except ValueError as error:
            raise _unreadable(answer) from error
        yield fields if isinstance(fields, dict) else {}


def _json(answer: Answer) -> Any:
    if answer.status != 200:
        said = answer.body[:200].decode(errors="replace").strip()
        raise ScraperError(message("listing_refused", url=answer.url, status=answer.status, said=said))
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise _unreadable(answer) from error


def _unreadable(answer: Answer) -> ScraperError:
    return ScraperError(message("listing_unreadable", url=answer.url))


def _listed(line: dict[str, Any]) -> Listed | None:
    """A line's capture; None where it has no time or place, or no digest to verify it by."""
    url, timestamp, digest = (str(line.get(name)) for name in ("url", "timestamp", "digest"))
    offset, length, status = (str(line.get(name)) for name in ("offset", "length", "status"))
    numbers = offset.isdigit() and length.isdigit() and status.isdigit()
    if not (numbers and line.get("filename") and names_capture(url, timestamp, digest)):
        return None
    return Listed(
        url=plain_address(url),
        original=url,
        timestamp=timestamp,
        mime=str(line.get("mime")),
        status=int(status),
        digest=digest,
        revisit=line.get("mime") == "warc/revisit",
        file=str(line["filename"]),
        offset=int(offset),
        length=int(length),
    )
