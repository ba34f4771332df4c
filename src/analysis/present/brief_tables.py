"""The tables of a brief, as plain data that its templates lay out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from analysis.brief import Brief, Cases, Cell, Figure, Group, KeyFigure, Outcomes
from analysis.brief.catalogue import plan
from analysis.present.brief_text import percentile, why_no_change
from analysis.present.brief_wording import BriefWording, number
from analysis.present.figures import SIGNS

Block = dict[str, Any]
# Okabe and Ito's colours, as in pictures; their order is that of the outcomes.
COLOURS = {
    "granted": "#0072b2",
    "granted_in_part": "#56b4e9",
    "denied": "#d55e00",
    "unavailable": "#e69f00",
    "rejected": "#f0e442",
    "other": "#8c8c8c",
}
_NOT_ASKED_FOR = ("not_in_form", "weak_only")
_NUMBER = re.compile(r"^(（[一二三四五六七八九十]+）|[一二三四五六七八九十]+、|\d+[.、])\s*")
# More names than this are only counted.
_MOST_NAMES = 6
_BAR_WIDTH, _BAR_HEIGHT = 1000, 40


def _table(heads: Sequence[str], widths: Sequence[float], rows: Sequence[Block], names: int = 1) -> Block:
    """A table whose first ``names`` columns are words and whose others are figures."""
    columns = [{"text": text, "figure": place >= names} for place, text in enumerate(heads)]
    for row in rows:
        for place, cell in enumerate(row["cells"]):
            cell["figure"] = place >= names and cell["columns"] == 1
    return {"kind": "table", "columns": columns, "widths": list(widths), "rows": list(rows)}


def _row(
    cells: Sequence[str], *, strong: bool = False, inner: bool = False, colour: str = "", metric: str = ""
) -> Block:
    """A row; ``metric`` is the id by which ``nianbao source`` tells where its figure comes from."""
    return {
        "metric": metric,
        "cells": [{"text": text, "columns": 1} for text in cells],
        "strong": strong,
        "inner": inner,
        "colour": colour,
    }


def key_figures(brief: Brief, said: BriefWording) -> list[Block]:
    """The key figures that the form asks for, and what it does not."""
    asked = [one for one in brief.key if one.now.reason not in _NOT_ASKED_FOR]
    others = [said.label(one.now.quantity) for one in brief.key if one not in asked]
    heads = [said("column_figure"), *_years(brief), said("column_change")]
    widths = [3.4, 1.5, 1.5, 1.9]
    if brief.peers:
        heads += [said("column_median"), said("column_percentile")]
        widths += [1.5, 1.2]
    blocks = [_table(heads, widths, [_key_row(one, brief, said) for one in asked])]
    texts = [_peers(brief, said), said("not_in_form", names=said.listed(others)) if others else ""]
    return [*blocks, *({"kind": "small", "text": text} for text in [*texts, said("signs")] if text)]


def _years(brief: Brief) -> list[str]:
    """The two years, each with the number of its report among the sources."""
    numbers = {one.report["year"]: one.number for one in _followed(brief)}
    return [
        f"{year} [{numbers[year]}]" if year in numbers else str(year) for year in (brief.year - 1, brief.year)
    ]


def _followed(brief: Brief) -> Iterator[Any]:
    ids = {record["report_id"] for record in brief.trend.records}
    return (one for one in brief.reports if one.report["report_id"] in ids)


def _key_row(key: KeyFigure, brief: Brief, said: BriefWording) -> Block:
    now = key.now
    before = said.figure(key.before) if key.before else said.reason("first", short=True)
    change = said.change(key.change)
    if key.change.value is None:
        change = "–" if why_no_change(key) != "break" else said.reason("break", short=True)
    cells = [said.label(now.quantity), before, said.figure(now), change]
    if brief.peers:
        median = "–" if now.median is None else f"{said.amount(now.median, now.quantity)} ({now.peers})"
        cells += [median, percentile(now) or "–"]
    return _row(cells, metric=now.quantity.quantity_id)


def _peers(brief: Brief, said: BriefWording) -> str:
    if brief.peers:
        return said("peers_are", group=said(f"peers_{brief.peers}"), count=brief.peers_found)
    return said("peers_too_few", count=brief.peers_found)


def yearly(brief: Brief, said: BriefWording) -> Block:
    """All years, the latest first."""
    metrics = plan()["yearly"]
    labels = [said.label(brief.figure(metric).quantity) for metric in metrics]
    heads = [said("column_year"), *labels, said("column_findings"), said("column_source")]
    widths = [0.8, *[1.4] * len(metrics), 1.9, 0.8]
    found = {one.report["year"]: one for one in _followed(brief)}
    rows = []
    for place, figure in reversed(list(enumerate(brief.series[metrics[0]]))):
        figures = [brief.series[metric][place] for metric in metrics]
        source = found.get(figure.year)
        row = _row([str(figure.year)])
        row["cells"] += _year_cells(figures, said)
        counts = (source.errors, source.warnings, source.notices) if source else ()
        row["cells"].append({"text": " / ".join(map(str, counts)) or "–", "columns": 1})
        row["cells"].append({"text": f"[{source.number}]" if source else "–", "columns": 1})
        rows.append(row)
    return _table(heads, widths, rows)


def _year_cells(figures: Sequence[Figure], said: BriefWording) -> list[Block]:
    """The figures of a year; one cell where all are missing for the same reason."""
    reasons = {figure.reason for figure in figures}
    if len(reasons) == 1 and all(figure.value is None for figure in figures):
        return [{"text": said.reason(reasons.pop(), short=True), "columns": len(figures)}]
    return [{"text": said.figure(figure), "columns": 1} for figure in figures]


def outcomes(brief: Brief, said: BriefWording) -> list[Block]:
    """How requests were decided: what adds up, a bar of shares, a table."""
    found = brief.outcomes
    if found is None:
        return [{"kind": "text", "text": said("no_table")}]
    blocks: list[Block] = [{"kind": "text", "text": _adds_up(found, said)}]
    if found.agrees and found.added:
        svg = bar(found)
        blocks.append({"kind": "bar", "svg": Markup(svg), "title": said("bar_title")})  # noqa: S704 - made by us
    before = brief.outcomes_before
    if before is not None and before.total.metric != found.total.metric:
        before = None
    heads = [said("column_outcome"), said("column_count"), said("column_share")]
    widths = [4.6, 1.3, 1.3]
    if before is not None:
        heads.append(said("column_before"))
        widths.append(1.3)
    rows = [row for group in found.groups if group.cells for row in _outcome_rows(group, found, before, said)]
    total = [said("row_total"), said.cell(found.total), ""]
    total += [said.cell(before.total)] if before else []
    rows.append(_row(total, strong=True, metric=found.total.metric))
    blocks.append(_table(heads, widths, rows))
    return [*blocks, *({"kind": "small", "text": text} for text in _beside(found, brief, said) if text)]


def _adds_up(found: Outcomes, said: BriefWording) -> str:
    if found.agrees:
        if not found.added:
            return said("outcomes_none", figure=said.cell(found.total))
        return said("outcomes_agree", count=found.added)
    if found.total.value is None:
        return said("outcomes_no_total", reason=said.reason("blank"), added=found.added)
    return said("outcomes_differ", added=found.added, figure=said.cell(found.total))


def _outcome_rows(
    group: Group, found: Outcomes, before: Outcomes | None, said: BriefWording
) -> Iterator[Block]:
    """The row of a group, and one for each part of it that is not zero."""
    earlier = {one.group_id: one for one in before.groups} if before else {}
    cells = [said.part(group.group_id), _count(group, found, said), _share(group.share, said)]
    if before is not None:
        last = earlier.get(group.group_id)
        cells.append(_count(last, before, said) if last and last.cells else "–")
    alone = group.cells[0].metric if len(group.cells) == 1 else ""
    yield _row(cells, strong=True, colour=COLOURS[group.group_id], metric=alone)
    parts = [*(group.cells if len(group.cells) > 1 else ()), *group.of_which]
    for cell in parts:
        if cell.value:
            share = 100 * cell.value / found.added if found.agrees else None
            more = [""] if before is not None else []
            yield _row(
                [_name(cell, said), said.cell(cell), _share(share, said), *more],
                inner=True,
                metric=cell.metric,
            )


def _count(group: Group, found: Outcomes, said: BriefWording) -> str:
    if group.count is None:
        return said.reason("blank", short=True)
    shown = number(group.count) + (SIGNS["doubtful"] if group.doubtful else "")
    if not group.blanks:
        return shown
    return f"{shown}°" if found.agrees else said("with_blanks", figure=shown, count=group.blanks)


def _share(share: float | None, said: BriefWording) -> str:
    return "–" if share is None else said("percent", figure=f"{share:,.1f}")


def _name(cell: Cell, said: BriefWording) -> str:
    """The label of a cell without what stands above it in the form."""
    if said.language == "en":
        return cell.label["en"].rpartition(": ")[2].capitalize()
    return _unnumbered(cell.label["zh"])


def _unnumbered(label: str) -> str:
    """A Chinese label as the form has it, without its number and what stands above it."""
    return _NUMBER.sub("", label.rpartition(" / ")[2])


def _beside(found: Outcomes, brief: Brief, said: BriefWording) -> Iterator[str]:
    """What is not in the table: zeros, blanks, who asked."""
    cells = [cell for group in found.groups for cell in group.cells if len(group.cells) > 1]
    zeros = sum(cell.value == 0 for cell in cells)
    blanks = sum(group.blanks for group in found.groups)
    yield said("zeros", count=zeros) if zeros else ""
    if blanks:
        yield said("blanks_as_zeros" if found.agrees else "blanks", count=blanks)
    parts = [
        said("asked_part", name=_name(cell, said), figure=said.cell(cell))
        for cell in brief.asked
        if cell.value != 0
    ]
    if parts:
        kind = "asked_applicants" if brief.asked[0].applicant else "asked_channels"
        yield said(kind, parts=said.listed(parts))


def bar(found: Outcomes) -> str:
    """An SVG element: the outcomes side by side, as wide as their shares."""
    drawn, at = [], 0.0
    for group in found.groups:
        if group.share:
            wide = group.share / 100 * _BAR_WIDTH
            drawn.append(
                f'<rect x="{at:.2f}" y="1" width="{wide:.2f}" height="{_BAR_HEIGHT - 2}"'
                f' fill="{COLOURS[group.group_id]}" stroke="#fff" stroke-width="3"/>'
            )
            at += wide
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_BAR_WIDTH} {_BAR_HEIGHT}"'
        f' preserveAspectRatio="none" aria-hidden="true">{"".join(drawn)}</svg>'
    )


def cases(brief: Brief, said: BriefWording) -> list[Block]:
    """Reviews and lawsuits by their results."""
    found = brief.cases
    if found is None:
        return [{"kind": "text", "text": said("no_table")}]
    told = {kind: _case_count(brief, metric, kind, said) for kind, metric in _CASES.items()}
    text = said("cases_sentence", **told)
    if any(brief.figure(metric).value for metric in _CASES.values()):
        text = said.sentences(text, _corrected(found, said))
    heads = [said("column_case"), *(said(f"case_{column}") for column in found.columns)]
    rows = [
        _row([
            said(f"case_{name}"),
            *(said.cell(row[column]) if column in row else "–" for column in found.columns),
        ])
        for name, row in found.rows.items()
    ]  # fmt: skip
    return [
        {"kind": "text", "text": text},
        _table(heads, [3.2, *[1.2] * len(found.columns)], rows),
    ]


def _corrected(found: Cases, said: BriefWording) -> str:
    """In how many cases the authority was corrected; nothing where that is not stated of each kind."""
    cells = [row.get("corrected") for row in found.rows.values()]
    known = [cell for cell in cells if cell is not None and cell.value is not None]
    if len(known) < len(cells):
        return ""
    count = sum(cell.value or 0 for cell in known)
    doubt = SIGNS["doubtful"] if any(cell.doubtful for cell in known) else ""
    return said("corrected", count=count, figure=f"{number(count)}{doubt}")


_CASES = {"reviews": "review_total", "lawsuits": "litigation_total"}


def _case_count(brief: Brief, metric: str, kind: str, said: BriefWording) -> str:
    figure = brief.figure(metric)
    if figure.value is None:
        return said(f"{kind}_missing", reason=said.reason(figure.reason))
    return said(kind, count=figure.value, figure=said.stated(figure))


def disclosed(brief: Brief, said: BriefWording) -> list[Block]:
    """What the body disclosed by itself; zeros and blanks are named below."""
    cells = brief.disclosed
    if not cells:
        return [{"kind": "text", "text": said("no_table")}]
    rows = [
        _row([_disclosed_name(cell, said), said.cell(cell)], metric=cell.metric)
        for cell in cells
        if cell.value
    ]
    blocks = [_table([said("column_item"), said("column_value")], [4, 1.2], rows)] if rows else []
    for code, fits in (("zero", 0), ("blank", None)):
        names = [_disclosed_name(cell, said) for cell in cells if cell.value == fits]
        if names:
            counted = f"disclosed_{code}_counted" if len(names) > _MOST_NAMES else f"disclosed_{code}"
            text = said(counted, count=len(names), names=said.listed(names))
            blocks.append({"kind": "small", "text": text})
    return blocks


def _disclosed_name(cell: Cell, said: BriefWording) -> str:
    label = _unnumbered(cell.label[said.language])
    money = said("money_10k" if "10k" in cell.unit else "money") if cell.unit.startswith("CNY") else ""
    return label if "万元" in label else label + money


def prose(brief: Brief, said: BriefWording) -> list[Block]:
    """The figures that a report without tables states, with their sentences."""
    if not brief.prose:
        return [{"kind": "text", "text": said("no_claims")}]
    rows = []
    for sentence, claims in groupby(brief.prose, key=lambda claim: str(claim["sentence"])):
        figures = said.listed([_claim(claim, said) for claim in claims])
        rows.append(_row([f"“{sentence}”", figures]))
    return [_table([said("column_sentence"), said("column_figures")], [5, 4], rows, names=2)]


def _claim(claim: Mapping[str, Any], said: BriefWording) -> str:
    label = _unnumbered(claim[f"label_{said.language}"] or claim["metric"])
    figure = number(claim["value"])
    shown = said("about", figure=figure) if claim["approximate"] else figure
    return said("asked_part", name=label, figure=shown)
