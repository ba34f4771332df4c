"""A notice in words: plain data that the templates of HTML and PDF lay out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from analysis.checks import rules
from analysis.present.notice import (
    NamedCell,
    Notice,
    NoticeTable,
    Point,
    Proposal,
    ProposedChange,
    plain,
)
from analysis.present.printed import PrintedCell
from analysis.present.wording import Wording

# More findings than signs to mark them with are a page that was read wrongly; the workbook has them all.
_MOST_POINTS = 50
_MOST_CELLS = 8
_MOST_ALTERNATIVES = 3
_BEFORE_FIGURE, _BEHIND_FIGURE = 40, 25
_BEIJING = timedelta(hours=8)


def page_of(notice: Notice, said: Wording, *, contact: str, version: str) -> dict[str, Any]:
    """The notice as lists, dictionaries and texts.

    ``contact`` is whom the office answers, empty where that is not said; ``version`` that of the program.
    """
    points = notice.points[:_MOST_POINTS]
    more = len(notice.points) - len(points)
    return {
        "language": "zh-CN" if said.language == "zh" else "en",
        "title": said("title"),
        "lead": _lead(notice, said),
        "facts": [{"name": name, "text": text} for name, text in about(notice.report, said)],
        "url": safe_address(notice.report["url"]),
        "points": said("points"),
        "groups": [_group(list(of_rule), notice, said) for of_rule in _by_rule(points)],
        "more": said("more_points", count=more) if more else "",
        "proposed": said("proposed"),
        "proposals": _proposals(notice, points, said),
        "tables": said("tables"),
        "no_tables": "" if notice.tables else said("no_tables"),
        "printed": [table_in_words(table, said) for table in notice.tables],
        "legend": said("legend", sign=points[0].sign) if notice.tables else "",
        "answer": said("answer"),
        "how": said("how_to_answer", contact=said("contact", contact=contact) if contact else ""),
        "signs": [point.sign for point in points],
        "wrong": said("wrong"),
        "right": said("right"),
        "signed": said("signed"),
        "made_by": said("made_by", version=version, ids=ids_of(points)),
        "page_of": said("page_of", page="{page}", pages="{pages}"),
    }


def _lead(notice: Notice, said: Wording) -> str:
    """How many points there are, and how many of them can't be explained."""
    errors = sum(point.finding["severity"] == "error" for point in notice.points)
    contradictions = said("contradictions", errors=errors) if errors else ""
    if errors == len(notice.points):
        contradictions = said("all_contradict")
    return said("lead", count=len(notice.points), contradictions=contradictions)


def ids_of(points: Sequence[Point]) -> str:
    """The ids by which a decision names the findings."""
    return " ".join(f"{point.sign}{point.finding['finding_id'][:8]}" for point in points)


def about(report: Mapping[str, Any], said: Wording) -> Iterator[tuple[str, str]]:
    """Which report it is, and where it lies: names and texts."""
    yield said("publisher"), report["publisher"] or said("unknown")
    yield said("year"), str(report["year"] or said("unknown"))
    yield said("report"), report["title"] or said("unknown")
    yield said("address"), report["url"]
    yield said("captured"), captured(report["captured_at"], said)
    yield said("digest"), said("digest_of", sha256=report["sha256"])


def captured(moment: datetime, said: Wording) -> str:
    """A moment of the database, which is UTC, as the language tells the time."""
    beijing = f"{moment + _BEIJING:%Y-%m-%d %H:%M}"
    return said("captured_at", beijing=beijing, utc=f"{moment:%Y-%m-%d %H:%M}")


def safe_address(url: str) -> str:
    """An address that may be clicked; nothing but a web page."""
    return url if url.startswith(("http://", "https://")) else ""


def _by_rule(points: Sequence[Point]) -> Iterator[Iterator[Point]]:
    """Points of one rule and severity that follow each other."""
    grouped = groupby(points, key=lambda point: (point.finding["rule"], point.finding["severity"]))
    return (of_rule for _, of_rule in grouped)


def holds(rule: str, said: Wording) -> str:
    """What a rule demands, in words; empty for one that is no more in the catalogue."""
    known = {entry.rule: entry for entry in rules()}
    return known[rule].holds[said.language] if rule in known else ""


def _group(points: Sequence[Point], notice: Notice, said: Wording) -> dict[str, Any]:
    """The findings of one rule, with what it demands and by which source."""
    finding = points[0].finding
    rule = finding["rule"]
    demanded = holds(rule, said)
    return {
        "severity": said(f"severity_{finding['severity']}"),
        "grave": finding["severity"] == "error",
        "holds": said("holds", holds=demanded.rstrip("。.")) if demanded else "",
        "basis": said("basis", basis=said.basis(rule, notice.report["form"])),
        "points": [_point(point, said) for point in points],
    }


def _point(point: Point, said: Wording) -> dict[str, Any]:
    finding = point.finding
    gap = difference(finding)
    return {
        "sign": point.sign,
        "message": message(finding, said) + state(finding, said),
        "difference": said("difference", difference=gap) if gap else "",
        "cells": f"{said('cells')}{cells(point, said)}{said('end')}" if point.cells else "",
        "quotes": [_quote(quote, said) for quote in finding["quotes"]],
    }


def message(finding: Mapping[str, Any], said: Wording) -> str:
    """The finding in words."""
    return str(finding["message_zh"] if said.language == "zh" else finding["message"])


def state(finding: Mapping[str, Any], said: Wording) -> str:
    """What somebody decided: that it is so, or something else while the figures were others."""
    if finding["status"] == "confirmed":
        return said("confirmed")
    if finding["decided_at"] is None:
        return ""
    then = {key: plain(finding[f"{key}_then"]) for key in ("actual", "expected")}
    return said("figures_changed", day=f"{finding['decided_at']:%Y-%m-%d}", **then)


def difference(finding: Mapping[str, Any]) -> str:
    """By how much what is stated differs from what is expected; empty where these are no figures."""
    if finding["actual"] is None or finding["expected"] is None:
        return ""
    return plain(abs(finding["actual"] - finding["expected"]))


def cells(point: Point, said: Wording) -> str:
    """The cells that make a finding fail, with their places and texts, and how many others take part."""
    telling = point.telling
    shown = [_cell(cell, said) for cell in telling[:_MOST_CELLS]]
    rest = len(point.cells) - len(shown)
    if rest:
        shown.append(said("cells_without_weight", count=rest) if len(telling) <= _MOST_CELLS else "…")
    return said("between_cells").join(shown)


def _cell(cell: NamedCell, said: Wording) -> str:
    name = cell.name
    if cell.report is not None:
        where = {key: cell.report[key] or said("unknown") for key in ("publisher", "year")}
        name = f"{said('cells_elsewhere', **where)} {name}"
    if cell.fact is None:
        return said("cell_missing", name=name)
    raw = " ".join(cell.fact["raw"].split())
    text = said("cell", name=name, raw=raw) if raw else said("cell_blank", name=name)
    place = {"table": cell.fact["table_no"], "row": cell.fact["row"], "column": cell.fact["col"]}
    return text + said("cell_place", **{key: number + 1 for key, number in place.items()})


def _quote(quote: Mapping[str, Any], said: Wording) -> dict[str, str]:
    """The words around a figure of the prose, and the figure; the whole sentence where it has no place."""
    sentence, start, end = quote["sentence"] or "", quote["start_at"], quote["end_at"]
    if start is None or end is None:
        long = _BEFORE_FIGURE + _BEHIND_FIGURE
        cut = sentence if len(sentence) <= long else f"{sentence[:long]}…"
        return {"lead": said("quote"), "before": f"“{cut}”", "figure": "", "behind": ""}
    first, last = max(0, start - _BEFORE_FIGURE), min(len(sentence), end + _BEHIND_FIGURE)
    return {
        "lead": said("quote"),
        "before": f"“{'…' if first else ''}{sentence[first:start]}",
        "figure": sentence[start:end],
        "behind": f"{sentence[end:last]}{'…' if last < len(sentence) else ''}”",
    }


def proposals_for(point: Point, notice: Notice, said: Wording) -> str:
    """What is proposed to mend a finding; empty where nothing is."""
    of_point = [proposed for proposed in notice.proposals if point.sign in proposed.signs]
    if of_point:
        return said("between_cells").join(_alternatives(proposed, said) for proposed in of_point)
    return _changes(point.changes, said)


def _proposals(notice: Notice, points: Sequence[Point], said: Wording) -> list[str]:
    """All that is proposed, each with the signs of the findings that it would mend."""
    mended = {sign for proposed in notice.proposals for sign in proposed.signs}
    found = [f"{''.join(one.signs)} {_alternatives(one, said)}{said('end')}" for one in notice.proposals]
    return found + [
        f"{point.sign} {_changes(point.changes, said)}{said('end')}"
        for point in points
        if point.changes and point.sign not in mended
    ]


def _alternatives(proposed: Proposal, said: Wording) -> str:
    shown = [_changes(changes, said) for changes in proposed.alternatives[:_MOST_ALTERNATIVES]]
    more = len(proposed.alternatives) > len(shown) or not proposed.complete
    return said("proposal_or").join(shown) + (said("proposal_more") if more else "")


def _changes(changes: Sequence[ProposedChange], said: Wording) -> str:
    """Changes that go together, and what would account for them."""
    texts = [
        said("proposal_cell", name=change.name, was=change.was or said("blank"), to=plain(change.to))
        + (said("proposal_open") if change.open else "")
        for change in changes
    ]
    slips = said("between_cells").join(dict.fromkeys(change.slip for change in changes if change.slip))
    return said("proposal_and").join(texts) + (said("proposal_why", why=slips) if slips else "")


def table_in_words(table: NoticeTable, said: Wording) -> dict[str, Any]:
    """A table as the templates lay it out."""
    return {
        "caption": caption(table, said),
        "table_no": table.table_no,
        "widths": [round(width, 2) for width in table.printed.widths],
        "dense": len(table.printed.rows) > 15 or len(table.printed.widths) > 10,
        "heads": _heads(table.printed.rows),
        "rows": [_row(row) for row in table.printed.rows],
    }


def _heads(rows: Sequence[Sequence[PrintedCell]]) -> int:
    """How many rows at the top are headings, which no cell of them reaches beyond."""
    heads = 0
    for row in rows:
        if any(cell.kind == "figure" for cell in row):
            break
        heads += 1
    reaching = any(number + cell.rows > heads for number, row in enumerate(rows[:heads]) for cell in row)
    return 0 if reaching or heads == len(rows) else heads


def caption(table: NoticeTable, said: Wording) -> str:
    """Which table of the page it is."""
    name = said("table_no", number=table.table_no + 1, name=said(f"table_{table.table}"))
    return name + (said("table_by_form") if table.by_form else "")


def _row(row: Sequence[PrintedCell]) -> list[dict[str, Any]]:
    """A row's cells; those of a row without figures are headings."""
    head = not any(cell.kind == "figure" for cell in row)
    return [
        {
            "text": cell.text,
            "kind": cell.kind,
            "head": head,
            "rows": cell.rows,
            "columns": cell.columns,
            "place": cell.place,
            "weight": cell.mark.weight,
            "signs": "".join(cell.mark.signs),
        }
        for cell in row
    ]
