"""The task of a cluster: one WARC file read, and what it says written as a part.

It is a function of the file, the reader's version and what the registry says of the hosts in the file.
Whoever runs it, and how often, the same bytes are written under the same names. Where a page ends the process
that runs it, the task is done again with care: that page is named, and all others are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from scraper.archive import Capture, Contents, Damage, Payload, is_ours, records_in
from scraper.engine import Engine, Here, Loss, Pool
from scraper.messages import Message, ScraperError, message
from scraper.parse import county_of, is_text, reader_of, reader_version
from scraper.reading import Seen, Tried, seen_in
from scraper.shared.part import Growing, Part, as_plain, commit_name, growing, key_of, store
from scraper.shared.storage import Storage
from scraper.shared.watch import watching
from scraper.store import Reading, line_of

ARCHIVE = "archive"

# As in captures.sql: what shows a page, and what says that it is gone or elsewhere.
_OK, _STANDS, _GONE = 200, 304, (404, 410)
_NETLOC = re.compile(r"[^:/?#]+://([^/?#]*)")
_ROBOTS = "/robots.txt"


@dataclass(frozen=True)
class Terms:
    """What all tasks of a run have in common.

    ``samples`` and ``hosts`` are as a :class:`scraper.reading.Reader` has them. A document may take
    ``patience`` seconds, any number where that is None. One whose reader may crash or hang is read in a
    process of its own then; where tasks are done with ``care`` all are.
    """

    storage: Storage
    samples: frozenset[str]
    hosts: Mapping[str, str]
    patience: float | None = None
    care: bool = False
    reader: str = field(default_factory=reader_version)


@dataclass(frozen=True)
class Asked:
    """A record to be read, with where its content lies if it is a revisit.

    ``before`` is the capture that a 304 answer says still stands, ``holding`` are records with the content.
    """

    record: Capture
    before: Capture | None = None
    holding: tuple[Capture, ...] = ()


@dataclass(frozen=True)
class Task:
    """A WARC file to be read, of ``size`` bytes: all of it, or only what is ``asked`` for."""

    warc_file: str
    size: int
    asked: tuple[Asked, ...] | None = None

    @cached_property
    def asked_key(self) -> str:
        """Tells what is asked for; empty where that is everything."""
        if self.asked is None:
            return ""
        return key_of([[_place(one.record), *map(_place, _sources(one))] for one in self.asked])


def read_warc(terms: Terms, task: Task) -> Part:
    """Reads what ``task`` asks for, stores it as a part, and commits it at the end.

    Raises :class:`ScraperError` where the storage can't be read or written.
    """
    with growing(captures=task.asked is None) as part:
        run = _Run(terms, task, part)
        if task.asked is None:
            run.read_all()
        else:
            run.read(task.asked)
        part.finish()
        return run.committed()


def valid(part: Part, terms: Terms, size: int) -> bool:
    """Whether to read a WARC file of ``size`` by ``terms`` would give ``part`` again."""
    return (
        part.reader == terms.reader
        and part.size == size
        and all(county_of(netloc, terms.hosts) == county for netloc, county in part.counties.items())
        and set(part.samples) == part.counties.keys() & terms.samples
    )


@dataclass
class _Run:
    """One task under way."""

    terms: Terms
    task: Task
    part: Growing
    netlocs: set[str] = field(default_factory=set)
    said: list[Message] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The WARC file, for people."""
        return self.terms.storage.address(f"{ARCHIVE}/{self.task.warc_file}")

    def read_all(self) -> None:
        """Reads the file from its beginning to its end; documents that may end this process come last."""
        terms, name, size = self.terms, self.task.warc_file, self.task.size
        texts: list[Asked] = []
        others: list[Asked] = []
        with terms.storage.opened(f"{ARCHIVE}/{name}", size) as file, watching(terms.patience) as watch:
            for found in records_in(file, name, 0, size):
                if isinstance(found, Damage):
                    self._note_damage(found)
                    continue
                capture, payload = found
                self.part.add_capture(capture)
                self.netlocs.add(netloc_of(capture.url))
                if not _is_read(capture):
                    continue
                if not is_text(capture):
                    others.append(Asked(capture))
                elif terms.care:
                    texts.append(Asked(capture))
                else:
                    with watch.document():
                        self._keep(_seen(terms, capture, payload))
        self.read([*texts, *others])

    def read(self, asked: Sequence[Asked]) -> None:
        """Reads some records, each at its place."""
        self.netlocs.update(netloc_of(one.record.url) for one in asked)
        engine: Engine = Here() if self.terms.patience is None or not asked else Pool(1, self.terms.patience)
        with closing(engine.map(partial(_see, self.terms), asked, self._lost)) as results:
            for one, tried in zip(asked, results, strict=True):
                if tried.line is None:
                    self.lost.append(one.record.offset)
                self._keep(tried)

    def committed(self) -> Part:
        """Stores what was read, and then that it was."""
        terms, task = self.terms, self.task
        counties = {netloc: county_of(netloc, terms.hosts) for netloc in sorted(self.netlocs)}
        samples = sorted(self.netlocs & terms.samples)
        key = key_of(task.warc_file, terms.reader, task.size, counties, samples, task.asked_key, self.lost)
        name = commit_name(task.warc_file, key)
        stem = name.rpartition("/")[2].removesuffix(".json")
        files = store(terms.storage, self.part.folder, stem, self.part.tables)
        part = Part(
            name, task.warc_file, task.size, terms.reader, counties, samples, task.asked_key, files,
            sorted(self.said, key=str), self.lost,
        )  # fmt: skip
        terms.storage.write(name, part.to_json())
        return part

    def _keep(self, tried: Tried) -> None:
        if tried.line is not None:
            self.part.add(tried.line)
        if tried.failure and tried.failure not in self.said:
            self._say(tried.failure)

    def _lost(self, one: Asked, loss: Loss) -> Tried:
        record = one.record
        return Tried(None, message(loss, file=self.address, offset=record.offset, url=record.url))

    def _note_damage(self, found: Damage) -> None:
        place = {"file": self.address, "offset": found.offset, "bytes": found.length}
        if found.half_written and is_ours(self.task.warc_file):
            self._say(message("record_unfinished", **place))
        else:
            self._say(message("warc_damaged", **place))

    def _say(self, said: Message) -> None:
        self.said.append(replace(said, values={name: as_plain(value) for name, value in said.values.items()}))


def netloc_of(url: str) -> str:
    """The ``host:port`` of an address; empty where it has none."""
    found = _NETLOC.match(url)
    return found[1] if found else ""


def _is_read(capture: Capture) -> bool:
    """Whether a record is read for its own sake; what else must be read shows when all captures are known."""
    if capture.revisit:
        return False
    if capture.status == _OK:
        return not capture.url.endswith(_ROBOTS)
    return capture.status in _GONE or (300 <= capture.status < 400 and capture.status != _STANDS)


def _seen(terms: Terms, record: Capture, payload: Payload) -> Tried:
    seen: Seen = seen_in(record, payload, terms.samples, terms.hosts)
    reader = reader_of(netloc_of(record.url), terms.hosts)
    return Tried(line_of(Reading(record, reader, seen.outcome, seen.leads_to, seen.stored)), seen.failure)


def _see(terms: Terms, one: Asked) -> Tried:
    """What a record is that is read at its place, or why nothing is known of it."""
    storage = terms.storage

    def take(name: str, offset: int, length: int) -> bytes:
        return storage.part_of(f"{ARCHIVE}/{name}", offset, length)

    contents = Contents(take, _Given(one), lambda name: storage.address(f"{ARCHIVE}/{name}"))
    try:
        return _seen(terms, one.record, contents.read(one.record))
    except ScraperError as error:
        return Tried(None, error.said)


@dataclass(frozen=True)
class _Given:
    """What was found out about a revisit before it is read."""

    asked: Asked

    def standing_before(self, capture: Capture) -> Capture | None:
        return self.asked.before

    def holding(self, sha256: str, url: str) -> Sequence[Capture]:
        return self.asked.holding


def _sources(one: Asked) -> Iterator[Capture]:
    if one.before:
        yield one.before
    yield from one.holding


def _place(capture: Capture) -> list[object]:
    return [capture.url, capture.warc_file, capture.offset, capture.length]
