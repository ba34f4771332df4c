"""Metrics across counties and across years."""

from analysis.series.catalogue import Metric, UnknownApplicant, UnknownMetric, find_metric, search_metrics
from analysis.series.compare import Comparison, compare
from analysis.series.figures import Note
from analysis.series.places import AmbiguousCounty, County, UnknownCounty, find_county
from analysis.series.trend import Trend, trend

__all__ = [
    "AmbiguousCounty",
    "Comparison",
    "County",
    "Metric",
    "Note",
    "Trend",
    "UnknownApplicant",
    "UnknownCounty",
    "UnknownMetric",
    "compare",
    "find_county",
    "find_metric",
    "search_metrics",
    "trend",
]
