"""What was archived, replayed by pywb as it is: its own server over the archive's folder."""

from __future__ import annotations

import gzip
import hashlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest

from archived import HTML, report
from conftest import TONGXIN
from crawling import crawl_all
from portals import volume
from portals.vsb import Vsb
from portals.web import serving
from scraper.archive import Archive, Capture
from scraper.portals import Portal

WAYBACK = Path(sys.executable).with_name("wayback")
HOST = "http://www.tongxin.gov.cn.test"
PAGE = f"{HOST}/zwgk/t20210118_1.html"
COPY = f"{HOST}/bmjz/t20210118_1.html"
QUERY = f"{HOST}/search?名称=年报&page=1"
DATA = f"{HOST}/module/web/jpage/dataproxy.jsp"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
XML = [("Content-Type", "text/xml; charset=utf-8")]

GOLDEN = TONGXIN.read_text(encoding="utf-8").encode("gb18030")
CONFIG = """
collections:
  reports:
    archive_paths: {folder}/
    index_paths: {folder}/
"""


def at(day: int) -> datetime:
    return datetime(2021, 2, day, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Replay:
    """pywb's server, and what was put before it."""

    client: httpx.Client
    captures: dict[str, Capture]

    def get(self, name: str, url: str, kind: str = "id_") -> httpx.Response:
        """The page ``url`` as it is replayed for the moment of a capture."""
        moment = f"{self.captures[name].captured_at:%Y%m%d%H%M%S}"
        return self.client.get(f"/reports/{moment}{kind}/{url}")

    def post(self, name: str, url: str, posted: bytes, content_type: str) -> httpx.Response:
        """The answer to a POST request, likewise."""
        moment = f"{self.captures[name].captured_at:%Y%m%d%H%M%S}"
        return self.client.post(
            f"/reports/{moment}id_/{url}", content=posted, headers={"Content-Type": content_type}
        )


def put(archive: Archive) -> dict[str, Capture]:
    """A report, and all that may come of it; small files, so that originals lie in others."""
    body = gzip.compress(GOLDEN, mtime=0)

    def page(url: str, day: int, content: bytes = body) -> Capture:
        return archive.store_response(url, "200 OK", HTML, content, captured_at=at(day))

    def posted(day: int, fields: bytes, answer: bytes) -> Capture:
        return archive.store_response(
            DATA, "200 OK", XML, answer, captured_at=at(day), method="POST", posted=fields
        )

    def unchanged(url: str, day: int, original: Capture) -> Capture:
        return archive.store_not_modified(
            url, "304 Not Modified", [("ETag", '"1"')], original, captured_at=at(day)
        )

    captures = {"first": page(PAGE, 1), "other": page(f"{HOST}/other.html", 1, report(1))}
    captures["unchanged"] = unchanged(PAGE, 2, captures["first"])
    captures["again"] = page(PAGE, 3)
    captures["copy"] = page(COPY, 4)
    captures["copy unchanged"] = unchanged(COPY, 5, captures["copy"])
    captures["altered"] = page(PAGE, 6, report(6))
    captures["query"] = page(QUERY, 7, report(7))
    captures["form 1"] = posted(1, b"page=1&q=%E5%B9%B4", b"<datastore>1</datastore>")
    captures["form 2"] = posted(2, b"page=2&q=%E5%B9%B4", b"<datastore>2</datastore>")
    captures["form 1 again"] = posted(3, b"page=1&q=%E5%B9%B4", b"<datastore>1</datastore>")
    captures["json"] = posted(4, '{"page": 1, "名": [1, 2]}'.encode(), b"<datastore>3</datastore>")
    return captures


def crawled(folder: Path) -> dict[str, Capture]:
    """A report that a portal in GBK published, as the crawler archived it, and its list."""
    (portal,) = [portal for portal in volume.portals(7) if isinstance(portal, Vsb)]
    entry = Portal(portal.county_code, portal.county, portal.home, delay=0.0, loopback=True)
    with serving(portal.sites()) as network:
        found = crawl_all([entry], folder, network.resolve).crawls[portal.county_code]
    with Archive(folder) as archive:
        kept = {
            "crawled": archive.latest(found.reports[0].url),
            "crawled list": archive.latest(found.lists[0].url),
        }
        return {name: capture for name, capture in kept.items() if capture is not None}


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    """pywb serving an archive on loopback."""
    folder = tmp_path_factory.mktemp("replay")
    with Archive(folder / "archive", writing=True, largest_warc=3_000) as archive:
        captures = put(archive)
    assert len(list((folder / "archive").glob("*.warc.gz"))) > 2
    captures |= crawled(folder / "archive")
    (folder / "config.yaml").write_text(CONFIG.format(folder=folder / "archive"))
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [str(WAYBACK), "--bind", "127.0.0.1", "--port", str(port)]
    log = (folder / "log").open("wb")
    with log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as server:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
                wait_until_it_serves(client, server, folder / "log")
                yield Replay(client, captures)
        finally:
            server.kill()


def wait_until_it_serves(client: httpx.Client, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            client.get("/")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())


@pytest.mark.parametrize(
    ("name", "url", "stood"),
    [
        ("first", PAGE, 1),
        ("again", PAGE, 3),
        ("copy", COPY, 4),
        ("unchanged", PAGE, 1),
        ("copy unchanged", COPY, 4),
    ],
)
def test_a_report_and_its_revisits_are_replayed_byte_by_byte(
    replay: Replay, name: str, url: str, stood: int
) -> None:
    """Where the server said that nothing changed, what ``stood`` there since an earlier day."""
    assert replay.captures[name].revisit is (name != "first")
    response = replay.get(name, url)
    assert response.status_code == 200
    assert response.content == GOLDEN
    assert response.headers["Content-Type"] == "text/html; charset=gbk"
    assert parsedate_to_datetime(response.headers["Memento-Datetime"]) == at(stood)


@pytest.mark.parametrize("name", ["crawled", "crawled list"])
def test_what_was_crawled_is_replayed_byte_by_byte(replay: Replay, name: str) -> None:
    capture = replay.captures[name]
    response = replay.get(name, capture.url)
    assert response.status_code == 200
    assert hashlib.sha256(response.content).hexdigest() == capture.sha256
    assert "政府信息公开" in response.content.decode("gb18030")


def test_versions_are_told_apart_by_their_time(replay: Replay) -> None:
    assert replay.get("altered", PAGE).content == gzip.decompress(report(6))
    assert replay.get("first", PAGE).content == GOLDEN


def test_an_address_with_chinese_letters_is_found(replay: Replay) -> None:
    assert replay.get("query", QUERY).content == gzip.decompress(report(7))


def test_a_page_is_rewritten_for_browsers(replay: Replay) -> None:
    page = replay.get("again", PAGE, "mp_")
    assert page.status_code == 200
    assert "同心县" in page.content.decode("gb18030")
    assert "wombat" in page.text


def test_every_capture_stands_in_the_calendar(replay: Replay) -> None:
    lines = replay.client.get("/reports/cdx", params={"url": PAGE, "output": "json"}).text.splitlines()
    assert len(lines) == 4
    assert [line for line in lines if '"20210202030405"' in line]


@pytest.mark.parametrize(
    ("name", "posted", "content_type", "answer"),
    [
        ("form 1", b"page=1&q=%E5%B9%B4", FORM, b"<datastore>1</datastore>"),
        ("form 2", b"page=2&q=%E5%B9%B4", FORM, b"<datastore>2</datastore>"),
        ("form 1 again", b"page=1&q=%E5%B9%B4", FORM, b"<datastore>1</datastore>"),
        ("json", '{"page": 1, "名": [1, 2]}'.encode(), JSON, b"<datastore>3</datastore>"),
    ],
)
def test_answers_to_posts_are_replayed_to_the_same_post(
    replay: Replay, name: str, posted: bytes, content_type: str, answer: bytes
) -> None:
    response = replay.post(name, DATA, posted, content_type)
    assert response.status_code == 200
    assert response.content == answer
    assert replay.captures[name].revisit is (name == "form 1 again")
