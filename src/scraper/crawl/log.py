"""The log of a run for programs, and its report: a line of JSON for each event, and for each portal."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from scraper.archive import Shard
from scraper.crawl.found import PortalCrawl
from scraper.messages import ScraperError, message
from scraper.portals import Portal

EVENTS = "log.jsonl"
REPORT = "report.jsonl"


class RunLog:
    """Writes ``log.jsonl`` and ``report.jsonl`` into a folder of their own below ``folder``.

    Its name is the time, and the ``shard`` that is crawled if it is one: others may begin in the same
    moment. A line is flushed as it is written, so that a killed run has said all that it did. Raises
    :class:`ScraperError` where the folder can't be written.
    """

    def __init__(self, folder: Path, shard: Shard | None = None) -> None:
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        self.folder = folder / (f"{name}-{shard.tag}" if shard else name)
        self._files: dict[str, TextIO] = {}

    def __enter__(self) -> Self:
        try:
            self.folder.mkdir(parents=True)
            for name in (EVENTS, REPORT):
                self._files[name] = (self.folder / name).open("w", encoding="utf-8", buffering=1)
        except OSError as error:
            self._close()
            reason = error.strerror or str(error)
            raise ScraperError(
                message("workspace_not_writable", folder=self.folder, reason=reason)
            ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def event(self, portal: Portal, kind: str, particulars: dict[str, Any]) -> None:
        """Notes that something happened in a portal's crawl."""
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._write(EVENTS, {"at": moment, "event": kind, "county_code": portal.county_code, **particulars})

    def ended(self, found: PortalCrawl) -> None:
        """Notes all that a portal's crawl found and missed."""
        self._write(REPORT, record_of(found))

    def _write(self, name: str, record: dict[str, Any]) -> None:
        self._files[name].write(json.dumps(record, ensure_ascii=False) + "\n")

    def _close(self) -> None:
        for file in self._files.values():
            file.close()


def record_of(found: PortalCrawl) -> dict[str, Any]:
    """A portal's line in the run report."""
    return {
        "county_code": found.portal.county_code,
        "county": found.portal.county,
        "home": found.portal.home,
        "pages": found.pages,
        "families": found.families,
        "years": {str(year): count for year, count in found.years.items()},
        "missing_years": found.missing_years(),
        "reports": [asdict(report) for report in found.reports],
        "gaps": [asdict(gap) for gap in found.gaps],
        "lists": [asdict(seen) | {"incomplete": seen.incomplete} for seen in found.lists],
    }
