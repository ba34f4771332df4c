"""Writes the pages of a TRS site: lists that a script turns over, articles in folders by month, menus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from pathlib import PurePosixPath

from portals.files import TYPES
from portals.published import Article, always, kept, menu, metas
from portals.routes import Routed, template
from portals.web import Answer

Links = Iterable[tuple[str, str]]
"""Words and addresses."""


@dataclass
class Filing:
    """An article in a list.

    ``query`` is what the list's link adds to the address, ``clicked`` says that only a script leads there,
    ``gone`` that the link is dead. ``files`` lie beside the article; ``wap`` is its page for telephones.
    """

    article: Article
    content: Callable[[], str]
    files: list[tuple[str, Callable[[], bytes]]] = field(default_factory=list)
    query: str = ""
    clicked: bool = False
    gone: bool = False
    wap: bool = False

    @property
    def folder(self) -> str:
        """Where the article and its files lie."""
        return f"{PurePosixPath(self.article.path).parent}/"

    @property
    def wap_path(self) -> str:
        """Where the page for telephones is."""
        return self.article.path.replace(".html", "_wap.html")


@dataclass
class Column:
    """A list in its folder.

    ``size`` is the number of its lines on a page, ``second`` the number in the address of its second page;
    where that is 2, the page numbered 1 is the first again. ``stub`` is the number of a page that is broken.
    """

    path: str
    name: str
    size: int = 20
    second: int = 1
    stub: int = 0
    filings: list[Filing] = field(default_factory=list)

    def pages(self) -> Iterator[tuple[str, list[Filing]]]:
        """The file name of each page and what it lists, the newest first, of one day the last filed."""
        filed = enumerate(self.filings)
        order = sorted(filed, key=lambda pair: (pair[1].article.at, pair[0]), reverse=True)
        newest = [filing for _, filing in order]
        for number, start in enumerate(range(0, len(newest), self.size)):
            name = "index.html" if number == 0 else f"index_{number + self.second - 1}.html"
            yield name, newest[start : start + self.size]

    @property
    def stub_path(self) -> str:
        """The address of the broken page."""
        return f"{self.path}index_{self.stub}.html"


class TrsSite(Routed):
    """青石县's site, to which columns, menus and single pages are added."""

    def put_page(self, path: str, title: str, body: Callable[[], str], meta: Callable[[], str] = str) -> None:
        """A page that was published with the site, with the portal's frame around ``body``."""
        self.put(path, always(lambda: self._framed(title, body(), meta())))

    def put_folder(self, path: str, title: str, body: Callable[[], str]) -> None:
        """A page that is a folder's index, under both its addresses."""
        self.put_page(path, title, body)
        self.put_page(f"{path}index.html", title, body)

    def put_menu(self, path: str, name: str, links: Links, lead: str = "") -> None:
        """A page of links."""
        shown = menu(links)
        self.put_folder(
            path, name, lambda: template("trs_menu.html").substitute(name=name, lead=lead, links=shown)
        )

    def put_column(self, column: Column) -> None:
        """A list's pages and its articles."""
        pages = list(column.pages()) or [("index.html", [])]
        for name, filings in pages:
            self._put_list(column, name, filings, len(pages))
        self._put_list(column, "", pages[0][1], len(pages))
        if column.second == 2:
            self._put_list(column, "index_1.html", pages[0][1], len(pages))
        for filing in column.filings:
            if not filing.gone:
                self._put_article(column, filing)

    def _put_list(self, column: Column, name: str, filings: list[Filing], pages: int) -> None:
        if column.stub and name == f"index_{column.stub}.html":
            self.put(column.stub_path, lambda request: Answer(template("trs_stub.html").template.encode()))
            return
        items = "\n".join(_item(column, filing) for filing in filings)
        body = template("trs_list.html").substitute(
            name=column.name,
            items=items,
            pager=f'<script>createPageHTML({pages},0,"index","html");</script>',
        )
        self.put_page(column.path + name, column.name, lambda: body)

    def _put_article(self, column: Column, filing: Filing) -> None:
        article = filing.article
        write = kept(article, lambda: self._article(column, filing))
        self.put(article.path, write)
        if filing.wap:
            self.put(filing.wap_path, kept(article, lambda: _telephone_page(filing)))
        for name, make in filing.files:
            content_type = TYPES[name.rpartition(".")[2]]
            self.put(
                filing.folder + name,
                lambda request, make=make, kind=content_type: Answer(make(), content_type=kind),  # type: ignore[misc]
            )

    def _article(self, column: Column, filing: Filing) -> str:
        article = filing.article
        links = "".join(
            f'<p>附件：<a href="./{name}" title="{escape(article.title)}">{escape(article.title)}</a></p>'
            for name, _ in filing.files
        )
        body = template("trs_article.html").substitute(
            column=column.name,
            heading=_in_two_lines(article),
            stamp=f"{article.at:%Y-%m-%d %H:%M}",
            source=article.source,
            mobile=f'<a href="./{PurePosixPath(filing.wap_path).name}">手机版</a>' if filing.wap else "",
            content_class="TRS_Editor" if article.at.year < 2020 else "trs_editor_view TRS_UEDITOR",
            content=filing.content(),
            files=links,
        )
        return self._framed(article.title, body, metas(article, column.name))

    def _framed(self, title: str, body: str, meta: str) -> str:
        return template("trs_frame.html").substitute(title=escape(title), meta=meta, body=body)


def line(article: Article, href: str) -> str:
    """A line of a list."""
    title = escape(article.title)
    return f'<li><a href="{href}" title="{title}" target="_blank">{title}</a><span>{article.day}</span></li>'


def _item(column: Column, filing: Filing) -> str:
    path = filing.article.path
    href = f"./{path.removeprefix(column.path)}" if path.startswith(column.path) else path
    if not filing.clicked:
        return line(filing.article, href + filing.query)
    return (
        f"""<li><a href="javascript:void(0)" onclick="jumpToDetail('{href}')">{filing.article.title}</a>"""
        f"<span>{filing.article.day}</span></li>"
    )


def _in_two_lines(article: Article) -> str:
    """The title; long ones are broken behind the body's name, as editors do."""
    name = article.source
    if len(article.title) < 30 or not article.title.startswith(name):
        return escape(article.title)
    return f"{name}<br>{escape(article.title.removeprefix(name))}"


def _telephone_page(filing: Filing) -> str:
    return template("trs_wap.html").substitute(
        title=escape(filing.article.title),
        content=filing.content(),
        full=f"./{PurePosixPath(filing.article.path).name}",
    )


def moved(year: int) -> datetime | None:
    """When the site was moved, for what is older; the whole of it bears that day."""
    return datetime(2017, 6, 21, 10, 12) if year <= 2016 else None
