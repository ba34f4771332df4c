"""``reuse``: text that reports take over from last year's report or from a neighbour's."""

from __future__ import annotations

from typing import Annotated

import typer

from analysis.checks.reuse import (
    Called,
    NoReport,
    NothingToCompare,
    Passage,
    ReuseFilter,
    reuse,
    side_by_side,
)
from analysis.database import open_for_reading
from analysis.series import find_county
from nianbao.console import column, say
from nianbao.failures import Failure
from nianbao.group import ListsByDefault
from nianbao.options import DEFAULT_DATA, Data, Lang, Output, PrintFormat, Year
from nianbao.records import Column, Record, put
from nianbao.wording import sentence
from nianbao.workspace import Workspace

app = typer.Typer(cls=ListsByDefault, add_completion=False, rich_markup_mode=None)


@app.command("list")
def list_(
    county: Annotated[str | None, typer.Option("--county", metavar="COUNTY")] = None,
    year: Year = None,
    min_share: Annotated[float, typer.Option("--min-share", metavar="PERCENT", min=0, max=100)] = 30,
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints a line for each pair of reports that have so much in common."""
    with open_for_reading(Workspace(data).database) as connection:
        code = find_county(connection, county).current_code if county else None
        found = reuse(connection, ReuseFilter(code, year, min_share))
    put(found, _pair_columns(), print_format, output)
    if not found:
        say("reuse_none", share=f"{min_share:g}")


def _pair_columns() -> list[Column]:
    brief = ("county", "publisher", "year")
    hidden = ("county_code", "other_county", "letters", "url", "other_url")
    return [
        Column("share", sentence("column_share"), shown=lambda record: f"{record['share']:.0f} %"),
        *map(column, brief),
        Column("kin", sentence("column_taken_from"), shown=_source),
        Column("longest", sentence("column_longest")),
        Column("passage", sentence("column_passage"), shown=lambda record: _in_one_line(record["passage"])),
        Column("report_id", sentence("column_report_id")),
        *(
            Column(name, sentence(f"column_{name}"), brief=False)
            for name in ("other_publisher", "other_year", "other_id")
        ),
        *(column(name, brief=False) for name in hidden),
    ]


def _source(record: Record) -> str:
    if record["kin"] == "last_year":
        return sentence("reuse_last_year", year=record["other_year"])
    return sentence("reuse_neighbour", publisher=record["other_publisher"], year=record["other_year"])


def _in_one_line(text: str) -> str:
    return "".join(text.split("\n"))


@app.command("show")
def show(
    report: Annotated[str, typer.Argument(metavar="REPORT")],
    other: Annotated[str | None, typer.Argument(metavar="OTHER")] = None,
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints what two reports have in common, passage by passage."""
    try:
        with open_for_reading(Workspace(data).database) as connection:
            found = side_by_side(connection, report, other)
    except NoReport as missing:
        raise Failure("reuse_no_report", usage=True, given=missing.given) from missing
    except NothingToCompare as missing:
        raise Failure("reuse_nothing", report=_named(missing.report)) from missing
    ids = {"report_id": found.report.report_id, "other_id": found.other.report_id}
    records = [_passage(passage) | ids for passage in found.passages]
    put(records, _passage_columns(found.report, found.other), print_format, output)
    say(
        "reuse_share",
        share=f"{found.share:.0f}",
        of=found.of,
        report=_named(found.report),
        other=_named(found.other),
    )


def _passage(passage: Passage) -> dict[str, object]:
    return {name: getattr(passage, name) for name in Passage.__dataclass_fields__}


def _named(report: Called) -> str:
    return f"{report.publisher or report.report_id} {report.year or ''}".strip()


def _passage_columns(report: Called, other: Called) -> list[Column]:
    places = ("start", "end", "other_start", "other_end")
    return [
        column("letters"),
        Column("text", _named(report), shown=lambda record: _in_one_line(record["text"])),
        Column("other_text", _named(other), shown=lambda record: _in_one_line(record["other_text"])),
        Column("figures_differ", sentence("column_figures_differ"), shown=_but_for),
        *(Column(name, sentence(f"column_{name}"), brief=False) for name in places),
        column("report_id", brief=False),
        Column("other_id", sentence("column_other_id"), brief=False),
    ]


def _but_for(record: Record) -> str:
    return sentence("reuse_but_for_figures" if record["figures_differ"] else "reuse_word_for_word")
