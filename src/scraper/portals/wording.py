"""The words of ``discovery.toml``."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def wording() -> dict[str, Any]:
    """The tables of ``discovery.toml``."""
    return tomllib.loads((files("scraper.portals") / "discovery.toml").read_text(encoding="utf-8"))


@cache
def pattern(table: str, name: str) -> re.Pattern[str]:
    """A pattern of ``discovery.toml``, compiled."""
    return re.compile(wording()[table][name], re.IGNORECASE)
