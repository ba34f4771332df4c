"""What a brief holds and what it counts as remarkable, from ``brief.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from analysis.series import Peers


@dataclass(frozen=True)
class PeerRule:
    """Groups of peers in the order of preference; see ``brief.toml``."""

    order: tuple[Peers, ...]
    enough: int
    median: int
    percentile: int


@dataclass(frozen=True)
class OutcomeGroup:
    """``parts`` add up to the group; ``of_which`` only say what a part is made of."""

    group_id: str
    parts: tuple[str, ...]
    of_which: tuple[str, ...]


@dataclass(frozen=True)
class OutcomeTable:
    """All groups together are the metric ``total``."""

    total: str
    groups: tuple[OutcomeGroup, ...]


@dataclass(frozen=True)
class LeadRule:
    """What stands out; ``given`` are the thresholds of its ``kind``."""

    kind: str
    weight: int
    metrics: tuple[str, ...]
    given: Mapping[str, Any]


@cache
def plan() -> Mapping[str, Any]:
    """The file as it is."""
    table: dict[str, Any] = tomllib.loads((files(__package__) / "brief.toml").read_text(encoding="utf-8"))
    return table


def most(what: str) -> int:
    """How much of something is shown at most."""
    return int(plan()["most"][what])


@cache
def peer_rule() -> PeerRule:
    """Who peers are, and how many of them there must be."""
    given = plan()["peers"]
    return PeerRule(tuple(given["order"]), given["enough"], given["median"], given["percentile"])


@cache
def outcome_tables() -> tuple[OutcomeTable, ...]:
    """How requests are decided, form by form."""
    return tuple(
        OutcomeTable(
            entry["total"],
            tuple(
                OutcomeGroup(group["id"], tuple(group["parts"]), tuple(group.get("of_which", ())))
                for group in entry["group"]
            ),
        )
        for entry in plan()["outcomes"]
    )


@cache
def lead_rules() -> Sequence[LeadRule]:
    """What stands out, in the order of the file."""
    return [
        LeadRule(entry["kind"], entry["weight"], tuple(entry.get("metrics", ())), entry)
        for entry in plan()["lead"]
    ]
