"""The metric catalogue as the database holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

_MOST_SUGGESTIONS = 5
_NEAR_METRICS = f"""
    SELECT metric FROM metric
    GROUP BY metric
    HAVING max(greatest(jaro_winkler_similarity(metric, $given), jaro_winkler_similarity(label_zh, $given),
                        jaro_winkler_similarity(lower(label_en), $given))) > 0.85
    ORDER BY max(greatest(jaro_winkler_similarity(metric, $given), jaro_winkler_similarity(label_zh, $given),
                          jaro_winkler_similarity(lower(label_en), $given))) DESC, metric
    LIMIT {_MOST_SUGGESTIONS}
"""  # noqa: S608 - nothing but the constant above is put in


@dataclass(frozen=True)
class Metric:
    """One quantity; ``total_applicant`` is where its total stands: "total" in the requests table."""

    metric: str
    label_zh: str
    label_en: str
    unit: str
    total_applicant: str


class UnknownName(Exception):  # noqa: N818 - said by the user
    """There is nothing called ``given``; ``near`` are similar names."""

    def __init__(self, given: str, near: Iterable[str]) -> None:
        super().__init__(given)
        self.given = given
        self.near = list(near)


class UnknownMetric(UnknownName):
    """No metric has that id."""


class UnknownApplicant(UnknownName):
    """No kind of applicant has that id; ``near`` are all there are."""


def find_metric(connection: duckdb.DuckDBPyConnection, given: str) -> Metric:
    """The metric with the id or the Chinese label ``given``. Raises :class:`UnknownMetric`."""
    rows = connection.execute(
        """
        SELECT metric, label_zh, label_en, unit, CASE "table" WHEN 'requests' THEN 'total' ELSE '' END
        FROM metric WHERE metric = $given OR label_zh = $given
        ORDER BY form DESC LIMIT 1
        """,
        {"given": given.strip()},
    ).fetchall()
    if not rows:
        near = connection.execute(_NEAR_METRICS, {"given": given.strip().lower()}).fetchall()
        raise UnknownMetric(given, (name for (name,) in near))
    return Metric(*rows[0])


def check_applicant(connection: duckdb.DuckDBPyConnection, given: str) -> str:
    """``given`` if it is a kind of applicant. Raises :class:`UnknownApplicant`."""
    known = [name for (name,) in connection.execute("SELECT applicant FROM applicant").fetchall()]
    if given not in known:
        raise UnknownApplicant(given, known)
    return given
