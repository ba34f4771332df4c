"""Hanweb JCMS (大汉): a column's records lie in a data store in the page, more behind ``dataproxy.jsp``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from scraper.portals.lead import Lead, more_of
from scraper.portals.page import Page

_STORE = re.compile(r"<datastore>.*?</datastore>", re.DOTALL)
_PROXY = re.compile(r"[\"']?((?:https?://[^\"'\s<>]*)?/module/[^\"'\s<>]*dataproxy\.jsp[^\"'\s<>]*)")
_FIELD = re.compile(
    r"[\"']?\b(col|appid|webid|path|columnid|sourceContentType|unitid|webname|permissiontype)\b[\"']?"
    r"\s*[:=]\s*[\"']?([^\"',;&<>\s)}]*)"
)
_PER_PAGE = re.compile(r"\bperpage\b[\"']?\s*[:=]\s*[\"']?(\d{1,3})", re.IGNORECASE)
_TOTAL = re.compile(r"<totalrecord>\s*(\d+)")
_RECORD = re.compile(r"<record>")
_PAGE_OF_PROXY = frozenset({"startrecord", "endrecord", "perpage", "page"})


def fingerprint(page: Page) -> str | None:
    """The data store, or the proxy's name."""
    found = re.search(r"<datastore>|/module/[^\"'\s]*dataproxy\.jsp", page.text)
    return found.group(0) if found else None


def leads(page: Page) -> Iterator[Lead]:
    """The records behind those that the page holds, by POST as the page's script asks, then by GET."""
    found, total = _PROXY.search(page.text), _TOTAL.search(page.text)
    if found is None or total is None or "dataproxy.jsp" in page.url:
        return
    parts = urlsplit(urljoin(page.url, found[1].replace("&amp;", "&")))
    fields = {name: value for name, value in _FIELD.findall(page.text) if value} | dict(
        parse_qsl(parts.query)
    )
    fields = {"col": "1", **{name: v for name, v in fields.items() if name not in _PAGE_OF_PROXY}}
    proxy = parts._replace(query="").geturl()
    for where in _windows(page.text, int(total[1])):
        yield more_of(f"{proxy}?{urlencode(where)}", "data", posted=urlencode(fields).encode(), is_reply=True)
    for where in _windows(page.text, int(total[1])):
        yield more_of(f"{proxy}?{urlencode({**where, **fields})}", "interface", is_reply=True)


def _windows(text: str, total: int) -> Iterator[dict[str, int]]:
    """Runs of records, each three of the portal's pages long, as its own script asks for them."""
    store = _STORE.search(text)
    held = len(_RECORD.findall(store.group(0))) if store else 0
    asked = _PER_PAGE.search(text)
    per_page = int(asked[1]) if asked and int(asked[1]) else 15
    step = max(held, per_page)
    for start in range(held + 1, total + 1, step):
        yield {"startrecord": start, "endrecord": min(start + step - 1, total), "perpage": per_page}
