"""The traps of the Hanweb portal (``portals.md`` §6, row 2) are there."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import parse_qsl, urlsplit

from portals import hanweb
from portals.hanweb import AREAS, FIRST, GOVERNMENT, HIDDEN, HILL, HOST, OFFICE, RIVER, SECOND, THIRD, VALLEY
from portals.hanweb_pages import ANNUAL, OLD_PROXY, PROXY, SEARCH
from portals.reports import Organ
from portals.truth import Report
from portals.visiting import Ask, Visitor, text_of, walk
from portals.web import Request
from scraper.documents import read_document


@cache
def portal() -> hanweb.Hanweb:
    return hanweb.Hanweb()


@cache
def visitor() -> Visitor:
    return Visitor(portal().sites())


@cache
def reached() -> frozenset[str]:
    return frozenset(walk(visitor(), portal().home, hanweb.follow))


def report_of(organ: Organ, year: int) -> Report:
    return next(r for r in portal().truth() if (r.publisher, r.year) == (organ.name, year))


def text(path: str) -> str:
    return text_of(visitor().get(portal().url(path)))


def asks(number: int) -> list[Ask]:
    """What the script of a column asks its proxy for."""
    url = portal().url(f"/col/col{number}/index.html")
    return list(hanweb.follow(url, visitor().get(url)))


def records(reply: str) -> list[str]:
    return re.findall(r"<record><!\[CDATA\[(.*?)\]\]></record>", reply)


def asked(ask: Ask) -> str:
    return text_of(visitor().get(ask.url, posted=ask.posted))


def announced_in(reply: str) -> int:
    found = re.search(r"<totalrecord>(\d+)<", reply)
    assert found
    return int(found[1])


def test_a_column_shows_nothing_and_has_a_data_store_in_a_script() -> None:
    page = text("/col/col101/index.html")
    assert '<div id="4501" class="default_pgContainer"><ul></ul></div>' in page
    assert '<script type="text/xml"><datastore>' in page
    assert all(record.startswith("<li>") for record in records(page))


def test_records_begin_with_a_bare_link_and_cut_titles() -> None:
    shown = records(text("/col/col102/index.html"))
    assert all(record.startswith("<a ") for record in shown)
    cut = [record for record in shown if "…</a>" in record]
    assert cut
    assert all("报告" in record.partition('title="')[2].partition('"')[0] for record in cut)


def test_the_next_group_is_asked_for_by_its_address_and_ends() -> None:
    page = text("/col/col101/index.html")
    seen: list[list[str]] = []
    while found := re.search(r'<nextgroup><!\[CDATA\[<a href="([^"]+)"></a>\]\]>', page):
        assert found[1].startswith(f"{PROXY}?page={len(seen) + 2}&")
        page = text(found[1])
        seen.append(records(page))
    assert [len(group) for group in seen] == [15, 9]


def test_the_proxy_answers_get_and_post_by_places() -> None:
    ask = asks(102)[0]
    assert len(records(asked(ask))) == 20
    joined = f"{ask.url}&{ask.posted.decode()}"
    assert text_of(visitor().get(joined)) == asked(ask)
    assert len(records(text_of(visitor().get(joined.replace("endrecord=48", "endrecord=26"))))) == 2


def test_a_page_number_on_the_column_turns_no_page() -> None:
    page = text("/col/col102/index.html")
    assert 'href="/col/col102/index.html?uid=4502&amp;pageNum=2">下一页' in page
    assert text("/col/col102/index.html?uid=4502&pageNum=2") == page


def test_one_proxy_is_older_takes_post_alone_and_has_less_than_announced() -> None:
    assert all(urlsplit(ask.url).path == OLD_PROXY for ask in asks(104))
    replies = [asked(ask) for ask in asks(104)]
    had = len(records(text("/col/col104/index.html"))) + sum(len(records(reply)) for reply in replies)
    assert (announced_in(replies[0]), had) == portal().announced[portal().url("/col/col104/index.html")]
    assert had < announced_in(replies[0])
    first = asks(104)[0]
    assert not records(text_of(visitor().get(f"{first.url}&{first.posted.decode()}")))


def test_one_proxy_answers_nothing() -> None:
    assert [visitor().get(ask.url, posted=ask.posted).body for ask in asks(321)] == [b""]
    page = text("/col/col321/index.html")
    assert (announced_in(page), len(records(page))) == portal().announced[
        portal().url("/col/col321/index.html")
    ]
    assert announced_in(page) - len(records(page)) == len(HIDDEN) + len(range(2008, 2011))
    assert not any((r.publisher, r.year) in {(o.name, y) for o, y in HIDDEN} for r in portal().truth())
    assert "/art_104_" in report_of(RIVER, 2010).url


def test_the_module_s_tree_stands_in_a_frame() -> None:
    assert '<iframe src="/module/xxgk/tree.jsp?' in text("/col/col110/index.html")
    assert all(area in text("/module/xxgk/tree.jsp") for area in AREAS.values())


def test_the_module_has_a_page_for_each_body_and_year_in_both_orders() -> None:
    for organ, year in ((FIRST, 2008), (THIRD, 2016), (VALLEY, 2025)):
        report = report_of(organ, year)
        asked_for = [dict(parse_qsl(urlsplit(url).query)) for url in report.addresses if ANNUAL in url]
        orders = {url.partition("?")[2].partition("=")[0] for url in report.addresses if ANNUAL in url}
        assert orders == {"area", "fbtime"}
        assert all(fields == {"area": AREAS[organ], "fbtime": str(year)} for fields in asked_for)
        assert {url for url in report.addresses if ANNUAL in url} <= reached()
    assert "暂无内容" in text(f"{ANNUAL}?area={AREAS[FIRST]}&fbtime=2012")


def test_areas_are_credit_codes_and_organisation_codes() -> None:
    assert sorted(map(len, AREAS.values())) == [9, 18, 18, 18]


def test_the_catalogue_has_rows_on_numbered_pages() -> None:
    pages = sorted(url for url in reached() if SEARCH in url and AREAS[SECOND] in url)
    assert [re.search(r"currpage=(\d+)", url)[1] for url in pages] == ["1", "2", "3"]  # type: ignore[index]
    rows = re.findall(r'<tr class="tr_main_value_(odd|even)">', text_of(visitor().get(pages[0])))
    assert rows[:3] == ["odd", "even", "odd"]
    assert report_of(SECOND, 2009).url in reached()


def test_files_are_handed_out_by_hexadecimal_names_in_pairs() -> None:
    report = report_of(GOVERNMENT, 2023)
    names = [dict(parse_qsl(urlsplit(url).query))["filename"] for url in report.attachments]
    assert [re.sub("^[0-9a-f]{32}", "", name) for name in names] == [".pdf", ".docx"]
    for url in report.attachments:
        page = visitor().get(url)
        assert "Content-Disposition" in dict(page.headers)
        assert read_document(page.body, url).paragraphs[0].startswith(f"{GOVERNMENT.name}2023年")
    assert report_of(GOVERNMENT, 2022).duplicates
    assert not report_of(GOVERNMENT, 2022).attachments


def test_a_column_is_itself_a_report() -> None:
    report = report_of(HILL, 2022)
    assert urlsplit(report.url).path == "/col/col81605/index.html"
    assert "datastore" not in text("/col/col81605/index.html")


def test_a_report_of_2015_bears_a_day_of_2023() -> None:
    assert urlsplit(report_of(GOVERNMENT, 2015).url).path == "/art/2023/8/28/art_101_9.html"


def test_one_link_leads_to_a_host_that_is_no_government_s() -> None:
    report = report_of(OFFICE, 2014)
    assert report.outcome == "out_of_scope"
    assert not (urlsplit(report.url).hostname or "").endswith(".gov.cn.test")
    assert report.url in reached()


def test_articles_are_not_sent_again() -> None:
    path = urlsplit(report_of(GOVERNMENT, 2020).url).path
    tag = dict(portal().site.answer(Request("GET", HOST, path, {})).headers)["ETag"]
    assert portal().site.answer(Request("GET", HOST, path, {"if-none-match": tag})).status == 304


def test_robots_close_the_back_office() -> None:
    assert "Disallow: /jcms/" in text("/robots.txt")
    assert 'href="/jcms/login.do"' in text("/index.html")
