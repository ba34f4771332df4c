"""What can be watched of a run of ``parse``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from nianbao.monitoring import Series
from scraper.parse import Parsed


@dataclass
class Watched:
    """A run while it goes on: what was read, what is left, and at last how many findings there are."""

    parsed: Parsed = field(default_factory=Parsed)
    unread: int | None = None
    findings: int | None = None

    def progress(self, done: int, total: int) -> None:
        """Notes how many are left."""
        self.unread = total - done

    def series(self) -> Iterator[Series]:
        """The metrics."""
        parsed = self.parsed
        yield Series("records_total", "Records read, by what they are.", parsed.outcomes, "outcome")
        yield Series("reports_total", "Reports read.", parsed.reports)
        yield Series("facts_total", "Cells of reports read.", parsed.facts)
        yield Series("failures_total", "Documents that could not be read.", len(parsed.failures))
        if self.unread is not None:
            text = "Records, of shared storage WARC files, that are still to be read."
            yield Series("unread", text, self.unread)
        if self.findings is not None:
            yield Series("findings", "Findings in the database, when it was checked.", self.findings)
