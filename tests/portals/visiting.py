"""Visits simulated sites in this process, without a server, to see what they hold."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit

from portals.web import NOT_FOUND, Answer, Request, Site

_LINK = re.compile(r"""\s(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)
_MOST_REDIRECTS = 5
_MOST_VISITS = 20_000
# Lists that have a next page for ever are followed so far, and no list of a simulated portal is longer.
_MOST_STEPS = 30


@dataclass(frozen=True)
class Ask:
    """What is asked for: an address, and a form's body where it is posted."""

    url: str
    posted: bytes = b""


Follow = Callable[[str, Answer], Iterable[Ask]]
"""What a page leads to beside the links that are written in it, such as a pager that a script draws."""


@dataclass
class Visitor:
    """Somebody who looks at sites; keeps cookies, and says where they come from."""

    sites: Sequence[Site]
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, url: str, referer: str = "", posted: bytes = b"") -> Answer:
        """What the host of ``url`` answers, redirects followed; 404 where no site has the host.

        A host that wants to be asked later (429) is asked once more, at once.
        """
        for _ in range(_MOST_REDIRECTS):
            answer = self._once(url, referer, posted)
            if answer.status == 429:
                answer = self._once(url, referer, posted)
            target = next((value for name, value in answer.headers if name.lower() == "location"), "")
            if not target or answer.status not in (301, 302, 303, 307, 308):
                return answer
            url, posted = urljoin(url, target), b""
        return answer

    def _once(self, url: str, referer: str, posted: bytes) -> Answer:
        parts = urlsplit(url)
        host = parts.hostname or ""
        site = next(
            (s for s in self.sites if host in s.hosts and bool(s.tls) == (parts.scheme == "https")), None
        )
        if site is None:
            return NOT_FOUND
        headers = {"host": host, "user-agent": "visitor"}
        headers |= {"referer": referer} if referer else {}
        jar = self.cookies.setdefault(host, {})
        if jar:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        answer = site.answer(Request("POST" if posted else "GET", host, target, headers, posted))
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                key, _, kept = value.partition(";")[0].partition("=")
                jar[key] = kept
        return answer


def walk(visitor: Visitor, home: str, follow: Follow) -> dict[str, Answer]:
    """Every answer that can be reached from ``home`` over written links and what ``follow`` adds.

    The shortest ways come first. Hosts that are none of the visitor's sites are not entered.
    """
    hosts = {host for site in visitor.sites for host in site.hosts}
    found: dict[str, Answer] = {}
    waiting, seen = deque([(Ask(home), "", 0)]), {Ask(home)}
    while waiting and len(seen) < _MOST_VISITS:
        ask, referer, steps = waiting.popleft()
        answer = visitor.get(ask.url, referer, ask.posted)
        if answer.status != 200:
            continue
        found[ask.url] = answer
        if steps == _MOST_STEPS:
            continue
        for other in (*written_links(ask.url, answer), *follow(ask.url, answer)):
            if other not in seen and urlsplit(other.url).hostname in hosts:
                seen.add(other)
                waiting.append((other, ask.url, steps + 1))
    return found


def written_links(url: str, answer: Answer) -> Iterator[Ask]:
    """The addresses in a page's href and src attributes, those in scripts and records included."""
    if (answer.content_type or "").startswith(("text/", "application/xml")):
        for double, single in _LINK.findall(text_of(answer)):
            target = (double or single).replace("&amp;", "&").strip()
            if target and not target.lower().startswith(("javascript:", "mailto:", "#")):
                yield Ask(urldefrag(urljoin(url, target)).url)


def text_of(answer: Answer) -> str:
    """The characters of a page, by its header's or its own charset."""
    declared = _CHARSET.search((answer.content_type or "").encode()) or _CHARSET.search(answer.body[:2000])
    name = declared[1].decode().lower() if declared else "utf-8"
    return answer.body.decode("gb18030" if name.startswith("gb") else name, errors="replace")
