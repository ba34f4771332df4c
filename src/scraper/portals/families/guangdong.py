"""Guangdong's disclosure platform (gkmlpt): a tree of columns, each behind a JSON interface."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from math import ceil
from typing import Any
from urllib.parse import urljoin, urlsplit

from scraper.portals.addresses import join
from scraper.portals.lead import Lead, more_of
from scraper.portals.page import Page
from scraper.portals.signs import Reason

_SID = re.compile(r"[\"']?SID[\"']?\s*:\s*[\"']?(\w+)")
_TREE = re.compile(r"[\"']?TREE[\"']?\s*:\s*(?=\[)")
_REPORTS = re.compile(r"年报|年度报告")
_ASKED = re.compile(r"/gkmlpt/api/all/\d+\?.*\bpage=1(?:&|$)")
# The interface gives no more in one page.
_ROWS = 100
_MOST_PAGES = 100


def fingerprint(page: Page) -> str | None:
    """The configuration in the page, or the interface's address."""
    if "/gkmlpt/" in page.url or "/gkmlpt/" in page.text:
        return "gkmlpt"
    return None


def leads(page: Page) -> Iterator[Lead]:
    """The columns of annual reports in the tree, and the further pages of such a column."""
    if _ASKED.search(page.url):
        yield from _further_pages(page)
        return
    sid = _SID.search(page.text)
    for node in _nodes(_tree(page.text)):
        name = str(node.get("name", ""))
        if not _REPORTS.search(name):
            continue
        reason = (Reason("text", name, 95),)
        jump = join(page.url, str(node.get("jump_url") or ""))
        if jump:
            yield Lead(jump, "list", name, reason)
        elif sid and "id" in node:
            root = urlsplit(page.url).path.partition("/gkmlpt")[0]
            url = urljoin(page.url, f"{root}/gkmlpt/api/all/{node['id']}?page=1&sid={sid[1]}")
            yield Lead(url, "list", name, reason, is_reply=True)


def _further_pages(page: Page) -> Iterator[Lead]:
    classify = page.data.get("classify") if isinstance(page.data, dict) else None
    count = classify.get("post_count") if isinstance(classify, dict) else None
    held = len(page.data.get("articles") or ()) if isinstance(page.data, dict) else 0
    if not isinstance(count, int) or not held:
        return
    for number in range(2, min(ceil(count / min(held, _ROWS)), _MOST_PAGES) + 1):
        url = re.sub(r"\bpage=1\b", f"page={number}", page.url)
        yield more_of(url, "interface", is_reply=True)


def _tree(text: str) -> Any:
    found = _TREE.search(text)
    if found is None:
        return []
    try:
        return json.JSONDecoder().raw_decode(text, found.end())[0]
    except ValueError:
        return []


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = list(tree) if isinstance(tree, list) else []
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, dict):
            yield node
            waiting.extend(node.get("children") or ())
