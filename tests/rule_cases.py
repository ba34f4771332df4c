"""The cases of ``tests/checks``: reports as folders, laid into one database."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from scraper.forms import catalogue
from scraper.forms.claims import find_claims

FOLDER = Path(__file__).parent / "checks"

Cell = tuple[str, str, str, float | None]
"""Report, metric, applicant, value."""

_FORM_OF_YEAR = ((2021, "2021"), (2019, "2019"), (2014, "2014"))
_REPORT = pa.schema(
    [(name, pa.string()) for name in ("report_id", "county_code", "publisher", "publisher_kind")]
    + [("year", pa.int32())]
    + [(name, pa.string()) for name in ("form", "scope", "title", "url")]
    + [("period_start", pa.date32()), ("period_end", pa.date32()), ("published_on", pa.date32())]
    + [("captured_at", pa.timestamp("s")), ("sha256", pa.string()), ("warc_file", pa.string())]
    + [("warc_offset", pa.int64()), ("sample", pa.bool_())]
)
_FACT = pa.schema(
    [(name, pa.string()) for name in ("report_id", "metric", "applicant")]
    + [("value", pa.float64()), ("raw", pa.string()), ("unit", pa.string()), ("table", pa.string())]
    + [(name, pa.int32()) for name in ("table_no", "row", "col")]
)


@dataclass(frozen=True)
class Case:
    """A folder: its reports, and for which rules it shows that what nearly fails does not."""

    folder: Path
    near: tuple[str, ...]
    reports: tuple[dict[str, Any], ...]

    @property
    def name(self) -> str:
        return self.folder.name

    def lines(self, name: str) -> list[dict[str, str]]:
        """The lines of one of its CSV files, none where it has no such file."""
        path = self.folder / name
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))


@cache
def cases() -> tuple[Case, ...]:
    """All cases by name."""
    return tuple(map(_case, sorted(path.parent for path in FOLDER.glob("*/case.toml"))))


def _case(folder: Path) -> Case:
    entry = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    assert entry["why"], folder
    return Case(folder, tuple(entry.get("near", ())), tuple(entry["report"]))


def load(connection: duckdb.DuckDBPyConnection, case: Case) -> None:
    """Puts a case's reports into the database, as ``case/report`` of counties of their own."""
    cells = case.lines("facts.csv")
    for report in case.reports:
        mine = [line for line in cells if line["report"] == report["id"]]
        name, form = f"{case.name}/{report['id']}", form_of(report)
        put_report(connection, report | {"id": name, "county_code": f"{_county(report)} {case.name}"})
        _insert(connection, "fact", _FACT, [*_facts(name, form, mine), *_zeros(name, form, report, mine)])
        put_prose(connection, name, report)
        before = [line for line in case.lines("earlier.csv") if line["report"] == report["id"]]
        if before:
            _put_earlier(connection, name, form, before)


def _put_earlier(
    connection: duckdb.DuckDBPyConnection, name: str, form: str, lines: Sequence[dict[str, str]]
) -> None:
    """Adds what the report's page said before it was altered."""
    for moment, newest in (("2021-01-31", False), ("2021-03-31", True)):
        connection.execute(
            "INSERT INTO version BY NAME SELECT $name AS report_id, $name AS url,"
            " $moment::TIMESTAMP AS captured_at, captured_at AS last_seen_at, $newest AS newest,"
            " $form AS form, $moment AS content, '' AS sha256, '' AS warc_file, 0 AS warc_offset",
            {"name": name, "moment": moment, "newest": newest, "form": form},
        )
    connection.register("incoming", pa.Table.from_pylist(list(_facts(name, form, lines)), schema=_FACT))
    connection.execute(
        "INSERT INTO earlier_fact BY NAME"
        " SELECT *, report_id AS url, TIMESTAMP '2021-01-31' AS captured_at FROM incoming"
    )
    connection.unregister("incoming")


def _county(report: dict[str, Any]) -> str:
    return str(report.get("county_code", "990101"))


def form_of(report: dict[str, Any]) -> str:
    """The form of a report: as the case says, or else that of its year."""
    given: str | None = report.get("form")
    return given or next((form for year, form in _FORM_OF_YEAR if report["year"] >= year), "narrative")


def put_report(connection: duckdb.DuckDBPyConnection, report: dict[str, Any]) -> None:
    """Adds a report; what a case does not say of it is the usual or unknown."""
    given = {name: value for name, value in report.items() if name in _REPORT.names}
    usual = {
        "report_id": report["id"], "county_code": "990101", "form": form_of(report), "url": "",
        "captured_at": f"{report['year'] + 2}-06-01T00:00:00", "sha256": "", "warc_file": "",
        "warc_offset": 0, "sample": False,
    }  # fmt: skip
    row = dict.fromkeys(_REPORT.names) | usual | given
    connection.execute(
        "INSERT INTO report BY NAME SELECT "
        + ", ".join(f"${name}::{_sql(_REPORT.field(name).type)} AS {name}" for name in _REPORT.names),
        row,
    )
    for field, text in report.get("evidence", {}).items():
        connection.execute("INSERT INTO evidence VALUES ($1, $2, 'period', $3)", [report["id"], field, text])


def _sql(type_: pa.DataType) -> str:
    names = {pa.int32(): "INTEGER", pa.int64(): "BIGINT", pa.bool_(): "BOOLEAN", pa.date32(): "DATE"}
    return names.get(type_, "TIMESTAMP" if pa.types.is_timestamp(type_) else "VARCHAR")


def put_prose(connection: duckdb.DuckDBPyConnection, name: str, report: dict[str, Any]) -> None:
    """Adds the prose of a case, and what it claims, read as that of every report is."""
    paragraphs = [line for line in report.get("prose", "").splitlines() if line]
    for number, paragraph in enumerate(paragraphs):
        connection.execute("INSERT INTO report_text VALUES ($1, $2, $3)", [name, number, paragraph])
    for claim in find_claims(paragraphs, report["year"], report["publisher"]):
        connection.execute(
            "INSERT INTO claim VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                name, claim.metric, float(claim.value), claim.sentence, claim.start, claim.end,
                claim.approximate, claim.scope,
            ],
        )  # fmt: skip


def put_cells(connection: duckdb.DuckDBPyConnection, cells: Sequence[Cell], form: str = "2021") -> None:
    """Adds cells to reports of one form."""
    lines = [
        {
            "report": report,
            "metric": metric,
            "applicant": applicant,
            "value": _written(value),
        }
        for report, metric, applicant, value in cells
    ]
    for report in dict.fromkeys(line["report"] for line in lines):
        mine = [line for line in lines if line["report"] == report]
        _insert(connection, "fact", _FACT, list(_facts(report, form, mine)))


def _written(value: float | None) -> str:
    return "" if value is None else str(value)


def _facts(name: str, form: str, lines: Sequence[dict[str, str]]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines):
        table = line.get("table") or table_of(line["metric"], form)
        value = float(line["value"]) if line["value"] else None
        yield {
            "report_id": name, "metric": line["metric"], "applicant": line["applicant"] or "",
            "value": value, "raw": line.get("raw") or line["value"].removesuffix(".0"),
            "unit": line.get("unit") or _unit(line["metric"], form), "table": table, "table_no": 0,
            "row": int(line.get("row") or number), "col": int(line.get("col") or 0),
        }  # fmt: skip


def _zeros(
    name: str, form: str, report: dict[str, Any], lines: Sequence[dict[str, str]]
) -> Iterator[dict[str, Any]]:
    """Cells of the tables that a case has in full: those that it does not list print 0."""
    listed = {(line["metric"], line["applicant"] or "") for line in lines}
    for table in report.get("tables", ()):
        for number, (metric, applicant) in enumerate(cells_of(table, form)):
            if (metric, applicant) not in listed:
                yield {
                    "report_id": name, "metric": metric, "applicant": applicant, "value": 0.0, "raw": "0",
                    "unit": _unit(metric, form), "table": table, "table_no": 1, "row": number, "col": 0,
                }  # fmt: skip


@cache
def cells_of(table: str, form: str) -> tuple[tuple[str, str], ...]:
    """Metric and applicant of every cell of a form's table, but for rows that only some print."""
    return tuple(
        block.metric_at(number, column)
        for block in catalogue.blocks()
        if (block.table, block.form) == (table, form)
        for number in range(len(block.rows) or 1)
        if not (block.rows and block.rows[number].optional)
        for column in range(len(block.columns))
    )


@cache
def table_of(metric: str, form: str) -> str:
    """The table that has a metric: in the report's form, or else in any."""
    found = {entry.form: entry.table for entry in catalogue.metrics() if entry.metric == metric}
    return found.get(form) or next(iter(found.values()))


@cache
def _unit(metric: str, form: str) -> str:
    return next((m.unit for m in catalogue.metrics() if (m.metric, m.form) == (metric, form)), "")


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema, rows: list[dict[str, Any]]
) -> None:
    connection.register("incoming", pa.Table.from_pylist(rows, schema=schema))
    connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming")
    connection.unregister("incoming")
