"""Whose report it is, for which year, and when it was published, each with its evidence."""

from scraper.forms.identity.evidence import Evidence, Identity
from scraper.forms.identity.identify import NO_HOSTS, identify, is_government_host, is_narrative
from scraper.forms.identity.places import place_in
from scraper.forms.identity.titles import names_report

__all__ = [
    "NO_HOSTS",
    "Evidence",
    "Identity",
    "identify",
    "is_government_host",
    "is_narrative",
    "names_report",
    "place_in",
]
