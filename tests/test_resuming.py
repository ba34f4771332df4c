"""SIGKILL at 50 random moments: what was archived stays, and only what was under way is asked for again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from portal_server import Answer, Answers, PortalServer, serving
from scraper.archive import Archive
from scraper.portals import Portal, write_registry
from volume.pages import LIST_PATH, Extent, Pages, county_of, host

NIANBAO = Path(sys.executable).with_name("nianbao")
KILLS = 50
CRAWLS = 5
AT_ONCE = 2
EXTENT = Extent(portals=1, reports=60, on_page=12, small=True)
HOST = host(0)
REPORTS = [f"{LIST_PATH}content_{number}.html" for number in range(EXTENT.reports)]
LISTS = [LIST_PATH, *(f"{LIST_PATH}index_{page}.html" for page in range(2, EXTENT.list_pages + 1))]
PAGES = {"/robots.txt", "/", "/zfxxgk/", *LISTS, *REPORTS}
# One request at a time and host, so many that a killed process may have left without an answer kept.
IN_FLIGHT = 1
DELAY = 0.02
# Seconds in which a process begins, and in which a request is made and its answer kept.
BEGINNING, REQUEST = 1.0, 0.05
# The share of kills that are made to have hit a write.
HALF_WRITTEN = 0.4

PORTAL = Portal(
    county_code="990001",
    county=county_of(0),
    home=f"http://{HOST}/",
    province="样例省",
    delay=DELAY,
    loopback=True,
)


@dataclass(frozen=True)
class Record:
    """A whole record of a WARC file, as its head says it is."""

    name: str
    kind: str
    url: str
    file: str
    offset: int
    length: int

    @property
    def path(self) -> str:
        return self.url.removeprefix(f"http://{HOST}")


@dataclass
class Killed:
    """A crawl into ``data`` that was killed ``kills`` times, and then let run to its end.

    ``whole`` are the records that were so at the moment of any kill; ``again`` the pages that were asked
    for although they had been among them.
    """

    data: Path
    kills: int = 0
    whole: set[Record] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    done: subprocess.CompletedProcess[str] | None = None

    @property
    def archive(self) -> Path:
        return self.data / "archive"

    @property
    def report(self) -> Any:
        """The line of the portal in the last run's report."""
        *_, last = sorted((self.data / "runs").iterdir())
        (line,) = (last / "report.jsonl").read_text(encoding="utf-8").splitlines()
        return json.loads(line)

    def note(self, asked: list[str]) -> None:
        """Takes what the last process asked for, and what it left."""
        self.again |= {record.path for record in self.whole}.intersection(asked[len(self.asked) :])
        self.asked = list(asked)
        self.whole.update(whole_records(self.archive))


def answers() -> Answers:
    pages = Pages(EXTENT)
    found = ((path, pages.answer(0, path)) for path in PAGES)
    return {
        path: Answer(body, headers={"Content-Type": f"{kind}; charset=utf-8"})
        for path, (kind, body) in ((path, answer) for path, answer in found if answer)
    }


def whole_records(folder: Path) -> Iterator[Record]:
    """What gzip itself can unpack of the WARC files, whatever any index says."""
    for warc in sorted(folder.glob("*.warc.gz")):
        data, offset = warc.read_bytes(), 0
        while data:
            reader = zlib.decompressobj(31)
            content = reader.decompress(data)
            if not reader.eof:
                break
            head = content.partition(b"\r\n\r\n")[0].decode()
            fields = dict(line.split(": ", 1) for line in head.splitlines()[1:])
            length = len(data) - len(reader.unused_data)
            url = fields.get("WARC-Target-URI", "")
            yield Record(fields["WARC-Record-ID"], fields["WARC-Type"], url, warc.name, offset, length)
            data, offset = reader.unused_data, offset + length


def crawl_killed_at(moments: Sequence[int], chance: Random, data: Path) -> Killed:
    """Kills a crawl behind so many requests, and then lets it end."""
    crawl = Killed(data)
    write_registry(data / "portals.toml", [PORTAL])
    with serving(answers()) as server:
        command = [str(NIANBAO), "crawl", "--data", str(data), "--format", "json"]
        command += ["--resolve", f"{HOST}=127.0.0.1:{server.port}"]
        for requests in moments:
            before = set(crawl.archive.glob("*.warc.gz"))
            kill(command, server, requests, chance)
            crawl.kills += 1
            crawl.note(server.paths)
            for warc in set(crawl.archive.glob("*.warc.gz")) - before:
                leave_half_written(warc, chance)
        crawl.done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
        crawl.note(server.paths)
    return crawl


def kill(command: list[str], server: PortalServer, requests: int, chance: Random) -> None:
    """Kills the command a moment after the server was asked for the last of ``requests``.

    Where it was asked for as many before, the process is killed while it begins.
    """
    begins = len(server.asked) >= requests
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while len(server.asked) < requests and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(chance.random() * (BEGINNING if begins else REQUEST))
    assert process.poll() is None, "the crawl ended before it was killed"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)


def leave_half_written(warc: Path, chance: Random) -> None:
    """Now and then leaves what a kill in the middle of a write leaves: the beginning of a record, and of
    an index line. By itself that is so rare that 50 kills may miss it.
    """
    if chance.random() > HALF_WRITTEN:
        return
    whole = warc.read_bytes()
    reader = zlib.decompressobj(31)
    reader.decompress(whole)
    length = len(whole) - len(reader.unused_data)
    with warc.open("ab") as file:
        file.write(whole[: chance.randrange(1, length)])
    with warc.with_name(warc.name.replace(".warc.gz", ".cdxj")).open("a", encoding="utf-8") as file:
        file.write("cn,gov,"[: chance.randrange(8)])


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> list[Killed]:
    """Several crawls, side by side, which are killed 50 times in all."""
    chance = Random("resuming")
    # The last pages are left to the last process of each, so that none ends before it is killed.
    moments: list[list[int]] = [[] for _ in range(CRAWLS)]
    for _ in range(KILLS):
        chance.choice(moments).append(chance.randrange(len(PAGES) - 6))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = [
            pool.submit(crawl_killed_at, sorted(each), Random(number), tmp_path_factory.mktemp("killed"))
            for number, each in enumerate(moments)
        ]
        return [crawl.result() for crawl in running]


def test_50_kills_lose_nothing_that_was_archived(crawls: list[Killed]) -> None:
    assert sum(crawl.kills for crawl in crawls) == KILLS
    for crawl in crawls:
        assert crawl.whole <= set(whole_records(crawl.archive))


def test_no_more_than_the_pages_in_flight_are_fetched_again(crawls: list[Killed]) -> None:
    for crawl in crawls:
        assert set(crawl.asked) == PAGES
        assert crawl.again == set(), "a page that was in the archive was asked for again"
        assert len(crawl.asked) - len(PAGES) <= crawl.kills * IN_FLIGHT


def test_every_page_is_archived_once_and_every_report_counted_once(crawls: list[Killed]) -> None:
    for crawl in crawls:
        assert crawl.done is not None
        assert crawl.done.returncode == 0, crawl.done.stderr
        archived = Counter(record.path for record in whole_records(crawl.archive) if record.url)
        assert archived == Counter(PAGES)
        (line,) = json.loads(crawl.done.stdout)
        assert (line["new_reports"], line["known_reports"], line["gaps"]) == (len(REPORTS), 0, 0)
        found = [report["url"] for report in crawl.report["reports"]]
        assert sorted(found) == sorted(f"http://{HOST}{path}" for path in REPORTS)


def test_half_written_records_are_cut_off_and_the_index_agrees(crawls: list[Killed]) -> None:
    for crawl in crawls:
        records = list(whole_records(crawl.archive))
        for warc in crawl.archive.glob("*.warc.gz"):
            assert warc.stat().st_size == sum(one.length for one in records if one.file == warc.name)
            assert_digests(warc)
        indexed = [entry for index in crawl.archive.glob("*.cdxj") for entry in read_index(index)]
        kept = [(one.url, one.file, one.offset, one.length) for one in records if one.url]
        assert sorted(indexed) == sorted(kept)
        with Archive(crawl.archive) as archive:
            assert (len(archive), archive.notices) == (len(kept), [])


def assert_digests(warc: Path) -> None:
    """Every record is what its digests say that it is."""
    with warc.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            record.content_stream().read()


def read_index(index: Path) -> Iterator[tuple[str, str, int, int]]:
    lines = index.read_text(encoding="utf-8").splitlines()
    assert lines == sorted(lines)
    for line in lines:
        entry = json.loads(line.split(" ", 2)[2])
        yield entry["url"], entry["filename"], int(entry["offset"]), int(entry["length"])
