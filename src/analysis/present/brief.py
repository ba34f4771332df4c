"""A brief in words: plain data that the templates of HTML and PDF lay out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from markupsafe import Markup

from analysis.brief import Brief, SourceReport
from analysis.brief.catalogue import most, plan
from analysis.plots import PictureFault, draw_sign, draw_small
from analysis.plots.frame import Sign
from analysis.present.brief_tables import (
    Block,
    cases,
    disclosed,
    key_figures,
    outcomes,
    prose,
    yearly,
)
from analysis.present.brief_text import gaps, notes, opening, run_of, what_stands_out
from analysis.present.brief_wording import BriefWording
from analysis.present.fonts import ExtraMissing
from analysis.present.notice import Notice, Point
from analysis.present.page import holds, message, proposals_for, safe_address, state
from analysis.present.wording import Wording

# Notices are for who keeps the records; they are counted only.
_LISTED = ("error", "warning")
_PANEL = (300, 118)
_PLAIN_NAME = 2
_KINDS_OF_COUNTY = (("自治县", ""), ("自治旗", ""), ("县", "xian"), ("区", "qu"), ("市", "shi"), ("旗", "qi"))


def brief_page(brief: Brief, said: BriefWording, *, version: str) -> dict[str, Any]:
    """The brief as lists, dictionaries and texts; ``version`` is the program's.

    ``lacks_pictures`` names the extra without which there are no pictures, empty where they are drawn.
    """
    panels, lacking = _panels(brief, said)
    parts = _narrative_parts(brief, said) if brief.narrative else _parts(brief, said, panels)
    sections = [{"heading": heading, "blocks": blocks} for heading, blocks in parts if blocks]
    county = _called(brief, said)
    return {
        "language": "zh-CN" if said.language == "zh" else "en",
        "title": said("title", county=county, year=brief.year),
        "subtitle": said("subtitle", count=len(brief.reports)),
        "banner": _banner(brief, said),
        "facts": [{"name": name, "text": text} for name, text in _facts(brief, said)],
        "opening": opening(brief, said),
        "sections": sections,
        "sources_heading": said("heading_sources"),
        "sources": [_source(one, said) for one in brief.reports],
        "made_by": said("made_by", version=version, county=brief.county.name, year=brief.year),
        "page_of": said("page_of", page="{page}", pages="{pages}"),
        # What has no tables would fill less than a page.
        "apart": said("heading_notes") if brief.narrative else "",
        "lacks_pictures": lacking,
    }


def _parts(brief: Brief, said: BriefWording, panels: list[Block]) -> Iterator[tuple[str, list[Block]]]:
    yield said("heading_leads"), [_bullets(what_stands_out(brief, said))]
    yield said("heading_key"), key_figures(brief, said)
    several = len(brief.trend.records) > 1
    yield said("heading_trends"), [*panels, yearly(brief, said)] if several else []
    yield said("heading_outcomes"), outcomes(brief, said)
    yield said("heading_cases"), cases(brief, said)
    yield said("heading_disclosed"), disclosed(brief, said)
    yield from _common(brief, said)


def _narrative_parts(brief: Brief, said: BriefWording) -> Iterator[tuple[str, list[Block]]]:
    yield said("heading_leads"), [_bullets(what_stands_out(brief, said))] if brief.leads else []
    yield said("heading_prose"), prose(brief, said)
    tabled = any(figure.value is not None for figures in brief.series.values() for figure in figures)
    yield said("heading_trends"), [yearly(brief, said)] if tabled else []
    yield from _common(brief, said)


def _common(brief: Brief, said: BriefWording) -> Iterator[tuple[str, list[Block]]]:
    yield said("heading_findings"), findings(brief, said)
    yield (
        said("heading_reused"),
        [{"kind": "text", "text": _reused(finding, said)} for finding in brief.reused],
    )
    yield said("heading_notes"), [_bullets([*gaps(brief, said), *notes(brief, said)], small=True)]
    yield said("heading_method"), [{"kind": "small", "text": said.sentences(said("method"), said("trace"))}]


def _bullets(items: list[str], *, small: bool = False) -> Block:
    return {"kind": "bullets", "items": items, "small": small}


def _called(brief: Brief, said: BriefWording) -> str:
    """The county's name; in English with its pinyin, but for long names of autonomous counties."""
    name, pinyin = brief.county.name, brief.pinyin
    if said.language == "zh" or not pinyin:
        return name
    ending, spoken = next((kind for kind in _KINDS_OF_COUNTY if name.endswith(kind[0])), ("", ""))
    if ending.startswith("自治"):
        return name
    bare = pinyin if len(name) <= _PLAIN_NAME else pinyin.removesuffix(spoken)
    return f"{name} ({bare.capitalize()})"


def _banner(brief: Brief, said: BriefWording) -> str:
    samples, reports = brief.sources.samples, brief.sources.reports
    if not samples:
        return ""
    if samples == reports:
        return said("invented")
    return said("invented_some", count=samples, reports=reports)


def _facts(brief: Brief, said: BriefWording) -> Iterator[tuple[str, str]]:
    report = brief.report.report
    county = brief.county
    yield said("fact_place"), f"{county.province}{county.prefecture}{county.name} ({county.code})"
    yield said("fact_publisher"), report["publisher"] or said("unknown")
    yield said("fact_scope"), said(f"scope_{report['scope'] or 'unknown'}")
    yield said("fact_form"), said(f"form_{report['form']}")
    published = report["published_on"]
    yield said("fact_published"), published.isoformat() if published else said("unknown")
    days = [str(brief.sources.first), str(brief.sources.last)]
    shown = days[0] if days[0] == days[1] else said("days", first=days[0], last=days[1])
    years = said.years([one.report["year"] for one in brief.reports])
    yield said("fact_reports"), said("reports_years", count=len(brief.reports), years=years, days=shown)


def _panels(brief: Brief, said: BriefWording) -> tuple[list[Block], str]:
    """The pictures with a sentence each, and the extra that they lack."""
    if brief.narrative or len(brief.trend.records) == 1:
        return [], ""
    panels: list[Block] = []
    signs: dict[str, Sign] = {}
    for metric in plan()["panels"]:
        figure = brief.figure(metric)
        try:
            picture = draw_small(
                brief.trend, brief.question, brief.sources, said.language, metric=metric, size=_PANEL
            )
            svg = picture.svg()
        except PictureFault:
            continue
        except ExtraMissing as missing:
            return [{"kind": "small", "text": said("no_pictures")}], missing.extra
        signs |= {sign.meaning: sign for sign in picture.frame.signs}
        title = said.label(figure.quantity)
        if figure.quantity.unit == "percent":
            title = said("in_percent", label=title)
        panels.append({"title": title, "svg": Markup(svg), "text": run_of(brief, metric, said)})  # noqa: S704 - made by us
    return [{"kind": "panels", "panels": panels, "signs": [_sign(sign) for sign in signs.values()]}], ""


def _sign(sign: Sign) -> Block:
    return {"svg": Markup(draw_sign(sign)), "text": sign.meaning}  # noqa: S704 - made by us


def findings(brief: Brief, said: BriefWording) -> list[Block]:
    """What to verify in the report of the year, the gravest first."""
    points = _to_verify(brief.notice)
    counts = {
        f"{severity}s": sum(point.finding["severity"] == severity for point in points)
        for severity in ("error", "warning", "notice")
    }
    blocks: list[Block] = [{"kind": "text", "text": said("findings_counted", count=len(points), **counts)}]
    shown = [point for point in points if point.finding["severity"] in _LISTED][: most("findings")]
    words = Wording(said.language)
    assert brief.notice is not None or not shown  # noqa: S101 - there are points only in a notice
    for (rule, severity), of_rule in groupby(
        shown, key=lambda one: (one.finding["rule"], one.finding["severity"])
    ):
        demanded = holds(rule, words).rstrip("。.")
        blocks.append({
            "kind": "finding",
            "grave": severity == "error",
            "severity": words(f"severity_{severity}"),
            "holds": said("holds", holds=demanded) if demanded else "",
            "points": [message(point.finding, words) + state(point.finding, words) for point in of_rule],
        })  # fmt: skip
    # Of one contradiction several rules may tell, and one correction mends them.
    proposals = dict.fromkeys(proposals_for(point, brief.notice, words) for point in shown if brief.notice)
    proposals.pop("", None)
    if proposals:
        blocks.append({"kind": "small", "text": said("proposed", proposals=said("clauses").join(proposals))})
    if len(points) > len(shown):
        blocks.append({"kind": "small", "text": said("more_findings", count=len(points) - len(shown))})
    return blocks


def _to_verify(notice: Notice | None) -> list[Point]:
    return [point for point in notice.points if point.finding["rule"] != "text.reused"] if notice else []


def _reused(finding: Any, said: BriefWording) -> str:
    words = Wording(said.language)
    quotes = [f"“{quote['sentence']}”" for quote in finding["quotes"] if quote["sentence"]]
    return said.sentences(message(finding, words), *quotes[:1])


def _source(one: SourceReport, said: BriefWording) -> dict[str, Any]:
    report = one.report
    about = [
        said("source_archived", moment=f"{report['captured_at']:%Y-%m-%d %H:%M:%S}"),
        said("source_id", id=report["report_id"]),
    ]
    if report["vanished_at"] is not None:
        about.append(said("source_gone", day=f"{report['vanished_at']:%Y-%m-%d}"))
    title, publisher = report["title"] or said("unknown"), report["publisher"] or said("unknown")
    return {
        "number": f"[{one.number}]",
        "title": said("source_title", year=report["year"], title=title, publisher=publisher),
        "about": said("clauses").join(about),
        "url": report["url"],
        "link": safe_address(report["url"]),
        "digest": said("source_digest", sha256=report["sha256"]),
    }
