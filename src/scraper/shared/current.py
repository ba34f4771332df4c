"""The one file that says which files are the tables now: it is replaced in one step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from scraper.messages import ScraperError, message
from scraper.shared.storage import Storage

TABLES = "tables"
CURRENT = f"{TABLES}/current.json"

# Of this make are the files; a reader knows by it whether it can read them.
MAKE = 1


@dataclass(frozen=True)
class Current:
    """What ``current.json`` says: from which commits the tables were made, and their files.

    ``made_of`` tells apart what they were made of. ``tables`` has the Parquet files of each table, in their
    order, and ``sizes`` the bytes of each; those called ``part.…`` are what tasks wrote, ``joins`` the long
    tables that are made of them, and ``views`` the views over all tables, as SQL. ``counts`` is what the
    command says of it all.
    """

    make: int
    made_of: str
    commits: tuple[str, ...]
    tables: Mapping[str, tuple[str, ...]]
    sizes: Mapping[str, int]
    joins: Mapping[str, str]
    views: Mapping[str, str]
    counts: Mapping[str, int]

    @property
    def names(self) -> set[str]:
        """All files of the storage that it needs."""
        return {*self.commits, *(name for files in self.tables.values() for name in files)}


def current(storage: Storage) -> Current | None:
    """The tables as they are now; None where there are none yet. Raises :class:`ScraperError`."""
    content = storage.read(CURRENT)
    if content is None:
        return None
    try:
        whole = json.loads(content)
        tables = {table: tuple(names) for table, names in whole.pop("tables").items()}
        found = Current(tables=tables, commits=tuple(whole.pop("commits")), **whole)
        if found.make != MAKE:
            raise ValueError(found.make)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ScraperError(message("storage_state_damaged", url=storage.address(CURRENT))) from error
    return found


def switch(storage: Storage, now: Current) -> None:
    """Makes ``now`` what readers see from here on. Raises :class:`ScraperError`."""
    text = json.dumps(vars(now), ensure_ascii=False, sort_keys=True, indent=1)
    storage.write(CURRENT, f"{text}\n".encode())
