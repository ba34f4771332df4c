"""Archived responses as they lie in the archive, content encoding included."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from scraper.archive import Archive, Capture
from scraper.importing.bodies import Headers
from scraper.importing.records import Record, read_records


@dataclass(frozen=True)
class Content:
    """Head and body of a response; ``truncated`` as in :class:`scraper.importing.intake.Found`."""

    headers: Headers
    body: bytes
    truncated: str = ""


def content_as_kept(archive: Archive, capture: Capture) -> Content:
    """The content of a capture, of a revisit that which it refers to.

    It is decoded where the record can't be found. Raises :class:`ScraperError` where the archive is
    damaged.
    """
    record = _record(archive, capture)
    if record is not None and record.kind == "revisit":
        refers_to = record.header("WARC-Refers-To-Target-URI")
        history = archive.history(refers_to) if refers_to else []
        same = next((one for one in history if not one.revisit and one.digest == capture.digest), None)
        record = _record(archive, same) if same else None
    if record is None or record.kind == "revisit":
        payload = archive.read(capture)
        return Content([("Content-Type", payload.content_type)], payload.body)
    headers = record.http.headers if record.http else [("Content-Type", record.header("Content-Type"))]
    return Content(headers, record.body, record.header("WARC-Truncated"))


def _record(archive: Archive, capture: Capture) -> Record | None:
    """The record as it lies in the archive; None where it can't be read."""
    try:
        with (archive.folder / capture.warc_file).open("rb") as warc:
            warc.seek(capture.offset)
            found = next(read_records(BytesIO(warc.read(capture.length))), None)
    except OSError:
        return None
    return found if isinstance(found, Record) else None
