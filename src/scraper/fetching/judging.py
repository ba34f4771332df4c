"""What an answer is: the one place that decides, for answers of servers and of the archive alike."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal
from urllib.parse import urlsplit

from scraper.archive import Payload
from scraper.fetching.challenges import Wall, refusal, signs
from scraper.fetching.markup import Markup
from scraper.fetching.redirects import header_target, is_deep, is_first_page, page_target
from scraper.fetching.request import Outcome, Request
from scraper.fetching.scope import host_of, platform_of

# A redirect by meta tag or script stands on pages of up to this many bytes (portals.md §3).
_LARGEST_STUB = 3_000
# Characters of visible text: little, next to nothing, nothing.
_LITTLE_TEXT = 300
_SCANT_TEXT = 100
_NO_TEXT = 10
# An inline script of this length may well hold what the page shows.
_SCRIPT_WITH_DATA = 200

_TOO_MANY = 429
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Redirects that say no address, and 304 to a request that asked for no condition.
_OTHERWISE: dict[int, Outcome] = {**dict.fromkeys(range(300, 400), "redirect"), 304: "deferred"}
_SAVED_BY_WORD = (b"schemas-microsoft-com", b"mso-", b"MIME-Version:", b"<table", b"<TABLE")
# What tells one address's "no such page" from another's: its number, its own address.
_PARTICULARS = re.compile(r"\S*[/\\]\S*|[0-9a-fA-F]{8,}|\d+|\W")


@dataclass(slots=True)
class Verdict:
    """What an answer is.

    ``target`` is where a ``redirect`` leads, ``via`` what said so (nothing: a header). A ``doubtful`` page
    is ``ok`` unless its host answers so to every address. ``again`` means that the same request may have
    better luck later, after ``wait`` seconds where the server named them. ``strikes`` is how much it says
    of the host, and not of the page alone, that it still had none: at two the host needs a rest.
    ``walled`` is a block by more than a status: whoever built the wall looks at every request. That a
    ``scripted`` page is like another says nothing, for scripts fill it.
    """

    outcome: Outcome
    detail: str = ""
    target: str = ""
    via: Literal["", "meta", "js"] = ""
    doubtful: bool = False
    again: bool = False
    wait: float = 0.0
    strikes: int = 0
    walled: bool = False
    scripted: bool = False


def judge(request: Request, status: int, payload: Payload) -> Verdict:
    """What the answer to ``request`` is, by its status, its headers and its body."""
    if is_busy(status):
        return _busy(status, retry_after(payload.headers.get("retry-after", "")))
    if status in _REDIRECTS and payload.headers.get("location"):
        return _by_header(request, payload.headers["location"])
    page = Markup(payload)
    little = page.is_html and not page.has_links and len(page.text) < _LITTLE_TEXT
    wall = _wall(status, payload, bare=little)
    if wall is not None:
        return Verdict("blocked", f"status {status}, {wall.detail}", walled=bool(wall.vendor))
    if not 200 <= status < 300:
        return Verdict(_OTHERWISE.get(status, "gone"), f"status {status}")
    refused = refusal(payload.content_type, payload.body[:16])
    if refused:
        return Verdict("bad_type", refused)
    if request.expects == "data":
        return Verdict("ok")
    if not payload.body.strip():
        return Verdict("needs_captcha" if request.expects == "file" else "soft404", "an empty answer")
    if page.is_html:
        return _judge_little(request, page) if little else _judge_title(page)
    return Verdict("ok")


def is_busy(status: int) -> bool:
    """Whether a server with this status may answer later."""
    return status in signs().busy


def retry_after(written: str) -> float:
    """Seconds that a ``Retry-After`` header asks for, as a number or a date; 0 where it does not say."""
    if written.strip().isdigit():
        return float(written)
    try:
        moment = parsedate_to_datetime(written)
    except (TypeError, ValueError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def particulars_apart(payload: Payload) -> str:
    """A page's text without what differs between two addresses at which there is nothing."""
    page = Markup(payload)
    return _PARTICULARS.sub("", f"{page.title} {page.text}") if page.is_html else ""


def _busy(status: int, wait: float) -> Verdict:
    asks_for_rest = wait > 0 or status == _TOO_MANY
    strikes = 2 if asks_for_rest else int(status in signs().overloaded)
    return Verdict("deferred", f"status {status}", again=True, wait=wait, strikes=strikes)


def _wall(status: int, payload: Payload, *, bare: bool) -> Wall | None:
    """What stands between the crawler and the page."""
    cookies = payload.headers.get("set-cookie", "")
    fitting = (wall for wall in signs().walls if wall.fits(status, payload.body, cookies, bare=bare))
    return next(fitting, None)


def _by_header(request: Request, location: str) -> Verdict:
    target = header_target(request.url, location)
    if not target:
        return Verdict("redirect", f"the server sends to “{location}”, which is no address")
    return _sent_on(request, target, "")


def _sent_on(request: Request, target: str, via: Literal["", "meta", "js"]) -> Verdict:
    if signs().error_paths.fullmatch(urlsplit(target).path):
        return Verdict("soft404", f"sent to the error page {target}")
    if is_first_page(target) and is_deep(request.url) and _are_neighbours(target, request.url):
        return Verdict("soft404", f"sent to the first page {target}")
    return Verdict("redirect", target, target, via)


def _are_neighbours(one: str, other: str) -> bool:
    """Whether two addresses are of one site, or of one government's domain."""
    first, second = host_of(urlsplit(one)), host_of(urlsplit(other))
    return first == second or (platform_of(first) != "" and platform_of(first) == platform_of(second))


def _judge_title(page: Markup) -> Verdict:
    """A page with links: what its title says counts, and its text where that is short."""
    title = page.title
    said = f"{title} {page.text}" if len(page.text) < _LITTLE_TEXT else title
    if signs().missing_titles.fullmatch(title) or any(phrase in said for phrase in signs().missing):
        return Verdict("soft404", f"the page says: {said.strip()[:80]}")
    return Verdict("ok")


def _judge_little(request: Request, page: Markup) -> Verdict:
    """A page of markup with hardly any text and few links."""
    said = f"{page.title} {page.text}"
    if signs().missing_titles.fullmatch(page.title) or any(phrase in said for phrase in signs().missing):
        return Verdict("soft404", f"the page says: {said.strip()[:80]}")
    if page.asks and any(sign in said for sign in signs().captcha):
        return Verdict("needs_captcha", f"the page says: {said.strip()[:80]}")
    if len(page.body) <= _LARGEST_STUB and len(page.text) < _SCANT_TEXT and not page.leads_on:
        sent_on = _by_page(request, page)
        if sent_on is not None:
            return sent_on
    if request.expects == "file":
        return _in_place_of_file(page)
    return _doubted(request, page)


def _by_page(request: Request, page: Markup) -> Verdict | None:
    """Where a stub sends its reader; None where it does not."""
    onward = page_target(page.source, page.scripts, request.url, signs().mobile)
    if onward is not None and onward.target != request.url:
        return _sent_on(request, onward.target, onward.via)
    if page.has_frames or len(page.text) >= _NO_TEXT:
        return None
    if "document.cookie" in page.scripts:
        return Verdict("blocked", "a script sets a cookie before it shows the page", walled=True)
    if any(sign in page.scripts for sign in signs().obfuscated):
        return Verdict("js_only", "a script works out where the page is")
    return None


def _in_place_of_file(page: Markup) -> Verdict:
    """HTML where a file was expected: old .doc files are HTML, and so is what asks for a captcha."""
    if any(sign in page.body for sign in _SAVED_BY_WORD):
        return Verdict("ok")
    return Verdict("needs_captcha", f"a page in place of the file: {page.text[:80]}")


def _doubted(request: Request, page: Markup) -> Verdict:
    if page.has_frames:
        return Verdict("ok")
    if any(sign in page.body for sign in signs().shell):
        return Verdict("ok", scripted=True)
    empty = len(page.text) < _NO_TEXT and not page.has_a_link and not page.has_pictures
    if empty and len(page.scripts) < _SCRIPT_WITH_DATA:
        return Verdict("soft404", "an empty page")
    return Verdict("ok", doubtful=is_deep(request.url) and not page.leads_on)
