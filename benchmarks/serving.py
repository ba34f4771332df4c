"""What the explorer's pages cost: twenty readers of a database of every county and year, on loopback.

It makes the database as ``benchmarks/series.py`` does, serves it by ``nianbao serve``, and has readers ask
for pages, each for another county, report, word or metric as chance will have it, while a second process
writes to the database as ``nianbao parse`` does, so that the explorer takes new copies. What each kind of
page took is measured first with readers who look at a page for about a second, then with readers who ask for
the next one at once, and last with such readers of few pages, which are remembered. It ends with 1 where such
a page takes longer than it should. ``--database FILE`` keeps the database, or takes one that was kept.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.checking import COUNTIES
from benchmarks.results import keep, options
from benchmarks.series import make_database

READERS, SECONDS, PAUSE = 20, 60.0, 1.0
# So long readers read before it counts.
WARM = 8.0
FEW = 4

Pages = dict[str, Callable[[], str]]
LONGEST = 300
WORDS = (
    "行政复议",
    "政府信息公开",
    "主动公开",
    "依法",
    "申请",
    "2019年",
    "转办",
    "规范性文件",
    "诉讼",
    "微博",
)
METRICS = (
    "granted",
    "refusal_rate",
    "disclosure_rate",
    "requests_received",
    "carried_over_rate",
    "review_total",
)
# As a run of ``nianbao parse`` does, it keeps the database open while it writes, and closes it once, in the
# middle.
_WRITE = """
    import sys, time, duckdb
    seconds = float(sys.argv[2])
    for part in range(2):
        ends = time.monotonic() + seconds / 2 - 1
        with duckdb.connect(sys.argv[1]) as connection:
            while time.monotonic() < ends:
                connection.execute("CREATE OR REPLACE TABLE written AS FROM fact LIMIT 50000")
                connection.execute("UPDATE report SET title = title WHERE year = 2020")
                time.sleep(.2)
            connection.execute("DROP TABLE written")
"""


@dataclass
class World:
    """What there is to ask for."""

    counties: list[str]
    provinces: list[str]
    reports: list[str]
    findings: list[str]
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311

    def pages(self) -> Pages:
        """Kinds of pages, each giving an address as chance will have it."""
        one, some = self.chance.choice, self.chance.sample
        return {
            "country": lambda: "/zh/",
            "province": lambda: f"/{one(('zh', 'en'))}/province/{one(self.provinces)}",
            "county": lambda: f"/zh/county/{one(self.counties)}",
            "report": lambda: f"/zh/report/{one(self.reports)}",
            "findings": lambda: f"/zh/findings?page={self.chance.randint(1, 60)}",
            "findings of a place": lambda: f"/zh/findings?place={one(self.counties)}&severity=error",
            "finding": lambda: f"/en/finding/{one(self.findings)}",
            "compare: counties": lambda: (
                "/zh/compare?year=2015-2024&"
                + "&".join(f"county={code}" for code in some(self.counties, 4))
                + f"&metric={one(METRICS)}"
            ),
            "compare: country": lambda: (
                f"/zh/compare?metric={one(METRICS)}&year={self.chance.randint(2019, 2025)}"
            ),
            "rankings": lambda: f"/en/rank?metric={one(METRICS)}&year={self.chance.randint(2019, 2025)}",
            "search": lambda: f"/zh/search?q={' '.join(some(WORDS, self.chance.randint(1, 2)))}",
            "dictionary": lambda: "/zh/metrics",
            "about": lambda: "/en/about",
            "API: trend": lambda: f"/api/trend/{one(self.counties)}?metric={one(METRICS)}",
            "CSV of a county": lambda: f"/zh/county/{one(self.counties)}.csv?table=figures",
        }


def main() -> int:
    """Makes the database, serves it, has it read, keeps what pages took; 1 where some took too long."""
    arguments = options(__doc__)
    arguments.add_argument("--counties", type=int, default=COUNTIES)
    arguments.add_argument("--database", type=Path)
    arguments.add_argument("--seconds", type=float, default=SECONDS)
    given = arguments.parse_args()
    with TemporaryDirectory() as folder:
        kept: Path = given.database or Path(folder) / "made.duckdb"
        if not kept.exists():
            make_database(kept, given.counties)
        workspace = Path(folder) / "workspace"
        workspace.mkdir()
        database = workspace / "reports.duckdb"
        shutil.copyfile(kept, database)
        world = _world(database)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-c", "from nianbao.cli import main; main()", "serve"]
        server = subprocess.Popen([*command, "--data", str(workspace), "--port", str(port)])  # noqa: S603
        try:
            address = f"http://127.0.0.1:{port}"
            figures = asyncio.run(_measure(address, world, database, given.seconds, server.pid))
        finally:
            server.terminate()
            server.wait()
    keep("serving", figures, given.results, ("starlette", "uvicorn"))
    return 1 if figures["few"]["all"]["p95"] > LONGEST else 0


def _world(database: Path) -> World:
    with duckdb.connect(str(database), read_only=True) as connection:

        def names(query: str) -> list[str]:
            return [str(name) for (name,) in connection.execute(query).fetchall()]

        return World(
            names("SELECT DISTINCT county_code FROM report WHERE county_code IS NOT NULL ORDER BY 1"),
            names("SELECT DISTINCT left(county_code, 2) FROM report ORDER BY 1"),
            names("SELECT report_id FROM report ORDER BY 1"),
            names("SELECT finding_id FROM finding ORDER BY 1"),
        )


async def _measure(host: str, world: World, database: Path, seconds: float, server: int) -> dict[str, Any]:
    limits = httpx.Limits(max_connections=READERS)
    found: dict[str, Any] = {"readers": READERS, "pause": PAUSE, "wanted_ms": LONGEST}
    async with httpx.AsyncClient(base_url=host, timeout=60, limits=limits) as client:
        await _answers(client, world)
        few = _few(world)
        found["few_pages"] = FEW * len(few)
        for name, pages, pause in (
            ("looking", world.pages(), PAUSE),
            ("at_once", world.pages(), 0.0),
            ("few", few, 0.0),
        ):
            writer = subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", _dedented(_WRITE), str(database), str(seconds + WARM)]
            )
            worked = _processor_ms(server)
            times = await _read(client, pages, world.chance, seconds, pause)
            worked = _processor_ms(server) - worked
            writer.wait()
            found[name] = _told(times, seconds, worked)
    return found


def _processor_ms(process: int) -> float:
    """The processor time that a process and its threads have taken."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) * 1000 / os.sysconf("SC_CLK_TCK")


async def _answers(client: httpx.AsyncClient, world: World) -> None:
    """Waits until the explorer answers, texts included."""
    for _ in range(600):
        try:
            found = await client.get("/api/search", params={"q": WORDS[0]})
            if found.status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.2)
    raise TimeoutError


def _few(world: World) -> Pages:
    """The same few addresses of each kind, again and again."""
    fixed = {kind: [address() for _ in range(FEW)] for kind, address in world.pages().items()}
    return {kind: partial(world.chance.choice, some) for kind, some in fixed.items()}


async def _read(
    client: httpx.AsyncClient, pages: Pages, chance: random.Random, seconds: float, pause: float
) -> dict[str, list[float]]:
    times: defaultdict[str, list[float]] = defaultdict(list)
    counts = time.perf_counter() + WARM
    ends = counts + seconds

    async def reader() -> None:
        await asyncio.sleep(chance.random() * pause)
        while time.perf_counter() < ends:
            kind = chance.choice(list(pages))
            asked = time.perf_counter()
            answer = await client.get(pages[kind]())
            if answer.status_code != 200:
                raise RuntimeError(f"{answer.status_code}: {answer.url}")
            if asked > counts:
                times[kind].append((time.perf_counter() - asked) * 1000)
            await asyncio.sleep(chance.uniform(0.5, 1.5) * pause)

    await asyncio.gather(*(reader() for _ in range(READERS)))
    return times


def _told(times: dict[str, list[float]], seconds: float, worked: float) -> dict[str, Any]:
    """What pages took, by kind and altogether."""
    count = sum(map(len, times.values()))
    everything = [one for some in times.values() for one in some]
    return {
        "a_second": count / seconds,
        # What was asked for while it did not count yet took processor time as well.
        "processor_ms": worked / (count * (seconds + WARM) / seconds),
        "all": _late(everything),
        "kinds": {kind: _late(some) for kind, some in times.items()},
    }


def _late(times: list[float]) -> dict[str, float]:
    middle, late = (sorted(times)[min(int(len(times) * part), len(times) - 1)] for part in (0.5, 0.95))
    return {"asked": len(times), "p50": middle, "p95": late}


def _dedented(text: str) -> str:
    return "\n".join(line[4:] for line in text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
