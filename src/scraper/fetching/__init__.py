"""Polite HTTP: one queue for each host, robots.txt, bounded retries, every response archived."""

from scraper.fetching.client import Fetched, Fetcher, Outcome, Pace

__all__ = ["Fetched", "Fetcher", "Outcome", "Pace"]
