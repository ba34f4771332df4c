"""What metrics and applicants are called, and which are meant by a name."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from analysis.database import records
from analysis.provenance.figure import Fact
from analysis.series.catalogue import UnknownApplicant, UnknownMetric
from analysis.series.comparability import GENERATIONS, Terms
from analysis.series.expression import Operand
from analysis.series.measures import measures
from analysis.series.quantities import Basis, Quantity, Series, find_quantity

_LOCAL = "local."
_TOTAL = "total"
_NAMES = """
    SELECT metric AS name, form, label_zh, label_en FROM metric
    UNION ALL SELECT applicant, '', label_zh, label_en FROM applicant
"""
# The whole label before the last part of it, with or without its number: 三、… / （一）予以公开.
_CALLED = r"""
    WITH named AS (
        SELECT DISTINCT metric, label_zh, label_en, split_part(label_zh, ' / ', -1) AS part FROM metric
    ),
    called AS (
        SELECT metric, [label_zh, label_en, part, regexp_replace(part, $number, '')] AS names FROM named
    )
    SELECT metric, min(list_position(names, $given)) AS nearness
    FROM called GROUP BY metric HAVING nearness IS NOT NULL
    QUALIFY nearness = min(nearness) OVER () ORDER BY metric
"""
_NUMBER = r"^([（(][一二三四五六七八九十]+[）)]|[一二三四五六七八九十0-9]+[、.．])\s*"


class Names:
    """Labels in one language, in the words of one form."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, form: str, language: str) -> None:
        self.language = language
        self._labels: dict[str, str] = {}
        self._both: dict[str, set[str]] = {}
        for line in records(connection, _NAMES):
            said = line["label_zh"] if language == "zh" else line["label_en"]
            if line["form"] == form or line["name"] not in self._labels:
                self._labels[line["name"]] = said
            names = {line["name"], line["label_zh"], line["label_en"].lower()}
            self._both.setdefault(line["name"], set()).update(names)
        applicants = records(connection, "SELECT applicant FROM applicant ORDER BY rowid")
        self._applicants = [str(line["applicant"]) for line in applicants]

    def of(self, name: str) -> str:
        """The label of a metric or an applicant; what a publisher added is called as it is printed."""
        return self._labels.get(name, name.removeprefix(_LOCAL))

    def of_quantity(self, quantity: Quantity) -> str:
        """The label of a metric or a measure."""
        return quantity.label[self.language] if quantity.is_measure else self.of(quantity.quantity_id)

    def applicant_called(self, given: str | None) -> str:
        """The kind of applicant with the id or the label ``given``; the total where none is.

        Raises :class:`UnknownApplicant`.
        """
        name = (given or _TOTAL).strip()
        for applicant in self._applicants:
            if name in self._both[applicant] or name.lower() in self._both[applicant]:
                return applicant
        raise UnknownApplicant(name, self._applicants)


def find_figure(
    connection: duckdb.DuckDBPyConnection, given: str, facts: Sequence[Fact], join: Terms
) -> Quantity:
    """The metric, the measure, or the row that a publisher added (``local.…``) with that id or label.

    Raises :class:`UnknownMetric`; of a label that several metrics have, ``near`` are all of them.
    """
    name = given.strip()
    own = {fact["metric"]: fact for fact in facts if fact["metric"].startswith(_LOCAL)}
    for metric in (name, _LOCAL + "".join(name.split())):
        if metric in own:
            return _local(own[metric])
    if connection.execute("FROM metric WHERE metric = $1 LIMIT 1", [name]).fetchall():
        return find_quantity(connection, name, join)
    for measure in measures().values():
        if name.lower() == measure.label["en"].lower():
            return find_quantity(connection, measure.measure_id, join)
    called = [line["metric"] for line in records(connection, _CALLED, {"given": name, "number": _NUMBER})]
    printed = {fact["metric"] for fact in facts}
    meant = [metric for metric in called if metric in printed] or called
    if len(meant) > 1:
        raise UnknownMetric(given, meant)
    return find_quantity(connection, meant[0] if meant else name, join)


def _local(fact: Fact) -> Quantity:
    """A row that only this report has, as a figure of its own."""
    metric = fact["metric"]
    figure = Operand(metric)
    basis = Basis(frozenset(GENERATIONS), figure, fact["table"] == "statistics")
    label = {language: metric.removeprefix(_LOCAL) for language in ("en", "zh")}
    return Quantity(metric, label, fact["unit"], figure, None, {metric: Series((basis,), frozenset())})
