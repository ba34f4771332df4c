"""Lonsun (龙讯): each organ's reports under ``type=3``, lists as fragments of pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from scraper.portals.lead import Lead, more_of
from scraper.portals.page import Page
from scraper.portals.signs import Reason

_MARKS = re.compile(r"/public/column/\w+|/site/label/\d+|labelName=\w+")
_LABEL = re.compile(r"(/site/label/\d+\?[^\"'\s<>]*labelName=(\w+)[^\"'\s<>]*)")
_ORGAN = re.compile(r"[\"']?(?:organId|organid)[\"']?\s*[:=]\s*[\"']?(\d{2,9})")
_PAGES = re.compile(
    r"(?:pageCount|totalPage|pageTotal|data-pages?)[\"']?\s*[:=]\s*[\"']?(\d{1,3})", re.IGNORECASE
)
_REPORTS = "3"
_MOST_PAGES = 100


def fingerprint(page: Page) -> str | None:
    """Addresses of the system."""
    found = _MARKS.search(page.url) or _MARKS.search(page.text)
    return found.group(0) if found else None


def leads(page: Page) -> Iterator[Lead]:
    """The annual reports of every organ of a tree, and a list's further pages."""
    if "labelName=publicInfoList" in page.url:
        yield from _next_fragment(page)
        return
    if page.data is not None:
        yield from _organs(page)
        return
    for written, label in dict.fromkeys(_LABEL.findall(unescape(page.text))):
        url = urljoin(page.url, written)
        if label == "columnTree":
            yield Lead(url, "directory", label, (Reason("address", label, 60),), is_reply=True)
        elif label == "publicInfoList" and f"type={_REPORTS}" in f"{url}&{urlsplit(page.url).query}":
            yield more_of(_with_page(url, 1), "interface", is_reply=True)


def _organs(page: Page) -> Iterator[Lead]:
    """The organs of a tree in JSON."""
    waiting = [page.data]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            waiting.extend(value for value in node.values() if isinstance(value, list | dict))
            organ = node.get("organId") or node.get("id")
            if organ and (node.get("isOrgan") or "organId" in node or "name" in node):
                url = urljoin(page.url, f"/public/column/{organ}?type={_REPORTS}")
                yield Lead(url, "list", str(node.get("name", organ)), (Reason("address", "type=3", 80),))


def _next_fragment(page: Page) -> Iterator[Lead]:
    """The fragment behind this one; a list ends where fragments repeat or hold nothing."""
    number = dict(parse_qsl(urlsplit(page.url).query)).get("pageIndex", "1")
    if page.links and number.isdigit() and int(number) < _MOST_PAGES:
        yield more_of(_with_page(page.url, int(number) + 1), "interface", is_reply=True, guess=True)


def _with_page(url: str, number: int) -> str:
    parts = urlsplit(url)
    fields = {**dict(parse_qsl(parts.query, keep_blank_values=True)), "pageIndex": str(number)}
    return parts._replace(query=urlencode(fields)).geturl()
