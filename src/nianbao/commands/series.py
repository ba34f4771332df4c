"""``compare``, ``trend``, ``rank`` and ``metrics``."""

from __future__ import annotations

from typing import Annotated

import typer

from analysis import series
from analysis.database import open_for_reading
from nianbao.console import column
from nianbao.failures import Failure
from nianbao.options import DEFAULT_DATA, Applicant, Counties, Data, Lang, Output, PrintFormat
from nianbao.plotting import Boundaries, Marked, Plot, Plotting
from nianbao.plotting import Kind as PictureOf
from nianbao.question import As, JoinOn, Kind, PeersOf, ScopeOf, choice_of, question_of
from nianbao.records import put
from nianbao.series_table import columns_of, say_notes, with_notes
from nianbao.wording import language
from nianbao.workspace import Workspace

Metrics = Annotated[list[str], typer.Argument(metavar="METRIC")]
Places = Annotated[list[str] | None, typer.Option("--in", metavar="PLACE")]
Years = Annotated[list[str] | None, typer.Option("--year", metavar="YEAR")]
Kinds = Annotated[list[Kind] | None, typer.Option("--kind")]
Scope = Annotated[ScopeOf | None, typer.Option("--scope")]
Shown = Annotated[As, typer.Option("--as")]
Base = Annotated[int | None, typer.Option("--base", metavar="YEAR")]
Peers = Annotated[PeersOf | None, typer.Option("--peers")]
Join = Annotated[JoinOn, typer.Option("--join")]
Across = Annotated[bool, typer.Option("--across-breaks")]
WithoutDoubtful = Annotated[bool, typer.Option("--exclude-doubtful")]


def compare(
    metrics: Metrics,
    years: Years = None,
    counties: Counties = None,
    places: Places = None,
    kinds: Kinds = None,
    scope: Scope = None,
    applicant: Applicant = "total",
    shown: Shown = As.VALUE,
    base: Base = None,
    peers: Peers = None,
    join: Join = JoinOn.NEAR,
    across: Across = False,
    without_doubtful: WithoutDoubtful = False,
    plot: Plot = None,
    picture: PictureOf = None,
    marked: Marked = None,
    boundaries: Boundaries = None,
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints a line for each county and year with the metrics."""
    plotting = Plotting(plot, picture, marked, boundaries)
    with open_for_reading(Workspace(data).database) as connection:
        choice = choice_of(connection, years, counties, places, kinds, scope)
        question = question_of(metrics, choice, applicant, shown, base, peers, join, across, without_doubtful)
        found = series.compare(connection, question)
        plotting.answer(connection, found, question)
    records = with_notes(found.records, found.wordings)
    put(records, columns_of(found.quantities, question, records, ranked=False), print_format, output)
    say_notes(found.notes)


def trend(
    county: Annotated[str, typer.Argument(metavar="COUNTY")],
    metrics: Metrics,
    years: Years = None,
    kinds: Kinds = None,
    scope: Scope = None,
    applicant: Applicant = "total",
    shown: Shown = As.VALUE,
    base: Base = None,
    peers: Peers = None,
    join: Join = JoinOn.NEAR,
    across: Across = False,
    without_doubtful: WithoutDoubtful = False,
    plot: Plot = None,
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints a line for each year with the metrics of one county."""
    plotting = Plotting(plot)
    with open_for_reading(Workspace(data).database) as connection:
        place = series.find_county(connection, county)
        choice = choice_of(connection, years, None, None, kinds, scope)
        question = question_of(metrics, choice, applicant, shown, base, peers, join, across, without_doubtful)
        found = series.trend(connection, place, question)
        if not found.records:
            raise Failure("no_county_reports", county=place.place)
        plotting.answer(connection, found, question)
    records = with_notes(found.records, found.wordings)
    put(records, columns_of(found.quantities, question, records, ranked=False), print_format, output)
    say_notes(found.notes)


def rank(
    metric: Annotated[str, typer.Argument(metavar="METRIC")],
    years: Years = None,
    places: Places = None,
    kinds: Kinds = None,
    scope: Scope = None,
    lowest: Annotated[bool, typer.Option("--lowest")] = False,
    top: Annotated[int | None, typer.Option("--top", metavar="N", min=1)] = None,
    at_least: Annotated[int, typer.Option("--at-least", metavar="N", min=0)] = 0,
    applicant: Applicant = "total",
    shown: Shown = As.VALUE,
    base: Base = None,
    peers: Peers = None,
    join: Join = JoinOn.NEAR,
    across: Across = False,
    without_doubtful: WithoutDoubtful = False,
    plot: Plot = None,
    picture: PictureOf = None,
    marked: Marked = None,
    boundaries: Boundaries = None,
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints the counties of one year in the order of one metric."""
    plotting = Plotting(plot, picture, marked, boundaries)
    with open_for_reading(Workspace(data).database) as connection:
        choice = choice_of(connection, years, None, places, kinds, scope)
        if choice.years is not None and len(choice.years) > 1:
            raise Failure("rank_one_year", usage=True)
        question = question_of(
            [metric], choice, applicant, shown, base, peers, join, across, without_doubtful
        )
        found = series.rank(connection, question, lowest=lowest, top=top, at_least=at_least)
        plotting.answer(connection, found, question)
    records = with_notes(found.records, found.wordings)
    put(records, columns_of([found.quantity], question, records, ranked=True), print_format, output)
    say_notes(found.notes)


def metrics(
    text: Annotated[str | None, typer.Argument(metavar="TEXT")] = None,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints the catalogue's entries, one for each metric and form, and the measures."""
    # The only one of these commands that makes a database; the others only read one.
    from scraper.store import open_database

    with open_database(None) as connection:
        found = series.search_metrics(connection, text, language())
    brief = ("metric", "label_zh", "label_en", "unit", "table", "form")
    worked_out = bool(found) and all(entry["expression"] for entry in found)
    columns = [
        *map(column, brief),
        *(column(key, brief=False) for key in ("comparable_with", "comparability", "joined_from")),
        column("expression", brief=worked_out),
        column("source", brief=False),
    ]
    put(found, columns, print_format, output)
