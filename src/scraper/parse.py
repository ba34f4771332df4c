"""Archive to database: reads every archived page that is new, or was read by an older reader."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from scraper import store
from scraper.archive import Archive, Capture
from scraper.archive.record import Payload
from scraper.documents import read_document
from scraper.forms import NotAReport, Report, read_report
from scraper.messages import Message, ScraperError
from scraper.places import County, counties
from scraper.portals import Portal
from scraper.portals.registry import hosts_of
from scraper.store import StoredReport

_BATCH = 200
_NOT_PAGES = ("/robots.txt",)


@dataclass(frozen=True)
class Parsed:
    """What a run read. ``failures`` are captures that could not be read at all."""

    reports: int
    facts: int
    other_pages: int
    failures: tuple[Message, ...]


@cache
def reader_version() -> str:
    """Changes whenever the code or the tables that read documents change."""
    digest = hashlib.sha256()
    for package in ("scraper.documents", "scraper.forms", "scraper.places"):
        for path in sorted(Path(str(files(package))).rglob("*")):
            if path.suffix in (".py", ".toml", ".csv"):
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def parse(archive: Archive, connection: duckdb.DuckDBPyConnection, portals: Iterable[Portal] = ()) -> Parsed:
    """Loads facts of new captures into the database. ``portals`` may name counties of their own.

    Of several captures of one address the newest with content counts; content that only came again, or
    still stands, is not read anew.
    """
    store.load_captures(connection, archive.captures())
    known = list(portals)
    _load_counties(connection, known)
    sites = _Sites(
        samples=frozenset(urlsplit(portal.home).netloc for portal in known if portal.sample),
        hosts=hosts_of(known),
    )
    totals = Parsed(0, 0, 0, ())
    waiting = iter(_unread(archive, connection, sites))
    while batch := list(islice(waiting, _BATCH)):
        totals = _add(totals, _parse_batch(archive, connection, batch, sites))
    return totals


@dataclass(frozen=True)
class _Sites:
    """What the registry says of sites: those of ``samples``, and the county of each of its ``hosts``."""

    samples: frozenset[str]
    hosts: Mapping[str, str]

    def reader(self, url: str) -> str:
        """The version of the reader of a page: another one where the registry gives its host otherwise."""
        return f"{reader_version()} {self.hosts.get(urlsplit(url).hostname or '', '')}".rstrip()


def report_id_of(url: str) -> str:
    """A report's name in the database: the same for every capture of an address."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def _load_counties(connection: duckdb.DuckDBPyConnection, portals: list[Portal]) -> None:
    own = [
        County(portal.county_code, portal.county, portal.prefecture, portal.province)
        for portal in portals
        if portal.county_code not in counties()
    ]
    store.load_counties(connection, [*counties().values(), *own])


def _unread(archive: Archive, connection: duckdb.DuckDBPyConnection, sites: _Sites) -> Iterator[Capture]:
    """The captures that stand for their addresses and were not read, or by another reader."""
    file, readers = "", dict[int, str]()
    for capture in archive.captures():
        if capture.warc_file != file:
            file, readers = capture.warc_file, _readers_of(capture.warc_file, connection)
        if capture.url.endswith(_NOT_PAGES) or readers.get(capture.offset) == sites.reader(capture.url):
            continue
        if archive.current(capture.url) == capture:
            yield capture


def _readers_of(warc_file: str, connection: duckdb.DuckDBPyConnection) -> dict[int, str]:
    """Which version of the reader read the captures of a WARC file, by their offset."""
    rows = connection.execute("SELECT warc_offset, reader FROM reading WHERE warc_file = $1", [warc_file])
    return dict(rows.fetchall())


def _parse_batch(
    archive: Archive,
    connection: duckdb.DuckDBPyConnection,
    batch: Sequence[Capture],
    sites: _Sites,
) -> Parsed:
    reports: list[StoredReport] = []
    readings: list[tuple[Capture, str, str]] = []
    failures: list[Message] = []
    for capture in batch:
        try:
            payload = archive.read(capture)
        except ScraperError as error:
            # Nothing is known of the page, so that what was read of it before stays.
            failures.append(error.said)
            continue
        reader = sites.reader(capture.url)
        try:
            report = _read(payload, capture.url, sites.hosts)
            sample = urlsplit(capture.url).netloc in sites.samples
            reports.append(StoredReport(report_id_of(capture.url), report, capture, sample))
            readings.append((capture, "report", reader))
        except NotAReport:
            readings.append((capture, "other_page", reader))
        except ScraperError as error:
            failures.append(error.said)
            readings.append((capture, error.said.code, reader))
    store.load_reports(connection, reports, readings)
    return Parsed(
        reports=len(reports),
        facts=sum(len(stored.report.facts) for stored in reports),
        other_pages=sum(outcome == "other_page" for _, outcome, _ in readings),
        failures=tuple(failures),
    )


def _read(payload: Payload, url: str, hosts: Mapping[str, str]) -> Report:
    return read_report(read_document(payload.body, url, payload.charset), url, url, hosts)


def _add(one: Parsed, other: Parsed) -> Parsed:
    return Parsed(
        one.reports + other.reports,
        one.facts + other.facts,
        one.other_pages + other.other_pages,
        one.failures + other.failures,
    )
