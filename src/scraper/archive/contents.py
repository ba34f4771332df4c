"""What archived records hold, wherever the WARC files lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from scraper.archive.capture import Capture
from scraper.archive.reading import BrokenRecord, payload_of
from scraper.archive.record import Payload
from scraper.messages import ScraperError, message

# RFC 9111, 3.2: what a 304 answer says of these is not of what was kept.
_KEPT = frozenset(
    {"content-encoding", "content-length", "content-range", "content-type", "transfer-encoding"}
)


class Known(Protocol):
    """Knows which captures there are."""

    def standing_before(self, capture: Capture) -> Capture | None:
        """The capture of the same address and content that a 304 answer says is still what stands."""
        ...

    def holding(self, sha256: str, url: str) -> Sequence[Capture]:
        """Some records that hold this body, those of the address first and answers to POST requests last."""
        ...


@dataclass(frozen=True)
class Contents:
    """Reads records.

    ``take`` gives so many bytes at a place of a WARC file, or raises :class:`OSError`; ``called`` tells what
    messages call that file.
    """

    take: Callable[[str, int, int], bytes]
    known: Known
    called: Callable[[str], object]

    def read(self, capture: Capture) -> Payload:
        """What was archived, decoded; of a revisit the content that it stands for.

        Raises :class:`ScraperError` if a WARC file is gone or was altered.
        """
        if not capture.revisit:
            return self._whole(capture)
        said = self._record(capture)
        if capture.not_modified:
            before = self.known.standing_before(capture)
            kept = self.read(before) if before else self._content(capture)
            renewed = {name: value for name, value in said.headers.items() if name not in _KEPT}
            return Payload(kept.body, kept.content_type, {**kept.headers, **renewed})
        kept = self._content(capture)
        return Payload(kept.body, said.content_type or kept.content_type, said.headers)

    def _record(self, capture: Capture) -> Payload:
        try:
            return payload_of(self.take(capture.warc_file, capture.offset, capture.length))
        except (OSError, BrokenRecord) as error:
            raise self._problem("record_unreadable", capture) from error

    def _whole(self, capture: Capture) -> Payload:
        payload = self._record(capture)
        if sha256(payload.body).hexdigest() != capture.sha256:
            raise self._problem("record_unreadable", capture)
        return payload

    def _content(self, revisit: Capture) -> Payload:
        """What any of the records holds that have the content of ``revisit``."""
        problem: ScraperError | None = None
        for original in self.known.holding(revisit.sha256, revisit.url):
            try:
                return self._whole(original)
            except ScraperError as error:
                problem = error
        raise problem or self._problem("original_missing", revisit)

    def _problem(self, code: str, capture: Capture) -> ScraperError:
        file = self.called(capture.warc_file)
        return ScraperError(message(code, file=file, offset=capture.offset, url=capture.url))
