"""What one record says as one line of Arrow, which processes hand over and whole batches are written from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from scraper.archive import Capture
from scraper.forms import Claim, Fact, Report

_Values = tuple[Any, ...]

# 304 says that the content before still stands.
_WITH_CONTENT = (200, 304)


@dataclass(frozen=True)
class StoredReport:
    """A report and the capture in which its address shows it; ``sample`` marks one from a sample portal.

    ``capture`` is None where the address shows something else by now. ``text`` are the paragraphs of the
    report's own prose; ``content`` is the same for all reports with the same figures and prose, ``figures``
    for those with the same figures, and None where they are too few to tell.
    """

    report_id: str
    report: Report
    capture: Capture | None
    sample: bool = False
    text: tuple[str, ...] = ()
    content: str = ""
    figures: str | None = None


@dataclass(frozen=True)
class Reading:
    """What came of reading a capture by one version of the reader; None where it was noted already by which.

    ``outcome`` is ``report``, what the page is instead, or the code of the message why it could not be
    read. ``leads_to`` is where a ``redirect`` sends its reader. ``stored`` is the report.
    """

    capture: Capture
    reader: str | None
    outcome: str
    leads_to: str | None = None
    stored: StoredReport | None = None


_STRING, _INTEGER, _REAL, _MOMENT = pa.string(), pa.int32(), pa.float64(), pa.timestamp("s")

LISTS = {
    name: pa.struct(columns)
    for name, columns in {
        "fact": (
            ("metric", _STRING), ("applicant", _STRING), ("value", _REAL), ("raw", _STRING),
            ("unit", _STRING), ("table", _STRING), ("table_no", _INTEGER), ("row", _INTEGER),
            ("col", _INTEGER), ("confidence", _REAL),
        ),
        "label": (
            ("table_no", _INTEGER), ("row", _INTEGER), ("row_span", _INTEGER), ("col", _INTEGER),
            ("text", _STRING),
        ),
        "text": (("paragraph", _INTEGER), ("text", _STRING)),
        "evidence": (("field", _STRING), ("source", _STRING), ("text", _STRING)),
        "claim": (
            ("metric", _STRING), ("value", _REAL), ("sentence", _STRING), ("start_at", _INTEGER),
            ("end_at", _INTEGER), ("approximate", pa.bool_()), ("scope", _STRING),
        ),
        "warning": (("code", _STRING), ("message", _STRING), ("message_zh", _STRING)),
    }.items()
}  # fmt: skip
"""What a line has any number of, with the columns of each: the lists of a report."""

LINE = pa.schema(
    (
        ("read_file", _STRING), ("read_offset", pa.int64()), ("read_sha256", _STRING), ("reader", _STRING),
        ("outcome", _STRING), ("leads_to", _STRING), ("url", _STRING), ("captured_at", _MOMENT),
        ("sha256", _STRING), ("warc_file", _STRING), ("warc_offset", pa.int64()), ("report_id", _STRING),
        ("sample", pa.bool_()), ("content", _STRING), ("figures", _STRING), ("county_code", _STRING),
        ("publisher", _STRING), ("publisher_kind", _STRING), ("year", _INTEGER), ("form", _STRING),
        ("scope", _STRING), ("title", _STRING), ("period_start", pa.date32()), ("period_end", pa.date32()),
        ("published_on", pa.date32()), *((name, pa.list_(columns)) for name, columns in LISTS.items()),
    )
)  # fmt: skip
"""The columns of a line.

``read_file`` and ``read_offset`` are the record that was read, and ``read_sha256`` its content; null where
its answer stands for none. ``captured_at``, ``sha256``, ``warc_file`` and ``warc_offset`` are the capture in
which ``url`` shows the report; null where it shows something else by now, or where this is no report.
"""

_LINE = pa.struct(list(LINE))
_NO_CAPTURE: _Values = (None,) * 4
_NO_REPORT: _Values = (*_NO_CAPTURE, *(None,) * (len(LINE) - 11))


def line_of(reading: Reading) -> bytes:
    """A reading as a line, in the few bytes in which one process hands it to another.

    This is the one way from what was read to what is stored, in a database or in files: join many with
    :func:`lines_of`, then take the lines of each table with :func:`columns` and :func:`listed`.
    """
    record, stored = reading.capture, reading.stored
    sha256 = record.sha256 if record.status in _WITH_CONTENT else None
    read = (record.warc_file, record.offset, sha256, reading.reader, reading.outcome, reading.leads_to)
    line = (*read, record.url, *(_report(stored) if stored else _NO_REPORT))
    written: bytes = pa.RecordBatch.from_struct_array(pa.array([line], _LINE)).serialize().to_pybytes()
    return written


def lines_of(written: Iterable[bytes]) -> pa.Table:
    """The lines that :func:`line_of` wrote, in their order, as one table with the columns of ``LINE``."""
    batches = [pa.ipc.read_record_batch(one, LINE) for one in written]
    # What reads the table takes each chunk by itself, which costs more than to put them together.
    return pa.Table.from_batches(batches, LINE).combine_chunks()


def columns(lines: pa.Table, named: Mapping[str, str]) -> pa.Table:
    """Columns of ``lines`` under other names: ``named`` says under which, in their order."""
    return pa.table({name: lines[column] for name, column in named.items()})


def listed(lines: pa.Table, name: str, key: Mapping[str, str]) -> pa.Table:
    """All that is in the lists ``name`` of ``lines``, one below the other.

    ``key`` are the columns of ``lines`` that say of each which line it is from, and their names:
    ``{"report_id": "report_id"}`` in the database, ``{"warc_file": "read_file", "warc_offset":
    "read_offset"}`` where what counts is the record that was read.
    """
    lists = lines[name].combine_chunks()
    below = pa.Table.from_struct_array(lists.flatten())
    keys = columns(lines, key).take(lists.value_parent_indices())
    return pa.table({**_by_name(keys), **_by_name(below)})


def shown(lines: pa.Table) -> pa.Table:
    """Those lines whose address shows the report."""
    return lines.filter(lines["warc_file"].is_valid())


def naive(moment: datetime) -> datetime:
    """A moment as it is stored: UTC without saying so."""
    return moment.replace(tzinfo=None)


def _by_name(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    return dict(zip(table.column_names, table.columns, strict=True))


def _report(stored: StoredReport) -> _Values:
    report, who, capture = stored.report, stored.report.identity, stored.capture
    return (
        *(_capture(capture) if capture else _NO_CAPTURE),
        stored.report_id, stored.sample, stored.content, stored.figures, who.county_code, who.publisher,
        who.publisher_kind, who.year, report.form, who.scope, who.title, who.period_start, who.period_end,
        who.published_on,
        list(map(_fact, report.facts)),
        report.labels,
        list(enumerate(stored.text)),
        [(field, said.source, said.text) for field, said in who.evidence.items()],
        list(map(_claim, report.claims)),
        [(notice.code, notice.text("en"), notice.text("zh")) for notice in report.notices],
    )  # fmt: skip


def _capture(capture: Capture) -> _Values:
    return naive(capture.captured_at), capture.sha256, capture.warc_file, capture.offset


def _fact(fact: Fact) -> _Values:
    return (*fact[:2], None if fact.value is None else float(fact.value), *fact[3:])


def _claim(claim: Claim) -> _Values:
    return (
        claim.metric, float(claim.value), claim.sentence, claim.start, claim.end, claim.approximate,
        claim.scope,
    )  # fmt: skip
