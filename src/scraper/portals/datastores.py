"""Lists whose records lie in a data store in the page, and more of them behind a proxy that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from scraper.portals.page import Page
from scraper.portals.wording import pattern

_STORE = re.compile(r"<datastore>.*?</datastore>", re.DOTALL)
_RECORD = re.compile(r"<record>")
_TOTAL = re.compile(r"<totalrecord>\s*(\d+)")
_PER_PAGE = re.compile(r"\bperpage\b[\"']?\s*[:=]\s*[\"']?(\d{1,3})", re.IGNORECASE)
_FIELD = re.compile(
    r"[\"']?\b(col|appid|webid|path|columnid|sourceContentType|unitid|webname|permissiontype)\b[\"']?"
    r"\s*[:=]\s*[\"']?([^\"',;&<>\s)}]*)"
)
_PLACE = frozenset({"startrecord", "endrecord", "perpage", "page"})
_USUAL = 15


@dataclass(frozen=True)
class Store:
    """A data store's proxy, the fields that tell it which list is meant, and what the page holds of it.

    ``windows`` are runs of records behind those in the page, as the page's own script asks for them.
    """

    proxy: str
    fields: str
    windows: tuple[str, ...]


def windows_of(page: Page) -> Iterator[tuple[str, str]]:
    """The address of each run of records that ``page`` doesn't hold, and the fields that go with it."""
    store = store_of(page)
    if store is not None:
        for window in store.windows:
            yield f"{store.proxy}?{window}", store.fields


def store_of(page: Page) -> Store | None:
    """The data store of ``page``; None where it has none, or holds all of it."""
    named, total = pattern("script", "proxy").search(page.text), _TOTAL.search(page.text)
    if named is None or total is None or pattern("script", "proxy").search(page.url):
        return None
    parts = urlsplit(urljoin(page.url, named["url"].replace("&amp;", "&")))
    fields = {name: value for name, value in _FIELD.findall(page.text) if value} | dict(
        parse_qsl(parts.query)
    )
    fields = {"col": "1", **{name: value for name, value in fields.items() if name not in _PLACE}}
    windows = tuple(urlencode(window) for window in _windows(page.text, int(total[1])))
    return Store(parts._replace(query="").geturl(), urlencode(fields), windows)


def _windows(text: str, total: int) -> Iterator[dict[str, int]]:
    """Runs of records as long as the one in the page: three pages of the list, mostly."""
    store = _STORE.search(text)
    held = len(_RECORD.findall(store.group(0))) if store else 0
    asked = _PER_PAGE.search(text)
    per_page = int(asked[1]) if asked and int(asked[1]) else _USUAL
    step = max(held, per_page)
    for start in range(held + 1, total + 1, step):
        yield {"startrecord": start, "endrecord": min(start + step - 1, total), "perpage": per_page}
