"""Brings the decisions of the file into the database, where they decide the status of findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import duckdb
import pyarrow as pa

from analysis.database import records
from analysis.review.decisions import Decision, Verdict

_SCHEMA = pa.schema(
    [
        ("review_no", pa.int32()),
        *((name, pa.string()) for name in ("finding_id", "decision", "name")),
        ("decided_at", pa.timestamp("s")),
        *((name, pa.string()) for name in ("note", "report_id", "url", "publisher")),
        ("year", pa.int32()),
        *((name, pa.string()) for name in ("rule", "applicant")),
        ("metrics", pa.list_(pa.string())),
        ("expected", pa.float64()),
        ("actual", pa.float64()),
        *((name, pa.string()) for name in ("message", "message_zh")),
    ]
)
_FINDING = """
    SELECT f.finding_id, f.report_id, r.url, r.publisher, r.year, f.rule, f.applicant, f.metrics,
           f.expected, f.actual, f.message, f.message_zh
    FROM finding f JOIN report r USING (report_id) WHERE f.finding_id = $finding_id
"""
_DECISIONS = """
    SELECT v.review_no, v.finding_id, v.decision, v.standing, v.name, v.decided_at, v.note,
           r.county_code, c.name AS county, v.publisher, v.year, v.rule, v.applicant, v.metrics,
           v.expected, v.actual, v.message, v.message_zh,
           f.expected AS expected_now, f.actual AS actual_now, v.url, v.report_id
    FROM review v LEFT JOIN finding f USING (finding_id) LEFT JOIN report r ON r.report_id = v.report_id
    LEFT JOIN county c ON c.code = r.county_code
    WHERE ($findings::VARCHAR[] IS NULL OR list_contains($findings::VARCHAR[], v.finding_id))
      AND ($county IS NULL OR coalesce(c.current_code, r.county_code) = $county)
      AND ($year IS NULL OR v.year = $year)
      AND ($rule IS NULL OR v.rule = $rule OR v.rule LIKE replace($rule, '*', '%'))
    ORDER BY v.decided_at DESC, v.review_no DESC
"""
_TO_DECIDE = """
    SELECT f.finding_id, f.severity, r.county_code, c.name AS county, r.publisher, r.year, f.rule,
           f.applicant, f.metrics, f.expected, f.actual, f.message, f.message_zh, r.url, f.report_id,
           v.decision AS decided, v.name, v.decided_at, v.expected AS expected_then, v.actual AS actual_then
    FROM finding f JOIN report r USING (report_id) LEFT JOIN county c ON c.code = r.county_code
    LEFT JOIN review v ON v.finding_id = f.finding_id AND v.standing = 'figures_changed'
    WHERE f.status = 'open'
      AND ($county IS NULL OR coalesce(c.current_code, r.county_code) = $county)
      AND ($year IS NULL OR r.year = $year)
      AND ($rule IS NULL OR f.rule = $rule OR f.rule LIKE replace($rule, '*', '%'))
    ORDER BY list_position(['error', 'warning', 'notice'], f.severity),
             r.county_code, r.year, f.report_id, f.rule, f.applicant, f.finding_id
"""


@dataclass(frozen=True)
class Scope:
    """Which findings or decisions are wanted; None means any. ``rule`` may end in ``*``."""

    county: str | None = None
    year: int | None = None
    rule: str | None = None


ALL = Scope()


def decision_about(
    connection: duckdb.DuckDBPyConnection, finding_id: str, verdict: Verdict, name: str, note: str
) -> Decision:
    """The decision that somebody takes now about a stored finding."""
    (found,) = records(connection, _FINDING, {"finding_id": finding_id})
    message = {"zh": found.pop("message_zh"), "en": found.pop("message")}
    return Decision(
        decided_at=datetime.now(UTC).replace(microsecond=0),
        name=name,
        verdict=verdict,
        note=note,
        message=message,
        **found | {"metrics": tuple(found["metrics"])},
    )


def apply_decisions(connection: duckdb.DuckDBPyConnection, decisions: Mapping[int, Decision]) -> None:
    """Replaces the table ``review``, and sets the status of every finding as the decisions say.

    ``decisions`` are by their line in the file.
    Of several decisions about a finding the last counts. It no longer does where the finding's figures are
    others than those that were decided upon.
    """
    connection.register("decided", pa.Table.from_pylist(list(_rows(decisions)), schema=_SCHEMA))
    connection.execute((files(__package__) / "standing.sql").read_text(encoding="utf-8"))
    connection.unregister("decided")
    connection.execute("BEGIN")
    try:
        connection.execute("DELETE FROM review")
        connection.execute("INSERT INTO review BY NAME SELECT * FROM standing")
        connection.execute(
            "UPDATE finding SET status = coalesce((SELECT decision FROM standing"
            " WHERE standing.finding_id = finding.finding_id AND standing = 'counts'), 'open')"
        )
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute("DROP TABLE temp.standing")


def _rows(decisions: Mapping[int, Decision]) -> Iterator[dict[str, Any]]:
    for number, decision in decisions.items():
        yield vars(decision) | {
            "review_no": number,
            "decision": decision.verdict,
            "decided_at": decision.decided_at.replace(tzinfo=None),
            "metrics": list(decision.metrics),
            "message": decision.message["en"],
            "message_zh": decision.message["zh"],
        }


def decisions_about(
    connection: duckdb.DuckDBPyConnection,
    wanted: Scope = ALL,
    findings: Sequence[str] | None = None,
    language: str = "en",
) -> list[dict[str, Any]]:
    """The decisions taken, the last first: all of them, or those about the given ``findings``."""
    given = vars(wanted) | {"findings": None if findings is None else list(findings)}
    return _worded(records(connection, _DECISIONS, given), language)


def to_decide(
    connection: duckdb.DuckDBPyConnection, wanted: Scope = ALL, language: str = "en"
) -> list[dict[str, Any]]:
    """The findings that are open, the gravest first.

    ``decided`` is what was decided about one when its figures were ``actual_then`` and ``expected_then``.
    """
    return _worded(records(connection, _TO_DECIDE, vars(wanted)), language)


def _worded(found: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    for record in found:
        chinese = record.pop("message_zh")
        record["message"] = chinese if language == "zh" else record["message"]
    return found
