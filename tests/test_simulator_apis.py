"""What the portals with programming interfaces try a crawler with is served, and as it is in the wild."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from protego import Protego

from portals import guangdong, jpaas, ucap
from portals.catalogue import only_links
from portals.guangdong import Guangdong
from portals.jpaas import Jpaas
from portals.published import CountyPortal
from portals.truth import Report
from portals.ucap import Ucap
from portals.visiting import Visitor, walk, written_links
from portals.web import Answer, Request, serving
from scraper.documents import read_document
from scraper.forms import read_report

Json = dict[str, Any]
Kind = Callable[[], CountyPortal]
"""One of the three portals."""

KINDS: list[Kind] = [Jpaas, Ucap, Guangdong]
every = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
_LINK = re.compile(r'<li><a href="([^"]+)" title="')


@cache
def built(kind: Kind) -> tuple[CountyPortal, Visitor]:
    """A portal, and somebody who has its cookies."""
    portal = kind()
    visitor = Visitor(portal.sites())
    visitor.get(portal.home)
    return portal, visitor


def text(kind: Kind, url: str) -> str:
    """A page's characters."""
    answer = built(kind)[1].get(url)
    assert answer.status == 200, url
    return answer.body.decode()


def reports(kind: Kind, /, **wanted: object) -> list[Report]:
    """The reports of the truth that have these values."""
    truth = built(kind)[0].truth()
    return [report for report in truth if all(getattr(report, key) == value for key, value in wanted.items())]


def listed(page: str, url: str) -> list[str]:
    """The addresses of a list's articles."""
    return [urljoin(url, href) for href in _LINK.findall(page)]


# What all three have


@every
def test_bodies_end_and_years_are_missing_on_purpose(kind: Kind) -> None:
    portal, _ = built(kind)
    years = {organ.name: {r.year for r in reports(kind, publisher=organ.name)} for organ in portal.organs}
    assert max(years[portal.departments[3].name]) == 2018
    assert max(years[portal.townships[3].name]) < 2018
    gaps = [name for name, found in years.items() if {2011, 2013} <= found and 2012 not in found]
    assert len(gaps) == 2


@every
def test_reports_came_out_years_before_their_page(kind: Kind) -> None:
    moved = [report for report in reports(kind, year=2010, outcome="ok") if report.publisher]
    stamps = [re.search(r'name="PubDate" content="(\d{4})', text(kind, report.url)) for report in moved]
    assert all(stamp and int(stamp[1]) >= 2016 for stamp in stamps)


@every
def test_meta_tags_are_those_of_the_rules_and_some_are_empty(kind: Kind) -> None:
    new, old = (reports(kind, year=year, kind="department", outcome="ok")[0] for year in (2021, 2011))
    for report in (new, old):
        names = re.findall(r'<meta name="(\w+)"', text(kind, report.url))
        assert {"SiteName", "SiteDomain", "SiteIDCode", "ColumnName", "ArticleTitle", "PubDate"} <= set(names)
    assert f'name="ContentSource" content="{new.publisher}"' in text(kind, new.url)
    assert 'name="ContentSource" content=""' in text(kind, old.url)


@every
def test_pages_that_did_not_change_are_not_sent_again(kind: Kind) -> None:
    portal, visitor = built(kind)
    report = reports(kind, year=2022, kind="department")[1]
    cookies = visitor.cookies[urlsplit(portal.home).hostname or ""]
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    with serving(portal.sites()) as network:
        parts = urlsplit(report.url)
        connection = HTTPConnection(network.resolve[parts.hostname or ""])
        headers = {"Host": parts.hostname or "", "Cookie": cookie}
        connection.request("GET", parts.path, headers=headers)
        first = connection.getresponse()
        assert (first.status, bool(first.read())) == (200, True)
        known = {"If-None-Match": first.headers["ETag"], "If-Modified-Since": first.headers["Last-Modified"]}
        for name, value in known.items():
            connection.request("GET", parts.path, headers=headers | {name: value})
            again = connection.getresponse()
            assert (again.status, again.read()) == (304, b"")
        connection.close()


@every
def test_a_second_portal_is_the_same(kind: Kind) -> None:
    other = kind()
    assert other.truth() == built(kind)[0].truth()
    report = reports(kind, year=2020, outcome="ok")[0]
    cookies = Visitor(other.sites())
    assert cookies.get(report.url).body == built(kind)[1].get(report.url).body


# JPaaS


def column_of(url: str) -> tuple[Json, int, int, list[str]]:
    """A column's query data, announced count, lines on a page, and the articles that are written on it."""
    page = text(Jpaas, url)
    found = re.search(r'queryData="(\{[^"]+\})" unitUrl="([^"]+)" count="(\d+)" rows="(\d+)"', page)
    assert found
    assert found[2] == jpaas.UNIT
    return dict(re.findall(r"'(\w+)':'([^']*)'", found[1])), int(found[3]), int(found[4]), listed(page, url)


def unit(url: str, number: int, referer: str = "") -> Answer:
    """A page of a column's unit."""
    fields, _, rows, _ = column_of(url)
    param = json.dumps({"pageNo": number, "pageSize": rows})
    query = urlencode(fields | {"editType": "null", "paramJson": param})
    return built(Jpaas)[1].get(f"{jpaas.BASE}{jpaas.UNIT}?{query}", referer)


OLDER = f"{jpaas.BASE}/zfxxgk/zfxxgknb/lnnb/index.html"


def test_jpaas_sends_everybody_to_where_he_came_from_once() -> None:
    host = built(Jpaas)[0].sites()[0]
    for target in ("/", "/robots.txt", "/zfxxgk/index.html?a=1"):
        answer = host.answer(Request("GET", jpaas.HOST, target, {}))
        said = dict(answer.headers)
        assert (answer.status, said["Location"]) == (302, jpaas.BASE + target)
        assert said["Set-Cookie"].startswith(jpaas.COOKIE)
        again = Request("GET", jpaas.HOST, target, {"cookie": f"{jpaas.COOKIE}=1"})
        assert host.answer(again).status == 200


def test_jpaas_units_want_to_know_the_column() -> None:
    assert unit(OLDER, 2).status == 403
    assert unit(OLDER, 2, "http://www.elsewhere.gov.cn.test/").status == 403
    answer = unit(OLDER, 2, OLDER)
    assert answer.status == 200
    assert json.loads(answer.body)["success"] is True


def test_jpaas_units_have_what_the_column_announces_decoys_included() -> None:
    fields, count, rows, written = column_of(OLDER)
    assert fields.keys() >= {"webId", "pageId", "tagId", "tplSetId", "parseType", "pageType"}
    assert (fields["parseType"], len(written)) == ("bulidstatic", rows)
    pages = -(-count // rows)
    got = [json.loads(unit(OLDER, number, OLDER).body)["data"]["html"] for number in range(1, pages + 1)]
    links = [link for html in got for link in listed(html, OLDER)]
    assert links[:rows] == written
    assert len(set(links)) == len(links) == count
    assert len(set(links) & built(Jpaas)[0].decoys()) == 10
    assert not listed(json.loads(unit(OLDER, pages + 1, OLDER).body)["data"]["html"], OLDER)


def test_a_jpaas_column_ignores_the_page_and_its_reports_are_elsewhere() -> None:
    portal, _ = built(Jpaas)
    url = f"{jpaas.BASE}/zfxxgk/{portal.townships[0].slug}/zfxxgknb/index.html"
    _, count, rows, written = column_of(url)
    assert count > rows
    assert listed(json.loads(unit(url, 2, url).body)["data"]["html"], url) == written
    beyond = [report for report in portal.truth() if "ignores pageNo" in report.trap]
    assert len(beyond) == count - rows
    for report in beyond:
        year_list = f"{jpaas.BASE}/zfxxgk/zfxxgknb/{report.year}/zjyq/index.html"
        assert set(column_of(year_list)[3]) & report.addresses


def test_jpaas_has_years_and_organs_as_folders_and_a_deleted_page() -> None:
    paths = {urlsplit(url).path for report in built(Jpaas)[0].truth() for url in report.addresses}
    assert any(re.fullmatch(r"/zfxxgk/zfxxgknb/2022/zjyq/art/2023/art_[0-9a-f]{32}\.html", p) for p in paths)
    assert any(re.fullmatch(r"/zfxxgk/\w+/zfxxgknb/art/2026/art_[0-9a-f]{32}\.html", p) for p in paths)
    (deleted,) = reports(Jpaas, outcome="gone")
    assert built(Jpaas)[1].get(deleted.url).status == 404
    assert deleted.url in walk_links(Jpaas)


# UCAP


SUMMARY = f"{ucap.BASE}/xyx/c111100/zfxxgklby_nb.shtml"


def search(channel: str, number: int = 1, rows: int = 15) -> Json:
    """A page of a channel's JSON."""
    query = f"_isAgg=true&_isJson=true&_pageSize={rows}&_template=index&_channelName=&page={number}"
    answer = built(Ucap)[1].get(f"{ucap.BASE}{ucap.SEARCH}{channel}?{query}")
    assert (answer.content_type or "").startswith("application/json")
    data: Json = json.loads(answer.body)["data"]
    return data


def test_ucap_lists_are_written_under_another_name_and_are_json_too() -> None:
    first = text(Ucap, SUMMARY)
    found = re.search(r"createPageHTML\('page_div',(\d+), 1,'list','shtml',(\d+)\)", first)
    assert found
    assert found[1] == "4"
    pages = [SUMMARY, *(urljoin(SUMMARY, f"list_{number}.shtml") for number in (2, 3, 4))]
    written = [link for url in pages for link in listed(text(Ucap, url), url)]
    data = [search("111100", number, 40) for number in (1, 2, 3)]
    results = [result for page in data for result in page["results"]]
    assert data[0]["total"] == len(written) == int(found[2]) == len(results)
    assert [result["url"] for result in results] == [url.removeprefix("http:") for url in written]
    assert all(isinstance(result["publishedTimeStr"], str) for result in results)
    assert set(written) & built(Ucap)[0].decoys()
    assert '<meta name="channelid" content="111100">' in first


def test_a_ucap_list_is_json_alone_and_counts_decoys() -> None:
    page = text(Ucap, f"{ucap.BASE}/xyx/c111120/zfxxgklby_nb.shtml")
    assert not listed(page, SUMMARY)
    assert "/common/search/" in page
    data = search("111120", rows=100)
    decoys = {f"http:{result['url']}" for result in data["results"]} & built(Ucap)[0].decoys()
    assert data["total"] == len(data["results"])
    assert len(decoys) == 5
    assert not search("111120", 50)["results"]


def test_a_ucap_column_is_named_by_reports_alone() -> None:
    pages = walk_links(Ucap)
    assert ucap.UNLINKED not in pages
    quoting = reports(Ucap, trap="quotes the address of a column that nothing links to")
    assert len(quoting) == 2
    assert all(f"可在 {ucap.UNLINKED} 查阅" in text(Ucap, report.url) for report in quoting)
    hidden = reports(Ucap, trap="in a column that only reports' texts name")
    assert len(hidden) == 7
    assert set(listed(text(Ucap, ucap.UNLINKED), ucap.UNLINKED)) == {report.url for report in hidden}


def test_ucap_has_another_countys_reports_on_the_same_host() -> None:
    sisters = [url for url in built(Ucap)[0].decoys() if "/dhx/" in url]
    assert len(sisters) == 40
    for url in sisters:
        identity = read_report(read_document(built(Ucap)[1].get(url).body, url), url, url).identity
        assert (identity.publisher or "").startswith("丹河县")
    assert urlsplit(ucap.SISTERS).path in hrefs(text(Ucap, f"{ucap.BASE}/index.shtml"))


def test_ucap_says_with_200_that_something_is_not_there() -> None:
    (lost,) = reports(Ucap, outcome="soft404")
    assert "您访问的页面不存在" in text(Ucap, lost.url)
    assert "<html" in text(Ucap, f"{ucap.BASE}/robots.txt")
    assert built(Ucap)[1].get(f"{ucap.BASE}/xyx/c111098/ysq.shtml").status == 404


def test_ucap_articles_are_in_the_vendors_own_elements() -> None:
    report = next(report for report in reports(Ucap, year=2023) if "quotes" in report.trap)
    page = text(Ucap, report.url)
    assert all(f"<{tag}>" in page for tag in ("UCAPTITLE", "PUBLISHTIME", "UCAPCONTENT"))
    assert re.search(r"/xyx/c111100/2024\d\d/[0-9a-f]{32}\.shtml$", report.url)
    assert any(re.search(r"/c01_\d{6}\.shtml$", url) for url in reports(Ucap, year=2010)[0].addresses)


# Guangdong


def config(prefix: str = "") -> tuple[str, list[Json]]:
    """The SID and all nodes of a directory's tree."""
    page = text(Guangdong, f"{guangdong.BASE}{prefix}/gkmlpt/index")
    found = re.search(r"window\._CONFIG = \{.*SID: '(\d+)'.*TREE: (\[.*\])", page, re.DOTALL)
    assert found
    return found[1], json.loads(found[2])


def flat(nodes: list[Json], depth: int = 1) -> Iterator[tuple[int, Json]]:
    """Nodes with their depth."""
    for node in nodes:
        yield depth, node
        yield from flat(node["children"], depth + 1)


def api(prefix: str, page: int, category: int = 3215, sid: str = "") -> Answer:
    """A page of a directory's list."""
    sid = sid or config(prefix)[0]
    url = f"{guangdong.BASE}{prefix}/gkmlpt/api/all/{category}?page={page}&sid={sid}"
    return built(Guangdong)[1].get(url)


def articles(prefix: str, page: int, category: int = 3215, sid: str = "") -> list[Json]:
    """The articles on a page of a directory's list."""
    found: list[Json] = json.loads(api(prefix, page, category, sid).body)["articles"]
    return found


def test_gkmlpt_trees_have_the_reports_deep_down_and_a_list_elsewhere() -> None:
    nodes = {node["name"]: (depth, node) for depth, node in flat(config()[1])}
    depth, reports_node = nodes["政府信息公开年报"]
    assert depth == 3
    assert reports_node["post_count"] > 100
    jump = nodes["历史年报"][1]["jump_url"]
    assert jump.startswith(guangdong.BASE)
    assert jump not in walk_links(Guangdong)
    old = set(listed(text(Guangdong, jump), jump))
    assert len(old) == 3
    assert old <= {report.url for report in built(Guangdong)[0].truth()}


def test_gkmlpt_lists_begin_at_0_or_1_and_have_at_most_100() -> None:
    first, second = articles("", 1), articles("", 2)
    assert articles("", 0) == first == articles("", 1, category=0)
    assert len(first) == 100
    ids = {article["id"] for article in [*first, *second]}
    assert len(ids) == json.loads(api("", 1).body)["classify"]["post_count"] == 100 + len(second)
    assert not articles("", 3)
    assert not articles("", 1, sid="1")
    assert all(isinstance(article["date"], int) for article in first)


def test_one_gkmlpt_directory_has_no_second_page() -> None:
    announced = json.loads(api("/xz2", 1).body)["classify"]["post_count"]
    assert announced > len(articles("/xz2", 1)) == 10
    assert api("/xz2", 2).status == 404
    assert api("/xz1", 2).status == 200
    beyond = reports(Guangdong, trap="on page 2 of a directory that answers page 1 only")
    assert beyond
    plain = walk_links(Guangdong)
    assert all(report.addresses & plain for report in beyond)


def test_gkmlpt_posts_lie_at_two_addresses_with_their_detail() -> None:
    article = next(a for a in articles("", 1) if a["post_url"] and not a["attachment"])
    twin = f"{article['url']}?jump=false"
    pages = [text(Guangdong, url) for url in (article["post_url"], article["url"], twin)]
    assert twin.removeprefix(guangdong.BASE) in pages[0]
    assert re.search(r"/gkmlpt/content/3/3255/post_3255\d{3}\.html$", article["url"])
    detail = re.search(r"DETAIL: (\{.*\})\n", pages[1])
    assert detail
    content = json.loads(detail[1])["content"]
    assert "<p>" not in content
    assert all(unescape(content) in page for page in pages)


def test_gkmlpt_posts_out_of_force_are_reports_still() -> None:
    flagged = [a for number in (1, 2) for a in articles("", number) if a["is_expired"] or a["is_abolished"]]
    urls = {article["url"] for article in flagged}
    marked = [report for report in built(Guangdong)[0].truth() if report.addresses & urls]
    assert len(marked) == 2
    assert all("此件已" in text(Guangdong, report.url) for report in marked)
    assert urls & built(Guangdong)[0].decoys()


def test_nfcms_lists_have_next_links() -> None:
    url = f"{guangdong.BASE}/zwgk/zfxxgknb/index.html"
    seen = 0
    for number in range(1, 20):
        page = text(Guangdong, url)
        seen += len(listed(page, url))
        following = re.search(r'<a class="next" href="([^"]+)">下一页</a>', page)
        if following is None:
            break
        assert following[1] == f"index_{number + 1}.html"
        url = urljoin(url, following[1])
    assert number > 3
    assert seen > 60


def test_a_folder_is_forbidden_to_robots() -> None:
    rules = Protego.parse(text(Guangdong, f"{guangdong.BASE}/robots.txt"))
    forbidden = reports(Guangdong, outcome="robots")
    assert len(forbidden) == 2
    for report in built(Guangdong)[0].truth():
        assert rules.can_fetch(report.url, "nianbao") is (report.outcome == "ok")
    assert {report.url for report in forbidden} <= walk_links(Guangdong)


# Files


@pytest.mark.parametrize("kind", [Ucap, Guangdong], ids=lambda kind: kind.__name__)
def test_files_are_the_reports_that_their_pages_only_announce(kind: Kind) -> None:
    found = [report for report in built(kind)[0].truth() if report.attachments]
    assert any(report.attachments[0].endswith(".pdf") for report in found)
    for report in found:
        (file,) = report.attachments
        assert re.search(r"/files/[0-9a-f]{32}\.pdf$|/attachment/0/\d+/\d+/\d+\.(pdf|xls)$", file)
        assert file in hrefs(text(kind, report.url)) or urlsplit(file).path in hrefs(text(kind, report.url))
        identity = read_report(read_document(built(kind)[1].get(file).body, file), file, file).identity
        assert (identity.publisher, identity.year) == (report.publisher, report.year)


def hrefs(page: str) -> set[str]:
    """All links that are written on a page."""
    return set(re.findall(r'href="([^"]+)"', page))


@cache
def walk_links(kind: Kind) -> set[str]:
    """Every address that somebody without scripts finds a link to, the dead ones included."""
    portal, visitor = built(kind)
    pages = walk(visitor, portal.home, only_links)
    return {link.url for url, answer in pages.items() for link in written_links(url, answer)}
