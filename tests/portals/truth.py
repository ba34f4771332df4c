"""What is true of the simulated portals: the reports that a crawler should find, and the causes of gaps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Outcome = Literal[
    "ok", "not_modified", "redirect", "soft404", "gone", "blocked", "needs_captcha", "js_only",
    "tls_invalid", "dns", "timeout", "deferred", "robots", "out_of_scope", "too_large", "bad_type",
]  # fmt: skip
"""How the crawler says that a request ended."""

Kind = Literal["county_government", "county_office", "department", "township"]


@dataclass(frozen=True)
class Report:
    """One annual report of a simulated portal.

    ``url`` is the address that counts, ``duplicates`` are others with the same report (the summary list's
    copy, a WAP twin, ``?isMobile=true``): finding any one of them is finding the report. ``attachments``
    are files of the report that a crawler must fetch, those of pages without tables. ``outcome`` is
    ``ok`` where the report can be had, else the true cause why it can't, which is to stand in the run
    report beside one of the addresses. ``trap`` says what the report tries the crawler with.
    """

    publisher: str
    kind: Kind
    year: int
    url: str
    duplicates: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    text_sha256: str = ""
    outcome: Outcome = "ok"
    trap: str = ""

    @property
    def addresses(self) -> frozenset[str]:
        """Every address at which the report, or its file, is found."""
        return frozenset((self.url, *self.duplicates, *self.attachments))


def to_json(reports: Iterable[Report]) -> str:
    """The truth as a file for programs."""
    return json.dumps([asdict(report) for report in reports], ensure_ascii=False, indent=1)
