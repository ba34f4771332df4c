"""One finding: what should hold, who demands it, the cells, what would mend it, what people decided."""

from __future__ import annotations

from typing import Any

from analysis.checks.explaining import explain
from analysis.present.page import captured
from analysis.present.wording import Wording
from analysis.review import decisions_about, finding_called
from nianbao.console import column
from nianbao.explorer.asked import Asked, Page, Sheet
from nianbao.records import Column, as_text
from nianbao.wording import sentence


def finding(asked: Asked) -> Page:
    """All that is known of a finding, and the form for a decision."""
    called = finding_called(asked.connection, asked.parts["finding"])
    told = explain(asked.connection, called, asked.language)
    decided = decisions_about(asked.connection, findings=[called], language=asked.language)
    said = Wording(asked.language)
    values: dict[str, Any] = {
        "told": told,
        "basis": said.basis(told["rule"], told["form"]),
        "captured": captured(told["captured_at"], said),
        "quotes": [_quote(quote) for quote in told["quotes"]],
        "decided": decided,
        "saved": asked.chosen("saved", ("yes", "later")),
        "verdicts": [(one, sentence(f"status_{one}")) for one in ("confirmed", "dismissed", "open")],
    }
    sheets = [_cells(asked, told), *([_decisions(asked, decided)] if decided else [])]
    return Page("finding.html", asked.said("finding_title", id=called[:8]), values, sheets)


def _cells(asked: Asked, told: dict[str, Any]) -> Sheet:
    columns = [
        column("year"),
        Column("label", sentence("column_metric")),
        Column("applicant_label", sentence("column_applicant")),
        column("raw"),
        Column("value", sentence("column_value"), shown=lambda record: as_text(record["value"])),
        *(column(key, brief=False) for key in ("table", "metric", "applicant", "table_no", "row")),
        Column("col", sentence("column_column"), brief=False),
        *(column(key, brief=False) for key in ("publisher", "url", "report_id")),
    ]
    return Sheet(
        "cells",
        asked.said("cells_caption"),
        told["cells"],
        columns,
        links={"raw": lambda record: cell_link(asked, record)},
    )


def cell_link(asked: Asked, record: Any) -> str | None:
    """The address of a cell in its report; None where it is not printed."""
    if record["table_no"] is None:
        return None
    place = f"{record['table_no']}-{record['row']}-{record['col']}"
    return asked.link(f"/report/{record['report_id']}", cell=place) + f"#cell-{place}"


def _decisions(asked: Asked, decided: list[dict[str, Any]]) -> Sheet:
    columns = [
        Column("decided_at", sentence("column_decided_at")),
        Column("name", sentence("column_decided_by")),
        Column(
            "decision",
            sentence("column_decision"),
            shown=lambda record: sentence(f"status_{record['decision']}"),
        ),
        column("note"),
        Column(
            "standing",
            sentence("column_standing"),
            shown=lambda record: sentence(f"standing_{record['standing']}"),
        ),
    ]
    return Sheet("decisions", asked.said("decisions_caption"), decided, columns)


def _quote(quote: dict[str, Any]) -> dict[str, str]:
    """A sentence in three pieces: before its figure, the figure, behind it."""
    text, start, end = quote["sentence"] or "", quote["start"], quote["end"]
    if start is None or end is None:
        return {"before": text, "figure": "", "behind": ""}
    return {"before": text[:start], "figure": text[start:end], "behind": text[end:]}
