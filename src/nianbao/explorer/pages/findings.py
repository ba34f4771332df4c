"""Findings: all that can't be true in the reports, by rule, severity, place, year and status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from analysis import checks
from nianbao.console import column
from nianbao.explorer.asked import Asked, Page, Sheet
from nianbao.explorer.places import county_of_name, place_of_name
from nianbao.failures import Failure
from nianbao.records import Column
from nianbao.wording import sentence

SEVERITIES = ("error", "warning", "notice")
STATUSES = ("open", "confirmed", "dismissed")
_YEARS = "SELECT DISTINCT year FROM report WHERE year IS NOT NULL ORDER BY year DESC"


def findings(asked: Asked) -> Page:
    """The findings that fit the filters, a page of them at a time."""
    wanted = finding_filter(asked)
    counts = checks.finding_counts(asked.connection, wanted)
    total = sum(line["findings"] for line in counts)
    found = checks.findings(asked.connection, wanted, asked.language, first=asked.first, limit=asked.limit)
    any_rule = counts
    if wanted.rule is not None:
        any_rule = checks.finding_counts(asked.connection, replace(wanted, rule=None))
    values = {
        "wanted": {name: asked.one(name) or "" for name in ("place", "rule", "severity", "status", "year")},
        "counts": counts,
        "rules": _rules(any_rule),
        "severities": [(one, sentence(f"severity_{one}")) for one in SEVERITIES],
        "statuses": [(one, sentence(f"status_{one}")) for one in STATUSES],
        "years": [str(year) for (year,) in asked.connection.execute(_YEARS).fetchall()],
        "total": total,
    }
    sheet = finding_sheet(asked, asked.said("findings_caption"), found, total)
    return Page("findings.html", asked.said("findings_title"), values, [sheet])


def finding_filter(asked: Asked) -> checks.FindingFilter:
    """What the filters of an address ask for. Raises what naming places raises, and :class:`Failure`."""
    rule = asked.one("rule")
    known = [entry.rule for entry in checks.rules()]
    if rule is not None and "*" not in rule and rule not in known:
        raise Failure("unknown_rule", usage=True, given=rule, near="; ".join(known))
    wanted = checks.FindingFilter(
        year=asked.number("year"),
        rule=rule,
        severity=asked.chosen("severity", SEVERITIES),
        status=asked.chosen("status", STATUSES),
    )
    place = asked.one("place")
    return wanted if place is None else _within(asked, wanted, place)


def _within(asked: Asked, wanted: checks.FindingFilter, given: str) -> checks.FindingFilter:
    found = place_of_name(asked, given)
    if found.level == "county":
        return replace(wanted, county=county_of_name(asked, found.code).current_code)
    return replace(wanted, province=found.province, prefecture=found.prefecture or None)


def _rules(counts: Sequence[dict[str, Any]]) -> list[tuple[str, int]]:
    """The rules that are broken, with how often."""
    found: dict[str, int] = {}
    for line in counts:
        found[line["rule"]] = found.get(line["rule"], 0) + line["findings"]
    return sorted(found.items())


def finding_sheet(asked: Asked, caption: str, found: Sequence[dict[str, Any]], total: int) -> Sheet:
    """A table of findings."""
    return Sheet(
        "findings",
        caption,
        found,
        _columns(),
        links={
            "message": lambda record: asked.link(f"/finding/{record['finding_id']}"),
            "county": lambda record: (
                asked.link(f"/county/{record['county_code']}") if record["county_code"] else None
            ),
            "year": lambda record: asked.link(f"/report/{record['report_id']}"),
        },
        marks={
            "severity": lambda record: f"severity {record['severity']}",
            "status": lambda record: f"status {record['status']}",
        },
        total=total,
    )


def worded(key: str) -> Column:
    """The column of a severity, a status or the like, in words."""
    return Column(key, sentence(f"column_{key}"), shown=lambda record: sentence(f"{key}_{record[key]}"))


def _columns() -> list[Column]:
    return [
        worded("severity"),
        *map(column, ("county", "year", "message", "rule")),
        worded("status"),
        *(
            column(key, brief=False)
            for key in (
                "county_code", "publisher", "applicant", "metrics", "expected", "actual", "url",
                "report_id", "finding_id",
            )
        ),
    ]  # fmt: skip
