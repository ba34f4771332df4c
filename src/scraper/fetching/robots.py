"""robots.txt as RFC 9309 reads it, on the careful side."""

from __future__ import annotations

from protego import Protego

from scraper.archive.record import Payload
from scraper.documents.characters import decode


class Robots:
    """What a host allows to ``agent``."""

    def __init__(self, rules: Protego | None, agent: str, *, closed: bool = False) -> None:
        self._rules = rules
        self._agent = agent
        self._closed = closed

    def allows(self, url: str) -> bool:
        """Whether ``url`` may be fetched."""
        if self._closed:
            return False
        return self._rules is None or bool(self._rules.can_fetch(url, self._agent))

    @property
    def delay(self) -> float:
        """Seconds between requests that the host asks for; 0 where it asks for none."""
        asked = self._rules.crawl_delay(self._agent) if self._rules else None
        return float(asked or 0)


def read_robots(status: int | None, payload: Payload | None, agent: str) -> Robots:
    """The rules in a response; ``status`` is None where the host did not answer.

    No answer, a server error and a refusal close the host. Other client errors, and the HTML page that
    many portals serve for every unknown address, mean that there are no rules.
    """
    if status is None or status >= 500 or status in (401, 403):
        return Robots(None, agent, closed=True)
    if status != 200 or payload is None or payload.body.lstrip()[:1] == b"<":
        return Robots(None, agent)
    return Robots(Protego.parse(decode(payload.body)), agent)
