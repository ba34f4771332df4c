"""How hosts are treated: one request at a time, with pauses, and none after a block."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest

from fetching import HOST, QUICK, Pages, Run, fetch, manner, page
from portals.web import Answer, Network, Site, serving
from scraper.archive import Archive
from scraper.fetching import Fetched, Fetcher, Manner, Pace, Request
from scraper.fetching.politeness import Patience, Queues


def many(count: int = 6, *hosts: str, platform: str = "", wait: float = 0.0) -> Pages:
    answer = Answer(page().body, wait=wait)
    return Pages({f"/{number}.html": answer for number in range(count)}, *hosts, platform=platform)


def at_once(
    folder: Path, sites: Sequence[Site], visits: Sequence[tuple[Manner, Sequence[str]]], pace: Pace = QUICK
) -> Run:
    """Several visits side by side, each of which asks for all that it wants at the same time."""

    async def run(archive: Archive, network: Network) -> list[Fetched]:
        async with Fetcher(archive, pace, network.resolve) as fetcher:
            wanted = [fetcher.fetch(Request(url), how) for how, urls in visits for url in urls]
            return list(await asyncio.gather(*wanted))

    with serving(sites) as network, Archive(folder, writing=True) as archive:
        return Run(asyncio.run(run(archive, network)), network)


def urls(host: str, count: int = 6) -> list[str]:
    return [f"http://{host}/{number}.html" for number in range(count)]


# --- one at a time -------------------------------------------------------------------------------------


def test_a_host_gets_one_request_at_a_time_with_the_delay_after_each(tmp_path: Path) -> None:
    run = at_once(tmp_path, [many(wait=0.02)], [(manner(delay=0.1), urls(HOST))])
    assert run.outcomes == ["ok"] * 6
    assert set(run.network.most_at_once.values()) == {1}
    assert min(run.gaps()) >= 0.1


def test_hosts_at_one_address_share_its_turn(tmp_path: Path) -> None:
    first, second = "www.a.gov.cn.test", "www.b.gov.cn.test"
    sites = [many(4, first, platform="centre", wait=0.02), many(4, second, platform="centre", wait=0.02)]
    visits = [(manner(f"http://{host}/", delay=0.1), urls(host, 4)) for host in (first, second)]
    run = at_once(tmp_path, sites, visits)
    assert run.outcomes == ["ok"] * 8
    assert set(run.network.most_at_once.values()) == {1}
    assert min(run.gaps()) >= 0.1


def test_a_prefecture_s_counties_share_its_turn_though_their_addresses_differ(tmp_path: Path) -> None:
    hosts = ("a.harbin.gov.cn.test", "b.harbin.gov.cn.test", "www.harbin.gov.cn.test")
    sites = [many(3, host, wait=0.05) for host in hosts]
    visits = [(manner(f"http://{host}/", delay=0.1), urls(host, 3)) for host in hosts]
    run = at_once(tmp_path, sites, visits)
    assert run.outcomes == ["ok"] * 9
    assert min(run.gaps()) >= 0.1


def test_hosts_that_share_nothing_do_not_wait_for_each_other(tmp_path: Path) -> None:
    hosts = [f"www.{letter}.gov.cn.test" for letter in "abcdef"]
    sites = [many(4, host) for host in hosts]
    visits = [(manner(f"http://{host}/", delay=0.2), urls(host, 4)) for host in hosts]
    started = time.monotonic()
    run = at_once(tmp_path, sites, visits)
    assert run.outcomes == ["ok"] * 24
    assert time.monotonic() - started < 0.2 * 24


def test_requests_that_share_places_crosswise_never_wait_for_each_other_in_a_circle() -> None:
    async def run() -> int:
        queues = Queues()
        done = 0

        async def use(names: Sequence[str]) -> None:
            nonlocal done
            for _ in range(20):
                async with queues.turn(names):
                    await asyncio.sleep(0)
                    done += 1

        platforms, addresses, hosts = (
            [f"{kind} {n}" for n in range(3)] for kind in ("platform", "address", "host")
        )
        mixed = [(p, a, h) for p in platforms for a in addresses for h in hosts]
        async with asyncio.timeout(10):
            await asyncio.gather(*map(use, mixed))
        return done

    assert asyncio.run(run()) == 27 * 20


def test_a_quick_server_is_not_waited_for_where_no_delay_is_asked(tmp_path: Path) -> None:
    started = time.monotonic()
    run = fetch(tmp_path, [many(50)], *(f"/{number}.html" for number in range(50)))
    assert run.outcomes == ["ok"] * 50
    assert time.monotonic() - started < 4


def test_pauses_vary_and_are_only_ever_longer(tmp_path: Path) -> None:
    run = fetch(tmp_path, [many(8)], *(f"/{number}.html" for number in range(8)), how=manner(delay=0.1))
    gaps = run.gaps()
    assert min(gaps) >= 0.1
    assert len({round(gap, 3) for gap in gaps}) > 2


# --- busy servers --------------------------------------------------------------------------------------


def after(written: str, status: int = 503) -> Answer:
    return page("", status, ("Retry-After", written))


def test_retry_after_in_seconds_and_as_a_date_is_honoured(tmp_path: Path) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    site = Pages({"/a.html": [after("1"), page()], "/b.html": [after(soon, 429), page()]})
    run = fetch(tmp_path, [site], "/a.html", "/b.html")
    assert run.outcomes == ["ok", "ok"]
    assert run.targets == ["/a.html", "/a.html", "/b.html", "/b.html"]
    assert run.gaps()[1] >= 1
    assert run.gaps()[3] >= 0.5


def test_after_three_tries_a_busy_host_is_left_alone(tmp_path: Path) -> None:
    site = Pages({"/a.html": page("", 429), "/b.html": page()})
    run = fetch(tmp_path, [site], "/a.html", "/b.html")
    assert run.outcomes == ["deferred", "deferred"]
    assert run.targets == ["/a.html"] * 3
    assert "left alone" in run.fetched[1].detail
    first, second = run.gaps()[1:]
    assert first >= 0.05
    assert second >= 0.1


def test_a_host_that_asks_for_a_long_rest_gets_it(tmp_path: Path) -> None:
    run = fetch(tmp_path, [Pages({"/a.html": after("3600"), "/b.html": page()})], "/a.html", "/b.html")
    assert run.outcomes == ["deferred", "deferred"]
    assert run.targets == ["/a.html"]


def test_a_page_that_alone_fails_does_not_park_its_host_but_two_in_a_row_do(tmp_path: Path) -> None:
    bad = page("", 503)
    site = Pages({"/a.html": bad, "/b.html": page(), "/c.html": bad, "/d.html": bad, "/e.html": page()})
    pace = Pace(tries=3, backoff=0.01, longest_wait=0.1)
    run = fetch(tmp_path, [site], "/a.html", "/b.html", "/c.html", "/d.html", "/e.html", pace=pace)
    assert run.outcomes == ["deferred", "ok", "deferred", "deferred", "deferred"]
    assert "/e.html" not in run.targets


def test_pages_with_errors_of_their_own_never_park_a_host(tmp_path: Path) -> None:
    site = Pages(
        {f"/{n}.html": page("Server Error in '/' Application", 500) for n in range(4)} | {"/ok.html": page()}
    )
    run = fetch(
        tmp_path, [site], "/0.html", "/1.html", "/2.html", "/ok.html", pace=Pace(tries=2, backoff=0.01)
    )
    assert run.outcomes == ["deferred"] * 3 + ["ok"]


def test_silence_is_a_time_out_and_tried_again(tmp_path: Path) -> None:
    site = Pages({"/a.html": [Answer(wait=0.6), page()], "/b.html": Answer(wait=0.6)})
    run = fetch(tmp_path, [site], "/a.html", "/b.html", pace=Pace(timeout=0.2, tries=2, backoff=0.01))
    assert run.outcomes == ["ok", "timeout"]
    assert run.targets == ["/a.html"] * 2 + ["/b.html"] * 2


def test_a_reset_connection_is_tried_once_more_and_then_the_host_is_left_alone(tmp_path: Path) -> None:
    reset = Answer(reset=True)
    site = Pages({"/a.html": [reset, page()], "/b.html": reset})
    run = fetch(tmp_path, [site], "/a.html", "/b.html", "/c.html")
    assert run.outcomes == ["ok", "blocked", "blocked"]
    assert run.targets == ["/a.html"] * 2 + ["/b.html"] * 2
    assert "reset" in run.fetched[1].detail
    assert "User-Agent" not in run.fetched[1].detail


def test_a_host_that_resets_everything_may_be_refusing_our_name(tmp_path: Path) -> None:
    run = fetch(tmp_path / "a", [Pages({"/robots.txt": Answer(reset=True)})], "/a.html", "/b.html")
    assert run.outcomes == ["blocked", "blocked"]
    assert "User-Agent" in run.fetched[0].detail
    assert len(run.network.log) == 2
    run = fetch(tmp_path / "b", [Pages({"/a.html": Answer(reset=True)})], "/a.html")
    assert "User-Agent" in run.fetched[0].detail


def test_a_host_that_is_down_is_not_tried_for_every_page(tmp_path: Path) -> None:
    gone = {"www.x.gov.cn.test": "127.0.0.1:1", "www.x.gov.cn.test:443": "127.0.0.1:1"}
    started = time.monotonic()
    pages = [f"/{number}.html" for number in range(20)]
    run = fetch(tmp_path, [], *pages, resolve=gone, pace=Pace(timeout=1, tries=3, backoff=0.1))
    assert set(run.outcomes) == {"deferred"}
    assert time.monotonic() - started < 4


# --- the pause adapts ----------------------------------------------------------------------------------


def test_the_pause_grows_with_the_server_s_latency(tmp_path: Path) -> None:
    slow, quick = Answer(page().body, wait=0.8), page()
    site = Pages({"/a.html": slow, "/b.html": slow, "/c.html": quick})
    run = fetch(tmp_path, [site], "/a.html", "/b.html", "/c.html")
    # From one request to the next: the time it took, and a pause because of that.
    first, second = run.gaps()[1:]
    assert first >= 0.9
    assert second >= first + 0.2


def test_the_pause_doubles_with_errors_and_shrinks_with_good_answers() -> None:
    patience = Patience()
    patience.answered(0.01)
    assert patience.pause(0) == 0
    assert patience.pause(2) == 2
    pauses = []
    for _ in range(8):
        patience.troubled(2, 1, 60)
        pauses.append(patience.pause(2))
    assert pauses == [4, 8, 16, 32, 60, 60, 60, 60]
    relieved = []
    for _ in range(12):
        patience.answered(0.01)
        relieved.append(patience.pause(0))
    assert all(later < earlier for earlier, later in pairwise(relieved[:10]))
    assert patience.pause(0) == 0
    assert patience.pause(2) == 2


def test_a_very_slow_server_is_not_waited_for_without_end() -> None:
    patience = Patience()
    for _ in range(50):
        patience.answered(600)
    assert patience.pause(2) == 30


# --- blocks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wall", [page("", 412), page("", 403), page("", 521), page("<script>var arg1='0'</script>")]
)
def test_after_a_block_nothing_more_is_asked_of_the_host_nor_of_its_group(
    tmp_path: Path, wall: Answer
) -> None:
    sites = [
        Pages({"/1.html": wall, "/2.html": page()}, "a.harbin.gov.cn.test", platform="one"),
        Pages({"/1.html": page()}, "b.harbin.gov.cn.test", platform="two"),
        Pages({"/1.html": page()}, "www.elsewhere.gov.cn.test", platform="one"),
        Pages({"/1.html": page()}, "www.untouched.gov.cn.test"),
    ]
    homes = ("a.harbin", "a.harbin", "b.harbin", "www.elsewhere", "www.untouched")
    wanted = [f"http://{home}.gov.cn.test/{1 + (n == 1)}.html" for n, home in enumerate(homes)]
    how = manner("http://a.harbin.gov.cn.test/", *(f"{home}.gov.cn.test" for home in homes))
    run = fetch(tmp_path, sites, *wanted, how=how)
    assert run.outcomes == ["blocked", "blocked", "blocked", "blocked", "ok"]
    assert run.asked == ["a.harbin.gov.cn.test/1.html", "www.untouched.gov.cn.test/1.html"]
    assert all("a.harbin.gov.cn.test" in each.detail for each in run.fetched[1:4])


def test_requests_that_wait_for_their_turn_are_not_made_after_a_block(tmp_path: Path) -> None:
    sites = [
        Pages({"/0.html": Answer(page("", 412).body, 412, wait=0.2)}, "a.harbin.gov.cn.test"),
        many(3, "b.harbin.gov.cn.test"),
    ]
    visits = [
        (manner(f"http://{host}/"), urls(host, 3))
        for host in ("a.harbin.gov.cn.test", "b.harbin.gov.cn.test")
    ]
    run = at_once(tmp_path, sites, visits)
    blocked = max(r.at for r in run.network.log if r.target == "/0.html" and r.host.startswith("a."))
    assert all(request.at <= blocked for request in run.network.log)
    assert run.outcomes[:3] == ["blocked"] * 3


def test_a_county_s_own_hosts_are_not_a_platform(tmp_path: Path) -> None:
    """A department's wall at another address says nothing of the county's portal."""
    sites = [Pages({"/a.html": page("", 412)}, "fgj.x.gov.cn.test"), Pages({"/b.html": page()})]
    run = fetch(
        tmp_path, sites, "http://fgj.x.gov.cn.test/a.html", "/b.html", "http://fgj.x.gov.cn.test/c.html"
    )
    assert run.outcomes == ["blocked", "ok", "blocked"]
    assert run.targets == ["/a.html", "/b.html"]


# --- thousands of portals ------------------------------------------------------------------------------


def test_a_portal_that_is_done_is_forgotten_but_for_blocks_and_pauses(tmp_path: Path) -> None:
    hosts = [f"www.c{number}.gov.cn.test" for number in range(30)]
    site = Pages({"/a.html": page(), "/wall.html": page("", 412)}, *hosts[:-1], platform="centre")
    walled = Pages({"/wall.html": page("", 412)}, hosts[-1])

    async def run(archive: Archive, network: Network) -> tuple[int, Sequence[str]]:
        async with Fetcher(archive, QUICK, network.resolve) as fetcher:
            for host in hosts[:-1]:
                how = manner(f"http://{host}/")
                await fetcher.fetch(Request(f"http://{host}/a.html"), how)
                fetcher.release(how)
            outcomes = []
            for _ in range(2):
                how = manner(f"http://{hosts[-1]}/")
                outcomes.append((await fetcher.fetch(Request(f"http://{hosts[-1]}/wall.html"), how)).outcome)
                fetcher.release(how)
            return len(fetcher._hosts), outcomes

    with serving([site, walled]) as network, Archive(tmp_path, writing=True) as archive:
        kept, outcomes = asyncio.run(run(archive, network))
        assert kept == 0
        assert outcomes == ["blocked", "blocked"]
        assert sum(request.target == "/wall.html" for request in network.log) == 1


def test_queues_nobody_waits_at_are_dropped() -> None:
    async def run() -> tuple[int, str]:
        queues = Queues()
        queues.close(["host blocked"], "it was blocked")
        for number in range(9_000):
            async with queues.turn([f"address {number}", f"host {number}"]):
                pass
        return len(queues), queues.closed(["host blocked"])

    kept, closed = asyncio.run(run())
    assert kept <= 4_001
    assert closed == "it was blocked"
