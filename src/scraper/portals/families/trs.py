"""TRS WCM (拓尔思): files named by date, pagers drawn by ``createPageHTML``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from scraper.portals.lead import Lead, more_of
from scraper.portals.page import Page

_MARKS = re.compile(r"TRS_Editor|trs_editor_view|TRS_UEDITOR|createPageHTML\(\s*\d|/t20\d{6}_\d+\.s?html?")
# Shanghai's scripts name the number of pages alone.
_TOTAL = re.compile(r"\btotalPage\s*[:=]\s*[\"']?(\d{1,3})")


def fingerprint(page: Page) -> str | None:
    """The editor's classes, the pager's name, or a file named by date."""
    found = _MARKS.search(page.text)
    return found.group(0) if found else None


def leads(page: Page) -> Iterator[Lead]:
    """``index_1.html`` and on, where a script names nothing but the number of pages."""
    found = _TOTAL.search(page.text)
    if found and "createPage" not in page.text:
        suffix = "shtml" if page.url.endswith("shtml") else "html"
        for number in range(1, int(found[1])):
            yield more_of(urljoin(page.url, f"index_{number}.{suffix}"), "pager")
