"""Evaluates the rules over a whole database, and keeps what fails."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple

import duckdb
import pyarrow as pa

from analysis.checks.rules import Each, Relation, Rule, Severity, rules, sums_of


class _Failure(NamedTuple):
    """A line of ``evaluation.sql``; ``split`` are the operands that this report prints in parts."""

    report_id: str
    rule: str
    relation: int
    place: str
    stated: float
    expected: float
    split: list[str] | None


@dataclass(frozen=True)
class Finding:
    """A relation that a report breaks.

    ``actual`` is what the report states, ``expected`` what its other figures demand. ``metrics`` and
    ``applicants`` are the cells that take part, the stated one first; ``applicant`` is the column that
    the finding is about, None outside the requests table. ``message`` says it in both languages.
    """

    finding_id: str
    report_id: str
    rule: str
    severity: Severity
    applicant: str | None
    metrics: tuple[str, ...]
    applicants: tuple[str, ...]
    expected: float
    actual: float
    message: dict[str, str]


def evaluate(connection: duckdb.DuckDBPyConnection, catalogue: Sequence[Rule] = ()) -> list[Finding]:
    """Every failure of ``catalogue``, by default the shipped rules, in all reports of the database."""
    chosen = tuple(catalogue) or rules()
    connection.register("term", _term_table(chosen))
    connection.register("part", _part_table())
    try:
        query = (files(__package__) / "evaluation.sql").read_text(encoding="utf-8")
        failures = [_Failure(*row) for row in connection.execute(query).fetchall()]
    finally:
        connection.unregister("term")
        connection.unregister("part")
    by_id = {rule.rule: rule for rule in chosen}
    labels = _Labels(connection)
    return [_finding(labels, by_id[failure.rule], failure) for failure in failures]


def record_findings(connection: duckdb.DuckDBPyConnection) -> int:
    """Evaluates the shipped rules and replaces the stored findings; returns how many there are.

    A finding that was there before keeps its status.
    """
    found = evaluate(connection)
    connection.register("found", _finding_table(found))
    connection.execute("BEGIN")
    try:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE renewed AS"
            " SELECT found.* EXCLUDE status, coalesce(finding.status, found.status) AS status"
            " FROM found LEFT JOIN finding USING (finding_id)"
        )
        connection.execute("DELETE FROM finding WHERE finding_id NOT IN (SELECT finding_id FROM found)")
        connection.execute("INSERT OR REPLACE INTO finding BY NAME SELECT * FROM renewed")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    finally:
        connection.unregister("found")
    return len(found)


def _term_table(chosen: Sequence[Rule]) -> pa.Table:
    rows = [
        {
            "rule": rule.rule,
            "relation": number,
            "each": rule.each,
            "side": side,
            "operand": term.operand,
            "sign": term.sign,
            "terms": len(relation.stated) + len(relation.expected),
        }
        for rule in chosen
        for number, relation in enumerate(rule.relations)
        for side, terms in relation.sides()
        for term in terms
    ]
    return pa.Table.from_pylist(rows)


def _part_table() -> pa.Table:
    rows = [
        {"metric": metric, "part": part.operand, "sign": part.sign, "parts": len(parts)}
        for metric, parts in sums_of().items()
        for part in parts
    ]
    return pa.Table.from_pylist(rows)


class _Labels:
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
        return self._names.get(name, {}).get(language, name)


def _finding(labels: _Labels, rule: Rule, failure: _Failure) -> Finding:
    relation = rule.relations[failure.relation]
    metrics, applicants = _cells(rule.each, relation, failure)
    key = f"{failure.report_id}|{rule.rule}|{failure.relation}|{failure.place}"
    return Finding(
        finding_id=hashlib.sha256(key.encode()).hexdigest()[:16],
        report_id=failure.report_id,
        rule=rule.rule,
        severity=rule.severity if applicants[0] in ("", "total") else rule.severity_unless_total,
        applicant=applicants[0] or None,
        metrics=metrics,
        applicants=applicants,
        expected=failure.expected,
        actual=failure.stated,
        message={
            language: sentence.format(
                stated=plain_number(failure.stated),
                expected=plain_number(failure.expected),
                applicant=labels.of(applicants[0], language),
                metric=labels.of(metrics[0], language),
                group=relation.group[language],
            )
            for language, sentence in rule.wording.items()
        },
    )


def _cells(each: Each, relation: Relation, failure: _Failure) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Metrics and applicants of the cells that take part, the stated one first."""
    if each == "metric":
        return (failure.place,), tuple(relation.operands)
    split = failure.split or []
    metrics = [
        metric
        for operand in relation.operands
        for metric in ([part.operand for part in sums_of()[operand]] if operand in split else [operand])
    ]
    return tuple(metrics), (failure.place,)


def plain_number(value: float) -> str:
    """A figure as people write it: no decimals where there are none."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _finding_table(found: Sequence[Finding]) -> pa.Table:
    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("finding_id", "report_id", "rule", "severity", "applicant")),
            ("metrics", pa.list_(pa.string())),
            ("applicants", pa.list_(pa.string())),
            ("expected", pa.float64()),
            ("actual", pa.float64()),
            *((name, pa.string()) for name in ("message", "message_zh", "status")),
        ]
    )
    return pa.Table.from_pylist(list(_finding_rows(found)), schema=schema)


def _finding_rows(found: Sequence[Finding]) -> Iterator[dict[str, object]]:
    for finding in found:
        yield {
            **{name: getattr(finding, name) for name in Finding.__dataclass_fields__ if name != "message"},
            "message": finding.message["en"],
            "message_zh": finding.message["zh"],
            "status": "open",
        }
