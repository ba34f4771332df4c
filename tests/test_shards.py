"""Crawls of shards: each portal in one of them, side by side into one archive, as one crawl would do it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
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
PORTALS = volume.portals(10, pages=10)
SITES = [site for portal in PORTALS for site in portal.sites()]
ENTRIES = [
    Portal(portal.county_code, portal.county, portal.home, province="示例省", loopback=True, delay=0.01)
    for portal in PORTALS
]
SHARDS = [Shard(number, COUNT) for number in range(1, COUNT + 1)]
# What a database says of an archive, but for the files and the moments at which a page came.
READ = (
    "SELECT report_id, county_code, publisher, publisher_kind, year, form, scope, title, url FROM report"
    " ORDER BY ALL",
    "SELECT report_id, metric, applicant, value, raw, table_no, row, col FROM fact ORDER BY ALL",
    "SELECT report_id, url FROM also_at ORDER BY ALL",
    "SELECT report_id, metric, value, sentence FROM claim ORDER BY ALL",
    "SELECT rule, report_id, severity, applicant, expected, actual FROM finding ORDER BY ALL",
)


@dataclass(frozen=True)
class Crawled:
    """A workspace after its crawl, the addresses that were asked for, and what is told of each portal."""

    data: Path
    asked: list[str]
    told: dict[str, dict[str, Any]]

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


def ended(crawls: Sequence[subprocess.Popen[str]]) -> dict[str, dict[str, Any]]:
    """What the crawls tell of each portal, by its county's code, when they have ended."""
    told: dict[str, dict[str, Any]] = {}
    for crawl in crawls:
        out, said = crawl.communicate(timeout=180)
        lines = {line["county_code"]: line for line in json.loads(out)}
        assert crawl.returncode == any(line["gaps"] for line in lines.values()), said
        assert not told.keys() & lines.keys()
        told |= lines
    return told


def asked(network: Network, hosts: frozenset[str] | None = None) -> list[str]:
    return [f"{one.host}{one.target}" for one in network.log if hosts is None or one.host in hosts]


@pytest.fixture(scope="module")
def by_one(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """All portals by one crawl."""
    data = tmp_path_factory.mktemp("one")
    with serving(SITES) as network:
        told = ended([begun(data, network)])
        return Crawled(data, asked(network), told)


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
        told = ended(list(crawls.values()))
        return Crawled(data, asked(network), told)


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
    assert len(one[0]) > 60
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


def test_what_is_told_of_each_portal_is_the_same(by_one: Crawled, by_shards: Crawled) -> None:
    assert len(by_one.told) == len(PORTALS)
    assert by_shards.told == by_one.told


def test_a_crawl_of_other_shards_knows_what_was_there(by_shards: Crawled) -> None:
    """No page is new to a shard of another count, nor to one crawl of all."""
    with serving(SITES) as network:
        for options in (["--shard", "1/2"], ["--shard", "4/4"], []):
            told = ended([begun(by_shards.data, network, *options)])
            assert told
            for code, line in told.items():
                known = by_shards.told[code]["new_reports"]
                assert (line["new_reports"], line["known_reports"], line["altered_reports"]) == (0, known, 0)


# Which shard a portal falls into

hosts = st.from_regex(r"(www\.)?[a-z]{2,9}(\.[a-z]{2,9})?\.gov\.cn", fullmatch=True)
counts = st.integers(1, 40)


def number_of(host: str, count: int) -> int:
    (found,) = [n for n in range(1, count + 1) if Shard(n, count).holds(dealt_by(host))]
    return found


def portal_at(host: str) -> Portal:
    return Portal("990001", "青禾县", f"http://{host}/")


@given(st.lists(hosts, max_size=30), counts)
def test_each_portal_falls_into_one_shard(names: list[str], count: int) -> None:
    portals = [portal_at(host) for host in names]
    found = [falling_into(Shard(number, count), portals) for number in range(1, count + 1)]
    assert sum(map(len, found)) == len(portals)
    assert {portal for part in found for portal in part} == set(portals)


@given(st.sampled_from(["harbin.gov.cn", "x.gov.cn", "wenzhou.gov.cn"]), st.lists(hosts), counts)
def test_hosts_that_are_asked_in_turn_fall_into_the_same_shard(
    domain: str, names: list[str], count: int
) -> None:
    below = [domain, f"www.{domain}", f"WWW.{domain.upper()}", f"{domain}.", f"fgj.daoli.{domain}"]
    assert len({number_of(host, count) for host in below}) == 1
    elsewhere = {f"http://{domain}:8080/yongjia/", f"https://{domain}/", f"http://www.{domain}/a/?b=1"}
    assert len({number_of(Portal("990001", "青禾县", home).host, count) for home in elsewhere}) == 1


@given(hosts, counts, counts)
def test_shards_of_two_counts_overlap_where_a_host_may_be_in_both(host: str, one: int, other: int) -> None:
    first, second = Shard(number_of(host, one), one), Shard(number_of(host, other), other)
    assert first.overlaps(second)
    assert second.overlaps(first)


def test_shards_that_do_not_overlap_have_no_host_in_common() -> None:
    names = [f"c{number}.gov.cn" for number in range(400)]
    for one in (Shard(n, 6) for n in range(1, 7)):
        for other in (Shard(n, 4) for n in range(1, 5)):
            common = [name for name in names if one.holds(name) and other.holds(name)]
            assert bool(common) == one.overlaps(other)


@pytest.mark.parametrize("count", [2, 3, 4, 8, 16, 32])
def test_shares_are_even_within_reason(count: int) -> None:
    """As far from the mean as chance brings it: no share by more than four standard deviations."""
    shipped = [portal for portal in shipped_registry() if not portal.disabled]
    country = [portal_at(f"www.{sha256(str(n).encode()).hexdigest()[:8]}.gov.cn") for n in range(2850)]
    for portals in (shipped, country):
        mean = len(portals) / count
        shares = [len(falling_into(Shard(number, count), portals)) for number in range(1, count + 1)]
        assert sum(shares) == len(portals)
        assert all(abs(share - mean) <= 4 * sqrt(mean) for share in shares), shares


@pytest.mark.parametrize("page", ["operations.md", "zh/operations.md"])
def test_others_can_work_out_the_shard_as_the_docs_say(page: str) -> None:
    text = (Path(__file__).parents[1] / "docs" / page).read_text(encoding="utf-8")
    (command,) = re.findall(r"^\$ (echo \$\(\(.*)$", text, re.MULTILINE)
    assert "harbin.gov.cn" in command
    for host in ("harbin.gov.cn", "bjdx.gov.cn", "yj.gov.cn"):
        said = subprocess.run(
            ["bash", "-c", command.replace("harbin.gov.cn", host)], capture_output=True, text=True, check=True
        )
        assert int(said.stdout) == number_of(f"www.{host}", 16)


# The command


@pytest.mark.parametrize(
    "wrong",
    ["0/16", "17/16", "3", "3/", "/3", "3/0", "0/0", "-1/4", "a/b", "3/16/2", " 1/2", "１/２", "1.0/2"],
)
def test_what_is_no_shard_is_refused(run: Run, tmp_path: Path, wrong: str) -> None:
    said = run("crawl", "--all", f"--shard={wrong}")
    assert said.code == 2
    assert f"“{wrong}” is no shard" in said.err
    assert "1/16" in said.err
    assert not (tmp_path / "data").exists()


def test_a_shard_without_portals_is_no_failure(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    entry = Portal("990001", "青禾县", "http://www.qinghe.gov.cn.test/", province="示例省", loopback=True)
    write_registry(data / "portals.toml", [entry])
    number = number_of(entry.host, 2)
    said = run("crawl", "--shard", f"{3 - number}/2", "--format", "json")
    assert (said.code, said.records) == (0, [])
    assert "0 of 1 portals" in said.err


def test_shards_in_use_are_told(run: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    entry = Portal("990001", "青禾县", "http://www.qinghe.gov.cn.test/", province="示例省", loopback=True)
    write_registry(data / "portals.toml", [entry])
    with Archive(data / "archive", writing=True, shard=Shard(1, 2)):
        said = run("crawl", "--shard", "3/4")
        assert said.code == 1
        assert "crawling shard 1/2" in said.err
        assert run("crawl").code == 1
