"""Requests that a page's scripts make for further pages of a list, read without running them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

from scraper.forms.identity import names_report
from scraper.portals.addresses import join
from scraper.portals.lead import Lead, more_of
from scraper.portals.page import Page
from scraper.portals.wording import pattern, wording

_CALL = re.compile(r"(?:\$|jQuery|axios|Ls)\.(?P<verb>ajax|post|get|getJSON|load)\s*\(\s*")
_STRING = re.compile(r"""["']([^"']+)["']""")
_URL_FIELD = re.compile(r"""\burl\s*:\s*["']([^"']+)["']""")
_POST_FIELD = re.compile(r"""\b(?:type|method)\s*:\s*["']post["']""", re.IGNORECASE)
_DATA_FIELD = re.compile(r"\bdata\s*:\s*\{([^{}]*)\}")
_OBJECT = re.compile(r"\{([^{}]*)\}")
_FIELD = re.compile(r"""["']?(\w+)["']?\s*:\s*(?:"([^"]*)"|'([^']*)'|([\w.]+))""")
# As much of a script as one call takes.
_REACH = 1500


def asked_by_scripts(page: Page) -> Iterator[Lead]:
    """Leads to the pages behind the first, from calls whose page number is a variable.

    ``$.post("/list", {column: "7", pageIndex: page})`` and ``"/list?pageIndex=" + page`` alike. How many
    pages there are is said by the page, or else found out one by one.
    """
    if not any(word in page.text for word in wording()["script"]["page_fields"]):
        return
    last = _last_page(page)
    # Some lists leave their first page to the script too.
    first = 2 if any(names_report(link.label) for link in page.links) else 1
    for url, fields, posted in dict.fromkeys(_calls(page)):
        for number in range(first, last + 1):
            yield _request(url, fields, number, posted=posted)


def _calls(page: Page) -> Iterator[tuple[str, tuple[tuple[str, str], ...], bool]]:
    """Address, fields (None for the page's number) and whether it is posted, of each call for a page."""
    for script in page.scripts:
        for call in _CALL.finditer(script):
            written = script[call.end() : call.end() + _REACH]
            yield from _call(page, call["verb"], written)
        for found in pattern("script", "counted").finditer(script):
            target = join(page.base, unescape(found["url"]))
            if target:
                fields = [*_query(target), (found["field"], "")]
                yield target.partition("?")[0], tuple(dict(fields).items()), False


def _call(page: Page, verb: str, written: str) -> Iterator[tuple[str, tuple[tuple[str, str], ...], bool]]:
    named = _URL_FIELD.search(written) if verb == "ajax" else _STRING.match(written)
    objects = _DATA_FIELD.search(written) if verb == "ajax" else _OBJECT.search(written)
    target = join(page.base, unescape(named[1])) if named else None
    if target is None or objects is None:
        return
    fields = dict(_query(target))
    counted = False
    for name, double, single, bare in _FIELD.findall(objects[1]):
        is_number = name in wording()["script"]["page_fields"] and (bare or not (double or single))
        counted = counted or bool(is_number)
        fields[name] = "" if is_number else double or single or (bare if bare[:1].isdigit() else "")
    if counted:
        posted = verb == "post" or bool(_POST_FIELD.search(written))
        yield target.partition("?")[0], tuple(fields.items()), posted


def _query(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)


def _request(url: str, fields: tuple[tuple[str, str], ...], number: int, *, posted: bool) -> Lead:
    counted = wording()["script"]["page_fields"]
    written = urlencode({name: str(number) if name in counted else value for name, value in fields})
    if posted:
        return more_of(url, "script", posted=written.encode(), is_reply=True, guess=True)
    return more_of(f"{url}?{written}", "script", is_reply=True, guess=True)


def _last_page(page: Page) -> int:
    said = pattern("script", "pages").search(page.text)
    most = int(wording()["bounds"]["list_pages"])
    return min(int(said[1]), most) if said else most
