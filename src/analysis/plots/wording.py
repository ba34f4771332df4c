"""What pictures say, from ``plots.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["en", "zh"]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "plots.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Wording:
    """The sentences of one language."""

    language: Language

    def __call__(self, code: str, /, **values: object) -> str:
        """The sentence ``code``, filled in. Values are never taken for places to fill."""
        sentence: str = _table()[code][self.language]
        return sentence.format(**values) if values else sentence
