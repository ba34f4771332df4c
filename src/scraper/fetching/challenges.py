"""The facts of ``challenges.toml``: walls, captchas, pages that say that there is none."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Wall:
    """One way in which a wall shows itself; see ``challenges.toml``."""

    vendor: str
    detail: str
    status: frozenset[int]
    markers: tuple[bytes, ...]
    cookies: tuple[str, ...]
    bare: bool

    def fits(self, status: int, body: bytes, cookies: str, *, bare: bool) -> bool:
        """Whether the wall sent this answer."""
        if self.status and status not in self.status:
            return False
        if self.bare and not bare:
            return False
        if not self.markers and not self.cookies:
            return True
        return any(marker in body for marker in self.markers) or any(name in cookies for name in self.cookies)


@dataclass(frozen=True, slots=True)
class Signs:
    """All of ``challenges.toml``, ready to be looked for in bytes and texts."""

    busy: frozenset[int]
    overloaded: frozenset[int]
    walls: tuple[Wall, ...]
    captcha: tuple[str, ...]
    missing: tuple[str, ...]
    missing_titles: re.Pattern[str]
    error_paths: re.Pattern[str]
    shell: tuple[bytes, ...]
    obfuscated: tuple[str, ...]
    mobile: re.Pattern[str]
    refused_types: tuple[str, ...]
    refused_magic: tuple[bytes, ...]
    media: bytes


@cache
def signs() -> Signs:
    """The signs, read once."""
    known = tomllib.loads((files(__package__) / "challenges.toml").read_text(encoding="utf-8"))
    return Signs(
        busy=frozenset(known["status"]["busy"]),
        overloaded=frozenset(known["status"]["overloaded"]),
        walls=tuple(_wall(entry) for entry in known["wall"]),
        captcha=tuple(known["captcha"]["markers"]),
        missing=tuple(known["soft404"]["phrases"]),
        missing_titles=re.compile(known["soft404"]["titles"], re.IGNORECASE),
        error_paths=re.compile(known["soft404"]["paths"], re.IGNORECASE),
        shell=_in_bytes(known["shell"]["markers"]),
        obfuscated=tuple(known["script"]["obfuscated"]),
        mobile=re.compile(known["script"]["mobile"]),
        refused_types=tuple(known["refused"]["types"]),
        refused_magic=tuple(bytes.fromhex(magic) for magic in known["refused"]["magic"]),
        media=bytes.fromhex(known["refused"]["media"]),
    )


def refusal(content_type: str, start: bytes) -> str:
    """Why a body that begins with ``start`` is of a kind that no report comes as; empty where it may be."""
    if content_type.lower().startswith(signs().refused_types):
        return f"the server says that it is {content_type.partition(';')[0]}"
    if start.startswith(signs().refused_magic) or start[4:8] == signs().media:
        return "a kind of file that no report is read from, by its first bytes"
    return ""


def _wall(entry: dict[str, Any]) -> Wall:
    vendor = f"{entry['vendor']}: " if entry["vendor"] else ""
    return Wall(
        vendor=entry["vendor"],
        detail=f"{vendor}{entry['says']}",
        status=frozenset(entry.get("status", ())),
        markers=_in_bytes(entry.get("markers", ())),
        cookies=tuple(entry.get("cookies", ())),
        bare=entry.get("bare", False),
    )


def _in_bytes(phrases: Iterable[str]) -> tuple[bytes, ...]:
    """Each phrase in the two encodings of portals."""
    return tuple(dict.fromkeys(form for each in phrases for form in (each.encode(), each.encode("gb18030"))))
