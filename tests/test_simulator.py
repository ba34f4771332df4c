"""The simulator is what its truth says: checked with our readers and a plain walk, without the crawler."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from functools import cache
from io import BytesIO
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest

from portals.catalogue import PORTALS, Entry
from portals.truth import Report
from portals.visiting import Visitor, walk
from portals.web import Answer, Portal
from scraper.documents import read_document
from scraper.forms import read_report
from scraper.messages import ScraperError
from scraper.places import counties_named, county_by_code

# What our readers read without a model for recognising characters.
_READ = (b"PK\x03\x04", b"<", b"\xef\xbb\xbf<", b"\xd0\xcf\x11\xe0")


@cache
def _built(entry: Entry) -> tuple[Portal, Visitor]:
    portal = entry.build()
    return portal, Visitor(portal.sites())


def _name(entry: Entry) -> str:
    return entry.build.__name__


each_portal = pytest.mark.parametrize("entry", PORTALS, ids=_name)


@each_portal
def test_the_county_is_invented(entry: Entry) -> None:
    portal, _ = _built(entry)
    assert portal.county_code.startswith("9902")
    assert county_by_code(portal.county_code) is None
    assert not counties_named(portal.county)
    assert urlsplit(portal.home).netloc.endswith(".gov.cn.test")


@each_portal
def test_the_truth_is_as_wide_as_the_specification_asks(entry: Entry) -> None:
    portal, _ = _built(entry)
    reports = portal.truth()
    assert len({(report.publisher, report.year) for report in reports}) == len(reports)
    assert {report.year for report in reports} == set(range(2008, 2026))
    kinds = Counter(kind for _, kind in {(report.publisher, report.kind) for report in reports})
    assert kinds["county_government"] == 1
    assert kinds["department"] >= 3
    assert kinds["township"] >= 3


@each_portal
def test_no_address_is_two_things(entry: Entry) -> None:
    portal, visitor = _built(entry)
    had = [report for report in portal.truth() if report.outcome == "ok"]
    # Reports that can't be had may share the address at which they are lost.
    counts = Counter(address for report in had for address in report.addresses)
    several = {
        address
        for report in had
        for file in report.attachments
        if counts[file] > 1 and len(_files_in(visitor.get(file, referer=report.url).body)) > 1
        for address in report.addresses
    }
    assert {address for address, count in counts.items() if count > 1} <= several
    assert not portal.decoys() & set(counts)


@each_portal
def test_every_report_that_can_be_had_is_served_and_read(entry: Entry) -> None:
    portal, visitor = _built(entry)
    wrong = [said for report in portal.truth() if report.outcome == "ok" for said in _faults(visitor, report)]
    assert not wrong


def _faults(visitor: Visitor, report: Report) -> list[str]:
    pages = {url: visitor.get(url, referer=report.url) for url in report.addresses}
    faults = [f"{url}: status {page.status}" for url, page in pages.items() if page.status != 200]
    readings = {url: _identities(url, page) for url, page in pages.items() if page.body.startswith(_READ)}
    expected = (report.publisher, report.year)
    faults += [f"{url}: {found}" for url, found in readings.items() if found and expected not in found]
    # Where a file is beyond this check, the report may be in it alone.
    if len(readings) == len(pages) and not any(expected in found for found in readings.values()):
        faults.append(f"{report.url}: no page or file that we can read says {expected}")
    return faults


def _identities(url: str, page: Answer) -> set[tuple[str | None, int | None]]:
    """Publishers and years of the reports that a page, or the files in it, are read to be."""
    charset = (page.content_type or "").partition("charset=")[2] or None
    found = set()
    for body in _files_in(page.body):
        with suppress(ScraperError):
            identity = read_report(read_document(body, url, charset), url, url).identity
            found.add((identity.publisher, identity.year))
    return found


def _files_in(body: bytes) -> list[bytes]:
    """The files in a ZIP of several bodies' reports; of everything else the file itself."""
    if body.startswith(b"PK"):
        with ZipFile(BytesIO(body)) as package:
            if "[Content_Types].xml" not in package.namelist():
                return [package.read(name) for name in package.namelist()]
    return [body]


@each_portal
def test_every_report_that_can_be_had_is_reached_from_the_home_page(entry: Entry) -> None:
    portal, visitor = _built(entry)
    reached = walk(visitor, portal.home, entry.follow).keys()
    for report in portal.truth():
        if report.outcome == "ok":
            assert reached & report.addresses, report
            assert reached >= set(report.attachments), report


@each_portal
def test_decoys_are_served_and_are_no_reports_of_the_county(entry: Entry) -> None:
    portal, visitor = _built(entry)
    assert portal.decoys()
    for url in portal.decoys():
        page = visitor.get(url)
        assert page.status == 200
        publishers = {publisher or "" for publisher, _ in _identities(url, page)}
        assert not any(name == "" or name.startswith(portal.county) for name in publishers), url
