"""How one request ended, before redirects are followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scraper.archive import Capture, Payload
from scraper.fetching.judging import Verdict

Trouble = Literal["", "tls", "unreachable", "reset"]
"""Why a host did not answer, where that is known."""


@dataclass(slots=True)
class Reply:
    """The verdict, and the answer that it is about, where there was one.

    ``unmodified`` means that the server sent nothing anew: ``payload`` is the archived version.
    """

    verdict: Verdict
    status: int = 0
    payload: Payload | None = None
    capture: Capture | None = None
    from_archive: bool = False
    unmodified: bool = False
    trouble: Trouble = ""
