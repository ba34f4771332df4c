"""How hosts fail: walls against robots, pages that only a browser's scripts fill, broken TLS, slow answers.

A `Fault` turns a sound host into the sites that stand for it. What a crawler can know of each, and what it
should do then, is in ``portals.md`` §3.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from portals import certificates
from portals.reports import Organ, body_html, text_sha256, title, years_of
from portals.routes import template
from portals.shelf import Line, Shelf, article, list_items
from portals.truth import Outcome, Report
from portals.web import NOT_FOUND, Answer, Portal, Request, Site

RETRY_AFTER = 1
"""Seconds for which a host that was asked too often wants to be left alone."""
DRIP = 0.5
"""Seconds between pieces of a page that never ends."""
DRIP_LASTS = 120
"""Seconds after which it ends all the same; a client that is still there has no limit of its own."""
CRAWL_DELAY = 0.5
"""Seconds between requests that a host's robots.txt asks for."""
HUGE_PAGE = 14_000_000
HUGE_FILE = 62_000_000
"""Bytes. The client's largest body is 50 MB."""

_SMALL_SINCE = 2021
_PREFECTURE = "yunling.gov.cn.test"

Apply = Callable[[Shelf], list[Site]]


@dataclass(frozen=True)
class Fault:
    """What is amiss with a host, how requests to it end, and what makes the sites that stand for it.

    Hosts with ``tls`` are linked with https.
    """

    outcome: Outcome
    trap: str
    apply: Apply
    tls: Callable[[str], ssl.SSLContext] | None = None


class Walled(Site):
    """Answers every address alike, but for robots.txt where it has an answer of its own."""

    def __init__(self, shelf: Shelf, wall: Answer, robots: Answer | None) -> None:
        self.hosts = shelf.hosts
        self.platform = shelf.platform
        self._wall = wall
        self._robots = robots or wall

    def answer(self, request: Request) -> Answer:
        return self._robots if request.path == "/robots.txt" else self._wall


class Hurried(Site):
    """Answers the second page that it is asked for with 429 and Retry-After, and all others as they are."""

    def __init__(self, shelf: Shelf) -> None:
        self.hosts = shelf.hosts
        self._shelf = shelf
        self._asked = 0

    def answer(self, request: Request) -> Answer:
        if request.path != "/robots.txt":
            self._asked += 1
            if self._asked == 2:
                return _page("faults_busy", 429, ("Retry-After", str(RETRY_AFTER)))
        return self._shelf.answer(request)


class Joined(Site):
    """Shows its pages only at addresses that a script joins from pieces."""

    def __init__(self, shelf: Shelf) -> None:
        self.hosts = shelf.hosts
        self._shelf = shelf

    def answer(self, request: Request) -> Answer:
        path, _, query = request.target.partition("?")
        if query == "seen=1":
            return self._shelf.answer(Request("GET", request.host, path, request.headers))
        return NOT_FOUND if path == "/robots.txt" else _page("faults_joined")


class Twin(Site):
    """The http port of a host with https: the same pages, or nothing but the way to https."""

    def __init__(self, shelf: Shelf, *, has_pages: bool) -> None:
        self.hosts = shelf.hosts
        self._shelf = shelf
        self._has_pages = has_pages

    def answer(self, request: Request) -> Answer:
        if self._has_pages:
            return self._shelf.answer(request)
        return Answer(b"", 301, headers=[("Location", f"https://{self.hosts[0]}{request.target}")])


def _page(name: str, status: int = 200, *headers: tuple[str, str]) -> Answer:
    return Answer(template(f"{name}.html").template.encode(), status, headers=headers)


def _walled(wall: Answer, robots: Answer | None = NOT_FOUND) -> Apply:
    return lambda shelf: [Walled(shelf, wall, robots)]


def _with_robots(robots: Answer) -> Apply:
    def apply(shelf: Shelf) -> list[Site]:
        shelf.put("/robots.txt", lambda request: robots)
        return [shelf]

    return apply


def _with_twin(*, has_pages: bool) -> Apply:
    return lambda shelf: [shelf, Twin(shelf, has_pages=has_pages)]


def _soft(shelf: Shelf) -> list[Site]:
    shelf.missing = MISSING_SOFTLY
    return [shelf]


def _undeclared(shelf: Shelf) -> list[Site]:
    shelf.charset, shelf.declared = "gb18030", False
    return [shelf]


def _refreshed(shelf: Shelf) -> list[Site]:
    shelf.put("/index.html", shelf.replace("/", lambda request: _page("faults_refresh")))
    return [shelf]


def _huge(shelf: Shelf) -> list[Site]:
    """Pictures that were pasted into the page itself stand before its links."""

    def page(request: Request) -> Answer:
        sound = home(request)
        before, body, after = sound.body.partition(b"<body>")
        pasted = b'<img alt="" src="data:image/png;base64,%s">' % (b"iVBORw0K" * (HUGE_PAGE // 8))
        return Answer(before + body + pasted + after, content_type=sound.content_type)

    home = shelf.replace("/", page)
    return [shelf]


MISSING_SOFTLY = _page("faults_missing")
"""A page that says with status 200 that there is no such page."""
_ENDLESS = Answer(b"<p>...</p>\n".ljust(1024) * int(DRIP_LASTS / DRIP), drip=DRIP)

FAULTS: Mapping[str, Fault] = {
    "": Fault("ok", "", lambda shelf: [shelf]),
    "rivers": Fault(
        "blocked",
        "412 with a script of 瑞数, robots.txt included",
        _walled(_page("faults_rivers", 412), None),
    ),
    "jiasule": Fault(
        "blocked",
        "521 with a script of 加速乐, robots.txt included",
        _walled(_page("faults_jiasule", 521, ("Set-Cookie", "__jsluid_h=3f0c5a; path=/")), None),
    ),
    "forbidden": Fault("blocked", "403 for every page", _walled(_page("faults_forbidden", 403))),
    "acw": Fault("blocked", "200 with a script that sets acw_sc__v2", _walled(_page("faults_acw"))),
    "shell": Fault("js_only", "a shell that scripts fill", _walled(_page("faults_shell"))),
    "joined": Fault("js_only", "a script joins the page's address", lambda shelf: [Joined(shelf)]),
    "endless": Fault("timeout", "the page never ends", _walled(_ENDLESS)),
    "reset": Fault("blocked", "connections are reset", _walled(Answer(reset=True))),
    "down": Fault("deferred", "503 for every page", _walled(_page("faults_busy", 503))),
    "robots_down": Fault("robots", "503 for robots.txt", _with_robots(_page("faults_busy", 503))),
    "robots_html": Fault("ok", "robots.txt is a page with status 200", _with_robots(MISSING_SOFTLY)),
    "self_signed": Fault(
        "tls_invalid",
        "self-signed certificate; http leads to https",
        _with_twin(has_pages=False),
        certificates.self_signed,
    ),
    "weak": Fault(
        "tls_invalid",
        "TLS with a key of 1024 bits; http leads to https",
        _with_twin(has_pages=False),
        certificates.weak,
    ),
    "expired": Fault(
        "ok",
        "linked as https with an expired certificate; http has the same pages",
        _with_twin(has_pages=True),
        certificates.expired,
    ),
    "hurried": Fault("ok", "429 with Retry-After once", lambda shelf: [Hurried(shelf)]),
    "soft": Fault("ok", "missing pages are answered with 200", _soft),
    "undeclared": Fault("ok", "GBK that nobody declares", _undeclared),
    "refresh": Fault("ok", "the home page is a meta refresh", _refreshed),
    "huge_home": Fault("ok", "a home page of 14 MB", _huge),
}
"""Faults of whole hosts, by the names that `longtail.toml` calls them."""


class SmallCounty(Portal):
    """A county with a list of its government's reports at the home page, for tests of a crawler's manners."""

    tls = "verify"
    delay = 0.0
    hours = ""
    hosts: tuple[str, ...] = ()

    def __init__(self, code: str, county: str, host: str, *, platform: str = "", fault: Fault) -> None:
        self.name = host.partition(".")[0]
        self.county_code = code
        self.county = county
        self.home = f"http://{host}/"
        self._platform = platform
        self._fault = fault
        self._organ = Organ(f"{county}人民政府", "county_government", "xzf", since=_SMALL_SINCE)

    def sites(self) -> list[Site]:
        shelf = Shelf(urlsplit(self.home).netloc, platform=self._platform)
        lines = []
        for report in self.truth():
            heading = title(self._organ, report.year)
            path = urlsplit(report.url).path
            inner = partial(body_html, self._organ, report.year)
            shelf.lay(path, partial(self._article, heading, inner))
            lines.append(Line(heading, path, f"{report.year + 1}-03-20"))
        items = list_items(lines)
        shelf.lay_filled("/", "longtail_list.html", title="政府信息公开年报", items=items, pager="")
        return self._fault.apply(shelf)

    def _article(self, heading: str, inner: Callable[[], str]) -> str:
        return article("longtail_plain", heading, "2026-03-20", self._organ.name, inner())

    def truth(self) -> list[Report]:
        return [
            Report(
                publisher=self._organ.name,
                kind=self._organ.kind,
                year=year,
                url=f"{self.home}ndbg/{year * 7}.html",
                text_sha256=text_sha256(self._organ, year) if self._fault.outcome == "ok" else "",
                outcome=self._fault.outcome,
                trap=self._fault.trap,
            )
            for year in reversed(years_of(self._organ))
        ]


def shared_platform() -> list[SmallCounty]:
    """Three counties on one platform of their prefecture; the second is behind a wall.

    Once the wall was met all three must be left alone. Which reports of the other two were had before is
    up to the crawler: their truth is that of a platform without the wall.
    """
    faults = (FAULTS[""], FAULTS["rivers"], FAULTS[""])
    named = zip("abc", ("东岭县", "西岭县", "北岭县"), faults, strict=True)
    return [
        SmallCounty(f"99029{number}", county, f"{letter}.{_PREFECTURE}", platform=_PREFECTURE, fault=fault)
        for number, (letter, county, fault) in enumerate(named, start=1)
    ]


def crawl_delay() -> SmallCounty:
    """A county whose robots.txt asks for `CRAWL_DELAY` seconds between requests."""
    robots = Answer(f"User-agent: *\nCrawl-delay: {CRAWL_DELAY}\n".encode(), content_type="text/plain")
    fault = Fault("ok", "robots.txt asks for a pause", _with_robots(robots))
    return SmallCounty("990295", "静溪县", "www.jingxi.gov.cn.test", fault=fault)
