"""An address worth asking for, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scraper.portals.signs import Judgement, Reason, Role

Method = Literal["next", "pager", "data", "interface", "script", "numbers", "steps"]
"""How a list goes on: see :mod:`scraper.portals.pagers`."""

METHODS: tuple[Method, ...] = (
    "next", "pager", "data", "interface", "script", "numbers", "steps",
)  # fmt: skip
"""In the order in which they are tried."""


@dataclass(frozen=True)
class Lead:
    """An address, what it should lead to, and what the link to it said.

    ``method`` is set where it continues a list; ``posted`` is the body of a POST request;
    ``is_reply`` tells that JSON or XML is expected instead of a page. A ``guess`` is an address that no
    link names, whose absence is no news.
    """

    url: str
    role: Role
    label: str = ""
    reasons: tuple[Reason, ...] = ()
    method: Method | None = None
    posted: bytes = b""
    is_reply: bool = False
    guess: bool = False

    @property
    def score(self) -> int:
        """The points of all reasons."""
        return sum(reason.points for reason in self.reasons)


def lead_to(url: str, label: str, judged: Judgement) -> Lead:
    """The lead that a judged link is."""
    return Lead(url, judged.role, label, judged.reasons)


def more_of(
    url: str, method: Method, *, posted: bytes = b"", is_reply: bool = False, guess: bool = False
) -> Lead:
    """A lead to another page of the list that it was found on."""
    return Lead(url, "more", method=method, posted=posted, is_reply=is_reply, guess=guess)
