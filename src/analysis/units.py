"""What units are called, from ``units.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def _names() -> dict[str, dict[str, str]]:
    return tomllib.loads((files(__package__) / "units.toml").read_text(encoding="utf-8"))


def unit_called(unit: str, language: str) -> str:
    """The unit in ``language``, for texts that people read."""
    return _names()[language].get(unit, unit)
