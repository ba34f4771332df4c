"""Reports by what their titles and texts say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb

from analysis.database import records

# More words narrow nothing down any further.
_MOST_WORDS = 8
_BEFORE, _BEHIND = 40, 90
_HITS = """
    SELECT report_id FROM report
    WHERE {in_title} OR report_id IN (SELECT report_id FROM report_text WHERE {in_text})
"""
_SHOWN = """
    SELECT r.report_id, r.title, r.publisher, r.year, r.county_code, c.name AS county, c.province, r.url
    FROM report r LEFT JOIN county c ON c.code = r.county_code WHERE list_contains($reports, r.report_id)
    ORDER BY r.year DESC NULLS LAST, r.county_code, r.report_id
    LIMIT $limit OFFSET $first
"""
_TEXTS = """
    SELECT report_id, text FROM report_text WHERE list_contains($reports, report_id)
    ORDER BY report_id, paragraph
"""


class Piece(NamedTuple):
    """A piece of a text; ``hit``: it is a word that was asked for."""

    text: str
    hit: bool


@dataclass(frozen=True)
class Found:
    """``total`` reports contain the words; ``records`` are some of them, each with ``pieces`` of its text."""

    total: int
    records: list[dict[str, Any]]


def words_of(text: str) -> list[str]:
    """The words of a question: what stands between blanks, each once."""
    return list(dict.fromkeys(text.split()))[:_MOST_WORDS]


def search_reports(
    connection: duckdb.DuckDBPyConnection, text: str, *, first: int = 0, limit: int = 50
) -> Found:
    """The reports whose title, or one paragraph of whose text, contains every word of ``text``.

    The newest come first; those from ``first``, from 0, are given, at most ``limit``.
    """
    words = words_of(text)
    if not words:
        return Found(0, [])
    given = {f"word_{number}": word for number, word in enumerate(words)}
    query = _HITS.format(
        in_title=" AND ".join(f"contains(coalesce(title, ''), ${name})" for name in given),
        in_text=" AND ".join(f"contains(text, ${name})" for name in given),
    )
    ids = [name for (name,) in connection.execute(query, given).fetchall()]
    return shown(connection, ids, words, first, limit)


def shown(
    connection: duckdb.DuckDBPyConnection, ids: Sequence[str], words: Sequence[str], first: int, limit: int
) -> Found:
    """The lines of some of the reports ``ids``, each with the place where ``words`` stand."""
    found = records(connection, _SHOWN, {"reports": list(ids), "first": first, "limit": limit})
    texts: dict[str, list[str]] = {}
    for line in records(connection, _TEXTS, {"reports": [one["report_id"] for one in found]}):
        texts.setdefault(line["report_id"], []).append(line["text"])
    for one in found:
        one["pieces"] = list(_pieces(texts.get(one["report_id"], []), words))
    return Found(len(ids), found)


def _pieces(paragraphs: Sequence[str], words: Sequence[str]) -> Iterator[Piece]:
    """The words with some text around them, from the paragraph that has most of them."""
    best = max(paragraphs, key=lambda text: sum(word in text for word in words), default="")
    places = [at for word in words if (at := best.find(word)) >= 0]
    if not places:
        return
    start, end = max(0, min(places) - _BEFORE), min(len(best), min(places) + _BEHIND)
    cut = ("…" if start else "") + best[start:end] + ("…" if end < len(best) else "")
    pattern = re.compile("(" + "|".join(map(re.escape, words)) + ")")
    for number, text in enumerate(pattern.split(cut)):
        if text:
            yield Piece(text, bool(number % 2))
