"""One archived record read: a report with all that it says, or what the page is instead."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from scraper.archive import Archive, Capture, Payload
from scraper.documents import read_document
from scraper.fetching.judging import judge
from scraper.fetching.request import Request
from scraper.forms import NotAReport, read_report
from scraper.forms.claim_wordings import language
from scraper.forms.content import digests_of
from scraper.forms.own_text import own_text
from scraper.messages import Message, ScraperError
from scraper.places import counties
from scraper.store import Missing, Reading, StoredReport, Unread, line_of

_OK, _STANDS = 200, 304


@dataclass(frozen=True)
class Seen:
    """What a record is: a ``report``, an outcome of fetching, ``other_page``, or the code of ``failure``.

    ``leads_to`` is where a ``redirect`` sends its reader, by a header or in the page.
    """

    outcome: str
    stored: StoredReport | None = None
    leads_to: str | None = None
    failure: Message | None = None


class Tried(NamedTuple):
    """What came of a record: its ``line`` (:func:`scraper.store.line_of`), or the ``failure`` to read it.

    There are both where it is known what the record is, but not what it says.
    """

    line: bytes | None
    failure: Message | None = None


@dataclass(frozen=True)
class Reader:
    """Reads records of ``archive``; ``samples`` are hosts of sample portals, ``hosts`` those of counties."""

    archive: Archive
    samples: frozenset[str]
    hosts: Mapping[str, str]

    def __reduce__(self) -> tuple[Callable[..., Reader], tuple[Path, frozenset[str], dict[str, str]]]:
        """In another process the archive is opened anew."""
        return _opened, (self.archive.folder, self.samples, dict(self.hosts))

    def see(self, record: Capture) -> Seen:
        """What ``record`` is. Raises :class:`ScraperError` where the archive can't give it."""
        return seen_in(record, self.archive.read(record), self.samples, self.hosts)

    def report(self, record: Capture) -> StoredReport:
        """The report in ``record``. Raises :class:`ScraperError` where there is none that can be read."""
        return _report_in(record, self.archive.read(record), self.samples, self.hosts)


def seen_in(record: Capture, payload: Payload, samples: frozenset[str], hosts: Mapping[str, str]) -> Seen:
    """What ``record`` is, which holds ``payload``; ``samples`` and ``hosts`` are as :class:`Reader` says."""
    if record.status not in (_OK, _STANDS):
        return _judged(record.url, record.status, payload, None)
    try:
        return Seen("report", _report_in(record, payload, samples, hosts))
    except NotAReport:
        return _judged(record.url, _OK, payload, None)
    except ScraperError as error:
        return _judged(record.url, _OK, payload, error.said)


def _report_in(
    record: Capture, payload: Payload, samples: frozenset[str], hosts: Mapping[str, str]
) -> StoredReport:
    url = record.url
    document = read_document(payload.body, url, payload.charset)
    report = read_report(document, url, url, hosts)
    text = own_text(document, report.identity.title)
    content, figures = digests_of(report.facts, text)
    return StoredReport(
        report_id=report_id_of(url, report.identity.year),
        report=report,
        capture=record,
        sample=_netloc(url) in samples,
        text=tuple(text),
        content=content,
        figures=figures,
    )


def try_unread(reader: Reader, one: Unread) -> Tried:
    """What a record is, or why nothing is known of it; its report is shown by ``one.head``, if any."""
    try:
        seen = reader.see(one.record)
    except ScraperError as error:
        return Tried(None, error.said)
    stored = seen.stored and replace(seen.stored, capture=one.head)
    return Tried(line_of(Reading(one.record, one.reader, seen.outcome, seen.leads_to, stored)), seen.failure)


def try_missing(reader: Reader, one: Missing) -> Tried:
    """What is missing of a report, or why it can't be read."""
    try:
        found = reader.report(one.record)
    except ScraperError as error:
        return Tried(None, error.said)
    stored = replace(found, report_id=one.report_id, capture=one.capture)
    return Tried(line_of(Reading(one.record, None, "report", stored=stored)))


def _opened(folder: Path, samples: frozenset[str], hosts: dict[str, str]) -> Reader:
    """A reader that has its archive open as long as its process lasts."""
    # What takes longer to make ready than a report to read is nobody's time but the process's own.
    language()
    counties()
    return Reader(Archive(folder).__enter__(), samples, hosts)


def report_id_of(url: str, year: int | None) -> str:
    """The name of the report of ``year`` whose first address is ``url``, as settling.sql gives it too."""
    return hashlib.sha256((url if year is None else f"{url} {year}").encode()).hexdigest()[:16]


def _judged(url: str, status: int, payload: Payload, failure: Message | None) -> Seen:
    """What an answer is that holds no report, or one that can't be read."""
    try:
        verdict = judge(Request(url), status, payload)
    except ValueError:
        # An address that is none, from somebody else's archive.
        return Seen(failure.code if failure else "other_page", failure=failure)
    if verdict.outcome != "ok":
        return Seen(verdict.outcome, leads_to=verdict.target or None, failure=failure)
    return Seen(failure.code if failure else "other_page", failure=failure)


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
