"""Hanweb JPaaS: the first page of a column is in the page, the others behind its unit interface."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from math import ceil
from urllib.parse import urlencode, urljoin

from scraper.portals.lead import Lead, more_of
from scraper.portals.page import Page

_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_FIELD = re.compile(
    r"['\"](webId|pageId|tagId|tplSetId|parseType|pageType|editType)['\"]\s*:\s*['\"]([^'\"]*)['\"]"
)
_MOST_PAGES = 200


def fingerprint(page: Page) -> str | None:
    """The attribute that holds the query."""
    return "queryData" if page.tree.css_first("[querydata]") is not None else None


def leads(page: Page) -> Iterator[Lead]:
    """The pages behind the first of each column on the page, as its own script asks for them."""
    for node in page.tree.css("[querydata]"):
        said = node.attributes
        fields = dict(_FIELD.findall(unescape(said.get("querydata") or "")))
        count, rows = _number(said.get("count")), _number(said.get("rows"))
        if not fields or not count or not rows:
            continue
        unit = urljoin(page.url, said.get("uniturl") or _UNIT)
        query = {"parseType": "bulidstatic", "pageType": "column", "editType": "null", **fields}
        for number in range(2, min(ceil(count / rows), _MOST_PAGES) + 1):
            asked = json.dumps({"pageNo": number, "pageSize": rows}, separators=(",", ":"))
            url = f"{unit}?{urlencode({**query, 'paramJson': asked})}"
            yield more_of(url, "interface", is_reply=True)


def _number(written: str | None) -> int:
    return int(written) if written and written.isdigit() else 0
