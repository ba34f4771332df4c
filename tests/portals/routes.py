"""A site whose pages are written when they are asked for, and which says when they last changed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from string import Template
from urllib.parse import parse_qsl, urlencode, urlsplit

from portals.web import NOT_FOUND, Answer, Request, Site

Write = Callable[[Request], Answer]
"""What an address answers; called for each request, so that a site is built in no time."""

_PAGES = Path(__file__).parent / "pages"


class Routed(Site):
    """A site by its addresses: those with a query come before those without, its order doesn't matter."""

    missing = NOT_FOUND

    def __init__(self, *hosts: str, platform: str = "") -> None:
        self.hosts = hosts
        self.platform = platform
        self._routes: dict[str, Write] = {}

    def put(self, target: str, write: Write) -> None:
        """Has ``write`` answer at a path, whatever the query, or at a path with one query."""
        key = _ordered(target)
        assert key not in self._routes, f"{target} was put twice"
        self._routes[key] = write

    def answer(self, request: Request) -> Answer:
        write = self._routes.get(_ordered(request.target)) or self._routes.get(request.path)
        return write(request) if write else self.missing


def template(name: str) -> Template:
    """A page of the folder ``pages`` with its places to fill."""
    return Template(_text(name))


@cache
def _text(name: str) -> str:
    return (_PAGES / name).read_text(encoding="utf-8")


def dated(request: Request, day: date, answer: Answer) -> Answer:
    """``answer`` with ETag and Last-Modified, or 304 where the client has it already."""
    changed = datetime(day.year, day.month, day.day, 1, 30, tzinfo=UTC)
    tag = f'"{sha256(answer.body).hexdigest()[:16]}"'
    headers = (("ETag", tag), ("Last-Modified", format_datetime(changed, usegmt=True)))
    if _has_it(request, tag, changed):
        return Answer(status=304, content_type=None, headers=headers)
    return Answer(answer.body, answer.status, answer.content_type, (*answer.headers, *headers))


def _has_it(request: Request, tag: str, changed: datetime) -> bool:
    known, since = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
    if known is not None:
        return tag in (part.strip().removeprefix("W/") for part in known.split(","))
    return since is not None and parsedate_to_datetime(since) >= changed


def _ordered(target: str) -> str:
    parts = urlsplit(target)
    fields = sorted(parse_qsl(parts.query, keep_blank_values=True))
    return f"{parts.path}?{urlencode(fields)}" if fields else parts.path


@cache
def news() -> list[tuple[str, str]]:
    """Titles and paragraphs of everyday news."""
    return [(title, said) for title, said in tomllib.loads(_text("news.toml"))["news"]]
