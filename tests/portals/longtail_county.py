"""The hosts of the long-tail county: its own with frames and lists, and those of its departments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from html import escape
from urllib.parse import urljoin

from portals.faults import FAULTS
from portals.longtail_articles import Desk, Style
from portals.longtail_bodies import Body, bodies, settings
from portals.reports import Organ, body_html, decoy_html, title
from portals.routes import news
from portals.shelf import Line, Shelf, article, filled, list_items
from portals.web import Answer, Site

_COUNTY_LIST = "/xxgk/year_list.aspx?dept={number}"
_TOWNSHIP_LIST = "/zfxxgk/1355046492463177730"
_ROBOTS = b"User-agent: *\nDisallow: /admin/\nDisallow: /jyj/\n\nUser-agent: Baiduspider\nAllow: /\n"
_GUIDES = ("{county}政府信息公开指南", "{county}政府信息公开工作年度报告制度", "{county}政府信息公开目录")
_COPIED = range(2021, 2024)


def _asp_list(body: Body, page: int) -> str:
    return _COUNTY_LIST.format(number=body.number) + (f"&page={page}" if page > 1 else "")


STYLES = {
    "details": Style(
        "longtail_details",
        lambda body, number: f"/xxgk/year_details.aspx?dept={body.number}&id={number}",
        _asp_list,
        on_a_page=8,
    ),
    "content": Style(
        "longtail_content",
        lambda body, number: f"/Content-{2_200_000 + number}.html",
        lambda body, page: f"/{body.organ.slug}/ndbg{'' if page == 1 else f'-{page}'}.html",
        on_a_page=10,
    ),
    "folder": Style(
        "longtail_folder",
        lambda body, number: f"/{body.organ.slug}/ndbg/{720_000 + number}/index.html",
        lambda body, page: f"/{body.organ.slug}/ndbg/index.html",
    ),
    "forbidden": Style(
        "longtail_plain",
        lambda body, number: f"/{body.organ.slug}/ndbg/{number}.html",
        _asp_list,
        outcome="robots",
        trap="robots.txt forbids this part of the host",
    ),
    "snowflake": Style(
        "longtail_plain",
        lambda body, number: f"/zfxxgk/{1355046492463000000 + number * 7919}.html",
        lambda body, page: f"{_TOWNSHIP_LIST}/{page}.html",
        on_a_page=15,
    ),
    "office": Style(
        "longtail_plain", lambda body, number: f"/ndbg/{number}.html", lambda body, page: "/ndbg/index.html"
    ),
}
"""By the names that `longtail.toml` calls them."""


@dataclass(frozen=True)
class _Pager:
    """How a list says that it has more pages: with all their numbers, or words for the next one."""

    address: Callable[[int], str]
    numbers: bool

    def links(self, number: int, count: int) -> str:
        """The pager of page ``number`` of ``count``."""
        if self.numbers and count > 1:
            others = [(str(other), other) for other in range(1, count + 1)]
        else:
            others = [("上一页", number - 1)] * (number > 1) + [("下一页", number + 1)] * (number < count)
        return " ".join(
            f"<b>{words}</b>" if other == number else f'<a href="{escape(self.address(other))}">{words}</a>'
            for words, other in others
        )


@dataclass
class County:
    """All hosts of the county, and what lies on them; made anew each time that they are served."""

    sites: list[Site] = field(default_factory=list)
    desks: list[Desk] = field(default_factory=list)
    guides: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.main = Shelf(f"www.{settings()['domain']}")
        self.clone = Shelf(settings()["clone"])
        self.sites += [self.main, self.clone]
        self._departments: list[Line] = []
        for body in bodies():
            if body.host != self.main.hosts[0]:
                self._lay_host(body)
            elif body.organ.kind != "township":
                lines = self._desk(body, self.main).lines(body)
                self._lay_on_main(body, lines, STYLES[body.style])
        self._lay_townships()
        self._lay_copies()
        self._lay_hub()
        self._lay_entrance()

    def _desk(self, body: Body, shelf: Shelf) -> Desk:
        desk = Desk(shelf, STYLES[body.style], self.clone)
        self.desks.append(desk)
        return desk

    def _lay_list(self, shelf: Shelf, body: Body, heading: str, lines: Sequence[Line], style: Style) -> str:
        """Lays a list. Returns the path of its first page."""
        pager = _Pager(partial(style.column, body), numbers=style is STYLES["snowflake"])

        def write(shown: Sequence[Line], number: int, count: int) -> str:
            links = pager.links(number, count)
            fields = {"title": heading, "items": list_items(shown), "pager": links}
            return filled("longtail_list.html", fields)

        shelf.lay_list(pager.address, lines, style.on_a_page, write)
        return pager.address(1)

    def _lay_on_main(self, body: Body, lines: Sequence[Line], style: Style) -> None:
        href = self._lay_list(self.main, body, body.column, lines, style)
        if body.organ.kind == "department":
            self._departments.append(Line(body.organ.short, href, ""))

    def _lay_host(self, body: Body) -> None:
        fault = FAULTS[body.fault]
        shelf = Shelf(body.host, tls=fault.tls(body.host) if fault.tls else None)
        lines = self._desk(body, shelf).lines(body)
        self._lay_list(shelf, body, body.column, lines, STYLES[body.style])
        shelf.lay_filled("/", "longtail_office.html", title=f"{body.organ.name}网站")
        self.sites += fault.apply(shelf)
        if body.linked == "home":
            self._departments.append(Line(body.organ.short, shelf.url("/"), ""))
        else:
            whole = [Line(line.words, urljoin(shelf.url("/"), line.href), line.date) for line in lines]
            self._lay_on_main(body, whole, STYLES["details"])

    def _lay_townships(self) -> None:
        """One list for all of them, as it is printed, and the notices about sites that were closed."""
        townships = [body for body in bodies() if body.organ.kind == "township"]
        lines = [line for body in townships for line in self._desk(body, self.main).lines(body)]
        lines.sort(key=lambda line: line.date, reverse=True)
        style = STYLES["snowflake"]
        href = self._lay_list(self.main, townships[0], "乡镇政府信息公开年报", lines, style)
        self._townships = [Line("乡镇（街道）", href, "")]
        for body in townships:
            if "dead_host" in body.broken.values():
                name, path = body.organ.short, f"/xxgk/notice.aspx?id={body.number}"
                old = f"http://{body.organ.slug}.{settings()['domain']}/"
                self.main.lay_filled(
                    path, "longtail_notice.html", name=name, old=old, new=self.main.url(href)
                )
                self._townships.append(Line(f"关于{name}网站停止运行的公告", path, ""))

    def _lay_copies(self) -> None:
        """What the clone copied: reports of the county's government, under their old paths."""
        organ = bodies()[0].organ
        lines = []
        for year in _COPIED:
            path = f"/xxgk/year_details.aspx?dept=1&id={year}"
            self.clone.lay(path, partial(_copy, organ, year))
            lines.append(Line(title(organ, year), path, ""))
        self.clone.lay_filled("/", "longtail_list.html", title="年报", items=list_items(lines), pager="")

    def _lay_hub(self) -> None:
        """The page 政府信息公开 with its guides, and the column of the county's own reports in frames."""
        for number, pattern in enumerate(_GUIDES, start=1):
            heading = pattern.format(county=settings()["county"])
            write = partial(_article, heading, bodies()[1].organ.name, decoy_html(heading))
            self.guides.append(self.main.lay(f"/xxgk/guide.aspx?id={number}", write))
        self.main.lay_filled(
            "/xxgk/index.aspx",
            "longtail_hub.html",
            county=settings()["county"],
            departments=list_items(self._departments),
            townships=list_items(self._townships),
        )
        government, office = bodies()[:2]
        self.main.lay_filled(
            "/xxgk/nianbao.aspx",
            "longtail_year.html",
            latest=list_items(list(self._latest(government))),
            government=str(government.number),
            office=str(office.number),
        )

    def _latest(self, government: Body) -> Iterator[Line]:
        """The newest reports; the program that links them writes their queries in another order."""
        reports = self.desks[0].reports
        for place, year in enumerate(government.years[:3]):
            target = f"year_details.aspx?id={government.id_of(year)}&dept={government.number}&t=1712{year}"
            twin = self.main.url(f"/xxgk/{target}")
            reports[place] = replace(reports[place], duplicates=(twin,))
            yield Line(government.title(year), target, "")

    def _lay_entrance(self) -> None:
        """The home page, which is a script that leads to frames, and the pages in them."""
        county = settings()["county"]
        self.main.put("/robots.txt", lambda request: Answer(_ROBOTS, content_type="text/plain"))
        self.main.lay_filled("/", "longtail_stub.html")
        self.main.lay_filled("/portal/index.html", "longtail_frames.html", county=county)
        self.main.lay_filled("/portal/top.html", "longtail_top.html", county=county)
        lines = []
        for number, (heading, said) in enumerate(news(), start=1):
            path = f"/portal/news_show.asp?id={number}"
            self.main.lay(path, partial(_article, heading, "县融媒体中心", f"<p>{said}</p>"))
            lines.append(Line(heading, path, ""))
        self.main.lay_filled(
            "/portal/main.html",
            "longtail_main.html",
            county=county,
            news=list_items(lines),
            links=f'<a href="{self.clone.url("/")}">{county}政务公开网</a>',
        )


def _article(heading: str, source: str, inner: str) -> str:
    return article("longtail_plain", heading, "2024-05-06", source, inner)


def _copy(organ: Organ, year: int) -> str:
    return article("longtail_plain", title(organ, year), "2024-11-08", organ.name, body_html(organ, year))
