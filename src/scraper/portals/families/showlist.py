"""Anhui's disclosure portals: lists as ``page_1.html`` and on, beyond whose end the last page repeats."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scraper.portals.lead import Lead, more_of
from scraper.portals.page import Page

_MARKS = re.compile(
    r"/(?:OpennessContent|News)/showList/|/(?:Xxgk|Openness)?AnnualReport/show/|/Xxgknb/show/"
)
_PAGE = re.compile(r"/page_(\d{1,3})\.html")
_MOST_PAGES = 200


def fingerprint(page: Page) -> str | None:
    """Addresses of the system."""
    found = _MARKS.search(page.url) or _MARKS.search(page.text)
    return found.group(0) if found else None


def leads(page: Page) -> Iterator[Lead]:
    """The page behind this one, where the list has no link to it."""
    found = _PAGE.search(page.url)
    if found and int(found[1]) < _MOST_PAGES:
        yield more_of(_PAGE.sub(f"/page_{int(found[1]) + 1}.html", page.url), "steps", guess=True)
