"""Captures that a web archive lists, into the archive."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scraper.archive import Archive
from scraper.importing.client import Client, servers
from scraper.importing.commoncrawl import CommonCrawl
from scraper.importing.intake import Intake
from scraper.importing.listing import ListedImport, Query, WebArchive
from scraper.importing.wayback import Wayback
from scraper.messages import Message

Progress = Callable[[Message], None]


def slowest() -> float:
    """Seconds between requests to a public archive."""
    return float(servers()["manner"]["delay"])


def report_addresses() -> str:
    """Regular expression of addresses that annual reports and their lists usually have."""
    return str(servers()["reports"]["addresses"])


@dataclass(frozen=True)
class Manner:
    """How much is asked of a web archive: ``limit`` captures at most, ``delay`` seconds between requests."""

    limit: int
    delay: float


@dataclass(frozen=True)
class CommonCrawlServers:
    """Servers other than Common Crawl's own; empty where those are meant.

    ``collinfo`` lists the crawls, ``index`` is the index of a single one, ``data`` is where the WARC
    files lie.
    """

    collinfo: str = ""
    index: str = ""
    data: str = ""


def import_wayback(
    queries: Iterable[Query], archive: Archive, progress: Progress, manner: Manner, cdx: str = ""
) -> list[Intake]:
    """Takes captures of the Wayback Machine, or of a server with its index at ``cdx`` that speaks as it does.

    What is archived already isn't asked for; what is beyond the limit is left for another time.
    ``progress`` is told how much there is to do. Gives what came of each query.
    """
    with Client([cdx], manner.delay) as client:
        return [
            _take(Wayback(client, cdx), query, Intake(archive, query.pattern, "wayback"), manner, progress)
            for query in queries
        ]


def import_commoncrawl(
    queries: Iterable[Query],
    archive: Archive,
    progress: Progress,
    manner: Manner,
    others: CommonCrawlServers | None = None,
) -> list[Intake]:
    """Takes captures of Common Crawl, or of ``others`` that speak as its servers do.

    As :func:`import_wayback` does.
    """
    given = others or CommonCrawlServers()
    with Client([given.collinfo, given.index, given.data], manner.delay) as client:
        return [
            _take(
                CommonCrawl(client, given.collinfo, given.index, given.data),
                query,
                Intake(archive, query.pattern, "commoncrawl"),
                manner,
                progress,
            )
            for query in queries
        ]


def _take(web: WebArchive, query: Query, intake: Intake, manner: Manner, progress: Progress) -> Intake:
    ListedImport(web, intake, manner.limit, progress).run(query)
    return intake
