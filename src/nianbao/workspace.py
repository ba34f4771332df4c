"""The folder, or the shared storage, in which commands keep what they fetched and read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.database import Database, DatabaseMissing
from analysis.shared import SharedTables
from nianbao.failures import Failure
from scraper.messages import ScraperError
from scraper.portals import Portal, read_registry
from scraper.portals.registry import merged, shipped_registry
from scraper.shared.current import current
from scraper.shared.readable import SCHEME, in_duckdb, readable
from scraper.shared.storage import Storage, is_url

REGISTRY, REVIEWS = "portals.toml", "reviews.jsonl"


@dataclass(frozen=True)
class Workspace:
    """An archive, what was read of it, and the workspace's own portals: in a folder, or at a URL.

    At a URL there is no database file but Parquet files, and no command writes there but ``parse``: what
    asks for the folder raises :class:`Failure`.
    """

    place: Path | str

    @cached_property
    def storage(self) -> Storage | None:
        """The shared storage; None for a folder. Raises :class:`ScraperError` where the URL is none."""
        return Storage(str(self.place)) if is_url(str(self.place)) else None

    @property
    def folder(self) -> Path:
        """The folder."""
        if self.storage is None:
            return Path(self.place)
        local = self.storage.folder
        if local is not None:
            raise Failure("storage_by_its_folder", usage=True, url=self.place, folder=local)
        raise Failure("storage_not_local", usage=True, url=self.place)

    @property
    def archive(self) -> Path:
        """WARC files and their indexes."""
        return self.folder / "archive"

    @property
    def database(self) -> Database:
        """The DuckDB file, or the tables as they are now; ``nianbao parse`` can make both anew.

        Raises :class:`DatabaseMissing` where shared storage has no tables yet, and :class:`ScraperError`
        where it can't be reached.
        """
        if self.storage is None:
            return self.database_file
        now = current(self.storage)
        if now is None:
            raise DatabaseMissing(self.storage.url)
        tables = {table: [in_duckdb(name) for name in names] for table, names in now.tables.items()}
        first = [names[0] for names in now.tables.values()]
        filesystem = readable(self.storage, now.sizes, first)
        return SharedTables(self.storage.url, SCHEME, filesystem, tables, now.joins, now.views, now.made_of)

    @property
    def database_file(self) -> Path:
        """The DuckDB file of a folder."""
        return self.folder / "reports.duckdb"

    @property
    def reviews(self) -> Path:
        """What people decided about findings, a line each; no other file could give it back."""
        return self.folder / REVIEWS

    @property
    def runs(self) -> Path:
        """A folder for each crawl with its log and its report."""
        return self.folder / "runs"

    @property
    def registry(self) -> Path:
        """Portals that only this workspace knows."""
        return self.folder / REGISTRY

    def own_portals(self) -> list[Portal]:
        """The portals of the workspace's own registry."""
        with self.at_hand(REGISTRY) as registry:
            return read_registry(registry) if registry.exists() else []

    def portals(self) -> list[Portal]:
        """The workspace's own portals, then those that ship with nianbao and that it has no entry of."""
        return merged(self.own_portals(), shipped_registry())

    def address(self, name: str) -> str:
        """Where a file of the workspace is, for people."""
        return str(self.folder / name) if self.storage is None else self.storage.address(name)

    @property
    def outputs(self) -> Path:
        """Where commands write what is no part of the workspace, if nothing else is asked for."""
        return self.folder if self.storage is None else Path()

    @contextmanager
    def at_hand(self, name: str) -> Iterator[Path]:
        """A file to be read; of shared storage a copy, which what is said of it calls by its URL."""
        if self.storage is None:
            yield self.folder / name
            return
        content = self.storage.read(name)
        with TemporaryDirectory(prefix="nianbao-") as folder:
            copy = Path(folder) / name
            if content is not None:
                copy.write_bytes(content)
            try:
                yield copy
            except ScraperError as error:
                values = {**error.said.values, "file": self.storage.address(name)}
                raise ScraperError(replace(error.said, values=values)) from error
