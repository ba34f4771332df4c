"""Lonsun (龙讯): each organ's reports under ``type=3``, the organs in a tree in JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin

from scraper.portals.lead import Lead
from scraper.portals.page import Page
from scraper.portals.signs import Reason

_MARKS = re.compile(r"/public/column/\w+|/site/label/\d+|labelName=\w+")
_TREE = re.compile(r"(/site/label/\d+\?[^\"'\s<>]*labelName=columnTree[^\"'\s<>]*)")
# type=1 are rules, 2 guides, 4 the catalogue, 5 requests.
_REPORTS = "3"


def fingerprint(page: Page) -> str | None:
    """Addresses of the system."""
    found = _MARKS.search(page.url) or _MARKS.search(page.text)
    return found.group(0) if found else None


def leads(page: Page) -> Iterator[Lead]:
    """The tree of organs, and the annual reports of every organ in it."""
    if page.data is not None and "columnTree" in page.url:
        for organ, name in _organs(page):
            url = urljoin(page.url, f"/public/column/{organ}?type={_REPORTS}")
            yield Lead(url, "list", name, (Reason("address", "type=3", 80),), guess=True)
    for written in dict.fromkeys(_TREE.findall(unescape(page.text))):
        url = urljoin(page.url, written)
        yield Lead(url, "directory", "columnTree", (Reason("address", "columnTree", 60),), is_reply=True)


def _organs(page: Page) -> Iterator[tuple[str, str]]:
    """Number and name of each organ; what has organs below it is a group of them."""
    waiting = [page.data]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            waiting.extend(value for value in node.values() if isinstance(value, list | dict))
            number = node.get("organId") or node.get("id")
            if number and not node.get("isParent") and not node.get("children"):
                yield str(number), str(node.get("name", ""))
