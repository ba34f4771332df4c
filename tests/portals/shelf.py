"""A host of a long-tail portal: what lies at its addresses, in the characters that it writes."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from portals.routes import Routed, Write, template
from portals.web import Answer, Request

# What the hosts' programs don't look at in a query.
_NOISE = frozenset({"t", "_"})


@dataclass(frozen=True)
class Line:
    """A line of a list: its words, where it leads, the date beside it."""

    words: str
    href: str
    date: str


WriteList = Callable[[Sequence[Line], int, int], str]
"""Writes a page of a list from its lines, its number and the count of pages."""


class Shelf(Routed):
    """One host with its pages.

    They are written in ``charset``, which their header says unless ``declared`` is false.
    """

    def __init__(self, host: str, *, platform: str = "", tls: ssl.SSLContext | None = None) -> None:
        super().__init__(host, platform=platform)
        self.tls = tls
        self.charset = "utf-8"
        self.declared = True

    def url(self, target: str) -> str:
        """The whole address of ``target``."""
        return f"{'https' if self.tls else 'http'}://{self.hosts[0]}{target}"

    def lay(self, target: str, write: Callable[[], str]) -> str:
        """Lays the page that ``write`` gives at a path, with or without query. Returns its address."""
        self.put(target, lambda request: self.page(write()))
        return self.url(target)

    def lay_filled(self, target: str, page: str, **fields: str) -> str:
        """Lays a page of the folder ``pages`` with its places filled. Returns its address."""
        return self.lay(target, lambda: filled(page, fields))

    def lay_file(self, target: str, make: Callable[[], bytes], content_type: str) -> str:
        """Lays the file that ``make`` gives at ``target``. Returns its address."""
        self.put(target, lambda request: Answer(make(), content_type=content_type))
        return self.url(target)

    def lay_list(
        self, address: Callable[[int], str], lines: Sequence[Line], per_page: int, write: WriteList
    ) -> None:
        """Lays a list at ``address(1)``, ``address(2)`` and so on, with ``per_page`` lines on each page."""
        count = max(1, -(-len(lines) // per_page))
        for number in range(1, count + 1):
            shown = lines[(number - 1) * per_page : number * per_page]
            self.lay(address(number), partial(write, shown, number, count))

    def replace(self, target: str, write: Write) -> Write:
        """Lays another answer at a path. Returns what answered there before."""
        before = self._routes.pop(target)
        self.put(target, write)
        return before

    def page(self, text: str, status: int = 200) -> Answer:
        """The answer that shows ``text``."""
        charset = f"; charset={self.charset}" if self.declared else ""
        return Answer(text.encode(self.charset), status, f"text/html{charset}")

    def answer(self, request: Request) -> Answer:
        parts = urlsplit(request.target)
        fields = [field for field in parse_qsl(parts.query, keep_blank_values=True) if field[0] not in _NOISE]
        target = f"{parts.path}?{urlencode(fields)}" if fields else parts.path
        return super().answer(Request(request.method, request.host, target, request.headers, request.body))


def filled(page: str, fields: Mapping[str, str]) -> str:
    """A page of the folder ``pages`` with its places filled."""
    return template(page).substitute(fields)


def list_items(lines: Sequence[Line]) -> str:
    """The items of a list with ``lines``."""
    return "\n".join(
        f'<li><a href="{escape(line.href)}">{escape(line.words)}</a><span>{line.date}</span></li>'
        for line in lines
    )


def article(page: str, heading: str, day: str, source: str, inner: str, attached: str = "") -> str:
    """An article as the style ``page`` prints it."""
    fields = {"title": escape(heading), "date": day, "source": source, "body": inner, "files": attached}
    return filled(f"{page}.html", fields)
