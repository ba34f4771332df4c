"""The way from the address that was asked for to the one that answers."""

from __future__ import annotations

from dataclasses import replace

from scraper.archive import Capture
from scraper.fetching.judging import Verdict
from scraper.fetching.redirects import twin
from scraper.fetching.reply import Reply
from scraper.fetching.request import Fetched, Request

_MOST_REDIRECTS = 8
_MOST_BY_PAGES = 3
# Outcomes without an answer of which the other scheme's answer to something else is the cause.
_ANSWERED = ("blocked", "robots")
_KEEP_METHOD = frozenset({307, 308})


class Way:
    """Follows redirects from ``request``, and turns to https where http fails or the other way round.

    ``over`` is the failure that made earlier requests to the host turn already. ``turned`` is the one
    that was met now, at ``turned_from``.
    """

    def __init__(self, request: Request, over: Reply | None = None) -> None:
        self._request = request
        self.hop = request
        self.turned: Reply | None = None
        self.turned_from = ""
        self._seen = {(request.url, 0)}
        self._redirects = 0
        self._by_pages: list[str] = []
        self._ended: Reply | None = None
        self._capture: Capture | None = None
        if over is not None:
            self._turn(over)

    @property
    def turned_well(self) -> bool:
        """Whether the other scheme answered where the one that was asked for failed."""
        return self.turned is not None and self._ended is None

    def goes_on(self, reply: Reply, cookies: int) -> bool:
        """Whether there is another request to be made, which is then ``hop``.

        ``cookies`` is how often the host has set any: an address may be asked for again with new ones.
        """
        self._capture = reply.capture or self._capture
        if reply.trouble in ("tls", "unreachable"):
            return self._turn(reply)
        verdict = reply.verdict
        if self.turned is not None and not reply.status and verdict.outcome not in _ANSWERED:
            self._ended = self.turned
            return False
        if verdict.outcome != "redirect" or not verdict.target:
            return False
        if verdict.via:
            self._by_pages.append(verdict.via)
        self._redirects += 1
        if (verdict.target, cookies) in self._seen:
            return self._ends(f"a circle of redirects: {self.hop.url} to {verdict.target}")
        if self._redirects > _MOST_REDIRECTS or len(self._by_pages) > _MOST_BY_PAGES:
            return self._ends(f"too many redirects, the last to {verdict.target}")
        self._seen.add((verdict.target, cookies))
        self.hop = self._next(reply)
        return True

    def ended(self, reply: Reply) -> Fetched:
        """What came of it; ``reply`` is the last one."""
        last = self._ended or reply
        verdict = last.verdict
        good = verdict.outcome == "ok"
        notes = [] if good else [verdict.detail]
        notes += [f"via={'/'.join(self._by_pages)}"] if self._by_pages else []
        if self.turned is not None and self.turned_well:
            notes.append(f"{self._request.url.partition(':')[0]} failed: {self.turned.verdict.detail}")
        failed_both = self.turned is not None and self._ended is self.turned
        return Fetched(
            self._request,
            "not_modified" if good and last.unmodified else verdict.outcome,
            self.turned_from if failed_both else self.hop.url,
            last.capture or self._capture,
            last.payload if good else None,
            "; ".join(note for note in notes if note),
            last.from_archive,
        )

    def _turn(self, reply: Reply) -> bool:
        """Tries the same address over the other scheme, once."""
        other = twin(self.hop.url)
        if self.turned is not None or not other:
            self._ended = self.turned or reply
            return False
        self.turned = reply
        self.turned_from = self.hop.url
        self._seen.add((other, 0))
        self.hop = replace(self.hop, url=other)
        return True

    def _ends(self, why: str) -> bool:
        """Ends the way; a host whose other scheme only leads back to the broken one is broken."""
        self._ended = self.turned or Reply(Verdict("redirect", why))
        return False

    def _next(self, reply: Reply) -> Request:
        hop = self.hop
        if hop.method != "GET" and reply.status not in _KEEP_METHOD:
            hop = replace(hop, method="GET", posted=b"")
        referer = hop.referer or (hop.url if reply.verdict.via else "")
        return replace(hop, url=reply.verdict.target, referer=referer)
