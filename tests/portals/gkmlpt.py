"""The gkmlpt directories of portal 6: their trees, the JSON of their lists, and the pages of their posts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from html import escape
from typing import Any

from portals.published import Article, Holding, metas, page
from portals.routes import Routed, template
from portals.web import Answer, Request

ANNUAL, NAME = 3215, "政府信息公开年报"
_CHINA = timedelta(hours=8)
_BANNERS = {"is_expired": "此件已失效", "is_abolished": "此件已废止"}


@dataclass(frozen=True)
class Post:
    """A post of a directory: its article, and what else its JSON says. ``flag`` is a mark that it bears."""

    number: int
    article: Article
    flag: str = ""
    attachment: str = ""
    holding: Holding | None = None


@dataclass(frozen=True)
class Directory:
    """A gkmlpt site, of an organ. A ``single`` one answers 404 for every page of a list but the first.

    ``base`` is the host's address, ``prefix`` the site's folder, and ``elsewhere`` the address of a list that
    is none of the directory's, but in its tree.
    """

    base: str
    prefix: str
    sid: str
    name: str
    elsewhere: str = ""
    posts: list[Post] = field(default_factory=list)
    rows: int = 100
    single: bool = False

    @property
    def app_url(self) -> str:
        return self.base + self.prefix

    def address(self, number: int) -> str:
        """Where a post is, as a path."""
        return f"{self.prefix}/gkmlpt/content/{number // 1_000_000}/{number // 1000}/post_{number}.html"

    def tree(self) -> list[dict[str, Any]]:
        """The nodes that the page's menu is drawn from, the annual reports' at the third level."""
        reports = _node(ANNUAL, NAME, 3210, len(self.posts))
        if self.elsewhere:
            reports["children"].append(_node(3217, "历史年报", ANNUAL, jump_url=self.elsewhere))
        guide = _node(3211, "政府信息公开指南", 3210, jump_url=f"{self.base}/zwgk/zfxxgkzn/index.html")
        rules = _node(3212, "政府信息公开制度", 3210)
        disclosed = _node(3210, "政府信息公开", 3205, children=[guide, rules, reports])
        statutory = _node(3201, "法定主动公开内容", children=[_node(3202, "机构职能", 3201)])
        return [statutory, _node(3205, "其他", children=[disclosed])]

    def listed(self, category: int, number: int) -> Sequence[Post]:
        """The posts on a page of a category; 0 is all."""
        if category not in (0, ANNUAL):
            return ()
        newest = sorted(self.posts, key=lambda post: post.article.at, reverse=True)
        return newest[(number - 1) * self.rows : number * self.rows]

    def as_json(self, post: Post) -> dict[str, Any]:
        """A post as the list's JSON has it."""
        stamp = int((post.article.at - _CHINA).replace(tzinfo=UTC).timestamp())
        return {
            "id": post.number,
            "title": post.article.title,
            "identifier": f"11990206MB{self.sid}XQ/{post.article.at.year}-{post.number % 100_000:05d}",
            "document_number": "",
            "publisher": post.article.source,
            "classify_main_name": NAME,
            "date": stamp,
            "first_publish_time": stamp,
            "display_publish_time": stamp,
            "url": self.base + self.address(post.number),
            "post_url": self.base + post.article.path if post.article.path else "",
            "is_expired": int(post.flag == "is_expired"),
            "is_abolished": int(post.flag == "is_abolished"),
            "attachment": [{"name": "附件", "url": post.attachment}] if post.attachment else [],
        }


def _node(
    number: int, name: str, parent: int = 0, count: int = 0, children: Sequence[Any] = (), jump_url: str = ""
) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "parent": parent,
        "post_count": count,
        "children": list(children),
        "jump_url": jump_url,
    }


class Host(Routed):
    """A host with directories, whose lists it gives as JSON."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.missing = page("<html><head><title>404</title></head><body>404 页面不存在</body></html>", 404)
        self.directories: dict[str, Directory] = {}

    def answer(self, request: Request) -> Answer:
        prefix, asked_for_list, category = request.path.partition("/gkmlpt/api/all/")
        directory = self.directories.get(prefix)
        if not asked_for_list or directory is None or not category.isdecimal():
            return super().answer(request)
        return self._list(directory, int(category), request.query)

    def _list(self, directory: Directory, category: int, asked: dict[str, str]) -> Answer:
        written = asked.get("page", "0")
        number = max(1, int(written)) if written.isdecimal() else 1
        if directory.single and number > 1:
            return self.missing
        posts = directory.listed(category, number) if asked.get("sid") == directory.sid else ()
        count = len(directory.posts) if category in (0, ANNUAL) else 0
        reply = {
            "classify": {"id": category, "name": NAME, "post_count": count},
            "total": count,
            "articles": [directory.as_json(post) for post in posts],
        }
        return Answer(json.dumps(reply).encode(), 200, "application/json")


def index_page(directory: Directory) -> str:
    """The page whose script asks for the lists."""
    return template("gkmlpt_index.html").substitute(
        name=directory.name,
        sid=directory.sid,
        app_url=directory.app_url,
        tree=json.dumps(directory.tree(), ensure_ascii=False),
    )


def post_page(post: Post, directory: Directory) -> str:
    detail = directory.as_json(post) | {"content": escape(post.article.write())}
    return template("gkmlpt_post.html").substitute(
        shown(post),
        sid=directory.sid,
        app_url=directory.app_url,
        identifier=detail["identifier"],
        day=post.article.day,
        detail=json.dumps(detail, ensure_ascii=False),
        meta=metas(post.article, NAME),
    )


def shown(post: Post) -> dict[str, str]:
    """What both pages of a post show."""
    banner = f'<div class="status">{_BANNERS[post.flag]}</div>' if post.flag else ""
    return {
        "title": escape(post.article.title),
        "source": post.article.source,
        "stamp": f"{post.article.at:%Y-%m-%d %H:%M}",
        "banner": banner,
        "content": post.article.write(),
    }
