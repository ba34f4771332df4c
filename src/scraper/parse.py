"""Archive to database: reads every archived content that is new, or was read by an older reader."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from scraper import store
from scraper.archive import Archive
from scraper.messages import Message, ScraperError
from scraper.places import County, counties
from scraper.portals import Portal
from scraper.portals.registry import hosts_of
from scraper.reading import Reader
from scraper.store import Missing, Reading, Settling, StoredReport, Unread

# What reads documents, and what tells missing pages and walls from others.
_READING = {
    "scraper.documents": ("*",),
    "scraper.forms": ("*",),
    "scraper.places": ("*",),
    "scraper.fetching": ("challenges.*", "judging.py", "markup.py", "redirects.py"),
}


@dataclass
class Parsed:
    """What a run read. ``failures`` are captures that could not be read at all."""

    reports: int = 0
    facts: int = 0
    other_pages: int = 0
    failures: list[Message] = field(default_factory=list)

    def fail(self, said: Message) -> None:
        """Notes a failure, once."""
        if said not in self.failures:
            self.failures.append(said)


@cache
def reader_version() -> str:
    """Changes whenever the code or the tables that read documents change."""
    digest = hashlib.sha256()
    for package, names in _READING.items():
        folder = Path(str(files(package)))
        for path in sorted({path for name in names for path in folder.rglob(name)}):
            if path.suffix in (".py", ".toml", ".csv"):
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def parse(archive: Archive, connection: duckdb.DuckDBPyConnection, portals: Iterable[Portal] = ()) -> Parsed:
    """Loads what is new in the archive into the database. ``portals`` may name counties of their own.

    Every content that an address ever had is read, once. The newest that is a report counts, and earlier
    ones are kept beside it. What comes of an archive does not depend on how often it was read meanwhile.
    """
    store.load_captures(connection, archive.captures())
    known = list(portals)
    _load_counties(connection, known)
    samples = frozenset(urlsplit(portal.home).netloc for portal in known if portal.sample)
    hosts = hosts_of(known)
    run = _Run(connection, Reader(archive, samples, hosts))
    readers = {netloc: _reader_of(netloc, hosts) for netloc in ("", *store.netlocs(connection))}
    state = store.state_of(connection, readers)
    if store.is_settled(connection, state):
        return run.parsed
    store.note_settled(connection, None)
    for page in store.unread(connection, readers):
        run.read(page)
    settling = Settling(connection)
    for reports in settling.missing_reports():
        run.read_again(reports, partial(store.load_reports, connection))
    for versions in settling.missing_versions():
        run.read_again(versions, partial(store.load_earlier, connection))
    settling.finish()
    # What could not be read is tried again.
    store.note_settled(connection, None if run.parsed.failures else state)
    return run.parsed


def _reader_of(netloc: str, hosts: Mapping[str, str]) -> str:
    """The version of the reader of a host: another one where the registry gives the host otherwise."""
    host = ""
    # What is no address has no host that a registry could know.
    with suppress(ValueError):
        host = urlsplit(f"//{netloc}").hostname or ""
    return f"{reader_version()} {hosts.get(host, '')}".rstrip()


def _load_counties(connection: duckdb.DuckDBPyConnection, portals: list[Portal]) -> None:
    own = [
        County(portal.county_code, portal.county, portal.prefecture, portal.province)
        for portal in portals
        if portal.county_code not in counties()
    ]
    store.load_counties(connection, [*counties().values(), *own])


@dataclass
class _Run:
    """One run of ``parse``: what it reads goes to the database, and is counted."""

    connection: duckdb.DuckDBPyConnection
    reader: Reader
    parsed: Parsed = field(default_factory=Parsed)

    def read(self, page: Sequence[Unread]) -> None:
        """Reads records for the first time, or anew; reports that stand at their address are kept."""
        readings: list[Reading] = []
        reports: list[StoredReport] = []
        for one in page:
            try:
                seen = self.reader.see(one.record)
            except ScraperError as error:
                # Nothing is known of the page, so that what was read of it before stays.
                self.parsed.fail(error.said)
                continue
            readings.append(Reading(one.record, one.reader, seen.outcome, seen.leads_to, seen.stored))
            if seen.stored and one.head:
                reports.append(replace(seen.stored, capture=one.head))
            if seen.failure:
                self.parsed.fail(seen.failure)
        store.load_readings(self.connection, readings, reports)
        self._count(readings)

    def read_again(self, missing: Sequence[Missing], load: Callable[[list[StoredReport]], None]) -> None:
        """Reads what is known to be a report once more, for what only became of use by other captures."""
        found: list[StoredReport] = []
        for one in missing:
            try:
                stored = self.reader.report(one.record)
            except ScraperError as error:
                self.parsed.fail(error.said)
            else:
                found.append(replace(stored, report_id=one.report_id, capture=one.capture))
        load(found)

    def _count(self, readings: Sequence[Reading]) -> None:
        reports = [reading.stored.report for reading in readings if reading.stored]
        self.parsed.reports += len(reports)
        self.parsed.facts += sum(len(report.facts) for report in reports)
        self.parsed.other_pages += sum(reading.outcome == "other_page" for reading in readings)
