"""The traps of the TRS portal (``portals.md`` §6, row 1) are there."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urlsplit

import pytest

from portals import trs
from portals.reports import Organ
from portals.trs import FIRST, GOVERNMENT, HILL, HOST, HUB, OFFICE, RIVER, SECOND, THIRD, VALLEY
from portals.truth import Report
from portals.visiting import Visitor, text_of, walk, written_links
from portals.web import Request


@cache
def portal() -> trs.Trs:
    return trs.Trs()


@cache
def visitor() -> Visitor:
    return Visitor(portal().sites())


@cache
def reached() -> frozenset[str]:
    return frozenset(walk(visitor(), portal().home, trs.follow))


def report_of(organ: Organ, year: int) -> Report:
    return next(r for r in portal().truth() if (r.publisher, r.year) == (organ.name, year))


def text(url: str) -> str:
    return text_of(visitor().get(url))


def own_list(organ: Organ) -> str:
    """The list in the tree of ``organ``."""
    return report_of(organ, 2024).url.partition("20250")[0]


@pytest.mark.parametrize(
    "path", ["2022n/", "2020nian/", "2016nq/", "2016nq/index_1.html", "2016nq/index_2.html"]
)
def test_the_hub_has_folders_by_year(path: str) -> None:
    assert portal().url(HUB) in reached()
    assert "createPageHTML(" in text(portal().url(HUB + path))


def test_no_link_leads_to_the_second_page() -> None:
    url = portal().url(f"{HUB}2016nq/")
    assert 'createPageHTML(3,0,"index","html")' in text(url)
    linked = {ask.url for ask in written_links(url, visitor().get(url))}
    assert not any("index_" in other for other in linked)


def test_trees_of_bodies_are_linked_from_their_menus_alone() -> None:
    for url in reached():
        links = {urlsplit(ask.url).path for ask in written_links(url, visitor().get(url))}
        trees = {path for path in links if re.match(r"/bmjz/(?:bm|jz)/\w+_\d+/$", path)}
        assert not trees or "/bmjz/" in urlsplit(url).path


def test_what_is_old_bears_the_day_on_which_it_was_moved() -> None:
    old = [r for r in portal().truth() if r.year <= 2016]
    assert all("/201706/t20170621_" in r.url for r in old)
    assert "t20211105" in report_of(FIRST, 2018).url


def test_telephones_have_pages_and_addresses_of_their_own() -> None:
    newest = report_of(GOVERNMENT, 2025)
    assert {url.partition(".html")[2] for url in newest.addresses} >= {
        "?isMobile=true",
        "?isMobile=false&ddtab=true",
    }
    assert any(url.endswith("_wap.html") for url in newest.duplicates)
    assert newest.addresses <= reached()
    assert (
        report_of(VALLEY, 2019).url in reached()
        or report_of(VALLEY, 2019).url + "?isMobile=true" in reached()
    )


def test_reports_stand_in_the_body_s_tree_and_in_the_summary() -> None:
    twice = report_of(SECOND, 2020)
    assert "/bmjz/" in twice.url
    assert any(HUB in url for url in twice.duplicates)


def test_one_report_is_filed_in_another_body_s_list() -> None:
    assert SECOND.slug in report_of(RIVER, 2021).url
    assert not report_of(RIVER, 2021).duplicates


def test_one_report_is_only_clicked_on() -> None:
    url = report_of(FIRST, 2023).url
    linked = {ask.url for page in reached() for ask in written_links(page, visitor().get(page))}
    assert url not in linked
    assert url in reached()


def test_one_list_numbers_its_second_page_two() -> None:
    folder = own_list(THIRD)
    assert visitor().get(f"{folder}index_1.html").body == visitor().get(folder).body
    assert visitor().get(f"{folder}index_2.html").body != visitor().get(folder).body


def test_a_deep_page_is_a_stub_and_hides_two_reports() -> None:
    stub = f"{own_list(HILL)}index_2.html"
    page = visitor().get(stub)
    assert (page.status, len(page.body)) == (200, 350)
    hidden = [r for r in portal().truth() if r.outcome == "soft404"]
    assert [r.year for r in hidden] == [2009, 2010]
    assert all(stub in r.duplicates and r.url not in reached() for r in hidden)


def test_dead_links_and_the_closed_part() -> None:
    gone = report_of(OFFICE, 2011)
    assert gone.outcome == "gone"
    assert visitor().get(gone.url).status == 404
    preview = report_of(VALLEY, 2010)
    assert preview.outcome == "robots"
    assert preview.url in reached()
    assert urlsplit(preview.url).path.startswith("/wcm/")
    assert "Disallow: /wcm/" in text(portal().url("/robots.txt"))


def test_articles_are_not_sent_again() -> None:
    path = urlsplit(report_of(GOVERNMENT, 2020).url).path
    headers = dict(portal().site.answer(Request("GET", HOST, path, {})).headers)
    for name, value in (("if-none-match", headers["ETag"]), ("if-modified-since", headers["Last-Modified"])):
        assert portal().site.answer(Request("GET", HOST, path, {name: value})).status == 304
