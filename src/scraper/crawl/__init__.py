"""Portals to archive: from a county's address to every annual report that it publishes."""

from scraper.crawl.found import FoundReport, Gap, ListSeen, PortalCrawl, Step
from scraper.crawl.run import AT_ONCE, Listener, crawl
from scraper.crawl.shards import falling_into

__all__ = [
    "AT_ONCE",
    "FoundReport",
    "Gap",
    "ListSeen",
    "Listener",
    "PortalCrawl",
    "Step",
    "crawl",
    "falling_into",
]
