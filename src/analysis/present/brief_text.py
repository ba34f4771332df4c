"""The sentences of a brief, each made of facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from analysis.brief import Brief, Figure, KeyFigure, Lead, unbroken
from analysis.brief.catalogue import plan
from analysis.present.brief_wording import BriefWording, number
from analysis.series.marking import severed

Say = BriefWording

# A note on more metrics than this does not name them.
_MANY = 4
_STRAIGHT = str.maketrans("“”‘’", "\"\"''")


def opening(brief: Brief, said: Say) -> str:
    """What the year was like, in two sentences."""
    if brief.narrative:
        return said("prose_only", year=brief.year)
    return said.sentences(_received(brief, said), _decided(brief, said))


def _received(brief: Brief, said: Say) -> str:
    key = _key(brief, "requests_received")
    publisher = brief.report.report["publisher"] or brief.county.name
    if key.now.value is None:
        reason = said.reason(key.now.reason)
        return said("received_missing", year=brief.year, publisher=publisher, reason=reason)
    told = said(
        "received",
        year=brief.year,
        publisher=publisher,
        figure=said.stated(key.now),
        count=key.now.value,
    )
    return told + _against_the_year_before(key, said)


def _against_the_year_before(key: KeyFigure, said: Say) -> str:
    change = key.change
    if change.value is None:
        return said("no_change", reason=said.reason(why_no_change(key)))
    doubt = "*" if change.doubtful else ""
    if change.value == 0:
        return said("as_many")
    return said("more" if change.value > 0 else "fewer", difference=f"{number(abs(change.value))}{doubt}")


def why_no_change(key: KeyFigure) -> str:
    """The reason why there is no comparison with the year before."""
    if key.now.value is None:
        return key.now.reason
    if key.before is None:
        return "first"
    if key.before.value is None:
        return key.before.reason
    return key.change.reason


def _decided(brief: Brief, said: Say) -> str:
    now = brief.figure("disclosure_rate")
    if now.value is None:
        return said("decided_missing", reason=said.reason(now.reason))
    return said("decided", count=now.of, rate=said.stated(now))


def _key(brief: Brief, metric: str) -> KeyFigure:
    return next(one for one in brief.key if one.now.quantity.quantity_id == metric)


def what_stands_out(brief: Brief, said: Say) -> list[str]:
    """A sentence for each lead, or that nothing stands out."""
    found = [_lead(lead, said) for lead in brief.leads]
    if found:
        return found
    certain = any(one.now.value is not None for one in brief.key)
    return [said("nothing_stands_out" if certain else "nothing_certain")]


def _lead(lead: Lead, said: Say) -> str:
    values: dict[str, Any] = dict(lead.values)
    if "finding" in values:
        finding = values["finding"]
        return said("lead_finding", message=finding["message_zh" if said.language == "zh" else "message"])
    if "since" in values:
        values["since"] = str(values["since"])
    if lead.kind == "missing":
        values["years"] = said.years(values["years"])
    if "growth" in values:
        values["growth"] = said("percent", figure=f"{abs(values['growth']):,.1f}")
    if lead.figure is not None:
        values |= _of_figure(lead.figure, said)
    return said(f"lead_{lead.kind}", **values)


def _of_figure(key: KeyFigure, said: Say) -> Mapping[str, Any]:
    """What sentences about a key figure are filled with."""
    now = key.now
    noun = said.noun(now.quantity)
    found: dict[str, Any] = {
        "noun": noun,
        "Noun": noun[:1].upper() + noun[1:],
        "figure": said.stated(now),
        "count": now.of,
        "peers": now.peers,
    }
    if now.percentile is not None:
        found["percentile"] = percentile(now)
    if now.median is not None:
        found["median"] = said.amount(now.median, now.quantity)
    if key.before is not None and key.before.value is not None:
        found["before"] = said.stated(key.before)
    if key.change.value is not None:
        found["difference"] = f"{abs(key.change.value):,.1f}"
    return found


def percentile(figure: Figure) -> str:
    """A percentile to one decimal, without one where it is whole."""
    return "" if figure.percentile is None else f"{figure.percentile:.1f}".removesuffix(".0")


def run_of(brief: Brief, metric: str, said: Say) -> str:
    """How a figure went over the years that can be compared with the last."""
    figures = brief.series[metric]
    now = figures[-1]
    earlier = [figure.year for figure in figures[:-1] if figure.value is not None]
    if now.value is None:
        return said("trend_now_missing", year=now.year, reason=said.reason(now.reason))
    run = unbroken(brief, metric)
    first = next(figure for figure in figures if figure.year == run[0][0])
    cut = ""
    if any(year < first.year for year in earlier):
        broken = severed(first.breaks)
        cut = said("trend_since" if broken else "trend_gap", first=str(first.year), gap=str(first.year - 1))
    if first is now:
        return cut or said("trend_one", year=now.year)
    alike = said.stated(first) == said.stated(now)
    kind = "same" if alike else "rose" if now.value > (first.value or 0) else "fell"
    ends = {"first": str(first.year), "last": str(now.year)}
    told = said(f"trend_{kind}", before=said.stated(first), figure=said.stated(now), **ends)
    return said.sentences(told, cut)


def gaps(brief: Brief, said: Say) -> Iterator[str]:
    """Which years have no report, or one that is not comparable."""
    states = {year: state for year, state in brief.states.items() if year <= brief.year}
    later = [year for year, state in brief.states.items() if year > brief.year and state != "missing"]
    if len(states) == 1:
        yield said("years_one", first=str(brief.year))
    elif "missing" not in states.values():
        yield said("years_all", first=str(min(states)), last=str(brief.year))
    for code, fits in _GAPS.items():
        years = [year for year, state in states.items() if fits(brief, year, state)]
        if years:
            yield said(code, years=said.years(years))
    if later:
        yield said("years_later", year=brief.year, years=said.years(later))


def _elsewhere(brief: Brief, year: int, state: str) -> bool:
    reasons = {figure.year: figure.reason for figure in brief.series["requests_received"]}
    return state != "missing" and reasons.get(year) in ("another_scope", "another_publisher")


_GAPS: Mapping[str, Callable[[Brief, int, str], bool]] = {
    "years_missing": lambda _brief, _year, state: state == "missing",
    "years_narrative": lambda _brief, _year, state: state == "narrative",
    "years_other": _elsewhere,
}


def notes(brief: Brief, said: Say) -> Iterator[str]:
    """Where the series shown break, and what stands in for figures of other forms."""
    of_metric = {one.quantity_id: one for one in brief.trend.quantities}
    shown = _shown(brief)
    for note in brief.trend.notes:
        if note.code not in ("break", "joined"):
            continue
        metrics = [metric for metric in str(note.values["metrics"]).split(", ") if metric in shown]
        if metrics:
            names = said.listed([said.label(of_metric[metric]) for metric in metrics])
            code = f"note_{note.code}{'_many' if len(metrics) > _MANY else ''}"
            yield said(code, what=_quoted(note.values["what"][said.language], said), metrics=names)


def _shown(brief: Brief) -> frozenset[str]:
    """The metrics of which all years are shown, and those whose two years need a word."""
    marked = [
        figure.quantity.quantity_id
        for key in brief.key
        for figure in (key.now, key.before)
        if figure is not None and (figure.joined or figure.breaks)
    ]
    return frozenset([*plan()["panels"], *plan()["yearly"], *marked])


def _quoted(text: str, said: Say) -> str:
    """In English with straight quotes: the curly ones of a Chinese typeface are as wide as a character."""
    return text if said.language == "zh" else text.translate(_STRAIGHT)
