"""The families of portal software, one module each.

A family's module says by what a page of it is told, and what leads on from a page that no link shows:
interfaces behind scripts, trees, numbered pages. What links, scripts that draw pagers and frames show is
followed without any family (:mod:`scraper.portals.pagers`). To add a family, add a module with the two
functions of :class:`Family` to this folder, and a sample portal to ``tests/portals``.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from scraper.portals.lead import Lead
from scraper.portals.page import Page


class Family(Protocol):
    """What a module of this folder offers."""

    __name__: str

    def fingerprint(self, page: Page) -> str | None:
        """The words of ``page`` that tell the family; None where there are none."""
        ...

    def leads(self, page: Page) -> Iterator[Lead]:
        """What leads on from ``page``, which has the fingerprint."""
        ...


@cache
def families() -> dict[str, Family]:
    """All families by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: cast("Family", import_module(f"{__name__}.{name}")) for name in names}
