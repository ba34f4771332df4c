"""Polite HTTP: one queue for each host, address and platform, robots.txt, every answer archived."""

from scraper.fetching.client import Fetcher
from scraper.fetching.exchange import USER_AGENT
from scraper.fetching.manner import Manner
from scraper.fetching.pace import Pace
from scraper.fetching.request import Expects, Fetched, Outcome, Request
from scraper.fetching.scope import Scope
from scraper.fetching.traffic import Traffic

__all__ = [
    "USER_AGENT",
    "Expects",
    "Fetched",
    "Fetcher",
    "Manner",
    "Outcome",
    "Pace",
    "Request",
    "Scope",
    "Traffic",
]
