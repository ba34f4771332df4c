"""What is compared: a metric or a measure, and from which cells of each form it is taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import duckdb
from rapidfuzz.distance import JaroWinkler

from analysis.series.catalogue import Metric, UnknownMetric, find_metric
from analysis.series.comparability import Link, Terms, Wording, links
from analysis.series.expression import Expression, Operand, operands_of
from analysis.series.measures import Measure, measures

_STATISTICS = "statistics"
_TOTAL = "total"
_FORM_2014 = "2014"
# Which links are followed where joins of these terms are asked for.
_ALLOWED: Mapping[Terms, frozenset[Terms]] = {
    "same": frozenset({"same"}),
    "near": frozenset({"same", "near"}),
    "weak": frozenset({"same", "near", "weak"}),
}
_MOST_SUGGESTIONS = 5
_ALIKE = 0.85


@dataclass(frozen=True)
class Basis:
    """One way in which reports state a series.

    ``forms`` are the generations of the form that state it so; ``figure`` is an expression over their
    cells, which lie in the 2014 form's table of statistics or else not. ``link`` says on what terms it
    stands for the series; None where it is the series' own cell.
    """

    forms: frozenset[str]
    figure: Expression
    statistics: bool
    link: Link | None = None

    @property
    def terms(self) -> Terms:
        """On which terms it stands for the series."""
        return "same" if self.link is None or self.link.leads else self.link.terms

    @property
    def joined(self) -> bool:
        """Whether a reader must know that another figure stands for the series."""
        return self.terms != "same"


@dataclass(frozen=True)
class Series:
    """A metric over the forms: of its ``bases`` the first that a report states counts.

    ``barred`` are forms that have only something weaker than was asked for.
    """

    bases: tuple[Basis, ...]
    barred: frozenset[str]


@dataclass(frozen=True)
class Quantity:
    """A metric, or a measure; then ``denominator`` is what it counts in hundreds of.

    ``series`` has the bases of each operand of both expressions. ``forms`` are the generations that can
    state it, ``barred`` those that have only something weaker than was asked for.
    """

    quantity_id: str
    label: Wording
    unit: str
    numerator: Expression
    denominator: Expression | None
    series: Mapping[str, Series]

    @cached_property
    def is_measure(self) -> bool:
        """Whether it is worked out instead of printed."""
        return self.denominator is not None

    @cached_property
    def operands(self) -> tuple[Operand, ...]:
        """The series that it is made of, each once."""
        expressions = [one for one in (self.numerator, self.denominator) if one is not None]
        return tuple(dict.fromkeys(o for expression in expressions for o in operands_of(expression)))

    @cached_property
    def cells(self) -> frozenset[str]:
        """The metrics of all cells that it may be made of."""
        return frozenset(
            cell.metric
            for series in self.series.values()
            for basis in series.bases
            for cell in operands_of(basis.figure)
        )

    @cached_property
    def forms(self) -> frozenset[str]:
        """The forms that can state all of it."""
        return frozenset.intersection(*(self._forms_of(operand) for operand in self.operands))

    @cached_property
    def barred(self) -> frozenset[str]:
        """The forms that can state it only on weaker terms than were asked for."""
        could = [self._forms_of(operand) | self.series[operand.metric].barred for operand in self.operands]
        return frozenset.intersection(*could) - self.forms

    def _forms_of(self, operand: Operand) -> frozenset[str]:
        """The forms that can state a series; the table of statistics knows no kinds of applicants."""
        by_applicant = operand.applicant not in (None, _TOTAL)
        bases = self.series[operand.metric].bases
        stating = [basis.forms for basis in bases if not (by_applicant and basis.statistics)]
        return frozenset[str]().union(*stating)


def find_quantity(connection: duckdb.DuckDBPyConnection, given: str, join: Terms = "near") -> Quantity:
    """The metric or the measure with the id or the Chinese label ``given``, joined over the forms.

    ``join`` is the weakest of the terms on which other figures may stand for a series. Raises
    :class:`analysis.series.UnknownMetric`.
    """
    name = given.strip()
    for measure in measures().values():
        if name in (measure.measure_id, measure.label["zh"]):
            return _of_measure(connection, measure, join)
    try:
        metric = find_metric(connection, name)
    except UnknownMetric as unknown:
        raise UnknownMetric(given, [*_near_measures(name), *unknown.near][:_MOST_SUGGESTIONS]) from None
    return _of_metric(connection, metric, join)


def _near_measures(given: str) -> Iterator[str]:
    """The ids of measures that are called much like ``given``."""
    for measure in measures().values():
        names = (measure.measure_id, *measure.label.values())
        if max(JaroWinkler.similarity(given.lower(), name.lower()) for name in names) > _ALIKE:
            yield measure.measure_id


def _of_metric(connection: duckdb.DuckDBPyConnection, metric: Metric, join: Terms) -> Quantity:
    return Quantity(
        metric.metric,
        {"en": metric.label_en, "zh": metric.label_zh},
        metric.unit,
        Operand(metric.metric),
        None,
        _series_of(connection, [metric.metric], join),
    )


def _of_measure(connection: duckdb.DuckDBPyConnection, measure: Measure, join: Terms) -> Quantity:
    operands = (*operands_of(measure.numerator), *operands_of(measure.denominator))
    return Quantity(
        measure.measure_id,
        measure.label,
        measure.unit,
        measure.numerator,
        measure.denominator,
        _series_of(connection, [operand.metric for operand in operands], join),
    )


def _series_of(
    connection: duckdb.DuckDBPyConnection, metrics: Sequence[str], join: Terms
) -> dict[str, Series]:
    own = _own_cells(connection, metrics)
    return {metric: _joined(metric, own.get(metric, {}), join) for metric in dict.fromkeys(metrics)}


def _own_cells(
    connection: duckdb.DuckDBPyConnection, metrics: Sequence[str]
) -> dict[str, dict[bool, frozenset[str]]]:
    """The forms that have a cell of each metric: in the table of statistics, and elsewhere."""
    rows = connection.execute(
        f"""
        SELECT metric, "table" = '{_STATISTICS}', list(form) FROM metric
        WHERE list_contains($metrics, metric) AND "table" <> 'prose' GROUP BY ALL
        """,  # noqa: S608 - nothing but the constant above is put in
        {"metrics": list(metrics)},
    ).fetchall()
    found: dict[str, dict[bool, frozenset[str]]] = {}
    for metric, statistics, forms in rows:
        found.setdefault(metric, {})[statistics] = frozenset(forms)
    return found


def _joined(metric: str, own: Mapping[bool, frozenset[str]], join: Terms) -> Series:
    """The bases of a series: its own cells, and what stands for them on terms of ``join`` or closer.

    Where another figure leads the series it is the own cells that stand in.
    """
    bases: list[Basis] = []
    leader = None
    for link in links().get(metric, ()):
        bases.append(Basis(link.forms, link.figure, _FORM_2014 in link.forms, link))
        leader = link if link.leads else leader
    if own:
        statistics = False not in own
        stands_in = leader and replace(leader, leads=False)
        bases.insert(0, Basis(own[statistics], Operand(metric), statistics, stands_in))
    taken = [basis for basis in bases if not basis.joined or basis.terms in _ALLOWED[join]]
    barred = [basis.forms for basis in bases if basis not in taken]
    return Series(tuple(_alike(taken)), frozenset[str]().union(*barred))


def _alike(bases: list[Basis]) -> Iterator[Basis]:
    """``bases``, those that state the same figure counted as of one form: between them nothing breaks."""
    same = [basis for basis in bases if not basis.joined]
    forms = frozenset[str]().union(*(basis.forms for basis in same))
    for basis in bases:
        yield basis if basis.joined else Basis(forms, basis.figure, basis.statistics, basis.link)
