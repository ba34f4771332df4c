"""``changes``: what became of reports between captures."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.changes import ChangeFilter, cell_names
from analysis.changes import changes as changes_in
from analysis.database import open_for_reading
from analysis.series import find_county
from nianbao.console import column, say
from nianbao.failures import Failure
from nianbao.options import DEFAULT_DATA, Data, Format, Lang, Output, PrintFormat, Year
from nianbao.records import Column, Record, as_text, default_format, plain, print_table, put
from nianbao.wording import language, sentence
from nianbao.workspace import Workspace

_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_TRACE = (
    "county_code", "title", "figures", "lines", "facts", "text", "vanished_as", "last_seen_at", "still_at",
    "urls", "report_id",
)  # fmt: skip
_FACT = ("metric", "applicant", "before", "now")


class Kind(StrEnum):
    """What became of a report."""

    APPEARED = "appeared"
    VANISHED = "vanished"
    ALTERED = "altered"


def changes(
    county: Annotated[str | None, typer.Option("--county", metavar="COUNTY")] = None,
    year: Year = None,
    kind: Annotated[Kind | None, typer.Option("--kind")] = None,
    changed_since: Annotated[str, typer.Option("--since", metavar="DATE")] = "",
    diff: Annotated[bool, typer.Option("--diff")] = False,
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints the reports that appeared, vanished or were altered, the newest change first."""
    since = _day(changed_since)
    with open_for_reading(Workspace(data).database) as connection:
        code = find_county(connection, county).current_code if county else None
        found = changes_in(connection, ChangeFilter(code, year, kind.value if kind else None, since))
        names = cell_names(connection)
    chosen = print_format or default_format()
    if diff and output is None and chosen is Format.TABLE:
        for change in found:
            _print_diff(change, names)
    else:
        put(list(map(_record(chosen, output), found)), _columns(), chosen, output)
    if not found:
        say("changes_none")


def _day(given: str) -> date | None:
    """The first day of what is given. Raises :class:`Failure` for what is no year, month or day."""
    if not given:
        return None
    written = _DAY.fullmatch(given)
    try:
        if written is None:
            raise ValueError(given)
        return date(*(int(part or 1) for part in written.groups()))
    except ValueError as error:
        raise Failure("import_time", usage=True, option="--since", given=given) from error


def _columns() -> list[Column]:
    return [
        column("at"),
        Column("kind", sentence("column_change"), shown=lambda change: sentence(f"change_{change['kind']}")),
        column("county"),
        column("publisher"),
        column("year"),
        column("what"),
        column("url"),
        *(column(key, brief=False) for key in _TRACE),
    ]


def _record(chosen: Format, output: Path | None) -> Any:
    """How a change becomes a line: with its parts as they are where a format can hold them, else as text."""
    structured = output.suffix in (".json", ".parquet") if output else chosen is Format.JSON

    def record(change: Record) -> Record:
        facts = [{key: plain(value) for key, value in fact.items()} for fact in change["facts"]]
        told = {**change, "what": _what(change), "facts": facts}
        if not structured:
            told["facts"] = [_fact_in_words(fact) for fact in change["facts"]]
            told["text"] = "\n".join(change["text"])
        return told

    return record


def _what(change: Record) -> str:
    """What happened, in words."""
    if change["kind"] == Kind.ALTERED:
        said = sentence("change_counts", figures=change["figures"], lines=change["lines"])
        return said + (sentence("change_still_at") if change["still_at"] else "")
    if change["vanished_as"] is None:
        return ""
    how = sentence(f"vanished_{change['vanished_as']}")
    last = change["last_seen_at"].date()
    return sentence("change_gone" if change["kind"] == Kind.VANISHED else "change_again", how=how, day=last)


def _fact_in_words(fact: Record) -> str:
    cell = " ".join(filter(None, (fact["metric"], fact["applicant"])))
    return f"{cell}: {_figure(fact['from'], fact['from_raw'])} → {_figure(fact['to'], fact['to_raw'])}"


def _figure(value: float | None, raw: str | None) -> str:
    """A figure; what stands in its place where it can't be read, and a dash where nothing is printed."""
    return as_text(value) if value is not None else raw or "–"


def _print_diff(change: Record, names: Mapping[str, Mapping[str, str]]) -> None:
    """One change: a line that says what happened, the figures as a table, and the text as a diff."""
    head = [change["at"], sentence(f"change_{change['kind']}"), change["publisher"], change["year"]]
    head += [_what(change), change["url"]]
    sys.stdout.write("  ".join(as_text(part) for part in head if part) + "\n")
    if change["facts"]:
        facts = [_printed(fact, names) for fact in change["facts"]]
        print_table(facts, list(map(column, _FACT)), sys.stdout)
    _write_lines(change["text"])
    sys.stdout.write("\n")


def _printed(fact: Record, names: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    metric, applicant = (
        names.get(fact[key], {}).get(language(), fact[key]) for key in ("metric", "applicant")
    )
    return {
        "metric": metric,
        "applicant": applicant,
        "before": _figure(fact["from"], fact["from_raw"]),
        "now": _figure(fact["to"], fact["to_raw"]),
    }


def _write_lines(lines: Sequence[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
