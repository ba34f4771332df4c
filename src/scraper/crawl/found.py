"""What a portal's crawl found, what it could not have and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from scraper.fetching import Outcome
from scraper.portals import Portal
from scraper.portals.signs import Reason, Role

State = Literal["new", "known", "altered"]
"""Against the last visit: first seen, unchanged, or changed."""


@dataclass
class FoundReport:
    """A report: whose, of which year, and every address at which the portal has it.

    ``url`` is the address found first; ``files`` are the attachments that were fetched because the page
    has no tables. ``year_source`` says where the year was read: ``period``, ``title``, ``directory``.
    """

    url: str
    publisher: str | None
    publisher_kind: str | None
    year: int | None
    title: str | None
    state: State
    year_source: str | None = None
    addresses: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Gap:
    """An address that brought nothing, and the cause; ``label`` is what the link to it said."""

    url: str
    outcome: Outcome
    detail: str
    role: Role
    label: str = ""


@dataclass(frozen=True)
class ListSeen:
    """A list of reports: how many records it says that it has, and how many were seen."""

    url: str
    pages: int
    announced: int | None
    seen: int

    @property
    def incomplete(self) -> bool:
        """Whether records that the list announces were never shown."""
        return self.announced is not None and self.seen < self.announced


@dataclass(frozen=True)
class Step:
    """One address that was looked at: why, and what came of it."""

    url: str
    role: Role
    label: str
    reasons: tuple[Reason, ...]
    outcome: Outcome
    seen_as: str = ""

    @property
    def score(self) -> int:
        """The points of all reasons."""
        return sum(reason.points for reason in self.reasons)


@dataclass
class PortalCrawl:
    """What one portal's crawl found. ``families`` are those whose fingerprints its pages bear."""

    portal: Portal
    pages: int = 0
    list_pages: int = 0
    reports: list[FoundReport] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    lists: list[ListSeen] = field(default_factory=list)
    families: dict[str, str] = field(default_factory=dict)

    @property
    def new_reports(self) -> list[str]:
        """The addresses of reports that earlier visits did not have."""
        return self._in("new")

    @property
    def known_reports(self) -> list[str]:
        """The addresses of reports that are as they were."""
        return self._in("known")

    @property
    def altered_reports(self) -> list[str]:
        """The addresses of reports that are not as they were."""
        return self._in("altered")

    @property
    def outcomes(self) -> list[Outcome]:
        """The kinds of gaps, each once."""
        return list(dict.fromkeys(gap.outcome for gap in self.gaps))

    @property
    def years(self) -> dict[int | None, int]:
        """How many reports there are of each year."""
        counted: dict[int | None, int] = {}
        for report in self.reports:
            counted[report.year] = counted.get(report.year, 0) + 1
        return dict(sorted(counted.items(), key=lambda item: item[0] or 0))

    def missing_years(self) -> dict[str, list[int]]:
        """For each publisher the years between its first and last report that have none."""
        by_publisher: dict[str, set[int]] = {}
        for report in self.reports:
            if report.publisher and report.year:
                by_publisher.setdefault(report.publisher, set()).add(report.year)
        gaps = {name: sorted(set(range(min(y), max(y))) - y) for name, y in by_publisher.items()}
        return {name: years for name, years in gaps.items() if years}

    def _in(self, state: State) -> list[str]:
        return [report.url for report in self.reports if report.state == state]


def outcomes_of(crawls: Sequence[PortalCrawl]) -> dict[Outcome, int]:
    """How many gaps of each kind several crawls have."""
    counted: dict[Outcome, int] = {}
    for found in crawls:
        for gap in found.gaps:
            counted[gap.outcome] = counted.get(gap.outcome, 0) + 1
    return counted
