"""Findings by what the user calls them: an id, or as much of its beginning as is unique."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from rapidfuzz import process

_MOST_NEAR = 5
_FEWEST_SHOWN = 6


class UnknownFinding(Exception):  # noqa: N818 - it is a question to the user
    """No finding is called ``given``; ``near`` are ids that look like it."""

    def __init__(self, given: str, near: Sequence[str]) -> None:
        super().__init__(given)
        self.given = given
        self.near = list(near)


class AmbiguousFinding(UnknownFinding):
    """Several findings begin with what was given: ``near``."""


def finding_called(connection: duckdb.DuckDBPyConnection, given: str) -> str:
    """The id of the finding that ``given`` names.

    Raises :class:`UnknownFinding`, or :class:`AmbiguousFinding` where several ids begin so.
    """
    wanted = given.strip().lower()
    found = connection.execute(
        "SELECT finding_id FROM finding WHERE starts_with(finding_id, $1) ORDER BY finding_id LIMIT $2",
        [wanted, _MOST_NEAR + 1],
    ).fetchall()
    ids = [finding_id for (finding_id,) in found]
    if wanted in ids or (wanted and len(ids) == 1):
        return wanted if wanted in ids else ids[0]
    if wanted and ids:
        raise AmbiguousFinding(given, ids[:_MOST_NEAR])
    every = [name for (name,) in connection.execute("SELECT finding_id FROM finding").fetchall()]
    near = process.extract(wanted, every, limit=_MOST_NEAR)
    raise UnknownFinding(given, [name for name, *_ in near])


def shortest_ids(connection: duckdb.DuckDBPyConnection) -> int:
    """How many characters of an id tell every finding from the others; at least six."""
    (count,) = connection.execute("SELECT count(*) FROM finding").fetchall()[0]
    for length in range(_FEWEST_SHOWN, 16):
        (different,) = connection.execute(
            "SELECT count(DISTINCT left(finding_id, $1)) FROM finding", [length]
        ).fetchall()[0]
        if different == count:
            return length
    return 16
