"""Writes captures, counties and reports, in whole batches through Arrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import duckdb
import pyarrow as pa

from scraper.archive import Capture
from scraper.forms import Report
from scraper.places import County, current

_BATCH = 10_000


@dataclass(frozen=True)
class StoredReport:
    """A report and the capture that it was read from; ``sample`` marks one from a sample portal."""

    report_id: str
    report: Report
    capture: Capture
    sample: bool = False


_SCHEMAS = {
    "capture": pa.schema(
        [
            ("url", pa.string()),
            ("captured_at", pa.timestamp("s")),
            ("status", pa.int32()),
            ("mime", pa.string()),
            ("sha256", pa.string()),
            ("warc_file", pa.string()),
            ("warc_offset", pa.int64()),
        ]
    ),
    "county": pa.schema(
        [
            ("code", pa.string()),
            ("name", pa.string()),
            ("province", pa.string()),
            ("prefecture", pa.string()),
            ("pinyin", pa.string()),
            ("since", pa.int32()),
            ("until", pa.int32()),
            ("successors", pa.list_(pa.string())),
            ("other_names", pa.list_(pa.string())),
            ("current_code", pa.string()),
        ]
    ),
    "report": pa.schema(
        [
            ("report_id", pa.string()),
            ("county_code", pa.string()),
            ("publisher", pa.string()),
            ("publisher_kind", pa.string()),
            ("year", pa.int32()),
            ("form", pa.string()),
            ("scope", pa.string()),
            ("title", pa.string()),
            ("period_start", pa.date32()),
            ("period_end", pa.date32()),
            ("published_on", pa.date32()),
            ("url", pa.string()),
            ("captured_at", pa.timestamp("s")),
            ("sha256", pa.string()),
            ("warc_file", pa.string()),
            ("warc_offset", pa.int64()),
            ("sample", pa.bool_()),
        ]
    ),
    "fact": pa.schema(
        [
            ("report_id", pa.string()),
            ("metric", pa.string()),
            ("applicant", pa.string()),
            ("value", pa.float64()),
            ("raw", pa.string()),
            ("unit", pa.string()),
            ("table", pa.string()),
            ("table_no", pa.int32()),
            ("row", pa.int32()),
            ("col", pa.int32()),
            ("confidence", pa.float64()),
        ]
    ),
    "label": pa.schema(
        [
            ("report_id", pa.string()),
            ("table_no", pa.int32()),
            ("row", pa.int32()),
            ("row_span", pa.int32()),
            ("col", pa.int32()),
            ("text", pa.string()),
        ]
    ),
    "evidence": pa.schema([(name, pa.string()) for name in ("report_id", "field", "source", "text")]),
    "claim": pa.schema(
        [
            ("report_id", pa.string()),
            ("metric", pa.string()),
            ("value", pa.float64()),
            ("sentence", pa.string()),
            ("start_at", pa.int32()),
            ("end_at", pa.int32()),
            ("approximate", pa.bool_()),
            ("scope", pa.string()),
        ]
    ),
    "warning": pa.schema([(name, pa.string()) for name in ("report_id", "code", "message", "message_zh")]),
    "reading": pa.schema(
        [
            ("warc_file", pa.string()),
            ("warc_offset", pa.int64()),
            ("reader", pa.string()),
            ("outcome", pa.string()),
        ]
    ),
}


def load_captures(connection: duckdb.DuckDBPyConnection, captures: Iterable[Capture]) -> None:
    """Adds the captures that the database does not have, batch by batch."""
    waiting = iter(captures)
    while batch := list(islice(waiting, _BATCH)):
        rows = [
            (c.url, c.captured_at.replace(tzinfo=None), c.status, c.mime, c.sha256, c.warc_file, c.offset)
            for c in batch
        ]
        _insert(connection, "capture", rows, "OR IGNORE")


def load_counties(connection: duckdb.DuckDBPyConnection, counties: Iterable[County]) -> None:
    """Adds counties, or renews what is known of them."""
    # Its dictionary takes longer to load than most commands run, and only this one needs it.
    from pypinyin import lazy_pinyin

    _insert(
        connection,
        "county",
        [
            (
                c.code, c.name, c.province, c.prefecture, "".join(lazy_pinyin(c.name)),
                c.since, c.until, list(c.successors),
                [name for name in (*c.names[1:], c.short_name) if name], current(c).code,
            )
            for c in counties
        ],
        "OR REPLACE",
    )  # fmt: skip


def load_reports(
    connection: duckdb.DuckDBPyConnection,
    reports: Sequence[StoredReport],
    readings: Sequence[tuple[Capture, str, str]],
) -> None:
    """Replaces ``reports`` as one transaction: all of them are stored, or nothing changes.

    ``readings`` are the captures looked at, what came of each, and the version of the reader that did.
    A capture that is no longer a report takes the report that an older reader saw in it away.
    """
    connection.execute("BEGIN")
    try:
        _insert(
            connection,
            "reading",
            [(c.warc_file, c.offset, reader, outcome) for c, outcome, reader in readings],
            "OR REPLACE",
        )
        stale = [(report.report_id,) for report in reports]
        stale += connection.execute(
            "SELECT report_id FROM report JOIN reading USING (warc_file, warc_offset)"
            " WHERE outcome <> 'report'"
        ).fetchall()
        _delete(connection, [report_id for (report_id,) in stale])
        _insert(connection, "report", [_report_row(stored) for stored in reports])
        _insert(connection, "fact", [row for stored in reports for row in _fact_rows(stored)])
        _insert(connection, "label", [row for stored in reports for row in _label_rows(stored)])
        _insert(connection, "evidence", [row for stored in reports for row in _evidence_rows(stored)])
        _insert(connection, "claim", [row for stored in reports for row in _claim_rows(stored)])
        _insert(connection, "warning", [row for stored in reports for row in _warning_rows(stored)])
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _delete(connection: duckdb.DuckDBPyConnection, report_ids: list[str]) -> None:
    # Findings stay until the rules are worked out again: their status is a human decision.
    for table in ("report", "fact", "label", "claim", "evidence", "warning"):
        connection.execute(
            f"DELETE FROM {table} WHERE list_contains($1, report_id)",  # noqa: S608
            [report_ids],
        )


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: Sequence[tuple[Any, ...]],
    how: str = "",
) -> None:
    if not rows:
        return
    schema = _SCHEMAS[table]
    columns = [
        pa.array(values, field.type) for field, values in zip(schema, zip(*rows, strict=True), strict=True)
    ]
    connection.register("incoming", pa.Table.from_arrays(columns, schema=schema))
    connection.execute(f"INSERT {how} INTO {table} SELECT * FROM incoming")  # noqa: S608
    connection.unregister("incoming")


def _report_row(stored: StoredReport) -> tuple[Any, ...]:
    who, capture = stored.report.identity, stored.capture
    return (
        stored.report_id, who.county_code, who.publisher, who.publisher_kind, who.year,
        stored.report.form, who.scope, who.title, who.period_start, who.period_end, who.published_on,
        capture.url, capture.captured_at.replace(tzinfo=None), capture.sha256,
        capture.warc_file, capture.offset, stored.sample,
    )  # fmt: skip


def _fact_rows(stored: StoredReport) -> list[tuple[Any, ...]]:
    return [
        (
            stored.report_id, fact.metric, fact.applicant,
            None if fact.value is None else float(fact.value), fact.raw, fact.unit,
            fact.table, fact.table_no, fact.row, fact.column, fact.confidence,
        )
        for fact in stored.report.facts
    ]  # fmt: skip


def _label_rows(stored: StoredReport) -> list[tuple[Any, ...]]:
    return [(stored.report_id, *label) for label in stored.report.labels]


def _evidence_rows(stored: StoredReport) -> list[tuple[Any, ...]]:
    evidence = stored.report.identity.evidence.items()
    return [(stored.report_id, name, said.source, said.text) for name, said in evidence]


def _claim_rows(stored: StoredReport) -> list[tuple[Any, ...]]:
    return [
        (
            stored.report_id, claim.metric, float(claim.value), claim.sentence, claim.start, claim.end,
            claim.approximate, claim.scope,
        )
        for claim in stored.report.claims
    ]  # fmt: skip


def _warning_rows(stored: StoredReport) -> list[tuple[Any, ...]]:
    return [
        (stored.report_id, notice.code, notice.text("en"), notice.text("zh"))
        for notice in stored.report.notices
    ]
