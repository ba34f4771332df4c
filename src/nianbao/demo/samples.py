"""What the samples are: the portals of ``portals.toml`` and the reports of ``figures.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from scraper.portals import Portal, read_registry

Place = tuple[str, str]
"""A cell of the statutory tables: its metric, and its applicant or nothing."""

_ZERO = Decimal(0)


@dataclass(frozen=True)
class SampleReport:
    """One report of a sample portal.

    ``figures`` holds the cells that are not zero; ``real`` tells whether the publisher really printed
    them; ``article`` is the report's number in the portal's addresses.
    """

    county_code: str
    publisher: str
    year: int
    form: str
    published: date
    article: int
    real: bool
    figures: Mapping[Place, Decimal]

    def figure(self, metric: str, applicant: str = "") -> Decimal:
        """What the report prints in a cell."""
        return self.figures.get((metric, applicant), _ZERO)


def sample_portals() -> list[Portal]:
    """The sample portals, as an ordinary registry gives them."""
    return read_registry(Path(str(files(__package__) / "portals.toml")))


@cache
def sample_reports() -> tuple[SampleReport, ...]:
    """The reports of all sample portals."""
    text = (files(__package__) / "figures.toml").read_text(encoding="utf-8")
    return tuple(map(_report, tomllib.loads(text, parse_float=Decimal)["report"]))


def _report(entry: dict[str, Any]) -> SampleReport:
    return SampleReport(
        county_code=entry["county_code"],
        publisher=entry["publisher"],
        year=entry["year"],
        form=entry["form"],
        published=entry["published"],
        article=entry["article"],
        real=entry.get("real", False),
        figures=dict(_figures(entry)),
    )


def _figures(entry: dict[str, Any]) -> Iterator[tuple[Place, Decimal]]:
    for metric, figure in (entry["proactive"] | entry["cases"]).items():
        yield (metric, ""), Decimal(figure)
    for metric, by_applicant in entry["requests"].items():
        for applicant, figure in by_applicant.items():
            yield (metric, applicant), Decimal(figure)
