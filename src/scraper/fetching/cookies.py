"""The cookies of one host: enough to pass where a portal counts its visitors by them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from email.utils import parsedate_to_datetime

_MOST = 30
_LONGEST = 4096


class Cookies:
    """What a host set, sent back to that host alone; ``changes`` counts what it set anew."""

    __slots__ = ("_kept", "changes")

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}
        self.changes = 0

    @property
    def header(self) -> str:
        """The value of the ``Cookie`` header; empty where there are none."""
        return "; ".join(f"{name}={value}" for name, value in self._kept.items())

    def take(self, headers: Iterable[tuple[str, str]]) -> None:
        """Keeps what the ``Set-Cookie`` headers of an answer set, and drops what they end."""
        for header, written in headers:
            if header.lower() == "set-cookie" and len(written) <= _LONGEST:
                self._set(written)

    def _set(self, written: str) -> None:
        first, *attributes = written.split(";")
        name, equals, value = (part.strip() for part in first.partition("="))
        if not name or not equals:
            return
        if any(_ends(attribute) for attribute in attributes):
            self._kept.pop(name, None)
        elif self._kept.get(name) != value and (name in self._kept or len(self._kept) < _MOST):
            self._kept[name] = value
            self.changes += 1


def _ends(attribute: str) -> bool:
    name, _, value = attribute.strip().partition("=")
    if name.lower() == "max-age":
        return value.strip().startswith(("0", "-"))
    if name.lower() == "expires":
        try:
            return parsedate_to_datetime(value.strip()).timestamp() <= time.time()
        except (TypeError, ValueError):
            return False
    return False
