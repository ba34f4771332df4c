"""How the figures of comparisons are printed: their digits, and the signs behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.series import Quantity, Question
from analysis.series.comparability import Wording

# What stands behind a figure, by what is said of it in the record.
SIGNS = {"doubtful": "*", "break": "†", "joined": "~", "assumed": "°"}
_OUTCOMES = {"zh": "三、本年度办理结果 / ", "en": "三、本年度办理结果 / "}


def short_label(quantity: Quantity) -> Wording:
    """The label without the heading under which all outcomes of requests stand."""
    return {language: label.removeprefix(_OUTCOMES[language]) for language, label in quantity.label.items()}


def figure_text(value: float, quantity: Quantity, question: Question) -> str:
    """A figure without signs: what is printed to its last digit, what is worked out to one decimal."""
    sign = "+" if question.shown in ("change", "growth") else ""
    if not quantity.is_measure and question.shown in ("value", "change"):
        return ("+" if sign and value > 0 else "") + f"{value:,.6f}".rstrip("0").rstrip(".")
    return f"{value:{sign},.1f}"


def said_of(record: Mapping[str, Any], mark: str, quantity_id: str) -> list[str]:
    """What ``mark`` of a record says of a quantity: breaks, forms, reasons; "" where it only marks it."""
    parts = (one.partition(":") for one in record[mark])
    return [what for name, _, what in parts if name == quantity_id]


def signs_of(record: Mapping[str, Any], quantity_id: str) -> str:
    """The signs that stand behind the figure of a record."""
    return "".join(sign for mark, sign in SIGNS.items() if said_of(record, mark, quantity_id))
