"""``manifest.csv``: the original addresses of saved files, and when they were saved."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scraper.documents.characters import decode
from scraper.messages import Message, ScraperError, message

NAME = "manifest.csv"

_NEEDED = ("file", "url")
_ADDRESS = re.compile(r"https?://[^/\s]+\S*")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ](\d{1,2}:\d{2}(?::\d{2})?))?")
_TIMESTAMP = re.compile(r"\d{14}")


@dataclass(frozen=True)
class Entry:
    """A line: the file, its original address, and when it was captured; None where that is left open."""

    path: Path
    url: str
    captured_at: datetime | None


def read_manifest(path: Path) -> Iterator[Entry | tuple[Path | None, Message]]:
    """The lines of a manifest; for one that is wrong the file it names and what is wrong.

    Columns are ``file`` (below the manifest's folder), ``url`` and ``captured_at`` (optional; a date, a
    date with time, or 14 digits; UTC unless it states a zone). Others are ignored. Raises
    :class:`ScraperError` where a column is missing.
    """
    text = decode(path.read_bytes()).removeprefix("\ufeff")
    lines = csv.DictReader(io.StringIO(text, newline=""))
    fields = {(name or "").strip().lower(): name for name in lines.fieldnames or ()}
    missing = [name for name in _NEEDED if name not in fields]
    if missing:
        raise ScraperError(message("manifest_columns", name=path, missing=", ".join(missing)))
    for line in lines:
        values = {name: (line.get(field) or "").strip() for name, field in fields.items()}
        if any(values.values()):
            yield _entry(path, lines.line_num, values)


def _entry(path: Path, number: int, values: dict[str, str]) -> Entry | tuple[Path | None, Message]:
    def wrong(code: str) -> Message:
        stated = values.get("captured_at", "")
        return message(code, name=path, line=number, file=values["file"], url=values["url"], stated=stated)

    folder = path.parent.resolve()
    file = (folder / values["file"].replace("\\", "/")).resolve()
    if not values["file"] or not file.is_relative_to(folder) or not file.is_file():
        return None, wrong("manifest_file")
    if not _ADDRESS.fullmatch(values["url"]):
        return file, wrong("manifest_address")
    written = values.get("captured_at", "")
    moment = read_time(written)
    if written and moment is None:
        return file, wrong("manifest_time")
    return Entry(file, values["url"], moment)


def read_time(written: str) -> datetime | None:
    """A time as people and archives write it, UTC unless it states a zone; None where it is no time."""
    try:
        if _TIMESTAMP.fullmatch(written):
            return datetime.strptime(written, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        if found := _DAY.fullmatch(written):
            year, month, day, clock = found.groups()
            hour, minute, second = [*map(int, (clock or "0:0").split(":")), 0][:3]
            return datetime(int(year), int(month), int(day), hour, minute, second, tzinfo=UTC)
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
