"""Reads which reports have text in common, and shows two of them side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb

from analysis.checks.reuse.passages import Passage, passages, share
from analysis.checks.reuse.prose import own_prose
from analysis.database import records

_QUERY = """
    SELECT u.share, r.county_code, c.name AS county, r.publisher, r.year, u.kin, oc.name AS other_county,
           o.publisher AS other_publisher, o.year AS other_year, u.letters, u.longest, u.passage,
           r.url, o.url AS other_url, u.report_id, u.other_id
    FROM reuse u JOIN report r ON r.report_id = u.report_id JOIN report o ON o.report_id = u.other_id
    LEFT JOIN county c ON c.code = r.county_code LEFT JOIN county oc ON oc.code = o.county_code
    WHERE u.share >= $least AND ($year IS NULL OR r.year = $year)
      AND ($county IS NULL OR coalesce(c.current_code, r.county_code) = $county)
    ORDER BY u.share DESC, r.county_code, r.year, u.report_id, u.other_id, u.kin
"""
_CALLED = """
    SELECT report_id, publisher, year FROM report
    WHERE report_id = $1 OR url = $1 OR (len($1) >= 6 AND starts_with(report_id, $1)) ORDER BY report_id
"""
_MOST_LIKE = "SELECT other_id FROM reuse WHERE report_id = $1 ORDER BY share DESC, other_id LIMIT 1"
_TEXT = """
    SELECT string_agg(text, '\n' ORDER BY paragraph) FROM report_text WHERE report_id = $1
"""


@dataclass(frozen=True)
class ReuseFilter:
    """Which pairs of reports are wanted; None means any.

    ``county`` is the present code of the county whose report took text over, ``year`` that report's year,
    ``least`` the smallest share in percent.
    """

    county: str | None = None
    year: int | None = None
    least: float = 30.0


class NoReport(Exception):  # noqa: N818 - said by the user
    """No report, or more than one, is called ``given``."""

    def __init__(self, given: str) -> None:
        super().__init__(given)
        self.given = given


class NothingToCompare(Exception):  # noqa: N818 - it is a state of the database
    """The prose of ``report`` was compared with no other's."""

    def __init__(self, report: Called) -> None:
        super().__init__(report.report_id)
        self.report = report


class Called(NamedTuple):
    """A report, whose it is, and for which year."""

    report_id: str
    publisher: str | None
    year: int | None


@dataclass(frozen=True)
class SideBySide:
    """What of the prose of ``report`` stands in that of ``other``.

    ``share`` is in percent of the report's own prose, ``of`` how many characters that has without
    punctuation; ``passages`` the longest first.
    """

    report: Called
    other: Called
    share: float
    of: int
    passages: tuple[Passage, ...]


def reuse(connection: duckdb.DuckDBPyConnection, wanted: ReuseFilter) -> list[dict[str, Any]]:
    """The stored pairs that ``wanted`` describes, the greatest share first."""
    return records(connection, _QUERY, vars(wanted))


def side_by_side(connection: duckdb.DuckDBPyConnection, given: str, other: str | None = None) -> SideBySide:
    """Compares the newest texts of two reports, named by id, its beginning, or address.

    Without ``other``, with the report that it has most in common with. Raises :class:`NoReport` or
    :class:`NothingToCompare`.
    """
    report = _called(connection, given)
    if other is None:
        most_like = connection.execute(_MOST_LIKE, [report.report_id]).fetchone()
        if most_like is None:
            raise NothingToCompare(report)
        (other,) = most_like
    second = _called(connection, str(other))
    own, others = (own_prose(_text(connection, one)) for one in (report, second))
    return SideBySide(
        report=report,
        other=second,
        share=share(own, others),
        of=len(own.letters),
        passages=tuple(passages(own, others)),
    )


def _called(connection: duckdb.DuckDBPyConnection, given: str) -> Called:
    found = [Called(*row) for row in connection.execute(_CALLED, [given]).fetchall()]
    exact = [one for one in found if one.report_id == given] or found
    if len(exact) != 1:
        raise NoReport(given)
    return exact[0]


def _text(connection: duckdb.DuckDBPyConnection, report: Called) -> str:
    row = connection.execute(_TEXT, [report.report_id]).fetchone()
    if row is None or row[0] is None:
        raise NothingToCompare(report)
    return str(row[0])
