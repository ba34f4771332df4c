"""What the VSB and Lonsun portals try a crawler with is really there."""

from __future__ import annotations

import json
import re
from functools import cache
from urllib.parse import urljoin

import httpx
import pytest

from portals.lonsun import Lonsun
from portals.truth import Report
from portals.visiting import Visitor, text_of, written_links
from portals.vsb import Article, Vsb
from portals.web import Answer, serving
from scraper.documents import read_document
from scraper.forms import read_report


@cache
def vsb() -> tuple[Vsb, Visitor]:
    portal = Vsb()
    return portal, Visitor(portal.sites())


@cache
def lonsun() -> tuple[Lonsun, Visitor]:
    portal = Lonsun()
    return portal, Visitor(portal.sites())


def links(url: str, answer: Answer) -> list[str]:
    return [ask.url for ask in written_links(url, answer)]


def article_with(form: str = "", fault: str = "") -> Article:
    portal, _ = vsb()
    return next(a for a in portal.articles() if (a.form, a.fault) == (form, fault))


def the_report(portal: Vsb | Lonsun, trap: str) -> Report:
    return next(report for report in portal.truth() if report.trap == trap)


# VSB


def test_pages_say_gb2312_and_hold_characters_that_it_lacks() -> None:
    portal, visitor = vsb()
    page = visitor.get(portal.home)
    assert page.content_type == "text/html; charset=gb2312"
    assert b"charset=gb2312" in page.body
    text = page.body.decode("gbk")
    assert "镕" in text
    assert "喆" in text
    with pytest.raises(UnicodeDecodeError):
        page.body.decode("gb2312")
    with pytest.raises(UnicodeDecodeError):
        page.body.decode("utf-8")


def test_one_header_says_utf_8_and_one_list_says_nothing() -> None:
    portal, visitor = vsb()
    wrong = visitor.get(portal.url(article_with(fault="says utf-8").path))
    assert wrong.content_type == "text/html; charset=UTF-8"
    assert "镕山县人民政府2020年" in wrong.body.decode("gbk")
    types = {visitor.get(portal.url(column.address(1))).content_type for column in portal.columns()}
    assert types == {"text/html; charset=gb2312", "text/html"}


def test_the_pages_of_a_list_count_down_and_are_linked_from_their_own_folder() -> None:
    portal, visitor = vsb()
    first, second, third = (portal.url(path) for path in ("/xxgknb.htm", "/xxgknb/2.htm", "/xxgknb/1.htm"))
    assert next_of(visitor.get(first)) == "xxgknb/2.htm"
    assert next_of(visitor.get(second)) == "1.htm"
    assert next_of(visitor.get(third)) is None
    text = text_of(visitor.get(second))
    assert '<li id="line_u7_0"><a href="../info/1025/' in text
    assert f"共{len(portal.reports.articles)}条&nbsp;2/3" in text
    assert visitor.get(portal.url("/xxgknb/3.htm")).status == 404
    assert portal.url("/info/1025/6.htm") in links(third, visitor.get(third))


def next_of(page: Answer) -> str | None:
    found = re.search(r'<span class="p_next[^"]*"><a href="([^"]+)">下页', text_of(page))
    return found and found[1]


def test_one_list_goes_on_in_a_program() -> None:
    portal, visitor = vsb()
    column = next(column for column in portal.columns() if column.dynamic)
    url = portal.url(column.address(1))
    href = re.search(r'<a href="([^"]+)" class="Next">', text_of(visitor.get(url)))
    assert href
    second = urljoin(url, href[1].replace("&amp;", "&"))
    assert "/list.jsp?totalpage=2&PAGENUM=2&urltype=tree.TreeTempUrl&wbtreeid=" in second
    shown = links(second, visitor.get(second))
    assert set(shown) >= {portal.url(article.path) for article in column.articles[10:]}


def test_files_are_given_out_only_with_a_referer() -> None:
    portal, visitor = vsb()
    article = article_with("docx")
    url, page = portal.url(portal.file_path(article)), portal.url(article.path)
    assert url in links(page, visitor.get(page))
    assert "附件【<a " in text_of(visitor.get(page))
    assert "不支持直接访问" in text_of(visitor.get(url))
    assert "不支持直接访问" in text_of(visitor.get(url, referer="http://elsewhere.gov.cn.test/"))
    given = visitor.get(url, referer=page)
    assert given.body.startswith(b"PK")
    assert given.content_type == "application/octet-stream"
    name = dict(given.headers)["Content-Disposition"].encode("latin-1").decode("gbk")
    assert name == f'attachment; filename="{article.title}.docx"'


def test_one_file_always_asks_for_a_captcha() -> None:
    portal, visitor = vsb()
    article = article_with("captcha")
    for _ in range(3):
        answer = visitor.get(portal.url(portal.file_path(article)), referer=portal.url(article.path))
        assert answer.status == 200
        assert "请输入验证码" in text_of(answer)
    (report,) = (report for report in portal.truth() if report.outcome == "needs_captcha")
    assert report.url == portal.url(article.path)


@pytest.mark.parametrize(
    ("form", "ending", "beginning"), [("html", ".doc", b"<html>"), ("wps", ".wps", b"\xd0\xcf")]
)
def test_files_are_not_what_their_names_say(form: str, ending: str, beginning: bytes) -> None:
    portal, visitor = vsb()
    article = article_with(form)
    page = portal.url(article.path)
    given = visitor.get(portal.url(portal.file_path(article)), referer=page)
    assert given.body.startswith(beginning)
    assert f"{article.title}{ending}" in text_of(visitor.get(page))


def test_three_townships_share_a_zip_file() -> None:
    portal, visitor = vsb()
    article = article_with("zip")
    given = visitor.get(portal.url(portal.file_path(article)), referer=portal.url(article.path))
    together = [report for report in portal.truth() if report.trap == "three bodies in one ZIP file"]
    assert [(report.kind, report.year) for report in together] == [("township", 2016)] * 3
    assert given.body.count(b"PK\x01\x02") == 3


def test_a_deleted_page_answers_200() -> None:
    portal, visitor = vsb()
    (report,) = (report for report in portal.truth() if report.outcome == "soft404")
    page = visitor.get(report.url)
    assert page.status == 200
    assert "该信息已被删除" in text_of(page)


def test_reports_stand_in_two_columns_and_titles_on_two_lines() -> None:
    portal, visitor = vsb()
    double = the_report(portal, "in two columns")
    assert [url.split("/")[4] for url in (double.url, *double.duplicates)] == ["1102", "1025"]
    assert "镕山县人民政府<br />2015年" in text_of(visitor.get(the_report(portal, "title cut").url))


def test_moved_columns_have_later_days() -> None:
    portal, _ = vsb()
    days = {(organ.kind, year): a.day.year for a in portal.articles() for organ, year in a.reports}
    assert days["department", 2009] == days["township", 2015] == 2017
    assert days["county_government", 2015] == 2023


# Lonsun


def column_url(portal: Lonsun, office: int, **fields: str) -> str:
    query = "&".join(
        f"{name}={value}" for name, value in {"type": "3", "nav": "5", "sub": "4", **fields}.items()
    )
    return f"http://{portal.host}/public/column/{office}?{query}"


def test_a_page_for_each_year_and_some_are_empty() -> None:
    portal, visitor = lonsun()
    shown = {
        year: items(visitor.get(column_url(portal, 7471, timeFrame=str(year)))) for year in range(2007, 2027)
    }
    assert {year for year, found in shown.items() if not found} == {2007, 2012, 2026}
    assert len(shown[2021]) == 2
    assert len(shown[2022]) == len(shown[2024]) == 12
    assert "暂无相关信息" in text_of(visitor.get(column_url(portal, 7471, timeFrame="2012")))


def items(page: Answer) -> list[str]:
    return re.findall(
        r'<(?:li|td class="bt")><a href="(/public/\d+/\d+\.html|/public/content/\d+)"', text_of(page)
    )


def label(portal: Lonsun, office: int, page: int) -> str:
    fields = f"IsAjax=1&dataType=html&labelName=publicInfoList&siteId=6788&organId={office}&type=3&catId="
    return f"{fields}&pageIndex={page}&pageSize=8&action=list"


@pytest.mark.parametrize(("part", "begins"), [("first department", "<li>"), ("second department", "<tr>")])
def test_lists_come_in_fragments_by_get_and_by_post(part: str, begins: str) -> None:
    portal, visitor = lonsun()
    office = next(office for office in portal.offices if portal.parts[office.organ] == part)
    url = f"http://{portal.host}/site/label/8888"
    pages = [visitor.get(f"{url}?{label(portal, office.id, page)}") for page in (1, 2, 3, 4)]
    assert [article.path for article in office.articles] == [path for page in pages for path in items(page)]
    assert text_of(pages[1]).startswith(begins)
    assert items(pages[3]) == []
    assert visitor.get(url, posted=label(portal, office.id, 2).encode()).body == pages[1].body


def test_one_list_is_only_posted_for_and_its_body_is_only_in_the_tree() -> None:
    portal, visitor = lonsun()
    (office,) = portal.listed("posted")
    url = f"http://{portal.host}/site/label/8888"
    assert items(visitor.get(f"{url}?{label(portal, office.id, 1)}")) == []
    assert len(items(visitor.get(url, posted=label(portal, office.id, 1).encode()))) == 8
    directory = f"http://{portal.host}/zwgk/bmxx/index.html"
    page = visitor.get(directory)
    assert f"/public/column/{office.id}" not in text_of(page)
    tree = visitor.get(f"{url}?IsAjax=1&dataType=json&labelName=columnTree&isJson=true&siteId=6788")
    nodes = [node for group in json.loads(tree.body) for node in group["children"]]
    assert office.id in [node["organId"] for node in nodes]
    assert len(nodes) == len(portal.offices) - 1


def test_reports_have_two_addresses() -> None:
    portal, visitor = lonsun()
    report = next(report for report in portal.truth() if report.kind == "county_government")
    assert re.search(r"/public/7471/\d+\.html$", report.url)
    (other,) = report.duplicates
    assert "/public/content/" in other
    assert visitor.get(report.url).body == visitor.get(other).body


def test_a_list_of_pages_never_ends() -> None:
    portal, visitor = lonsun()
    office = portal.listed("shown")[0]
    base = f"http://{portal.show_host}/OpennessContent/showList/{office.id}/9/"
    pages = {n: visitor.get(f"{base}page_{n}.html") for n in (4, 5, 6, 999)}
    assert all(page.status == 200 for page in pages.values())
    shown = {n: re.findall(r"/show/\d+\.html", text_of(page)) for n, page in pages.items()}
    assert shown[4] != shown[5] == shown[6] == shown[999]
    assert 'href="page_1000.html">下一页' in text_of(pages[999])


def test_reports_of_townships_stand_in_show_pages_and_files() -> None:
    portal, visitor = lonsun()
    townships = [report for report in portal.truth() if report.kind == "township"]
    assert all(re.search(r"/XxgkAnnualReport/show/\d+\.html$", report.url) for report in townships)
    files = [file for report in portal.truth() for file in report.attachments]
    assert {file.rpartition(".")[2] for file in files} == {"docx", "pdf", "xls"}
    assert all("/group1/M00/" in file and visitor.get(file).body for file in files)


def test_decoys_of_all_kinds_stand_among_the_reports() -> None:
    portal, _ = lonsun()
    titles = [a.title for office in portal.offices for a in office.articles]
    for words in ("解读", "报表", "法治政府", "制度", "通知"):
        assert any(words in title for title in titles)


def test_one_department_is_behind_a_challenge() -> None:
    portal, visitor = lonsun()
    (office,) = portal.listed("barred")
    barred = [report for report in portal.truth() if report.outcome == "blocked"]
    listed = links(portal.home, visitor.get(column_url(portal, office.id)))
    assert {report.publisher for report in barred} == {office.organ.name}
    assert {report.url for report in barred} <= set(listed)
    for url in (barred[0].url, f"http://{portal.host_of(office)}/robots.txt"):
        answer = visitor.get(url)
        assert answer.status == 521
        assert b"__jsl_clearance" in answer.body
        assert dict(answer.headers)["Set-Cookie"].startswith("__jsluid")


def test_a_listed_report_is_gone() -> None:
    portal, visitor = lonsun()
    (report,) = (report for report in portal.truth() if report.outcome == "gone")
    assert visitor.get(report.url).status == 404


# Both


def test_pages_are_answered_with_304_to_those_who_have_them() -> None:
    portals = [vsb()[0], lonsun()[0]]
    with (
        serving([site for portal in portals for site in portal.sites()]) as network,
        httpx.Client() as client,
    ):
        for portal in portals:
            report = next(report for report in portal.truth() if report.outcome == "ok")
            host = httpx.URL(report.url).host
            address = f"http://{network.resolve[host]}{httpx.URL(report.url).raw_path.decode()}"
            first = client.get(address, headers={"Host": host})
            assert first.status_code == 200
            identity = read_report(read_document(first.content, report.url), report.url).identity
            assert (identity.publisher, identity.year) == (report.publisher, report.year)
            for have, given in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
                again = client.get(address, headers={"Host": host, have: first.headers[given]})
                assert again.status_code == 304
                assert not again.content
            changed = client.get(address, headers={"Host": host, "If-None-Match": '"other"'})
            assert changed.status_code == 200
