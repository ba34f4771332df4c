"""What is asked for, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scraper.archive import Capture, Payload, key_of

Outcome = Literal[
    "ok", "not_modified", "redirect", "soft404", "gone", "blocked", "needs_captcha", "js_only",
    "tls_invalid", "dns", "timeout", "deferred", "robots", "out_of_scope", "too_large", "bad_type",
]  # fmt: skip

Expects = Literal["page", "file", "data"]


@dataclass(frozen=True, slots=True)
class Request:
    """A request for one address.

    ``posted`` is the body of a POST, JSON where it begins as JSON does, else the fields of a form.
    ``referer`` is the page that links here; portals refuse files and lists that are asked for without.
    ``expects`` is a ``page``, a ``file`` that a page links to, or the ``data`` of a list (JSON, XML, a
    piece of HTML).
    """

    url: str
    method: str = "GET"
    posted: bytes = b""
    referer: str = ""
    expects: Expects = "page"

    @property
    def key(self) -> str:
        """The address under which the archive keeps the answer."""
        return key_of(self.url, self.method, self.posted)


@dataclass(frozen=True, slots=True)
class Fetched:
    """How a request ended.

    ``url`` is the address that answered last, after redirects; ``capture`` its archived answer, where
    there was one. ``payload`` is what it brought, of ``ok`` and ``not_modified``; of the latter it is the
    archived version, which still holds. ``detail`` says what the outcome alone does not. ``from_archive``
    means that nobody was asked.
    """

    request: Request
    outcome: Outcome
    url: str = ""
    capture: Capture | None = None
    payload: Payload | None = None
    detail: str = ""
    from_archive: bool = False
