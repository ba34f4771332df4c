"""Archive to database: reads every archived content that is new, or was read by an older reader."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from time import monotonic
from typing import TypeVar
from urllib.parse import urlsplit

import duckdb

from scraper import store
from scraper.archive import Archive
from scraper.engine import PATIENCE, Engine, Here, Loss, Pool, Sparing, cores
from scraper.messages import Message, message
from scraper.places import County, counties
from scraper.portals import Portal
from scraper.portals.registry import hosts_of
from scraper.reading import Reader, Seen, try_missing, try_unread
from scraper.store import Missing, Reading, Settling, StoredReport, Unread

# What reads documents, and what tells missing pages and walls from others.
_READING = {
    "scraper.documents": ("*",),
    "scraper.forms": ("*",),
    "scraper.places": ("*",),
    "scraper.fetching": ("challenges.*", "judging.py", "markup.py", "redirects.py"),
}

# So many readings are written together, and no later than so many seconds after the first.
_BATCH, _SECONDS = 200, 5.0

# Fewer pages than these are read before a process has begun.
_FEW = 500

# What is read in Python, which ends no process. Readers of other formats are partly written in C and C++.
_TEXTS = frozenset({"", "text/html", "text/plain", "application/xhtml+xml"})

Progress = Callable[[int, int], None]
"""Is told how many records were read, and of how many."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_Record = TypeVar("_Record", Unread, Missing)


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


def _silent(done: int, total: int) -> None:
    pass


def engine_of(workers: int | None = None, patience: float = PATIENCE) -> Engine:
    """Reads in so many processes, each record at most ``patience`` seconds; 1 is this process.

    None is as many as there are processors, but this process alone for a few pages: to begin others would
    take longer.
    """
    if workers is None and cores() > 1:
        return Sparing(Pool(cores(), patience), _FEW, _may_end_its_process)
    return Pool(workers, patience) if workers and workers > 1 else Here()


def _may_end_its_process(one: Unread | Missing) -> bool:
    return one.record.mime not in _TEXTS


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


def parse(
    archive: Archive,
    connection: duckdb.DuckDBPyConnection,
    portals: Iterable[Portal] = (),
    engine: Engine | None = None,
    progress: Progress = _silent,
) -> Parsed:
    """Loads what is new in the archive into the database. ``portals`` may name counties of their own.

    Every content that an address ever had is read, once. The newest that is a report counts, and earlier
    ones are kept beside it. What comes of an archive depends neither on how often it was read meanwhile
    nor on the ``engine`` that reads it; without one it is read in this process.
    """
    store.load_captures(connection, archive.captures())
    known = list(portals)
    _load_counties(connection, known)
    samples = frozenset(urlsplit(portal.home).netloc for portal in known if portal.sample)
    hosts = hosts_of(known)
    run = _Run(connection, Reader(archive, samples, hosts), engine or Here(), progress)
    readers = {netloc: _reader_of(netloc, hosts) for netloc in ("", *store.netlocs(connection))}
    state = store.state_of(connection, readers)
    if store.is_settled(connection, state):
        return run.parsed
    store.note_settled(connection, None)
    run.total = store.find_unread(connection, readers)
    run.read(store.unread(connection))
    settling = Settling(connection)
    run.read_again(settling.missing_reports(), partial(store.load_reports, connection))
    run.read_again(settling.missing_versions(), partial(store.load_earlier, connection))
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
    engine: Engine
    progress: Progress
    total: int = 0
    parsed: Parsed = field(default_factory=Parsed)

    def read(self, records: Iterable[Unread]) -> None:
        """Reads records for the first time, or anew; reports that stand at their address are kept."""
        self._in_batches(try_unread, records, _lost, self._keep)

    def read_again(self, missing: Iterable[Missing], load: Callable[[list[StoredReport]], None]) -> None:
        """Reads what is known to be a report once more, for what only became of use by other captures."""

        def keep(tried: list[tuple[Missing, StoredReport | Message]]) -> None:
            found: list[StoredReport] = []
            for one, stored in tried:
                if isinstance(stored, Message):
                    self.parsed.fail(stored)
                else:
                    found.append(replace(stored, report_id=one.report_id, capture=one.capture))
            load(found)

        self._in_batches(try_missing, missing, _lost, keep)

    def _in_batches(
        self,
        function: Callable[[Reader, _Item], _Result],
        items: Iterable[_Item],
        lost: Callable[[_Item, Loss], _Result],
        keep: Callable[[list[_Result]], None],
    ) -> None:
        """Reads ``items`` and writes what comes of it: so many together, or what some seconds brought."""
        batch: list[_Result] = []
        begun = monotonic()
        with closing(self.engine.map(partial(function, self.reader), items, lost)) as results:
            for done, result in enumerate(results, start=1):
                batch.append(result)
                self.progress(done, max(done, self.total))
                if len(batch) == _BATCH or monotonic() - begun > _SECONDS:
                    keep(batch)
                    batch, begun = [], monotonic()
        if batch:
            keep(batch)

    def _keep(self, tried: Sequence[tuple[Unread, Seen | Message]]) -> None:
        readings: list[Reading] = []
        reports: list[StoredReport] = []
        for one, seen in tried:
            if isinstance(seen, Message):
                # Nothing is known of the page, so that what was read of it before stays.
                self.parsed.fail(seen)
                continue
            readings.append(Reading(one.record, one.reader, seen.outcome, seen.leads_to, seen.stored))
            if seen.stored and one.head:
                reports.append(replace(seen.stored, capture=one.head))
            if seen.failure:
                self.parsed.fail(seen.failure)
        store.load_readings(self.connection, readings, reports)
        self._count(readings)

    def _count(self, readings: Sequence[Reading]) -> None:
        reports = [reading.stored.report for reading in readings if reading.stored]
        self.parsed.reports += len(reports)
        self.parsed.facts += sum(len(report.facts) for report in reports)
        self.parsed.other_pages += sum(reading.outcome == "other_page" for reading in readings)


def _lost(one: _Record, loss: Loss) -> tuple[_Record, Message]:
    """What is told of a record that ended its reader. It is tried again, for the machine may be at fault."""
    record = one.record
    said = message(loss, file=record.warc_file, offset=record.offset, url=record.url)
    return one, said
