"""The crawler on small portals: what it follows, what it takes for a report, and what a new visit notices."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from conftest import TONGXIN, Run
from crawling import Kept, crawl_all
from portal_server import Answer, Answers, PortalServer, serving
from scraper.archive import Archive
from scraper.crawl import PortalCrawl
from scraper.portals import Portal, write_registry

HOST = "www.tongxin.gov.cn.test"
ROBOTS = Answer(b"User-agent: *\nDisallow: /admin/\n", headers={"Content-Type": "text/plain"})
HOME = Answer('<html><body><a href="/list.html">政府信息公开年报</a></body></html>'.encode())


def portal(*, delay: float = 0.0, lists: tuple[str, ...] = ()) -> Portal:
    return Portal(
        county_code="640324",
        county="同心县",
        home=f"http://{HOST}/",
        lists=tuple(f"http://{HOST}{path}" for path in lists),
        delay=delay,
        loopback=True,
    )


def links(years: range, more: str = "") -> Answer:
    items = "".join(
        f'<li><a href="/r{year}.html">同心县{year}年政府信息公开工作年度报告</a></li>' for year in years
    )
    return Answer(f"<html><body><ul>{items}</ul>{more}</body></html>".encode())


def report(year: int, publisher: str = "", figure: str = "") -> Answer:
    text = TONGXIN.read_text(encoding="utf-8").replace("2020年", f"{year}年")
    if publisher:
        text = text.replace("同心县人民政府办公室", publisher)
    return Answer((text + figure).encode())


def reports(years: range) -> Answers:
    return {f"/r{year}.html": report(year) for year in years}


def site(years: range, answers: Answers | None = None) -> Answers:
    return {
        "/robots.txt": ROBOTS, "/": HOME, "/list.html": links(years), **reports(years), **(answers or {})
    }  # fmt: skip


def visit(server: PortalServer, folder: Path, wanted: Portal | None = None) -> Kept:
    return crawl_all([wanted or portal()], folder, {HOST: f"127.0.0.1:{server.port}"})


def crawled(server: PortalServer, folder: Path, wanted: Portal | None = None) -> PortalCrawl:
    return visit(server, folder, wanted).crawls["640324"]


def paths(urls: list[str]) -> list[str]:
    return [url.removeprefix(f"http://{HOST}") for url in urls]


def test_the_home_page_leads_to_the_list_and_the_list_through_its_pages_to_the_reports(
    tmp_path: Path,
) -> None:
    answers = site(
        range(2020, 2024),
        {
            "/": Answer('<a href="/zwgk/">政务公开</a><a href="/news/">要闻</a>'.encode()),
            "/zwgk/": Answer('<a href="/list.html">政府信息公开年报</a>'.encode()),
            "/list.html": links(range(2022, 2024), '<a href="/list_1.html">下一页</a>'),
            "/list_1.html": links(range(2020, 2022), '<a href="/list.html">上一页</a>'),
        },
    )
    with serving(answers) as server:
        found = crawled(server, tmp_path)
    assert sorted(paths(found.new_reports)) == [f"/r{year}.html" for year in range(2020, 2024)]
    assert [(report.year, report.publisher) for report in found.reports if "2021" in report.url] == [
        (2021, "同心县人民政府办公室")
    ]
    assert found.gaps == []
    assert "/news/" not in server.paths


def test_a_page_of_decoys_alone_does_not_end_the_list(tmp_path: Path) -> None:
    decoys = '<a href="/n1.html">关于做好年度报告编制工作的通知</a><a href="/list_2.html">下页</a>'
    answers = site(
        range(2021, 2023),
        {
            "/list.html": links(range(2022, 2023), '<a href="/list_1.html">下页</a>'),
            "/list_1.html": Answer(decoys.encode()),
            "/list_2.html": links(range(2021, 2022)),
        },
    )
    with serving(answers) as server:
        assert len(crawled(server, tmp_path).new_reports) == 2
    assert "/n1.html" not in server.paths


def test_a_pager_without_end_is_left_where_it_repeats_itself(tmp_path: Path) -> None:
    addresses = ["/list.html", *(f"/list.html?page={number}" for number in range(1, 300))]
    pages = {
        path: links(range(2020, 2021), f'<a href="{following}">下一页</a>')
        for path, following in pairwise(addresses)
    }
    with serving(site(range(2020, 2021), pages)) as server:
        found = crawled(server, tmp_path)
    assert found.list_pages == 2
    assert len(found.new_reports) == 1


def test_a_list_that_announces_more_than_it_shows_is_reported(tmp_path: Path) -> None:
    answers = site(range(2020, 2023), {"/list.html": links(range(2020, 2023), "<p>共 9 条</p>")})
    with serving(answers) as server:
        (seen,) = crawled(server, tmp_path).lists
    assert (seen.announced, seen.seen, seen.incomplete) == (9, 3, True)


def test_known_lists_are_begun_with_and_the_home_page_may_be_gone(tmp_path: Path) -> None:
    answers = site(range(2020, 2022), {"/": Answer(status=404)})
    with serving(answers) as server:
        found = crawled(server, tmp_path, portal(lists=("/list.html",)))
    assert len(found.new_reports) == 2
    assert [(gap.outcome, gap.role) for gap in found.gaps] == [("gone", "home")]


def test_another_county_on_the_host_and_other_hosts_are_out_of_scope(tmp_path: Path) -> None:
    more = (
        '<a href="/other.html">盐池县2020年政府信息公开工作年度报告</a>'
        '<a href="http://copy.example.com/r.html">同心县2018年政府信息公开工作年度报告</a>'
    )
    answers = site(
        range(2020, 2021),
        {
            "/list.html": links(range(2020, 2021), more),
            "/other.html": report(2020, "盐池县人民政府办公室"),
        },
    )
    with serving(answers) as server:
        found = crawled(server, tmp_path)
    assert paths(found.new_reports) == ["/r2020.html"]
    assert {(gap.url, gap.outcome) for gap in found.gaps} == {
        (f"http://{HOST}/other.html", "out_of_scope"),
        ("http://copy.example.com/r.html", "out_of_scope"),
    }


def test_news_about_a_report_is_no_report(tmp_path: Path) -> None:
    news = "<html><title>同心县2020年政府信息公开工作年度报告发布</title><body>今日发布。</body></html>"
    answers = site(range(2020, 2021), {"/r2020.html": Answer(news.encode())})
    with serving(answers) as server:
        assert crawled(server, tmp_path).reports == []


def test_a_list_that_only_a_report_names_is_found(tmp_path: Path) -> None:
    quoting = f"<p>本报告电子版可在http://{HOST}/old/list.html查阅。</p>"
    answers = site(
        range(2020, 2021),
        {
            "/r2020.html": report(2020, figure=quoting),
            "/old/list.html": links(range(2015, 2016)),
            **reports(range(2015, 2016)),
        },
    )
    with serving(answers) as server:
        assert sorted(paths(crawled(server, tmp_path).new_reports)) == ["/r2015.html", "/r2020.html"]


def test_the_file_is_fetched_where_the_page_has_no_report(tmp_path: Path) -> None:
    page = "<h1>同心县2020年政府信息公开工作年度报告</h1><a href='/r2020.doc'>附件：年度报告.doc</a>"
    answers = site(
        range(2020, 2021),
        {"/r2020.html": Answer(page.encode()), "/r2020.doc": report(2020), "/logo.png": Answer(b"no")},
    )
    with serving(answers) as server:
        (found,) = crawled(server, tmp_path).reports
    assert (found.year, paths(found.files)) == (2020, ["/r2020.doc"])


def test_a_copy_is_the_same_report_at_another_address(tmp_path: Path) -> None:
    more = '<a href="/bm/r2020.html">同心县人民政府办公室2020年政府信息公开工作年度报告</a>'
    answers = site(
        range(2020, 2021),
        {"/list.html": links(range(2020, 2021), more), "/bm/r2020.html": report(2020)},
    )
    with serving(answers) as server:
        (found,) = crawled(server, tmp_path).reports
    assert sorted(paths(found.addresses)) == ["/bm/r2020.html", "/r2020.html"]


NAME = "<h1>同心县人民政府门户网站</h1>"
MENU = f'{NAME}<select onchange="location=this.value"><option value="/bm.html">教育局</option></select>'


@pytest.mark.parametrize(
    ("home", "more"),
    [
        ('<iframe src="/left.html"></iframe>', {"/left.html": HOME}),
        ('<li data-href="/list.html">政府信息公开年报</li>', {}),
        ('<a href="javascript:;" onclick="openPage(\'/list.html\')">政府信息公开年报</a>', {}),
        ('<a href="/map.html">网站地图</a>', {"/map.html": HOME}),
        (
            f'<a href="/xxgk.html">政府信息公开</a>{MENU}',
            {"/xxgk.html": Answer(MENU.encode()), "/bm.html": HOME},
        ),
    ],
    ids=["frame", "data-href", "onclick", "site map", "menu"],
)
def test_lists_are_found_by_whatever_leads_to_them(tmp_path: Path, home: str, more: Answers) -> None:
    with serving(site(range(2020, 2022), {"/": Answer((NAME + home).encode()), **more})) as server:
        assert len(crawled(server, tmp_path).new_reports) == 2


def test_a_site_map_in_robots_txt_is_read_where_the_home_page_leads_nowhere(tmp_path: Path) -> None:
    robots = f"User-agent: *\nSitemap: http://{HOST}/sitemap.xml\n"
    locations = f'<?xml version="1.0"?><urlset><url><loc>http://{HOST}/zfxxgknb/</loc></url></urlset>'
    answers = site(
        range(2020, 2022),
        {
            "/robots.txt": Answer(robots.encode(), headers={"Content-Type": "text/plain"}),
            "/": Answer("<html><body><h1>同心县</h1><p>首页正在维护。</p></body></html>".encode()),
            "/sitemap.xml": Answer(locations.encode(), headers={"Content-Type": "text/xml"}),
            "/zfxxgknb/": links(range(2020, 2022)),
        },
    )
    with serving(answers) as server:
        assert len(crawled(server, tmp_path).new_reports) == 2


def test_the_platform_that_the_home_page_names_is_entered_and_no_more_of_it(tmp_path: Path) -> None:
    """A county's disclosure pages on its prefecture's host: its own folder there, and nothing beside it."""
    platform = "www.wuzhong.gov.cn.test"
    answers = site(
        range(2020, 2021),
        {
            "/": Answer(f'<a href="http://{platform}/tongxin/list.html">政府信息公开年报</a>'.encode()),
            "/tongxin/list.html": Answer(
                '<a href="/tongxin/r.html">同心县2020年政府信息公开工作年度报告</a>'
                '<a href="/other/r.html">同心县2019年政府信息公开工作年度报告</a>'.encode()
            ),
            "/tongxin/r.html": report(2020),
            "/other/r.html": report(2019),
        },
    )
    with serving(answers) as server:
        address = f"127.0.0.1:{server.port}"
        found = crawl_all([portal()], tmp_path, {HOST: address, platform: address}).crawls["640324"]
    assert found.new_reports == [f"http://{platform}/tongxin/r.html"]
    assert [gap.outcome for gap in found.gaps] == ["out_of_scope"]
    assert "/other/r.html" not in server.paths


def test_a_site_that_moved_is_followed_to_where_its_notice_says(tmp_path: Path) -> None:
    notice = f"<p>本网站已迁移至新网站：http://{HOST}/new/ ，请更新收藏。</p>"
    answers = site(range(2020, 2022), {"/": Answer(notice.encode()), "/new/": HOME})
    with serving(answers) as server:
        assert len(crawled(server, tmp_path).new_reports) == 2


def test_every_address_is_explained(tmp_path: Path) -> None:
    with serving(site(range(2020, 2021))) as server:
        steps = {step.url.removeprefix(f"http://{HOST}"): step for step in visit(server, tmp_path).steps}
    assert {(reason.kind, reason.quoted) for reason in steps["/list.html"].reasons} == {
        ("text", "政府信息公开年报"),
        ("text", "公开年报"),
    }
    assert steps["/list.html"].score == sum(reason.points for reason in steps["/list.html"].reasons)
    assert steps["/r2020.html"].seen_as == "report"
    assert steps["/r2020.html"].outcome == "ok"


def test_a_new_visit_finds_what_is_new_altered_and_unchanged(tmp_path: Path) -> None:
    answers = site(
        range(2020, 2023),
        {
            "/list.html": [links(range(2020, 2022)), links(range(2020, 2023))],
            "/r2021.html": [report(2021), report(2021, figure="<p>更正</p>")],
        },
    )
    with serving(answers) as server:
        first = crawled(server, tmp_path)
        second = crawled(server, tmp_path)
    assert (len(first.new_reports), len(first.known_reports)) == (2, 0)
    assert paths(second.new_reports) == ["/r2022.html"]
    assert paths(second.altered_reports) == ["/r2021.html"]
    assert paths(second.known_reports) == ["/r2020.html"]


def test_an_unchanged_page_is_not_sent_again_and_kept_once(tmp_path: Path) -> None:
    tagged = Answer(report(2020).body, headers={"ETag": '"a"'})
    answers = site(range(2020, 2021), {"/r2020.html": [tagged, Answer(status=304, headers={"ETag": '"a"'})]})
    with serving(answers) as server:
        crawled(server, tmp_path)
        found = crawled(server, tmp_path)
        assert [ask.headers.get("If-None-Match") for ask in server.asked if ask.path == "/r2020.html"] == [
            None,
            '"a"',
        ]
    assert len(found.known_reports) == 1
    with Archive(tmp_path) as archive:
        statuses = [kept.status for kept in archive.history(f"http://{HOST}/r2020.html")]
    assert statuses == [200, 304]


def test_a_report_that_nothing_leads_to_any_more_is_looked_for(tmp_path: Path) -> None:
    gone = [report(2020), Answer(status=404)]
    answers = site(
        range(2020, 2022),
        {"/list.html": [links(range(2020, 2022)), links(range(2021, 2022))], "/r2020.html": gone},
    )
    with serving(answers) as server:
        crawled(server, tmp_path)
        second = crawled(server, tmp_path)
    assert paths(second.known_reports) == ["/r2021.html"]
    assert [(gap.outcome, gap.url) for gap in second.gaps] == [("gone", f"http://{HOST}/r2020.html")]


@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_command_prints_a_line_a_portal_and_leaves_a_report(run: Run, tmp_path: Path, code: str) -> None:
    write_registry(tmp_path / "portals.toml", [portal()])
    with serving(site(range(2020, 2022))) as server:
        resolve = f"{HOST}=127.0.0.1:{server.port}"
        done = run("crawl", "--data", tmp_path, "--resolve", resolve, "--lang", code)
        assert (done.code, done.err.count(HOST)) == (0, 1)
        (line,) = done.records
        assert (line["new_reports"], line["gaps"], line["years"]) == (2, 0, "2020–2021")
        steps = run("crawl", "--data", tmp_path, "--resolve", resolve, "--explain").records
    assert {step["role"] for step in steps} == {"home", "list", "report"}
    logs = sorted((tmp_path / "runs").iterdir())
    assert len(logs) == 2
    assert (logs[0] / "log.jsonl").read_text(encoding="utf-8").count('"event": "fetched"') == 4
    assert '"2020": 1' in (logs[0] / "report.jsonl").read_text(encoding="utf-8")
