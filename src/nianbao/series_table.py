"""How comparisons are printed: their columns, the marks behind figures, and what a reader must know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from analysis import series
from analysis.present.figures import figure_text, said_of, short_label, signs_of
from analysis.series.records import MARKS
from nianbao.console import column, note
from nianbao.records import Column, Record
from nianbao.wording import in_language, sentence

_TRACE = ("form", "url", "report_id")


def columns_of(
    quantities: Sequence[series.Quantity],
    question: series.Question,
    records: Sequence[Record],
    *,
    ranked: bool,
) -> list[Column]:
    """The columns of a comparison: place, publisher, year, the figures, and where they come from."""
    several_scopes = len({record["scope"] for record in records if record["scope"]}) > 1
    several_provinces = len({record["province"] for record in records}) > 1
    return [
        *([column("rank")] if ranked else []),
        *map(column, ("county_code", "county")),
        column("province", brief=ranked and several_provinces),
        column("prefecture", brief=False),
        Column("publisher", sentence("column_publisher"), shown=_publisher),
        Column("scope", sentence("column_scope"), brief=several_scopes, shown=_scope),
        column("year"),
        *(
            one
            for quantity in quantities
            for one in _of_quantity(quantity, question, len(quantities), ranked)
        ),
        *(column(key, brief=False) for key in (*_TRACE, *MARKS, "notes")),
    ]


def _of_quantity(
    quantity: series.Quantity, question: series.Question, quantities: int, ranked: bool
) -> Iterator[Column]:
    key = quantity.quantity_id
    label = _label(quantity, question)
    yield Column(key, label, shown=lambda record: _figure(record, quantity, question))
    # Beside one metric it is plain whose peers are meant, and there is room for all that is said of them.
    alone = quantities == 1
    of = "" if alone else f"{in_language(short_label(quantity))}: "
    if quantity.is_measure:
        yield Column(f"{key}_of", of + sentence("column_of"), brief=ranked)
    if question.peers is None:
        return
    if question.shown != "percentile":
        percentile = f"{key}_percentile"
        yield Column(percentile, of + sentence("column_percentile"), alone, _rounded(percentile))
        yield Column(f"{key}_median", of + sentence("column_median"), shown=_median(key, quantity))
        yield Column(f"{key}_q25", of + sentence("column_q25"), brief=False)
        yield Column(f"{key}_q75", of + sentence("column_q75"), brief=False)
    yield Column(f"{key}_peers", of + sentence("column_peers"), alone)


def _label(quantity: series.Quantity, question: series.Question) -> str:
    label = in_language(short_label(quantity))
    if question.shown == "value" or (question.shown == "change" and not quantity.is_measure):
        label += sentence("unit_percent") if quantity.unit == "percent" else ""
    if question.shown == "value":
        return label
    return sentence(f"shown_{question.shown}", label=label, base=question.base)


def _publisher(record: Record) -> str:
    if record["publisher"] or record["report_id"]:
        return record["publisher"] or ""
    reason = next(iter(record["missing"]), ":no_report").split(":", 1)[1]
    return sentence("no_report" if reason == "no_report" else f"missing_{reason}")


def _scope(record: Record) -> str:
    return sentence(f"scope_{record['scope']}") if record["scope"] else ""


def _figure(record: Record, quantity: series.Quantity, question: series.Question) -> str:
    """A figure with its marks, or why there is none."""
    key = quantity.quantity_id
    value = record[key]
    if value is None:
        return _reason(record, key)
    return figure_text(value, quantity, question) + signs_of(record, key)


def _reason(record: Record, key: str) -> str:
    reasons = said_of(record, "missing", key)
    if not record["report_id"]:
        return ""
    return sentence(f"missing_{reasons[0]}") if reasons else sentence("missing_no_peers")


def _rounded(key: str) -> Callable[[Record], str]:
    return lambda record: "" if record[key] is None else f"{record[key]:,.1f}"


def _median(key: str, quantity: series.Quantity) -> Callable[[Record], str]:
    """The median with the quartiles around it."""

    def shown(record: Record) -> str:
        values = [record[f"{key}_{name}"] for name in ("median", "q25", "q75")]
        if values[0] is None:
            return ""
        median, lower, upper = (
            f"{value:,.1f}".removesuffix(".0" if not quantity.is_measure else "") for value in values
        )
        return f"{median} ({lower}–{upper})"

    return shown


def with_notes(
    records: Sequence[dict[str, Any]], wordings: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    """``records`` with what their breaks and joins mean, in words."""
    return [
        record
        | {
            "notes": [
                f"{one.split(':', 1)[0]}: {in_language(wordings[one])}"
                for one in (*record["break"], *record["joined"])
            ]
        }
        for record in records
    ]


def say_notes(notes: Sequence[series.Note]) -> None:
    """What a reader of a comparison must know, on standard error."""
    for said in notes:
        values = {
            name: in_language(value) if isinstance(value, Mapping) else value
            for name, value in said.values.items()
        }
        note(f"series_{said.code}", **values)
