"""Hanweb JCMS (大汉): lists in data stores, whose proxy mostly wants to be posted to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scraper.portals.datastores import windows_of
from scraper.portals.lead import Lead, more_of
from scraper.portals.page import Page

_MARKS = re.compile(r"<datastore>|/module/[^\"'\s]*dataproxy\.jsp")


def fingerprint(page: Page) -> str | None:
    """The data store, or the proxy's name."""
    found = _MARKS.search(page.text)
    return found.group(0) if found else None


def leads(page: Page) -> Iterator[Lead]:
    """The records behind those in the page, by POST as the page's own script asks."""
    for url, fields in windows_of(page):
        yield more_of(url, "data", posted=fields.encode(), is_reply=True)
