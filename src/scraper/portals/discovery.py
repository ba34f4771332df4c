"""Reads a page of an annual-report list: the reports it links to, and the list's other pages."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper.documents.characters import fold
from scraper.forms.identity import names_report


@dataclass(frozen=True)
class ListPage:
    """Addresses found on one page of a list, in the order of the page.

    ``content`` are all that it links to on its host but for the list's own pages: a page of the list
    whose content was all seen before is the end of it.
    """

    reports: tuple[str, ...]
    pages: tuple[str, ...]
    content: frozenset[str]


@cache
def wording() -> dict[str, Any]:
    """The words and bounds of ``discovery.toml``."""
    return tomllib.loads((files(__package__) / "discovery.toml").read_text(encoding="utf-8"))


def read_list(text: str, url: str) -> ListPage:
    """The report links and further pages of the list page ``text`` at ``url``, on the same host."""
    tree = LexborHTMLParser(text)
    base = tree.css_first("base[href]")
    root = urljoin(url, base.attributes.get("href") or "") if base else url
    reports: dict[str, None] = {}
    pages: dict[str, None] = {}
    content: set[str] = set()
    for anchor in tree.css("a[href]"):
        target = _address(anchor, root)
        if target is None or urlsplit(target).netloc != urlsplit(url).netloc:
            continue
        if _leads_on(anchor, target, url):
            pages.setdefault(target)
            continue
        content.add(target)
        if _is_report(anchor):
            reports.setdefault(target)
    for target in _drawn_by_script(text, url):
        pages.setdefault(target)
    pages.pop(url, None)
    return ListPage(tuple(reports), tuple(pages), frozenset(content))


def _address(anchor: LexborNode, root: str) -> str | None:
    written = (anchor.attributes.get("href") or "").strip().replace("\\", "/")
    if not written or written.lower().startswith(("javascript:", "mailto:", "#")):
        return None
    try:
        return urldefrag(urljoin(root, written)).url
    except ValueError:
        return None


def _is_report(anchor: LexborNode) -> bool:
    """Whether a link's text, or the full title behind a shortened text, is a report's title."""
    shown = anchor.attributes.get("title") or anchor.text(deep=True)
    return names_report(shown)


def _leads_on(anchor: LexborNode, target: str, url: str) -> bool:
    words = fold(anchor.text(deep=True)).strip()
    if words in wording()["next_words"]:
        return True
    classes = set((anchor.attributes.get("class") or "").split())
    if anchor.parent is not None:
        classes |= set((anchor.parent.attributes.get("class") or "").split())
    if classes & set(wording()["next_classes"]):
        return True
    return words.isdigit() and len(words) <= 4 and _same_list(target, url)


def _same_list(target: str, url: str) -> bool:
    """Whether two addresses differ only as the pages of one list do: in the query or the file name."""
    one, other = urlsplit(target), urlsplit(url)
    if one.path == other.path:
        return one.query != other.query
    return one.path.rpartition("/")[0] == other.path.rpartition("/")[0]


def _drawn_by_script(text: str, url: str) -> Iterator[str]:
    for call in re.finditer(wording()["pager_call"], text):
        total = min(int(call["total"]), wording()["most_pages"])
        first, last = (2, total) if call["element"] else (1, total - 1)
        for number in range(first, last + 1):
            yield urljoin(url, f"{call['name']}_{number}.{call['suffix']}")
