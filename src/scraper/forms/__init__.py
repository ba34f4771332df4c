"""The statutory forms as tables of labels, and the reading of a document against them."""

from scraper.forms.claims import Claim
from scraper.forms.facts import Fact
from scraper.forms.report import NotAReport, Report, read_report

__all__ = ["Claim", "Fact", "NotAReport", "Report", "read_report"]
