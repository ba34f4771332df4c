"""What stands out in a county's year, by the rules of ``brief.toml``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch

from analysis.brief.catalogue import LeadRule, lead_rules, most
from analysis.brief.content import Brief, KeyFigure, Lead
from analysis.series.marking import severed

_HUNDRED = 100
_MIDDLE = 50


def leads(brief: Brief) -> list[Lead]:
    """What stands out, the weightiest first; of each metric and each kind of lead no more than allowed."""
    found = [lead for rule in lead_rules() for lead in _KINDS[rule.kind](brief, rule)]
    ordered = sorted(enumerate(found), key=lambda one: (-one[1].weight, -one[1].size, one[0]))
    kinds: Counter[str] = Counter()
    metrics: set[str] = set()
    chosen: list[Lead] = []
    for _, lead in ordered:
        name = lead.figure.now.quantity.quantity_id if lead.figure else ""
        if kinds[lead.kind] >= most("leads_of_a_kind") or name in metrics:
            continue
        kinds[lead.kind] += 1
        metrics |= {name} - {""}
        chosen.append(lead)
    return chosen[: most("leads")]


def _figures(brief: Brief, rule: LeadRule) -> Iterator[KeyFigure]:
    """The key figures that a rule is about, but for shares of too few."""
    of_metric = {figure.now.quantity.quantity_id: figure for figure in brief.key}
    least = rule.given.get("least_of", 0)
    for metric in rule.metrics:
        figure = of_metric[metric]
        if figure.now.value is not None and (figure.now.of is None or figure.now.of >= least):
            yield figure


def _findings(brief: Brief, rule: LeadRule) -> Iterator[Lead]:
    points = [point.finding for point in brief.notice.points] if brief.notice else []
    if "severity" in rule.given:
        grave = [finding for finding in points if finding["severity"] == rule.given["severity"]]
        if grave:
            yield Lead("contradictions", rule.weight, len(grave), values={"count": len(grave)})
        return
    for finding in points:
        if any(fnmatch(finding["rule"], pattern) for pattern in rule.given["rules"]):
            yield Lead("finding", rule.weight, 0, values={"finding": finding})


def _gone(brief: Brief, rule: LeadRule) -> Iterator[Lead]:
    gone = brief.report.report["vanished_at"]
    if gone is not None:
        yield Lead("gone", rule.weight, 0, values={"day": gone.date().isoformat()})


def _at(brief: Brief, rule: LeadRule) -> Iterator[Lead]:
    for figure in _figures(brief, rule):
        if figure.now.value == rule.given["at"]:
            yield Lead("at", rule.weight, figure.now.of or 0, figure)


def _standing(brief: Brief, rule: LeadRule) -> Iterator[Lead]:
    beyond = rule.given["beyond"]
    for figure in _figures(brief, rule):
        percentile = figure.now.percentile
        if percentile is None or _HUNDRED - beyond < percentile < beyond:
            continue
        kind = "standing_high" if percentile >= beyond else "standing_low"
        yield Lead(kind, rule.weight, abs(percentile - _MIDDLE), figure)


def _growth(brief: Brief, rule: LeadRule) -> Iterator[Lead]:
    for figure in _figures(brief, rule):
        change, before = figure.change.value, figure.before.value if figure.before else None
        if change is None or not before or abs(change) < rule.given["least"]:
            continue
        growth = _HUNDRED * change / before
        if abs(growth) >= rule.given["percent"]:
            kind = "rise" if change > 0 else "fall"
            yield Lead(kind, rule.weight, abs(growth), figure, {"growth": growth})


def _points(brief: Brief, rule: LeadRule) -> Iterator[Lead]:
    for figure in _figures(brief, rule):
        change, before = figure.change.value, figure.before
        few = before is None or (before.of is not None and before.of < rule.given["least_of"])
        if change is None or few or abs(change) < rule.given["points"]:
            continue
        yield Lead("points_up" if change > 0 else "points_down", rule.weight, abs(change), figure)


def _lost(brief: Brief, rule: LeadRule) -> Iterator[Lead]:
    for figure in _figures(brief, rule):
        if figure.now.value is not None and figure.now.value >= rule.given["from"]:
            yield Lead("lost", rule.weight, figure.now.value, figure)


def _record(brief: Brief, rule: LeadRule) -> Iterator[Lead]:
    for figure in _figures(brief, rule):
        run = unbroken(brief, figure.now.quantity.quantity_id)
        earlier = [value for _, value in run[:-1]]
        if len(run) < rule.given["least_years"] or figure.now.value is None:
            continue
        values = {"since": run[0][0], "years": len(run)}
        if figure.now.value >= max(earlier) + rule.given["by"]:
            yield Lead("highest", rule.weight, len(run), figure, values)
        elif figure.now.value <= min(earlier) - rule.given["by"]:
            yield Lead("lowest", rule.weight, len(run), figure, values)


def _missing(brief: Brief, rule: LeadRule) -> Iterator[Lead]:
    since = brief.year - rule.given["years"]
    years = [year for year, state in brief.states.items() if state == "missing" and since < year < brief.year]
    if years:
        yield Lead("missing", rule.weight, len(years), values={"count": len(years), "years": years})


def unbroken(brief: Brief, metric: str) -> list[tuple[int, float]]:
    """Years and figures of a metric up to the brief's year, back to a gap or a break that severs."""
    run: list[tuple[int, float]] = []
    for figure in reversed(brief.series[metric]):
        if figure.value is None:
            break
        run.append((figure.year, figure.value))
        if severed(figure.breaks):
            break
    return run[::-1]


_KINDS: Mapping[str, Callable[[Brief, LeadRule], Iterator[Lead]]] = {
    "findings": _findings,
    "gone": _gone,
    "at": _at,
    "standing": _standing,
    "growth": _growth,
    "points": _points,
    "lost": _lost,
    "record": _record,
    "missing": _missing,
}
