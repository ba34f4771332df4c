"""VSB (博达): the pages behind a list's first are numbered downwards, in a folder named like the list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from scraper.portals.lead import Lead, more_of
from scraper.portals.page import Page

_MARKS = re.compile(
    r"id=[\"']?vsb_content|_vsb|wbtreeid|/system/_content/|class=[\"']?p_pages", re.IGNORECASE
)
_PAGES = re.compile(r"共\s*\d+\s*条\s*(?:&nbsp;|\s)*1\s*/\s*(\d{1,3})")


def fingerprint(page: Page) -> str | None:
    """Names that the system writes into every page."""
    found = _MARKS.search(page.text)
    return found.group(0) if found else None


def leads(page: Page) -> Iterator[Lead]:
    """``list/2.htm`` and ``list/1.htm`` behind ``list.htm``, where it says 1/3 and shows no link."""
    found = _PAGES.search(page.text)
    folder, dot, suffix = urlsplit(page.url).path.rpartition(".")
    if found and dot:
        for number in range(int(found[1]) - 1, 0, -1):
            yield more_of(urljoin(page.url, f"{folder}/{number}.{suffix}"), "pager", guess=True)
