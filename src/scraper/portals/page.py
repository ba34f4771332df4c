"""A fetched page or reply of a portal's interface, as its links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, Literal, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.documents.characters import decode, fold
from scraper.portals.addresses import join, resolve_base
from scraper.portals.wording import pattern, wording

Source = Literal["anchor", "frame", "script", "data"]

_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_LOCATION = re.compile(r"<loc>\s*([^<]+?)\s*</loc>")
_ROW = re.compile(r"^\s*<tr\b", re.IGNORECASE)
_SCRIPT_RECORD = re.compile(r"\{[^{}]{10,2000}\}")
_SCRIPT_FIELD = re.compile(r"""["']?(\w+)["']?\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
# Deeper or longer replies are no lists.
_MOST_RECORDS = 20_000


class Link(NamedTuple):
    """An address that a page leads to, with what the page calls it, folded.

    ``shown`` is the text as far as the page shows it, ``classes`` those of the link and its parent.
    """

    url: str
    label: str
    source: Source = "anchor"
    shown: str = ""
    classes: str = ""


@dataclass(frozen=True)
class Page:
    """A page at ``url``: its characters, and what can be seen in them.

    A reply of an interface (JSON, XML) is a page too; its links are those of its records.
    """

    url: str
    text: str

    @property
    def tree(self) -> LexborHTMLParser:
        """The page's DOM, to be read only."""
        return _dom(self.text)

    @cached_property
    def data(self) -> Any:
        """The reply as JSON; None where it is none."""
        if self.text.lstrip()[:1] not in ("{", "["):
            return None
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    @cached_property
    def base(self) -> str:
        """The address that links are relative to."""
        element = self.tree.css_first("base[href]")
        return resolve_base(element.attributes.get("href") if element else None, self.url)

    @cached_property
    def scripts(self) -> tuple[str, ...]:
        """The texts of the page's scripts."""
        return tuple(text for node in self.tree.css("script") if (text := node.text()))

    @cached_property
    def metadata(self) -> dict[str, str]:
        """The page's meta tags, names in lower case; the first of a name counts."""
        found: dict[str, str] = {}
        for node in self.tree.css("meta[name]"):
            attributes = node.attributes
            found.setdefault((attributes.get("name") or "").lower(), attributes.get("content") or "")
        return found

    @cached_property
    def shown(self) -> str:
        """The page's visible text, folded."""
        body = self.tree.body
        return fold(body.text(separator=" ")) if body else ""

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """All links in the order of the page, each address and label once."""
        if self.data is not None:
            found = _data_links(self.data, self.url)
        elif self.text.lstrip()[:5] == "<?xml" or self.text.lstrip()[:10].lower() == "<datastore":
            found = chain(_record_links(self.text, self.url), _mapped_links(self.text, self.url))
        else:
            found = self._html_links()
        return tuple(dict.fromkeys(found))

    def _html_links(self) -> Iterator[Link]:
        root = self.tree.root
        if root is not None and _ROW.match(self.text):
            yield from fragment_links(self.text, self.base)
            return
        if root is not None:
            yield from _element_links(root, self.base)
        for script in self.scripts:
            if "CDATA" in script:
                yield from _record_links(script, self.base)
            elif pattern("script", "record").search(script):
                yield from _script_links(script, self.base)


# A DOM takes a megabyte and more, and a page may be kept while its list is followed for hours: only that
# of the page that is being looked at is kept.
_dom = lru_cache(maxsize=1)(LexborHTMLParser)


def page_of(body: bytes, charset: str | None, url: str) -> Page:
    """The page of a response's body."""
    return Page(url, decode(body, charset))


def fragment_links(html: str, base: str) -> Iterator[Link]:
    """The links of a piece of a page; rows of a table without their table among them."""
    tree = LexborHTMLParser(f"<table>{html}</table>" if _ROW.match(html) else html)
    if tree.root is not None:
        yield from _element_links(tree.root, base)


def _element_links(root: LexborNode, base: str) -> Iterator[Link]:
    for node in root.css("a, area[href], iframe, frame, option[value], [data-href], [onclick]"):
        attributes = node.attributes
        if node.tag in ("iframe", "frame"):
            target = join(base, attributes.get("src") or "") or join(base, attributes.get("data-src") or "")
            if target:
                yield Link(target, fold(attributes.get("title") or ""), "frame")
            continue
        target = _written_target(node.tag, attributes, base)
        if target is None and (acts := attributes.get("onclick")):
            literal = pattern("script", "onclick").search(acts)
            target = join(base, literal["url"]) if literal else None
        if target:
            yield _anchor(node, attributes, target)


def _written_target(tag: str | None, attributes: dict[str, str | None], base: str) -> str | None:
    """The address in an element's attributes; the choices of a menu often are addresses."""
    written = attributes.get("href") or attributes.get("data-href") or ""
    if tag == "option":
        written = attributes.get("value") or ""
        if not written.startswith(("http", "/", "./", "../")):
            return None
    return join(base, written)


def _anchor(node: LexborNode, attributes: dict[str, str | None], target: str) -> Link:
    shown = " ".join(node.text(deep=True).split())
    titled = attributes.get("title") or ""
    # Lists cut long titles and keep the whole one in an attribute.
    label = titled if len(titled) > len(shown) or not shown else shown
    if not label:
        picture = node.css_first("img[alt]")
        label = (picture.attributes.get("alt") or "") if picture else (attributes.get("alt") or "")
    classes = attributes.get("class") or ""
    if node.parent is not None:
        classes = f"{classes} {node.parent.attributes.get('class') or ''}"
    return Link(target, fold(" ".join(label.split())), "anchor", fold(shown), classes)


def _record_links(text: str, base: str) -> Iterator[Link]:
    """The links of records that lie in CDATA sections, where no HTML parser sees them."""
    for record in _CDATA.findall(text):
        for link in fragment_links(record, base):
            yield link._replace(source="data")


def _mapped_links(text: str, base: str) -> Iterator[Link]:
    """The addresses of a site map in XML, which says nothing else of them."""
    for written in _LOCATION.findall(text):
        target = join(base, written)
        if target:
            yield Link(target, "", "data")


def _script_links(script: str, base: str) -> Iterator[Link]:
    """The links of records that a script draws: ``{"URL": …, "TITLE": …}``."""
    for record in _SCRIPT_RECORD.findall(script):
        fields = {name: one or other for name, one, other in _SCRIPT_FIELD.findall(record)}
        if link := _record_link(fields, base):
            yield link._replace(source="script")


def _data_links(data: Any, base: str) -> Iterator[Link]:
    """The links of JSON records, and of pages that stand in JSON as text."""
    waiting, seen = [data], 0
    while waiting and seen < _MOST_RECORDS:
        item = waiting.pop(0)
        seen += 1
        if isinstance(item, dict):
            if link := _record_link(item, base):
                yield link
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str) and "<a" in item.lower():
            for link in fragment_links(item, base):
                yield link._replace(source="data")


def _record_link(record: dict[str, Any], base: str) -> Link | None:
    named = {name.lower(): value for name, value in record.items() if isinstance(value, str) and value}
    written = next((named[name] for name in wording()["record"]["address"] if name in named), None)
    title = next((named[name] for name in wording()["record"]["title"] if name in named), None)
    if written is None or title is None:
        return None
    target = join(base, written.replace("\\/", "/"))
    label = " ".join(LexborHTMLParser(title).text().split()) if "<" in title else title
    return Link(target, fold(label), "data") if target else None
