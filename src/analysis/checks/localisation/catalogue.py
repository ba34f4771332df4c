"""Reads ``slips.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Slips:
    """The kinds of slips, in the order in which they are tried: their weights and wordings.

    ``unexplained`` is the weight of a change that no slip explains, ``signed`` the metrics whose figure may
    be negative.
    """

    weights: dict[str, int]
    wording: dict[str, dict[str, str]]
    unexplained: int
    signed: frozenset[str]

    def weight(self, slip: str | None) -> int:
        """The weight of a change that ``slip`` explains; of an unexplained one for None."""
        return self.unexplained if slip is None else self.weights[slip]


@cache
def slips() -> Slips:
    """The slips that ship with nianbao."""
    table = tomllib.loads((files(__package__) / "slips.toml").read_text(encoding="utf-8"))
    return Slips(
        weights={entry["id"]: entry["weight"] for entry in table["slip"]},
        wording={entry["id"]: {"zh": entry["zh"], "en": entry["en"]} for entry in table["slip"]},
        unexplained=table["unexplained"],
        signed=frozenset(table["signed"]),
    )
