"""The pages of the VSB portal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from html import escape
from posixpath import dirname, relpath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portals import files
from portals.routes import Routed, dated, template
from portals.web import Answer, Request

if TYPE_CHECKING:
    from portals.vsb import Article, Column, Vsb

# A superset of GBK, in which 镕 and 喆 lie beyond GB 2312.
_ENCODING = "gb18030"
_DECLARED = "text/html; charset=gb2312"
_ROBOTS = b"User-agent: *\r\nDisallow: /_sitegray/\r\nDisallow: /ssjg.jsp\r\nDisallow: /system/resource/\r\n"
_PLAIN_PAGES = {
    "/zjxc.htm": ("走进县城", "县境山地居多，河流自西向东，盛产茶叶和竹木。"),
    "/xxgkzn.htm": ("政府信息公开指南", "县政府信息可以在本网站查阅，也可以到政务公开窗口查阅。"),
    "/xxgkzd.htm": ("政府信息公开制度", "公开前先作保密审查，公开后按月检查。"),
    "/fdzdgk.htm": ("法定主动公开内容", "机构职能、规划计划、统计信息、行政许可、财政预算决算。"),
    "/ysqgk.htm": ("依申请公开", "申请人可以当面提交申请，也可以邮寄申请。"),
    "/ssjg.jsp": ("站内搜索", "请输入要查找的词语。"),
}


class VsbSite(Routed):
    """The site of a county on VSB."""

    def __init__(self, portal: Vsb) -> None:
        super().__init__(portal.host)
        self.portal = portal
        self.put("/robots.txt", lambda request: Answer(_ROBOTS, content_type="text/plain"))
        for path in ("/", "/index.htm"):
            self._put_page(path, "网站首页", self._home)
        self._put_menu_pages()
        for column in portal.columns():
            for page in range(1, column.pages + 1):
                self.put(column.address(page), partial(self._list, column, page))
            for article in column.articles:
                self.put(article.path, partial(self._article, column, article))
                if article.form:
                    self.put(portal.file_path(article), partial(self._file, article))

    def _put_menu_pages(self) -> None:
        for path, (title, said) in _PLAIN_PAGES.items():
            self._put_page(path, title, partial("<p>{}</p>".format, said))
        self._put_page("/zwgk.htm", "政务公开", template("vsb_hub.html").template.strip)
        menu: list[tuple[str, str]] = []
        for column in self.portal.columns():
            if column.organ:
                path = f"{dirname(column.path)}.htm"
                menu.append((column.organ.short, path))
                self._put_page(path, column.organ.short, partial(_organ, path, column, column.organ.short))
        self._put_page("/bmxz.htm", "部门乡镇", partial(_menu, "/bmxz.htm", menu))

    def _put_page(self, path: str, title: str, write: Callable[[], str]) -> None:
        self.put(path, lambda request: self._page(path, title, write()))

    def _page(self, path: str, title: str, main: str, meta: str = "", says: str = _DECLARED) -> Answer:
        text = template("vsb_frame.html").substitute(
            title=title,
            main=main,
            meta=meta,
            up="../" * (path.count("/") - 1),
            county=self.portal.county,
            county_code=self.portal.county_code,
            host=self.portal.host,
        )
        return Answer(text.encode(_ENCODING), content_type=says)

    def _home(self) -> str:
        news, reports = self.portal.news.articles, self.portal.reports.articles
        notices = [article for article in reports if not article.reports][:6]
        return template("vsb_home.html").substitute(
            news="\n".join(_line("/", n, article) for n, article in enumerate(news[:8])),
            notices="\n".join(_line("/", n, article) for n, article in enumerate(notices)),
        )

    def _list(self, column: Column, page: int, request: Request) -> Answer:
        path = urlsplit(column.address(page)).path
        shown = column.articles[(page - 1) * column.on_a_page : page * column.on_a_page]
        main = template("vsb_list.html").substitute(
            title=column.title,
            items="\n".join(_line(path, number, article) for number, article in enumerate(shown)),
            pager=_dynamic_pager(column, page) if column.dynamic else _pager(column, page),
        )
        # One column's lists say nothing of their charset in the header.
        says = "text/html" if column.number == 1102 else _DECLARED
        return self._page(path, column.title, main, says=says)

    def _article(self, column: Column, article: Article, request: Request) -> Answer:
        if article.fault == "deleted":
            return Answer(template("vsb_deleted.html").template.encode(_ENCODING), content_type=_DECLARED)
        says = "text/html; charset=UTF-8" if article.fault == "says utf-8" else _DECLARED
        answer = self._page(
            article.path, escape(article.title), self._text(column, article), _meta(column, article), says
        )
        return dated(request, article.day, answer)

    def _text(self, column: Column, article: Article) -> str:
        heading = escape(article.title)
        if article.fault == "title cut":
            heading = heading.replace(str(article.reports[0][1]), f"<br />{article.reports[0][1]}", 1)
        return template("vsb_article.html").substitute(
            heading=heading,
            source=article.source,
            day=f"{article.day:%Y-%m-%d}",
            number=article.number,
            content_id="vsb_content" if not column.organ else f"vsb_content_{column.number % 500 or 2}",
            body=article.body(),
            files=self._attached(article) if article.form else "",
            neighbours=_neighbours(column, article),
        )

    def _attached(self, article: Article) -> str:
        href = escape(self.portal.file_path(article))
        number = 4000 + article.number
        return (
            f'<li>附件【<a href="{href}" target="_blank">{escape(file_name(article))}</a>】'
            f"已下载<span id='nattach{number}'>0</span>次</li>"
        )

    def _file(self, article: Article, request: Request) -> Answer:
        if article.form == "captcha":
            text = template("vsb_captcha.html").substitute(number=4000 + article.number)
            return Answer(text.encode(_ENCODING), content_type=_DECLARED)
        if urlsplit(request.headers.get("referer", "")).hostname != self.portal.host:
            return Answer(template("vsb_gate.html").template.encode(_ENCODING), content_type=_DECLARED)
        name = file_name(article).encode(_ENCODING).decode("latin-1")
        disposition = ("Content-Disposition", f'attachment; filename="{name}"')
        return Answer(_content(article), 200, "application/octet-stream", (disposition,))


def file_name(article: Article) -> str:
    """The name under which the article's file is given out."""
    ending = {"html": "doc", "captcha": "doc", "twin": "docx"}.get(article.form, article.form)
    return f"{article.title}.{ending}"


def _content(article: Article) -> bytes:
    if article.form == "zip":
        return files.zip_of(article.reports)
    organ, year = article.reports[0]
    write = {"html": files.html_doc, "wps": files.wps, "docx": files.docx, "twin": files.docx}[article.form]
    return write(organ, year)


def _line(path: str, number: int, article: Article) -> str:
    """A list's line on the page at ``path``."""
    title = escape(article.title)
    return (
        f'<li id="line_u7_{number}"><a href="{_relative(path, article.path)}" target="_blank" '
        f'title="{title}">{title}</a><span>{article.day:%Y-%m-%d}</span></li>'
    )


def _relative(path: str, target: str) -> str:
    """``target`` as the page at ``path`` links to it: from its own folder."""
    file, _, query = target.partition("?")
    written = relpath(file, dirname(path))
    return escape(f"{written}?{query}") if query else written


def _menu(path: str, links: Iterable[tuple[str, str]]) -> str:
    lines = (f'<li><a href="{_relative(path, target)}">{name}</a></li>' for name, target in links)
    return "<ul>\n" + "\n".join(lines) + "\n</ul>"


def _organ(path: str, column: Column, name: str) -> str:
    return template("vsb_organ.html").substitute(
        organ=name, self=_relative(path, path), list=_relative(path, column.address(1))
    )


def _pager(column: Column, page: int) -> str:
    """首页, the numbers, 下页, 尾页; nothing where there is but one page."""
    if column.pages == 1:
        return f'<span class="p_t">共{len(column.articles)}条</span>'
    path = column.address(page)

    def to(kind: str, words: str, number: int) -> str:
        if not 1 <= number <= column.pages or number == page:
            return f'<span class="{kind}_d p_fun_d">{words}</span>'
        href = _relative(path, column.address(number))
        return f'<span class="{kind} p_fun"><a href="{href}">{words}</a></span>'

    numbers = "".join(to("p_no", str(number), number) for number in range(1, column.pages + 1))
    ways = to("p_first", "首页", 1) + to("p_prev", "上页", page - 1) + numbers
    ways += to("p_next", "下页", page + 1) + to("p_last", "尾页", column.pages)
    announced = f'<span class="p_t">共{len(column.articles)}条&nbsp;{page}/{column.pages}</span>'
    return f'<span class="p_pages">{announced}{ways}</span>'


def _dynamic_pager(column: Column, page: int) -> str:
    """The older pager, whose pages behind the first are made by a program."""
    before, after = page - 1, page + 1
    path = urlsplit(column.address(page)).path
    ways = [f"共{len(column.articles)}条&nbsp;&nbsp;{page}/{column.pages}&nbsp;"]
    if before >= 1:
        ways.append(f'<a href="{_relative(path, column.address(before))}" class="Prev">上页</a>')
    if after <= column.pages:
        ways.append(f'<a href="{_relative(path, column.address(after))}" class="Next">下页</a>')
    return f'<div class="headStyle">{" ".join(ways)}</div>'


def _meta(column: Column, article: Article) -> str:
    fields = {
        "ColumnName": column.title,
        "ColumnType": "信息公开",
        "ArticleTitle": article.title,
        "PubDate": f"{article.day:%Y-%m-%d} 09:20",
        "ContentSource": article.source,
    }
    return "\n".join(f'<META Name="{name}" Content="{escape(said)}" />' for name, said in fields.items())


def _neighbours(column: Column, article: Article) -> str:
    """上一条 is the newer article of the column, 下一条 the older one."""
    place = column.articles.index(article)
    said = []
    for words, other in (("上一条", place - 1), ("下一条", place + 1)):
        if 0 <= other < len(column.articles):
            near = column.articles[other]
            said.append(f'{words}：<a href="{_relative(article.path, near.path)}">{escape(near.title)}</a>')
    return " ".join(said)
