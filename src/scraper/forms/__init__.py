"""The statutory forms as tables of labels, and the reading of a document against them."""

from scraper.forms.report import Report, read_report

__all__ = ["Report", "read_report"]
