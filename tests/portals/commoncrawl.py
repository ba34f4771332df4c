"""Mock Common Crawl: its list of crawls, their indexes (pywb's CDX server), and the files they lie in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from urllib.parse import parse_qs, urlsplit

from portals.holdings import ABSENT, DAMAGED, RETRY_AFTER, BadQuery, Capture, Query, captures, fitting, within
from portals.kept import Warc
from portals.web import Answer, Request, Site

CRAWLS = ("CC-MAIN-2015-14", "CC-MAIN-2014-10", "CC-MAIN-2013-20")
"""The newest first, as `collinfo.json` has them. The last has nothing of the county."""
CUT_AT = 1 << 20
"""Bytes at which a body is cut off."""

# Other names of fields that pywb takes in filters.
_ALIASES = {"original": "url", "mimetype": "mime", "statuscode": "status"}

Row = dict[str, str]


@dataclass(frozen=True)
class Crawl:
    """A crawl: its index, and its files by their paths on the data host."""

    rows: tuple[Row, ...]
    files: dict[str, bytes]


@cache
def crawl(name: str) -> Crawl:
    """One of the `CRAWLS`: what was captured in its year, each page once."""
    files: dict[str, bytes] = {}
    rows: list[Row] = []
    captured = _captured(name)
    for kind, ok in (("warc", True), ("crawldiagnostics", False)):
        path = f"crawl-data/{name}/segments/1394678705768.94/{kind}/{name}-00007-ip-10-0-0-1.warc.gz"
        file = Warc(path.rpartition("/")[2], version="1.0")
        rows += [_stored(file, path, one) for one in captured if (one.page.code == 200) is ok]
        files[path] = file.bytes()
    return Crawl(tuple(sorted(rows, key=lambda row: (row["urlkey"], row["timestamp"]))), files)


def cut_off() -> frozenset[str]:
    """The addresses of pages whose bodies the crawls cut off."""
    rows = (row for name in CRAWLS for row in crawl(name).rows)
    return frozenset(row["url"] for row in rows if "truncated" in row)


def _captured(name: str) -> list[Capture]:
    """The crawl of 2015 has again what was still the same then; pictures and the like are left out."""
    if name == CRAWLS[-1]:
        return []
    year = name.split("-")[2]
    return [
        one
        for one in captures()
        if one.timestamp.startswith(year)
        and one.page.mime.startswith(("text/html", "application/vnd"))
        and one.page.url not in (DAMAGED.url, ABSENT.url)
    ]


def _stored(file: Warc, path: str, capture: Capture) -> Row:
    """Writes a capture as Common Crawl does: without encodings, and cut off where it is long."""
    page = capture.page
    truncated = len(page.body) > CUT_AT
    more = (("X-Crawl-Content-Encoding", "gzip"),) if page.gzipped else ()
    plain = replace(
        page, url=capture.original, body=page.body[:CUT_AT], gzipped=False, chunked=False, more=more
    )
    at = datetime.strptime(capture.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    offset, length = file.response(plain, at, fields={"WARC-Truncated": "length"} if truncated else {})
    row = {
        "urlkey": capture.urlkey,
        "timestamp": capture.timestamp,
        "url": capture.original,
        "mime": page.mime,
        "mime-detected": page.mime,
        "status": str(page.code),
        "digest": plain.digest,
        "length": str(length),
        "offset": str(offset),
        "filename": path,
    }
    if page.mime == "text/html":
        row |= {"languages": "zho", "encoding": "GBK" if "gb2312" in page.content_type else "UTF-8"}
    return row | ({"truncated": "length"} if truncated else {})


class CommonCrawl(Site):
    """``/collinfo.json`` and ``/CC-MAIN-…-index``.

    The requests whose numbers, from 1, are in ``busy`` are answered with 503. As in pywb a listing without
    ``page`` is its first page, which has ``pageSize`` blocks of rows before they are filtered.
    """

    hosts = ("127.0.0.1", "localhost")
    base = ""

    def __init__(self, busy: Iterable[int] = (), rows_per_block: int = 10) -> None:
        self._busy = frozenset(busy)
        self._asked = 0
        self._rows_per_block = rows_per_block

    def answer(self, request: Request) -> Answer:
        self._asked += 1
        if self._asked in self._busy:
            return Answer(b"SlowDown", 503, "text/plain", [("Retry-After", str(RETRY_AFTER))])
        if request.path == "/collinfo.json":
            return self._collections()
        name = request.path[1:].removesuffix("-index")
        if name not in CRAWLS:
            return _said(404, "No such index")
        query = Query(parse_qs(urlsplit(request.target).query, keep_blank_values=True))
        try:
            return self._listing(query, crawl(name).rows)
        except BadQuery as error:
            return _said(400, str(error))

    def _collections(self) -> Answer:
        entries = [
            {
                "id": name,
                "name": f"{name.split('-')[2]} Index",
                "timegate": f"{self.base}/{name}/",
                "cdx-api": f"{self.base}/{name}-index",
            }
            for name in CRAWLS
        ]
        return Answer(json.dumps(entries, indent=1).encode(), content_type="application/json")

    def _listing(self, query: Query, rows: Sequence[Row]) -> Answer:
        meant = _meant(query, rows)
        size = query.number("pageSize", 5)
        blocks = -(-len(meant) // self._rows_per_block)
        pages = -(-blocks // size)
        if query.yes("showNumPages"):
            counts = {"pages": pages, "pageSize": size, "blocks": blocks}
            return Answer(json.dumps(counts).encode(), content_type="application/json")
        page = query.number("page", 0)
        if page and not 0 <= page < pages:
            raise BadQuery(f"Page {page} invalid: First Page is 0, Last Page is {pages - 1}")
        on_a_page = size * self._rows_per_block
        keeps = [_filter(written) for written in query.values.get("filter", [])]
        shown = [
            row
            for row in meant[page * on_a_page : (page + 1) * on_a_page]
            if all(keep(row) for keep in keeps)
        ]
        if query.one("sort") == "reverse":
            shown.reverse()
        shown = shown[: query.number("limit", len(shown))]
        return _written(query, shown) if shown else _said(404, f"No Captures found for: {query.one('url')}")


class CrawlData(Site):
    """The host with the crawls' files, which gives out ranges of them."""

    hosts = ("127.0.0.1", "localhost")

    def answer(self, request: Request) -> Answer:
        files = {path: content for name in CRAWLS for path, content in crawl(name).files.items()}
        whole = files.get(request.path[1:])
        if whole is None:
            return Answer(b"<Error><Code>NoSuchKey</Code></Error>", 404, "application/xml")
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        if asked is None:
            return Answer(whole, content_type=_WARC, headers=[("Accept-Ranges", "bytes")])
        start = int(asked[1])
        end = min(int(asked[2] or len(whole)), len(whole) - 1)
        if start >= len(whole) or end < start:
            return Answer(b"", 416, _WARC, [("Content-Range", f"bytes */{len(whole)}")])
        span = f"bytes {start}-{end}/{len(whole)}"
        return Answer(whole[start : end + 1], 206, _WARC, [("Content-Range", span)])


_WARC = "application/octet-stream"


def _said(status: int, text: str) -> Answer:
    return Answer(json.dumps({"message": text}).encode(), status, "application/json")


def _meant(query: Query, rows: Sequence[Row]) -> list[Row]:
    if not query.one("url"):
        raise BadQuery('The "url" param is required')
    try:
        keys = fitting(query.one("url"), query.one("matchType"))
        moments = within(query.one("from"), query.one("to"))
    except ValueError as error:
        raise BadQuery(f"Invalid: {error}") from error
    return [row for row in rows if keys(row["urlkey"]) and moments(row["timestamp"])]


def _filter(written: str) -> Callable[[Row], bool]:
    """``[!][=|~]field:value``: contained in the field, or equal to it, or a pattern for its beginning."""
    negated, rest = written.startswith("!"), written.removeprefix("!")
    modifier = rest[:1] if rest[:1] in ("=", "~") else ""
    name, colon, value = rest.removeprefix(modifier).partition(":")
    if not colon:
        name, value = "", name
    field = _ALIASES.get(name, name)
    try:
        regex = re.compile(value) if modifier == "~" else None
    except re.error as error:
        raise BadQuery(f"no regular expression: {value}") from error

    def keep(row: Row) -> bool:
        text = row.get(field, "") if field else json.dumps(row)
        if regex is not None:
            return (regex.match(text) is not None) is not negated
        return (value == text if modifier else value in text) is not negated

    return keep


def _written(query: Query, rows: Sequence[Row]) -> Answer:
    wanted = [name for name in query.one("fl").split(",") if name]
    shown = [{name: row[name] for name in wanted if name in row} if wanted else row for row in rows]
    if query.one("output") == "json":
        text = "".join(f"{json.dumps(row)}\n" for row in shown)
        return Answer(text.encode(), content_type="text/x-ndjson")
    text = "".join(
        f"{row.get('urlkey', '')} {row.get('timestamp', '')} "
        f"{json.dumps({k: v for k, v in row.items() if k not in ('urlkey', 'timestamp')})}\n"
        for row in shown
    )
    return Answer(text.encode(), content_type="text/x-cdxj")
