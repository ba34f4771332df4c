"""Which address is asked for next: the one with the most points, within the bounds of each role."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

from scraper.portals.addresses import same_as, without_twin
from scraper.portals.lead import Lead
from scraper.portals.signs import Role
from scraper.portals.wording import wording

# Reports come before whatever else a page leads to, and lists before what may lead to lists.
_RANK: dict[Role, int] = {
    "report": 6, "file": 6, "year": 5, "list": 4, "hub": 3, "home": 3, "directory": 2, "organ": 1,
    "sitemap": 0,
}  # fmt: skip
_BOUND: dict[Role, str] = {
    "home": "home_and_hubs", "hub": "home_and_hubs", "sitemap": "home_and_hubs", "directory": "directories",
    "organ": "organs", "list": "lists", "year": "lists",
}  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    """A lead, the page that it was found on, and how many steps from the home page that is."""

    lead: Lead
    referer: str = ""
    depth: int = 0


class Frontier:
    """The leads that wait. Each page is offered once, whatever addresses lead to it."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, int, Waiting]] = []
        self._seen: set[tuple[str, bytes]] = set()
        self._taken: Counter[str] = Counter()
        self._number = 0

    def offer(self, waiting: Waiting) -> bool:
        """Takes a lead unless its page was seen, it lies too deep, or there are enough of its kind."""
        lead = waiting.lead
        bounds = wording()["bounds"]
        bound = _BOUND.get(lead.role)
        if waiting.depth > bounds["depth"] or (bound and self._taken[bound] >= bounds[bound]):
            return False
        if not self.claim(lead):
            return False
        if bound:
            self._taken[bound] += 1
        self._number += 1
        heapq.heappush(self._heap, (-_RANK[lead.role], -lead.score, self._number, waiting))
        return True

    def claim(self, lead: Lead) -> bool:
        """Whether nobody had the lead's page before."""
        key = key_of(lead)
        fresh = key not in self._seen
        self._seen.add(key)
        return fresh

    def pop(self) -> Waiting | None:
        """The lead with the highest rank and score, the first found of several."""
        return heapq.heappop(self._heap)[-1] if self._heap else None


def key_of(lead: Lead) -> tuple[str, bytes]:
    """What makes two leads the same page: a page for small screens is the page itself."""
    key = same_as(without_twin(lead.url))
    # A folder and its first page are one.
    if not urlsplit(lead.url).query:
        head, _, name = key.rpartition("/")
        key = f"{head}/" if name.lower() in ("index.html", "index.htm", "index.shtml", "index.jsp") else key
    return key, lead.posted
