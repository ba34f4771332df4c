"""The catalogue of what can be compared: metrics, one line for each form, and measures."""

from __future__ import annotations

from typing import Any

import duckdb

from analysis.database import records
from analysis.series.comparability import GENERATIONS, links
from analysis.series.expression import Operation, as_text
from analysis.series.measures import Measure, measures
from analysis.series.quantities import find_quantity

_SEARCH = """
    SELECT metric, label_zh, label_en, unit, "table", form, comparable_with, comparability
    FROM metric
    WHERE $text IS NULL OR contains(lower(concat_ws(' ', metric, label_zh, label_en, "table")), lower($text))
    ORDER BY list_position(['proactive', 'requests', 'cases'], "table"), form, rowid
"""
_MEASURE = "measure"


def search_metrics(
    connection: duckdb.DuckDBPyConnection, text: str | None, language: str = "en"
) -> list[dict[str, Any]]:
    """The metrics and measures whose id, label or table contains ``text``, the measures last.

    ``joined_from`` says which figures of other forms stand for a metric and on what terms; ``expression``
    how a measure is worked out; both with words in ``language``.
    """
    metrics = [
        {**record, "joined_from": _joined(record["metric"], language), "expression": "", "source": ""}
        for record in records(connection, _SEARCH, {"text": text})
    ]
    wanted = (text or "").lower()
    return [
        *metrics,
        *(
            _line(connection, measure, language)
            for measure in measures().values()
            if wanted in " ".join((measure.measure_id, *measure.label.values(), _MEASURE)).lower()
        ),
    ]


def _joined(metric: str, language: str) -> list[str]:
    return [
        f"{', '.join(sorted(link.forms))}: {as_text(link.figure)} ({link.terms}): {link.wording[language]}"
        for link in links().get(metric, ())
    ]


def _line(connection: duckdb.DuckDBPyConnection, measure: Measure, language: str) -> dict[str, Any]:
    forms = find_quantity(connection, measure.measure_id).forms
    return {
        "metric": measure.measure_id,
        "label_zh": measure.label["zh"],
        "label_en": measure.label["en"],
        "unit": measure.unit,
        "table": _MEASURE,
        "form": ", ".join(form for form in GENERATIONS if form in forms),
        "comparable_with": "",
        "comparability": measure.definition[language],
        "joined_from": [],
        "expression": as_text(Operation("/", measure.numerator, measure.denominator)),
        "source": measure.source,
    }
