"""All that is known of one report, and its prose with the figures that it states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import duckdb

from analysis.database import records

_REPORT = """
    SELECT r.*, c.name AS county, c.province, c.prefecture, c.current_code
    FROM report r LEFT JOIN county c ON c.code = r.county_code
    WHERE starts_with(r.report_id, $report) ORDER BY r.report_id LIMIT 2
"""
_BESIDE = {
    "evidence": "SELECT field, source, text FROM evidence WHERE report_id = $report",
    "warnings": "SELECT code, message, message_zh FROM warning WHERE report_id = $report",
    "also_at": "SELECT url, captured_at, last_seen_at, vanished_at FROM also_at WHERE report_id = $report"
    " ORDER BY url",
    "versions": "SELECT url, captured_at, last_seen_at, newest, title, form, warc_file, warc_offset"
    " FROM version WHERE report_id = $report ORDER BY captured_at",
    "claims": "SELECT metric, value, sentence, start_at, end_at, approximate, scope FROM claim"
    " WHERE report_id = $report ORDER BY sentence, start_at",
}
_TEXT = "SELECT text FROM report_text WHERE report_id = $report ORDER BY paragraph"


class UnknownReport(Exception):  # noqa: N818 - said by the user
    """No report, or more than one, has an id that begins with ``given``."""

    def __init__(self, given: str) -> None:
        super().__init__(given)
        self.given = given


class Passage(NamedTuple):
    """A piece of a paragraph; ``claims`` are the claims, by number, whose figure it is."""

    text: str
    claims: tuple[int, ...] = ()


Paragraph = tuple[Passage, ...]


def report(connection: duckdb.DuckDBPyConnection, report_id: str) -> dict[str, Any]:
    """The line of a report, its county, and lists: evidence, warnings, also_at, versions, claims.

    ``report_id`` may be the beginning of an id. Raises :class:`UnknownReport`.
    """
    found = records(connection, _REPORT, {"report": report_id}) if report_id else []
    if len(found) != 1:
        raise UnknownReport(report_id)
    (line,) = found
    for name, query in _BESIDE.items():
        line[name] = records(connection, query, {"report": line["report_id"]})
    return line


def texts_of(
    connection: duckdb.DuckDBPyConnection, report_id: str, claims: Sequence[dict[str, Any]]
) -> list[Paragraph]:
    """The prose of a report, cut where the figures of ``claims`` begin and end."""
    texts = connection.execute(_TEXT, {"report": report_id}).fetchall()
    return [tuple(_passages(text, claims)) for (text,) in texts]


def _passages(text: str, claims: Sequence[dict[str, Any]]) -> Iterator[Passage]:
    spans: dict[tuple[int, int], list[int]] = {}
    for number, claim in enumerate(claims):
        at = text.find(claim["sentence"])
        if at >= 0:
            spans.setdefault((at + claim["start_at"], at + claim["end_at"]), []).append(number)
    done = 0
    for (start, end), numbers in sorted(spans.items()):
        if start < done:
            continue
        if start > done:
            yield Passage(text[done:start])
        yield Passage(text[start:end], tuple(numbers))
        done = end
    if done < len(text):
        yield Passage(text[done:])
