"""Follows one list of reports through all its pages."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from scraper.crawl.found import ListSeen
from scraper.portals.addresses import same_as
from scraper.portals.lead import METHODS, Lead, Method
from scraper.portals.page import Page
from scraper.portals.pagers import announced, leads_on
from scraper.portals.wording import wording


class Portal(Protocol):
    """What following a list needs of the portal's crawl."""

    def claim(self, lead: Lead) -> bool:
        """Whether the lead's page was not asked for yet."""
        ...

    async def open_more(self, lead: Lead, referer: str) -> Page | None:
        """Asks for a further page of a list; None where there is none."""
        ...

    def more_of(self, page: Page) -> Iterable[Lead]:
        """What may be further pages of the list that ``page`` is of."""
        ...

    def take(self, page: Page) -> None:
        """Looks at what a page of the list leads to."""
        ...


# Which links of a page are records of its list, nothing says. Too few are counted by the years in their
# titles, to tell that a list is complete; too many by their length, to tell that it is not.
_SHORTEST_TITLE = 8
_YEAR = re.compile(r"(?:19|20)\d\d|[〇○零一二三四五六七八九]{4}年")


@dataclass
class Series:
    """The pages of one list so far: what they link to, how long it says to be, how it may go on.

    ``shared`` lists have pages that were seen as another list's, so that nothing is known of their whole.
    """

    first: str
    pages: int = 0
    announced: int | None = None
    content: set[str] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    dated: set[str] = field(default_factory=set)
    shared: bool = False
    waiting: dict[Method, deque[tuple[Lead, str]]] = field(default_factory=dict)

    def take(self, page: Page, more: Iterable[Lead]) -> bool:
        """Adds a page; whether it showed anything new."""
        self.pages += 1
        fresh = False
        for link in page.links:
            if leads_on(link, page):
                continue
            key = same_as(link.url)
            fresh = fresh or key not in self.content
            self.content.add(key)
            if len(link.label) >= _SHORTEST_TITLE:
                self.titles.add(key)
            if _YEAR.search(link.label):
                self.dated.add(key)
        said = announced(page)
        if said is not None and self.announced is None:
            self.announced = said
        if fresh or self.pages == 1:
            for lead in more:
                if lead.method is not None:
                    self.waiting.setdefault(lead.method, deque()).append((lead, page.url))
        return fresh

    @property
    def complete(self) -> bool:
        """Whether all that the list announces was seen."""
        return self.announced is not None and len(self.dated) >= self.announced

    @property
    def seen(self) -> ListSeen:
        """The list for the run report."""
        announced = None if self.shared else self.announced
        return ListSeen(self.first, self.pages, announced, len(self.titles))


async def follow(first: Page, portal: Portal) -> ListSeen:
    """Asks for the pages behind ``first``; what each that shows something new leads to is taken.

    The ways to go on are tried in the order of :data:`METHODS`; one that brought something ends the
    search, unless the list says that it has more. A way ends where pages run out, repeat themselves, or
    show nothing new twice.
    """
    series = Series(first.url)
    series.take(first, portal.more_of(first))
    for method in METHODS:
        gained = await _try(series, method, portal)
        if series.complete or (gained and series.announced is None):
            break
    return series.seen


async def _try(series: Series, method: Method, portal: Portal) -> bool:
    bounds = wording()["bounds"]
    waiting = series.waiting.setdefault(method, deque())
    gained, empty = False, 0
    while waiting and empty < bounds["empty_pages"] and series.pages < bounds["list_pages"]:
        lead, referer = waiting.popleft()
        if not portal.claim(lead):
            series.shared = True
            continue
        page = await portal.open_more(lead, referer)
        if page is not None and series.take(page, portal.more_of(page)):
            portal.take(page)
            gained, empty = True, 0
        else:
            empty += 1
    return gained
