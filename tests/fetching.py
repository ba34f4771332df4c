"""What the tests of the fetcher share: a site made of answers, and fetching from it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from portals.web import NOT_FOUND, Answer, Network, Request, Site, serving
from scraper import fetching
from scraper.archive import Archive
from scraper.fetching import Fetched, Fetcher, Manner, Pace, Scope

HOST = "www.x.gov.cn.test"
HOME = f"http://{HOST}/"
QUICK = Pace(timeout=2, tries=3, backoff=0.05, longest_wait=3)
# More text than stands on pages that are none.
TEXT = "<p>" + "本机关主动公开政府信息，方便公众查询。" * 20 + "</p>"

Give = Answer | Sequence[Answer] | Callable[[Request], Answer]


def page(text: str = TEXT, status: int = 200, *headers: tuple[str, str]) -> Answer:
    """A page of HTML."""
    return Answer(f"<html><body>{text}</body></html>".encode(), status, headers=headers)


def sent_to(target: str, status: int = 302, *headers: tuple[str, str]) -> Answer:
    """A redirect."""
    return Answer(b"", status, headers=(("Location", target), *headers))


class Pages(Site):
    """Answers by path; of several answers one after the other, the last for ever."""

    missing: Answer = NOT_FOUND

    def __init__(
        self,
        pages: Mapping[str, Give],
        *hosts: str,
        platform: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.hosts = hosts or (HOST,)
        self.platform = platform
        self.tls = tls
        self._pages = dict(pages)
        self._counts: dict[str, int] = {}

    def answer(self, request: Request) -> Answer:
        given = self._pages.get(request.target, self._pages.get(request.path, self.missing))
        if isinstance(given, Answer):
            return given
        if callable(given):
            return given(request)
        count = self._counts.get(request.target, 0)
        self._counts[request.target] = count + 1
        return given[min(count, len(given) - 1)]


@dataclass
class Run:
    """What a fetcher brought, and what the servers saw."""

    fetched: list[Fetched]
    network: Network

    @property
    def outcomes(self) -> list[str]:
        return [each.outcome for each in self.fetched]

    @property
    def asked(self) -> list[str]:
        """Host and target of every request, but for robots.txt."""
        return [f"{r.host}{r.target}" for r in self.network.log if r.path != "/robots.txt"]

    @property
    def targets(self) -> list[str]:
        return [request.target for request in self.network.log if request.path != "/robots.txt"]

    def gaps(self, *hosts: str) -> list[float]:
        """Seconds between the requests to some hosts, robots.txt included."""
        moments = sorted(r.at for r in self.network.log if not hosts or r.host in hosts)
        return [later - earlier for earlier, later in pairwise(moments)]


def manner(home: str = HOME, *hosts: str, **settings: object) -> Manner:
    """A manner without delay that may enter this machine, for a portal at ``home``."""
    return Manner(Scope(home, (), hosts), **{"delay": 0.0, "loopback": True, **settings})  # type: ignore[arg-type]


def fetch(
    folder: Path,
    sites: Sequence[Site],
    *wanted: str | fetching.Request,
    how: Manner | None = None,
    pace: Pace = QUICK,
    since: str | None = None,
    resolve: Mapping[str, str] | None = None,
) -> Run:
    """Fetches one address after the other; nothing is taken from the archive unless ``since`` says so."""
    with serving(sites) as network, Archive(folder, writing=True) as archive:
        fetched = asyncio.run(
            _fetch_all(archive, wanted, how or manner(), pace, since, {**network.resolve, **(resolve or {})})
        )
        return Run(fetched, network)


async def _fetch_all(
    archive: Archive,
    wanted: Sequence[str | fetching.Request],
    how: Manner,
    pace: Pace,
    since: str | None,
    resolve: Mapping[str, str],
) -> list[Fetched]:
    found = []
    async with Fetcher(archive, pace, resolve) as fetcher:
        for each in wanted:
            request = fetching.Request(absolute(each)) if isinstance(each, str) else each
            before = archive.newest_file if since is None else since
            found.append(await fetcher.fetch(request, how, since=before))
    return found


def absolute(address: str) -> str:
    """``/path`` on the usual host; other addresses as they are."""
    return f"http://{HOST}{address}" if address.startswith("/") else address
