"""robots.txt as RFC 9309 reads it, on the careful side."""

from __future__ import annotations

from protego import Protego

from scraper.archive import Payload
from scraper.documents.characters import decode

# The name by which robots.txt may address this crawler.
AGENT = "nianbao"

# RFC 9309 asks that 500 KiB be read at least.
_MOST_READ = 512_000


class Robots:
    """What a host allows; ``closed`` says why it allows nothing."""

    def __init__(self, rules: Protego | None, *, closed: str = "") -> None:
        self._rules = rules
        self.closed = closed
        self.delay = float((rules and rules.crawl_delay(AGENT)) or 0)
        self.sitemaps: tuple[str, ...] = tuple(rules.sitemaps) if rules else ()

    def allows(self, url: str) -> bool:
        """Whether ``url`` may be fetched."""
        if self.closed:
            return False
        return self._rules is None or bool(self._rules.can_fetch(url, AGENT))


def read_robots(status: int, payload: Payload) -> Robots:
    """The rules in an answer.

    A server error and a refusal close the host. Other client errors, and the HTML page that many portals
    serve for every unknown address, mean that there are no rules; so does a redirect that leads nowhere.
    """
    if status >= 500 or status in (401, 403, 429):
        return Robots(None, closed=f"robots.txt answers with status {status}, which closes the host")
    if status != 200 or payload.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"<", b""):
        return Robots(None)
    return Robots(Protego.parse(decode(payload.body[:_MOST_READ])))
