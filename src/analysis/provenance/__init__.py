"""Where figures come from."""

from analysis.provenance.reports import AmbiguousReport, UnknownReport, find_report
from analysis.provenance.source import NoVersion, Source, source_of

__all__ = ["AmbiguousReport", "NoVersion", "Source", "UnknownReport", "find_report", "source_of"]
