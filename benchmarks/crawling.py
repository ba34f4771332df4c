"""What crawling costs, beside Scrapy doing the same on the same server; and whether memory stays flat.

``make benchmark`` runs this. Portals of ``tests/volume`` are served on loopback by a process of their own.
Each crawl is a process of its own too, whose CPU time, user and system, is what the operating system
counted for it from beginning to end. It prints Markdown tables.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from scraper.portals import write_registry  # noqa: E402 - tests/ is not a package
from volume.pages import Extent  # noqa: E402
from volume.server import Asked, Server, places_of, portals_of  # noqa: E402

CONCURRENCY = 32
REPORTS = 100
WAYS = {
    "nianbao: the crawl, reports recognised": ("own_crawl.py", "crawl"),
    "nianbao: fetch, archive, follow all links": ("own_crawl.py", "links"),
    "Scrapy: fetch, WARC, follow all links": ("scrapy_peer.py",),
}
LIBRARIES = ("nianbao", "httpcore", "selectolax", "isal", "warcio", "scrapy", "twisted", "lxml")

# Memory is looked at after each of so many requests; from the second on it must stay as it is.
EACH = 1_000
FLAT_FROM = 10_000
MANY_PORTALS = Extent(portals=500, reports=190, small=True)
ONE_HOST = Extent(portals=1, reports=19_800, on_page=100, small=True)
_PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Used:
    """What a process used, and what the server saw of it: seconds, and bytes of WARC files."""

    cpu: float
    elapsed: float
    warc: int
    asked: Asked

    @property
    def per_page(self) -> float:
        """Milliseconds of CPU time for each page."""
        return self.cpu / self.asked.pages * 1000


@dataclass
class Memory:
    """Resident memory in MB by the number of requests made."""

    samples: dict[int, float] = field(default_factory=dict)

    @property
    def base(self) -> float:
        """From where on it is to stay flat."""
        return next(size for requests, size in self.samples.items() if requests >= FLAT_FROM)

    @property
    def most_after(self) -> float:
        """The most from there on."""
        return max(size for requests, size in self.samples.items() if requests >= FLAT_FROM)

    @property
    def growth(self) -> float:
        """By what share it grew from there on at most."""
        return self.most_after / self.base - 1


def crawl_once(way: Sequence[str], server: Server, pages: int) -> Used:
    """One crawl of all portals by one of the `WAYS`; each of their ``pages`` is to be asked for once."""
    script, *arguments = way
    with TemporaryDirectory() as folder:
        target = f"{folder}/pages.warc.gz" if script == "scrapy_peer.py" else folder
        command = [sys.executable, str(Path(__file__).with_name(script)), *arguments, target]
        began = time.monotonic()
        process = subprocess.Popen([*command, str(CONCURRENCY), *server.homes])  # noqa: S603 - our own
        _, status, used = os.wait4(process.pid, 0)
        elapsed = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        asked = server.asked()
        # Scrapy ends well too where it is told to stop half way.
        if process.returncode or (asked.pages, asked.again, asked.missing) != (pages, 0, 0):
            raise SystemExit(f"{script} ended with {process.returncode}; {pages} pages; {asked}")
        warc = sum(path.stat().st_size for path in Path(folder).glob("*.warc.gz"))
    return Used(used.ru_utime + used.ru_stime, elapsed, warc, asked)


def throughput(pages: int, rounds: int) -> dict[str, list[Used]]:
    """Crawls the same portals by all ways in turn, several times."""
    extent = Extent(portals=max(1, round(pages / (REPORTS + 7))), reports=REPORTS)
    found: dict[str, list[Used]] = {name: [] for name in WAYS}
    with Server(extent) as server:
        for _ in range(rounds):
            for name, way in WAYS.items():
                found[name].append(crawl_once(way, server, extent.pages + extent.portals))
    return found


def print_throughput(found: dict[str, list[Used]]) -> None:
    """A line for each way, medians of its rounds."""
    print("| crawl | pages | CPU ms a page | pages a CPU second | elapsed s | WARC MB |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, rounds in found.items():
        middle = statistics.median(used.per_page for used in rounds)
        elapsed = statistics.median(used.elapsed for used in rounds)
        seen, size = rounds[0].asked.pages, rounds[0].warc / 1e6
        print(f"| {name} | {seen} | {middle:.2f} | {1000 / middle:.0f} | {elapsed:.1f} | {size:.1f} |")
    print()


def memory_of(extent: Extent) -> Memory:
    """Crawls all portals of ``extent`` with ``nianbao crawl``, and watches how large the process is."""
    found = Memory()
    with TemporaryDirectory() as folder, Server(extent) as server:
        write_registry(Path(folder) / "portals.toml", portals_of(server.homes))
        command = [str(Path(sys.executable).with_name("nianbao")), "crawl", "--data", folder]
        for name, place in places_of(server.homes).items():
            command += ["--resolve", f"{name}={place}"]
        began = time.monotonic()
        with (Path(folder) / "said").open("w") as said:
            process = subprocess.Popen(command, stdout=said, stderr=said)  # noqa: S603 - our own
            for requests in _progress(process, server):
                statm = Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii")
                found.samples[requests] = int(statm.split()[1]) * _PAGE_SIZE / 1e6
        if process.returncode:
            raise SystemExit((Path(folder) / "said").read_text(encoding="utf-8"))
        asked = server.asked()
    print(f"{extent.portals} portals, {asked.pages:,} pages in {time.monotonic() - began:.0f} s, {asked}")
    return found


def _progress(process: subprocess.Popen[bytes], server: Server) -> Iterator[int]:
    """The number of requests so far, each time that it has grown by `EACH`."""
    following = EACH
    while process.poll() is None:
        time.sleep(0.05)
        requests = server.asked(forget=False).requests
        if requests >= following and process.poll() is None:
            yield requests
            following = requests // EACH * EACH + EACH


def print_memory() -> None:
    """Resident memory of two long crawls."""
    for extent in (MANY_PORTALS, ONE_HOST):
        found = memory_of(extent)
        print("\n| pages | resident MB |\n|---:|---:|")
        shown = list(found.samples.items())
        for requests, size in shown[:: max(1, len(shown) // 20)]:
            print(f"| {requests:,} | {size:.1f} |")
        print(f"\nfrom page {FLAT_FROM:,} on: {found.base:.1f} MB, at most {found.most_after:.1f} MB")
        print(f"growth: {found.growth:.1%}\n")


def main() -> None:
    """Measures what the arguments ask for; everything without any."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--pages", type=int, default=3_000, help="of the crawls that are compared")
    said.add_argument("--rounds", type=int, default=3)
    said.add_argument("--only", choices=("throughput", "memory"))
    chosen = said.parse_args()
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores; {libraries}\n")
    if chosen.only != "memory":
        print_throughput(throughput(chosen.pages, chosen.rounds))
    if chosen.only != "throughput":
        print_memory()


if __name__ == "__main__":
    main()
