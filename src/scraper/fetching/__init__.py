"""Polite HTTP: one queue for each host, robots.txt, bounded retries, every response archived."""

from scraper.fetching.client import USER_AGENT, Fetcher, Pace
from scraper.fetching.manner import Manner
from scraper.fetching.request import Expects, Fetched, Outcome, Request
from scraper.fetching.scope import Scope

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
]
