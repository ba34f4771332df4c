"""The wordings of ``identity.toml``, their patterns compiled once."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def wording() -> dict[str, Any]:
    """The tables of ``identity.toml``."""
    return tomllib.loads((files("scraper.forms") / "identity.toml").read_text(encoding="utf-8"))


@cache
def pattern(table: str, key: str = "pattern") -> re.Pattern[str]:
    """The compiled pattern of one entry."""
    return re.compile(wording()[table][key])


@cache
def choices(table: str, key: str) -> re.Pattern[str]:
    """A pattern that finds any of a list of words, whatever their case."""
    return re.compile("|".join(map(re.escape, wording()[table][key])), re.IGNORECASE)
