"""Hanweb's disclosure module: a tree of organs, and one address for each organ's reports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from scraper.portals.lead import Lead
from scraper.portals.page import Page
from scraper.portals.signs import Reason

_AREA = re.compile(r"\barea\b[\"']?\s*[=:]\s*[\"']?([0-9A-Z]{9,18})\b")
_TREE = re.compile(r"(?:/module/xxgk/)?tree\.jsp[^\"'\s<>)]*")


def fingerprint(page: Page) -> str | None:
    """Addresses of the module."""
    found = re.search(r"/module/xxgk/\w+\.jsp", page.url + page.text)
    return found.group(0) if found else None


def leads(page: Page) -> Iterator[Lead]:
    """The tree of organs, and the annual reports of every organ that the page names."""
    module = urljoin(page.url, "/module/xxgk/")
    for tree in dict.fromkeys(_TREE.findall(page.text)):
        reason = Reason("address", "tree.jsp", 60)
        yield Lead(urljoin(module, tree.replace("&amp;", "&")), "directory", "tree.jsp", (reason,))
    if "tree.jsp" in page.url or "search.jsp" in page.url:
        for area in dict.fromkeys(_AREA.findall(page.text)):
            reason = Reason("address", f"area={area}", 80)
            yield Lead(f"{module}xxgkAnnualReport.jsp?area={area}", "list", area, (reason,), guess=True)
