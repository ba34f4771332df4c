"""Portal 7: 龙讯 Lonsun, with the showList platform of its townships and one department behind 加速乐."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode, urljoin

from portals import files
from portals.lonsun_pages import BarredSite, LonsunSite
from portals.lonsun_show import ShowSite
from portals.published import Article, Holdings, published, style_of, token
from portals.reports import (
    Organ,
    Style,
    body_html,
    decoy_html,
    decoy_titles,
    organs,
    shell_html,
    title,
    years_of,
)
from portals.routes import news
from portals.truth import Report
from portals.visiting import Ask, text_of
from portals.vsb import parts
from portals.web import Answer, Portal, Request, Site

# By the body's part in this portal and the year. What is not named is a page with the whole report.
_GAPS = {("government", 2012), ("office", 2012), ("second township", 2012)}
_FILES = {
    ("second township", 2017): "docx",
    ("second township", 2018): "pdf",
    ("second department", 2016): "table",
    ("first township", 2022): "twin",
}
_TRAPS = {
    "docx": "the report is a file",
    "pdf": "the report is a file",
    "table": "the table is a page saved with the ending .xls",
    "twin": "the same text in the page and in a file",
}
_GONE = ("first department", 2011)
_MOVED = datetime(2020, 6, 22, 15, 40)
_FIRST_OFFICE, _FIRST_ARTICLE = 7471, 82001
_WAYS = {
    "government": "years",
    "office": "years",
    "second department": "rows",
    "last department": "barred",
    "abolished department": "posted",
}


_WRITERS: dict[str, Callable[[Organ, int], bytes]] = {
    "docx": files.docx,
    "twin": files.docx,
    "pdf": files.pdf,
    "table": files.table_html_xls,
}


@dataclass(frozen=True)
class Attached:
    """A file of an article: where it is, what it is called, its kind."""

    path: str
    name: str
    form: str
    organ: Organ
    year: int

    def answer(self, request: Request) -> Answer:
        """The file, whoever asks."""
        write = _WRITERS[self.form]
        return Answer(write(self.organ, self.year), content_type="application/octet-stream")


@dataclass
class Office:
    """A body on the platform.

    ``way`` is how its reports are listed: a page for each ``years``, the first page in the column and
    ``more`` from fragments, fragments of table ``rows``, fragments that are ``posted`` for, a list of pages
    on the ``barred`` host, or the ``shown`` lists of the older platform. ``articles`` are newest first.
    """

    organ: Organ
    id: int
    way: str
    articles: list[Article] = field(default_factory=list)
    files: dict[str, Attached] = field(default_factory=dict)

    def path(self, number: int) -> str:
        """The address of a report on the body's host."""
        if self.way == "shown":
            return f"/XxgkAnnualReport/show/{number}.html"
        if self.way in ("years", "rows"):
            return f"/public/{_FIRST_OFFICE if self.way == 'years' else self.id}/{number}.html"
        return f"/public/content/{number}"


class Lonsun(Portal):
    """A county on Lonsun, its townships on showList."""

    name = "lonsun"

    def __init__(
        self,
        county: str = "颍丰县",
        host: str = "www.yingfeng.gov.cn.test",
        county_code: str = "990207",
        bodies: Sequence[Organ] | None = None,
        years: range = range(2008, 2026),
    ) -> None:
        self.county, self.county_code, self.host, self.years = county, county_code, host, years
        self.home = f"http://{host}/"
        self.show_host = f"zwgk.{host.removeprefix('www.')}"
        self.parts = parts(bodies or organs(county, 7))
        self.offices = [self._office(organ, n) for n, organ in enumerate(self.parts, start=_FIRST_OFFICE)]
        self.holdings = Holdings()
        self.beside: set[str] = set()
        self.gone: set[str] = set()
        self.year_of: dict[str, int] = {}
        self._number = _FIRST_ARTICLE
        for office in self.offices:
            self._publish(office)
        self.news = [self._everyday(said, text) for said, text in news()]
        self._sites: list[Site] = [LonsunSite(self), ShowSite(self)]
        self._sites += [BarredSite(self.host_of(office)) for office in self.offices if office.way == "barred"]

    def sites(self) -> list[Site]:
        return self._sites

    def truth(self) -> list[Report]:
        return self.holdings.truth()

    def decoys(self) -> frozenset[str]:
        return frozenset(self.beside)

    def host_of(self, office: Office) -> str:
        """The host that has the body's reports."""
        barred = f"{office.organ.slug}.{self.host.removeprefix('www.')}"
        return {"shown": self.show_host, "barred": barred}.get(office.way, self.host)

    def listed(self, way: str) -> list[Office]:
        """The bodies whose reports are listed in this way."""
        return [office for office in self.offices if office.way == way]

    def _office(self, organ: Organ, number: int) -> Office:
        way = _WAYS.get(self.parts[organ], "more")
        return Office(organ, number, "shown" if organ.kind == "township" else way)

    def _publish(self, office: Office) -> None:
        for year in years_of(office.organ):
            if year in self.years and (self.parts[office.organ], year) not in _GAPS:
                office.articles.append(self._report(office, year))
        if office.way != "barred" and self.parts[office.organ] != "office":
            office.articles += self._decoys(office)
        office.articles.sort(key=lambda article: (article.at, article.path), reverse=True)

    def _report(self, office: Office, year: int) -> Article:
        organ, place = office.organ, (self.parts[office.organ], year)
        number = self._next()
        at = _MOVED if year <= 2014 and organ.kind != "township" else published(organ, year)
        form = _FILES.get(place, "")
        write = partial(body_html, organ, year, tables=form != "table")
        if form in ("docx", "pdf"):
            write = partial(shell_html, organ, year)
        article = Article(title(organ, year, _style(organ, year)), office.path(number), at, write, organ.name)
        self.year_of[article.path] = year
        url = f"http://{self.host_of(office)}"
        held = self.holdings.of(organ, year)
        held.addresses.append(url + article.path)
        if office.way == "years":
            held.addresses.append(f"{url}/public/content/{number}")
        if form:
            attached = _attached(article, form, organ, year)
            office.files[article.path] = attached
            (held.addresses if form == "twin" else held.attachments).append(url + attached.path)
        held.trap = _TRAPS.get(form, "")
        if office.way == "barred":
            held.outcome, held.trap = "blocked", "a host behind 加速乐"
        if place == _GONE:
            held.outcome, held.trap = "gone", "listed, but no longer there"
            self.gone.add(article.path)
        return article

    def _decoys(self, office: Office) -> Iterator[Article]:
        """All decoys of two years beside the government's and the first township's reports, else a few."""
        many = self.parts[office.organ] in ("government", "first township")
        for year in (self.years[-4], self.years[-2]) if many else (self.years[-2],):
            for day, said in enumerate(decoy_titles(self.county, year)[: None if many else 3], start=5):
                shown = f"/OpennessContent/show/{self._next()}.html"
                path = shown if office.way == "shown" else f"/public/content/{self._next()}"
                self.beside.add(f"http://{self.host_of(office)}{path}")
                self.year_of[path] = year
                at = datetime(year + 1, 2, day, 10, 30)
                yield Article(said, path, at, partial(decoy_html, said), f"{self.county}人民政府办公室")

    def _everyday(self, said: str, text: str) -> Article:
        number = self._next()
        at = datetime(self.years[-1], 11, number % 28 + 1, 8, 10)
        article = Article(
            said, f"/content/article/{number}", at, partial("<p>{}</p>".format, text), "融媒体中心"
        )
        self.beside.add(f"http://{self.host}{article.path}")
        return article

    def _next(self) -> int:
        self._number += 1
        return self._number


def _style(organ: Organ, year: int) -> Style:
    """As `style_of`, but for 工作总结."""
    style = style_of(organ, year)
    return "full" if style == "summary" else style


def _attached(article: Article, form: str, organ: Organ, year: int) -> Attached:
    ending = {"twin": "docx", "table": "xls"}.get(form, form)
    key = token(organ.name, year, form).upper()
    name = f"{article.title}.{ending}" if form != "table" else f"{year}年情况统计表.xls"
    return Attached(f"/group1/M00/0{year % 9}/{key[:2]}/wKgB{key}.{ending}", name, form, organ, year)


def follow(url: str, answer: Answer) -> Iterator[Ask]:
    """What the scripts of the portal's pages open: pages of fragments, and the tree of bodies."""
    text = text_of(answer)
    if "json" in (answer.content_type or ""):
        for number in _organs_in(json.loads(text)):
            yield Ask(urljoin(url, f"/public/column/{number}?type=3&nav=5&sub=4"))
        return
    tree = re.search(r'getJSON\("([^"]+)"', text)
    if tree:
        yield Ask(urljoin(url, tree[1]))
    count = re.search(r"pageCount: (\d+)", text)
    for page in range(1, int(count[1]) + 1 if count else 1):
        yield _fragment(url, text, page)


def _organs_in(nodes: Sequence[Any]) -> Iterator[int]:
    for node in nodes:
        if "linkUrl" not in node and "organId" in node:
            yield node["organId"]
        yield from _organs_in(node.get("children", ()))


def _fragment(url: str, text: str, page: int) -> Ask:
    label = urljoin(url, "/site/label/8888")
    rows = re.search(r'query = "([^"]+)"', text)
    if rows:
        return Ask(urljoin(url, f"{rows[1]}{page}"))
    fields = urlencode({**dict(re.findall(r"(\w+): '(\w*)'", text)), "pageIndex": page})
    return Ask(label, fields.encode()) if "$.post" in text else Ask(f"{label}?{fields}")
