"""Serves the portals of ``volume.pages`` on loopback, from a process of its own, as fast as it can.

Each portal has a port of its own, as politeness asks an address one thing at a time. A line on the standard
input is answered with what was asked for since the last one; where it ends, and after a time and a number of
requests that are given, the process ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from scraper.portals import Portal
from volume.pages import Extent, Pages, county_of, host

ADDRESS = "127.0.0.1"
_TESTS = Path(__file__).parents[1]
_OPEN_FILES = 16_384
_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Asked:
    """What a server was asked for: ``pages`` it has, those asked for more than once, and others."""

    requests: int
    pages: int
    again: int
    missing: int


def portals_of(homes: Sequence[str], delay: float = 0.0) -> list[Portal]:
    """The portals with these home pages as a registry would have them."""
    return [
        Portal(
            county_code=f"99{number:04}",
            county=county_of(number),
            home=home,
            province="样例省",
            delay=delay,
            loopback=True,
            most_pages=1_000_000,
        )
        for number, home in enumerate(homes)
    ]


def places_of(homes: Sequence[str]) -> dict[str, str]:
    """Where the hosts of these home pages are reached."""
    parts = [urlsplit(home) for home in homes]
    return {str(home.hostname): f"{ADDRESS}:{home.port}" for home in parts}


class Server:
    """Runs the server process while the block runs; ``ports`` are those of the portals in their order."""

    def __init__(self, extent: Extent, *, seconds: float = 3600, requests: int = 10_000_000) -> None:
        self.ports: list[int] = []
        self._said = {**vars(extent), "seconds": seconds, "requests": requests}
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "volume.server", json.dumps(self._said)]
        paths = [str(_TESTS), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        )
        self.ports = self._read()["ports"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.communicate(timeout=30)

    @property
    def homes(self) -> list[str]:
        """The portals' home pages."""
        return [f"http://{host(number)}:{port}/" for number, port in enumerate(self.ports)]

    def asked(self, *, forget: bool = True) -> Asked:
        """What was asked for since this was last called with ``forget``."""
        stdin = self._process.stdin if self._process else None
        if stdin is None:
            raise RuntimeError("the server is not running")
        stdin.write("forget\n" if forget else "tell\n")
        stdin.flush()
        return Asked(**self._read())

    def _read(self) -> Any:
        stdout = self._process.stdout if self._process else None
        line = stdout.readline() if stdout else ""
        if not line:
            raise RuntimeError("the server has ended")
        return json.loads(line)


class _Log:
    """What was asked for; ``over`` is set where it is enough."""

    def __init__(self, most: int) -> None:
        self.over = asyncio.Event()
        self._left = most
        self._pages: Counter[tuple[int, bytes]] = Counter()
        self._counts: Counter[str] = Counter()

    def note(self, number: int, path: bytes, *, found: bool) -> None:
        self._left -= 1
        if self._left <= 0:
            self.over.set()
        self._counts["requests"] += 1
        if not found:
            self._counts["missing"] += 1
            return
        self._pages[number, path] += 1
        if self._pages[number, path] == 2:
            self._counts["again"] += 1

    def told(self, *, forget: bool) -> dict[str, int]:
        counts = {name: self._counts[name] for name in ("requests", "again", "missing")}
        said = {**counts, "pages": len(self._pages)}
        if forget:
            self._pages, self._counts = Counter(), Counter()
        return said


class _Connection(asyncio.Protocol):
    """Answers GET requests, one after the other, and keeps the connection open."""

    def __init__(self, number: int, pages: Pages, log: _Log) -> None:
        self._number = number
        self._pages = pages
        self._log = log
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while _END in self._waiting:
            head, _, self._waiting = self._waiting.partition(_END)
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        path = head.split(b" ", 2)[1]
        found = self._pages.answer(self._number, path.decode("latin-1"))
        self._log.note(self._number, path, found=found is not None)
        status = b"200 OK" if found else b"404 Not Found"
        kind, body = found or ("text/html", b"<html><body>404</body></html>")
        said = f"Content-Type: {kind}; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        if self._transport is not None:
            self._transport.write(b"HTTP/1.1 " + status + b"\r\nServer: volume\r\n" + said.encode() + body)


async def _serve(extent: Extent, seconds: float, requests: int) -> None:
    loop = asyncio.get_running_loop()
    pages, log = Pages(extent), _Log(requests)
    servers = [
        await loop.create_server(lambda number=number: _Connection(number, pages, log), ADDRESS, 0)  # type: ignore[misc]
        for number in range(extent.portals)
    ]
    print(json.dumps({"ports": [server.sockets[0].getsockname()[1] for server in servers]}), flush=True)
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    try:
        async with asyncio.timeout(seconds):
            tasks = [asyncio.create_task(log.over.wait()), asyncio.create_task(_tell(lines, log))]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    except TimeoutError:
        return


async def _tell(lines: asyncio.StreamReader, log: _Log) -> None:
    while line := await lines.readline():
        print(json.dumps(log.told(forget=line == b"forget\n")), flush=True)


def main() -> None:
    """Serves what the first argument says, as JSON."""
    said = json.loads(sys.argv[1])
    seconds, requests = said.pop("seconds"), said.pop("requests")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(_OPEN_FILES, most), most))
    asyncio.run(_serve(Extent(**said), seconds, requests))


if __name__ == "__main__":
    main()
