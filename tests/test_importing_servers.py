"""``nianbao import`` from web archives: servers on loopback that speak as the real ones do."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import tomli_w
from warcio.archiveiterator import ArchiveIterator

from conftest import Outcome, Run
from foreign import Warc, at, captures, sha1
from portals import archives, commoncrawl, dead_host, holdings
from portals.longtail import LongTail
from portals.longtail_bodies import settings
from portals.web import Answer, Network, Request, Site, serving
from scraper.importing import report_addresses, slowest
from scraper.importing.client import servers

COUNTY = f"*.{settings()['domain']}/*"
HOST = dead_host.host()
LISTING = "/cdx/search/cdx"


def counts(found: Outcome) -> tuple[int, int]:
    """New and known captures."""
    return sum(line["new"] for line in found.records), sum(line["known"] for line in found.records)


def listed(found: list[Request]) -> int:
    return sum(request.path == LISTING for request in found)


class Always(Site):
    """Answers as ``say`` does."""

    hosts = ("127.0.0.1",)

    def __init__(self, say: Callable[[Request], Answer]) -> None:
        self._say = say

    def answer(self, request: Request) -> Answer:
        return self._say(request)


def base_of(network: Network) -> str:
    return f"http://{network.resolve['127.0.0.1']}"


def cdx_page(*rows: tuple[str, str, str]) -> Answer:
    """A listing with rows of time, address and digest."""
    fields = ["timestamp", "original", "mimetype", "statuscode", "digest", "length"]
    lines = [[time, url, "text/html", "200", digest, "900"] for time, url, digest in rows]
    return Answer(json.dumps([fields, *lines]).encode(), content_type="application/json")


def digest(body: bytes) -> str:
    return sha1(body).removeprefix("sha1:")


# The Wayback Machine


def test_what_is_listed_is_taken_under_its_address_and_time_and_verified(run: Run, tmp_path: Path) -> None:
    with archives.serving_archives() as server:
        found = run("import", "--wayback", COUNTY, "--cdx", server.cdx, "--delay", 0)
        asked = [request for request in server.log if request.path != LISTING]
    truth = dead_host.truth()
    assert (found.code, counts(found)) == (1, (20, 0))
    assert "Captures listed: 22; in the archive already: 0; contents to ask for: 15." in found.err
    # The same content is asked for once, whatever stands under which address and time.
    assert len(asked) == len({request.target for request in asked}) == 15
    for page, said in ((holdings.DAMAGED, "its digest differs"), (holdings.ABSENT, "does not give it out")):
        assert page.url not in [one.url for one in captures(tmp_path)]
        assert any(page.url in line and said in line for line in found.err.splitlines())
    moments = {(one.url, f"{one.captured_at:%Y%m%d%H%M%S}") for one in captures(tmp_path)}
    assert moments < {(one.original.replace(":80/", "/"), one.timestamp) for one in holdings.captures()}
    assert run("parse").code == 0
    read = run("sql", "SELECT url, year, captured_at FROM report").records
    assert {(one.url, one.year) for one in truth} <= {(one["url"], one["year"]) for one in read}
    assert {one["captured_at"][:4] for one in read} == {"2014"}


def test_where_it_came_from_stands_in_every_record(run: Run, tmp_path: Path) -> None:
    with archives.serving_archives() as server:
        run("import", "--wayback", HOST, "--match", "host", "--cdx", server.cdx, "--delay", 0)
    replay = server.cdx.removesuffix(LISTING) + "/web/"
    seen = set()
    for path in (tmp_path / "data" / "archive").glob("*.warc.gz"):
        with path.open("rb") as warc:
            for record in ArchiveIterator(warc, check_digests="raise"):
                record.raw_stream.read()
                if record.rec_type in ("response", "revisit"):
                    url = record.rec_headers.get_header("WARC-Target-URI")
                    assert record.rec_headers.get_header("WARC-Source-URI").startswith(replay)
                    assert record.rec_headers.get_header("X-Source-Payload-Digest").startswith("sha1:")
                    assert record.http_headers.get_header("Content-Type")
                    seen.add(url)
    assert {report.url for report in dead_host.truth()} <= seen


def test_long_listings_are_read_page_by_page(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(servers()["wayback"], "page", 3)
    with archives.serving_archives() as server:
        found = run("import", "--wayback", COUNTY, "--cdx", server.cdx, "--delay", 0)
        assert listed(server.log) == 8
    assert counts(found) == (20, 0)


def test_a_second_import_asks_only_for_the_list_and_what_could_not_be_had(run: Run, tmp_path: Path) -> None:
    with archives.serving_archives() as server:
        arguments = ("import", "--wayback", COUNTY, "--cdx", server.cdx, "--delay", 0)
        run(*arguments)
        before = len(server.log)
        again = run(*arguments)
        assert {request.target.rpartition("/")[2] for request in server.log[before + 1 :]} == {
            "32.html",
            "33.html",
        }
    assert (again.code, counts(again)) == (1, (0, 20))


def test_content_that_the_archive_has_is_not_asked_for(run: Run, tmp_path: Path) -> None:
    url, copy = "http://www.qinghe.gov.cn/a.html", "http://xxgk.qinghe.gov.cn/a.html"
    body = b"<html><body>1</body></html>"
    warc = Warc()
    warc.response(url, body, at("2012-03-05T08:00:00"))
    (tmp_path / "a.warc.gz").write_bytes(warc.bytes())
    run("import", "a.warc.gz")
    page = cdx_page(("20120305080000", url, digest(body)), ("20130406093000", copy, digest(body)))
    with serving([Always(lambda request: page)]) as network:
        found = run("import", "--wayback", "x", "--cdx", f"{base_of(network)}{LISTING}", "--delay", 0)
        assert len(network.log) == 1
    assert (found.code, counts(found)) == (0, (1, 1))
    assert [(one.url, one.captured_at, one.revisit) for one in captures(tmp_path)] == [
        (url, at("2012-03-05T08:00:00"), False),
        (copy, at("2013-04-06T09:30:00"), True),
    ]


def test_requests_are_apart_and_a_server_that_wants_rest_gets_it(run: Run, tmp_path: Path) -> None:
    arguments = ("--from", "2014-03", "--to", "20140403", "--match", "host", "--only", ".*ndbg.*")
    with archives.serving_archives(busy=[1, 3]) as server:
        found = run("import", "--wayback", HOST, *arguments, "--cdx", server.cdx, "--delay", 0.15)
        times = [request.at for request in server.log]
    assert (found.code, counts(found)) == (0, (2, 0))
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps[0], gaps[2]) >= holdings.RETRY_AFTER
    assert min(gaps) >= 0.15
    assert slowest() == 1.0


def test_several_questions_to_one_server_are_apart_too(run: Run, tmp_path: Path) -> None:
    empty = Answer(b"[]", content_type="application/json")
    with serving([Always(lambda request: empty)]) as network:
        asked = [word for number in range(3) for word in ("--wayback", f"http://a.gov.cn/{number}")]
        found = run("import", *asked, "--cdx", f"{base_of(network)}{LISTING}", "--delay", 0.1)
        times = [request.at for request in network.log]
    assert (found.code, counts(found), len(found.records)) == (0, (0, 0), 3)
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.1


def test_a_run_that_reaches_its_limit_is_taken_up_by_the_next(run: Run, tmp_path: Path) -> None:
    with archives.serving_archives() as server:
        arguments = ("import", "--wayback", COUNTY, "--cdx", server.cdx, "--delay", 0, "--limit", 6)
        first = run(*arguments)
        assert "no more than 6 are asked for in one run" in first.err
        assert (first.code, len(server.log)) == (0, 7)
        for _ in range(3):
            run(*arguments)
    assert len(captures(tmp_path)) == 20


def test_a_county_of_the_registry_is_asked_for_by_its_hosts(run: Run, tmp_path: Path) -> None:
    county = LongTail()
    entry = {
        "county_code": county.county_code,
        "county": county.county,
        "province": "宁夏回族自治区",
        "home": f"http://www.{settings()['domain']}/",
        "hosts": [HOST],
        "sample": True,
    }
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "portals.toml").write_text(tomli_w.dumps({"portal": [entry]}), encoding="utf-8")
    with archives.serving_archives() as server:
        found = run("import", "--wayback-for", county.county, "--cdx", server.cdx, "--delay", 0)
        asked = [request.query for request in server.log if request.path == LISTING]
    assert [(query["url"], query["matchType"]) for query in asked] == [
        (f"www.{settings()['domain']}", "host"),
        (HOST, "host"),
    ]
    assert {query["filter"] for query in asked} == {f"original:{report_addresses()}"}
    assert found.code == 0
    assert {one.url for one in dead_host.truth()} <= {one.url for one in captures(tmp_path)}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(b"<html>a page</html>"), "answers with something else than a list"),
        (Answer(b'{"a": 1}'), "answers with something else than a list"),
        (Answer(b'[["timestamp"], ["1", "2"]]'), "answers with something else than a list"),
        (Answer(b"Blocked Site Error", 403, "text/plain"), "status 403. Blocked Site Error"),
        (Answer(b"", 429, headers=[("Retry-After", "86400")]), "gives no answer (status 429)"),
        (Answer(b"", 503), "gives no answer (status 503), though it was asked several times"),
        (Answer(reset=True), "gives no answer"),
        (Answer(b"", 302, headers=[("Location", "http://10.0.0.1/")]), "leads to another host (http://10.0.0.1/)"),
        (Answer(b"", 302, headers=[("Location", LISTING)]), "redirects without an end"),
        (cdx_page(("2014", "http://a.cn/", "A" * 32), ("20140101000000", "http://a.cn/", "-")), "2 lines"),
    ],
)  # fmt: skip
def test_servers_that_give_no_list_are_told(run: Run, tmp_path: Path, answer: Answer, said: str) -> None:
    with serving([Always(lambda request: answer)]) as network:
        found = run("import", "--wayback", "x", "--cdx", f"{base_of(network)}{LISTING}", "--delay", 0)
        assert len(network.log) <= 6
    assert (found.code, counts(found)) == (1, (0, 0))
    assert said in found.err


def test_a_server_that_has_stopped_answering_is_left_alone(run: Run, tmp_path: Path) -> None:
    pages = [(f"201401010000{n:02}", f"http://a.gov.cn/{n}", digest(b"%d" % n)) for n in range(20)]
    answer = {LISTING: cdx_page(*pages), "/web/20140101000000id_/http://a.gov.cn/0": Answer(b"0")}
    busy = Answer(b"", 503)
    with serving([Always(lambda request: answer.get(request.target.partition("?")[0], busy))]) as network:
        found = run("import", "--wayback", "x", "--cdx", f"{base_of(network)}{LISTING}", "--delay", 0)
        assert len(network.log) == 2 + 3 * servers()["manner"]["tries"]
    assert (found.code, counts(found)) == (1, (1, 0))
    assert "The server has stopped answering: 16 contents were not asked for" in found.err


def test_private_addresses_are_never_asked(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for host in ("10.0.0.1", "192.168.1.1", "169.254.169.254", "[fd00::1]", "[::ffff:10.0.0.1]"):
        found = run("import", "--wayback", "x", "--cdx", f"http://{host}{LISTING}", "--delay", 0)
        assert (found.code, "which is not entered" in found.err) == (1, True), host
    # Only who named a server of this machine is led to it.
    inside = json.dumps([{"id": "CC-MAIN-2014-10", "cdx-api": "http://10.0.0.1/index"}]).encode()
    with serving([Always(lambda request: Answer(inside))]) as network:
        found = run("import", "--commoncrawl", "x", "--collinfo", base_of(network), "--delay", 0)
    assert (found.code, "the host 10.0.0.1 has a private address" in found.err) == (1, True)
    inside_address = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: inside_address)
    found = run("import", "--wayback", "x", "--cdx", f"http://archive.example{LISTING}", "--delay", 0)
    assert (found.code, "the host archive.example has a private address" in found.err) == (1, True)


# Common Crawl


def common_crawl(server: archives.Archives, *arguments: object) -> tuple[object, ...]:
    hosts = ("--collinfo", server.collinfo, "--data-host", server.data, "--delay", 0)
    return ("import", "--commoncrawl", COUNTY, *hosts, *arguments)


def test_records_of_common_crawl_are_read_one_by_one(run: Run, tmp_path: Path) -> None:
    with archives.serving_archives(busy=[2], rows_per_block=2) as server:
        found = run(*common_crawl(server))
        ranges = [request.headers["range"] for request in server.log if "crawl-data" in request.path]
        again = run(*common_crawl(server))
    cut = commoncrawl.cut_off()
    whole = [one for one in dead_host.truth() if one.url not in cut]
    assert (found.code, counts(found)) == (1, (15, 0))
    assert len(set(ranges)) == len(ranges)
    assert "ndbg2012.docx was cut short by those who archived it, and a file without its end" in found.err
    assert sum(
        "was cut short by those who archived it; it was taken" in line for line in found.err.splitlines()
    )
    assert (again.code, counts(again)) == (1, (0, 15))
    assert run("parse").code == 0
    read = run("sql", "SELECT url, year, captured_at FROM report").records
    assert {(one.url, one.year) for one in whole} <= {(one["url"], one["year"]) for one in read}
    assert {one["captured_at"][:4] for one in read} <= {"2014", "2015"}


def test_only_crawls_of_the_wanted_years_are_asked(run: Run, tmp_path: Path) -> None:
    with archives.serving_archives() as server:
        run(*common_crawl(server, "--from", "2015"))
        names = {request.path for request in server.log if request.path.endswith("-index")}
        single = server.collinfo.replace("collinfo.json", "CC-MAIN-2014-10-index")
        run(*common_crawl(server, "--index", single, "--only", ".*/ndbg/13091.html"))
    assert names == {"/CC-MAIN-2015-14-index"}
    assert {one.captured_at.year for one in captures(tmp_path)} == {2014, 2015}


def index_line(**fields: object) -> Answer:
    line = {
        "url": "http://a.gov.cn/", "timestamp": "20140101000000", "mime": "text/html", "status": "200",
        "digest": digest(b"1"), "filename": "crawl-data/a.warc.gz", "offset": "0", "length": "900", **fields,
    }  # fmt: skip
    return Answer(json.dumps(line).encode(), content_type="text/x-ndjson")


def one_record(url: str, body: bytes) -> bytes:
    warc = Warc()
    warc.response(url, body, at("2014-01-01T00:00:00"))
    return warc.bytes()[warc.offsets[1] :]


@pytest.mark.parametrize(
    ("line", "data", "said"),
    [
        (index_line(), Answer(b"the whole file"), "gives out whole files only"),
        (index_line(), Answer(b"", 404), "does not give it out"),
        (index_line(), Answer(b"<html>no record</html>", 206), "is damaged, or not where the list says"),
        (
            index_line(),
            Answer(one_record("http://b.gov.cn/", b"1"), 206),
            "is damaged, or not where the list",
        ),
        (index_line(), Answer(one_record("http://a.gov.cn/", b"2"), 206), "its digest differs"),
        (index_line(), Answer(one_record("http://a.gov.cn/", b"1")[:-30], 206), "is damaged, or not where"),
        (index_line(offset="?"), Answer(b""), "1 lines of the list"),
        (index_line(digest="-"), Answer(b""), "1 lines of the list"),
        (Answer(b"<html>a page</html>"), Answer(b""), "answers with something else than a list"),
    ],
)
def test_what_is_not_as_the_index_says_is_kept_out(
    run: Run, tmp_path: Path, line: Answer, data: Answer, said: str
) -> None:
    def say(request: Request) -> Answer:
        if "crawl-data" in request.path:
            return data
        return Answer(b'{"pages": 1}') if "showNumPages" in request.query else line

    with serving([Always(say)]) as network:
        hosts = ("--index", f"{base_of(network)}/index", "--data-host", base_of(network), "--delay", 0)
        found = run("import", "--commoncrawl", "x", *hosts)
    assert (found.code, counts(found)) == (1, (0, 0))
    assert said in found.err
