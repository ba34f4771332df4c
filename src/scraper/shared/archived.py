"""The archive in shared storage, for those who show its pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import duckdb

from scraper.archive import Capture, Contents, Payload
from scraper.shared.storage import Storage
from scraper.shared.task import ARCHIVE

# As Lookup has them, which answers the same questions about the archive of a folder.
_AT = "FROM capture WHERE warc_file = $1 AND warc_offset = $2"
_STANDING = """
    FROM capture
    WHERE url = $1 AND sha256 = $2 AND captured_at <= $3 AND status <> 304
    ORDER BY captured_at DESC, warc_file DESC, warc_offset DESC LIMIT 1
"""
_HOLDING = """
    FROM capture WHERE sha256 = $1 AND NOT revisit
    ORDER BY url <> $2, regexp_matches(url, '[?&]__wb_method=[A-Z]+(&|$)'), warc_file, warc_offset LIMIT 20
"""


@dataclass(frozen=True)
class SharedArchive:
    """Reads records of the archive in ``storage``; ``connection`` is a database of its tables."""

    storage: Storage
    connection: duckdb.DuckDBPyConnection

    def payload_at(self, warc_file: str, offset: int) -> Payload | None:
        """What the record at a place holds; None where there is none.

        Raises :class:`ScraperError` if a WARC file is gone or was altered.
        """
        for capture in self._captures(_AT, [warc_file, offset]):
            return Contents(self._take, self, self._called).read(capture)
        return None

    def standing_before(self, capture: Capture) -> Capture | None:
        """See :class:`scraper.archive.contents.Known`."""
        given = [capture.url, capture.sha256, capture.captured_at.replace(tzinfo=None)]
        return next(iter(self._captures(_STANDING, given)), None)

    def holding(self, sha256: str, url: str) -> Sequence[Capture]:
        """See :class:`scraper.archive.contents.Known`."""
        return self._captures(_HOLDING, [sha256, url])

    def _take(self, name: str, offset: int, length: int) -> bytes:
        return self.storage.part_of(f"{ARCHIVE}/{name}", offset, length)

    def _called(self, name: str) -> str:
        return self.storage.address(f"{ARCHIVE}/{name}")

    def _captures(self, query: str, given: Sequence[object]) -> list[Capture]:
        with self.connection.cursor() as cursor:
            return [capture_of(row) for row in cursor.execute(query, list(given)).fetchall()]


def capture_of(row: tuple[Any, ...]) -> Capture:
    """A line of ``capture``."""
    url, captured_at, status, mime, sha256, warc_file, offset, length, revisit = row
    moment = captured_at.replace(tzinfo=UTC)
    return Capture(url, moment, status, mime, "", sha256, warc_file, offset, length, revisit)
