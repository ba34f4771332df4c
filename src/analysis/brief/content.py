"""What a brief on one county and year holds: facts, before anything is put in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.brief.printed import Cases, Cell, Outcomes
from analysis.present.notice import Notice
from analysis.series import County, Peers, Quantity, Question, Sources, Trend


@dataclass(frozen=True)
class Figure:
    """What the series says of a quantity in a year.

    ``value`` is None for ``reason``; ``of`` is a measure's denominator. ``breaks`` lie between it and the
    figure before. ``peers`` is how many peers have a figure; ``percentile``, ``median`` and the quartiles are
    None where there are too few of them.
    """

    quantity: Quantity
    year: int
    value: float | None
    of: float | None = None
    reason: str = ""
    doubtful: bool = False
    assumed: bool = False
    joined: bool = False
    breaks: tuple[str, ...] = ()
    peers: int = 0
    percentile: float | None = None
    median: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class KeyFigure:
    """A figure of the year, that of the year before (None where no year is before), and the difference."""

    now: Figure
    before: Figure | None
    change: Figure


@dataclass(frozen=True)
class Lead:
    """Something that stands out; ``kind`` says how it is worded, with ``values``.

    ``figure`` is what it is about, if it is about one.
    """

    kind: str
    weight: int
    size: float
    figure: KeyFigure | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceReport:
    """A report that figures come from: its ``number``, its line of the database, how many findings."""

    number: int
    report: Mapping[str, Any]
    errors: int
    warnings: int
    notices: int


@dataclass(frozen=True)
class Brief:
    """``report`` is the one of ``year``; ``reports`` are all that figures come from, the newest first.

    ``states`` tells for each year from the first report to the last in the database what there is
    (:class:`analysis.series.Coverage`). ``series`` has the figures of each metric in all years up to
    ``year``, as ``trend`` answers ``question``, with ``peers`` if there are enough. ``prose`` are the figures
    that a report without tables states.
    """

    county: County
    pinyin: str
    year: int
    report: SourceReport
    reports: Sequence[SourceReport]
    states: Mapping[int, str]
    peers: Peers | None
    peers_found: int
    key: Sequence[KeyFigure]
    series: Mapping[str, Sequence[Figure]]
    trend: Trend
    question: Question
    sources: Sources
    leads: Sequence[Lead]
    outcomes: Outcomes | None
    outcomes_before: Outcomes | None
    asked: Sequence[Cell]
    cases: Cases | None
    disclosed: Sequence[Cell]
    prose: Sequence[Mapping[str, Any]]
    notice: Notice | None
    reused: Sequence[Mapping[str, Any]]

    @property
    def narrative(self) -> bool:
        """Whether the year's report has none of the statutory tables."""
        return bool(self.report.report["form"] == "narrative")

    def figure(self, metric: str) -> Figure:
        """The figure of the brief's year."""
        return self.series[metric][-1]

    def number_of(self, report_id: str | None) -> int | None:
        """The number of a report among the sources."""
        found = [one.number for one in self.reports if one.report["report_id"] == report_id]
        return found[0] if found else None
