"""Portal 1: TRS WCM in UTF-8. Addresses with dates that say little, lists that a script turns over.

The portal's summary lists stand by year below one hub; departments and townships have trees of their own,
which only the menus of bodies lead to. Which report is where, and what is wrong with some:

* Everything of the years up to 2016 was moved in June 2017, and bears that day.
* The government's and its office's reports are in the summary, other bodies' in their own tree, and up to
  2022 in the summary too. The abolished department's and the merged township's are in the summary alone,
  for their trees went with them.
* All lists show their pager by script only. One numbers its second page 2, and answers 1 with its first.
* The third page of one township's list is an empty stub. Of the reports that only it lists nothing can be
  known: the truth has them as ``soft404``, with the stub's address among theirs, and leaves it to the list's
  pager (three pages) and to the stub's outcome to say that something is missing.
* One report was linked as the editor's preview, in the part that robots.txt closes (``robots``), and one is
  linked but gone (``gone``). One link in a summary is dead, but the body's own tree has the report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from urllib.parse import urljoin

from portals import files
from portals.published import Article, Elsewhere, Holding, Holdings, published
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
from portals.routes import news, template
from portals.trs_pages import Column, Filing, TrsSite, line, moved
from portals.truth import Report
from portals.visiting import Ask, text_of
from portals.web import Answer, Portal, Site

COUNTY = "青石县"
HOST = "www.qingshi.gov.cn.test"
HUB = "/zwgk/zfxxgk/zfxxgknb/"
ROBOTS = "User-agent: *\nDisallow: /wcm/\nDisallow: /system/\n"
ORGANS = organs(COUNTY, 1)
GOVERNMENT, OFFICE, FIRST, SECOND, THIRD, ABOLISHED, VALLEY, RIVER, HILL, MERGED = ORGANS
_WITH_TREE = (FIRST, SECOND, THIRD, VALLEY, RIVER, HILL)

# What was never published.
_MISSING = {(SECOND, 2012), (VALLEY, 2012), (RIVER, 2012), (RIVER, 2009), (OFFICE, 2008), (MERGED, 2014)}
_NOT_IN_SUMMARY = {(HILL, 2009), (HILL, 2010), (FIRST, 2021), (RIVER, 2021)}
_NOT_IN_TREE = {(RIVER, 2021), (VALLEY, 2010), (SECOND, 2013)}
_STYLES: dict[tuple[Organ, int], Style] = {
    (GOVERNMENT, 2009): "no_government",
    (OFFICE, 2013): "about",
    (FIRST, 2009): "zh_numerals",
    (FIRST, 2011): "about",
    (SECOND, 2010): "no_government",
    (SECOND, 2025): "no_year",
    (THIRD, 2015): "summary",
    (VALLEY, 2010): "zh_numerals",
    (VALLEY, 2025): "no_year",
    (HILL, 2019): "no_government",
}
# The decoys in each year's summary, by their numbers in `decoy_titles`.
_DECOYS = {
    2014: (6,),
    2015: (5,),
    2017: (7,),
    2020: (4, 6),
    2021: (5, 2),
    2022: (0, 1),
    2023: (4, 7),
    2025: (0,),
}
_TRAINING = (
    f"{COUNTY}举办政府信息公开年度报告编制培训会",
    "<p>各单位的经办人员参加了培训，讲解了报告的格式，以及主动公开各表怎样填写。</p>",
)

# What telephones add to an address.
_MOBILE = ("?isMobile=true", "?isMobile=false&ddtab=true")
_PAGER = re.compile(r'createPageHTML\((\d+),\s*\d+,\s*"(\w+)",\s*"(\w+)"\)')
_CLICK = re.compile(r"jumpToDetail\('([^']+)'\)")


class Trs(Portal):
    """青石县."""

    name = "trs"
    county_code = "990201"
    county = COUNTY
    home = f"http://{HOST}/"

    def __init__(self) -> None:
        self.site = TrsSite(HOST)
        self.site.put("/robots.txt", lambda request: Answer(ROBOTS.encode(), content_type="text/plain"))
        self._holdings = Holdings()
        self._decoys: set[str] = set()
        self._numbers = count(1_200_417, 37)
        self._newest: Filing | None = None
        self._news: list[Filing] = []
        self._put_trees()
        self._put_summaries()
        self._put_other_columns()
        self._put_home()

    def sites(self) -> list[Site]:
        return [self.site, Elsewhere("www.qingshi-travel.test", "weather.qingshi-travel.test")]

    def truth(self) -> list[Report]:
        return self._holdings.truth()

    def decoys(self) -> frozenset[str]:
        return frozenset(self._decoys)

    def url(self, path: str) -> str:
        """The address of a path of the site."""
        return urljoin(self.home, path)

    def _put_trees(self) -> None:
        menus: dict[str, list[tuple[str, str]]] = {"bm": [], "jz": []}
        for number, organ in enumerate(_WITH_TREE, start=731):
            folder = "bm" if organ.kind == "department" else "jz"
            home = f"/bmjz/{folder}/{organ.slug}_{number}/"
            menus[folder].append((organ.short, f"./{organ.slug}_{number}/"))
            self._put_tree(organ, home, number)
        self.site.put_menu("/bmjz/bm/", "县政府部门", menus["bm"])
        self.site.put_menu("/bmjz/jz/", "乡镇（街道）", menus["jz"])
        self.site.put_menu("/bmjz/", "部门街镇", [("县政府部门", "./bm/"), ("乡镇（街道）", "./jz/")])

    def _put_tree(self, organ: Organ, home: str, number: int) -> None:
        duties, disclosure = f"jgzn_{number + 101}/", f"zwgk_{number + 212}/"
        guide, reports = f"zfxxgkzn_{number + 215}/", f"zfxxgknb_{number + 219}/"
        links = [("首页", "/"), ("机构职能", f"./{duties}"), ("政务公开", f"./{disclosure}")]
        self.site.put_menu(home, organ.name, links, f"<p>{organ.name}欢迎您。</p>")
        self.site.put_menu(home + duties, "机构职能", (), f"<p>{organ.name}承担县政府交办的职责。</p>")
        links = [("政府信息公开指南", f"./{guide}"), ("政府信息公开年报", f"./{reports}")]
        self.site.put_menu(home + disclosure, f"{organ.short}政务公开", links)
        guide_text = decoy_html(f"{COUNTY}政府信息公开指南")
        self.site.put_menu(home + disclosure + guide, "政府信息公开指南", (), guide_text)
        column = Column(home + disclosure + reports, "政府信息公开年报", 7)
        column.second = 2 if organ is THIRD else 1
        column.stub = 2 if organ is HILL else 0
        for year in years_of(organ):
            if (organ, year) not in _MISSING | _NOT_IN_TREE:
                self._file(column, organ, year)
        if organ is SECOND:
            self._file(column, RIVER, 2021)
        self.site.put_column(column)
        if column.stub:
            self._mark_stub(column)

    def _mark_stub(self, column: Column) -> None:
        for year in (2009, 2010):
            holding = self._holdings.of(HILL, year)
            holding.addresses.append(self.url(column.stub_path))
            holding.outcome, holding.trap = "soft404", "listed on a page that is an empty stub"

    def _put_summaries(self) -> None:
        columns = {
            year: Column(f"{HUB}{year}{'nian' if year < 2021 else 'n'}/", f"{year}年年报")
            for year in range(2025, 2016, -1)
        }
        old = Column(f"{HUB}2016nq/", "2016年前年报", 30)
        for organ, year in _summary():
            self._file(columns.get(year, old), organ, year)
        for year, numbers in _DECOYS.items():
            for number in numbers:
                heading = decoy_titles(COUNTY, year)[number]
                at = datetime(year + 1, 4, 2 + number, 9, 5)
                self._file_decoy(columns.get(year, old), heading, decoy_html(heading), moved(year) or at)
        for column in (*columns.values(), old):
            self.site.put_column(column)
        links = [(column.name[:5], f"./{column.path.removeprefix(HUB)}") for column in columns.values()]
        self.site.put_menu(HUB, "政府信息公开年报", [*links, ("2016年前", "./2016nq/")])

    def _file(self, column: Column, organ: Organ, year: int) -> None:
        """Puts a report into a list, with what is odd about it there."""
        at = moved(year) or published(organ, year)
        if (organ, year) == (FIRST, 2018):
            at = datetime(2021, 11, 5, 16, 40)
        heading = title(organ, year, _STYLES.get((organ, year), "full"))
        filing = Filing(self._article(column.path, heading, at, organ.name), lambda: body_html(organ, year))
        holding = self._holdings.of(organ, year)
        oddity = _ODDITIES.get((organ, year))
        if oddity:
            oddity(filing, holding, column)
        filing.wap = organ in (GOVERNMENT, VALLEY) and year >= 2019 and (organ, year) != (VALLEY, 2020)
        column.filings.append(filing)
        self._keep_addresses(filing, holding)

    def _keep_addresses(self, filing: Filing, holding: Holding) -> None:
        if filing.gone and holding.outcome == "ok":
            return  # only this copy is gone
        path = filing.article.path
        holding.addresses.append(self.url(path))
        if filing.wap:
            holding.addresses.append(self.url(filing.wap_path))
        if filing.query:
            holding.addresses.append(self.url(path) + filing.query)
        for name, _ in filing.files:
            # One copy of the file is enough, and none is needed where the page has all of it.
            spare = holding.organ is GOVERNMENT or holding.attachments
            (holding.addresses if spare else holding.attachments).append(self.url(filing.folder + name))
        if (holding.organ, holding.year) == (GOVERNMENT, 2025):
            self._newest = filing
            holding.addresses += [self.url(path) + query for query in _MOBILE]

    def _article(self, folder: str, heading: str, at: datetime, source: str) -> Article:
        path = f"{folder}{at:%Y%m}/t{at:%Y%m%d}_{next(self._numbers)}.html"
        return Article(heading, path, at, str, source)

    def _file_decoy(self, column: Column, heading: str, content: str, at: datetime) -> None:
        article = self._article(column.path, heading, at, OFFICE.name)
        column.filings.append(Filing(article, lambda: content))
        self._decoys.add(self.url(article.path))

    def _put_other_columns(self) -> None:
        for number, (slug, name) in (
            (9, ("zfxxgkml", "政府信息公开目录")),
            (3, ("zfxxgkzd", "政府信息公开制度")),
        ):
            column = Column(f"/zwgk/zfxxgk/{slug}/", name)
            heading = decoy_titles(COUNTY, 2025)[number]
            self._file_decoy(column, heading, decoy_html(heading), datetime(2020, 6, 3, 9, 0))
            self.site.put_column(column)
        guide = decoy_html(f"{COUNTY}政府信息公开指南")
        self.site.put_menu("/zwgk/zfxxgk/zfxxgkzn/", "政府信息公开指南", (), guide)
        links = [
            ("政府信息公开指南", "./zfxxgkzn/"),
            ("政府信息公开制度", "./zfxxgkzd/"),
            ("法定主动公开内容", "./zfxxgkml/"),
            ("政府信息公开年报", "./zfxxgknb/"),
        ]
        self.site.put_menu("/zwgk/zfxxgk/", "政府信息公开", links)
        links = [("政府信息公开", "./zfxxgk/"), ("政策解读", "/xwzx/"), ("公告公示", "/xwzx/")]
        self.site.put_menu("/zwgk/", "政务公开", links)
        column = Column("/xwzx/", "新闻中心", 5)
        for day, (heading, said) in enumerate(news(), start=3):
            at = datetime(2026, 3, day, 8, 30)
            article = self._article(column.path, heading, at, "融媒体中心")
            column.filings.append(Filing(article, lambda said=said: f"<p>{said}</p>"))  # type: ignore[misc]
        self._file_decoy(column, *_TRAINING, datetime(2026, 1, 9, 15, 0))
        self.site.put_column(column)
        self._news = column.filings[:6]
        for path, name in (("/zjqs/", "走进青石"), ("/bsfw/", "办事服务"), ("/hdjl/", "互动交流")):
            self.site.put_menu(path, name, (), f"<p>{name}栏目正在充实内容。</p>")

    def _put_home(self) -> None:
        assert self._newest is not None
        newest = self._newest.article
        body = template("trs_home.html").substitute(
            news="\n".join(line(filing.article, filing.article.path) for filing in self._news),
            latest="\n".join(line(newest, newest.path + query) for query in _MOBILE),
        )
        self.site.put_folder("/", f"{COUNTY}人民政府", lambda: body)
        self.site.put_page("/wcm/login.jsp", "登录", lambda: "<form><input name='user'></form>")


def _summary() -> Iterator[tuple[Organ, int]]:
    """The reports that the summary lists have."""
    for organ in ORGANS:
        for year in years_of(organ):
            if organ in _WITH_TREE and year > 2022:
                continue
            if (organ, year) not in _MISSING | _NOT_IN_SUMMARY:
                yield organ, year


def _clicked(filing: Filing, holding: Holding, column: Column) -> None:
    filing.clicked, holding.trap = True, "linked by onclick alone"


def _misfiled(filing: Filing, holding: Holding, column: Column) -> None:
    holding.trap = "misfiled in a department's list"


def _quoting(filing: Filing, holding: Holding, column: Column) -> None:
    filing.content = lambda: body_html(GOVERNMENT, 2024, quoting=f"http://{HOST}{HUB}")
    holding.quoting = True


def _in_word(filing: Filing, holding: Holding, column: Column) -> None:
    filing.content = lambda: shell_html(THIRD, 2022)
    filing.files.append((f"W0{filing.article.at:%Y%m%d}371205486.doc", lambda: files.doc(THIRD, 2022)))
    holding.trap = "the page only says that the report is attached"


def _tables_in_pdf(filing: Filing, holding: Holding, column: Column) -> None:
    filing.content = lambda: body_html(VALLEY, 2020, tables=False)
    filing.files.append((f"P0{filing.article.at:%Y%m%d}594013877.pdf", lambda: files.pdf(VALLEY, 2020)))
    holding.trap = "the tables are in the file alone"


def _pdf_of_the_same(filing: Filing, holding: Holding, column: Column) -> None:
    year = holding.year
    filing.files.append((f"P0{filing.article.at:%Y%m%d}612230045.pdf", lambda: files.pdf(GOVERNMENT, year)))


def _for_telephones(filing: Filing, holding: Holding, column: Column) -> None:
    if not column.path.startswith(HUB):
        filing.query, holding.trap = "?isMobile=true", "linked by the address for telephones"


def _late(filing: Filing, holding: Holding, column: Column) -> None:
    holding.trap = "its day of publication is three years late"


def _dead_in_summary(filing: Filing, holding: Holding, column: Column) -> None:
    filing.gone = column.path.startswith(HUB)


def _gone(filing: Filing, holding: Holding, column: Column) -> None:
    filing.gone = True
    holding.outcome, holding.trap = "gone", "the only link is dead"


def _preview(filing: Filing, holding: Holding, column: Column) -> None:
    at = filing.article.at
    path = f"/wcm/preview/{at:%Y%m}/t{at:%Y%m%d}_77.html"
    filing.article = Article(filing.article.title, path, at, str, filing.article.source)
    holding.outcome, holding.trap = "robots", "linked as the editor's preview"


_ODDITIES: dict[tuple[Organ, int], Callable[[Filing, Holding, Column], None]] = {
    **{(GOVERNMENT, year): _pdf_of_the_same for year in (2021, 2022, 2023)},
    (GOVERNMENT, 2024): _quoting,
    (FIRST, 2018): _late,
    (FIRST, 2019): _dead_in_summary,
    (FIRST, 2023): _clicked,
    (THIRD, 2022): _in_word,
    (VALLEY, 2010): _preview,
    (VALLEY, 2019): _for_telephones,
    (VALLEY, 2020): _tables_in_pdf,
    (RIVER, 2021): _misfiled,
    (OFFICE, 2011): _gone,
}


def follow(url: str, answer: Answer) -> Iterator[Ask]:
    """What the scripts of the portal's pages open: the pages of a list, and a report that is clicked on."""
    text = text_of(answer)
    for pages, stem, ending in _PAGER.findall(text):
        for number in range(1, int(pages) + 1):
            yield Ask(urljoin(url, f"{stem}_{number}.{ending}"))
    for target in _CLICK.findall(text):
        yield Ask(urljoin(url, target))
