"""The country: of how many counties there are reports, by province and year."""

from __future__ import annotations

from functools import partial
from typing import Any

from analysis.reports import Coverage, coverage, described
from nianbao.console import column
from nianbao.explorer.asked import Asked, Page, Sheet
from nianbao.records import Column, Record

_SHADES = 6


def country(asked: Asked) -> Page:
    """What the database holds, and the provinces by year."""
    found = asked.kept.get("coverage", partial(coverage, asked.connection))
    without = [one for one in found.records if not any(one[str(year)] for year in found.years)]
    shown = found.records if asked.whole else [one for one in found.records if one not in without]
    sheet = Sheet(
        "coverage",
        asked.said("coverage_caption"),
        shown,
        _columns(asked, found),
        links={"province": lambda record: asked.link(f"/province/{record['code']}")},
        marks={str(year): _shade(found, year) for year in found.years},
        head="province",
    )
    values: dict[str, Any] = {
        "described": asked.kept.get("described", partial(described, asked.connection)),
        "without": without,
    }
    return Page("country.html", asked.said("country_title"), values, [sheet])


def _columns(asked: Asked, found: Coverage) -> list[Column]:
    return [
        column("province"),
        Column("counties", asked.said("column_counties")),
        *(Column(str(year), str(year)) for year in found.years),
        *(
            Column(f"{year}_of", asked.said("column_counties_in", year=year), brief=False)
            for year in found.years
        ),
    ]


def _shade(found: Coverage, year: int) -> Any:
    """The class of a cell: the more counties of the province reported, the darker."""

    def mark(record: Record) -> str:
        share = found.share(record, year)
        return (
            "shade shade-0"
            if not share
            else f"shade shade-{min(1 + int(share * (_SHADES - 1)), _SHADES - 1)}"
        )

    return mark
