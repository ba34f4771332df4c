"""Portal 5: 博达 VSB. Its pages are GBK and say gb2312, its lists count down, its files ask for a Referer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial

from portals.published import Holding, Holdings
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
from portals.vsb_pages import VsbSite
from portals.web import Portal, Site

# By the body's part in this portal and the year. What is not named is a page with the whole report.
_GAPS = {("government", 2012), ("first township", 2012)}
_STYLES: dict[tuple[str, int], Style] = {
    ("government", 2010): "about",
    ("office", 2009): "no_government",
    ("office", 2010): "no_government",
    ("second township", 2009): "zh_numerals",
    ("first department", 2010): "summary",
    ("second department", 2025): "no_year",
}
_FILES = {
    ("last department", 2014): "html",
    ("last department", 2017): "captcha",
    ("last department", 2018): "docx",
    ("last department", 2021): "wps",
    ("second department", 2022): "twin",
    ("second township", 2016): "zip",
    ("third township", 2016): "zip",
    ("merged township", 2016): "zip",
}
_TRAPS = {
    "html": "a page saved with the ending .doc",
    "captcha": "the file asks for a captcha, always",
    "docx": "the file is given out only with a Referer",
    "wps": "the file is of WPS Writer",
    "twin": "the same text in the page and in a file",
    "zip": "three bodies in one ZIP file",
}
_DELETED = ("first township", 2010)
_SAYS_UTF_8 = ("government", 2020)
_TITLE_CUT = ("government", 2015)
_MOVED = date(2017, 6, 21)
_FIRST_NUMBER = 6
_NUMBERS = {1: "first", 2: "second", 3: "third"}
_REPORTS, _NEWS = 1025, 1011


@dataclass(frozen=True)
class Article:
    """A page of the site.

    ``reports`` are the bodies and years that it, or its file, reports of; ``form`` is that of its file.
    ``fault`` is what is wrong with the page.
    """

    title: str
    day: date
    column: int
    source: str
    body: Callable[[], str]
    reports: tuple[tuple[Organ, int], ...] = ()
    form: str = ""
    fault: str = ""
    number: int = 0

    @property
    def path(self) -> str:
        """Its address on the site."""
        return f"/info/{self.column}/{self.number}.htm"


@dataclass
class Column:
    """A list of articles, newest first; ``path`` is its first page's without the ending."""

    number: int
    path: str
    title: str
    organ: Organ | None = None
    dynamic: bool = False
    on_a_page: int = 10
    articles: list[Article] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """How many pages the list has."""
        return max(1, -(-len(self.articles) // self.on_a_page))

    def address(self, page: int) -> str:
        """The address of a page from 1; pages behind the first have numbers that go down to 1."""
        if page == 1:
            return f"{self.path}.htm"
        if self.dynamic:
            query = f"totalpage={self.pages}&PAGENUM={page}&urltype=tree.TreeTempUrl&wbtreeid={self.number}"
            return f"/list.jsp?{query}"
        return f"{self.path}/{self.pages - page + 1}.htm"


class Vsb(Portal):
    """A county on 博达 VSB."""

    name = "vsb"

    def __init__(
        self,
        county: str = "镕山县",
        host: str = "www.rongshan.gov.cn.test",
        county_code: str = "990205",
        bodies: Sequence[Organ] | None = None,
        years: range = range(2008, 2026),
    ) -> None:
        self.county, self.county_code, self.host, self.years = county, county_code, host, years
        self.home = f"http://{host}/"
        self.parts = parts(bodies or organs(county, 5))
        self.reports = Column(_REPORTS, "/xxgknb", "政府信息公开年报")
        self.news = Column(_NEWS, "/xwzx", "新闻中心")
        self.own = {organ: self._own(organ, number) for number, organ in enumerate(self.parts, start=1100)}
        self._publish()
        self._site = VsbSite(self)

    def sites(self) -> list[Site]:
        return [self._site]

    def truth(self) -> list[Report]:
        found = Holdings()
        for article in self.articles():
            for organ, year in article.reports:
                self._hold(found.of(organ, year), article)
        return found.truth()

    def decoys(self) -> frozenset[str]:
        beside = (article for article in self.articles() if not article.reports)
        return frozenset(self.url(article.path) for article in beside)

    def columns(self) -> list[Column]:
        """All lists of the site."""
        return [*(column for column in self.own.values() if column.organ), self.reports, self.news]

    def articles(self) -> Iterator[Article]:
        """All articles, those in columns of their own before their copies in the county's."""
        for column in self.columns():
            yield from column.articles

    def url(self, path: str) -> str:
        """The address of ``path`` on this portal."""
        return f"http://{self.host}{path}"

    def file_path(self, article: Article) -> str:
        """Where the article's file is given out."""
        query = (
            f"urltype=news.DownloadAttachUrl&owner=1413{self.county_code}&wbfileid={4000 + article.number}"
        )
        return f"/system/_content/download.jsp?{query}"

    def _own(self, organ: Organ, number: int) -> Column:
        """The column that the body's reports go to."""
        if organ.kind in ("county_government", "county_office"):
            return self.reports
        folder = "bm" if organ.kind == "department" else "xz"
        column = Column(number, f"/{folder}/{organ.slug}/xxgknb", "政府信息公开年报", organ)
        column.dynamic = self.parts[organ] == "second department"
        return column

    def _publish(self) -> None:
        """Numbers the articles in the order of their days and puts them into their lists."""
        drafts = sorted(self._drafts(), key=lambda draft: (draft.day, draft.column, draft.title))
        by_number = {column.number: column for column in self.columns()}
        for number, draft in enumerate(drafts, start=_FIRST_NUMBER):
            by_number[draft.column].articles.insert(0, replace(draft, number=number))
        self.reports.on_a_page = -(-len(self.reports.articles) // 3)

    def _drafts(self) -> Iterator[Article]:
        together: list[tuple[Organ, int]] = []
        for organ, part in self.parts.items():
            for year in years_of(organ):
                if year not in self.years or (part, year) in _GAPS:
                    continue
                if _FILES.get((part, year)) == "zip":
                    together.append((organ, year))
                else:
                    yield from self._report(organ, year)
        if together:
            yield self._bundle(together)
        yield from self._decoys()
        yield from self._news()

    def _report(self, organ: Organ, year: int) -> Iterator[Article]:
        place = (self.parts[organ], year)
        form = _FILES.get(place, "")
        write = body_html if form in ("", "twin") else shell_html
        article = Article(
            title(organ, year, _STYLES.get(place, "full")),
            _day(organ, year),
            self.own[organ].number,
            organ.name,
            partial(write, organ, year),
            ((organ, year),),
            form,
            {_DELETED: "deleted", _SAYS_UTF_8: "says utf-8", _TITLE_CUT: "title cut"}.get(place, ""),
        )
        yield article
        if place[0] == "first department" and year >= 2019:
            yield replace(article, column=_REPORTS)

    def _bundle(self, together: Sequence[tuple[Organ, int]]) -> Article:
        year = together[0][1]
        return Article(
            f"{self.county}各乡镇{year}年政府信息公开工作年度报告",
            date(year + 1, 3, 28),
            _REPORTS,
            f"{self.county}人民政府办公室",
            lambda: "<p>各乡镇、街道的年度报告见附件。</p>",
            tuple(together),
            "zip",
        )

    def _decoys(self) -> Iterator[Article]:
        """Two years' decoys among the county's reports, and two beside those of each other body."""
        office = f"{self.county}人民政府办公室"
        for year in self.years[-3:-1]:
            for number, said in enumerate(decoy_titles(self.county, year), start=1):
                yield Article(said, date(year + 1, 2, number), _REPORTS, office, partial(decoy_html, said))
        year = self.years[-2]
        for column in self.own.values():
            for number, said in enumerate(
                decoy_titles(self.county, year)[:2] if column.organ else (), start=1
            ):
                day = date(year + 1, 4, number)
                yield Article(said, day, column.number, office, partial(decoy_html, said))

    def _news(self) -> Iterator[Article]:
        for number, (said, text) in enumerate(news(), start=1):
            day, write = date(self.years[-1], 12, number), partial("<p>{}</p>".format, text)
            yield Article(said, day, _NEWS, f"{self.county}融媒体中心", write)

    def _hold(self, holding: Holding, article: Article) -> None:
        holding.addresses.append(self.url(article.path))
        if article.form:
            place = holding.addresses if article.form == "twin" else holding.attachments
            place.append(self.url(self.file_path(article)))
        if article.fault == "deleted":
            holding.outcome, holding.trap = "soft404", "a page that says with 200 that it was deleted"
        elif article.form == "captcha":
            holding.outcome = "needs_captcha"
        said = _TRAPS.get(article.form) or article.fault
        holding.trap = holding.trap or said or ("in two columns" if len(holding.addresses) > 1 else "")
        # The Word file that stands in for one of WPS Writer has figures of its own.
        holding.quoting = article.form == "wps"


def parts(bodies: Sequence[Organ]) -> dict[Organ, str]:
    """What each body is in a portal that has traps for some: ``first department``, ``merged township``, …

    The last department that still exists is the ``last`` one, also where it is the first.
    """
    named: dict[Organ, str] = {}
    counts = {"department": 0, "township": 0}
    for organ in bodies:
        if organ.kind not in counts:
            named[organ] = "government" if organ.kind == "county_government" else "office"
            continue
        counts[organ.kind] += 1
        number = _NUMBERS.get(counts[organ.kind], "further")
        ended = {"department": "abolished", "township": "merged"}[organ.kind]
        named[organ] = f"{ended if organ.until else number} {organ.kind}"
    living = [organ for organ in bodies if organ.kind == "department" and organ.until is None]
    if len(living) > 1:
        named[living[-1]] = "last department"
    return named


def _day(organ: Organ, year: int) -> date:
    """When the article is said to be of: whole columns were moved years later."""
    if organ.kind == "county_government":
        moved = {**dict.fromkeys(range(2008, 2014), date(2014, 11, 3)), 2015: date(2023, 8, 28)}
        return moved.get(year) or date(year + 1, 3, 18)
    if organ.kind in ("department", "township") and year <= 2016:
        return _MOVED
    return date(year + 1, 1, 18)
