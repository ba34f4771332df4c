"""robots.txt: asked for first, kept for a day, obeyed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fetching import HOST, QUICK, Pages, fetch, manner, page, sent_to
from portals.web import Answer, Network, serving
from scraper.archive import Archive
from scraper.fetching import Fetcher, Pace, Request

ROBOTS = (
    "User-agent: nianbao\nCrawl-delay: 0.3\nDisallow: /admin/\nSitemap: http://www.x.gov.cn.test/map.xml\n"
)


def robots(text: str, status: int = 200) -> Answer:
    return Answer(text.encode(), status, "text/plain")


def test_robots_txt_is_asked_for_first_and_once_and_obeyed(tmp_path: Path) -> None:
    site = Pages({"/robots.txt": robots(ROBOTS), "/a.html": page(), "/b.html": page(), "/admin/c": page()})
    run = fetch(tmp_path, [site], "/a.html", "/admin/c", "/b.html")
    assert run.outcomes == ["ok", "robots", "ok"]
    assert [r.path for r in run.network.log] == ["/robots.txt", "/a.html", "/b.html"]
    assert run.gaps()[1] >= 0.3


def test_a_robots_txt_of_today_is_taken_from_the_archive(tmp_path: Path) -> None:
    site = Pages({"/robots.txt": robots(ROBOTS), "/a.html": page(), "/admin/c": page()})
    fetch(tmp_path, [site], "/a.html")
    run = fetch(tmp_path, [site], "/admin/c", "/a.html")
    assert run.outcomes == ["robots", "ok"]
    assert [r.path for r in run.network.log] == ["/a.html"]


def test_a_robots_txt_of_yesterday_is_asked_for_again(tmp_path: Path) -> None:
    before = datetime.now(UTC) - timedelta(hours=25)
    with Archive(tmp_path, writing=True) as archive:
        body = b"User-agent: *\nDisallow: /\n"
        url = f"http://{HOST}/robots.txt"
        archive.store_response(url, "200 OK", [("Content-Type", "text/plain")], body, captured_at=before)
    site = Pages({"/robots.txt": robots("User-agent: *\nDisallow:\n"), "/a.html": page()})
    assert fetch(tmp_path, [site], "/a.html").outcomes == ["ok"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (robots("", 404), "ok"),
        (robots("", 410), "ok"),
        (robots("", 200), "ok"),
        (page("页面不存在"), "ok"),
        (robots("User-agent: *\nDisallow: /\n\nUser-agent: Baiduspider\nAllow: /\n"), "robots"),
        (robots("User-agent: *\nDisallow: /\n\nUser-agent: nianbao\nAllow: /\n"), "ok"),
        (robots("User-agent: *\nDisallow: /*.html$\n"), "robots"),
        (Answer("﻿User-agent: *\nDisallow: /\n".encode(), content_type="text/plain"), "robots"),
        (robots("", 401), "robots"),
        (robots("", 403), "robots"),
        (robots("", 500), "robots"),
        (robots("", 503), "robots"),
        (page("$_ts=window['$_ts']", 412), "blocked"),
        (sent_to("/"), "ok"),
        (sent_to("http://elsewhere.example/robots.txt"), "ok"),
        (Answer(reset=True), "blocked"),
        (Answer(wait=0.5), "timeout"),
    ],
)
def test_what_an_answer_to_robots_txt_means(tmp_path: Path, answer: Answer, outcome: str) -> None:
    pace = Pace(timeout=0.2, tries=2, backoff=0.01)
    run = fetch(
        tmp_path, [Pages({"/robots.txt": answer, "/": page(), "/a.html": page()})], "/a.html", pace=pace
    )
    assert run.outcomes == [outcome]
    assert run.targets == (["/a.html"] if outcome == "ok" else [])


def test_robots_txt_may_lie_five_redirects_away_and_on_another_host(tmp_path: Path) -> None:
    hops = {f"/r{n}.txt": sent_to(f"/r{n + 1}.txt") for n in range(1, 4)}
    last = sent_to("http://fgj.x.gov.cn.test/robots.txt")
    site = Pages(
        {"/robots.txt": sent_to("/r1.txt"), **hops, "/r4.txt": last, "/a.html": page(), "/admin/c": page()}
    )
    other = Pages({"/robots.txt": robots(ROBOTS)}, "fgj.x.gov.cn.test")
    run = fetch(tmp_path, [site, other], "/admin/c", "/a.html")
    assert run.outcomes == ["robots", "ok"]


def test_the_sitemaps_that_robots_txt_names_are_told(tmp_path: Path) -> None:
    async def run(archive: Archive, network: Network) -> tuple[Sequence[str], Sequence[str]]:
        async with Fetcher(archive, QUICK, network.resolve) as fetcher:
            before = fetcher.sitemaps(HOST)
            await fetcher.fetch(Request(f"http://{HOST}/a.html"), manner())
            return before, fetcher.sitemaps(HOST)

    site = Pages({"/robots.txt": robots(ROBOTS), "/a.html": page()})
    with serving([site]) as network, Archive(tmp_path, writing=True) as archive:
        assert asyncio.run(run(archive, network)) == ((), ("http://www.x.gov.cn.test/map.xml",))
