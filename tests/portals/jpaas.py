"""Portal 3: Hanweb JPaaS. Lists whose first page is written and whose others a unit's address gives.

The unit refuses who doesn't say from which column he comes, one column's unit gives its first page whatever
page is asked for, and the whole host sends everybody to where he came from once, for a cookie.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from html import escape
from urllib.parse import urlencode, urljoin, urlsplit

from portals.published import (
    Article,
    CountyPortal,
    Elsewhere,
    always,
    item,
    kept,
    menu,
    metas,
    page,
    published,
    style_of,
    surroundings,
    token,
)
from portals.reports import Organ, body_html, decoy_html, decoy_titles, title
from portals.routes import Routed, template
from portals.truth import Kind
from portals.visiting import Ask
from portals.web import Answer, Request, Site

HOST = "www.qiyun.gov.cn.test"
BASE = f"http://{HOST}"
UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
COOKIE = "CT6T"
_REPORTS = "/zfxxgk/zfxxgknb"
_WEB = token("jpaas web")
_TEMPLATES = token("jpaas templates")
# The site was moved to this system then: reports of years before 2015 have this date.
_MOVED = datetime(2021, 6, 11, 10, 20)
_FIRST_NOT_MOVED = 2015
_MOST_ROWS = 100
_CLASSES: tuple[tuple[str, str, tuple[Kind, ...]], ...] = (
    ("xzf", "县政府", ("county_government", "county_office")),
    ("bm", "县直部门", ("department",)),
    ("zjyq", "乡镇街道", ("township",)),
)
# Which of a year's decoys lie in the year's list of a class.
_DECOYS = {(2021, "bm"): (0, 1), (2022, "zjyq"): (4,), (2023, "xzf"): (5, 6)}
_YEARS = range(2025, 2007, -1)
_FIRST_BY_CLASS = 2019
_ROBOTS = b"User-agent: *\nDisallow: /manage/\nDisallow: /api-gateway/jpaas-jis-server/\n"


@dataclass(frozen=True)
class Column:
    """A list of articles. A ``deaf`` one's unit gives page 1 whatever page is asked for."""

    path: str
    name: str
    articles: Sequence[Article]
    rows: int = 15
    deaf: bool = False

    def page(self, number: int, rows: int) -> list[Article]:
        """What a page of the list has, the newest first."""
        newest = sorted(self.articles, key=lambda article: article.at, reverse=True)
        start = 0 if self.deaf else (number - 1) * rows
        return newest[start : start + rows]

    @property
    def page_id(self) -> str:
        return token("column", self.path)[:21]

    def unit(self, number: int, rows: int) -> str:
        """The list's page ``number`` of ``rows`` lines, with the pager that a script reads."""
        return template("jpaas_unit.html").substitute(
            items="\n".join(map(item, self.page(number, rows))),
            tag_id="信息列表",
            web_id=_WEB,
            page_id=self.page_id,
            tpl_set_id=_TEMPLATES,
            unit_url=UNIT,
            count=len(self.articles),
            rows=rows,
            page_no=number,
        )


class Host(Routed):
    """The county's host."""

    def __init__(self) -> None:
        super().__init__(HOST)
        self.missing = page(_frame("您访问的页面不存在", "<p>404 抱歉，您访问的页面不存在。</p>"), 404)
        self.columns: dict[str, Column] = {}

    def answer(self, request: Request) -> Answer:
        if COOKIE not in request.cookies:
            return _to_itself(request)
        return self._unit(request) if request.path == UNIT else super().answer(request)

    def _unit(self, request: Request) -> Answer:
        asked = request.query
        if urlsplit(request.headers.get("referer", "")).hostname != HOST:
            return page("<html><body><h1>403 Forbidden</h1></body></html>", 403)
        column = self.columns.get(asked.get("pageId", ""))
        if column is None or (asked.get("webId"), asked.get("tplSetId")) != (_WEB, _TEMPLATES):
            return _as_json({"success": False, "code": "500", "message": "参数错误", "data": None})
        number, rows = _page_asked_for(asked.get("paramJson", ""), column.rows)
        html = column.unit(number, rows)
        return _as_json({"success": True, "code": "200", "message": "操作成功", "data": {"html": html}})


def _to_itself(request: Request) -> Answer:
    value = token(request.headers.get("user-agent", ""))
    cookies = ((COOKIE, value), (f"{COOKIE}S", value[::-1]))
    headers = [("Set-Cookie", f"{name}={value}; path=/; HttpOnly") for name, value in cookies]
    return Answer(b"", 302, headers=[("Location", f"{BASE}{request.target}"), *headers])


def _as_json(answer: object) -> Answer:
    return Answer(json.dumps(answer, ensure_ascii=False).encode(), 200, "application/json;charset=UTF-8")


def _page_asked_for(param: str, rows: int) -> tuple[int, int]:
    """Page and lines of a ``paramJson``; page 1 where it says none, for other fields aren't looked at."""
    try:
        said = json.loads(param)
        return max(1, int(said["pageNo"])), min(_MOST_ROWS, max(1, int(said.get("pageSize", rows))))
    except (ValueError, TypeError, KeyError):
        return 1, rows


def _frame(title: str, body: str, meta: str = "") -> str:
    return template("jpaas_frame.html").substitute(title=escape(title), body=body, meta=meta)


class Jpaas(CountyPortal):
    """The portal of 栖云县."""

    name = "jpaas"
    county_code = "990203"
    county = "栖云县"
    home = f"{BASE}/"
    seed = 3
    office_since = 2014

    def __init__(self) -> None:
        super().__init__()
        self._deleted = (self.departments[3], 2010)
        self._host = Host()
        self._fill_columns()
        self._link_columns()

    def sites(self) -> list[Site]:
        return [self._host, Elsewhere("www.qiyun-media.test")]

    def _fill_columns(self) -> None:
        for year in _YEARS:
            for slug, name, kinds in _classes(year):
                path = f"{_REPORTS}/{year}/{slug}/"
                reports = self._reports(path, self.of(*kinds), [year])
                self._add(Column(path, name, [*reports, *self._notices(path, year, slug)]))
        path = f"{_REPORTS}/lnnb/"
        older = self.of("county_government", "county_office", "department")
        reports = self._reports(path, older, range(2008, _FIRST_BY_CLASS))
        self._add(Column(path, "历年年报", [*reports, *self._notices(path, 2016)], 15))
        for organ in self.organs:
            self._fill_tree(organ)

    def _fill_tree(self, organ: Organ) -> None:
        """Departments' own lists have all their reports; of the townships' one is deaf, two have none."""
        path = f"/zfxxgk/{organ.slug}/zfxxgknb/"
        name = "政府信息公开年报"
        if organ == self.townships[0]:
            column = Column(path, name, list(self._reports(path, [organ], _YEARS)), 10, deaf=True)
            self._add(column)
            for year in self.years(organ):
                if not any(token(path, organ.slug, year) in shown.path for shown in column.page(1, 10)):
                    self.holdings.of(organ, year).trap = "beyond page 1 of a column that ignores pageNo"
            return
        years = _YEARS if organ.kind == "department" else range(2019, 2026)
        listed = [organ] if organ in (*self.departments, self.townships[1]) else []
        self._add(Column(path, name, list(self._reports(path, listed, years)), 20))

    def _add(self, column: Column) -> None:
        self._host.columns[column.page_id] = column
        meta = (
            f'<meta name="ColumnName" content="{column.name}">\n<meta name="ColumnType" content="信息公开">'
        )
        self._put(column.path, column.name, column.unit(1, column.rows), meta)

    def _reports(self, column: str, listed: Sequence[Organ], years: Iterable[int]) -> Iterator[Article]:
        wanted = [(organ, year) for year in years for organ in listed if year in self.years(organ)]
        for organ, year in wanted:
            holding = self.holdings.of(organ, year)
            if (organ, year) == self._deleted:
                if holding.addresses:
                    continue
                holding.outcome, holding.trap = "gone", "a link to a page that was deleted"
            article = self._article(column, organ, year)
            holding.addresses.append(BASE + article.path)
            if holding.outcome == "ok":
                self._publish(article)
            yield article

    def _article(self, column: str, organ: Organ, year: int) -> Article:
        moved = year < _FIRST_NOT_MOVED
        at = _MOVED - timedelta(minutes=year) if moved else published(organ, year)
        path = f"{column}art/{at.year}/art_{token(column, organ.slug, year)}.html"
        heading = title(organ, year, style_of(organ, year))
        return Article(heading, path, at, partial(body_html, organ, year), organ.name, moved)

    def _notices(self, column: str, year: int, slug: str = "") -> Iterator[Article]:
        """Pages that are no reports: all kinds, or those that the year's list of a class has."""
        titles = decoy_titles(self.county, year)
        for number in _DECOYS.get((year, slug), ()) if slug else range(len(titles)):
            heading = titles[number]
            at = datetime(year + 1, 1 + number % 4, 10 + number, 9, 30)
            path = f"{column}art/{at.year}/art_{token(column, heading)}.html"
            yield self._notice(Article(heading, path, at, partial(decoy_html, heading), self.county))

    def _notice(self, article: Article) -> Article:
        self.false_friends.append(BASE + article.path)
        self._publish(article)
        return article

    def _publish(self, article: Article) -> None:
        def write() -> str:
            body = template("jpaas_article.html").substitute(
                title=escape(article.title),
                stamp=f"{article.at:%Y-%m-%d %H:%M}",
                source=article.source,
                content=article.write(),
            )
            meta = metas(article, "政府信息公开年报")
            return _frame(article.title, body, meta)

        self._host.put(article.path, kept(article, write))

    def _link_columns(self) -> None:
        years = [(f"{year}年", f"{_REPORTS}/{year}/index.html") for year in _YEARS]
        self._put_menu(
            f"{_REPORTS}/", "政府信息公开年报", [*years, ("历年年报", f"{_REPORTS}/lnnb/index.html")]
        )
        for year in _YEARS:
            classes = [(name, f"{_REPORTS}/{year}/{slug}/index.html") for slug, name, _ in _classes(year)]
            self._put_menu(f"{_REPORTS}/{year}/", f"{year}年", classes)
        for organ in self.organs:
            own = f"/zfxxgk/{organ.slug}/"
            links = [("机构职能", f"{own}jgzn/index.html"), ("政府信息公开年报", f"{own}zfxxgknb/index.html")]
            self._put_menu(own, f"{organ.short}信息公开", links)
            self._put(f"{own}jgzn/", "机构职能", f"<p>{organ.name}的职能和科室。</p>")
        bodies = [(organ.short, f"/zfxxgk/{organ.slug}/index.html") for organ in self.organs]
        self._put_menu("/zfxxgk/bmxz/", "部门和乡镇信息公开", bodies)
        self._host.put("/robots.txt", lambda request: Answer(_ROBOTS, 200, "text/plain"))
        self._surround()

    def _surround(self) -> None:
        around = surroundings("jpaas")
        for entry in around["menus"]:
            self._put_menu(entry["path"], entry["name"], entry["links"])
        for entry in around["texts"]:
            self._put(entry["path"], entry["name"], f"<p>{entry['text']}</p>")
        news = []
        for number, entry in enumerate(around["news"], start=1):
            path = f"/xwzx/art/2026/art_{token(entry['title'])}.html"
            write = partial("<p>{}</p>".format, entry["text"])
            news.append(self._notice(Article(entry["title"], path, datetime(2026, 1, number, 8, 30), write)))
        links = menu([("政府信息公开", "/zfxxgk/index.html"), ("一网通办", "/bsfw/index.html")])
        self._put("/", "首页", f"<h2>政务要闻</h2><ul>{''.join(map(item, news))}</ul><ul>{links}</ul>")

    def _put_menu(self, path: str, name: str, links: Iterable[Sequence[str]]) -> None:
        self._put(path, name, f'<ul class="menu">{menu(links)}</ul>')

    def _put(self, path: str, name: str, body: str, meta: str = "") -> None:
        html = _frame(f"{name}_{self.county}人民政府", f"<h2>{name}</h2>\n{body}", meta)
        for target in (path, f"{path}index.html"):
            self._host.put(target, always(lambda: html))


def _classes(year: int) -> list[tuple[str, str, tuple[Kind, ...]]]:
    """The classes of organs that the year has lists of: until 2018 of the townships only."""
    return [entry for entry in _CLASSES if year >= _FIRST_BY_CLASS or entry[0] == "zjyq"]


_PAGER = re.compile(r'queryData="\{([^"]*)\}" unitUrl="([^"]+)" count="(\d+)" rows="(\d+)"')
_HREF = re.compile(r'href="([^"]+)"')


def follow(url: str, answer: Answer) -> Iterator[Ask]:
    """The other pages of a list, as its script asks for them, and the links in what it is given."""
    kind = answer.content_type or ""
    if kind.startswith("application/json"):
        for href in _HREF.findall(json.loads(answer.body)["data"]["html"]):
            yield Ask(urljoin(url, href))
    if not kind.startswith("text/html"):
        return
    for fields, unit, count, rows in _PAGER.findall(answer.body.decode()):
        query = dict(re.findall(r"'(\w+)':'([^']*)'", fields)) | {"editType": "null"}
        for number in range(2, -(-int(count) // int(rows)) + 1):
            param = json.dumps({"pageNo": number, "pageSize": int(rows)})
            yield Ask(f"{urljoin(url, unit)}?{urlencode(query | {'paramJson': param})}")
