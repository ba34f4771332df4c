"""An archive that several processes read gives the database that one gives, whatever becomes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conftest import Run
from corpus import samples
from history import HOST, SOFT_404, WALL, History, report
from nianbao.cli import INTERRUPTED
from nianbao.commands.demo import demo
from processes import children, killing, memory, until
from scraper.archive import Archive
from scraper.engine import Pool
from scraper.parse import Parsed, parse
from scraper.store import open_database

NIANBAO = Path(sys.executable).with_name("nianbao")
FORMATS = Path(__file__).parent / "formats"
# A page of paragraphs that needs more memory to be read than a process may have that reads reports.
HUGE = "<html><body>" + "<p>字" * 900_000
HUGE_URL = f"{HOST}/huge.html"
MOST_MEMORY = 330_000_000

# More than are stored together, and that twice.
COPIES = 1_600
READ = (
    "reading", "capture", "report", "fact", "label", "claim", "evidence", "warning", "also_at", "version",
    "earlier_fact", "report_text", "earlier_text", "absence",
)  # fmt: skip


def read(folder: Path, name: str, workers: int = 1) -> Parsed:
    """Reads the archive of ``folder`` into a database of its own."""
    with Archive(folder / "archive") as archive, open_database(folder / name) as connection:
        return parse(archive, connection, engine=Pool(workers) if workers > 1 else None)


def contents(database: Path) -> dict[str, list[Any]]:
    """All lines of all tables."""
    with duckdb.connect(str(database)) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {name: connection.execute(f'FROM "{name}" ORDER BY ALL').fetchall() for name in names}


def fill(folder: Path, count: int) -> History:
    """An archive of reports in many layouts and formats, of pages that are none, and with a history."""
    history = History(folder)
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 1, report(upheld=3))
    history.answer("/a.html", 2, report(views=7))
    history.answer("/b.html", 0, report(year=2019))
    history.answer("/b.html", 1, "", "404 Not Found")
    history.answer("/c.html", 0, report(upheld=9))
    history.answer("/c.html", 1, "", "302 Found", f"{HOST}/a.html")
    history.answer("/d.html", 0, SOFT_404)
    history.answer("/e.html", 0, WALL)
    with Archive(folder / "archive", writing=True) as archive:
        for path in sorted(FORMATS.glob("report.*")):
            headers = [("Content-Type", "application/octet-stream")]
            archive.store_response(f"{HOST}/{path.name}", "200 OK", headers, path.read_bytes())
        for number, sample in enumerate(samples("processes", count)):
            kind = "text/html" if sample.kind == "html" else "text/plain"
            archive.store_response(f"{HOST}/{number}.html", "200 OK", [("Content-Type", kind)], sample.data)
    return history


@pytest.mark.parametrize("workers", [2, 3])
def test_the_samples_are_read_alike(workers: int, demonstrated: Path) -> None:
    assert read(demonstrated, f"{workers}.duckdb", workers) == read(demonstrated, f"one{workers}.duckdb")
    found = contents(demonstrated / f"{workers}.duckdb")
    assert found == contents(demonstrated / f"one{workers}.duckdb")
    assert len(found["report"]) == 12
    assert len(found["fact"]) > 1000


@pytest.fixture(scope="module")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that ``nianbao demo`` leaves."""
    folder = tmp_path_factory.mktemp("demonstrated")
    assert demo(data=str(folder)) == 0
    return folder


@pytest.mark.parametrize("workers", [2, 3])
def test_all_layouts_and_formats_and_a_history_are_read_alike(workers: int, tmp_path: Path) -> None:
    fill(tmp_path, 60)
    assert read(tmp_path, "several", workers) == read(tmp_path, "one")
    found = contents(tmp_path / "several")
    assert found == contents(tmp_path / "one")
    assert all(found[name] for name in ("report", "earlier_fact", "absence", "reading"))


@pytest.mark.parametrize("workers", [2, 3])
def test_a_document_that_ends_its_reader_is_told_and_all_else_is_read(workers: int, tmp_path: Path) -> None:
    history = fill(tmp_path, 30)
    read(tmp_path, "without")
    history.answer("/huge.html", 0, HUGE)
    for number in range(5):
        history.answer(f"/behind/{number}.html", 0, report(upheld=20 + number))
    with killing(lambda child: memory(child) > MOST_MEMORY) as killed:
        parsed = read(tmp_path, "several", workers)
    assert len(killed) == 2, "once among others, and once alone"
    assert [(said.code, said.values["url"]) for said in parsed.failures] == [("reader_died", HUGE_URL)]
    read(tmp_path, "one")
    several, one = contents(tmp_path / "several"), contents(tmp_path / "one")
    assert several["settled"] == []
    assert several["reading"] == [line for line in one["reading"] if not of_huge(line, tmp_path)]
    assert {**several, "reading": 0, "settled": 0} == {**one, "reading": 0, "settled": 0}
    assert len(several["report"]) == len(contents(tmp_path / "without")["report"]) + 5

    # The next run tries again what was not read, and nothing else.
    assert read(tmp_path, "several", workers).failures == []
    assert contents(tmp_path / "several") == one


def of_huge(reading: Any, folder: Path) -> bool:
    with Archive(folder / "archive") as archive:
        (capture,) = archive.history(HUGE_URL)
    return (capture.warc_file, capture.offset) == tuple(reading[:2])


def test_the_command_names_a_document_that_takes_too_long(run: Run, tmp_path: Path) -> None:
    history = History(tmp_path / "data")
    history.answer("/a.html", 0, report())
    history.answer("/huge.html", 0, HUGE)
    history.answer("/b.html", 0, report(upheld=4))
    found = run("parse", "--workers", 2, "--time-limit", 1)
    assert found.code == 1
    assert f"{HUGE_URL} was not read in time" in found.err
    assert "Archived files that could not be read: 1." in found.err
    assert run("sql", "SELECT count(*) AS n FROM report", "--format", "json").records == [{"n": 2}]


def test_ctrl_c_ends_all_processes_and_the_next_run_goes_on(tmp_path: Path) -> None:
    fill(tmp_path, 0)
    with Archive(tmp_path / "archive", writing=True) as archive:
        for number in range(COPIES):
            page = report(views=number).encode()
            archive.store_response(f"{HOST}/{number}/", "200 OK", [("Content-Type", "text/html")], page)
    database = tmp_path / "reports.duckdb"
    stored = 0
    for _ in range(2):
        assert parse_and_interrupt(tmp_path) == INTERRUPTED
        readings = len(contents(database)["reading"])
        assert stored < readings < COPIES
        stored = readings
    assert parse_and_interrupt(tmp_path, at_all=False) == 0
    read(tmp_path, "one")
    found, one = contents(database), contents(tmp_path / "one")
    assert {name: found[name] for name in READ} == {name: one[name] for name in READ}


def parse_and_interrupt(folder: Path, *, at_all: bool = True) -> int:
    """``nianbao parse``, interrupted as a terminal does when it has stored what it read first; its code."""
    command = [str(NIANBAO), "parse", "--workers", "2", "--data", str(folder)]
    with (folder / "said").open("w+", encoding="utf-8") as said:
        with subprocess.Popen(command, stderr=said, start_new_session=True) as process:
            assert until(lambda: len(children(process.pid)) == 2)
            begun, before = children(process.pid), stored_bytes(folder)
            if at_all:
                assert until(lambda: stored_bytes(folder) != before)
                os.killpg(process.pid, signal.SIGINT)
            code = process.wait(timeout=60)
        said.seek(0)
        text = said.read()
    assert not any(memory(child) for child in begun)
    assert text.startswith("error: stopped." if at_all else "Reports read:"), text
    return code


def stored_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("reports.duckdb*"))
