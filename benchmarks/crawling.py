"""What crawling costs, beside Scrapy doing the same on the same server; and whether memory stays flat.

``--memory`` measures the latter. Portals of ``tests/volume`` are served on loopback by a process of their
own. Each crawl is a process of its own too, whose CPU time, user and system, is what the operating system
counted for it from beginning to end.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from benchmarks.results import keep, options

from scraper.portals import write_registry
from volume.pages import Extent
from volume.server import Asked, Server, places_of, portals_of

CONCURRENCY = 32
REPORTS = 100
WAYS = {
    "crawl": ("own_crawl.py", "crawl"),
    "links": ("own_crawl.py", "links"),
    "scrapy": ("scrapy_peer.py",),
}
PACKAGES = ("httpcore", "isal", "warcio", "scrapy", "twisted", "lxml")

# Memory is looked at after each of so many requests; from the second on it must stay as it is.
EACH = 1_000
FLAT_FROM = 10_000
SHOWN = (2_000, FLAT_FROM, 20_000)
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


def told(pages: int, rounds: int) -> dict[str, Any]:
    """What each way took, the medians of its rounds."""
    found = throughput(pages, rounds)
    middle = {
        name: {
            "ms": statistics.median(one.per_page for one in used),
            "seconds": statistics.median(one.elapsed for one in used),
            "warc_mb": used[0].warc / 1e6,
        }
        for name, used in found.items()
    }
    # The home page, the disclosure page and robots.txt are there once for each portal.
    seen = found["crawl"][0].asked.pages
    return {"pages": seen, "rounds": rounds, "at_once": CONCURRENCY, "ways": middle}


def memory_of(extent: Extent) -> dict[str, Any]:
    """Crawls all portals of ``extent`` with ``nianbao crawl``, and watches how large the process is."""
    sizes: dict[int, float] = {}
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
                sizes[requests] = int(statm.split()[1]) * _PAGE_SIZE / 1e6
        if process.returncode:
            raise SystemExit((Path(folder) / "said").read_text(encoding="utf-8"))
        asked = server.asked()
    flat = [size for requests, size in sizes.items() if requests >= FLAT_FROM]
    return {
        "portals": extent.portals, "reports": extent.reports, "requests": asked.requests,
        "again": asked.again, "seconds": time.monotonic() - began,
        "start": sizes.pop(min(sizes)),
        "mb": {str(mark): size for mark, size in sizes.items() if mark in SHOWN or mark == max(sizes)},
        "growth": max(flat) / flat[0] - 1 if flat else None,
    }  # fmt: skip


def _progress(process: subprocess.Popen[bytes], server: Server) -> Iterator[int]:
    """The number of requests so far in steps of `EACH`, each time that it has grown by a step; first 0."""
    following = 1
    while process.poll() is None:
        time.sleep(0.05)
        requests = server.asked(forget=False).requests
        if requests >= following and process.poll() is None:
            yield requests // EACH * EACH
            following = requests // EACH * EACH + EACH


def memory(share: float) -> dict[str, Any]:
    """Resident memory of two long crawls, of so large a share of their reports."""
    found: dict[str, Any] = {"flat_from": FLAT_FROM, "requests": 0, "again": 0}
    for name, extent in (("many", MANY_PORTALS), ("one", ONE_HOST)):
        portals, reports = round(extent.portals * share), round(extent.reports * share)
        fewer = {"reports": reports} if extent.portals == 1 else {"portals": portals}
        found[name] = memory_of(replace(extent, **fewer))  # type: ignore[arg-type]
        for count in ("requests", "again"):
            found[count] += found[name].pop(count)
    return found


def main() -> None:
    """Measures what the arguments ask for, and keeps the result."""
    arguments = options(__doc__)
    arguments.add_argument("--pages", type=int, default=3_000, help="of the crawls that are compared")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--memory", action="store_true", help="measure memory instead")
    arguments.add_argument("--share", type=float, default=1.0, help="of the pages for --memory")
    given = arguments.parse_args()
    if given.memory:
        keep("crawl_memory", memory(given.share), given.results, PACKAGES[:3])
    else:
        keep("crawling", told(given.pages, given.rounds), given.results, PACKAGES)


if __name__ == "__main__":
    main()
