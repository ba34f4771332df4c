"""What comes from elsewhere is judged, compared with what is there, and kept with where it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from scraper.archive import Archive, Capture, key_of
from scraper.archive.coding import decoded
from scraper.importing.records import LARGEST_RECORD
from scraper.messages import Message, message

_OK = 200
_CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True)
class Found:
    """One response as others hold it, or a file without an HTTP response where ``status_line`` is empty.

    ``body`` is content-encoded as ``headers`` say, without the chunks of the transfer. ``source`` is the
    address of the file or service that it was taken from, ``source_range`` the bytes there, ``digest``
    the payload digest that it stands under there. ``truncated`` is why the one who archived it cut it
    short, as ``WARC-Truncated`` says; empty where it is whole. ``place`` is how messages call it.
    """

    url: str
    captured_at: datetime
    status_line: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    place: str
    source: str = ""
    source_range: str = ""
    digest: str = ""
    truncated: str = ""
    method: str = "GET"
    posted: bytes = b""

    @property
    def key(self) -> str:
        """The address under which the archive indexes it."""
        return key_of(self.url, self.method, self.posted)

    def header(self, name: str) -> str:
        """A field of the HTTP head; empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def provenance(self) -> list[tuple[str, str]]:
        """WARC fields that say where the record came from. The ``X-`` ones are ours."""
        fields = [
            ("WARC-Source-URI", self.source),
            ("WARC-Source-Range", self.source_range),
            ("X-Source-Payload-Digest", self.digest),
            ("WARC-Creation-Date", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"),
            ("WARC-Truncated", self.truncated),
        ]
        return [(name, value) for name, value in fields if value]


@dataclass
class Intake:
    """Takes what is found in one ``source`` into ``archive`` and counts what came of it.

    ``kind`` is what the source is: file, folder, warc, wacz, wayback or commoncrawl. ``new`` and ``known``
    count captures, ``left_out`` what is no capture of a page by its kind. ``refused`` says of everything
    else why it was not taken; ``doubtful`` of what was taken with a defect.
    """

    archive: Archive
    source: str
    kind: str
    new: int = 0
    known: int = 0
    left_out: int = 0
    refused: list[Message] = field(default_factory=list)
    doubtful: list[Message] = field(default_factory=list)

    def take(self, found: Found, *, dated: bool = True) -> Capture | None:
        """Keeps ``found`` unless the archive has it: the same content of the address at the same time.

        Where the time is no better than a guess, not ``dated``, it is not taken either where the newest
        capture has the same content. None where it is refused.
        """
        if not _is_address(found.url):
            self.refuse("capture_address", found.place, found.url)
            return None
        if found.captured_at > datetime.now(UTC) + _CLOCKS_DIFFER:
            self.refuse("capture_in_future", found.place, found.url, moment=f"{found.captured_at:%Y-%m-%d}")
            return None
        if len(found.body) > LARGEST_RECORD:
            self.refuse("capture_too_large", found.place, found.url, megabytes=LARGEST_RECORD // 1_000_000)
            return None
        body = decoded(found.headers, found.body)
        sha256 = hashlib.sha256(body).hexdigest()
        known = self._known(found, sha256, dated=dated)
        if known is not None:
            self.known += 1
            return known
        if found.truncated and not self._bears_cut(found, body, sha256):
            return None
        self.new += 1
        return self._store(found)

    def take_unchanged(self, found: Found, original: Capture) -> None:
        """Keeps the answer (304) that ``original`` still stood at its address."""
        moment = found.captured_at.replace(microsecond=0)
        history = self.archive.history(found.key)
        if any(one.captured_at == moment and one.sha256 == original.sha256 for one in history):
            self.known += 1
            return
        self.new += 1
        self.archive.store_not_modified(
            found.url,
            found.status_line,
            found.headers,
            original,
            captured_at=moment,
            warc_headers=found.provenance(),
        )

    def refuse(self, code: str, place: str, url: str, **values: object) -> None:
        """Notes why a capture was not taken."""
        self.refused.append(message(code, name=place, url=url, **values))

    def _bears_cut(self, found: Found, body: bytes, sha256: str) -> bool:
        """Whether a capture that was cut short is of use.

        Pages are, for what they have, where the archive has nothing else of the address: the newest
        capture counts. Other files can't be read without their end.
        """
        page = body.lstrip()[:1] == b"<" or found.header("content-type").startswith("text/")
        if not page:
            self.refuse("capture_cut_short", found.place, found.url)
        elif any(one.status == _OK and one.sha256 != sha256 for one in self.archive.history(found.key)):
            self.refuse("page_cut_short_needless", found.place, found.url)
        else:
            self.doubtful.append(message("page_cut_short", name=found.place, url=found.url))
            return True
        return False

    def _known(self, found: Found, sha256: str, *, dated: bool) -> Capture | None:
        moment = found.captured_at.replace(microsecond=0)
        latest = None if dated else self.archive.latest(found.key)
        if latest is not None and latest.sha256 == sha256:
            return latest
        for capture in self.archive.history(found.key):
            if capture.sha256 == sha256 and capture.captured_at == moment:
                return capture
        return None

    def _store(self, found: Found) -> Capture:
        moment = found.captured_at.replace(microsecond=0)
        if not found.status_line:
            mime = found.header("content-type") or "application/octet-stream"
            return self.archive.store_resource(
                found.url, mime, found.body, moment, warc_headers=found.provenance()
            )
        return self.archive.store_response(
            found.url,
            found.status_line,
            found.headers,
            found.body,
            captured_at=moment,
            method=found.method,
            posted=found.posted,
            warc_headers=found.provenance(),
        )


def _is_address(url: str) -> bool:
    """Whether ``url`` can be taken apart, and names a host where it is on the web."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and (parts.port or 0) >= 0
    except ValueError:
        return False
    return named or parts.scheme == "file"
