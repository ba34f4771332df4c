"""The folder in which commands keep what they fetched and read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scraper.portals import Portal, read_registry
from scraper.portals.registry import merged, shipped_registry


@dataclass(frozen=True)
class Workspace:
    """A folder with the archive, the database, and the workspace's own portals."""

    folder: Path

    @property
    def archive(self) -> Path:
        """WARC files and their indexes."""
        return self.folder / "archive"

    @property
    def database(self) -> Path:
        """The DuckDB file; ``nianbao parse`` can make it anew from the archive."""
        return self.folder / "reports.duckdb"

    @property
    def reviews(self) -> Path:
        """What people decided about findings, a line each; no other file could give it back."""
        return self.folder / "reviews.jsonl"

    @property
    def runs(self) -> Path:
        """A folder for each crawl with its log and its report."""
        return self.folder / "runs"

    @property
    def registry(self) -> Path:
        """Portals that only this workspace knows."""
        return self.folder / "portals.toml"

    def own_portals(self) -> list[Portal]:
        """The portals of the workspace's own registry."""
        return read_registry(self.registry) if self.registry.exists() else []

    def portals(self) -> list[Portal]:
        """The workspace's own portals, then those that ship with nianbao and that it has no entry of."""
        return merged(self.own_portals(), shipped_registry())
