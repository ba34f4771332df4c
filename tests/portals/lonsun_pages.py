"""The pages of a county's Lonsun site, and of a host behind 加速乐."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

from portals.published import Article, item, kept, menu, metas, page
from portals.routes import Routed, template
from portals.web import NOT_FOUND, Answer, Request, Site

if TYPE_CHECKING:
    from portals.lonsun import Attached, Lonsun, Office

_SITE_ID = "6788"
_ON_A_PAGE = 8
_ROBOTS = b"User-agent: *\nDisallow: /search\nDisallow: /member/\n"
_NOTHING = "暂无相关信息"
_SAID = {
    "1": ("政府信息公开制度", "公开前先作保密审查，公开后按月检查，差错随时更正。"),
    "2": ("政府信息公开指南", "信息可以在网上查阅，也可以到政务公开窗口查阅。"),
    "4": ("法定主动公开内容", "机构职能、规划计划、行政许可、财政预算决算、招考录用。"),
    "5": ("依申请公开", "申请可以当面提交，也可以邮寄。"),
}


class LonsunSite(Routed):
    """The county's site."""

    def __init__(self, portal: Lonsun) -> None:
        super().__init__(portal.host)
        self.portal = portal
        self.government = portal.offices[0].id
        self.put("/robots.txt", lambda request: Answer(_ROBOTS, content_type="text/plain"))
        self._put_page("/", "首页", self._home)
        self._put_page("/news/index.html", "要闻动态", lambda: f"<ul>{_items(portal.news)}</ul>")
        self._put_page("/zwgk/index.html", "政务公开", self._hub)
        self._put_page("/zwgk/bmxx/index.html", "部门乡镇信息公开", self._directory)
        self._put_page("/search", "搜索", lambda: "<p>请输入关键词。</p>")
        self.put("/site/label/8888", self._label)
        for article in portal.news:
            self.put(article.path, kept(article, partial(self._article, article, None)))
        for office in portal.offices:
            if office.way != "shown":
                self._put_office(office)

    def _put_office(self, office: Office) -> None:
        if self.portal.parts[office.organ] != "office":
            self.put(f"/public/column/{office.id}", partial(self._column, office))
        if office.way == "barred":
            return
        for article in office.articles:
            attached = office.files.get(article.path)
            write = kept(article, partial(self._article, article, attached))
            self.put(article.path, _missing if article.path in self.portal.gone else write)
            if self._other_path(article):
                self.put(self._other_path(article), write)
            if attached:
                self.put(attached.path, attached.answer)

    def _other_path(self, article: Article) -> str:
        """The second address of what the government reports; empty for all else."""
        folder = f"/public/{self.government}/"
        number = article.path.removeprefix(folder).removesuffix(".html")
        return f"/public/content/{number}" if article.path.startswith(folder) else ""

    def _put_page(self, path: str, title: str, write: Callable[[], str]) -> None:
        self.put(path, lambda request: page(self._framed(title, write())))

    def _framed(self, title: str, main: str, meta: str = "") -> str:
        return template("lonsun_frame.html").substitute(
            title=title,
            main=main,
            meta=meta,
            county=self.portal.county,
            county_code=self.portal.county_code,
            host=self.portal.host,
            site_id=_SITE_ID,
            government=self.government,
        )

    def _home(self) -> str:
        """The newest reports of the government stand here under another address than in their list."""
        reports = [a for a in self.portal.offices[0].articles if self._other_path(a)][:3]
        newest = "\n".join(item(article, self._other_path(article)) for article in reports)
        return template("lonsun_home.html").substitute(
            news=_items(self.portal.news[:8]), newest=newest, government=self.government
        )

    def _hub(self) -> str:
        links = [
            ("政府信息公开", f"/public/column/{self.government}?type=2&amp;nav=1"),
            ("政府信息公开年报", f"/public/column/{self.government}?type=3&amp;nav=5&amp;sub=4"),
            ("部门、乡镇信息公开", "/zwgk/bmxx/index.html"),
        ]
        return f"<ul>{menu(links)}</ul>"

    def _directory(self) -> str:
        """Bodies that still exist are linked; the tree that a script loads has all of them."""
        links = [
            (office.organ.short, f"/public/column/{office.id}?type=4&amp;nav=3&amp;action=list")
            for office in self.portal.offices
            if office.way in ("more", "rows", "barred")
        ]
        links += [
            (office.organ.short, show_list(self.portal, office)) for office in self.portal.listed("shown")[:1]
        ]
        return template("lonsun_tree.html").substitute(organs=menu(links), site_id=_SITE_ID)

    def _column(self, office: Office, request: Request) -> Answer:
        kind = request.query.get("type", "4")
        if kind == "3":
            title, content = "政府信息公开年报", self._reports(office, request.query.get("timeFrame", ""))
        else:
            title, said = _SAID.get(kind, _SAID["4"])
            content = f"<p>{said}</p>"
        main = template("lonsun_column.html").substitute(
            organ=office.organ.short, id=office.id, title=title, content=content
        )
        return page(self._framed(title, main))

    def _reports(self, office: Office, year: str) -> str:
        if office.way == "years":
            return self._year(year or str(self.portal.years[-1]))
        if office.way == "barred":
            host = f"http://{self.portal.host_of(office)}"
            return f"<ul>{''.join(item(article, host + article.path) for article in office.articles)}</ul>"
        return template(f"lonsun_{office.way}.html").safe_substitute(
            site_id=_SITE_ID,
            id=office.id,
            on_a_page=_ON_A_PAGE,
            pages=-(-len(office.articles) // _ON_A_PAGE),
            total=len(office.articles),
            items=_items(office.articles[:_ON_A_PAGE]),
        )

    def _year(self, year: str) -> str:
        """The reports of one year, and tabs to the others; years without any have a tab too."""
        first, last = self.portal.years[0] - 1, self.portal.years[-1] + 1
        path = f"/public/column/{self.government}?type=3&amp;nav=5&amp;sub=4"
        tabs = "".join(
            f'<a href="{path}&amp;timeFrame={n}&amp;hasContent=true">{n}年</a> '
            for n in range(last, first - 1, -1)
        )
        articles = [a for office in self.portal.listed("years") for a in office.articles]
        shown = [article for article in articles if year == str(self.portal.year_of[article.path])]
        found = _items(shown) or f'<li class="empty">{_NOTHING}</li>'
        return f'<div class="timeFrame">{tabs}</div>\n<ul class="xxgk_list">\n{found}\n</ul>'

    def _label(self, request: Request) -> Answer:
        """Fragments of lists, and the tree of bodies; fields may stand in the address or be posted."""
        asked = request.query
        if asked.get("labelName") == "columnTree":
            tree = json.dumps(self._tree(), ensure_ascii=False)
            return Answer(tree.encode(), content_type="application/json;charset=UTF-8")
        office = next((o for o in self.portal.offices if str(o.id) == asked.get("organId")), None)
        if office is None or asked.get("labelName") != "publicInfoList" or asked.get("type") != "3":
            return page(f"<li>{_NOTHING}</li>")
        if office.way == "posted" and request.method != "POST":
            return page(f"<li>{_NOTHING}</li>")
        number, size = int(asked.get("pageIndex") or 1), int(asked.get("pageSize") or _ON_A_PAGE)
        shown = office.articles[(number - 1) * size : number * size]
        write = _row if office.way == "rows" else item
        return page("\n".join(map(write, shown)) or f"<li>{_NOTHING}</li>")

    def _tree(self) -> list[dict[str, Any]]:
        groups: dict[str, list[dict[str, Any]]] = {"县政府": [], "县直部门": [], "乡镇街道": []}
        for office in self.portal.offices:
            kind = office.organ.kind
            group = {"department": "县直部门", "township": "乡镇街道"}.get(kind, "县政府")
            node = {"id": office.id, "name": office.organ.short, "isParent": False, "organId": office.id}
            if office.way == "shown":
                node["linkUrl"] = show_list(self.portal, office)
            if kind != "county_office":
                groups[group].append(node)
        return [
            {"id": number, "name": name, "isParent": True, "children": nodes}
            for number, (name, nodes) in enumerate(groups.items(), start=7400)
        ]

    def _article(self, article: Article, attached: Attached | None) -> str:
        main = template("lonsun_article.html").substitute(
            heading=escape(article.title),
            source=article.source,
            day=article.day,
            index_number=f"{self.portal.county_code}-{self.government}/{article.at:%Y%m}-00{article.at:%d}",
            body=article.write(),
            files=file_link(attached) if attached else "",
        )
        return self._framed(escape(article.title), main, metas(article, "政府信息公开年报"))


class BarredSite(Site):
    """A host that answers everything with the challenge of 加速乐, which needs a browser's scripts."""

    def __init__(self, host: str) -> None:
        self.hosts = (host,)

    def answer(self, request: Request) -> Answer:
        cookie = ("Set-Cookie", "__jsluid_h=3f1c8e0a5b7d9246; max-age=31536000; path=/; HttpOnly")
        return Answer(template("lonsun_barred.html").template.encode(), 521, headers=(cookie,))


def show_list(portal: Lonsun, office: Office) -> str:
    """Where the older platform lists the annual reports of the body."""
    return f"http://{portal.show_host}/OpennessContent/showList/{office.id}/{REPORTS}/page_1.html"


REPORTS = 9
"""The category of annual reports on the older platform."""


def file_link(attached: Attached) -> str:
    """The file under an article, whose name stands in the link's title only where it is long."""
    name = escape(attached.name)
    return f'<p class="fj">附件：<a href="{attached.path}" title="{name}">{name[:18]}</a></p>'


def _items(articles: Iterable[Article]) -> str:
    return "\n".join(map(item, articles))


def _row(article: Article) -> str:
    title = escape(article.title)
    return (
        f'<tr><td class="bt"><a href="{article.path}" title="{title}">{title}</a></td>'
        f"<td>{article.source}</td><td>{article.day}</td></tr>"
    )


def _missing(request: Request) -> Answer:
    return NOT_FOUND
