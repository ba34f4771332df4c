"""``source``: where a figure comes from."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.database import open_for_reading
from analysis.provenance import Source, find_report, source_of
from analysis.units import unit_called
from nianbao.commands.series import Join
from nianbao.console import column, note
from nianbao.failures import Failure
from nianbao.options import DEFAULT_DATA, Data, Format, Lang, PrintFormat
from nianbao.question import JoinOn
from nianbao.records import Column, Record, as_text, plainly, print_table, put_whole
from nianbao.source_page import page_name, write_page
from nianbao.wording import language, sentence
from nianbao.workspace import Workspace

_PAGES = (".html", ".htm")
_REPORT = (
    "report_id", "county_code", "county", "publisher", "publisher_kind", "year", "form", "scope", "title",
    "url", "captured_at", "sha256", "warc_file", "warc_offset", "sample", "vanished_at",
)  # fmt: skip
_CELL = (
    "metric", "applicant", "value", "unit", "raw", "missing", "table", "table_no", "row", "col",
    "page_table", "page_row", "page_column", "row_labels", "column_labels", "confidence",
)  # fmt: skip


def source(
    source_report: Annotated[str, typer.Argument(metavar="REPORT")],
    metric: Annotated[str, typer.Argument(metavar="METRIC")],
    source_applicant: Annotated[str | None, typer.Argument(metavar="APPLICANT")] = None,
    at: Annotated[str, typer.Option("--at", metavar="DAY")] = "",
    join: Join = JoinOn.NEAR,
    opened: Annotated[bool, typer.Option("--open")] = False,
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    source_output: Annotated[Path | None, typer.Option("--output", metavar="FILE", dir_okay=False)] = None,
    lang: Lang = None,
) -> None:
    """Prints the archived page, the cell and the findings that a figure has; or writes or opens the page."""
    workspace = Workspace(data)
    day = _day(at)
    with open_for_reading(workspace.database) as connection:
        report_id = find_report(connection, source_report)
        found = source_of(
            connection, report_id, metric, source_applicant, join=join.value, at=day, language=language()
        )
    if not found.cells and not found.claims:
        raise Failure("source_no_cell", metric=found.figure["label"], reason=_reason(found))
    as_page = source_output is not None and source_output.suffix.lower() in _PAGES
    if as_page or opened:
        page = source_output if source_output and as_page else workspace.outputs / "pages" / page_name(found)
        anchor = write_page(workspace, found, page)
        if opened:
            webbrowser.open(f"{page.resolve().as_uri()}#{anchor}")
    if not as_page:
        _put(found, print_format, source_output)


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise Failure("source_day", usage=True, given=given) from error


def _reason(found: Source) -> str:
    return sentence(f"missing_{found.figure['missing']}")


def _put(found: Source, chosen: Format | None, output: Path | None) -> None:
    put_whole(_whole(found), lambda: _print(found), list(_lines(found)), _columns(), chosen, output)


def _whole(found: Source) -> dict[str, Any]:
    """All that is known, as one object."""
    return {
        **plainly({key: found.report[key] for key in _REPORT}),
        "figure": plainly(found.figure),
        "cells": [plainly(cell) for cell in found.cells],
        "claims": [plainly(claim) for claim in found.claims],
    }


def _lines(found: Source) -> Iterator[Record]:
    """A line for each cell."""
    for cell in found.cells:
        findings = [f"{finding['rule']} ({finding['finding_id']})" for finding in cell["findings"]]
        report = {key: found.report[key] for key in _REPORT}
        yield {**report, **cell, "figure": found.figure["metric"], "findings": findings}


def _columns() -> list[Column]:
    keys = ("figure", *_CELL, "findings", *_REPORT)
    brief = {"figure", "metric", "applicant", "value", "raw", "page_table", "page_row", "page_column"}
    return [column(key, brief=key in brief) for key in keys]


def _print(found: Source) -> None:
    parts = [_of_report(found), _of_figure(found), *map(_of_cell, found.cells)]
    lines: list[Record] = []
    for part in parts:
        lines += [{"name": "", "value": ""}] if lines else []
        lines += [{"name": name, "value": as_text(value)} for name, value in part if value not in (None, "")]
    print_table(lines, [column("name"), column("value")], sys.stdout)
    for claim in found.claims:
        said = sentence("source_claim", value=as_text(claim["value"]), sentence=claim["sentence"])
        sys.stdout.write(f"\n{said}\n")
    for reading in found.figure["joined"]:
        note("source_joined", reading=reading)
    if found.figure["assumed"]:
        note("source_assumed")


def _of_report(found: Source) -> Iterator[tuple[str, Any]]:
    report = found.report
    yield sentence("column_publisher"), report["publisher"]
    yield sentence("column_year"), report["year"]
    yield sentence("column_title"), report["title"]
    yield sentence("column_url"), report["url"]
    yield sentence("column_captured_at"), f"{report['captured_at']:%Y-%m-%d %H:%M:%S} UTC"
    yield "SHA-256", report["sha256"]
    yield (
        sentence("source_record"),
        sentence("source_record_at", file=report["warc_file"], offset=report["warc_offset"]),
    )
    yield sentence("column_report_id"), report["report_id"]


def _of_figure(found: Source) -> Iterator[tuple[str, Any]]:
    figure = found.figure
    yield sentence("source_figure"), f"{figure['label']} ({figure['metric']})"
    if figure["applicant"] != "total":
        yield sentence("column_applicant"), figure["applicant_label"]
    if figure["missing"]:
        yield sentence("column_value"), _reason(found)
    else:
        yield sentence("column_value"), _with_unit(figure)
    if figure["expression"] != figure["metric"]:
        yield sentence("source_made_of"), figure["expression"]


def _of_cell(cell: Record) -> Iterator[tuple[str, Any]]:
    name = " × ".join(filter(None, (cell["label"], cell["applicant_label"])))
    yield sentence("source_cell"), f"{name} ({' '.join(filter(None, (cell['metric'], cell['applicant'])))})"
    if cell["missing"]:
        yield sentence("column_value"), sentence(f"missing_{cell['missing']}")
    else:
        yield sentence("column_value"), _with_unit(cell)
    if cell["table_no"] is None:
        return
    yield sentence("column_raw"), f"“{cell['raw']}”"
    yield sentence("column_place"), sentence("source_place", **cell)
    yield sentence("source_row_labels"), " › ".join(cell["row_labels"])
    yield sentence("source_column_labels"), " › ".join(cell["column_labels"])
    for finding in cell["findings"]:
        status = sentence(f"status_{finding['status']}")
        named = f"{finding['rule']} ({status}, {finding['finding_id']})"
        yield sentence("source_finding"), f"{named}: {finding['message']}"


def _with_unit(figure: Record) -> str:
    return f"{as_text(figure['value'])} {unit_called(figure['unit'], language())}"
