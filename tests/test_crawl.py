"""The crawler on local portals: lists, politeness, retries, and what happens when it is killed."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from conftest import TONGXIN
from portal_server import Answer, Answers, PortalServer, serving
from scraper.archive import Archive
from scraper.crawl import PortalCrawl, crawl
from scraper.fetching import Pace
from scraper.portals import Portal, write_registry

NIANBAO = Path(sys.executable).with_name("nianbao")
HOST = "www.tongxin.gov.cn.test"
QUICK = Pace(timeout=5, tries=3, backoff=0.05, longest_wait=5)
ROBOTS = Answer(b"User-agent: *\nDisallow: /admin/\n", headers={"Content-Type": "text/plain"})


def portal(*, delay: float = 0.0, lists: tuple[str, ...] = ("/list.html",)) -> Portal:
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


def reports(years: range) -> Answers:
    text = TONGXIN.read_text(encoding="utf-8")
    return {f"/r{year}.html": Answer(text.replace("2020年", f"{year}年").encode()) for year in years}


def simple_site(years: range) -> Answers:
    return {"/robots.txt": ROBOTS, "/list.html": links(years), **reports(years)}


def crawled(server: PortalServer, folder: Path, wanted: Portal, pace: Pace = QUICK) -> PortalCrawl:
    resolve = {HOST: f"127.0.0.1:{server.port}"}
    with Archive(folder, writing=True) as archive:
        (found,) = asyncio.run(crawl([wanted], archive, pace=pace, resolve=resolve))
    return found


def test_a_list_is_followed_through_its_pages_to_the_reports(tmp_path: Path) -> None:
    answers: Answers = {
        "/robots.txt": ROBOTS,
        "/list.html": links(range(2022, 2024), '<a href="/list_1.html">下一页</a>'),
        "/list_1.html": links(range(2020, 2022), '<a href="/list.html">上一页</a>'),
        **reports(range(2020, 2024)),
    }
    with serving(answers) as server:
        found = crawled(server, tmp_path, portal())
    assert [url.rpartition("/")[2] for url in found.new_reports] == [
        "r2022.html", "r2023.html", "r2020.html", "r2021.html"
    ]  # fmt: skip
    assert found.failures == []


def test_a_page_of_decoys_alone_does_not_end_the_list(tmp_path: Path) -> None:
    decoys = '<a href="/n1.html">关于做好年度报告编制工作的通知</a><a href="/list_2.html">下页</a>'
    answers: Answers = {
        "/list.html": links(range(2022, 2023), '<a href="/list_1.html">下页</a>'),
        "/list_1.html": Answer(decoys.encode()),
        "/list_2.html": links(range(2021, 2022)),
        **reports(range(2021, 2023)),
    }
    with serving(answers) as server:
        assert len(crawled(server, tmp_path, portal()).new_reports) == 2


def test_a_pager_without_end_is_left_where_it_repeats_itself(tmp_path: Path) -> None:
    paths = ["/list.html", *(f"/list.html?page={number}" for number in range(1, 300))]
    pages = {
        path: links(range(2020, 2021), f'<a href="{following}">下一页</a>')
        for path, following in pairwise(paths)
    }
    answers = {**pages, **reports(range(2020, 2021))}
    with serving(answers) as server:
        found = crawled(server, tmp_path, portal())
    assert found.list_pages == 2
    assert len(found.new_reports) == 1


def test_a_link_to_the_list_itself_is_no_report(tmp_path: Path) -> None:
    more = '<a href="/list.html">政府信息公开年报</a><a href="/list.html">同心县2020年政府信息公开年报</a>'
    with serving({"/list.html": links(range(2020, 2021), more), **reports(range(2020, 2021))}) as server:
        assert len(crawled(server, tmp_path, portal()).new_reports) == 1


def test_the_client_says_who_it_is_and_keeps_the_delay(tmp_path: Path) -> None:
    answers: Answers = {"/list.html": links(range(2019, 2022)), **reports(range(2019, 2022))}
    with serving(answers) as server:
        crawled(server, tmp_path, portal(delay=0.2))
    agents = {request.headers["User-Agent"] for request in server.asked}
    assert len(agents) == 1
    assert "nianbao" in agents.pop()
    moments = [request.at for request in server.asked]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert min(gaps) >= 0.19


def test_robots_txt_is_asked_first_and_obeyed(tmp_path: Path) -> None:
    robots = Answer(
        b"User-agent: *\nDisallow: /r2020.html\nCrawl-delay: 0.2\n", headers={"Content-Type": "text/plain"}
    )
    answers: Answers = {
        "/robots.txt": robots,
        "/list.html": links(range(2020, 2022)),
        **reports(range(2020, 2022)),
    }
    with serving(answers) as server:
        found = crawled(server, tmp_path, portal())
    assert server.paths == ["/robots.txt", "/list.html", "/r2021.html"]
    assert server.asked[2].at - server.asked[1].at >= 0.19
    assert found.outcomes == ["robots"]


def test_a_host_whose_robots_txt_fails_is_left_alone(tmp_path: Path) -> None:
    with serving({"/robots.txt": Answer(status=500), "/list.html": links(range(2020, 2021))}) as server:
        found = crawled(server, tmp_path, portal())
    assert set(server.paths) == {"/robots.txt"}
    assert found.outcomes == ["robots"]


def test_retry_after_is_honoured_and_tries_are_bounded(tmp_path: Path) -> None:
    busy = Answer(status=503, headers={"Retry-After": "1"})
    answers: Answers = {
        "/robots.txt": ROBOTS,
        "/list.html": [busy, links(range(2020, 2022))],
        "/r2020.html": Answer(status=503),
        "/r2021.html": reports(range(2021, 2022))["/r2021.html"],
    }
    with serving(answers) as server:
        found = crawled(server, tmp_path, portal())
    asked = Counter(server.paths)
    assert asked["/list.html"] == 2
    assert server.asked[2].at - server.asked[1].at >= 0.99
    assert asked["/r2020.html"] == QUICK.tries
    assert [failure.outcome for failure in found.failures] == ["deferred"]
    assert len(found.new_reports) == 1


def test_a_host_that_refuses_is_asked_no_more(tmp_path: Path) -> None:
    answers: Answers = {"/list.html": links(range(2019, 2023)), "/r2019.html": Answer(status=403)}
    with serving(answers) as server:
        found = crawled(server, tmp_path, portal())
    assert [path for path in server.paths if path.startswith("/r2")] == ["/r2019.html"]
    assert found.outcomes == ["blocked"]


def test_a_slow_host_times_out(tmp_path: Path) -> None:
    pace = Pace(timeout=0.2, tries=2, backoff=0.01)
    with serving({"/robots.txt": ROBOTS, "/list.html": Answer(wait=1)}) as server:
        assert crawled(server, tmp_path, portal(), pace).outcomes == ["timeout"]


def test_a_redirect_to_another_host_is_not_followed(tmp_path: Path) -> None:
    away = Answer(status=302, headers={"Location": "http://elsewhere.example/"})
    with serving({"/robots.txt": ROBOTS, "/list.html": away}) as server:
        found = crawled(server, tmp_path, portal())
    assert found.outcomes == ["out_of_scope"]


def test_a_second_visit_asks_for_lists_alone_and_finds_what_is_new(tmp_path: Path) -> None:
    answers: Answers = {
        "/robots.txt": ROBOTS,
        "/list.html": [links(range(2020, 2022)), links(range(2020, 2023))],
        **reports(range(2020, 2023)),
    }
    with serving(answers) as server:
        first = crawled(server, tmp_path, portal())
        before = len(server.asked)
        second = crawled(server, tmp_path, portal())
    assert (len(first.new_reports), len(second.new_reports), len(second.known_reports)) == (2, 1, 2)
    assert server.paths[before:] == ["/list.html", "/r2022.html"]


def test_every_response_is_a_warc_record_with_a_line_in_the_index(tmp_path: Path) -> None:
    answers: Answers = {
        "/robots.txt": ROBOTS,
        "/list.html": links(range(2020, 2021)),
        **reports(range(2020, 2021)),
    }
    with serving(answers) as server:
        crawled(server, tmp_path, portal())
    (warc,) = tmp_path.glob("*.warc.gz")
    with warc.open("rb") as stream:
        records = [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.rec_headers.protocol)
            for record in ArchiveIterator(stream)
        ]
    assert {protocol for _, _, protocol in records} == {"WARC/1.1"}
    archived = [url for kind, url, _ in records if kind == "response"]
    assert [url.removeprefix(f"http://{HOST}") for url in archived] == server.paths
    lines = warc.with_name(warc.name.replace(".warc.gz", ".cdxj")).read_text(encoding="utf-8").splitlines()
    assert lines == sorted(lines)
    for line in lines:
        fields = json.loads(line.split(" ", 2)[2])
        with warc.open("rb") as stream:
            stream.seek(int(fields["offset"]))
            member = gzip.decompress(stream.read(int(fields["length"])))
        assert f"WARC-Target-URI: {fields['url']}".encode() in member


@pytest.mark.parametrize("moment", range(6))
def test_a_killed_crawl_goes_on_where_it_was(tmp_path: Path, moment: int) -> None:
    """SIGKILL at six moments of a crawl: no archived page is lost, and none is asked for twice."""
    years = range(2012, 2024)
    answers: Answers = {
        "/robots.txt": ROBOTS,
        "/list.html": links(range(2018, 2024), '<a href="/list_1.html">下一页</a>'),
        "/list_1.html": links(range(2012, 2018)),
        **reports(years),
    }
    write_registry(tmp_path / "portals.toml", [portal(delay=0.02)])
    with serving(answers) as server:
        resolve = f"{HOST}=127.0.0.1:{server.port}"
        command = [str(NIANBAO), "crawl", "--data", str(tmp_path), "--resolve", resolve]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = 1 + moment * 2
        deadline = time.monotonic() + 30
        while len(server.asked) < until and time.monotonic() < deadline:
            time.sleep(0.001)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
        archived = archived_addresses(tmp_path / "archive")
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    asked = Counter(server.paths)
    expected = {"/robots.txt", "/list.html", "/list_1.html", *(f"/r{year}.html" for year in years)}
    assert set(asked) == expected
    again = {path for path, count in asked.items() if count > 1}
    assert not again & archived, "a page that was in the archive was asked for again"
    assert len(again) <= 1, "at most the request that was under way is repeated"
    (line,) = json.loads(done.stdout)
    assert line["new_reports"] == len(years)
    assert archived_addresses(tmp_path / "archive") == expected


def archived_addresses(folder: Path) -> set[str]:
    """The paths of all whole records in the WARC files, whatever their index says."""
    found = set()
    for warc in folder.glob("*.warc.gz"):
        with warc.open("rb") as stream:
            try:
                for record in ArchiveIterator(stream):
                    record.content_stream().read()
                    address = record.rec_headers.get_header("WARC-Target-URI")
                    found.add(address and address.removeprefix(f"http://{HOST}"))
            except (EOFError, ArchiveLoadFailed):
                continue
    return found - {None}


def test_a_half_written_record_is_cut_off_and_fetched_again(tmp_path: Path) -> None:
    answers: Answers = {
        "/robots.txt": ROBOTS,
        "/list.html": links(range(2020, 2022)),
        **reports(range(2020, 2022)),
    }
    with serving(answers) as server:
        crawled(server, tmp_path, portal())
        (warc,) = tmp_path.glob("*.warc.gz")
        whole = warc.read_bytes()
        warc.write_bytes(whole[:-100])
        index = warc.with_name(warc.name.replace(".warc.gz", ".cdxj"))
        lines = index.read_text(encoding="utf-8").splitlines(keepends=True)
        index.write_text("".join(line for line in lines if "r2021" not in line) + "cn,gov", encoding="utf-8")
        before = len(server.asked)
        with Archive(tmp_path) as archive:
            assert [notice.code for notice in archive.notices] == ["record_cut_off"]
            assert len(archive) == 3
        found = crawled(server, tmp_path, portal())
    assert server.paths[before:] == ["/list.html", "/r2021.html"]
    assert (len(found.new_reports), len(found.known_reports)) == (1, 1)


def test_a_lost_index_is_made_anew(tmp_path: Path) -> None:
    answers: Answers = {
        "/robots.txt": ROBOTS,
        "/list.html": links(range(2020, 2021)),
        **reports(range(2020, 2021)),
    }
    with serving(answers) as server:
        crawled(server, tmp_path, portal())
    (index,) = tmp_path.glob("*.cdxj")
    written = index.read_text(encoding="utf-8")
    index.unlink()
    with Archive(tmp_path) as archive:
        assert len(archive) == 3
    assert index.read_text(encoding="utf-8") == written


def test_only_one_process_writes_to_an_archive(tmp_path: Path) -> None:
    with Archive(tmp_path, writing=True), pytest.raises(Exception, match="Another nianbao is writing"):
        Archive(tmp_path, writing=True).__enter__()
