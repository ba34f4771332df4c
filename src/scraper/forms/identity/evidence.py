"""What a report says of itself, and the words that it says it in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from scraper.messages import Message

_LONGEST_QUOTE = 80


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that a field was read from, folded, and where they stand.

    ``source`` is ``title``, ``text``, ``period`` (the statement of the days covered), ``footer``,
    ``meta`` (the page's meta tags), ``site_code``, ``index_number``, ``credit_code``, ``host`` or
    ``directory`` (the folder or query of the address that the report is filed under).
    """

    source: str
    text: str


def quote(source: str, text: str) -> Evidence:
    """Evidence with as much of the text as a reader needs to find it."""
    flat = " ".join(text.split())
    return Evidence(source, flat if len(flat) <= _LONGEST_QUOTE else flat[: _LONGEST_QUOTE - 1] + "…")


@dataclass
class Identity:
    """What a report says of itself; None where it says nothing, or nothing that can be believed.

    ``evidence`` has an entry for each field that is not None. The county is the one of the report's
    year: a report of 2015 from the site of 洪泽区 (320813) is 洪泽县's (320829).
    """

    title: str | None = None
    publisher: str | None = None
    publisher_kind: str | None = None
    county_code: str | None = None
    county_name: str | None = None
    year: int | None = None
    scope: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    published_on: date | None = None
    evidence: dict[str, Evidence] = field(default_factory=dict)
    notices: list[Message] = field(default_factory=list)
