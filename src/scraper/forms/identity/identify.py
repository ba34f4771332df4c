"""Gathers the evidence of the title, the text, the footer, the meta tags and the address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from scraper.documents import Document
from scraper.documents.characters import fold
from scraper.forms.identity.county import find_county
from scraper.forms.identity.dates import find_period, find_publication, find_year
from scraper.forms.identity.evidence import Identity, quote
from scraper.forms.identity.page import Page, page_of
from scraper.forms.identity.publishers import find_kind, find_publisher
from scraper.forms.identity.titles import find_titles
from scraper.forms.identity.wording import pattern, wording
from scraper.messages import message

# What menus have between their entries.
_BETWEEN_LINKS = " |｜·>»"

NO_HOSTS: Mapping[str, str] = MappingProxyType({})


def identify(document: Document, url: str | None = None, hosts: Mapping[str, str] = NO_HOSTS) -> Identity:
    """Whose report ``document`` is, for which year and days, and when it was published.

    ``hosts`` gives the counties' codes of the hosts that a registry of portals knows. Neither the
    address nor the day of publication tells the year, for whole sites are moved years later.
    """
    page = page_of(document, url)
    found = Identity()
    titles = find_titles(page)
    if titles:
        found.title = titles[0].text
        found.evidence["title"] = quote("title", titles[0].text)
    find_publisher(found, page, titles)
    find_period(found, page)
    find_year(found, page, titles[0].year if titles else None, any(title.doubled for title in titles[:1]))
    find_county(found, page, find_kind(found, page), hosts)
    find_publication(found, page)
    _check_hosts(found, page)
    return found


def _check_hosts(found: Identity, page: Page) -> None:
    hosts = [] if page.host is None else [page.host]
    hosts += (match["host"] for match in pattern("host").finditer(page.text))
    for host in dict.fromkeys(hosts):
        if not is_government_host(host):
            found.notices.append(message("host_not_government", host=host))


def is_government_host(host: str) -> bool:
    """Whether governments publish on ``host``: clones of their pages stand on other ones."""
    return host.endswith(tuple(wording()["host"]["government"]))


def is_narrative(identity: Identity, document: Document) -> bool:
    """Whether a page without statutory tables is a report all the same, by its title and subjects."""
    if identity.title is None:
        return False
    # Links that stand alone are a menu, which says nothing, however long it is; others are those of a list.
    links = set(document.links)
    menu = [line for line in document.paragraphs if line.strip(_BETWEEN_LINKS) in links]
    listed = sum(map(len, document.links)) - sum(map(len, menu))
    text = "\n".join(fold(line) for line in document.paragraphs if line.strip(_BETWEEN_LINKS) not in links)
    if listed * 2 > len(text):
        return False
    present = sum(subject.search(text) is not None for subject in _subjects())
    return present >= int(wording()["narrative"]["enough"])


@cache
def _subjects() -> list[re.Pattern[str]]:
    return [re.compile(subject) for subject in wording()["narrative"]["subjects"]]
