"""What is asked of the database: which metrics of whom and when, and how they are to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb

from analysis.series.catalogue import check_applicant
from analysis.series.comparability import Terms
from analysis.series.figures import Figure, Figures, leave_out_doubtful, read_figures
from analysis.series.lines import Choice, Line
from analysis.series.marking import mark_breaks
from analysis.series.measures import neighbours
from analysis.series.peers import Peers, Standing, standings
from analysis.series.quantities import Quantity, find_quantity
from analysis.series.shown import Shown, in_relation, relate


class QuestionFault(ValueError):  # noqa: N818 - the fault is in what is asked
    """An index without the year in which it is 100, or a percentile without peers."""


@dataclass(frozen=True)
class Question:
    """``metrics`` (ids of metrics and measures) of the reports of ``choice``.

    ``applicant`` is the column of the requests table. ``join`` is the weakest of the terms on which
    figures of other forms may stand for a metric. ``shown``: the figures themselves, their change or
    growth from the year before, an index that is 100 in the year ``base``, or the percentile among
    ``peers``; ``across``: also where a series breaks in between. ``without_doubtful``: figures that an
    open finding calls into question are left out. Raises :class:`QuestionFault`.
    """

    metrics: tuple[str, ...]
    choice: Choice = field(default_factory=Choice)
    applicant: str = "total"
    join: Terms = "near"
    shown: Shown = "value"
    base: int | None = None
    across: bool = False
    peers: Peers | None = None
    without_doubtful: bool = False

    def __post_init__(self) -> None:
        """Refuses what can't be answered."""
        if (self.shown == "index") != (self.base is not None):
            raise QuestionFault("an index and its base year go together")
        if self.shown == "percentile" and self.peers is None:
            raise QuestionFault("a percentile needs peers")


@dataclass(frozen=True)
class Answer:
    """The lines, their figures as they are to be shown, and how these stand among their peers.

    ``standings`` has for each quantity those of the lines asked for; nothing where none was asked for.
    ``left_out`` is how many doubtful figures were taken away.
    """

    lines: Sequence[Line]
    figures: Figures
    standings: Sequence[dict[int, Standing]]
    left_out: int = 0


def quantities_of(connection: duckdb.DuckDBPyConnection, question: Question) -> list[Quantity]:
    """What ``question`` asks for. Raises ``UnknownMetric`` or ``UnknownApplicant``."""
    check_applicant(connection, question.applicant)
    return [find_quantity(connection, metric, question.join) for metric in dict.fromkeys(question.metrics)]


def answer(
    connection: duckdb.DuckDBPyConnection,
    question: Question,
    quantities: Sequence[Quantity],
    lines: Sequence[Line],
    asked: int,
    wanted: Sequence[int],
) -> Answer:
    """The figures of ``lines``: the first ``asked`` are those of the places asked for, the others of peers.

    ``wanted`` are the places of those that are to be shown.
    """
    nearest = question.peers == "nearest"
    read = [*quantities, find_quantity(connection, neighbours()[1])] if nearest else quantities
    figures = read_figures(connection, lines, read, question.applicant)
    caseload: Sequence[Figure] = figures.columns[-1] if nearest else ()
    figures = Figures(quantities, figures.columns[: len(quantities)], figures.query)
    left_out = leave_out_doubtful(figures) if question.without_doubtful else 0
    if in_relation(question.shown):
        years = {lines[place].year for place in wanted}
        figures = relate(lines, figures, question.shown, years, base=question.base, across=question.across)
    else:
        mark_breaks(lines, figures, range(asked))
    found = [
        standings(lines, column, question.peers, wanted, caseload)
        for column in figures.columns
        if question.peers is not None
    ]
    return Answer(lines, figures, found, left_out)
