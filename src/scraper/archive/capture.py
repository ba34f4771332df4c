"""One archived response and its line in a CDXJ index."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from string import punctuation
from urllib.parse import quote

from scraper.archive.posted import address_of, as_key, is_posted, method_and_query, replayed_as

NOT_MODIFIED = 304

_TIMESTAMP = "%Y%m%d%H%M%S"
_REVISIT = "warc/revisit"


@dataclass(frozen=True, slots=True)
class Capture:
    """Where one response lies in the archive, and what it was.

    ``url`` is the address, for a POST request followed by its body (:func:`key_of`). ``offset`` and
    ``length`` are bytes of the gzip member in ``warc_file``; ``digest`` is the payload digest of the
    record, ``sha256`` that of the decoded body. A ``revisit`` has no body of its own: one that was
    archived before came again or, with status 304, still stands.
    """

    url: str
    captured_at: datetime
    status: int
    mime: str
    digest: str
    sha256: str
    warc_file: str
    offset: int
    length: int
    revisit: bool = False

    @property
    def end(self) -> int:
        """Where the next record of the file begins."""
        return self.offset + self.length

    @property
    def not_modified(self) -> bool:
        """Whether the server said that what was archived before still stands."""
        return self.revisit and self.status == NOT_MODIFIED

    def cdxj(self, shows: Capture | None = None) -> str:
        """The capture's line, which sorts by address and time.

        The line of a ``not_modified`` leads to ``shows``, the capture that still stood: replay software
        answers with the record that a line leads to, and an empty 304 would hide the page. Fields that
        are ours alone: ``sha256``, ``key`` of an answer to a POST request, ``mime_of_original`` of a
        revisit, ``not_modified`` with the place of the 304 record.
        """
        shown = shows or self
        fields: dict[str, object] = {
            "url": address_of(self.url),
            "mime": _REVISIT if shown.revisit else shown.mime,
            "status": str(shown.status),
            "digest": self.digest,
            "length": str(shown.length),
            "offset": str(shown.offset),
            "filename": shown.warc_file,
            "sha256": self.sha256,
        }
        if is_posted(self.url):
            fields["method"], fields["requestBody"] = method_and_query(self.url)
            fields["key"] = self.url
        if self.revisit:
            fields["mime_of_original"] = self.mime
        if shown is not self:
            fields["not_modified"] = {
                "status": self.status,
                "length": self.length,
                "offset": self.offset,
                "filename": self.warc_file,
            }
        moment = self.captured_at.strftime(_TIMESTAMP)
        return f"{_sort_key(self.url)} {moment} {json.dumps(fields, ensure_ascii=False)}\n"


def read_cdxj(line: str) -> Capture:
    """The capture that a line describes. Raises :class:`ValueError` for a line cut short or altered."""
    _, moment, fields = line.split(" ", 2)
    try:
        entry = json.loads(fields)
        place = {**entry, **entry.get("not_modified", {})}
        return Capture(
            url=as_key(entry.get("key", entry["url"])),
            captured_at=datetime.strptime(moment, _TIMESTAMP).replace(tzinfo=UTC),
            status=int(place["status"]),
            mime=entry.get("mime_of_original", entry["mime"]),
            digest=entry["digest"],
            sha256=entry["sha256"],
            warc_file=place["filename"],
            offset=int(place["offset"]),
            length=int(place["length"]),
            revisit=entry["mime"] == _REVISIT or "not_modified" in entry,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(line) from error


def _sort_key(url: str) -> str:
    # Loaded where it is needed: it brings an HTTP client and a list of all domains along.
    import surt

    asked = replayed_as(url)
    try:
        return _ascii(surt.surt(asked))
    except (ValueError, IndexError):
        return _ascii(asked)


def _ascii(key: str) -> str:
    """A key without blanks; those of POST requests hold what was posted."""
    return quote(key, safe=punctuation)
