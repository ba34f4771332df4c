"""``compare``, ``trend`` and ``metrics``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import duckdb
import typer

from analysis import series
from analysis.database import open_for_reading
from nianbao.console import column, note
from nianbao.failures import Failure
from nianbao.options import DEFAULT_DATA, Applicant, Counties, Data, Lang, Output, PrintFormat, Year
from nianbao.records import Column, Record, as_text, put
from nianbao.wording import language, sentence
from nianbao.workspace import Workspace
from scraper.store import open_database

Metrics = Annotated[list[str], typer.Argument(metavar="METRIC")]

_PLACE = ("county_code", "county")
_TRACE = ("scope", "form", "url", "report_id", "doubtful")


def compare(
    metrics: Metrics,
    year: Year = None,
    counties: Counties = None,
    applicant: Applicant = "total",
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints a line for each county with the metrics of one year."""
    with open_for_reading(Workspace(data).database) as connection:
        found = series.compare(connection, metrics, year=year, counties=counties or [], applicant=applicant)
        columns = comparison_columns(connection, metrics)
    put(found.records, columns, print_format, output)
    say_notes(found.notes)


def trend(
    county: Annotated[str, typer.Argument(metavar="COUNTY")],
    metrics: Metrics,
    applicant: Applicant = "total",
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints a line for each year with the metrics of one county."""
    with open_for_reading(Workspace(data).database) as connection:
        found = series.trend(connection, county, metrics, applicant=applicant)
        columns = comparison_columns(connection, metrics)
    if not found.records:
        raise Failure("no_county_reports", county=found.county.place)
    put(found.records, columns, print_format, output)
    say_notes(found.notes)


def comparison_columns(connection: duckdb.DuckDBPyConnection, metrics: Sequence[str]) -> list[Column]:
    """The columns of a comparison: place, publisher, year, the metrics, and where they come from."""
    wanted = [series.find_metric(connection, metric) for metric in metrics]
    chinese = language() == "zh"
    return [
        *map(column, _PLACE),
        Column("publisher", sentence("column_publisher"), shown=_publisher),
        column("year"),
        *(
            Column(
                metric.metric,
                metric.label_zh if chinese else metric.label_en,
                shown=lambda record, key=metric.metric: _figure(record, key),  # type: ignore[misc]
            )
            for metric in wanted
        ),
        *(column(key, brief=False) for key in _TRACE),
    ]


def _publisher(record: Record) -> str:
    return record["publisher"] or (sentence("no_report") if record["report_id"] is None else "")


def _figure(record: Record, metric: str) -> str:
    """A figure, marked where a finding doubts it."""
    return as_text(record[metric]) + ("*" if metric in record["doubtful"] else "")


def say_notes(notes: Sequence[series.Note]) -> None:
    """What a reader of a comparison must know, on standard error."""
    for said in notes:
        note(f"series_{said.code}", **said.values)


def metrics(
    text: Annotated[str | None, typer.Argument(metavar="TEXT")] = None,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints the catalogue's entries, one for each metric and form."""
    with open_database(None) as connection:
        found = series.search_metrics(connection, text)
    brief = ("metric", "label_zh", "label_en", "unit", "table", "form")
    columns = [
        *map(column, brief),
        *(column(key, brief=False) for key in ("comparable_with", "comparability")),
    ]
    put(found, columns, print_format, output)
