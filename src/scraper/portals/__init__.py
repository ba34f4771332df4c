"""The portals of counties: where they are, and how their annual-report lists lead to the reports."""

from scraper.portals.registry import Portal, read_registry, write_registry

__all__ = ["Portal", "read_registry", "write_registry"]
