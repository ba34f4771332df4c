"""Which WARC files and parts the storage holds, and reading those that are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial

from scraper.engine import Engine, Loss
from scraper.messages import Message, message
from scraper.shared.part import COMMITS, FOLDER, SCHEMA, Part
from scraper.shared.storage import Storage
from scraper.shared.task import ARCHIVE, Task, Terms, read_warc, valid

Progress = Callable[[int, int], None]
"""Is told how many WARC files were read, and of how many."""

_WARC = ".warc.gz"


@dataclass
class Parts:
    """The parts that count, by the WARC file: of all of it, and of what was asked for besides.

    ``new`` are those that this run read; ``said`` is what went wrong without one.
    """

    whole: dict[str, Part] = field(default_factory=dict)
    asked: dict[str, Part] = field(default_factory=dict)
    new: list[Part] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)

    def __iter__(self) -> Iterator[Part]:
        for parts in (self.whole, self.asked):
            for warc in sorted(parts):
                yield parts[warc]

    def files(self, table: str) -> list[str]:
        """The Parquet files of a table, in a fixed order."""
        return [part.files[table].name for part in self if table in part.files]


def warcs(storage: Storage) -> dict[str, int]:
    """The WARC files of the archive, and how many bytes each has. Raises :class:`ScraperError`."""
    return {name: found.size for name, found in storage.files(ARCHIVE).items() if name.endswith(_WARC)}


def commits(storage: Storage) -> list[Part]:
    """All parts that were ever committed and are there as a whole. Raises :class:`ScraperError`."""
    names = [f"{COMMITS}/{name}" for name in storage.files(COMMITS)]
    there = sizes_in(storage, [f"{FOLDER}/{table}" for table in SCHEMA])
    found = [part for content in storage.read_all(names).values() if (part := Part.from_json(content))]
    whole = (part for part in found if all(there.get(one.name) == one.size for one in part.files.values()))
    return sorted(whole, key=lambda part: part.name)


def sizes_in(storage: Storage, folders: Iterable[str]) -> dict[str, int]:
    """The files in some folders, by their name in the storage, and their sizes in bytes."""
    return {
        f"{folder}/{name}": found.size for folder in folders for name, found in storage.files(folder).items()
    }


def whole_parts(
    terms: Terms,
    committed: Sequence[Part],
    published: Iterable[str],
    engine: Engine,
    progress: Progress,
) -> Parts:
    """A part of each WARC file; those that are not there yet, or of another reader, are read.

    Of a WARC file that is gone, what was ``published`` of it stays. Raises :class:`ScraperError` where the
    storage can't be read or written.
    """
    there = warcs(terms.storage)
    parts = Parts()
    known = [part for part in committed if not part.asked]
    for part in known:
        if part.warc_file in there and valid(part, terms, there[part.warc_file]):
            parts.whole[part.warc_file] = part
    tasks = [Task(name, size) for name, size in there.items() if name not in parts.whole]
    _read(terms, tasks, engine, progress, parts, parts.whole)
    stood = set(published)
    for part in committed:
        if part.warc_file not in there and part.name in stood:
            (parts.asked if part.asked else parts.whole)[part.warc_file] = part
    for warc in sorted(parts.whole.keys() - there.keys()):
        parts.said.append(message("warc_gone", file=terms.storage.address(f"{ARCHIVE}/{warc}")))
    return parts


def asked_parts(
    terms: Terms, committed: Sequence[Part], parts: Parts, tasks: Sequence[Task], engine: Engine
) -> None:
    """Adds a part for each of ``tasks``, which ask for some records each; those missing are read."""
    there = {(part.warc_file, part.asked): part for part in committed if part.asked and not part.lost}
    missing = []
    for task in tasks:
        if task.warc_file in parts.asked:
            continue
        part = there.get((task.warc_file, task.asked_key))
        if part and valid(part, terms, task.size):
            parts.asked[task.warc_file] = part
        else:
            missing.append(task)
    _read(terms, missing, engine, _silent, parts, parts.asked)


def _read(
    terms: Terms,
    tasks: Sequence[Task],
    engine: Engine,
    progress: Progress,
    parts: Parts,
    into: dict[str, Part],
) -> None:
    with closing(engine.map(partial(read_warc, terms), tasks, partial(_with_care, terms))) as results:
        for done, part in enumerate(results, start=1):
            into[part.warc_file] = part
            parts.new.append(part)
            progress(done, len(tasks))


def _with_care(terms: Terms, task: Task, loss: Loss) -> Part:
    """Reads what ended the process that read it; in this one, where each page has a process of its own."""
    return read_warc(replace(terms, care=True), task)


def _silent(done: int, total: int) -> None:
    pass
