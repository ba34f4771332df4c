"""Reports by what their titles and texts say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import duckdb

from analysis.database import records
from analysis.search.index import TextIndex

# More words narrow nothing down any further.
_MOST_WORDS = 8
_BEFORE, _BEHIND = 40, 90
# So many reports are looked into for one question. Where more could contain the words, how many do is
# not told exactly.
_MOST_READ = 2000
_TITLES = """
    SELECT report_id FROM report WHERE {condition}
    ORDER BY year DESC NULLS LAST, county_code, report_id
"""
_SHOWN = """
    SELECT r.report_id, r.title, r.publisher, r.year, r.county_code, c.name AS county, c.province, r.url
    FROM report r LEFT JOIN county c ON c.code = r.county_code WHERE list_contains($reports, r.report_id)
    ORDER BY list_position($reports, r.report_id)
"""


class Piece(NamedTuple):
    """A piece of a text; ``hit``: it is a word that was asked for."""

    text: str
    hit: bool


@dataclass(frozen=True)
class Found:
    """``total`` reports contain the words; ``records`` are some of them, each with ``pieces`` of its text.

    ``exact``: so many they are, and not at most. ``texts``: the texts were looked into, not titles alone.
    """

    total: int
    records: list[dict[str, Any]]
    exact: bool = True
    texts: bool = True


def words_of(text: str) -> list[str]:
    """The words of a question: what stands between blanks, each once."""
    return list(dict.fromkeys(text.split()))[:_MOST_WORDS]


def search_reports(
    connection: duckdb.DuckDBPyConnection,
    index: TextIndex | None,
    text: str,
    *,
    first: int = 0,
    limit: int = 50,
) -> Found:
    """The reports whose title and text contain every word of ``text``, the newest first.

    Those from ``first``, from 0, are given, at most ``limit``. Without an ``index`` only titles are searched.
    """
    words = words_of(text)
    if not words:
        return Found(0, [])
    if index is None:
        return _by_title(connection, words, first, limit)
    candidates = index.candidates(words)
    all_read = len(candidates) <= _MOST_READ
    wanted = None if all_read and not candidates.certain else first + limit
    hits = list(islice(candidates, wanted))
    exact = all_read or candidates.certain
    total = len(candidates) if candidates.certain or not all_read else len(hits)
    shown = hits[first : first + limit]
    lines = _lines(connection, [name for name, _ in shown])
    texts = dict(shown)
    for line in lines:
        line["pieces"] = list(_pieces(texts[line["report_id"]], words))
    return Found(total, lines, exact)


def _by_title(connection: duckdb.DuckDBPyConnection, words: Sequence[str], first: int, limit: int) -> Found:
    given = {f"word_{number}": word for number, word in enumerate(words)}
    condition = " AND ".join(f"contains(lower(coalesce(title, '')), lower(${name}))" for name in given)
    ids = [name for (name,) in connection.execute(_TITLES.format(condition=condition), given).fetchall()]
    lines = _lines(connection, ids[first : first + limit])
    for line in lines:
        line["pieces"] = []
    return Found(len(ids), lines, texts=False)


def _lines(connection: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[dict[str, Any]]:
    return records(connection, _SHOWN, {"reports": list(ids)})


def _pieces(text: str, words: Sequence[str]) -> Iterator[Piece]:
    """The words with some text around them, from the paragraph that has most of them."""
    pattern = re.compile("(" + "|".join(map(re.escape, words)) + ")", re.IGNORECASE)
    paragraphs = text.split("\n")[1:]
    best = max(paragraphs, key=lambda one: len(set(pattern.findall(one))), default="")
    hit = pattern.search(best)
    if hit is None:
        return
    start, end = max(0, hit.start() - _BEFORE), min(len(best), hit.start() + _BEHIND)
    cut = ("…" if start else "") + best[start:end] + ("…" if end < len(best) else "")
    for number, piece in enumerate(pattern.split(cut)):
        if piece:
            yield Piece(piece, bool(number % 2))
