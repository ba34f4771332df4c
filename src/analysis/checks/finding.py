"""A finding, and how an outcome of a rule becomes one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb

from analysis.checks.formula import CLAIMED, PREVIOUS
from analysis.checks.rules import Relation, Rule, Severity, Split
from analysis.checks.sheets import CLAIMS


class Cell(NamedTuple):
    """A cell of a statutory table of a report."""

    report_id: str
    table: str
    metric: str
    applicant: str


class Quote(NamedTuple):
    """What a sentence of the prose states; the figure stands at ``sentence[start:end]``."""

    metric: str
    value: float
    sentence: str
    start: int
    end: int


class Change(NamedTuple):
    """A cell that another figure would mend.

    Changes of one ``explanation`` go together, those of others are alternatives. It is the number of the
    explanation in the table ``suggestion``, 0 for what the rule itself proposes.
    """

    metric: str
    applicant: str
    was: float | None
    to: float
    explanation: int = 0


@dataclass(frozen=True)
class Finding:
    """A rule that a report breaks.

    ``actual`` is what the report states, ``expected`` what its other figures demand; None where the rule
    is about no figures. ``metrics`` and ``applicants`` are the report's own cells that take part, the
    stated one first; ``applicant`` is the column that the finding is about, None outside the requests
    table. ``cells`` has those of other reports as well, ``quotes`` the sentences of the prose.
    ``message`` says it in both languages; ``suggestion`` what would mend it. ``relation`` and ``place``
    tell it from the rule's other findings in the report.
    """

    finding_id: str
    report_id: str
    rule: str
    relation: str
    place: str
    severity: Severity
    applicant: str | None
    metrics: tuple[str, ...]
    applicants: tuple[str, ...]
    expected: float | None
    actual: float | None
    message: Mapping[str, str]
    cells: tuple[Cell, ...] = ()
    quotes: tuple[Quote, ...] = ()
    suggestion: tuple[Change, ...] = ()


class Outcome(NamedTuple):
    """A line of the table ``outcome``."""

    report_id: str
    rule: str
    relation: str
    place: str
    applicant: str | None
    stated: float | None
    expected: float | None
    split: list[str] | None
    previous_id: str | None
    cells: list[dict[str, str]] | None
    quotes: list[dict[str, Any]] | None
    words: str | None
    suggestion: list[dict[str, Any]] | None


class Labels:
    """Names of metrics and applicants in both languages."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._names: dict[str, dict[str, str]] = {
            name: {"zh": zh, "en": en}
            for name, zh, en in connection.execute(
                "SELECT metric, any_value(label_zh), any_value(label_en) FROM metric GROUP BY metric"
                " UNION ALL SELECT applicant, label_zh, label_en FROM applicant"
            ).fetchall()
        }

    def of(self, name: str, language: str) -> str:
        """The label of ``name``, or itself where it has none; rows that a publisher added have their own."""
        return self._names.get(name, {}).get(language, name.removeprefix("local."))


def finding_id(report_id: str, rule: str, relation: str, place: str) -> str:
    """A finding's name: the same whenever the same thing fails in the same report."""
    return hashlib.sha256(f"{report_id}|{rule}|{relation}|{place}".encode()).hexdigest()[:16]


def finding_of(outcome: Outcome, rule: Rule, splits: Mapping[str, Split], labels: Labels) -> Finding:
    """The finding that a failure of ``rule`` is."""
    relation = next((one for one in rule.relations if one.name == outcome.relation), None)
    cells = tuple(Cell(**cell) for cell in outcome.cells or ())
    if relation is not None:
        cells = tuple(_cells(rule, relation, splits, outcome))
    said = tuple(Quote(*quote.values()) for quote in outcome.quotes or ())
    own = [cell for cell in cells if cell.report_id == outcome.report_id]
    metrics = tuple(dict.fromkeys(cell.metric for cell in own)) or tuple(
        dict.fromkeys(quote.metric for quote in said if quote.metric)
    )
    applicants = tuple(dict.fromkeys(cell.applicant for cell in own)) or ("",)
    return Finding(
        finding_id=finding_id(outcome.report_id, rule.rule, outcome.relation, outcome.place),
        report_id=outcome.report_id,
        rule=rule.rule,
        relation=outcome.relation,
        place=outcome.place,
        severity=rule.severity_at(outcome.applicant),
        applicant=outcome.applicant or None,
        metrics=metrics,
        applicants=applicants,
        expected=outcome.expected,
        actual=outcome.stated,
        message=_message(rule, relation, outcome, labels, metrics),
        cells=cells,
        quotes=said,
        suggestion=tuple(Change(*change.values()) for change in outcome.suggestion or ()),
    )


def _cells(rule: Rule, relation: Relation, splits: Mapping[str, Split], outcome: Outcome) -> Iterator[Cell]:
    """The cells that a formula adds up, the stated ones first; parts where they stand for their sum."""
    for term in relation.formula.terms:
        operand, report_id = term.operand, outcome.report_id
        if operand.startswith(CLAIMED) or relation.table == CLAIMS:
            continue
        if operand.startswith(PREVIOUS):
            operand, report_id = operand.removeprefix(PREVIOUS), outcome.previous_id or ""
        if rule.each == "metric":
            yield Cell(report_id, relation.table, outcome.place, operand)
        elif operand in (outcome.split or ()):
            for part in splits[operand].parts:
                yield Cell(report_id, relation.table, part.operand, outcome.applicant or "")
        else:
            yield Cell(report_id, relation.table, operand, outcome.applicant or "")


def _message(
    rule: Rule, relation: Relation | None, outcome: Outcome, labels: Labels, metrics: Sequence[str]
) -> dict[str, str]:
    words: dict[str, Any] = json.loads(outcome.words) if outcome.words else {}
    figures = {
        "stated": plain_number(outcome.stated),
        "expected": plain_number(outcome.expected),
        "difference": _difference(outcome),
    }
    said = {}
    for language, sentence in rule.wording.items():
        names = {
            "applicant": labels.of(outcome.applicant or "", language),
            "column": _column(outcome.applicant, labels, language),
            "metric": labels.of(metrics[0], language) if metrics else "",
            "group": relation.group[language] if relation else "",
        }
        named = {key: _worded(value, labels, language) for key, value in words.items()}
        said[language] = sentence.format(**(figures | names | named)).strip()
    return said


def _column(applicant: str | None, labels: Labels, language: str) -> str:
    """The column that a cell is in, in brackets; nothing where there is only one."""
    if not applicant:
        return ""
    label = labels.of(applicant, language)
    return f"（{label}）" if language == "zh" else f" ({label})"


def _worded(value: Any, labels: Labels, language: str) -> str:
    """A word of a rule's own query: a name, a figure, or a text in both languages."""
    if isinstance(value, dict):
        return str(value[language])
    return labels.of(value, language) if isinstance(value, str) else plain_number(value)


def _difference(outcome: Outcome) -> str:
    if outcome.stated is None or outcome.expected is None:
        return ""
    return plain_number(abs(outcome.stated - outcome.expected))


def plain_number(value: float | None) -> str:
    """A figure as people write it: no decimals where there are none, nothing for None."""
    if value is None:
        return ""
    written = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written
