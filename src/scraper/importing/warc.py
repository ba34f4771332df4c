"""WARC and ARC files of others: each response with its original address and time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from scraper.archive.coding import decoded
from scraper.importing.bodies import digest_fits, without_chunks
from scraper.importing.intake import Found, Intake
from scraper.importing.kept import Content, content_as_kept
from scraper.importing.originals import Originals, moment_of
from scraper.importing.records import LARGEST_RECORD, Damage, Record, read_records
from scraper.messages import ScraperError

_ADDRESSES = ("http://", "https://", "ftp://", "file:")
_METHODS = ("GET", "POST")
_LONGEST_POST = 65_536
# wget writes the request before the response; as many are kept until it comes.
_REQUESTS_KEPT = 32
_CONTENT = ("response", "resource", "revisit", "conversion", "continuation")


@dataclass(frozen=True)
class _Origin:
    """Where a record lies: the file's address, which is kept with it, and its name for messages.

    ``intake`` takes what the file holds.
    """

    source: str
    name: str
    intake: Intake


class WarcImport:
    """Takes a set of WARC files; revisit records may refer to any file of the set.

    To be ended with :meth:`finish`, which resolves what refers to a later record.
    """

    def __init__(self, originals: Originals) -> None:
        self._originals = originals
        self._waiting: list[tuple[_Origin, Record, Record | None]] = []

    def take(self, file: IO[bytes], source: str, name: str, intake: Intake) -> None:
        """Takes every response of ``file`` into ``intake``; what is damaged is refused with its offset.

        ``source`` is the file's address, ``name`` how messages call it.
        """
        origin = _Origin(source, name, intake)
        for record, request in _with_requests(self._sound(origin, read_records(file))):
            if record.kind == "revisit" and self._originals.of(record) is None:
                self._waiting.append((origin, record, request))
            else:
                self._take(origin, record, request)

    def finish(self) -> None:
        """Takes the revisit records that are left; those that refer to nothing taken are refused."""
        for origin, record, request in self._waiting:
            self._take(origin, record, request)
        self._waiting.clear()

    def _sound(self, origin: _Origin, records: Iterable[Record | Damage]) -> Iterator[Record]:
        for found in records:
            if isinstance(found, Damage):
                origin.intake.refuse("foreign_record_damaged", origin.name, "", offset=found.offset)
            elif found.too_large:
                place, most = f"{origin.name} @ {found.offset}", LARGEST_RECORD // 1_000_000
                origin.intake.refuse("capture_too_large", place, _address(found), megabytes=most)
            else:
                yield found

    def _take(self, origin: _Origin, record: Record, request: Record | None) -> None:
        if not _is_capture(record, request):
            origin.intake.left_out += 1
            return
        try:
            found = self._found(origin, record, request)
        except _Refused as refused:
            origin.intake.refuse(refused.code, origin.name, _address(record), offset=record.offset)
            return
        if _not_modified(record):
            self._take_unchanged(origin, record, found)
            return
        capture = origin.intake.take(found)
        if capture is not None and record.kind != "revisit":
            self._originals.add(record, capture)

    def _take_unchanged(self, origin: _Origin, record: Record, found: Found) -> None:
        original = self._originals.of(record)
        if original is None:
            origin.intake.refuse("revisit_unresolved", origin.name, found.url, offset=record.offset)
        else:
            origin.intake.take_unchanged(found, original)

    def _found(self, origin: _Origin, record: Record, request: Record | None) -> Found:
        moment = moment_of(record.header("WARC-Date"))
        if moment is None:
            raise _Refused("foreign_record_damaged")
        status_line, content = self._content(origin, record)
        segmented = "unspecified" if record.header("WARC-Segment-Number") else ""
        return Found(
            url=_address(record),
            captured_at=moment,
            status_line=status_line,
            headers=content.headers,
            body=content.body,
            place=f"{origin.name} @ {record.offset}",
            source=origin.source,
            source_range=f"bytes={record.offset}-",
            digest=record.header("WARC-Payload-Digest"),
            truncated=content.truncated or segmented,
            method=request.http.protocol if request and request.http else "GET",
            posted=request.body if request else b"",
        )

    def _content(self, origin: _Origin, record: Record) -> tuple[str, Content]:
        """Status line and content; no status line where there was no HTTP response."""
        if record.kind == "revisit" and not _not_modified(record):
            return self._same_again(origin, record)
        truncated = record.header("WARC-Truncated")
        if record.http is None:
            head = [("Content-Type", record.header("Content-Type"))]
            status_line, content = "", Content(head, record.body, truncated)
        elif record.http.get_statuscode().isdigit():
            head = list(record.http.headers)
            body = without_chunks(head, record.body)
            status_line, content = record.http.statusline, Content(head, body, truncated)
        else:
            raise _Refused("foreign_record_damaged")
        if record.verified is False and not _payload_fits(record, content):
            raise _Refused("foreign_record_damaged")
        return status_line, content

    def _same_again(self, origin: _Origin, record: Record) -> tuple[str, Content]:
        """The head that came with content known before, and that content."""
        original = self._originals.of(record)
        if original is None:
            raise _Refused("revisit_unresolved")
        try:
            content = content_as_kept(origin.intake.archive, original)
        except ScraperError as error:
            raise _Refused("revisit_unresolved") from error
        if record.http is None or not record.http.get_statuscode().isdigit():
            return "200 OK", content
        # The content is kept in the encoding in which it came first.
        encoding = [field for field in content.headers if field[0].lower() == "content-encoding"]
        again = [field for field in record.http.headers if field[0].lower() != "content-encoding"]
        return record.http.statusline, Content(again + encoding, content.body, content.truncated)


class _Refused(Exception):  # noqa: N818 - it is a state of a record
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _address(record: Record) -> str:
    return record.header("WARC-Target-URI")


def _not_modified(record: Record) -> bool:
    """Whether a record says that the server answered 304: what was archived before still stands."""
    return record.kind == "revisit" and record.header("WARC-Profile").endswith("/server-not-modified")


def _is_capture(record: Record, request: Record | None) -> bool:
    """Whether a record holds what an address brought, and not a name server's answer or a converted copy."""
    if record.kind not in ("response", "resource", "revisit"):
        return False
    if not _address(record).lower().startswith(_ADDRESSES):
        return False
    method = request.http.protocol if request and request.http else "GET"
    return method in _METHODS and (request is None or len(request.body) <= _LONGEST_POST)


def _payload_fits(record: Record, content: Content) -> bool:
    """Whether the payload's digest was taken after the chunks, or the encoding as well, were undone."""
    stated = record.header("WARC-Payload-Digest")
    plain = decoded(content.headers, content.body)
    return bool(digest_fits(stated, content.body) or digest_fits(stated, plain))


def _with_requests(records: Iterable[Record]) -> Iterator[tuple[Record, Record | None]]:
    """Each record that may be a capture, with the request that it answers where the file has that too."""
    asked: dict[str, Record] = {}
    held: Record | None = None
    for record in records:
        if record.kind == "request":
            if held is not None and _belong_together(held, record):
                yield held, record
                held = None
            else:
                asked[record.header("WARC-Record-ID")] = record
                if len(asked) > _REQUESTS_KEPT:
                    del asked[next(iter(asked))]
        elif record.kind in _CONTENT:
            if held is not None:
                yield held, None
            earlier = [asked[name] for name in _concurrent(record) if name in asked]
            held = None if earlier else record
            if earlier:
                yield record, earlier[0]
    if held is not None:
        yield held, None


def _belong_together(response: Record, request: Record) -> bool:
    return (
        response.header("WARC-Record-ID") in _concurrent(request)
        or request.header("WARC-Record-ID") in _concurrent(response)
        or (not _concurrent(request) and _address(response) == _address(request))
    )


def _concurrent(record: Record) -> list[str]:
    return [value.strip() for name, value in record.headers.headers if name.lower() == "warc-concurrent-to"]
