"""The columns of what is written, and Python values as their rows; whole batches go through Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from scraper.archive import Capture
from scraper.forms import Report

Row = tuple[Any, ...]


@dataclass(frozen=True)
class StoredReport:
    """A report and the capture that it was read from; ``sample`` marks one from a sample portal.

    ``text`` are the paragraphs of its own prose; ``content`` is the same for all reports with the same
    figures and prose, ``figures`` for those with the same figures, and None where they are too few to tell.
    """

    report_id: str
    report: Report
    capture: Capture
    sample: bool = False
    text: tuple[str, ...] = ()
    content: str = ""
    figures: str | None = None


@dataclass(frozen=True)
class Reading:
    """What came of reading a capture by one version of the reader.

    ``outcome`` is ``report``, what the page is instead, or the code of the message why it could not be
    read. ``leads_to`` is where a ``redirect`` sends its reader. ``stored`` is the report.
    """

    capture: Capture
    reader: str
    outcome: str
    leads_to: str | None = None
    stored: StoredReport | None = None


_KEY = (("report_id", pa.string()),)
_PLACE = (("sha256", pa.string()), ("warc_file", pa.string()), ("warc_offset", pa.int64()))
_FACT = (
    ("metric", pa.string()), ("applicant", pa.string()), ("value", pa.float64()), ("raw", pa.string()),
    ("unit", pa.string()), ("table", pa.string()), ("table_no", pa.int32()), ("row", pa.int32()),
    ("col", pa.int32()), ("confidence", pa.float64()),
)  # fmt: skip
_TEXT = (("paragraph", pa.int32()), ("text", pa.string()))
_VERSION_KEY = (*_KEY, ("url", pa.string()), ("captured_at", pa.timestamp("s")))
_IDENTITY = (
    ("county_code", pa.string()), ("publisher", pa.string()), ("year", pa.int32()), ("title", pa.string()),
    ("form", pa.string()),
)  # fmt: skip

SCHEMAS = {
    name: pa.schema(columns)
    for name, columns in {
        "capture": (
            ("url", pa.string()), ("captured_at", pa.timestamp("s")), ("status", pa.int32()),
            ("mime", pa.string()), *_PLACE, ("warc_length", pa.int64()), ("revisit", pa.bool_()),
        ),
        "county": (
            ("code", pa.string()), ("name", pa.string()), ("province", pa.string()),
            ("prefecture", pa.string()), ("pinyin", pa.string()), ("since", pa.int32()),
            ("until", pa.int32()), ("successors", pa.list_(pa.string())),
            ("other_names", pa.list_(pa.string())), ("current_code", pa.string()),
        ),
        "report": (
            *_KEY, ("county_code", pa.string()), ("publisher", pa.string()),
            ("publisher_kind", pa.string()), ("year", pa.int32()), ("form", pa.string()),
            ("scope", pa.string()), ("title", pa.string()), ("period_start", pa.date32()),
            ("period_end", pa.date32()), ("published_on", pa.date32()), ("url", pa.string()),
            ("captured_at", pa.timestamp("s")), *_PLACE, ("sample", pa.bool_()),
        ),
        "fact": (*_KEY, *_FACT),
        "earlier_fact": (*_VERSION_KEY, *_FACT),
        "label": (
            *_KEY, ("table_no", pa.int32()), ("row", pa.int32()), ("row_span", pa.int32()),
            ("col", pa.int32()), ("text", pa.string()),
        ),
        "version": (
            *_VERSION_KEY, ("last_seen_at", pa.timestamp("s")), ("newest", pa.bool_()), *_IDENTITY,
            ("content", pa.string()), *_PLACE,
        ),
        "report_text": (*_KEY, *_TEXT),
        "earlier_text": (*_VERSION_KEY, *_TEXT),
        "evidence": (*_KEY, *((name, pa.string()) for name in ("field", "source", "text"))),
        "claim": (
            *_KEY, ("metric", pa.string()), ("value", pa.float64()), ("sentence", pa.string()),
            ("start_at", pa.int32()), ("end_at", pa.int32()), ("approximate", pa.bool_()),
            ("scope", pa.string()),
        ),
        "warning": (*_KEY, *((name, pa.string()) for name in ("code", "message", "message_zh"))),
        "reading": (
            ("warc_file", pa.string()), ("warc_offset", pa.int64()), ("reader", pa.string()),
            ("outcome", pa.string()), ("leads_to", pa.string()), ("content", pa.string()),
            ("figures", pa.string()), *_IDENTITY,
        ),
    }.items()
}  # fmt: skip


def table_of(table: str, rows: Sequence[Row]) -> pa.Table:
    """``rows``, whose values stand in the order of ``SCHEMAS``, with their columns; there is at least one."""
    schema = SCHEMAS[table]
    columns = [
        pa.array(values, field.type) for field, values in zip(schema, zip(*rows, strict=True), strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row], how: str = "") -> None:
    """Adds ``rows``, whose values stand in the order of ``SCHEMAS``; columns that it lacks stay null."""
    if not rows:
        return
    connection.register("incoming", table_of(table, rows))
    connection.execute(f"INSERT {how} INTO {table} BY NAME SELECT * FROM incoming")  # noqa: S608
    connection.unregister("incoming")


def renew(connection: duckdb.DuckDBPyConnection, table: str, lines: pa.Table) -> None:
    """Brings lines, whose columns are the table's in their order, up to date; writes nothing if they are."""
    connection.register("incoming", lines)
    others = connection.execute(f"(FROM incoming EXCEPT FROM {table}) LIMIT 1").fetchall()
    if others:
        connection.execute(f"INSERT OR REPLACE INTO {table} FROM incoming")
    connection.unregister("incoming")


def naive(moment: datetime) -> datetime:
    """A moment as the database holds it: UTC without saying so."""
    return moment.replace(tzinfo=None)


def capture_row(capture: Capture) -> Row:
    """The line of ``capture``."""
    return (
        capture.url, naive(capture.captured_at), capture.status, capture.mime, capture.sha256,
        capture.warc_file, capture.offset, capture.length, capture.revisit,
    )  # fmt: skip


def report_row(stored: StoredReport) -> Row:
    """The line of ``report``."""
    who, capture = stored.report.identity, stored.capture
    return (
        stored.report_id, who.county_code, who.publisher, who.publisher_kind, who.year,
        stored.report.form, who.scope, who.title, who.period_start, who.period_end, who.published_on,
        capture.url, naive(capture.captured_at), capture.sha256,
        capture.warc_file, capture.offset, stored.sample,
    )  # fmt: skip


def fact_rows(stored: StoredReport, *key: Any) -> list[Row]:
    """The lines of ``fact``, or of ``earlier_fact`` with the address and time of a version as ``key``."""
    return [
        (
            stored.report_id, *key, fact.metric, fact.applicant,
            None if fact.value is None else float(fact.value), fact.raw, fact.unit,
            fact.table, fact.table_no, fact.row, fact.column, fact.confidence,
        )
        for fact in stored.report.facts
    ]  # fmt: skip


def label_rows(stored: StoredReport) -> list[Row]:
    """The lines of ``label``."""
    return [(stored.report_id, *label) for label in stored.report.labels]


def text_rows(stored: StoredReport, *key: Any) -> list[Row]:
    """The lines of ``report_text``, or of ``earlier_text`` with the address and time of a version."""
    return [(stored.report_id, *key, number, line) for number, line in enumerate(stored.text)]


def earlier_row(stored: StoredReport) -> Row:
    """The line of ``version`` of one that is not the newest, as far as its first capture tells."""
    capture, moment = stored.capture, naive(stored.capture.captured_at)
    return (
        stored.report_id, capture.url, moment, moment, False, *_identity(stored.report), stored.content,
        capture.sha256, capture.warc_file, capture.offset,
    )  # fmt: skip


def evidence_rows(stored: StoredReport) -> list[Row]:
    """The lines of ``evidence``."""
    evidence = stored.report.identity.evidence.items()
    return [(stored.report_id, name, said.source, said.text) for name, said in evidence]


def claim_rows(stored: StoredReport) -> list[Row]:
    """The lines of ``claim``."""
    return [
        (
            stored.report_id, claim.metric, float(claim.value), claim.sentence, claim.start, claim.end,
            claim.approximate, claim.scope,
        )
        for claim in stored.report.claims
    ]  # fmt: skip


def warning_rows(stored: StoredReport) -> list[Row]:
    """The lines of ``warning``."""
    return [
        (stored.report_id, notice.code, notice.text("en"), notice.text("zh"))
        for notice in stored.report.notices
    ]


def reading_row(reading: Reading) -> Row:
    """The line of ``reading``."""
    stored = reading.stored
    identity = _identity(stored.report) if stored else (None,) * len(_IDENTITY)
    return (
        reading.capture.warc_file, reading.capture.offset, reading.reader, reading.outcome,
        reading.leads_to, stored.content if stored else None, stored.figures if stored else None, *identity,
    )  # fmt: skip


def _identity(report: Report) -> Row:
    who = report.identity
    return who.county_code, who.publisher, who.year, who.title, report.form
