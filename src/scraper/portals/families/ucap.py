"""UCAP (开普云): static lists, and a search interface for each channel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil
from urllib.parse import urljoin

from scraper.portals.lead import Lead, more_of
from scraper.portals.page import Page

_MARKS = re.compile(r"<UCAP(?:CONTENT|TITLE)|/common/search/", re.IGNORECASE)
_SEARCH = "/common/search/{channel}?_isAgg=true&_isJson=true&_pageSize=15&_template=index&page={page}"
_CHANNEL = re.compile(r"""\bchannelId\b["']?\s*[=:]\s*["']?(\w+)|/c(\d{5,6})/""")
_ASKED = re.compile(r"/common/search/[^?]+\?.*\bpage=(\d+)")
_MOST_PAGES = 200


def fingerprint(page: Page) -> str | None:
    """The channel's number, the content's element, or the interface's address."""
    if page.metadata.get("channelid"):
        return "channelid"
    found = _MARKS.search(page.url + page.text)
    return found.group(0) if found else None


def leads(page: Page) -> Iterator[Lead]:
    """The channel's records from the interface, page after page."""
    asked = _ASKED.search(page.url)
    if asked is None:
        channel = _channel_of(page)
        if channel and not page.metadata.get("articletitle"):
            first = urljoin(page.url, _SEARCH.format(channel=channel, page=1))
            yield more_of(first, "interface", is_reply=True, guess=True)
        return
    held = page.data.get("data") if isinstance(page.data, dict) else None
    if not isinstance(held, dict) or asked[1] != "1":
        return
    total, rows = held.get("total"), held.get("rows")
    if isinstance(total, int) and isinstance(rows, int) and rows:
        for number in range(2, min(ceil(total / rows), _MOST_PAGES) + 1):
            url = re.sub(r"\bpage=1\b", f"page={number}", page.url)
            yield more_of(url, "interface", is_reply=True)


def _channel_of(page: Page) -> str | None:
    """The channel's number: of the meta tags, of a script, or of the address."""
    named = page.metadata.get("channelid", "")
    found = _CHANNEL.search(page.text) or _CHANNEL.search(page.url)
    return named if named.isalnum() else found and (found[1] or found[2])
