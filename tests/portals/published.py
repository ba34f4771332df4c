"""What the portals with programming interfaces publish, and what the truth has of it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from random import Random
from typing import Any

from portals.reports import Organ, Style, organs, text_sha256, years_of
from portals.routes import Write, dated
from portals.truth import Kind, Outcome, Report
from portals.web import Answer, Portal, Request, Site


@dataclass(frozen=True)
class Article:
    """An article: where it is, and what lists say of it.

    ``at`` is in China's time, ``source`` its organ. ``moved`` ones came from an older system: their time is
    when they came, and half of their meta tags are as the template has them.
    """

    title: str
    path: str
    at: datetime
    write: Callable[[], str]
    source: str = ""
    moved: bool = False

    @property
    def day(self) -> str:
        """As lists print it."""
        return f"{self.at:%Y-%m-%d}"


class Elsewhere(Site):
    """A site that a crawler of the portal has no business on."""

    def __init__(self, *hosts: str) -> None:
        self.hosts = hosts

    def answer(self, request: Request) -> Answer:
        """A page, whatever is asked for."""
        return page("<html><body><p>欢迎访问本站。</p></body></html>")


def page(text: str, status: int = 200) -> Answer:
    """A page of UTF-8."""
    return Answer(text.encode(), status)


def always(write: Callable[[], str]) -> Write:
    """A page that is the same for everybody."""
    return lambda request: page(write())


def kept(article: Article, write: Callable[[], str]) -> Write:
    """An article's page, which says when it was made and answers 304 to those who have it."""
    return lambda request: dated(request, article.at.date(), page(write()))


def item(article: Article, href: str = "") -> str:
    """A list's line."""
    title = escape(article.title)
    return (
        f'<li><a href="{href or article.path}" title="{title}" target="_blank">{title}</a>'
        f"<span>{article.day}</span></li>"
    )


def menu(links: Iterable[Sequence[str]]) -> str:
    """A menu of names and addresses."""
    return "\n".join(f'<li><a href="{href}">{escape(name)}</a></li>' for name, href in links)


def metas(article: Article, column: str) -> str:
    """The meta tags of an article (国办发〔2017〕47号)."""
    return "\n".join(
        f'<meta name="{name}" content="{escape(value)}">'
        for name, value in (
            ("ColumnName", column),
            ("ColumnType", "信息公开"),
            ("ArticleTitle", article.title),
            ("PubDate", f"{article.at:%Y-%m-%d %H:%M}"),
            ("ContentSource", "" if article.moved else article.source),
            ("Keywords", ""),
            ("Author", ""),
            ("Description", "" if article.moved else article.title),
            ("Image", ""),
        )
    )


def published(organ: Organ, year: int) -> datetime:
    """When the report came out: January to March of the next year."""
    chance = Random(f"{organ.name} {year} published")
    day = datetime(year + 1, chance.randint(1, 3), chance.randint(4, 27))
    return day + timedelta(minutes=chance.randint(9 * 60, 17 * 60))


def style_of(organ: Organ, year: int) -> Style:
    """How the report is titled; the government's own reports are titled in full."""
    styles: dict[tuple[str, int], Style] = {
        ("department", 2009): "zh_numerals",
        ("department", 2010): "no_government",
        ("department", 2011): "about",
        ("department", 2015): "summary",
        ("department", 2020): "about",
        ("township", 2009): "no_government",
        ("township", 2014): "zh_numerals",
        ("township", 2025): "no_year",
        ("county_office", 2016): "about",
    }
    return styles.get((organ.kind, year), "full")


def token(*parts: object) -> str:
    """32 hexadecimal digits, as content systems name what they hold."""
    return sha256("/".join(map(str, parts)).encode()).hexdigest()[:32]


@dataclass
class Holding:
    """A report and where the portal has it: the first address counts.

    ``quoting`` says that its text differs from the report's by an address that it quotes.
    """

    organ: Organ
    year: int
    addresses: list[str] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    outcome: Outcome = "ok"
    trap: str = ""
    quoting: bool = False

    def report(self) -> Report:
        """The holding as the truth tells it."""
        return Report(
            publisher=self.organ.name,
            kind=self.organ.kind,
            year=self.year,
            url=self.addresses[0],
            duplicates=tuple(self.addresses[1:]),
            attachments=tuple(self.attachments),
            text_sha256="" if self.quoting else text_sha256(self.organ, self.year),
            outcome=self.outcome,
            trap=self.trap,
        )


class Holdings:
    """All reports of a portal."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], Holding] = {}

    def of(self, organ: Organ, year: int) -> Holding:
        """The holding of the report, begun where there is none yet."""
        return self._found.setdefault((organ.name, year), Holding(organ, year))

    def truth(self) -> list[Report]:
        """All reports."""
        return [holding.report() for holding in self._found.values()]


@cache
def surroundings(portal: str) -> dict[str, list[dict[str, Any]]]:
    """The pages around a portal's reports, of ``pages/<portal>.toml``: ``menus``, ``texts``, ``news``."""
    path = Path(__file__).parent / "pages" / f"{portal}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


class CountyPortal(Portal):
    """A portal of invented bodies; subclasses publish their reports.

    The office has reported on its own since ``office_since``. The third department and the second township
    gave no report for 2012.
    """

    seed: int
    office_since: int

    def __init__(self) -> None:
        found = organs(self.county, self.seed)
        self.organs = [replace(o, since=self.office_since) if o.kind == "county_office" else o for o in found]
        self.departments, self.townships = self.of("department"), self.of("township")
        self.holdings = Holdings()
        self.false_friends: list[str] = []

    def truth(self) -> list[Report]:
        return self.holdings.truth()

    def decoys(self) -> frozenset[str]:
        return frozenset(self.false_friends)

    def of(self, *kinds: Kind) -> list[Organ]:
        """The bodies of these kinds."""
        return [organ for organ in self.organs if organ.kind in kinds]

    def years(self, organ: Organ) -> list[int]:
        """The years of the body's reports."""
        without = 2012 if organ in (self.departments[2], self.townships[1]) else 0
        return [year for year in years_of(organ) if year != without]
