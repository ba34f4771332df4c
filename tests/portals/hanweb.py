"""Portal 2: Hanweb JCMS and its xxgk module. Lists are records in a script, more come from a proxy.

* The government's and its office's reports are in column 101, whose data store names the address of the
  records that follow. Departments' are in column 102, which names none: its records begin with a bare link,
  its link to the next page leads to the same page. Townships' older ones are in column 104, whose proxy is
  the older one, takes POST alone, and announces more records than there are.
* The first department's reports are pages of the xxgk module by body and year, which are linked with both
  orders of their fields; the second's are listed in the module's catalogue; the third's are in column 102
  until 2015 and in the module since. The module's tree is in a frame.
* The first township is in the module, by its nine-digit code. The second has a column of its own, whose proxy
  answers nothing beyond the page. The third's reports since 2019 are each a column that is itself the report.
* What is older than 2014 was moved in June 2020, and one report of 2015 in August 2023.

Nothing shows the reports that only the silent proxy would list, so that the truth leaves them out; what
``announced`` says of the list is what a run report can say: how many records there should be, and how many
there are. It says the same of the column that announces more than it has, where nothing is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import count
from urllib.parse import urlencode, urljoin

from portals import files
from portals.hanweb_pages import (
    ANNUAL,
    OLD_PROXY,
    SEARCH,
    Column,
    Filing,
    HanwebSite,
    annual_page,
    download,
    file_links,
    framed,
    search,
    search_page,
    tree_page,
)
from portals.published import Article, Elsewhere, Holdings, always, menu, page, published, token
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
from portals.truth import Report
from portals.visiting import Ask, text_of
from portals.web import Answer, Portal, Request, Site

COUNTY = "云泽县"
HOST = "www.yunze.gov.cn.test"
CLONE = "www.yunze-mirror.test"
ROBOTS = "User-agent: *\nDisallow: /jcms/\nDisallow: /vipchat/\n"
GOVERNMENT, OFFICE, FIRST, SECOND, THIRD, ABOLISHED, VALLEY, RIVER, HILL, MERGED = organs(COUNTY, 2)
AREAS = {
    FIRST: "119902020145520318",
    SECOND: "119902020145520406",
    THIRD: "11990202MB19230744",
    VALLEY: "728133607",
}
_COUNTY_AREA = "119902020145520000"
_MISSING = {(FIRST, 2012), (SECOND, 2012), (VALLEY, 2012), (RIVER, 2013), (OFFICE, 2009), (MERGED, 2012)}
# What only the silent proxy would list.
HIDDEN = {(RIVER, 2011), (RIVER, 2012)}
_STYLES: dict[tuple[Organ, int], Style] = {
    (GOVERNMENT, 2010): "about",
    (OFFICE, 2008): "no_government",
    (FIRST, 2009): "zh_numerals",
    (FIRST, 2024): "no_year",
    (THIRD, 2011): "about",
    (SECOND, 2016): "summary",
    (RIVER, 2017): "no_government",
    (HILL, 2009): "zh_numerals",
    (HILL, 2025): "no_year",
}
# The decoys in columns 101, 102 and 104, by year and number in `decoy_titles`.
_DECOYS = {
    101: ((2014, 5), (2021, 2), (2022, 0), (2023, 1)),
    102: ((2015, 6), (2016, 7), (2018, 5), (2019, 6), (2020, 0), (2023, 4), (2024, 4)),
    104: ((2010, 4),),
}

_LOADER = re.compile(
    r"perPage:(\d+), totalRecord:(\d+), proxyUrl:'([^']+)', ajaxParam:\{ (.+?) \}", re.DOTALL
)
_FIELD = re.compile(r"(\w+):'?([^',]*)'?")


class Hanweb(Portal):
    """云泽县."""

    name = "hanweb"
    county_code = "990202"
    county = COUNTY
    home = f"http://{HOST}/index.html"

    def __init__(self) -> None:
        self.site = HanwebSite(HOST)
        self.site.put("/robots.txt", lambda request: Answer(ROBOTS.encode(), content_type="text/plain"))
        self.announced: dict[str, tuple[int, int]] = {}
        self._holdings = Holdings()
        self._decoys: set[str] = set()
        self._numbers = count(31, 13)
        departments = Column(102, "部门年报", 8, bare=True, false_next=True)
        townships = Column(104, "乡镇年报", 5, announced=60, proxy=OLD_PROXY, posted_only=True)
        self._put_module(departments)
        self._put_government()
        self._put_departments(departments)
        self._put_townships(townships)
        self._put_other_columns()

    def sites(self) -> list[Site]:
        return [self.site, Elsewhere(CLONE, "www.yunze-news.test")]

    def truth(self) -> list[Report]:
        return self._holdings.truth()

    def decoys(self) -> frozenset[str]:
        return frozenset(self._decoys)

    def url(self, path: str) -> str:
        """The address of a path of the site."""
        return urljoin(self.home, path)

    def _file(self, column: Column, organ: Organ, year: int) -> Filing:
        """Puts a report into a column."""
        at = published(organ, year) if year >= 2014 else datetime(2020, 6, 22, 15, 0)
        number = next(self._numbers)
        if (organ, year) == (GOVERNMENT, 2015):
            at, number = datetime(2023, 8, 28, 11, 0), 9
        path = f"/art/{at.year}/{at.month}/{at.day}/art_{column.number}_{number}.html"
        if (organ, year) == (OFFICE, 2014):
            path = f"http://{CLONE}{path}"
        article = Article(title(organ, year, _STYLES.get((organ, year), "full")), path, at, str, organ.name)
        filing = Filing(article, lambda: body_html(organ, year))
        column.filings.append(filing)
        self._holdings.of(organ, year).addresses.append(self.url(path))
        return filing

    def _file_decoys(self, column: Column) -> None:
        for year, number in _DECOYS[column.number]:
            heading = decoy_titles(COUNTY, year)[number]
            self._file_other(column, heading, decoy_html(heading), datetime(year + 1, 4, 3 + number, 9, 0))

    def _file_other(
        self, column: Column, heading: str, content: str, at: datetime, decoy: bool = True
    ) -> None:
        path = f"/art/{at.year}/{at.month}/{at.day}/art_{column.number}_{next(self._numbers)}.html"
        column.filings.append(Filing(Article(heading, path, at, str, OFFICE.name), lambda: content))
        if decoy:
            self._decoys.add(self.url(path))

    def _put_column(self, column: Column) -> None:
        self.site.put_column(column)
        if column.announced:
            self.announced[self.url(column.path)] = (column.announced, len(column.filings))

    def _put_government(self) -> None:
        column = Column(101, "政府信息公开年报", 5, groups=True)
        for organ in (GOVERNMENT, OFFICE):
            for year in _years(organ):
                filing = self._file(column, organ, year)
                if (organ, year) == (GOVERNMENT, 2023):
                    filing.content = lambda: shell_html(GOVERNMENT, 2023)
                if organ is GOVERNMENT and year in (2022, 2023):
                    self._attach(filing, organ, year, whole=year == 2022)
        self._holdings.of(GOVERNMENT, 2015).trap = "published in 2023"
        clone = self._holdings.of(OFFICE, 2014)
        clone.outcome, clone.trap = "out_of_scope", "linked on a host that is no government's"
        self._file_decoys(column)
        self._put_column(column)

    def _attach(self, filing: Filing, organ: Organ, year: int, *, whole: bool) -> None:
        """Attaches the report as PDF and Word; ``whole`` says that the page has all of it, too."""
        filing.files = _pair(organ, year)
        holding = self._holdings.of(organ, year)
        kept_in = holding.addresses if whole else holding.attachments
        kept_in += [self.url(download(filing.article.title, name)) for name, _ in filing.files]
        holding.trap = f"two files {'of the same text' if whole else 'that alone have the report'}"

    def _put_departments(self, column: Column) -> None:
        for year in _years(FIRST):
            if 2015 <= year <= 2022:
                self._file(column, FIRST, year)
        for year in range(2008, 2016):
            self._file(column, THIRD, year)
        for year in _years(ABOLISHED):
            self._file(column, ABOLISHED, year)
        self._file_decoys(column)
        self._put_column(column)

    def _put_townships(self, column: Column) -> None:
        own = Column(321, f"{RIVER.short}信息公开年报", 4, announced=17, silent=True)
        for year in range(2014, 2026):
            self._file(own, RIVER, year)
        for organ, until in ((VALLEY, 2014), (RIVER, 2010), (HILL, 2018), (MERGED, 2016)):
            for year in _years(organ):
                if year <= until:
                    self._file(column, organ, year)
        self._file_decoys(column)
        self._put_column(column)
        self._put_column(own)
        years = []
        for year in range(2025, 2018, -1):
            path = f"/col/col{81583 + year - 2000}/index.html"
            heading = title(HILL, year, _STYLES.get((HILL, year), "full"))
            article = Article(heading, path, published(HILL, year), str, HILL.name)
            self.site.put_article(Filing(article, partial(body_html, HILL, year)), "信息公开年报")
            years.append((f"{year}年", path))
            holding = self._holdings.of(HILL, year)
            holding.addresses.append(self.url(path))
            holding.trap = "a column that is itself the report"
        self._put_township_menus(own, years)

    def _put_township_menus(self, own: Column, years: list[tuple[str, str]]) -> None:
        """The townships' own pages, each with its way to the reports."""
        ways = (
            (VALLEY, "信息公开年报", f"{ANNUAL}?area={AREAS[VALLEY]}&amp;fbtime=2025"),
            (RIVER, "信息公开年报", own.path),
            (HILL, "历年信息公开年报", "/col/col332/index.html"),
        )
        self.site.put_menu("/col/col332/index.html", "历年信息公开年报", years)
        links = []
        for number, (organ, words, path) in enumerate(ways, start=310):
            home = f"/col/col{number}/index.html"
            links.append((organ.short, home))
            self.site.put_menu(home, organ.name, [("机构概况", home), (words, path)])
        self.site.put_menu("/col/col300/index.html", "乡镇街道", links)

    def _put_module(self, departments: Column) -> None:
        """The xxgk module: a tree of bodies, a catalogue for each, and reports by body and year."""
        years = {FIRST: _years(FIRST), THIRD: range(2016, 2026), VALLEY: range(2015, 2026)}
        for organ, had in years.items():
            for year in range(2008, 2026):
                self._put_annual(organ, year, had=year in had)
        catalogue = Column(20, "信息公开目录")
        for year in _years(SECOND):
            filing = self._file(catalogue, SECOND, year)
            filing.index_number = f"{AREAS[SECOND]}/{filing.article.at.year}-{20000 + 7 * year}"
            self.site.put_article(filing, catalogue.name)
            if year >= 2016:
                departments.filings.append(filing)
        others = Column(21, "信息公开目录")
        for number in (7, 9):
            heading = decoy_titles(COUNTY, 2022)[number]
            self._file_other(others, heading, decoy_html(heading), datetime(2023, 5, number, 9, 0))
        for filing in others.filings:
            self.site.put_article(filing, others.name)
        self.site.put(SEARCH, partial(_searched, catalogue, others))
        nodes = [(f"{COUNTY}人民政府", search(_COUNTY_AREA, 1), "")]
        nodes += [
            (organ.name, search(area, 1), f"{ANNUAL}?fbtime=2025&area={area}" if organ in years else "")
            for organ, area in AREAS.items()
        ]
        self.site.put("/module/xxgk/tree.jsp", always(lambda: tree_page(nodes)))

    def _put_annual(self, organ: Organ, year: int, had: bool) -> None:
        area = AREAS[organ]
        target = f"{ANNUAL}?area={area}&fbtime={year}"
        if not had:
            self.site.put(target, always(lambda: annual_page(area, year, "", "<p>暂无内容。</p>", "")))
            return
        heading = title(organ, year, _STYLES.get((organ, year), "full"))
        pair = _pair(organ, year) if organ is FIRST and year >= 2021 else []
        links = file_links(heading, (name for name, _ in pair))
        self.site.put(target, always(lambda: annual_page(area, year, heading, body_html(organ, year), links)))
        holding = self._holdings.of(organ, year)
        holding.addresses += [self.url(target), self.url(f"{ANNUAL}?fbtime={year}&area={area}")]
        for name, make in pair:
            self.site.put_file(heading, name, make)
            holding.addresses.append(self.url(download(heading, name)))

    def _put_other_columns(self) -> None:
        lists = [("县政府年报", "101"), ("部门年报", "102"), ("乡镇年报", "104")]
        self.site.put_menu("/col/col109/index.html", "政府信息公开年报", _columns(lists))
        columns = [
            ("政府信息公开指南", "103"),
            ("政府信息公开制度", "107"),
            ("部门信息公开", "110"),
            ("政府信息公开年报", "109"),
        ]
        self.site.put_menu("/col/col100/index.html", "政府信息公开", _columns(columns))
        tree = f"/module/xxgk/tree.jsp?area={_COUNTY_AREA}&amp;standardXxgk=1"
        frame = f'<iframe src="{tree}" width="200"></iframe>'
        self.site.put_menu("/col/col110/index.html", "部门信息公开", (), frame)
        for number, kind in ((103, 8), (107, 3)):
            heading = decoy_titles(COUNTY, 2025)[kind]
            article = Article(heading, f"/col/col{number}/index.html", datetime(2019, 9, 2), str, OFFICE.name)
            self.site.put_article(Filing(article, partial(decoy_html, heading)), "政府信息公开")
            self._decoys.add(self.url(article.path))
        for number, name in ((11, "走进云泽"), (15, "在线服务")):
            self.site.put_menu(f"/col/col{number}/index.html", name, (), f"<p>{name}栏目正在充实内容。</p>")
        column = Column(12, "云泽动态", 3, groups=True)
        for day, (heading, said) in enumerate(news(), start=3):
            self._file_other(column, heading, f"<p>{said}</p>", datetime(2026, 2, day), decoy=False)
        self._file_other(column, *_TRAINING, datetime(2026, 1, 15))
        self._put_column(column)
        newest = [(filing.article.title, filing.article.path) for filing in column.newest()[:5]]
        body = template("hanweb_home.html").substitute(news=menu(newest))
        for path in ("/", "/index.html"):
            self.site.put(path, always(lambda: framed(f"{COUNTY}人民政府", "首页", body)))


_TRAINING = (
    "我县召开2025年度政府信息公开工作年度报告编制工作推进会",
    "<p>会议通报了各单位报送年度报告的进度，要求在月底前完成主动公开部分的核对。</p>",
)


def _columns(entries: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(words, f"/col/col{number}/index.html") for words, number in entries]


def _years(organ: Organ) -> list[int]:
    return [year for year in years_of(organ) if (organ, year) not in _MISSING]


def _pair(organ: Organ, year: int) -> list[tuple[str, Callable[[], bytes]]]:
    """The report as PDF and as Word, under the names that the system gives them."""
    name = token(organ.name, year)
    return [
        (f"{name}.pdf", partial(files.pdf, organ, year)),
        (f"{token(name)}.docx", partial(files.docx, organ, year)),
    ]


def _searched(catalogue: Column, others: Column, request: Request) -> Answer:
    """A page of the catalogue that is asked for; its first where the number is none."""
    area = request.query.get("area", "")
    column = catalogue if area == AREAS[SECOND] else others
    given = request.query.get("currpage", "1")
    pages = -(-len(column.filings) // column.per_page)
    current = int(given) if given.isdecimal() and 1 <= int(given) <= pages else 1
    shown = column.newest()[(current - 1) * column.per_page : current * column.per_page]
    return page(search_page(column.name, area, shown, current, pages, len(column.filings)))


def follow(url: str, answer: Answer) -> Iterator[Ask]:
    """What the script of a column asks the proxy for: the records behind those in the page."""
    for per_page, total, proxy, written in _LOADER.findall(text_of(answer)):
        step = 3 * int(per_page)
        posted = urlencode(dict(_FIELD.findall(written))).encode()
        for start in range(step + 1, int(total) + 1, step):
            query = f"startrecord={start}&endrecord={start + step - 1}&perpage={per_page}"
            yield Ask(urljoin(url, f"{proxy}?{query}"), posted)
