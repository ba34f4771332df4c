"""What notices say, from ``notice.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["en", "zh"]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "notice.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Wording:
    """The sentences of one language."""

    language: Language

    def __call__(self, code: str, /, **values: object) -> str:
        """The sentence ``code``, filled in. Values are never taken for places to fill."""
        sentence: str = _table()["said"][code][self.language]
        return sentence.format(**values) if values else sentence

    def basis(self, rule: str, form: str) -> str:
        """Who demands that ``rule`` holds in a report of ``form``."""
        for entry in _table()["basis"]:
            fits = any(fnmatch(rule, pattern) for pattern in entry["rules"])
            if fits and form in entry.get("forms", [form]):
                return str(entry[self.language])
        raise KeyError(rule)
