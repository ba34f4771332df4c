"""Writes the pages of a Hanweb site: columns whose records a script shows, their proxy, the xxgk module."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import escape
from pathlib import PurePosixPath
from urllib.parse import quote, urlencode

from portals.files import TYPES
from portals.published import Article, always, kept, menu, metas
from portals.reports import FIRST_YEAR, LAST_YEAR
from portals.routes import Routed, template
from portals.web import Answer, Request

PROXY = "/module/web/jpage/dataproxy.jsp"
OLD_PROXY = "/module/jpage/dataproxy.jsp"
ANNUAL = "/module/xxgk/xxgkAnnualReport.jsp"
SEARCH = "/module/xxgk/search.jsp"
WEB_NAME = "云泽县人民政府"
_GROUP = 3
_CUT = 16


@dataclass
class Filing:
    """An article and the files that are linked on its page by title, name and content."""

    article: Article
    content: Callable[[], str]
    files: list[tuple[str, Callable[[], bytes]]] = field(default_factory=list)
    index_number: str = ""


@dataclass
class Column:
    """A column whose records a script shows; the page has the first three pages of them.

    ``announced`` records are more than there are. ``bare`` records begin with their link, its words cut
    short. ``groups`` says that the data store names the address of the records that follow. The proxy may be
    ``posted_only``, or answer nothing: ``silent``. ``false_next`` is a link to a next page that is the same.
    """

    number: int
    name: str
    per_page: int = 8
    announced: int = 0
    bare: bool = False
    groups: bool = False
    proxy: str = PROXY
    posted_only: bool = False
    silent: bool = False
    false_next: bool = False
    filings: list[Filing] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Where the column is."""
        return f"/col/col{self.number}/index.html"

    @property
    def unit(self) -> str:
        """The name of its place in the page."""
        return str(4400 + self.number)

    @property
    def first(self) -> int:
        """How many records the page itself has, and the proxy gives at most."""
        return self.per_page * _GROUP

    def newest(self) -> list[Filing]:
        """The records in their order."""
        dated = enumerate(self.filings)
        return [f for _, f in sorted(dated, key=lambda pair: (pair[1].article.at, pair[0]), reverse=True)]

    def store(self, start: int, end: int, group: int) -> str:
        """The data store with the records ``start`` to ``end``, counted from 1, of the ``group``."""
        total = max(self.announced, len(self.filings))
        shown = self.newest()[start - 1 : end]
        following = self._following(group + 1) if self.groups and end < len(self.filings) else ""
        records = "".join(f"<record><![CDATA[{self._record(filing)}]]></record>\n" for filing in shown)
        return (
            f"<datastore>\n<nextgroup><![CDATA[{following}]]></nextgroup>\n"
            f"<totalrecord>{total}</totalrecord><totalpage>{-(-total // self.per_page)}</totalpage>\n"
            f"<recordset>\n{records}</recordset>\n</datastore>"
        )

    def _following(self, group: int) -> str:
        fields = {
            "page": group,
            "appid": 1,
            "webid": 21,
            "path": "/",
            "columnid": self.number,
            "unitid": self.unit,
            "webname": WEB_NAME,
            "permissiontype": 0,
        }
        return f'<a href="{self.proxy}?{urlencode(fields, safe="/")}"></a>'

    def _record(self, filing: Filing) -> str:
        article = filing.article
        words = escape(article.title)
        link = f"""<a href="{article.path}" target="_blank" title="{words}">"""
        if self.bare:
            cut = words if len(words) <= _CUT else f"{words[:_CUT]}…"
            return f"{link}{cut}</a><span>[{article.day}]</span>"
        return f"<li><span>{article.day}</span>{link}{words}</a></li>"


class HanwebSite(Routed):
    """云泽县's site, to which columns, menus and single pages are added."""

    def __init__(self, *hosts: str) -> None:
        super().__init__(*hosts)
        self._columns: dict[str, Column] = {}
        self._articles: set[str] = set()
        self.put(PROXY, self._proxied)
        self.put(OLD_PROXY, self._proxied)

    def put_menu(self, path: str, name: str, links: Iterable[tuple[str, str]], lead: str = "") -> None:
        """A page of links."""
        shown = menu(links)
        body = template("hanweb_menu.html").substitute(name=name, lead=lead, links=shown)
        self.put(path, always(lambda: framed(name, name, body)))

    def put_column(self, column: Column) -> None:
        """A column's page and its articles."""
        self._columns[str(column.number)] = column
        pager = (
            f'<a href="{column.path}?uid={column.unit}&amp;pageNum=2">下一页</a>' if column.false_next else ""
        )
        body = template("hanweb_column.html").substitute(
            name=column.name,
            unit=column.unit,
            datastore=column.store(1, column.first, 1),
            per_page=column.per_page,
            total=max(column.announced, len(column.filings)),
            proxy=column.proxy,
            number=column.number,
            pager=pager,
        )
        self.put(column.path, always(lambda: framed(column.name, column.name, body)))
        for filing in column.filings:
            self.put_article(filing, column.name)

    def put_article(self, filing: Filing, column: str) -> None:
        """An article's page and its files, unless another column has put them."""
        article = filing.article
        if article.path in self._articles or not article.path.startswith("/"):
            return
        self._articles.add(article.path)
        self.put(article.path, kept(article, lambda: _article(filing, column)))
        for name, make in filing.files:
            self.put_file(article.title, name, make)

    def put_file(self, title: str, name: str, make: Callable[[], bytes]) -> None:
        """A file that the site hands out."""
        ending = name.rpartition(".")[2]
        # Servers send names as the bytes that they have, or as RFC 5987 asks.
        raw = f'attachment; filename="{title}.{ending}"'.encode().decode("latin-1")
        told = raw if ending == "pdf" else f"attachment; filename*=UTF-8''{quote(title)}.{ending}"
        kind = "application/octet-stream" if ending == "pdf" else TYPES[ending]
        self.put(
            download(title, name),
            lambda request: Answer(make(), content_type=kind, headers=(("Content-Disposition", told),)),
        )

    def _proxied(self, request: Request) -> Answer:
        fields = request.query
        column = self._columns.get(fields.get("columnid", ""))
        if column is not None and column.silent:
            return Answer(b"", content_type="text/xml; charset=utf-8")
        refused = column is None or (column.posted_only and request.method != "POST")
        if column is None or refused or column.proxy != request.path:
            return Answer(b"<datastore></datastore>", content_type="text/xml; charset=utf-8")
        if "page" in fields:
            group = int(fields["page"])
            start, end = (group - 1) * column.first + 1, group * column.first
        else:
            start = int(fields.get("startrecord", "1"))
            end = min(int(fields.get("endrecord", "0")), start + column.first - 1)
            group = 1
        return Answer(column.store(start, end, group).encode(), content_type="text/xml; charset=utf-8")


def download(title: str, name: str) -> str:
    """Where a file is handed out: its name is hexadecimal, the shown one is its title's."""
    shown = f"{title}.{name.rpartition('.')[2]}"
    return f"/module/download/downfile.jsp?classid=0&filename={name}&showname={quote(shown)}"


def file_links(title: str, names: Iterable[str]) -> str:
    """The links to files on the page with ``title``."""
    shown = ((escape(download(title, name)), escape(title) + PurePosixPath(name).suffix) for name in names)
    return "\n".join(f'<p>附件：<a href="{href}">{words}</a></p>' for href, words in shown)


def _article(filing: Filing, column: str) -> str:
    article = filing.article
    numbered = (
        f'<table class="xxgk_table"><tr><td>索引号</td><td>{filing.index_number}</td></tr>'
        f"<tr><td>发布机构</td><td>{article.source}</td></tr></table>"
    )
    body = template("hanweb_article.html").substitute(
        table=numbered if filing.index_number else "",
        heading=escape(article.title),
        day=article.day,
        source=article.source,
        content=filing.content(),
        files=file_links(article.title, (name for name, _ in filing.files)),
    )
    return framed(article.title, column, body, metas(article, column))


def framed(title: str, crumb: str, body: str, meta: str = "") -> str:
    """``body`` in the frame that all pages of the site have."""
    return template("hanweb_frame.html").substitute(title=escape(title), crumb=crumb, meta=meta, body=body)


def tree_page(nodes: Iterable[tuple[str, str, str]]) -> str:
    """The tree of bodies: each with its name, and the addresses of its catalogue and of its reports."""
    lines = [
        f'<div class="node"><a href="{escape(catalogue)}" target="main">{name}</a> '
        + (f'<a href="{escape(reports)}" target="main">年报</a>' if reports else "")
        + "</div>"
        for name, catalogue, reports in nodes
    ]
    return template("hanweb_tree.html").substitute(nodes="\n".join(lines))


def search_page(name: str, area: str, filings: list[Filing], current: int, pages: int, total: int) -> str:
    """A page of a body's catalogue."""
    rows = "\n".join(
        f'<tr class="tr_main_value_{"even" if number % 2 else "odd"}"><td>{number + 1}</td>'
        f'<td><a href="{filing.article.path}" title="{escape(filing.article.title)}" target="_blank">'
        f"{escape(filing.article.title)}</a></td><td>{filing.article.day}</td></tr>"
        for number, filing in enumerate(filings)
    )
    following = escape(search(area, current + 1))
    pager = f'<a href="{following}">下页</a>' if current < pages else "<span>下页</span>"
    return template("hanweb_search.html").substitute(
        name=name, rows=rows, current=current, pages=pages, total=total, pager=pager
    )


def search(area: str, page: int) -> str:
    """Where a page of a body's list of annual reports is."""
    fields = {
        "infotypeId": "A0603",
        "jdid": 21,
        "area": area,
        "standardXxgk": 1,
        "currpage": page,
        "sortfield": ",compaltedate:0",
    }
    return f"{SEARCH}?{urlencode(fields)}"


def annual_page(area: str, year: int, heading: str, content: str, files: str) -> str:
    """The page of one body and year, with links to all its years.

    The links above name the body first, those that turn to the next year name the year first.
    """
    years = " ".join(
        f'<a href="{ANNUAL}?area={area}&amp;fbtime={other}">{other}年</a>'
        for other in range(LAST_YEAR, FIRST_YEAR - 1, -1)
    )
    turns = ((year - 1, "上一年"), (year + 1, "下一年"))
    turn = " ".join(
        f'<a href="xxgkAnnualReport.jsp?fbtime={other}&amp;area={area}">{words}</a>'
        for other, words in turns
        if FIRST_YEAR <= other <= LAST_YEAR
    )
    return template("hanweb_annual.html").substitute(
        title="政府信息公开年度报告", years=years, turn=turn, heading=heading, content=content, files=files
    )
