"""A province: its counties by year, each with the report that stands for it."""

from __future__ import annotations

from typing import Any

from analysis.database import records
from analysis.series.lines import Choice, Line, Place, chosen_lines
from nianbao.console import column
from nianbao.explorer.asked import Asked, NotThere, Page, Sheet, words
from nianbao.records import Column, Record

_PROVINCE = "SELECT DISTINCT province FROM county WHERE left(code, 2) = $code AND code = current_code"
_COUNTIES = """
    SELECT code AS county_code, name AS county, prefecture FROM county
    WHERE province = $province AND code = current_code AND (until IS NULL OR list_contains($codes, code))
    ORDER BY code
"""
_ERRORS = """
    SELECT f.report_id, count(*) AS errors FROM finding f JOIN report r USING (report_id)
    JOIN county c ON c.code = r.county_code
    WHERE c.province = $province AND f.severity = 'error' AND f.status <> 'dismissed' GROUP BY f.report_id
"""


def province(asked: Asked) -> Page:
    """The counties of a province, and of which years there are reports."""
    found = asked.connection.execute(_PROVINCE, {"code": asked.parts["province"]}).fetchall()
    if not found:
        raise NotThere(words("no_such_province", given=asked.parts["province"]))
    ((name,),) = found[:1]
    lines = chosen_lines(asked.connection, Choice(places=(Place("province", name),)))
    years = sorted({line.year for line in lines})
    errors = {
        line["report_id"]: line["errors"] for line in records(asked.connection, _ERRORS, {"province": name})
    }
    counties = _records(asked, name, lines, years, errors)
    sheet = Sheet(
        "counties",
        asked.said("province_caption", province=name),
        counties,
        _columns(years),
        links={
            "county": lambda record: asked.link(f"/county/{record['county_code']}"),
            **{str(year): _report(asked, year) for year in years},
        },
        marks={str(year): _mark(year) for year in years},
        head="county",
    )
    values = {"province": name, "reporting": sum(any(one[str(year)] for year in years) for one in counties)}
    return Page("province.html", name, values, [sheet])


def _records(
    asked: Asked, name: str, lines: list[Line], years: list[int], errors: dict[str, int]
) -> list[dict[str, Any]]:
    reports = {(line.current_code, line.year): line.report_id for line in lines}
    given = {"province": name, "codes": sorted({line.current_code for line in lines})}
    found = records(asked.connection, _COUNTIES, given)
    for record in found:
        for year in years:
            report = reports.get((record["county_code"], year))
            record[f"{year}_report"] = report
            record[str(year)] = 1 if report else 0
            record[f"{year}_errors"] = errors.get(report or "", 0)
    return found


def _columns(years: list[int]) -> list[Column]:
    return [
        *map(column, ("county", "prefecture")),
        *(Column(str(year), str(year), shown=_shown(year)) for year in years),
        column("county_code", brief=False),
        *(Column(f"{year}_errors", f"{year} errors", brief=False) for year in years),
    ]


def _shown(year: int) -> Any:
    def shown(record: Record) -> str:
        errors = record[f"{year}_errors"]
        return (f"● {errors}" if errors else "●") if record[str(year)] else "–"

    return shown


def _report(asked: Asked, year: int) -> Any:
    def linked(record: Record) -> str | None:
        report = record[f"{year}_report"]
        return asked.link(f"/report/{report}") if report else None

    return linked


def _mark(year: int) -> Any:
    def mark(record: Record) -> str:
        if not record[str(year)]:
            return "dot none"
        return "dot failing" if record[f"{year}_errors"] else "dot there"

    return mark
