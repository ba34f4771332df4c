"""A long crawl needs no more memory than a short one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.portals import write_registry
from volume.pages import Extent
from volume.server import Server, places_of, portals_of

NIANBAO = Path(sys.executable).with_name("nianbao")
# Some portals at a time: what they need together is there when the first ones are done.
EXTENT = Extent(portals=40, reports=80, small=True)
AT_ONCE = 10
FLAT_FROM = 1_000
MOST_GROWTH = 0.10
LONGEST = 300
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


@contextmanager
def crawling(server: Server, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``nianbao crawl`` of all portals of ``server``; ended with the block, if it has not by itself."""
    write_registry(data / "portals.toml", portals_of(server.homes))
    command = [str(NIANBAO), "crawl", "--data", str(data), "--at-once", str(AT_ONCE)]
    for name, place in places_of(server.homes).items():
        command += ["--resolve", f"{name}={place}"]
    with (data / "said").open("w") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
        try:
            yield process
        finally:
            process.kill()


def resident(process: subprocess.Popen[bytes]) -> int:
    """Bytes of memory that the process has; 0 where it has ended."""
    written = Path(f"/proc/{process.pid}/statm").read_text(encoding="ascii").split()
    return int(written[1]) * PAGE_SIZE


def test_memory_stays_flat(tmp_path: Path) -> None:
    samples: list[tuple[int, int]] = []
    deadline = time.monotonic() + LONGEST
    with Server(EXTENT, seconds=LONGEST) as server:
        with crawling(server, tmp_path) as process:
            while process.poll() is None and time.monotonic() < deadline:
                samples.append((server.asked(forget=False).requests, resident(process)))
                time.sleep(0.05)
            assert process.returncode == 0, (tmp_path / "said").read_text(encoding="utf-8")
        asked = server.asked()
    later = [size for requests, size in samples if requests >= FLAT_FROM and size]
    assert (asked.pages, asked.again, asked.missing) == (EXTENT.pages + EXTENT.portals, 0, 0)
    assert max(later) < later[0] * (1 + MOST_GROWTH)
