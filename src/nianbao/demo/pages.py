"""Writes the pages of the sample portals, from their figures and the words of ``pages.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from nianbao.demo.samples import SampleReport, sample_portals, sample_reports
from nianbao.demo.styles import STYLES, Article
from nianbao.demo.tables import statutory_table, table_title
from scraper.portals import Portal


@dataclass(frozen=True)
class Page:
    """What a server answers with."""

    body: bytes
    content_type: str
    status: int = 200

    @property
    def tag(self) -> str:
        """The entity tag, by which a client asks whether the page is still the same."""
        return f'"{sha256(self.body).hexdigest()[:16]}"'


@dataclass(frozen=True)
class Site:
    """One host: its pages by path and query, and the answer to every other address."""

    host: str
    pages: dict[str, Page]
    missing: Page

    def answer(self, path: str) -> Page:
        """What the host says to a request for ``path``."""
        return self.pages.get(path, self.missing)


def sample_sites() -> list[Site]:
    """The sites of all sample portals."""
    looks = {look["county_code"]: look for look in _words()["site"]}
    return [_Writer(portal, looks[portal.county_code]).site() for portal in sample_portals()]


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "pages.toml").read_text(encoding="utf-8"))


class _Writer:
    """Writes one site."""

    def __init__(self, portal: Portal, look: dict[str, Any]) -> None:
        list_path = look["list_path"]
        self._portal = portal
        self._look = look
        self._style = STYLES[look["style"]](list_path, look.get("wording", {}))
        self._on_every_page = {
            "site_name": look["name"],
            "site_code": look["site_code"],
            "list_path": list_path,
            "column": _words()["column"],
        }

    def site(self) -> Site:
        articles = sorted(self._articles(), key=lambda article: article.published, reverse=True)
        home = self._short_page(_words()["home"])
        pages = {"/": home, **dict(self._list_pages(articles))}
        pages |= {self._style.article_path(article): self._article_page(article) for article in articles}
        if "robots" in self._look:
            rules = self._look["robots"].lstrip()
            pages["/robots.txt"] = Page(rules.encode(), "text/plain; charset=utf-8")
        missing = home if self._look.get("soft") else self._short_page(_words()["missing"], status=404)
        return Site(urlsplit(self._portal.home).netloc, pages, missing)

    def _articles(self) -> Iterator[Article]:
        for report in sample_reports():
            if report.county_code == self._portal.county_code:
                yield self._report(report)
        for decoy in _words()["decoy"]:
            yield Article(
                number=decoy["article"],
                title=decoy["title"],
                published=decoy["published"],
                publisher=self._look["name"],
                banner=_words()["banner"]["invented"],
                content=self._style.paragraph(decoy["text"]),
            )

    def _report(self, report: SampleReport) -> Article:
        return Article(
            number=report.article,
            title=_words()["report_title"].format(publisher=report.publisher, year=report.year),
            published=report.published,
            publisher=report.publisher,
            banner=_words()["banner"]["real" if report.real else "invented"],
            content="".join(self._sections(report)),
        )

    def _sections(self, report: SampleReport) -> Iterator[str]:
        pattern = _words()["section_title"]
        for numeral, section in zip(_words()["numerals"], _words()["section"], strict=True):
            title = section.get("title") or table_title(section["table"], report.form)
            yield self._style.heading(pattern.format(numeral=numeral, title=title))
            if "table" in section:
                yield self._style.table(statutory_table(section["table"], report))
            for text in section.get("text") or self._look.get(section.get("site_text"), ()):
                yield self._style.paragraph(text.format(publisher=report.publisher, year=report.year))

    def _list_pages(self, articles: list[Article]) -> Iterator[tuple[str, Page]]:
        size = self._look["links_on_page"]
        chunks = [articles[start : start + size] for start in range(0, len(articles), size)]
        paths = self._style.list_paths(len(chunks))
        for number, (path, chunk) in enumerate(zip(paths, chunks, strict=True)):
            items = "".join(self._item(article, path) for article in chunk)
            body = self._fill("list", items=items, **self._style.pager(number, paths))
            yield path, self._page(_words()["column"], body)

    def _item(self, article: Article, page: str) -> str:
        href = self._style.link(self._style.article_path(article), page)
        return self._fill("item", href=href, **vars(article))

    def _article_page(self, article: Article) -> Page:
        metadata = self._fill("metadata", **vars(article))
        body = self._fill("article", **vars(article))
        return self._page(article.title, body, metadata, banner=article.banner)

    def _short_page(self, words: dict[str, str], status: int = 200) -> Page:
        text = words["text"].format(site_name=self._look["name"])
        return self._page(words["title"], self._style.paragraph(text), status=status)

    def _page(
        self, title: str, body: str, metadata: str = "", *, banner: str | None = None, status: int = 200
    ) -> Page:
        banner = banner or _words()["banner"]["invented"]
        text = self._fill("frame", title=title, body=body, metadata=metadata, banner=banner)
        return Page(text.encode(self._style.charset), self._style.content_type, status)

    def _fill(self, part: str, **values: object) -> str:
        return self._style.fill(part, **self._on_every_page, **values)
