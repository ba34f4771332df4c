"""An explorer that runs, for tests: over real HTTP on loopback, in a thread of this process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import httpx
import uvicorn

from conftest import GOLDEN
from nianbao.explorer.app import explorer
from nianbao.explorer.settings import LOOPBACK, Settings
from nianbao.workspace import Workspace

HOSTILE = "<script>document.title='taken'</script><img src=x onerror=document.title='taken'>"
_LONG = 10_000_000


@contextmanager
def served(folder: Path | str, settings: Settings | None = None) -> Iterator[httpx.Client]:
    """A client of the explorer of the workspace in ``folder``, or at that URL."""
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    app = explorer(Workspace(folder), settings or Settings(hosts=LOOPBACK))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on"))
    running = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    running.start()
    host = f"http://127.0.0.1:{listening.getsockname()[1]}"
    try:
        with httpx.Client(base_url=host, timeout=60) as client:
            wait_for(lambda: server.started)
            yield client
    finally:
        server.should_exit = True
        running.join(timeout=20)
        listening.close()


def wait_for(true: object, seconds: float = 20) -> None:
    """Waits until what is called gives something true."""
    assert callable(true)
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "nothing came of it in time"
        time.sleep(0.05)


def hostile_page() -> bytes:
    """The report of Tongxin, with a script in its title, in a cell, in its prose, and one that would run."""
    text = (GOLDEN / "tongxin-2020-html" / "document.html").read_text(encoding="utf-8")
    escaped = HOSTILE.replace("<", "&lt;")
    text = text.replace("年度报告</h1>", f"年度报告{escaped}</h1>").replace(
        "年度报告_", f"年度报告{escaped}_"
    )
    text = text.replace("<td>规章</td><td>0</td>", f"<td>规章{escaped}</td><td>0{escaped}</td>", 1)
    return text.replace("一、总体情况</p>", f"一、总体情况</p><p>{escaped}</p>{HOSTILE}", 1).encode()


def make_hostile(database: Path) -> None:
    """Puts a cell of 10 MB, and addresses and file names that are markup, where reports are stored."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "UPDATE fact SET raw = repeat('九', $1) WHERE metric = 'granted' AND applicant = 'total'",
            [_LONG // 3],
        )
        connection.execute("UPDATE report SET publisher = coalesce(publisher, '') || $1", [HOSTILE])
        connection.execute(
            "INSERT INTO also_at SELECT report_id, 'http://a.test/附件' || $1 || '.docx', captured_at,"
            " captured_at, sha256, warc_file, warc_offset, NULL, NULL FROM report",
            [HOSTILE],
        )
        connection.execute(
            "INSERT INTO warning SELECT report_id, 'code', $1, $1 FROM report", [f"javascript:{HOSTILE}"]
        )
