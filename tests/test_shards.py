"""Crawls of shards: each portal in one of them, beside each other in one archive, as one crawl would do it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import sqrt
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import Run
from portals import volume
from portals.web import Network, serving
from processes import until
from scraper.archive import Archive, Shard
from scraper.crawl import falling_into
from scraper.crawl.shards import dealt_by
from scraper.portals import Portal, write_registry
from scraper.portals.registry import shipped_registry

NIANBAO = Path(sys.executable).with_name("nianbao")
COUNT = 3
PORTALS = volume.portals(14, pages=16)
SITES = [site for portal in PORTALS for site in portal.sites()]
ENTRIES = [
    Portal(portal.county_code, portal.county, portal.home, province="示例省", loopback=True, delay=0.01)
    for portal in PORTALS
]
SHARDS = [Shard(number, COUNT) for number in range(1, COUNT + 1)]
# What a database says of an archive, but for the files and the moments at which a page came.
READ = (
    "SELECT report_id, county_code, publisher, publisher_kind, year, form, scope, title, url FROM report ORDER BY ALL",
    "SELECT report_id, metric, applicant, value, raw, table_no, row, col FROM fact ORDER BY ALL",
    "SELECT report_id, url FROM also_at ORDER BY ALL",
    "SELECT report_id, metric, value, sentence FROM claim ORDER BY ALL",
    "SELECT rule, report_id, severity, applicant, expected, actual FROM finding ORDER BY ALL",
)


@dataclass(frozen=True)
class Crawled:
    """A workspace after its crawl, and the addresses that were asked for, in their order."""

    data: Path
    asked: list[str]

    @property
    def warcs(self) -> list[str]:
        return sorted(warc.name for warc in (self.data / "archive").glob("*.warc.gz"))

    def read(self) -> list[list[tuple[Any, ...]]]:
        """What is read from the archive."""
        done = subprocess.run(
            [NIANBAO, "parse", "--data", self.data], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        with duckdb.connect(str(self.data / "reports.duckdb"), read_only=True) as connection:
            return [connection.execute(question).fetchall() for question in READ]


def begun(data: Path, network: Network, *options: object) -> subprocess.Popen[str]:
    """A crawl of the simulated portals into ``data``, in a process of its own."""
    write_registry(data / "portals.toml", ENTRIES)
    command = [str(NIANBAO), "crawl", "--data", str(data), "--format", "json", *map(str, options)]
    for host, address in network.resolve.items():
        command += ["--resolve", f"{host}={address}"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(crawls: Sequence[subprocess.Popen[str]]) -> None:
    for crawl in crawls:
        _, said = crawl.communicate(timeout=180)
        assert crawl.returncode == 0, said


def asked(network: Network, hosts: frozenset[str] | None = None) -> list[str]:
    return [f"{one.host}{one.target}" for one in network.log if hosts is None or one.host in hosts]


@pytest.fixture(scope="module")
def by_one(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """All portals by one crawl."""
    data = tmp_path_factory.mktemp("one")
    with serving(SITES) as network:
        ended([begun(data, network)])
        return Crawled(data, asked(network))


@pytest.fixture(scope="module")
def by_shards(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """All portals by the crawls of all shards at the same time; one of them is killed and run again."""
    data = tmp_path_factory.mktemp("shards")
    victim = max(SHARDS, key=lambda shard: len(falling_into(shard, ENTRIES)))
    hosts = frozenset(portal.host for portal in falling_into(victim, ENTRIES))
    with serving(SITES) as network:
        crawls = {shard: begun(data, network, "--shard", shard) for shard in SHARDS}
        assert until(lambda: len(asked(network, hosts)) > 30)
        crawls[victim].send_signal(signal.SIGKILL)
        assert crawls[victim].wait(timeout=10) == -signal.SIGKILL
        crawls[victim].communicate()
        crawls[victim] = begun(data, network, "--shard", victim)
        ended(list(crawls.values()))
        return Crawled(data, asked(network))


def test_all_shards_ask_for_what_one_crawl_asks_for_and_nothing_twice(
    by_one: Crawled, by_shards: Crawled
) -> None:
    one, shards = Counter(by_one.asked), Counter(by_shards.asked)
    assert max(one.values()) == 1
    assert shards.keys() == one.keys()
    # Of each portal the killed one may have had a page on its way.
    again = {address for address, times in shards.items() if times > 1}
    assert max(shards.values()) <= 2
    assert len({address.partition("/")[0] for address in again}) == len(again)


def test_reports_are_the_same_whoever_crawled_them(by_one: Crawled, by_shards: Crawled) -> None:
    one = by_one.read()
    assert len(one[0]) > 100
    assert by_shards.read() == one


def test_each_crawl_writes_files_of_its_own(by_one: Crawled, by_shards: Crawled) -> None:
    assert [name.count("-") for name in by_one.warcs] == [2]
    tags = Counter(name.removesuffix(".warc.gz").rpartition("-")[2] for name in by_shards.warcs)
    assert sorted(tags.values()) == [1, 1, 2]
    assert tags.keys() == {shard.tag for shard in SHARDS}
    runs = [run.name for run in (by_shards.data / "runs").iterdir()]
    assert Counter(name.partition("-")[2] for name in runs) == tags
    for warc in by_shards.warcs:
        hosts = {dealt_by(urlsplit(url).hostname or "") for url in urls_in(by_shards.data / "archive", warc)}
        shard = Shard.tagged(warc.removesuffix(".warc.gz").rpartition("-")[2])
        assert all(shard.holds(host) for host in hosts)


def urls_in(folder: Path, warc: str) -> list[str]:
    with Archive(folder) as archive:
        return [capture.url for capture in archive.captures() if capture.warc_file == warc]


def test_a_crawl_of_any_other_shards_knows_what_was_there(by_shards: Crawled) -> None:
    """Every page is found unchanged: no shard of another count, nor one crawl of all, finds anything new."""
    before = len(Archive_of(by_shards.data))
    with serving(SITES) as network:
        for options in (["--shard", "1/2"], ["--shard", "4/4"], []):
            crawl = begun(by_shards.data, network, *options)
            out, said = crawl.communicate(timeout=180)
            assert crawl.returncode == 0, said
            assert '"new_reports": 0' in out
            assert not any(f'"new_reports": {number}' in out for number in range(1, 10))
    assert len(Archive_of(by_shards.data)) > before


def Archive_of(data: Path) -> list[str]:
    with Archive(data / "archive") as archive:
        return [capture.url for capture in archive.captures()]
