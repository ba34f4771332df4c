"""The fetcher over real connections: what it sends, keeps and follows, its bounds and hours."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetching import HOME, TEXT, Pages, fetch, manner, page, sent_to
from portals.web import Answer, Request
from scraper import fetching
from scraper.archive import Archive
from scraper.fetching import Manner, Pace
from scraper.fetching.hours import BEIJING, Hours
from scraper.messages import ScraperError
from scraper.portals import Portal

# --- what is sent and kept --------------------------------------------------------------------------


def test_a_page_is_archived_and_its_payload_is_at_hand(tmp_path: Path) -> None:
    run = fetch(tmp_path, [Pages({"/a/b.html": page()})], "/a/b.html")
    (got,) = run.fetched
    assert got.outcome == "ok"
    assert not got.from_archive
    assert got.payload is not None
    with Archive(tmp_path) as archive:
        kept = archive.latest(got.request.key)
        assert kept == got.capture
        assert kept is not None
        assert archive.read(kept).body == got.payload.body
        assert archive.read(kept).headers == got.payload.headers


def test_the_client_says_who_it_is_and_how_to_reach_it(tmp_path: Path) -> None:
    run = fetch(tmp_path, [Pages({"/a.html": page()})], "/a.html")
    (agent,) = {request.headers["user-agent"] for request in run.network.log}
    assert agent.startswith("nianbao/")
    assert "+https://" in agent


def test_the_environment_s_proxy_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert fetch(tmp_path, [Pages({"/a.html": page()})], "/a.html").outcomes == ["ok"]


def test_content_codings_are_undone_asked_for_or_not(tmp_path: Path) -> None:
    text = page().body
    bare = zlib.compressobj(wbits=-15)
    coded = {
        "/gzip": (gzip.compress(text), "gzip"),
        "/zlib": (zlib.compress(text), "deflate"),
        "/bare": (bare.compress(text) + bare.flush(), "deflate"),
        "/lie": (text, "gzip"),
    }
    site = Pages(
        {path: Answer(body, headers=[("Content-Encoding", how)]) for path, (body, how) in coded.items()}
    )
    run = fetch(tmp_path, [site], *coded)
    assert [each.payload and each.payload.body for each in run.fetched] == [text] * 4


def test_a_form_and_a_document_are_posted_and_kept_by_their_bodies(tmp_path: Path) -> None:
    def echo(request: Request) -> Answer:
        return Answer(f"<p>{request.headers['content-type']} {request.body.decode()}</p>".encode())

    asked = [
        fetching.Request(f"{HOME}list", "POST", body, expects="data")
        for body in (b"page=1&size=15", b"page=2&size=15", b'{"page": 1}')
    ]
    run = fetch(tmp_path, [Pages({"/list": echo})], *asked)
    assert [each.payload.body for each in run.fetched if each.payload] == [
        b"<p>application/x-www-form-urlencoded page=1&size=15</p>",
        b"<p>application/x-www-form-urlencoded page=2&size=15</p>",
        b'<p>application/json {"page": 1}</p>',
    ]
    with Archive(tmp_path) as archive:
        assert [archive.latest(request.key) for request in asked] == [each.capture for each in run.fetched]


def test_the_referer_is_sent(tmp_path: Path) -> None:
    def gate(request: Request) -> Answer:
        seen = request.headers.get("referer")
        return page() if seen == f"{HOME}%E5%B9%B4/a.html" else page("不支持直接访问", 403)

    wanted = fetching.Request(f"{HOME}down", referer=f"{HOME}年/a.html", expects="file")
    assert fetch(tmp_path, [Pages({"/down": gate})], wanted).outcomes == ["ok"]


# --- the archive first -------------------------------------------------------------------------------


def changing(request: Request) -> Answer:
    """A page that says when it changed, and 304 to those who have it."""
    if request.headers.get("if-none-match") == '"1"':
        return Answer(b"", 304, None, [("ETag", '"1"')])
    return page(TEXT, 200, ("ETag", '"1"'))


def test_what_is_known_is_asked_for_on_condition_and_still_holds(tmp_path: Path) -> None:
    run = fetch(tmp_path, [Pages({"/a.html": changing})], "/a.html", "/a.html", "/a.html")
    assert run.outcomes == ["ok", "not_modified", "not_modified"]
    first, *later = run.fetched
    assert [each.payload and each.payload.body for each in later] == [
        first.payload and first.payload.body
    ] * 2
    assert [bool(each.capture and each.capture.not_modified) for each in later] == [True, True]
    conditions = [r.headers.get("if-none-match") for r in run.network.log if r.path == "/a.html"]
    assert conditions == [None, '"1"', '"1"']


def test_the_date_of_the_last_change_is_a_condition_too(tmp_path: Path) -> None:
    when = "Wed, 01 Jan 2025 00:00:00 GMT"

    def dated(request: Request) -> Answer:
        same = request.headers.get("if-modified-since") == when
        return Answer(b"", 304, None) if same else page(TEXT, 200, ("Last-Modified", when))

    assert fetch(tmp_path, [Pages({"/a.html": dated})], "/a.html", "/a.html").outcomes == [
        "ok",
        "not_modified",
    ]


def test_only_a_good_version_is_asked_about(tmp_path: Path) -> None:
    gone = page("<h1>您访问的页面不存在</h1>", 200, ("ETag", '"1"'))
    site = Pages({"/a.html": [gone, page(TEXT, 404, ("ETag", '"1"')), page()]})
    run = fetch(tmp_path, [site], "/a.html", "/a.html", "/a.html")
    assert run.outcomes == ["soft404", "gone", "ok"]
    assert not any("if-none-match" in request.headers for request in run.network.log)


def test_a_page_that_came_again_is_ok_and_kept_as_a_revisit(tmp_path: Path) -> None:
    run = fetch(tmp_path, [Pages({"/a.html": page()})], "/a.html", "/a.html")
    assert run.outcomes == ["ok", "ok"]
    assert [bool(each.capture and each.capture.revisit) for each in run.fetched] == [False, True]


def test_an_interrupted_visit_is_replayed_and_judged_alike_without_a_request(tmp_path: Path) -> None:
    site = Pages(
        {
            "/a.html": page(),
            "/moved.html": sent_to("/stub/"),
            "/stub/": page("<script>location.href='/a.html'</script>"),
            "/gone.html": page("", 410),
            "/soft.html": page("该信息已被删除"),
            "/away.html": sent_to("http://elsewhere.example/"),
            "/pager": lambda request: Answer(request.body),
            "/known.html": changing,
        }
    )
    wanted = [f"{HOME}{name}.html" for name in ("a", "moved", "gone", "soft", "away", "known", "known")]
    asked: list[str | fetching.Request] = [
        *wanted,
        fetching.Request(f"{HOME}pager", "POST", b"page=1", expects="data"),
    ]
    first = fetch(tmp_path, [site], *asked)
    again = fetch(tmp_path, [site], *asked, since="")
    assert again.network.log == []
    assert first.outcomes == ["ok", "ok", "gone", "soft404", "out_of_scope", "ok", "not_modified", "ok"]
    # The archive's last word on an address is what is judged again.
    assert again.outcomes == [*first.outcomes[:5], "not_modified", "not_modified", "ok"]
    for before, after in zip(first.fetched, again.fetched, strict=True):
        assert (after.url, after.detail) == (before.url, before.detail)
        assert (after.payload and after.payload.body) == (before.payload and before.payload.body)
        assert after.from_archive or after.outcome == "out_of_scope"


def test_a_visit_asks_again_for_what_older_files_hold(tmp_path: Path) -> None:
    site = Pages({"/a.html": page()})
    fetch(tmp_path, [site], "/a.html")
    with Archive(tmp_path) as archive:
        before = archive.newest_file
    assert fetch(tmp_path, [site], "/a.html", since=before).targets == ["/a.html"]


def test_a_busy_server_s_answer_is_none_to_replay(tmp_path: Path) -> None:
    site = Pages({"/a.html": [page("", 503)] * 3 + [page()]})
    assert fetch(tmp_path, [site], "/a.html").outcomes == ["deferred"]
    assert fetch(tmp_path, [site], "/a.html", since="").outcomes == ["ok"]


def test_a_block_is_replayed_too(tmp_path: Path) -> None:
    site = Pages({"/a.html": page("", 412), "/b.html": page()})
    fetch(tmp_path, [site], "/a.html")
    again = fetch(tmp_path, [site], "/a.html", "/b.html", since="")
    assert again.outcomes == ["blocked", "blocked"]
    assert again.network.log == []


# --- redirects -----------------------------------------------------------------------------------------


def test_redirects_are_followed_and_the_last_address_told(tmp_path: Path) -> None:
    site = Pages({"/a.html": sent_to("b.html", 301), "/b.html": sent_to(f"{HOME}c.html"), "/c.html": page()})
    (got,) = fetch(tmp_path, [site], "/a.html").fetched
    assert (got.outcome, got.url, got.request.url) == ("ok", f"{HOME}c.html", f"{HOME}a.html")


def test_a_target_in_raw_gbk_is_understood(tmp_path: Path) -> None:
    site = Pages({"/a.html": sent_to("/年报/b.html".encode("gb18030").decode("latin-1"))})
    run = fetch(tmp_path, [site], "/a.html")
    assert run.targets == ["/a.html", "/%E5%B9%B4%E6%8A%A5/b.html"]


def test_a_posted_form_that_moved_for_good_is_posted_again_and_else_got(tmp_path: Path) -> None:
    site = Pages({"/kept": sent_to("/list", 307), "/seen": sent_to("/list", 303), "/list": page()})
    wanted = [fetching.Request(f"{HOME}{name}", "POST", b"a=1", expects="data") for name in ("kept", "seen")]
    run = fetch(tmp_path, [site], *wanted)
    assert [r.method for r in run.network.log if r.path == "/list"] == ["POST", "GET"]


def test_a_circle_ends_soon(tmp_path: Path) -> None:
    site = Pages(
        {"/a.html": sent_to("/b.html"), "/b.html": sent_to("/a.html"), "/c.html": sent_to("/c.html")}
    )
    run = fetch(tmp_path, [site], "/a.html", "/c.html")
    assert run.outcomes == ["redirect", "redirect"]
    assert len(run.targets) <= 3
    assert "circle" in run.fetched[0].detail


def test_an_endless_chain_ends_after_eight(tmp_path: Path) -> None:
    site = Pages({f"/n{number}/": sent_to(f"/n{number + 1}/") for number in range(30)})
    run = fetch(tmp_path, [site], "/n0/")
    assert run.outcomes == ["redirect"]
    assert len(run.targets) == 9


def test_a_cookie_on_a_redirect_to_itself_opens_the_page(tmp_path: Path) -> None:
    def gate(request: Request) -> Answer:
        passed = request.cookies.get("CT6T") == "1"
        return page() if passed else sent_to(request.target, 302, ("Set-Cookie", "CT6T=1; path=/; HttpOnly"))

    run = fetch(tmp_path, [Pages({"/a.html": gate, "/b.html": gate})], "/a.html", "/b.html")
    assert run.outcomes == ["ok", "ok"]
    assert run.targets == ["/a.html", "/a.html", "/b.html"]


def test_cookies_are_few_and_end_when_the_host_says_so(tmp_path: Path) -> None:
    many = tuple(("Set-Cookie", f"c{number}=1") for number in range(100))
    ended = (("Set-Cookie", "c0=; Max-Age=0"), ("Set-Cookie", "c1=; expires=Thu, 01 Jan 1970 00:00:00 GMT"))
    site = Pages({"/a.html": page(TEXT, 200, *many), "/b.html": page(TEXT, 200, *ended), "/c.html": page()})
    run = fetch(tmp_path, [site], "/a.html", "/b.html", "/c.html")
    sent = {request.path: request.cookies for request in run.network.log}
    assert len(sent["/b.html"]) == 30
    assert len(sent["/c.html"]) == 28


def test_a_deep_page_that_leads_to_the_first_page_is_gone(tmp_path: Path) -> None:
    site = Pages(
        {"/": page(), "/a/b.html": sent_to("/"), "/c.html": sent_to("/error/404.html"), "/d/": sent_to("/")}
    )
    run = fetch(tmp_path, [site], "/a/b.html", "/c.html", "/d/")
    assert run.outcomes == ["soft404", "soft404", "ok"]
    assert run.targets == ["/a/b.html", "/c.html", "/d/", "/"]


# --- bounds --------------------------------------------------------------------------------------------


def test_budgets_of_pages_and_bytes(tmp_path: Path) -> None:
    site = Pages({f"/{number}.html": page() for number in range(9)})
    paths = [f"/{number}.html" for number in range(5)]
    run = fetch(tmp_path / "a", [site], *paths, how=manner(most_pages=3))
    assert run.outcomes == ["ok", "ok", "ok", "deferred", "deferred"]
    assert "3 pages" in run.fetched[3].detail
    run = fetch(tmp_path / "b", [site], *paths, how=manner(most_bytes=2000))
    assert run.outcomes == ["ok", "ok", "deferred", "deferred", "deferred"]
    assert "2,000 bytes" in run.fetched[3].detail
    resumed = fetch(tmp_path / "a", [site], *paths, how=manner(most_pages=3), since="")
    assert resumed.outcomes == ["ok", "ok", "ok", "deferred", "deferred"]


def test_large_bodies_are_left_where_they_are(tmp_path: Path) -> None:
    chunks = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    endless = Answer(chunks * 100, content_type="application/pdf", headers=[("Transfer-Encoding", "chunked")])
    site = Pages(
        {"/said.pdf": Answer(b"%PDF" * 100_000, content_type="application/pdf"), "/unsaid.pdf": endless}
    )
    pace = Pace(timeout=2, tries=1, largest_body=100_000)
    run = fetch(tmp_path, [site], "/said.pdf", "/unsaid.pdf", pace=pace)
    assert run.outcomes == ["too_large", "too_large"]
    assert "400,000 bytes" in run.fetched[0].detail


def test_an_answer_that_drips_ends(tmp_path: Path) -> None:
    site = Pages(
        {"/drip.html": Answer(b"x" * 100_000, drip=0.05), "/slow.html": Answer(b"x" * 20_000, drip=0.05)}
    )
    pace = Pace(timeout=0.3, tries=3, backoff=0.01, slowest_body=40_000)
    run = fetch(tmp_path, [site], "/drip.html", pace=pace)
    assert run.outcomes == ["timeout"]
    assert run.targets == ["/drip.html"]
    whole = Pace(timeout=5, longest_request=0.5, slowest_body=0)
    assert fetch(tmp_path, [site], "/drip.html", pace=whole).outcomes == ["timeout"]
    patient = Pace(timeout=0.5, slowest_body=2000)
    assert fetch(tmp_path, [site], "/slow.html", pace=patient).outcomes == ["ok"]


# --- hours ---------------------------------------------------------------------------------------------


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 86_399))
def test_hours_open_when_they_say(begin: int, end: int, second: int) -> None:
    hours = Hours.read(f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}")
    moment = datetime(2025, 3, 1, tzinfo=BEIJING) + timedelta(seconds=second)
    minutes = second / 60
    inside = begin == end or (begin <= minutes < end if begin < end else minutes >= begin or minutes < end)
    wait = hours.until_open(moment.astimezone(UTC))
    assert (wait == 0) is inside
    assert 0 <= wait < 86_400
    assert hours.until_open(moment + timedelta(seconds=wait)) == 0
    if wait > 1:
        assert hours.until_open(moment + timedelta(seconds=wait - 1)) > 0


def test_a_request_waits_for_its_hours(tmp_path: Path) -> None:
    opens = datetime.now(BEIJING) + timedelta(seconds=1.5)
    how = manner(hours=f"{opens:%H:%M:%S}-{opens + timedelta(minutes=5):%H:%M:%S}")
    run = fetch(tmp_path, [Pages({"/a.html": page()})], "/a.html", how=how)
    assert run.outcomes == ["ok"]
    with Archive(tmp_path) as archive:
        moments = [capture.captured_at for capture in archive.captures()]
    assert min(moments) >= opens.replace(microsecond=0)


def test_a_registry_entry_becomes_a_manner_or_says_what_is_wrong() -> None:
    entry = Portal("640324", "同心县", HOME, hours="22:00-06:00", tls="legacy", delay=3, loopback=True)
    how = Manner.of(entry)
    assert (how.delay, how.hours, how.tls, how.loopback) == (3, "22:00-06:00", "legacy", True)
    assert how.scope.permits("http://fgj.x.gov.cn.test/")
    for wrong in ({"hours": "at night"}, {"hours": "25:00-06:00"}, {"tls": "off"}):
        with pytest.raises(ScraperError, match="同心县"):
            Manner.of(Portal("640324", "同心县", HOME, **wrong))  # type: ignore[arg-type]
