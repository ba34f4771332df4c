"""Where answers send their readers on: by header, by meta tag, by script."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urldefrag, urljoin, urlsplit

from scraper.fetching.scope import first_page

_META = re.compile(
    r"""<meta\b(?=[^>]*http-equiv\s*=\s*["']?refresh)[^>]*?content\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""",
    re.IGNORECASE,
)
_META_TARGET = re.compile(r"""^\s*\d*(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?["']?([^"']+)""", re.IGNORECASE)

# A whole literal: what is joined to more, before it or behind, is none.
_SCRIPTED = re.compile(
    r"""\blocation(?:\s*\.\s*href)?\s*=\s*\\?(["'])(?P<set>[^"'\\<>\s]+)\\?\1(?!\s*\+)"""
    r"""|\blocation\s*\.\s*(?:replace|assign)\s*\(\s*\\?(["'])(?P<called>[^"'\\<>\s]+)\\?\3\s*\)"""
    r"""|\bwindow\s*\.\s*(?:open|navigate)\s*\(\s*\\?(["'])(?P<opened>[^"'\\<>\s]+)\\?\5\s*(?:,\s*["']_(?:self|top)["'])?\s*\)"""
)
_REMARKS = re.compile(r"/\*.*?\*/|(?<![:\"'\w])//[^\n<]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a page sends its reader, and by what."""

    target: str
    via: Literal["meta", "js"]


def header_target(url: str, location: str) -> str:
    """The address that a ``Location`` header at ``url`` names; empty where it is none.

    Old servers write it in raw UTF-8 or GBK, which HTTP reads as Latin-1.
    """
    raw = location.encode("latin-1", errors="replace")
    try:
        written = raw.decode()
    except UnicodeDecodeError:
        written = raw.decode("gb18030", errors="replace")
    return joined(url, written)


def joined(url: str, written: str) -> str:
    """The address that ``written`` means on the page ``url``, without a fragment; empty for none."""
    try:
        return urldefrag(urljoin(url, html.unescape(written.strip()).replace("\\", "/"))).url
    except ValueError:
        return ""


def page_target(text: str, scripts: str, url: str, mobile: re.Pattern[str]) -> Onward | None:
    """Where the page ``text`` at ``url`` sends its reader by a meta tag, or by a literal in ``scripts``.

    Of several literals the first counts that does not lead to the pages for mobile phones.
    """
    for match in _META.finditer(text):
        content = next(group for group in match.groups() if group is not None)
        named = _META_TARGET.match(html.unescape(content))
        if named and (target := joined(url, named[1])):
            return Onward(target, "meta")
    for found in _SCRIPTED.finditer(_REMARKS.sub("", scripts)):
        target = joined(url, found["set"] or found["called"] or found["opened"])
        parts = urlsplit(target)
        if target and not mobile.search(parts.netloc + parts.path):
            return Onward(target, "js")
    return None


def is_first_page(url: str) -> bool:
    """Whether ``url`` is a site's first page."""
    parts = urlsplit(url)
    return not parts.query and first_page().fullmatch(parts.path.lower()) is not None


def is_deep(url: str) -> bool:
    """Whether ``url`` is a page inside a site: one that nobody calls the site's start."""
    parts = urlsplit(url)
    if parts.query:
        return True
    steps = [step for step in parts.path.split("/") if step]
    return not is_first_page(url) and (len(steps) > 1 or any("." in step for step in steps))


def twin(url: str) -> str:
    """The same address over the other of http and https; empty where it names a port."""
    parts = urlsplit(url)
    if parts.port is not None:
        return ""
    return parts._replace(scheme="http" if parts.scheme == "https" else "https").geturl()
