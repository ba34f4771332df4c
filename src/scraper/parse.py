"""Archive to database: reads every archived content that is new, or was read by an older reader."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from time import monotonic
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import duckdb
import pyarrow as pa

from scraper import store
from scraper.archive import Archive, Capture
from scraper.engine import PATIENCE, Engine, Here, Loss, Pool, Sparing, cores
from scraper.messages import Message, message
from scraper.places import County, counties
from scraper.portals import Portal
from scraper.portals.registry import hosts_of
from scraper.reading import Reader, Tried, try_missing, try_unread
from scraper.store import Missing, Settling, Unread

# What reads documents, and what tells missing pages and walls from others.
_READING = {
    "scraper.documents": ("*",),
    "scraper.forms": ("*",),
    "scraper.places": ("*",),
    "scraper.fetching": ("challenges.*", "judging.py", "markup.py", "redirects.py"),
}

# So many readings are written together, and no later than so many seconds after the first.
_BATCH, _SECONDS = 500, 5.0

# Fewer pages than these are read before a process has begun.
_FEW = 500

# A file of fewer bytes is read before a process has begun.
_LARGE = 1_000_000

# What is read in Python, which ends no process. Readers of other formats are partly written in C and C++.
_TEXTS = frozenset({"", "text/html", "text/plain", "application/xhtml+xml"})

Progress = Callable[[int, int], None]
"""Is told how many records were read, and of how many."""

Load = Callable[[duckdb.DuckDBPyConnection, pa.Table], None]
"""Writes lines."""

_Record = TypeVar("_Record", Unread, Missing)


@dataclass
class Parsed:
    """What a run read. ``failures`` are captures that could not be read at all; ``outcomes`` counts records
    by what was found that they are.
    """

    reports: int = 0
    facts: int = 0
    other_pages: int = 0
    failures: list[Message] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

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
        return Sparing(Pool(cores(), patience), _FEW, may_end_its_process)
    return Pool(workers, patience) if workers and workers > 1 else Here()


class SizedTask(Protocol):
    """Reads a file of so many bytes."""

    @property
    def size(self) -> int:
        """Bytes."""
        ...


def engine_of_files(workers: int | None = None) -> Engine:
    """Reads WARC files in so many processes, each as long as it takes; as :func:`engine_of` says else."""
    if workers == 1 or (workers is None and cores() == 1):
        return Here()
    return Sparing(Pool(workers or cores(), math.inf), 2, risky=_is_large)


def _is_large(task: SizedTask) -> bool:
    return task.size > _LARGE


def may_end_its_process(one: Unread | Missing) -> bool:
    """Whether a record is read by code that may crash or hang."""
    return not is_text(one.record)


def is_text(record: Capture) -> bool:
    """Whether a record is read in Python alone."""
    return record.mime in _TEXTS


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
    parsed: Parsed | None = None,
) -> Parsed:
    """Loads what is new in the archive into the database. ``portals`` may name counties of their own.

    Every content that an address ever had is read, once. The newest that is a report counts, and earlier
    ones are kept beside it. What comes of an archive depends neither on how often it was read meanwhile
    nor on the ``engine`` that reads it; without one it is read in this process. ``parsed``, which is
    returned, may be given by those who want to see it grow.
    """
    store.load_captures(connection, archive.captures())
    known = list(portals)
    load_counties(connection, known)
    samples = samples_of(known)
    hosts = hosts_of(known)
    run = _Run(connection, Reader(archive, samples, hosts), engine or Here(), progress)
    run.parsed = parsed or run.parsed
    readers = {netloc: reader_of(netloc, hosts) for netloc in ("", *store.netlocs(connection))}
    state = store.state_of(connection, readers)
    if store.is_settled(connection, state):
        return run.parsed
    store.note_settled(connection, None)
    run.total = store.find_unread(connection, readers)
    run.read(store.unread(connection))
    settling = Settling(connection)
    run.read_again(settling.missing_reports(), store.load_reports)
    run.read_again(settling.missing_versions(), store.load_earlier)
    settling.finish()
    # What could not be read is tried again.
    store.note_settled(connection, None if run.parsed.failures else state)
    return run.parsed


def samples_of(portals: Iterable[Portal]) -> frozenset[str]:
    """The ``host:port`` of sample portals."""
    return frozenset(urlsplit(portal.home).netloc for portal in portals if portal.sample)


def reader_of(netloc: str, hosts: Mapping[str, str]) -> str:
    """The version of the reader of a host: another one where the registry gives the host otherwise."""
    return f"{reader_version()} {county_of(netloc, hosts)}".rstrip()


def county_of(netloc: str, hosts: Mapping[str, str]) -> str:
    """The county that the registry gives for ``host:port``; empty where it gives none."""
    # What is no address has no host that a registry could know.
    with suppress(ValueError):
        return hosts.get(urlsplit(f"//{netloc}").hostname or "", "")
    return ""


def load_counties(connection: duckdb.DuckDBPyConnection, portals: Sequence[Portal]) -> None:
    """Adds the counties of the register, and those that only ``portals`` name."""
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
        self._in_batches(try_unread, records, self._load)

    def read_again(self, missing: Iterable[Missing], load: Load) -> None:
        """Reads what is known to be a report once more, for what only became of use by other captures."""
        self._in_batches(try_missing, missing, partial(load, self.connection))

    def _in_batches(
        self,
        function: Callable[[Reader, _Record], Tried],
        records: Iterable[_Record],
        load: Callable[[pa.Table], None],
    ) -> None:
        """Reads ``records`` and writes what comes of it: so many together, or what some seconds brought."""
        batch: list[Tried] = []
        begun = monotonic()
        with closing(self.engine.map(partial(function, self.reader), records, _lost)) as results:
            for done, result in enumerate(results, start=1):
                batch.append(result)
                self.progress(done, max(done, self.total))
                if len(batch) == _BATCH or monotonic() - begun > _SECONDS:
                    self._keep(batch, load)
                    batch, begun = [], monotonic()
        self._keep(batch, load)

    def _keep(self, tried: Sequence[Tried], load: Callable[[pa.Table], None]) -> None:
        """Of what could not be read at all nothing is known, so that what was read of it before stays."""
        for one in tried:
            if one.failure:
                self.parsed.fail(one.failure)
        if written := [one.line for one in tried if one.line is not None]:
            load(store.lines_of(written))

    def _load(self, lines: pa.Table) -> None:
        store.load_readings(self.connection, lines)
        self.parsed.reports += len(lines) - lines["report_id"].null_count
        self.parsed.facts += len(lines["fact"].combine_chunks().flatten())
        outcomes = lines["outcome"].to_pylist()
        self.parsed.outcomes.update(outcomes)
        self.parsed.other_pages += outcomes.count("other_page")


def _lost(one: Unread | Missing, loss: Loss) -> Tried:
    """What is told of a record that ended its reader. It is tried again, for the machine may be at fault."""
    record = one.record
    return Tried(None, message(loss, file=record.warc_file, offset=record.offset, url=record.url))
