"""Keeps what would mend the reports in the table ``suggestion``: only what changed is worked out again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import islice

import duckdb
import pyarrow as pa

from analysis.checks.localisation.suggest import Suggestion, explanations, figures_of
from analysis.spreading import Spread

# Everything is worked out anew when this rises.
_VERSION = 1
# Explanations that are written at once.
_BATCH = 500
_SUGGESTION = pa.schema(
    [
        ("report_id", pa.string()),
        ("table", pa.string()),
        ("part", pa.int32()),
        ("explanation_no", pa.int32()),
        ("metric", pa.string()),
        ("applicant", pa.string()),
        ("from", pa.float64()),
        ("to", pa.float64()),
        ("slip", pa.string()),
        ("open", pa.bool_()),
        ("complete", pa.bool_()),
    ]
)
# The same figures, of this year and the last, by the same rules have the same explanations.
_LOOKED_AT = """
    CREATE OR REPLACE TEMP TABLE looked_at AS
    SELECT number, report_id, $version || ' ' || sum(hash(
        "table", earlier, publisher_kind, scope, metric, applicant, value, raw, table_no, "row", col
    )) AS print
    FROM figure GROUP BY number, report_id
"""
_NEW = "SELECT number FROM looked_at ANTI JOIN localised USING (report_id, print) ORDER BY number"
_FORGET = """
    DELETE FROM suggestion WHERE report_id NOT IN (
        SELECT report_id FROM looked_at SEMI JOIN localised USING (report_id, print)
    );
    DELETE FROM localised;
    INSERT INTO localised BY NAME SELECT report_id, print FROM looked_at;
    INSERT INTO suggestion BY NAME FROM proposed;
"""


@contextmanager
def looked_at(
    connection: duckdb.DuckDBPyConnection, report_ids: Sequence[str], spread: Spread
) -> Iterator[None]:
    """Works out what would mend the reports, where it is not known; see :func:`renew_suggestions`."""
    try:
        connection.execute("CREATE OR REPLACE TEMP TABLE proposed AS FROM suggestion LIMIT 0")
        with figures_of(connection, report_ids):
            connection.execute(_LOOKED_AT, {"version": _version()})
            numbers = [number for (number,) in connection.execute(_NEW).fetchall()]
            proposed = explanations(connection, numbers, spread)
            while some := list(islice(proposed, _BATCH)):
                connection.register("taken", pa.Table.from_pylist(list(_rows(some)), schema=_SUGGESTION))
                connection.execute("INSERT INTO proposed BY NAME FROM taken")
                connection.unregister("taken")
        yield
    finally:
        for name in ("proposed", "looked_at"):
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")


def renew_suggestions(connection: duckdb.DuckDBPyConnection) -> None:
    """Brings the table ``suggestion`` up to date with the reports that were :func:`looked_at`."""
    connection.execute(_FORGET)


@cache
def _version() -> str:
    """Changes whenever the rules or the slips do."""
    digest = sha256(str(_VERSION).encode())
    for folder, name in (("analysis.checks", "rules"), ("analysis.checks", "localisation")):
        for path in sorted((files(folder) / name).iterdir(), key=lambda path: path.name):
            if path.name.endswith((".toml", ".py")):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _rows(some: Iterable[Suggestion]) -> Iterator[dict[str, object]]:
    for suggestion in some:
        for change, plain in zip(suggestion.explanation.changes, suggestion.changes(), strict=True):
            yield {
                "report_id": suggestion.report_id,
                "table": suggestion.table,
                "part": suggestion.part,
                "explanation_no": suggestion.number,
                "metric": plain.metric,
                "applicant": plain.applicant,
                "from": plain.was,
                "to": plain.to,
                "slip": change.slip,
                "open": change.open,
                "complete": suggestion.explanation.complete,
            }
