"""How lists go on without knowing who built the portal: links, and scripts that draw pagers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from scraper.portals.addresses import join
from scraper.portals.datastores import windows_of
from scraper.portals.lead import Lead, more_of
from scraper.portals.page import Link, Page
from scraper.portals.scripts import asked_by_scripts
from scraper.portals.wording import pattern, wording


def continuations(page: Page) -> Iterator[Lead]:
    """Addresses of further pages of the list that ``page`` is of, each with how it was found."""
    for link in page.links:
        if _says_next(link) and (_same_list(link.url, page.url) or not _is_more(link)):
            yield more_of(link.url, "next")
        elif pattern("more", "number").match(link.shown or link.label) and _same_list(link.url, page.url):
            yield more_of(link.url, "numbers")
    yield from _drawn_by_script(page)
    yield from _next_groups(page)
    yield from asked_by_scripts(page)


def announced(page: Page) -> int | None:
    """How many records the list says that it has; None where it says nothing."""
    found = pattern("announced", "total").search(page.text)
    return int(next(filter(None, found.groups()))) if found else None


def leads_on(link: Link, page: Page) -> bool:
    """Whether ``link`` belongs to the pager of ``page`` and not to its content."""
    if _says_next(link) and (_same_list(link.url, page.url) or not _is_more(link)):
        return True
    words = link.shown or link.label
    in_pager = words in wording()["more"]["back_words"] or pattern("more", "number").match(words)
    return bool(in_pager) and (_same_list(link.url, page.url) or link.url == page.url)


def _says_next(link: Link) -> bool:
    words = (link.shown or link.label).strip()
    if words in wording()["more"]["next_words"] or link.label in wording()["more"]["next_words"]:
        return True
    return bool(pattern("more", "next_classes").search(link.classes)) and not _goes_back(words)


def _is_more(link: Link) -> bool:
    """更多 also stands beside every other list of a page."""
    return "更多" in (link.shown or link.label)


def _goes_back(words: str) -> bool:
    return "上" in words or "首" in words or "prev" in words.lower() or "尾" in words


def _same_list(target: str, url: str) -> bool:
    """Whether two addresses differ only as pages of one list do.

    They differ in the query, in the file's name, or in a folder that is named like the list's first page
    (``xxgknb.htm`` and ``xxgknb/2.htm``).
    """
    one, other = urlsplit(target), urlsplit(url)
    if one.netloc != other.netloc:
        return False
    if one.path == other.path:
        return one.query != other.query
    folder, _, name = one.path.rpartition("/")
    other_folder, _, other_name = other.path.rpartition("/")
    if folder == other_folder:
        return bool(re.search(r"\d", name + other_name)) or one.query != other.query
    return folder == other.path.rpartition(".")[0] or other_folder == one.path.rpartition(".")[0]


def _drawn_by_script(page: Page) -> Iterator[Lead]:
    scripts = [script for script in page.scripts if "age" in script]
    for script in scripts:
        for call in pattern("script", "pager").finditer(script):
            yield from _named_pages(call, page.url, counts_from_one=bool(call["element"]))
        for call in pattern("script", "pager_object").finditer(script):
            yield from _named_pages(call, page.url, counts_from_one=False)


def _next_groups(page: Page) -> Iterator[Lead]:
    """What a data store names as its continuation, or else its further records."""
    for group in pattern("more", "next_group").finditer(page.text):
        target = join(page.base, group["url"])
        if target:
            yield more_of(target, "data", is_reply=True)
    for url, fields in windows_of(page):
        yield more_of(f"{url}&{fields}", "interface", is_reply=True)


def _named_pages(call: re.Match[str], url: str, *, counts_from_one: bool) -> Iterator[Lead]:
    """Pages of a list that are named by number.

    Most scripts number the second page 1, and 2 where the pager's element is named first; a few
    portals do it the other way round, so the number behind the last is asked for too.
    """
    total = min(int(call["total"]), wording()["bounds"]["list_pages"])
    numbers = list(range(2, total + 1)) if counts_from_one else list(range(1, total + 1))
    if total < 2:
        return
    for number in numbers:
        address = urljoin(url, f"{call['name']}_{number}.{call['suffix']}")
        yield more_of(address, "pager", guess=not counts_from_one and number in (1, total))
