"""The portals for volume are other counties, true to their truth, and quickly built and served."""

from __future__ import annotations

import re
import time
from collections import Counter
from functools import cache
from urllib.parse import urlsplit

import httpx
import pytest

from portals.truth import to_json
from portals.visiting import Visitor, text_of, walk
from portals.volume import follow, portals
from portals.web import Answer, Portal, serving
from scraper.documents import read_document
from scraper.forms import NotAReport, read_report
from scraper.places import counties_named, county_by_code

COUNT = 32
STYLES = 7


@cache
def served() -> list[tuple[Portal, Visitor]]:
    return [(portal, Visitor(portal.sites())) for portal in portals(COUNT)]


def test_each_is_another_invented_county() -> None:
    found = [portal for portal, _ in served()]
    assert [portal.county_code for portal in found] == [str(990300 + number) for number in range(COUNT)]
    assert all(county_by_code(portal.county_code) is None for portal in found)
    assert not any(counties_named(portal.county) for portal in found)
    hosts = [host for portal in found for site in portal.sites() for host in site.hosts]
    for names in ([portal.county for portal in found], [portal.name for portal in found], hosts):
        assert len(names) == len(set(names))
    styles = Counter(portal.name.partition("-")[0] for portal in found)
    assert len(styles) == STYLES
    assert min(styles.values()) >= COUNT // STYLES


def test_they_are_the_same_each_time_and_others_with_another_seed() -> None:
    one, again, other = (
        [to_json(portal.truth()) for portal in portals(STYLES, seed=seed)] for seed in (1, 1, 2)
    )
    assert one == again
    assert not set(one) & set(other)


@pytest.mark.parametrize(("pages", "least"), [(24, 20), (60, 50), (400, 360)])
def test_they_are_as_large_as_asked_for(pages: int, least: int) -> None:
    for portal in portals(STYLES, pages=pages):
        assert least <= len(portal.truth()) <= pages * 1.1


def test_no_address_is_two_things() -> None:
    for portal, _ in served():
        counts = Counter(address for report in portal.truth() for address in report.addresses)
        assert set(counts.values()) == {1}
        assert not portal.decoys() & set(counts)


def test_every_report_is_reached_and_read_and_decoys_are_none() -> None:
    """A portal of each style; the others differ from it in names and years."""
    for portal, visitor in served()[:STYLES]:
        reached = walk(visitor, portal.home, follow(portal))
        for report in portal.truth():
            if report.outcome == "ok" and not report.attachments:
                assert identity(report.url, reached[report.url]) == (report.publisher, report.year)
        assert portal.decoys() <= set(reached)
        for url in portal.decoys():
            publisher, _ = identity(url, reached[url])
            assert not (publisher or "").startswith(portal.county), url


def identity(url: str, page: Answer) -> tuple[str | None, int | None]:
    """Publisher and year that a page is read to be of; nothing where it is no report."""
    try:
        found = read_report(read_document(page.body, url), url, url).identity
    except NotAReport:
        return None, None
    return found.publisher, found.year


def test_no_page_names_the_county_that_lent_its_style() -> None:
    names = ("青石", "云泽", "栖云", "溪月", "榕浦", "镕山", "颍丰", "'99020", "99020.000", "1199020")
    lent = re.compile("|".join(names))
    for portal, visitor in served()[:STYLES]:
        for url, answer in walk(visitor, portal.home, follow(portal)).items():
            host = urlsplit(url).hostname or ""
            assert host.endswith(urlsplit(portal.home).netloc.removeprefix("www."))
            assert not lent.search(text_of(answer)), url


def test_all_are_built_and_served_at_once() -> None:
    started = time.monotonic()
    found = portals(COUNT)
    with serving([site for portal in found for site in portal.sites()]) as network, httpx.Client() as client:
        for portal in found:
            parts = urlsplit(portal.home)
            answer = client.get(
                f"http://{network.resolve[parts.netloc]}{parts.path}",
                headers={"Host": parts.netloc},
                follow_redirects=False,
            )
            assert answer.status_code in (200, 302)
            assert urlsplit(answer.headers.get("Location", portal.home)).netloc == parts.netloc
        shared = {network.resolve[urlsplit(p.home).netloc] for p in found if p.name.startswith("ucap")}
        assert len(shared) == 1
        assert len(set(network.resolve.values())) > COUNT // 2
    assert time.monotonic() - started < 10
