"""As much of a page's markup as tells a page from what stands in its place."""

from __future__ import annotations

import html
import re
from functools import cached_property

from scraper.archive import Payload
from scraper.documents.characters import decode

# Bytes of a body that are looked at; what stands in a page's place is shorter, its scripts included.
_LOOKED_AT = 300_000
_HEAD = 8_000
_MANY_LINKS = 5

_TITLE = re.compile(rb"<title[^>]*>(.{0,300}?)</", re.IGNORECASE | re.DOTALL)
_HIDDEN = re.compile(
    r"<(script|style|title|noscript)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.IGNORECASE | re.DOTALL
)
_FRAMES = re.compile(rb"<i?frame\b|<frameset\b|text/xml", re.IGNORECASE)
_PICTURES = re.compile(rb"<(?:img|object|embed|svg|canvas)\b", re.IGNORECASE)
_ASKS = re.compile(rb"<(?:form|input|canvas|iframe)\b", re.IGNORECASE)
_HREF = re.compile(r"""<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
_HANDLER = re.compile(r"""\bonload\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
# Where links lead that pages have which are none: back, and to the start.
_NOWHERE = re.compile(
    r"(?:javascript:.*|#.*|\s*|(?:https?:)?//[^/]*/?|\.{0,2}/?|/?(?:index|default)\.\w+)", re.IGNORECASE
)


class Markup:
    """A payload, seen as a page; what is costly is found out when it is first asked for."""

    def __init__(self, payload: Payload) -> None:
        self._payload = payload
        self.body = payload.body

    @cached_property
    def is_html(self) -> bool:
        """Whether the body is markup, whatever the server calls it."""
        start = self.body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
        return start.startswith(b"<") and not start.startswith(b"<?xml")

    @cached_property
    def has_links(self) -> bool:
        """Whether there are so many links that this is a page, whatever else it holds."""
        few = self.body.count(b"<a ")
        return few >= _MANY_LINKS or few + self.body.count(b"<A ") >= _MANY_LINKS

    @cached_property
    def has_a_link(self) -> bool:
        """Whether there is any link."""
        return b"<a " in self.body or b"<A " in self.body

    @cached_property
    def leads_on(self) -> bool:
        """Whether a link leads anywhere but back or to the start."""
        written = (next(filter(None, groups), "") for groups in _HREF.findall(self.source))
        return any(not _NOWHERE.fullmatch(html.unescape(target)) for target in written)

    @cached_property
    def title(self) -> str:
        """The page's title."""
        match = _TITLE.search(self.body, 0, _HEAD)
        return " ".join(decode(match[1], self._payload.charset).split()) if match else ""

    @cached_property
    def source(self) -> str:
        """The page in characters."""
        return decode(self.body[:_LOOKED_AT], self._payload.charset)

    @cached_property
    def text(self) -> str:
        """What a reader sees."""
        return " ".join(html.unescape(_HIDDEN.sub(" ", self.source)).split())

    @cached_property
    def scripts(self) -> str:
        """What the page runs by itself: its inline scripts, and what it does when it is loaded."""
        handlers = (html.unescape(double or single) for double, single in _HANDLER.findall(self.source))
        return "\n".join([*_SCRIPT.findall(self.source), *handlers]).strip()

    @property
    def has_frames(self) -> bool:
        """Whether the page is made of others, or of records in a script."""
        return _FRAMES.search(self.body) is not None

    @property
    def has_pictures(self) -> bool:
        """Whether pictures may say what the text does not."""
        return _PICTURES.search(self.body) is not None

    @property
    def asks(self) -> bool:
        """Whether the page wants something from its reader."""
        return _ASKS.search(self.body) is not None
