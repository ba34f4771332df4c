"""What the mock archives hold of the dead host and its county: pages, and the captures of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from surt import surt

from portals.dead_host import Page, host, others, pages, truth
from portals.longtail_bodies import bodies, settings
from portals.reports import body_html, title
from portals.shelf import article
from portals.truth import Report

RETRY_AFTER = 1
"""Seconds for which a server wants to be left alone when it is asked too often."""
PICTURES = 40
"""Captures of pictures, which nobody wants: they fill the pages of listings."""
_GOVERNMENT_LOST = 2012


@dataclass(frozen=True)
class Capture:
    """One capture of a page. ``revisit`` captures were found to be the same as one before."""

    page: Page
    timestamp: str
    original: str
    revisit: bool = False

    @property
    def urlkey(self) -> str:
        """The address as indexes sort it: without scheme, port and ``www``, its host reversed."""
        return str(surt(self.original))


def county_report() -> Report:
    """A report that the county's own portal lost: only the archives have it."""
    government = bodies()[0]
    number = government.id_of(_GOVERNMENT_LOST)
    return Report(
        publisher=government.organ.name,
        kind=government.organ.kind,
        year=_GOVERNMENT_LOST,
        url=f"http://www.{settings()['domain']}/xxgk/year_details.aspx?dept={government.number}&id={number}",
        trap="missing on the portal",
    )


@cache
def captures() -> tuple[Capture, ...]:
    """All captures, as an index sorts them."""
    found = [*_of_the_dead_host(), *_of_the_county()]
    return tuple(sorted(found, key=lambda one: (one.urlkey, one.timestamp, one.original)))


def _of_the_dead_host() -> Iterator[Capture]:
    home, *rest = pages()
    old = replace(home, body=home.body.replace("柳泉镇人民政府网站".encode(), "柳泉镇之窗".encode()))
    # In early years archives wrote the port.
    yield Capture(old, "20110512081512", f"http://{host()}:80/")
    yield Capture(home, "20140301120000", home.url)
    yield Capture(home, "20160705233018", home.url, revisit=True)
    reports = {report.url for report in truth()}
    for number, page in enumerate([*rest, *others()]):
        yield Capture(page, f"2014{number % 12 + 1:02}0304{number:02}00", page.url)
        if page.url in reports:
            yield Capture(page, f"2015{number % 12 + 1:02}2010{number:02}30", page.url, revisit=True)
    for page in (DAMAGED, ABSENT):
        yield Capture(page, "20150102030405", page.url)
    for number in range(PICTURES):
        url = f"http://{host()}/images/{number:03}.gif"
        picture = Page(url, "image/gif", b"GIF89a\x01\x00\x01\x00" + bytes([number]))
        yield Capture(picture, f"201404{number % 28 + 1:02}10{number:02}00", url)
    for name, kind in (("css/site.css", "text/css"), ("js/menu.js", "application/javascript")):
        url = f"http://{host()}/{name}"
        yield Capture(Page(url, kind, b"/* menu */"), "20140402101010", url)


def _of_the_county() -> Iterator[Capture]:
    """The county's own host, with and without ``www``, which an index has under one key."""
    domain = settings()["domain"]
    for prefix, timestamp in (("www.", "20130905060708"), ("", "20130905060711")):
        url = f"http://{prefix}{domain}/"
        body = f'<html><body><a href="/xxgk/nianbao.aspx">{settings()["county"]}</a></body></html>'
        yield Capture(Page(url, "text/html; charset=utf-8", body.encode()), timestamp, url)
    report = county_report()
    government = bodies()[0].organ
    inner = body_html(government, report.year)
    body = article("longtail_details", title(government, report.year), "2013-03-28", government.name, inner)
    page = Page(report.url, "text/html; charset=utf-8", body.encode())
    yield Capture(page, "20140816091011", report.url)


DAMAGED = Page(f"http://{host()}/news/32.html", "text/html; charset=utf-8", b"<html><body>32</body></html>")
"""A page that archives give out with other bytes than their index says."""
ABSENT = Page(f"http://{host()}/news/33.html", "text/html; charset=utf-8", b"<html><body>33</body></html>")
"""A page that archives list and don't give out."""


def fitting(url: str, match: str) -> Callable[[str], bool]:
    """Whether a key of the index is one that a query for ``url`` means; wildcards in it say how it is meant.

    ``match`` is exact, prefix, host or domain, or empty. Raises :class:`ValueError` where it is none of them.
    """
    if url.startswith("*."):
        url, match = url[2:].removesuffix("/*"), "domain"
    elif url.endswith("*"):
        url, match = url[:-1], "prefix"
    key = str(surt(url))
    place = key.partition(")")[0]
    fits: dict[str, Callable[[str], bool]] = {
        "": lambda urlkey: urlkey == key,
        "exact": lambda urlkey: urlkey == key,
        "prefix": lambda urlkey: urlkey.startswith(key),
        "host": lambda urlkey: urlkey.startswith(f"{place})"),
        "domain": lambda urlkey: urlkey.startswith((f"{place})", f"{place},")),
    }
    if match not in fits:
        raise ValueError(match)
    return fits[match]


def within(since: str, until: str) -> Callable[[str], bool]:
    """Whether a time lies between two others of 1 to 14 digits, both included. Raises :class:`ValueError`."""
    for bound in (since, until):
        if bound and not re.fullmatch(r"\d{1,14}", bound):
            raise ValueError(bound)
    return lambda moment: moment >= since and (not until or moment[: len(until)] <= until)


class BadQuery(Exception):  # noqa: N818 - what the server calls it
    """A query that the server can't answer."""


@dataclass(frozen=True)
class Query:
    """The fields of a query, each with all its values."""

    values: dict[str, list[str]]

    def one(self, name: str, otherwise: str = "") -> str:
        """The first value of a field."""
        return self.values.get(name, [otherwise])[0]

    def number(self, name: str, otherwise: int) -> int:
        """The first value of a field as a number. Raises :class:`BadQuery`."""
        try:
            return int(self.one(name, str(otherwise)))
        except ValueError as error:
            raise BadQuery(f"{name} is no number") from error

    def yes(self, name: str) -> bool:
        """Whether a field says ``true``."""
        return self.one(name) == "true"
