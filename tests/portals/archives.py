"""Mock Internet Archive: its CDX server and its raw captures, with the parameters of ``portals.md`` §5.

`commoncrawl.py` is the other archive; `serving_archives` serves both on loopback.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qs, quote_plus, unquote_plus, urlsplit

from portals.commoncrawl import CommonCrawl, CrawlData
from portals.holdings import ABSENT, DAMAGED, RETRY_AFTER, BadQuery, Capture, Query, captures, fitting, within
from portals.web import Answer, Network, Request, Site, serving

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
MOST_ROWS = 150_000

Row = dict[str, str]
Keep = Callable[[Row], bool]


class InternetArchive(Site):
    """``/cdx/search/cdx`` and ``/web/<timestamp>id_/<original>``.

    The requests whose numbers, from 1, are in ``busy`` are answered with 429. A page of a listing has
    ``rows_per_block`` rows for each block, before its filters are applied, as the real server does it.
    """

    hosts = ("127.0.0.1", "localhost")

    def __init__(self, busy: Iterable[int] = (), rows_per_block: int = 10) -> None:
        self._busy = frozenset(busy)
        self._asked = 0
        self._rows_per_block = rows_per_block

    def answer(self, request: Request) -> Answer:
        self._asked += 1
        if self._asked in self._busy:
            return Answer(b"Too Many Requests", 429, "text/plain", [("Retry-After", str(RETRY_AFTER))])
        if request.path == "/cdx/search/cdx":
            query = Query(parse_qs(urlsplit(request.target).query, keep_blank_values=True))
            try:
                return self._listing(query)
            except BadQuery as error:
                return Answer(f"{error}\n".encode(), 400, "text/plain")
        return _playback(request.target)

    def _listing(self, query: Query) -> Answer:
        if not query.one("url"):
            raise BadQuery("url is required")
        try:
            keys = fitting(query.one("url"), query.one("matchType"))
            moments = within(query.one("from"), query.one("to"))
        except ValueError as error:
            raise BadQuery(f"not understood: {error}") from error
        rows = [_row(one) for one in captures() if keys(one.urlkey) and moments(one.timestamp)]
        on_a_page = query.number("pageSize", 5) * self._rows_per_block
        if query.yes("showNumPages"):
            return Answer(f"{-(-len(rows) // on_a_page)}\n".encode(), content_type="text/plain")
        if "page" in query.values:
            start = query.number("page", 0) * on_a_page
            rows = rows[start : start + on_a_page]
        return _written(query, *_chosen(query, rows))


def _chosen(query: Query, rows: Sequence[Row]) -> tuple[list[Row], str]:
    """The rows that are asked for, and the key with which the listing goes on where it was cut off."""
    key = query.one("resumeKey")
    if key:
        # The server decodes the key once more than its query, and compares it with whole lines.
        after = unquote_plus(key) if "%" in key or "+" in key else key
        rows = [row for row in rows if " ".join(row.values()) >= after]
    keeps = [_filter(written) for written in query.values.get("filter", [])]
    kept = [row for row in rows if all(keep(row) for keep in keeps)]
    for collapse in query.values.get("collapse", []):
        kept = list(_collapsed(kept, collapse))
    kept = kept[query.number("offset", 0) :]
    limit = query.number("limit", MOST_ROWS)
    if limit < 0:
        return kept[limit:], ""
    shown = kept[: min(limit, MOST_ROWS)]
    if len(shown) == len(kept) or not shown:
        return shown, ""
    return shown, quote_plus(f"{shown[-1]['urlkey']} {shown[-1]['timestamp']}!")


def _filter(written: str) -> Keep:
    """``[!]field:regex``, which must fit the whole field, as Java's ``String.matches`` does."""
    negated, rest = written.startswith("!"), written.removeprefix("!")
    field, colon, pattern = rest.partition(":")
    if field not in FIELDS or not colon:
        raise BadQuery(f"no filter: {written}")
    try:
        regex = re.compile(pattern)
    except re.error as error:
        raise BadQuery(f"no regular expression: {pattern}") from error
    return lambda row: (regex.fullmatch(row[field]) is not None) is not negated


def _collapsed(rows: Iterable[Row], written: str) -> Iterator[Row]:
    """The first of each run of adjacent rows whose field, or the beginning of it, is the same."""
    field, _, count = written.partition(":")
    if field not in FIELDS or not (count or "0").isdigit():
        raise BadQuery(f"no field: {written}")
    last: str | None = None
    for row in rows:
        value = row[field][: int(count)] if count else row[field]
        if value != last:
            yield row
        last = value


def _row(capture: Capture) -> Row:
    page = capture.page
    return {
        "urlkey": capture.urlkey,
        "timestamp": capture.timestamp,
        "original": capture.original,
        "mimetype": "warc/revisit" if capture.revisit else page.mime,
        "statuscode": "-" if capture.revisit else str(page.code),
        "digest": page.digest,
        "length": str(len(page.wire) // 2 + 400),
    }


def _written(query: Query, rows: Sequence[Row], key: str) -> Answer:
    fields = [name for name in query.one("fl", ",".join(FIELDS)).split(",") if name in FIELDS]
    shown = [[row[name] for name in fields] for row in rows]
    resumed = bool(key) and query.yes("showResumeKey")
    if query.one("output") == "json":
        lines: list[list[str]] = [fields, *shown] if shown else []
        lines += [[], [key]] if resumed else []
        text = "[" + ",\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "]\n"
        return Answer(text.encode(), content_type="application/json")
    text = "".join(" ".join(line) + "\n" for line in shown) + (f"\n{key}\n" if resumed else "")
    return Answer(text.encode(), content_type="text/plain")


def _playback(target: str) -> Answer:
    """A capture as it came, without banner; another time leads to the capture that is nearest to it."""
    asked = re.match(r"/web/(\d{1,14})id_/(.+)", target)
    if asked is None:
        return Answer(b"<html><body>Wayback Machine</body></html>", 404)
    timestamp, original = asked[1], asked[2]
    fits = fitting(original.rstrip("*"), "exact")
    found = [one for one in captures() if fits(one.urlkey)]
    if not found or found[0].original == ABSENT.url:
        return Answer(b"<html><body>Hrm. The Wayback Machine has not archived that URL.</body></html>", 404)
    nearest = min(found, key=lambda one: abs(int(one.timestamp) - int(timestamp.ljust(14, "0"))))
    if nearest.timestamp != timestamp:
        return Answer(b"", 302, headers=[("Location", f"/web/{nearest.timestamp}id_/{nearest.original}")])
    return _raw(nearest)


def _raw(capture: Capture) -> Answer:
    page = capture.page
    headers = [(f"X-Archive-Orig-{name}", value) for name, value in page.headers]
    headers += [("Content-Encoding", "gzip")] if page.gzipped else []
    headers += [
        ("Memento-Datetime", _http_date(capture.timestamp)),
        ("X-Archive-Src", "simulator-00000.warc.gz"),
    ]
    if page.location:
        headers.append(("Location", f"/web/{capture.timestamp}id_/{page.location}"))
    body = page.entity + b"<!-- changed -->" if page.url == DAMAGED.url else page.entity
    return Answer(body, page.code, page.content_type, headers)


def _http_date(timestamp: str) -> str:
    return format_datetime(datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC), usegmt=True)


@dataclass(frozen=True)
class Archives:
    """Where the mock archives are while they are served, and who asked them."""

    cdx: str
    collinfo: str
    data: str
    networks: tuple[Network, ...]

    @property
    def log(self) -> list[Request]:
        """Every request to any of them."""
        return sorted((r for network in self.networks for r in network.log), key=lambda r: r.at)


@contextmanager
def serving_archives(busy: Iterable[int] = (), rows_per_block: int = 10) -> Iterator[Archives]:
    """Serves both archives on loopback while the block runs; see `InternetArchive` and `CommonCrawl`."""
    ordinals = frozenset(busy)
    with ExitStack() as stack:
        wayback = stack.enter_context(serving([InternetArchive(ordinals, rows_per_block)]))
        data = stack.enter_context(serving([CrawlData()]))
        index = CommonCrawl(ordinals, rows_per_block)
        crawl = stack.enter_context(serving([index]))
        index.base = _base(crawl)
        yield Archives(
            cdx=f"{_base(wayback)}/cdx/search/cdx",
            collinfo=f"{_base(crawl)}/collinfo.json",
            data=f"{_base(data)}/",
            networks=(wayback, crawl, data),
        )


def _base(network: Network) -> str:
    return f"http://{network.resolve['127.0.0.1']}"
