"""The list of changes, each with what differs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from typing import Any, Literal

import duckdb

from analysis.changes.text import text_diff
from analysis.database import records

Kind = Literal["appeared", "vanished", "altered"]

_FIGURES = """
    SELECT url, altered_at, metric, applicant, earlier_value AS "from", value AS "to",
           earlier_raw AS from_raw, raw AS to_raw
    FROM altered_figure ORDER BY url, altered_at, position, metric, applicant
"""
_EARLIER = "SELECT text FROM earlier_text WHERE url = $1 AND captured_at = $2 ORDER BY paragraph"
_NOW = "SELECT text FROM report_text WHERE report_id = $1 ORDER BY paragraph"


@dataclass(frozen=True)
class ChangeFilter:
    """Which changes are wanted; None means any. ``county`` is the county's present code."""

    county: str | None = None
    year: int | None = None
    kind: Kind | None = None
    since: date | None = None


def changes(connection: duckdb.DuckDBPyConnection, wanted: ChangeFilter) -> list[dict[str, Any]]:
    """What became of reports, the newest first.

    ``kind`` is ``appeared`` (captured for the first time, or again after an absence, then with
    ``vanished_as`` and ``last_seen_at``), ``vanished`` or ``altered``. An alteration has ``facts``, the
    figures that differ, ``text``, the lines of a unified diff of the prose, and how many of each;
    ``still_at`` are addresses that still show what was there before. ``urls`` are all of the report's.
    """
    query = (files(__package__) / "changes.sql").read_text(encoding="utf-8")
    found = records(connection, query, vars(wanted))
    figures = _figures(connection) if any(one["kind"] == "altered" for one in found) else {}
    for one in found:
        facts = figures.get((one["url"], one["at"]), []) if one["kind"] == "altered" else []
        text, lines = _text(connection, one) if one["kind"] == "altered" else ([], 0)
        one |= {"facts": facts, "text": text, "figures": len(facts), "lines": lines}
        for name in ("earlier_at", "earlier_title", "newer_title", "newest"):
            del one[name]
    return found


def _figures(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, datetime], list[dict[str, Any]]]:
    """The figures that each alteration altered, by address and time."""
    found: dict[tuple[str, datetime], list[dict[str, Any]]] = {}
    for fact in records(connection, _FIGURES):
        found.setdefault((fact.pop("url"), fact.pop("altered_at")), []).append(fact)
    return found


def _text(connection: duckdb.DuckDBPyConnection, change: dict[str, Any]) -> tuple[list[str], int]:
    """The diff of titles and prose, with the times of both as its head, and how many lines differ."""
    earlier = _lines(connection, _EARLIER, [change["url"], change["earlier_at"]])
    if change["newest"]:
        newer = _lines(connection, _NOW, [change["report_id"]])
    else:
        newer = _lines(connection, _EARLIER, [change["url"], change["at"]])
    found = text_diff(
        "\n".join([change["earlier_title"] or "", *earlier]), "\n".join([change["newer_title"] or "", *newer])
    )
    if not found.lines:
        return [], 0
    return [f"--- {change['earlier_at']}", f"+++ {change['at']}", *found.lines], found.count


def _lines(connection: duckdb.DuckDBPyConnection, query: str, of: list[Any]) -> list[str]:
    return [text for (text,) in connection.execute(query, of).fetchall()]


def cell_names(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """What the cells of ``facts`` are called: metrics and applicants by their id, in both languages."""
    rows = connection.execute(
        "SELECT metric, any_value(label_zh), any_value(label_en) FROM metric GROUP BY metric"
        " UNION ALL SELECT applicant, label_zh, label_en FROM applicant"
    ).fetchall()
    return {name: {"zh": zh, "en": en} for name, zh, en in rows}
