"""A township's host that is no more: its ten pages, and the reports among them.

The host is that of 柳泉镇 in the long-tail portal, and had its reports of 2008 to 2012. What archives kept of
it is in `kept.py` (a WARC and a WACZ file) and `archives.py` (servers).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from random import Random
from urllib.parse import urlsplit
from zipfile import ZipFile

from portals import files
from portals.longtail import LongTail
from portals.longtail_bodies import Body, bodies, settings
from portals.reports import body_html, decoy_html, decoy_titles, text_sha256
from portals.shelf import Line, article, filled, list_items
from portals.truth import Report

LARGE = 1_300_000
"""Bytes that two pages have more than others: more than 1 MiB, at which some archives cut bodies off."""

_CHUNK = 4096


@dataclass(frozen=True)
class Page:
    """A page as the host served it.

    ``body`` is what it says, without encodings; ``more`` are fields of its head beside the usual ones.
    """

    url: str
    content_type: str
    body: bytes
    status: str = "200 OK"
    gzipped: bool = False
    chunked: bool = False
    location: str = ""
    more: tuple[tuple[str, str], ...] = ()

    @property
    def mime(self) -> str:
        """The media type alone."""
        return self.content_type.partition(";")[0]

    @property
    def host(self) -> str:
        """The host's name."""
        return str(urlsplit(self.url).hostname)

    @property
    def path(self) -> str:
        """The address on its host."""
        return urlsplit(self.url).path

    @property
    def code(self) -> int:
        """The status alone."""
        return int(self.status.partition(" ")[0])

    @property
    def entity(self) -> bytes:
        """The body with its content encoding: what payload digests are of."""
        return _gzipped(self.body) if self.gzipped else self.body

    @property
    def wire(self) -> bytes:
        """The body as it went over the wire."""
        if not self.chunked:
            return self.entity
        pieces = [self.entity[start : start + _CHUNK] for start in range(0, len(self.entity), _CHUNK)]
        return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The head of the response."""
        length = ("Transfer-Encoding", "chunked") if self.chunked else ("Content-Length", str(len(self.wire)))
        encoding = [("Content-Encoding", "gzip")] if self.gzipped else []
        location = [("Location", self.location)] if self.location else []
        return [
            ("Server", "Microsoft-IIS/6.0"),
            ("Content-Type", self.content_type),
            *encoding,
            *location,
            *self.more,
            length,
        ]

    @property
    def digest(self) -> str:
        """SHA-1 of the entity in base 32."""
        return digest_of(self.entity)


@cache
def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def digest_of(entity: bytes) -> str:
    """SHA-1 in base 32, as archives write it."""
    return base64.b32encode(hashlib.sha1(entity, usedforsecurity=False).digest()).decode()


def truth() -> list[Report]:
    """The reports that lie on the host, at the addresses that the long-tail portal still links to."""
    lost = [report for report in LongTail().truth() if report.outcome == "dns"]
    word = _word_file_url()
    return [
        replace(
            report,
            outcome="ok",
            trap=_TRAPS[report.year],
            duplicates=(word,) if report.year == 2012 else (),
            text_sha256=text_sha256(_body().organ, report.year),
        )
        for report in lost
    ]


def host() -> str:
    """The host's name."""
    return str(urlsplit(truth()[0].url).hostname)


@cache
def pages() -> tuple[Page, ...]:
    """The ten pages: home, list, five reports, a Word file, an everyday page and a decoy."""
    html = "text/html; charset=utf-8"
    home = f"http://{host()}/"
    reports = {report.year: report for report in truth()}
    lines = [Line(_body().title(year), urlsplit(report.url).path, "") for year, report in reports.items()]
    rule = decoy_titles(settings()["county"], 2012)[3]
    lines.append(Line(rule, "/ndbg/zhidu.html", ""))
    listed = {"title": "政府信息公开年报", "items": list_items(lines), "pager": ""}
    word = Line("柳泉镇2012年年度报告（Word版）", urlsplit(_word_file_url()).path, "")
    written = {year: _report(year) for year in reports}
    written[2012] += list_items([word])
    written[2010] += f'<img alt="" src="data:image/png;base64,{"iVBORw0K" * (LARGE // 8)}">'
    return (
        Page(home, html, filled("longtail_office.html", {"title": "柳泉镇人民政府网站"}).encode()),
        Page(f"{home}ndbg/index.html", html, filled("longtail_list.html", listed).encode(), gzipped=True),
        Page(reports[2008].url, "text/html; charset=gb2312", written[2008].encode("gb18030")),
        Page(reports[2009].url, html, written[2009].encode(), chunked=True),
        Page(reports[2010].url, html, written[2010].encode(), gzipped=True),
        Page(reports[2011].url, html, written[2011].encode(), gzipped=True, chunked=True),
        Page(reports[2012].url, html, written[2012].encode()),
        Page(_word_file_url(), files.TYPES["docx"], _word_file()),
        Page(f"{home}news/31.html", html, _plain("集镇道路完成硬化", "<p>道路已经通车。</p>").encode()),
        Page(f"{home}ndbg/zhidu.html", html, _plain(rule, decoy_html(rule)).encode(), chunked=True),
    )


def others() -> tuple[Page, ...]:
    """Answers that are no pages: one that is missing, and one that is elsewhere."""
    home = f"http://{host()}/"
    moved, index = f"{home}ndbg", f"{home}ndbg/index.html"
    return (
        Page(f"{home}ndbg/2007.html", "text/html", b"<html><body>404</body></html>", status="404 Not Found"),
        Page(moved, "text/html", b"", status="301 Moved Permanently", location=index),
    )


_TRAPS = {
    2008: "GBK that says gb2312",
    2009: "a chunked body",
    2010: "a gzip body of more than 1 MiB",
    2011: "a gzip body in chunks",
    2012: "captured twice, the second time as a revisit record",
}


def _body() -> Body:
    return next(body for body in bodies() if "dead_host" in body.broken.values())


def _word_file_url() -> str:
    return f"http://{_body().organ.slug}.{settings()['domain']}/UploadFiles/2013/ndbg2012.docx"


def _report(year: int) -> str:
    return _plain(_body().title(year), body_html(_body().organ, year))


def _plain(heading: str, inner: str) -> str:
    return article("longtail_plain", heading, "2014-06-20", _body().organ.name, inner)


def _word_file() -> bytes:
    """The report of 2012 with a picture that makes it large."""
    with ZipFile(BytesIO(files.docx(_body().organ, 2012))) as package:
        members = [(name, package.read(name)) for name in package.namelist()]
    return files.zipped([*members, ("word/media/image1.jpeg", Random("picture").randbytes(LARGE))])
