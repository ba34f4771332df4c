"""``check show``: everything about one finding."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from analysis.checks.explaining import explain
from analysis.database import open_for_reading
from nianbao.commands.review import finding_called
from nianbao.console import column
from nianbao.options import DEFAULT_DATA, Data, Lang, Output, PrintFormat
from nianbao.records import Column, Record, as_text, plainly, print_table, put_whole
from nianbao.wording import language, sentence
from nianbao.workspace import Workspace


def show(
    finding: Annotated[str, typer.Argument(metavar="ID")],
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints what should hold, by which source, which cells, what was found, and what would mend it."""
    with open_for_reading(Workspace(data).database) as connection:
        told = explain(connection, finding_called(connection, finding), language())
    put_whole(plainly(told), lambda: _print(told), told["cells"], _cell_columns(), print_format, output)


def _print(told: dict[str, Any]) -> None:
    lines = [
        (sentence("column_finding_id"), told["finding_id"]),
        (sentence("column_rule"), told["rule"]),
        (sentence("column_severity"), sentence(f"severity_{told['severity']}")),
        (sentence("column_status"), sentence(f"status_{told['status']}")),
        (sentence("column_publisher"), told["publisher"]),
        (sentence("column_year"), told["year"]),
        (sentence("column_message"), told["message"]),
        (sentence("show_holds"), told["holds"]),
        (sentence("show_formula"), told["formula"]),
        (sentence("show_source"), told["source"]),
        (sentence("column_actual"), told["actual"]),
        (sentence("column_expected"), told["expected"]),
        (sentence("show_difference"), told["difference"]),
        (sentence("column_url"), told["url"]),
    ]
    said = [{"name": name, "value": as_text(value)} for name, value in lines if value is not None]
    print_table(said, [column("name"), column("value")], sys.stdout)
    if told["cells"]:
        print_table(told["cells"], _cell_columns(), sys.stdout)
    for quote in told["quotes"]:
        sys.stdout.write(f"\n{sentence('show_quote', sentence=quote['sentence'])}\n")
    for number, changes in enumerate(told["suggestion"], start=1):
        sys.stdout.write(f"\n{sentence('show_suggestion', number=number)}\n")
        for change in changes:
            sys.stdout.write(f"  {_change(change)}\n")


def _change(change: Record) -> str:
    where = f"{change['label']} {change['applicant_label']}".strip()
    said = as_text(change["from"]) or sentence("show_blank")
    return sentence("show_change", cell=where, said=said, to=as_text(change["to"]))


def _cell_columns() -> list[Column]:
    """Where a cell stands and what it says; addresses and places in brief only where people need them."""
    return [
        column("year"),
        column("table"),
        Column("label", sentence("column_metric")),
        Column("applicant_label", sentence("column_applicant")),
        column("value"),
        column("raw"),
        Column("table_no", sentence("column_table_no")),
        column("row"),
        Column("col", sentence("column_column")),
        *(column(key, brief=False) for key in ("metric", "applicant", "publisher", "url", "report_id")),
    ]
