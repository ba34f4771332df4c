"""The data dictionary: what every metric means, and what every rule demands."""

from __future__ import annotations

from analysis import checks, series
from nianbao.console import column
from nianbao.explorer.asked import Asked, Page, Sheet
from nianbao.explorer.pages.findings import worded
from nianbao.records import Column, Record, as_text
from nianbao.wording import sentence


def metrics(asked: Asked) -> Page:
    """The metrics and measures whose names contain what was asked for."""
    text = asked.one("q")
    found = series.search_metrics(asked.connection, text, asked.language)
    label = f"label_{asked.language}"
    other = "label_en" if asked.language == "zh" else "label_zh"
    columns = [
        column(label),
        column("metric"),
        column(other),
        column("unit"),
        Column(
            "table", sentence("column_table"), shown=lambda record: asked.said(f"table_{record['table']}")
        ),
        column("form"),
        Column(
            "comparability",
            sentence("column_comparability"),
            shown=lambda record: _comparability(asked, record),
        ),
        column("expression"),
        *(column(key, brief=False) for key in ("comparable_with", "joined_from", "source")),
    ]
    sheet = Sheet("metrics", asked.said("metrics_caption"), found, columns, head=label)
    return Page("metrics.html", asked.said("metrics_title"), {"q": text or ""}, [sheet])


def _comparability(asked: Asked, record: Record) -> str:
    """On what terms a metric may be compared; the catalogue says it in English, joins in both languages."""
    worded = asked.language == "en" or record["table"] == "measure"
    return as_text(record["comparability"] if worded else record["joined_from"])


def rules(asked: Asked) -> Page:
    """The rules that reports must obey."""
    found = [rule.told(asked.language) for rule in checks.rules()]
    columns = [
        column("rule"),
        worded("severity"),
        Column("holds", asked.said("column_holds")),
        column("source"),
    ]
    sheet = Sheet(
        "rules",
        asked.said("rules_caption"),
        found,
        columns,
        links={"rule": lambda record: asked.link("/findings", rule=record["rule"])},
        marks={"severity": lambda record: f"severity {record['severity']}"},
        head="rule",
    )
    return Page("rules.html", asked.said("rules_title"), {}, [sheet])
