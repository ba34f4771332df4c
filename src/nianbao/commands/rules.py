"""``rules``: the catalogue of rules."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from analysis import checks
from nianbao.console import column
from nianbao.options import Lang, Output, PrintFormat
from nianbao.records import Column, Record, put
from nianbao.wording import language, sentence


def rules(
    text: Annotated[str | None, typer.Argument(metavar="TEXT")] = None,
    print_format: PrintFormat = None,
    output: Output = None,
    lang: Lang = None,
) -> None:
    """Prints the rules: what should hold, how grave it is, and who demands it."""
    wanted = (text or "").casefold()
    found = [line for line in map(_line, checks.rules()) if wanted in _searched(line)]
    columns = [
        column("rule"),
        Column("severity", sentence("column_severity"), shown=_severity),
        column("form"),
        Column("holds", sentence("show_holds")),
        Column("source", sentence("show_source")),
        *(column(key, brief=False) for key in ("severity_unless_total", "table", "kind", "formulas")),
    ]
    put(found, columns, print_format, output)


def _line(rule: checks.Rule) -> dict[str, Any]:
    return {
        **rule.told(language()),
        "severity_unless_total": rule.severity_unless_total,
        "form": list(rule.forms),
        "table": rule.table,
        "kind": rule.kind,
        "formulas": [" ".join(relation.text.split()) for relation in rule.relations],
    }


def _searched(line: dict[str, Any]) -> str:
    """What a text is looked for in: the line as printed, in the language of this run."""
    return " ".join(
        (line["rule"], *line["form"], line["holds"], line["source"], *line["formulas"])
    ).casefold()


def _severity(record: Record) -> str:
    said = sentence(f"severity_{record['severity']}")
    other = sentence(f"severity_{record['severity_unless_total']}")
    return said if said == other else f"{said} / {other}"
