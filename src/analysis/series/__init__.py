"""Metrics and measures across counties and across years."""

from analysis.series.catalogue import Metric, UnknownApplicant, UnknownMetric, find_metric
from analysis.series.comparability import Terms
from analysis.series.compare import Comparison, NoReports, compare
from analysis.series.coverage import Coverage, coverage
from analysis.series.lines import Choice, Place
from analysis.series.listing import search_metrics
from analysis.series.peers import Peers
from analysis.series.places import AmbiguousCounty, County, UnknownCounty, find_county
from analysis.series.quantities import Quantity, find_quantity
from analysis.series.question import Question, quantities_of
from analysis.series.rank import Ranking, rank
from analysis.series.records import Note
from analysis.series.shown import Shown
from analysis.series.sources import Sources, sources_of
from analysis.series.trend import Trend, trend

__all__ = [
    "AmbiguousCounty",
    "Choice",
    "Comparison",
    "County",
    "Coverage",
    "Metric",
    "NoReports",
    "Note",
    "Peers",
    "Place",
    "Quantity",
    "Question",
    "Ranking",
    "Shown",
    "Sources",
    "Terms",
    "Trend",
    "UnknownApplicant",
    "UnknownCounty",
    "UnknownMetric",
    "compare",
    "coverage",
    "find_county",
    "find_metric",
    "find_quantity",
    "quantities_of",
    "rank",
    "search_metrics",
    "sources_of",
    "trend",
]
