"""Portal 6: Guangdong's NFCMS with gkmlpt directories, whose lists are JSON that a page's script asks for.

The county's directory has its reports on two pages, one township's gives its first page only. The same
posts lie in plain lists, save a few; a list of old ones is reached over a ``jump_url`` in a tree alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from html import escape
from typing import Any

from portals import files
from portals.gkmlpt import NAME, Directory, Host, Post, index_page, post_page, shown
from portals.published import (
    Article,
    CountyPortal,
    Elsewhere,
    Holding,
    always,
    item,
    kept,
    menu,
    metas,
    published,
    style_of,
    surroundings,
)
from portals.reports import Organ, body_html, decoy_html, decoy_titles, shell_html, title
from portals.routes import template
from portals.visiting import Ask
from portals.web import Answer, Site

HOST = "www.rongpu.gov.cn.test"
BASE = f"http://{HOST}"
OLD = "/oldxxgk/"
_ROBOTS = f"User-agent: *\nDisallow: {OLD}\nDisallow: /search/\n".encode()
_PLAIN, _TOWNS, _HISTORY = "/zwgk/zfxxgknb/", "/zwgk/zjnb/", "/zwgk/lsnb/"
# Reports of years before 2014 came here then.
_MOVED = datetime(2016, 5, 18, 11, 0)
_FIRST_NOT_MOVED = 2014
_ROWS = 20


class Guangdong(CountyPortal):
    """The portal of 榕浦县."""

    name = "guangdong"
    county_code = "990206"
    county = "榕浦县"
    home = f"{BASE}/"
    seed = 6
    office_since = 2008

    def __init__(self) -> None:
        super().__init__()
        self._number = 3_255_021
        self._flags = {
            (self.organs[0].name, 2019): "is_expired",
            (self.departments[3].name, 2018): "is_abolished",
        }
        self._host = Host(HOST)
        self._lists: dict[str, list[Article]] = {_PLAIN: [], _TOWNS: [], _HISTORY: []}
        self._fill_county()
        self._fill_townships()
        self._publish_lists()

    def sites(self) -> list[Site]:
        return [self._host, Elsewhere("www.rongpu-zx.test")]

    # What is where

    def _fill_county(self) -> None:
        """The county's directory has nearly all; the plain list lags behind, and old reports lie apart."""
        county = self._directory(
            "", "990206", f"{self.county}人民政府", elsewhere=f"{BASE}{_HISTORY}index.html"
        )
        first, *others, abolished = self.departments
        own = self._directory(f"/{first.slug}", "990211", first.name)
        for number, organ in enumerate(others, start=12):
            self._directory(f"/{organ.slug}", f"9902{number}", organ.name)
        for organ in self.of("county_government", "county_office", "department"):
            for year in self.years(organ):
                if organ.kind == "county_government" and year < 2010:
                    self._publish_old(organ, year)
                elif organ == abolished and year < 2011:
                    self._publish(organ, year, _HISTORY, None)
                else:
                    lagging = year == 2025 and organ.kind != "county_government"
                    self._publish(organ, year, "" if lagging else _PLAIN, county)
                if organ == first and year >= 2019:
                    self._publish(organ, year, "", own)
        for year in (2018, 2020):
            self._publish_notices(decoy_titles(self.county, year), year, _PLAIN, county)

    def _fill_townships(self) -> None:
        """Each township has its directory, but for the merged one; the plain list lags behind."""
        lacking = (2024, 2024, 2025, 2026)
        for number, (organ, until) in enumerate(zip(self.townships, lacking, strict=True), start=1):
            directory = self._township_directory(number, organ) if organ.until is None else None
            for year in self.years(organ):
                self._publish(organ, year, _TOWNS if year < until else "", directory)
            if directory:
                notices = decoy_titles(self.county, 2021)[number : number + 2]
                self._publish_notices(notices, 2021, "", directory)
        beyond = [post for post in self._single.posts if post not in self._single.listed(0, 1)]
        for post in beyond:
            if post.holding:
                post.holding.trap = "on page 2 of a directory that answers page 1 only"

    def _township_directory(self, number: int, organ: Organ) -> Directory:
        if number != 2:
            return self._directory(f"/xz{number}", f"99022{number}", organ.name)
        self._single = self._directory(f"/xz{number}", f"99022{number}", organ.name, rows=10, single=True)
        return self._single

    def _directory(self, prefix: str, sid: str, name: str, **facts: Any) -> Directory:
        directory = Directory(BASE, prefix, sid, name, **facts)
        self._host.directories[prefix] = directory
        self._host.put(f"{prefix}/gkmlpt/index", always(partial(index_page, directory)))
        return directory

    # Posts

    def _publish(self, organ: Organ, year: int, plain: str, directory: Directory | None) -> None:
        """Puts a report into a plain list, a directory, or both."""
        number = self._next_number()
        holding = self.holdings.of(organ, year)
        moved = year < _FIRST_NOT_MOVED
        at = _MOVED - timedelta(minutes=year) if moved else published(organ, year)
        write, file = self._content(holding, number) if plain else (partial(body_html, organ, year), "")
        flag = self._flags.get((organ.name, year), "")
        if flag:
            holding.trap = f"marked as no longer in force ({flag})"
        path = f"{plain}content/post_{number}.html" if plain else ""
        style = style_of(organ, year)
        # A summary's page would have a likelier title than its own: what its table says of its category.
        heading = title(organ, year, "full" if style == "summary" else style)
        article = Article(heading, path, at, write, organ.name, moved)
        post = Post(number, article, flag, file, holding)
        holding.addresses += self._put_post(post, plain, directory)

    def _publish_notices(self, titles: Sequence[str], year: int, plain: str, directory: Directory) -> None:
        for rank, heading in enumerate(titles):
            number = self._next_number()
            at = datetime(year + 1, 1 + rank % 4, 9 + rank, 15, 20)
            path = f"{plain}content/post_{number}.html" if plain else ""
            article = Article(heading, path, at, partial(decoy_html, heading), f"{self.county}人民政府办公室")
            post = Post(number, article, "is_abolished" if "通知" in heading else "")
            self.false_friends += self._put_post(post, plain, directory)

    def _next_number(self) -> int:
        self._number += 7
        return self._number

    def _content(self, holding: Holding, number: int) -> tuple[Callable[[], str], str]:
        """What writes a report's article, and its file: one report is a file, of another the table is."""
        organ, year = holding.organ, holding.year
        whole = organ == self.organs[0]
        if (organ, year) not in ((self.organs[0], 2018), (self.departments[1], 2017)):
            return partial(body_html, organ, year), ""
        suffix, write = ("pdf", files.pdf) if whole else ("xls", files.table_html_xls)
        file = f"/attachment/0/{number // 10_000}/{number // 10}/{number}.{suffix}"
        self._host.put(file, lambda request: Answer(write(organ, year), 200, files.TYPES[suffix]))
        holding.attachments.append(BASE + file)
        holding.trap = "the report is in a file" if whole else "the report's table is in a file"
        text = shell_html(organ, year) if whole else body_html(organ, year, tables=False)
        name = f"{title(organ, year)}.{suffix}"
        link = f'<a class="nfw-cms-attachment" href="{BASE}{file}" alt="{name}">点击下载</a>'
        return (lambda: f"{text}\n<p>附件：{link}</p>"), BASE + file

    def _put_post(self, post: Post, plain: str, directory: Directory | None) -> list[str]:
        """Serves a post where it lies; returns its addresses."""
        addresses = []
        if plain:
            self._lists[plain].append(post.article)
            self._host.put(post.article.path, kept(post.article, partial(self._plain_page, post, directory)))
            addresses.append(BASE + post.article.path)
        if directory:
            directory.posts.append(post)
            path = directory.address(post.number)
            self._host.put(path, kept(post.article, partial(post_page, post, directory)))
            addresses += [BASE + path, f"{BASE}{path}?jump=false"]
        return addresses

    def _plain_page(self, post: Post, directory: Directory | None) -> str:
        twin = f"{directory.address(post.number)}?jump=false" if directory else "/gkmlpt/index"
        body = template("gkmlpt_plain.html").substitute(shown(post), directory=twin)
        return _frame(post.article.title, body, metas(post.article, NAME))

    def _publish_old(self, organ: Organ, year: int) -> None:
        """A report that the host's robots.txt forbids to fetch."""
        path = f"{OLD}ndbg/{year}.html"
        article = Article(title(organ, year), path, published(organ, year), partial(body_html, organ, year))
        holding = self.holdings.of(organ, year)
        holding.addresses.append(BASE + path)
        holding.outcome, holding.trap = "robots", "in a folder that robots.txt forbids"
        self._lists[_PLAIN].append(article)
        body = f"<h1>{article.title}</h1>\n{article.write()}"
        self._host.put(path, always(lambda: _frame(article.title, body)))

    # What leads there

    def _publish_lists(self) -> None:
        for folder, articles in self._lists.items():
            newest = sorted(articles, key=lambda article: article.at, reverse=True)
            pages = [newest[start : start + _ROWS] for start in range(0, len(newest), _ROWS)]
            for number, chunk in enumerate(pages, start=1):
                body = f'<ul class="list">{"".join(map(item, chunk))}</ul>{_pager(number, len(pages))}'
                self._put(f"{folder}{_index(number)}", NAME, body)
        for entry in surroundings("guangdong")["menus"]:
            self._put(f"{entry['path']}index.html", entry["name"], f"<ul>{menu(entry['links'])}</ul>")
        for entry in surroundings("guangdong")["texts"]:
            self._put(f"{entry['path']}index.html", entry["name"], f"<p>{entry['text']}</p>")
        bodies = [
            (directory.name.removeprefix(self.county), f"{prefix}/gkmlpt/index")
            for prefix, directory in self._host.directories.items()
        ]
        bodies.append(("各乡镇政府信息公开年报", f"{_TOWNS}index.html"))
        self._put("/zwgk/bmxz/index.html", "部门和乡镇", f"<ul>{menu(bodies)}</ul>")
        self._host.put("/robots.txt", lambda request: Answer(_ROBOTS, 200, "text/plain"))

    def _put(self, path: str, name: str, body: str) -> None:
        html = _frame(f"{name} - {self.county}人民政府", f"<h2>{name}</h2>\n{body}")
        self._host.put(path, always(lambda: html))
        if path.endswith("/index.html"):
            self._host.put(path.removesuffix("index.html"), always(lambda: html))


def _frame(heading: str, body: str, meta: str = "") -> str:
    return template("gkmlpt_frame.html").substitute(title=escape(heading), body=body, meta=meta)


def _index(number: int) -> str:
    return "index.html" if number == 1 else f"index_{number}.html"


def _pager(number: int, pages: int) -> str:
    links = [("首页", "first", 1), ("上一页", "prev", max(1, number - 1))]
    links += [(str(other), "num", other) for other in range(1, pages + 1) if other != number]
    links += [("下一页", "next", number + 1)] if number < pages else []
    links.append(("尾页", "last", pages))
    anchors = (f'<a class="{kind}" href="{_index(to)}">{text}</a>' for text, kind, to in links)
    return f'<div class="page">{" ".join(anchors)}</div>'


_CONFIG = re.compile(r"SID: '(\d+)'.*APP_URL: '([^']+)'.*TREE: (\[.*\])", re.DOTALL)


def follow(url: str, answer: Answer) -> Iterator[Ask]:
    """The lists that a directory's page asks for, page by page, and the posts in them."""
    if (answer.content_type or "") == "application/json":
        reply = json.loads(answer.body)
        for article in reply["articles"]:
            yield from (Ask(article[key]) for key in ("url", "post_url") if article[key])
        number = int(url.partition("page=")[2].partition("&")[0])
        if reply["articles"]:
            yield Ask(url.replace(f"page={number}", f"page={number + 1}"))
    elif url.endswith("/gkmlpt/index"):
        for sid, app_url, tree in _CONFIG.findall(answer.body.decode()):
            for node in _nodes(json.loads(tree)):
                if node["jump_url"]:
                    yield Ask(node["jump_url"])
                elif node["post_count"]:
                    yield Ask(f"{app_url}/gkmlpt/api/all/{node['id']}?page=1&sid={sid}")


def _nodes(tree: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in tree:
        yield node
        yield from _nodes(node["children"])
