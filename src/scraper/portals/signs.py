"""Where a link leads, told by its text and address, with the reasons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from scraper.documents.characters import fold
from scraper.forms.identity import names_report
from scraper.portals.page import Link
from scraper.portals.wording import pattern, wording

Role = Literal["home", "hub", "directory", "organ", "list", "year", "sitemap", "report", "file", "more"]

# A report's title outweighs every sign of a list.
_REPORT_POINTS = 100
_LOOSE_POINTS = 60


@dataclass(frozen=True)
class Reason:
    """Why a link was given points: the link's ``text``, its ``address``, or its ``place`` on a page."""

    kind: Literal["text", "address", "place"]
    quoted: str
    points: int


@dataclass(frozen=True)
class Judgement:
    """What a link leads to, and how sure that is."""

    role: Role
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        """The points of all reasons."""
        return sum(reason.points for reason in self.reasons)


@dataclass(frozen=True)
class _Sign:
    role: Role
    points: int
    says: re.Pattern[str] | None
    address: re.Pattern[str] | None
    on: frozenset[str]

    def reason(self, link: Link, on: Role) -> Reason | None:
        if self.on and on not in self.on:
            return None
        if self.says is not None:
            found = self.says.search(link.label)
            return Reason("text", found.group(0) or link.label, self.points) if found else None
        found = self.address.search(link.url) if self.address else None
        return Reason("address", found.group(0), self.points) if found else None


@cache
def _signs() -> tuple[_Sign, ...]:
    return tuple(
        _Sign(
            entry["role"],
            entry["points"],
            re.compile(entry["says"]) if "says" in entry else None,
            re.compile(entry["address"], re.IGNORECASE) if "address" in entry else None,
            frozenset(entry.get("on", ())),
        )
        for entry in wording()["sign"]
    )


def judge(link: Link, on: Role) -> Judgement | None:
    """Where ``link``, on a page of the role ``on``, leads; None where it is not worth following."""
    if names_report(link.label) and not _is_list_name(link.label):
        return Judgement("report", (Reason("text", link.label, _REPORT_POINTS),))
    best: Judgement | None = None
    by_role: dict[Role, list[Reason]] = {}
    for sign in _signs():
        if reason := sign.reason(link, on):
            by_role.setdefault(sign.role, []).append(reason)
    for role, reasons in by_role.items():
        judged = Judgement(role, tuple(reasons))
        if best is None or judged.score > best.score:
            best = judged
    if best is not None and best.score >= wording()["follow_from"]:
        return best
    return _loose(link) if on in ("list", "year") else None


def _is_list_name(label: str) -> bool:
    """Whether a label that names a publisher but no year is what an organ calls its list."""
    return not re.search(r"\d|[〇○零一二三四五六七八九]{4}", label) and not label.endswith("报告")


def _loose(link: Link) -> Judgement | None:
    """A link of a list that may be a report though its text is no usual title, or is cut short."""
    label = link.label
    if len(label) < len("2020年") or pattern("loose", "decoy").search(label):
        return None
    said = pattern("cut", "pattern").search(label) or pattern("loose", "pattern").search(label)
    if said is None or len(label) > wording()["loose"]["longest"]:
        return None
    return Judgement("report", (Reason("text", fold(said.group(0)), _LOOSE_POINTS),))
