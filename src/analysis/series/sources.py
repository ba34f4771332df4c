"""Where figures come from: how many reports, of which hosts, captured when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import duckdb

_REPORTS = (
    "SELECT url, CAST(captured_at AS DATE), sample FROM report WHERE list_contains($reports, report_id)"
)


@dataclass(frozen=True)
class Sources:
    """``reports`` on ``hosts``, those with most reports first, captured from ``first`` to ``last`` (UTC).

    ``samples`` of them are sample reports, whose figures are invented.
    """

    reports: int
    hosts: tuple[str, ...]
    first: date | None
    last: date | None
    samples: int


def sources_of(connection: duckdb.DuckDBPyConnection, records: Iterable[Mapping[str, Any]]) -> Sources:
    """The sources of the reports that ``records`` name in ``report_id``."""
    named = sorted({record["report_id"] for record in records if record["report_id"]})
    rows = connection.execute(_REPORTS, {"reports": named}).fetchall()
    hosts = Counter(host for url, _, _ in rows if (host := urlsplit(url).hostname))
    days = [day for _, day, _ in rows]
    return Sources(
        reports=len(rows),
        hosts=tuple(sorted(hosts, key=lambda host: (-hosts[host], host))),
        first=min(days, default=None),
        last=max(days, default=None),
        samples=sum(bool(sample) for _, _, sample in rows),
    )
