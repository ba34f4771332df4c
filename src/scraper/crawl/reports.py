"""The reports of one portal as its crawl finds them: each once, with all its addresses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from scraper.crawl.found import FoundReport, State
from scraper.crawl.visit import Visit
from scraper.documents import Document
from scraper.fetching import Fetched
from scraper.forms.identity import Identity, identify, place_in
from scraper.places import counties, current
from scraper.portals import Portal
from scraper.portals.recognition import Recognised


class Reports:
    """Collects reports of ``portal``; ``found`` are those so far, ``addresses`` where they lie."""

    def __init__(self, portal: Portal, visit: Visit) -> None:
        self._portal = portal
        self._visit = visit
        self._by_body: dict[tuple[str, int], list[tuple[FoundReport, str | None]]] = {}
        self.found: list[FoundReport] = []

    @property
    def addresses(self) -> Iterator[str]:
        """Every address that has a report."""
        return (address for report in self.found for address in report.addresses)

    def add(self, known: Recognised, fetched: Fetched, label: str) -> FoundReport:
        """Takes a report read from ``fetched``; a copy of one that is there gives it another address."""
        report = self._same(known, fetched, label)
        if fetched.url not in report.addresses:
            report.addresses.append(fetched.url)
        return report

    def add_file(self, known: Recognised, page: Fetched, file: Fetched, label: str) -> None:
        """Takes a file of the report that ``page`` announces."""
        report = self.add(known, page, label)
        if file.url not in report.files:
            report.files.append(file.url)

    def titled(self, label: str) -> Identity:
        """Whose report, and of which year, a link's text says that a file is."""
        return identify(Document(titles=[label]))

    def is_foreign(self, identity: Identity) -> bool:
        """Whether a report is another county's: counties on one host link to each other.

        A county that the register knows is foreign unless it is or became the portal's; one that it
        doesn't know, where the portal's own is such a one too.
        """
        if identity.publisher is None:
            return False
        place = place_in(identity.publisher, identity.year)
        named = place.county
        if named is None or named == self._portal.county:
            return place.of_prefecture
        registered = [county for county in counties().values() if county.name == named]
        if registered:
            ours = self._current_code
            return all(current(county).code != ours for county in registered)
        return self._portal.county_code not in counties()

    @cached_property
    def _current_code(self) -> str:
        own = counties().get(self._portal.county_code)
        return current(own).code if own else self._portal.county_code

    def _same(self, known: Recognised, fetched: Fetched, label: str) -> FoundReport:
        identity = known.identity
        if identity.publisher is None or identity.year is None:
            said = self.titled(label)
            identity.publisher = identity.publisher or said.publisher
            identity.publisher_kind = identity.publisher_kind or said.publisher_kind
            identity.year = identity.year or said.year
        copies: list[tuple[FoundReport, str | None]] = []
        if identity.publisher and identity.year:
            copies = self._by_body.setdefault((identity.publisher, identity.year), [])
        for report, text in copies:
            if _is_copy(report, text, known):
                return report
        report = FoundReport(
            url=fetched.url,
            publisher=identity.publisher,
            publisher_kind=identity.publisher_kind,
            year=identity.year,
            title=identity.title,
            state=self._state(fetched),
            year_source=_source(identity),
        )
        copies.append((report, known.digest))
        self.found.append(report)
        return report

    def _state(self, fetched: Fetched) -> State:
        if fetched.capture is None:
            return "known"
        earlier = self._visit.earlier(fetched.capture)
        if earlier is None:
            return "new"
        return "known" if earlier.sha256 == fetched.capture.sha256 else "altered"


def _is_copy(report: FoundReport, text: str | None, known: Recognised) -> bool:
    """Whether a report of the same body and year is the same one: by its text, its title, or as a file."""
    return text == known.digest or None in (text, known.digest) or report.title == known.identity.title


def _source(identity: Identity) -> str | None:
    evidence = identity.evidence.get("year")
    return evidence.source if evidence else None
