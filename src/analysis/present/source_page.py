"""The tables that a figure comes from as they were read, its cells marked: for files that are no pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analysis.present.html import html
from analysis.present.printed import (
    UNMARKED,
    Figure,
    Label,
    Mark,
    PrintedCell,
    PrintedTable,
    printed_table,
    table_by_form,
)
from analysis.provenance import Source


def tables_of(source: Source, anchor: str, names: Mapping[str, str]) -> list[PrintedTable]:
    """The tables in which the cells of ``source`` stand, these marked with ``anchor``, ``anchor-2``, ….

    A table of which only the facts are known has their metrics and applicants as labels, called as
    ``names`` says.
    """
    anchors = dict(_anchors(source, anchor))
    return [_table(source, number, anchors, names) for number in sorted({table for table, _, _ in anchors})]


def source_html(source: Source, tables: Sequence[tuple[str, PrintedTable]], said: Mapping[str, Any]) -> str:
    """The page: ``tables`` with their captions, and what else is ``said``."""
    url = source.report["url"]
    shown = [
        {"caption": caption, "rows": [list(map(_cell, row)) for row in table.rows]}
        for caption, table in tables
    ]
    link = url if url.startswith(("http://", "https://")) else ""
    return html("source.html", {**said, "url": link, "tables": shown})


def _anchors(source: Source, anchor: str) -> Iterator[tuple[tuple[int, int, int], str]]:
    printed = [cell for cell in source.cells if cell["table_no"] is not None]
    places = dict.fromkeys((cell["table_no"], cell["row"], cell["col"]) for cell in printed)
    for number, place in enumerate(places, start=1):
        yield place, anchor if number == 1 else f"{anchor}-{number}"


def _table(
    source: Source, number: int, anchors: Mapping[tuple[int, int, int], str], names: Mapping[str, str]
) -> PrintedTable:
    facts = [fact for fact in source.facts if fact["table_no"] == number]
    figures = []
    for fact in facts:
        anchor = anchors.get((number, fact["row"], fact["col"]))
        mark = Mark((anchor,), 2) if anchor else UNMARKED
        figures.append(Figure(fact["row"], fact["col"], fact["raw"], mark))
    labels = [
        Label(label["row"], label["row_span"], label["col"], label["text"])
        for label in source.labels
        if label["table_no"] == number
    ]
    if labels:
        return printed_table(labels, figures)
    named = [
        (names.get(fact["metric"], fact["metric"]), names.get(fact["applicant"], ""), figure)
        for fact, figure in zip(facts, figures, strict=True)
    ]
    return table_by_form(named)


def _cell(cell: PrintedCell) -> dict[str, Any]:
    return {
        "text": cell.text,
        "kind": cell.kind,
        "rows": cell.rows,
        "columns": cell.columns,
        "anchor": next(iter(cell.mark.signs), ""),
    }
