"""``check``: the contradictions found in the reports."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Annotated

import typer

from analysis import checks
from analysis.database import open_for_reading
from analysis.series import find_county
from nianbao.commands.notice import notice
from nianbao.commands.review import review
from nianbao.commands.show import show
from nianbao.console import column, note, say
from nianbao.failures import Failure
from nianbao.group import ListsByDefault
from nianbao.options import DEFAULT_DATA, Data, Lang, Output, PrintFormat, Year
from nianbao.records import Column, Record, for_reading, put
from nianbao.wording import language, sentence
from nianbao.workspace import Workspace

app = typer.Typer(cls=ListsByDefault, add_completion=False, rich_markup_mode=None)


@app.callback()
def _check(lang: Lang = None) -> None:
    """Takes the language behind ``check --help`` as well."""


@app.command("list")
def check(
    county: Annotated[str | None, typer.Option("--county", metavar="COUNTY")] = None,
    year: Year = None,
    rule: Annotated[str | None, typer.Option("--rule")] = None,
    severity: Annotated[str | None, typer.Option("--severity")] = None,
    notices: Annotated[bool, typer.Option("--notices")] = False,
    status: Annotated[str | None, typer.Option("--status")] = None,
    not_assessable: Annotated[bool, typer.Option("--not-assessable")] = False,
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints the stored findings that fit the filters, or what could not be judged.

    Notices are many and call no figure into question: they are for those who ask.
    """
    known = [entry.rule for entry in checks.rules()]
    if rule is not None and not any(fnmatch(name, rule) for name in known):
        raise Failure("unknown_rule", usage=True, given=rule, near="; ".join(known))
    with open_for_reading(Workspace(data).database) as connection:
        code = find_county(connection, county).current_code if county else None
        wanted = checks.FindingFilter(code, year, rule, severity, status)
        if not_assessable:
            found, columns = checks.not_assessable(connection, wanted), _unassessed_columns()
        else:
            found, columns = checks.findings(connection, wanted, language()), finding_columns()
    asked_for = notices or not_assessable or severity is not None or rule is not None
    # A program or a file gets every line: who reads it can't see the note on those that are left out.
    complete = asked_for or not for_reading(print_format, output)
    shown = found if complete else [one for one in found if one["severity"] != "notice"]
    put(shown, columns, print_format, output)
    if not found:
        say("unassessed_none" if not_assessable else "findings_none")
    elif not shown:
        say("findings_none_graver")
    if len(shown) < len(found):
        note("notices_not_shown", count=len(found) - len(shown))


def finding_columns() -> list[Column]:
    """The columns of a finding."""
    return [
        Column("severity", sentence("column_severity"), shown=_severity),
        column("county"),
        column("publisher", brief=False),
        column("year"),
        column("rule"),
        column("message"),
        *(
            column(key, brief=False)
            for key in (
                "county_code", "applicant", "metrics", "expected", "actual", "status", "url",
                "report_id", "finding_id",
            )
        ),
    ]  # fmt: skip


def _unassessed_columns() -> list[Column]:
    """The columns of what could not be judged."""
    return [
        *map(column, ("county", "publisher", "year", "rule")),
        Column(
            "reason", sentence("column_reason"), shown=lambda record: sentence(f"reason_{record['reason']}")
        ),
        *map(column, ("place", "blanks")),
        *(column(key, brief=False) for key in ("county_code", "applicant", "relation", "url", "report_id")),
    ]


def _severity(record: Record) -> str:
    return sentence(f"severity_{record['severity']}")


app.command("show")(show)
app.command("review")(review)
app.command("notice")(notice)
