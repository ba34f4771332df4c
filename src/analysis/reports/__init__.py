"""What reports there are, and all that is known of one."""

from analysis.reports.county import reports_of
from analysis.reports.coverage import Coverage, Described, coverage, described
from analysis.reports.report import Paragraph, Passage, UnknownReport, report, texts_of

__all__ = [
    "Coverage",
    "Described",
    "Paragraph",
    "Passage",
    "UnknownReport",
    "coverage",
    "described",
    "report",
    "reports_of",
    "texts_of",
]
