"""Portal 4: UCAP. A prefecture's platform with two counties on one host, of which one is the portal.

Lists have written pages and the same list as JSON; one list is JSON alone. A column that nothing links to
is named in the text of two reports.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from html import escape
from urllib.parse import urljoin

from portals import files
from portals.published import (
    Article,
    CountyPortal,
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
from portals.reports import (
    Organ,
    body_html,
    decoy_html,
    decoy_titles,
    organs,
    shell_html,
    title,
)
from portals.routes import Routed, template
from portals.visiting import Ask
from portals.web import Answer, Request, Site

HOST = "www.beiling.gov.cn.test"
BASE = f"http://{HOST}"
SEARCH = "/common/search/"
_SUMMARY, _TOWNSHIPS, _UNLINKED, _SISTERS = "111100", "111120", "111187", "222100"
UNLINKED = f"{BASE}/xyx/c{_UNLINKED}/zfxxgklby_nb.shtml"
SISTERS = f"{BASE}/dhx/c{_SISTERS}/zfxxgklby_nb.shtml"
_LIST = "政府信息公开年报"
# Reports of years before 2016 came here then.
_MOVED = datetime(2018, 6, 20, 15, 0)
_FIRST_NOT_MOVED = 2016
_MOST_ROWS = 100
_DELETED = "<h2>提示</h2><p>您访问的页面不存在或已被删除！</p>"


@dataclass(frozen=True)
class Channel:
    """A list of a county's site; ``scripted`` ones have no written pages but an empty one."""

    site: str
    number: str
    name: str = _LIST
    articles: list[Article] = field(default_factory=list)
    pages: int = 1
    scripted: bool = False

    @property
    def folder(self) -> str:
        return f"/{self.site}/c{self.number}/"

    @property
    def first(self) -> str:
        return f"{self.folder}zfxxgklby_nb.shtml"

    def newest(self) -> list[Article]:
        return sorted(self.articles, key=lambda article: article.at, reverse=True)

    def written(self) -> Iterator[tuple[str, str]]:
        """The list's pages and their addresses."""
        if self.scripted:
            yield self.first, template("ucap_scripted.html").substitute(name=self.name, channel=self.number)
            return
        rows = max(1, -(-len(self.articles) // self.pages))
        for number in range(1, self.pages + 1):
            shown = self.newest()[(number - 1) * rows : number * rows]
            yield (
                self.first if number == 1 else f"{self.folder}list_{number}.shtml",
                template("ucap_list.html").substitute(
                    name=self.name,
                    items="\n".join(map(item, shown)),
                    pages=self.pages,
                    current=number,
                    records=len(self.articles),
                ),
            )


class Host(Routed):
    """The platform."""

    def __init__(self) -> None:
        super().__init__(HOST, platform="beiling")
        self.missing = page("<html><head><title>404</title></head><body>404 Not Found</body></html>", 404)
        self.channels: dict[str, Channel] = {}

    def answer(self, request: Request) -> Answer:
        if request.path.startswith(SEARCH):
            return self._search(request)
        return super().answer(request)

    def _search(self, request: Request) -> Answer:
        asked = request.query
        channel = self.channels.get(request.path.removeprefix(SEARCH))
        if channel is None or asked.get("_isJson") != "true":
            return self.missing
        number, rows = _whole(asked.get("page"), 1), min(_MOST_ROWS, _whole(asked.get("_pageSize"), 15))
        shown = channel.newest()[(number - 1) * rows : number * rows]
        data = {
            "channelId": channel.number,
            "page": number,
            "rows": rows,
            "total": len(channel.articles),
            "results": [_result(article, channel) for article in shown],
        }
        reply = json.dumps({"code": 200, "msg": "success", "data": data}, ensure_ascii=False)
        return Answer(reply.encode(), 200, "application/json;charset=UTF-8")


def _whole(written: str | None, otherwise: int) -> int:
    return int(written) if written and written.isdecimal() and int(written) else otherwise


def _result(article: Article, channel: Channel) -> dict[str, object]:
    source = {"name": "来源", "value": article.source, "key": "source"}
    return {
        "title": article.title,
        "url": f"//{HOST}{article.path}",
        "publishedTimeStr": f"{article.at:%Y-%m-%d %H:%M:%S}",
        "channelName": channel.name,
        "channelCodeName": f"c{channel.number}",
        "manuscriptId": article.path.rpartition("/")[2].removesuffix(".shtml"),
        "memo": "",
        "contentHtml": "",
        "resList": [],
        "domainMetaList": [{"domainMetadataName": "默认元数据集", "resultList": [source]}],
    }


@dataclass(frozen=True)
class CountySite:
    """A county's site on the platform."""

    site: str
    name: str
    site_code: str
    nav: Sequence[tuple[str, str]]

    def frame(self, heading: str, body: str, meta: str = "") -> str:
        return template("ucap_frame.html").substitute(
            site=self.site,
            site_name=f"{self.name}人民政府",
            site_code=self.site_code,
            nav=menu(self.nav),
            title=escape(heading),
            body=body,
            meta=meta,
        )


_HERE = CountySite(
    "xyx",
    "溪月县",
    "9902040002",
    (
        ("首页", "/xyx/index.shtml"),
        ("魅力溪月", "/xyx/c111001/gk.shtml"),
        ("政务动态", "/xyx/c111010/list.shtml"),
        ("政务公开", "/xyx/zwgk/zwgk.shtml"),
        ("政务服务", "/xyx/c111030/fw.shtml"),
    ),
)
_SISTER = CountySite(
    "dhx",
    "丹河县",
    "9902240003",
    (("首页", "/dhx/index.shtml"), ("政府信息公开年报", f"/dhx/c{_SISTERS}/zfxxgklby_nb.shtml")),
)


class Ucap(CountyPortal):
    """The portal of 溪月县, which lies beside 丹河县's."""

    name = "ucap"
    county_code = "990204"
    county = "溪月县"
    home = f"{BASE}/xyx/index.shtml"
    seed = 4
    office_since = 2015

    def __init__(self) -> None:
        super().__init__()
        self._deleted = (self.departments[2], 2013)
        self._host = Host()
        self._fill_channels()
        self._fill_sister()
        self._link_channels()

    def sites(self) -> list[Site]:
        return [self._host]

    # What is where

    def _fill_channels(self) -> None:
        first, second, third, merged = self.townships
        summary = Channel("xyx", _SUMMARY, pages=4)
        self._add_reports(summary, self.of("county_government", "county_office", "department"))
        for year in (2017, 2021):
            self._add_notices(summary, decoy_titles(self.county, year), year)
        scripted = Channel("xyx", _TOWNSHIPS, "乡镇街道政府信息公开年报", scripted=True)
        self._add_reports(scripted, [first, second, merged])
        self._add_notices(scripted, decoy_titles(self.county, 2019)[:5], 2019)
        unlinked = Channel("xyx", _UNLINKED)
        self._add_reports(unlinked, [third], range(2019, 2026), "in a column that only reports' texts name")
        own = {
            self.departments[0]: range(2019, 2026),
            self.departments[1]: range(2019, 2026),
            first: range(2008, 2025),
            second: range(2008, 2024),
            third: range(2008, 2019),
        }
        self._channels = [summary, scripted, unlinked]
        self._own: dict[str, Channel] = {}
        for number, organ in enumerate(self.organs[2:], start=111201):
            channel = self._own[organ.name] = Channel("xyx", str(number))
            self._add_reports(channel, [organ], own.get(organ, ()))
        for channel in (*self._channels, *self._own.values()):
            self._publish_list(channel, _HERE)

    def _add_reports(
        self,
        channel: Channel,
        listed: Sequence[Organ],
        years: Iterable[int] = range(2008, 2026),
        trap: str = "",
    ) -> None:
        for organ in listed:
            for year in sorted(set(years) & set(self.years(organ))):
                holding = self.holdings.of(organ, year)
                if (organ, year) == self._deleted:
                    holding.outcome, holding.trap = "soft404", "a page that says with 200 that it was deleted"
                holding.trap = holding.trap or trap
                article = self._article(channel, organ, year)
                holding.addresses.append(BASE + article.path)
                channel.articles.append(article)
                self._publish(article, _HERE, deleted=holding.outcome == "soft404")

    def _article(self, channel: Channel, organ: Organ, year: int) -> Article:
        moved = year < _FIRST_NOT_MOVED
        at = _MOVED - timedelta(minutes=year) if moved else published(organ, year)
        name = token(channel.number, organ.slug, year)
        if moved:
            name = f"c01_{int(name, 16) % 900_000 + 100_000}"
        path = f"{channel.folder}{at:%Y%m}/{name}.shtml"
        write = self._writer(organ, year, path) if channel.number == _SUMMARY else None
        heading = title(organ, year, style_of(organ, year))
        return Article(heading, path, at, write or partial(body_html, organ, year), organ.name, moved)

    def _writer(self, organ: Organ, year: int, path: str) -> Callable[[], str] | None:
        """What writes the summary's reports that are more than their text."""
        holding = self.holdings.of(organ, year)
        government, department = self.organs[0], self.departments[0]
        if (organ, year) in ((government, 2022), (government, 2023)):
            holding.quoting, holding.trap = True, "quotes the address of a column that nothing links to"
            return partial(body_html, organ, year, quoting=UNLINKED)
        if (organ, year) == (government, 2021):
            holding.quoting = True
            return partial(body_html, organ, year, quoting=f"{BASE}/xyx/c{_SUMMARY}/zfxxgklby_nb.shtml")
        if (organ, year) not in ((government, 2017), (department, 2022)):
            return None
        file = f"{path.removesuffix('.shtml')}/files/{token(path, 'file')}.pdf"
        self._host.put(file, lambda request: Answer(files.pdf(organ, year), 200, files.TYPES["pdf"]))
        link = f'<p>附件：<a href="{file}">{title(organ, year)}.pdf</a></p>'
        if organ == government:
            holding.attachments.append(BASE + file)
            holding.trap = "the page says that the report is in the file"
            return lambda: shell_html(organ, year) + link
        holding.addresses.append(BASE + file)
        holding.trap = "the same report as text and as file"
        return lambda: body_html(organ, year) + link

    def _add_notices(self, channel: Channel, titles: Sequence[str], year: int) -> None:
        for number, heading in enumerate(titles):
            at = datetime(year + 1, 1 + number % 4, 8 + number, 10, 5)
            path = f"{channel.folder}{at:%Y%m}/{token(channel.number, heading)}.shtml"
            article = Article(heading, path, at, partial(decoy_html, heading), "县政府办")
            channel.articles.append(article)
            self.false_friends.append(BASE + path)
            self._publish(article, _HERE)

    def _fill_sister(self) -> None:
        """丹河县's reports: as good as ours, and none of this portal's."""
        channel = Channel("dhx", _SISTERS, pages=2)
        for organ in organs(_SISTER.name, seed=24)[:4]:
            for year in range(2016, 2026):
                article = self._article(channel, organ, year)
                channel.articles.append(article)
                self.false_friends.append(BASE + article.path)
                self._publish(article, _SISTER)
        self._publish_list(channel, _SISTER)

    # How it is published

    def _publish(self, article: Article, county: CountySite, *, deleted: bool = False) -> None:
        def write() -> str:
            if deleted:
                return county.frame("提示信息", _DELETED)
            body = template("ucap_article.html").substitute(
                title=escape(article.title),
                stamp=f"{article.at:%Y-%m-%d %H:%M}",
                source=article.source,
                content=article.write(),
            )
            channel = article.path.split("/")[2].removeprefix("c")
            meta = metas(article, _LIST)
            return county.frame(article.title, body, f'{meta}\n<meta name="channelid" content="{channel}">')

        self._host.put(article.path, always(write) if deleted else kept(article, write))

    def _publish_list(self, channel: Channel, county: CountySite) -> None:
        self._host.channels[channel.number] = channel
        meta = f'<meta name="channelid" content="{channel.number}">'
        for path, body in channel.written():
            self._put(path, channel.name, body, county, meta)

    def _put(self, path: str, name: str, body: str, county: CountySite = _HERE, meta: str = "") -> None:
        html = county.frame(f"{name}-{county.name}人民政府", body, meta)
        self._host.put(path, always(lambda: html))
        if path.endswith("/index.shtml"):
            self._host.put(path.removesuffix("index.shtml"), always(lambda: html))

    # What leads there

    def _link_channels(self) -> None:
        for entry in surroundings("ucap")["menus"]:
            county = _SISTER if entry["path"].startswith("/dhx/") else _HERE
            self._put(entry["path"], entry["name"], f"<ul>{menu(entry['links'])}</ul>", county)
        for entry in surroundings("ucap")["texts"]:
            self._put(entry["path"], entry["name"], f"<p>{entry['text']}</p>")
        bodies = []
        for organ in self.organs[2:]:
            if organ.until is None:
                own = f"/xyx/{organ.slug}/zfxxgk.shtml"
                bodies.append((organ.short, own))
                links = [("机构职能", "/xyx/c111060/jgzn.shtml"), (_LIST, self._own[organ.name].first)]
                self._put(own, f"{organ.short}信息公开", f"<ul>{menu(links)}</ul>")
        self._put("/xyx/zfxxgk/bmxz.shtml", "部门乡镇信息公开", f"<ul>{menu(bodies)}</ul>")
        # Who asks for the rules that robots are to keep gets the page that says that there is nothing.
        sorry = _HERE.frame("404", "<p>对不起，您访问的页面不存在。</p>")
        self._host.put("/robots.txt", lambda request: page(sorry))


_PAGER = re.compile(r"createPageHTML\('page_div',(\d+), 1,'(\w+)','shtml',\d+\)")
_SCRIPTED = re.compile(r"var channelId = '(\d+)'")
_QUOTED = re.compile(r"可在 (http[^ ]+) 查阅")
_QUERY = "_isAgg=true&_isJson=true&_pageSize=15&_template=index&_rangeTimeGte=&_channelName=&page="


def follow(url: str, answer: Answer) -> Iterator[Ask]:
    """The pages of a list that its script names, what JSON lists, and addresses that texts quote."""
    kind = answer.content_type or ""
    if kind.startswith("application/json"):
        data = json.loads(answer.body)["data"]
        for result in data["results"]:
            yield Ask(urljoin(url, result["url"]))
        if data["page"] * data["rows"] < data["total"]:
            yield Ask(url.replace(f"page={data['page']}", f"page={data['page'] + 1}"))
    if not kind.startswith("text/html"):
        return
    text = answer.body.decode()
    for count, name in _PAGER.findall(text):
        for number in range(2, int(count) + 1):
            yield Ask(urljoin(url, f"{name}_{number}.shtml"))
    for channel in _SCRIPTED.findall(text):
        yield Ask(urljoin(url, f"{SEARCH}{channel}?{_QUERY}1"))
    for quoted in _QUOTED.findall(text):
        yield Ask(quoted)
