"""Small sites in the styles of portals 1 to 4 and 6, under those portals' names; `volume` renames them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from html import escape

from portals import gkmlpt, guangdong, jpaas, trs, ucap
from portals import hanweb as hanweb_portal
from portals.gkmlpt import Directory, Post
from portals.hanweb_pages import OLD_PROXY, HanwebSite
from portals.hanweb_pages import Column as HanwebColumn
from portals.hanweb_pages import Filing as HanwebFiling
from portals.jpaas import Column as JpaasColumn
from portals.published import Article, Holdings, always, item, kept, menu, metas, published, style_of, token
from portals.reports import Organ, body_html, decoy_html, decoy_titles, title, years_of
from portals.routes import Routed, template
from portals.trs_pages import Column as TrsColumn
from portals.trs_pages import Filing as TrsFiling
from portals.trs_pages import TrsSite
from portals.ucap import Channel, CountySite
from portals.web import Answer

_NAME = "政府信息公开年报"
_ROBOTS = b"User-agent: *\nDisallow: /manage/\n"
# What is older was moved then, and bears that day.
_MOVED = datetime(2018, 6, 20, 15, 0)
_FIRST_NOT_MOVED = 2015
_NOTICES = 3

Path = Callable[[datetime, str], str]
"""Where an article is, by its time and 32 hexadecimal digits of its own."""


@dataclass
class Desk:
    """Where a county's articles are written, and where its truth is kept."""

    county: str
    host: str
    bodies: Sequence[Organ]
    years: range
    holdings: Holdings = field(default_factory=Holdings)
    beside: list[str] = field(default_factory=list)

    @property
    def government(self) -> Organ:
        """The county's government."""
        return self.bodies[0]

    @property
    def others(self) -> Sequence[Organ]:
        """Departments and townships."""
        return self.bodies[1:]

    def reports(self, organ: Organ, path: Path) -> Iterator[Article]:
        """The body's reports, each at ``path``."""
        for year in (year for year in years_of(organ) if year in self.years):
            moved = year < _FIRST_NOT_MOVED
            at = _MOVED if moved else published(organ, year)
            style = style_of(organ, year)
            heading = title(organ, year, "full" if style == "summary" else style)
            where = path(at, token(self.host, organ.slug, year))
            self.holdings.of(organ, year).addresses.append(f"http://{self.host}{where}")
            yield Article(heading, where, at, partial(body_html, organ, year), organ.name, moved)

    def notices(self, path: Path) -> Iterator[Article]:
        """Pages that only look like reports."""
        year = self.years[-2]
        for number, heading in enumerate(decoy_titles(self.county, year)[:_NOTICES], start=1):
            at = datetime(year + 1, 4, number, 9, 10)
            where = path(at, token(self.host, heading))
            self.beside.append(f"http://{self.host}{where}")
            yield Article(heading, where, at, partial(decoy_html, heading), f"{self.county}人民政府办公室")

    def both(self, organ: Organ, path: Path) -> list[Article]:
        """The body's reports; among the government's there are notices."""
        return [*self.reports(organ, path), *(self.notices(path) if organ == self.government else ())]


def trs_site(desk: Desk) -> Routed:
    """TRS: a hub for the government, a tree for each other body, pagers by script only."""
    site = TrsSite(trs.HOST)

    def put_list(folder: str, organ: Organ) -> None:
        column = TrsColumn(folder, _NAME, 5)
        for article in desk.both(organ, partial(_trs_path, folder)):
            column.filings.append(TrsFiling(article, article.write))
        site.put_column(column)

    put_list(trs.HUB, desk.government)
    site.put_menu("/zwgk/zfxxgk/", "政府信息公开", [(_NAME, "./zfxxgknb/")])
    site.put_menu("/zwgk/", "政务公开", [("政府信息公开", "./zfxxgk/")])
    links = []
    for number, organ in enumerate(desk.others, start=731):
        folder = f"{organ.slug}_{number}/"
        links.append((organ.short, f"./{folder}"))
        site.put_menu(f"/bmjz/{folder}", organ.name, [(_NAME, f"./zfxxgknb_{number + 219}/")])
        put_list(f"/bmjz/{folder}zfxxgknb_{number + 219}/", organ)
    site.put_menu("/bmjz/", "部门街镇", links)
    site.put_menu("/", "首页", [("政务公开", "/zwgk/"), ("部门街镇", "/bmjz/")])
    return site


def _trs_path(folder: str, at: datetime, key: str) -> str:
    return f"{folder}{at:%Y%m}/t{at:%Y%m%d}_{int(key[:6], 16)}.html"


def hanweb_site(desk: Desk) -> Routed:
    """JCMS: a column for each body, whose records beyond the page come from one of the proxies."""
    site = HanwebSite(hanweb_portal.HOST)
    menus: dict[int, list[tuple[str, str]]] = {100: [], 300: []}
    for number, organ in enumerate(desk.bodies, start=101):
        column = HanwebColumn(number, f"{organ.short}{_NAME}", 2)
        if organ.kind == "county_government":
            column.groups = True
        elif organ.kind == "township":
            column.posted_only, column.proxy = True, OLD_PROXY
        else:
            column.bare = True
        for article in desk.both(organ, partial(_hanweb_path, number)):
            column.filings.append(HanwebFiling(article, article.write))
        site.put_column(column)
        menus[300 if organ.kind == "township" else 100].append((column.name, column.path))
    site.put_menu("/col/col100/index.html", "政府信息公开", menus[100])
    site.put_menu("/col/col300/index.html", "乡镇街道", menus[300])
    links = [("政府信息公开", "/col/col100/index.html"), ("乡镇街道", "/col/col300/index.html")]
    for path in ("/", "/index.html"):
        site.put_menu(path, "首页", links)
    return site


def _hanweb_path(column: int, at: datetime, key: str) -> str:
    return f"/art/{at.year}/{at.month}/{at.day}/art_{column}_{int(key[:5], 16)}.html"


Frame = Callable[[str, str], str]
"""A page's frame around its body, under a title."""


def _put(site: Routed, frame: Frame, path: str, name: str, body: str) -> None:
    """A page, under the address of its folder too where it is a folder's."""
    html = frame(name, f"<h2>{name}</h2>\n{body}")
    site.put(path, always(lambda: html))
    folder, _, file = path.rpartition("/")
    if file.startswith("index."):
        site.put(f"{folder}/", always(lambda: html))


def _put_menu(site: Routed, frame: Frame, path: str, name: str, links: Iterable[tuple[str, str]]) -> None:
    _put(site, frame, path, name, f"<ul>{menu(links)}</ul>")


def jpaas_site(desk: Desk) -> Routed:
    """JPaaS: a column for each body, whose further pages a unit gives to those who come from it."""
    site = jpaas.Host()

    def frame(heading: str, body: str, meta: str = "") -> str:
        return template("jpaas_frame.html").substitute(title=escape(heading), body=body, meta=meta)

    links = []
    for organ in desk.bodies:
        path = f"/zfxxgk/{organ.slug}/zfxxgknb/"
        articles = desk.both(organ, partial("{0}art/{1.year}/art_{2}.html".format, path))
        column = JpaasColumn(path, _NAME, articles, 5)
        site.columns[column.page_id] = column
        _put(site, frame, f"{path}index.html", _NAME, column.unit(1, column.rows))
        for article in articles:
            site.put(article.path, kept(article, partial(_article, "jpaas_article.html", frame, article)))
        links.append((f"{organ.short}{_NAME}", f"{path}index.html"))
    _put_menu(site, frame, "/zfxxgk/index.html", "政府信息公开", links)
    _put_menu(site, frame, "/zwgk/index.html", "政务公开", [("政府信息公开", "/zfxxgk/index.html")])
    _put_menu(site, frame, "/index.html", "首页", [("政务公开", "/zwgk/index.html")])
    site.put("/robots.txt", lambda request: Answer(_ROBOTS, content_type="text/plain"))
    return site


def _article(name: str, frame: Callable[[str, str, str], str], article: Article) -> str:
    body = template(name).substitute(
        title=escape(article.title),
        stamp=f"{article.at:%Y-%m-%d %H:%M}",
        source=article.source,
        content=article.write(),
    )
    return frame(article.title, body, metas(article, _NAME))


def ucap_site(desk: Desk) -> Routed:
    """UCAP: written lists of the government and departments, lists of townships that are JSON alone."""
    site = ucap.Host()
    nav = [("首页", "/xyx/index.shtml"), ("政务公开", "/xyx/zwgk/index.shtml")]
    frame = CountySite("xyx", desk.county, f"{ucap.Ucap.county_code}0002", nav).frame
    links = []
    for number, organ in enumerate(desk.bodies, start=111100):
        scripted = organ.kind == "township"
        channel = Channel("xyx", str(number), pages=1 if scripted else 2, scripted=scripted)
        channel.articles.extend(desk.both(organ, partial("{0}{1:%Y%m}/{2}.shtml".format, channel.folder)))
        site.channels[channel.number] = channel
        for path, body in channel.written():
            _put(site, frame, path, channel.name, body)
        for article in channel.articles:
            site.put(article.path, kept(article, partial(_article, "ucap_article.html", frame, article)))
        links.append((f"{organ.short}{_NAME}", channel.first))
    _put_menu(site, frame, "/xyx/zwgk/index.shtml", "政务公开", links)
    _put_menu(site, frame, "/xyx/index.shtml", "首页", [("政务公开", "/xyx/zwgk/index.shtml")])
    return site


def gkmlpt_site(desk: Desk) -> Routed:
    """gkmlpt: a directory for each body, whose list is JSON; the home page has the government's newest."""
    site = gkmlpt.Host(guangdong.HOST)

    def frame(heading: str, body: str, meta: str = "") -> str:
        return template("gkmlpt_frame.html").substitute(title=escape(heading), body=body, meta=meta)

    links = []
    for number, organ in enumerate(desk.bodies, start=1):
        prefix = "" if organ == desk.government else f"/{organ.slug}"
        directory = Directory(guangdong.BASE, prefix, f"9902{number + 10}", organ.name, rows=5)
        site.directories[prefix] = directory
        site.put(f"{prefix}/gkmlpt/index", always(partial(gkmlpt.index_page, directory)))
        for article in desk.both(organ, partial(_post_path, directory)):
            _put_post(site, directory, article)
        links.append((f"{organ.short}政府信息公开", f"{prefix}/gkmlpt/index"))
    _put_menu(site, frame, "/zwgk/index.html", "政务公开", links)
    newest = "".join(item(post.article) for post in site.directories[""].listed(0, 1))
    links = [("政务公开", "/zwgk/index.html"), ("政府信息公开", "/gkmlpt/index")]
    _put(site, frame, "/index.html", "首页", f"<ul>{menu(links)}</ul><h3>最新公开</h3><ul>{newest}</ul>")
    site.put("/robots.txt", lambda request: Answer(_ROBOTS, content_type="text/plain"))
    return site


def _post_path(directory: Directory, at: datetime, key: str) -> str:
    return directory.address(3_000_000 + int(key[:5], 16) % 900_000)


def _put_post(site: gkmlpt.Host, directory: Directory, article: Article) -> None:
    number = int(article.path.rpartition("_")[2].removesuffix(".html"))
    post = Post(number, article)
    directory.posts.append(post)
    site.put(article.path, kept(article, partial(gkmlpt.post_page, post, directory)))
