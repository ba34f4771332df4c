"""What is read in shared storage is what a workspace's database holds, line by line, file by file."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.database import open_for_reading
from analysis.spreading import here
from conftest import GOLDEN, Run
from history import HOST, History, report
from nianbao.shared import Counts, parse_shared
from nianbao.workspace import Workspace
from processes import killing, memory
from scraper.archive import Archive
from scraper.engine import Engine, Here, Pool
from scraper.parse import Parsed
from scraper.portals import Portal, write_registry
from scraper.shared.parts import asked_parts, commits, whole_parts
from scraper.shared.settle import scratch, settle, take_in
from scraper.shared.storage import Storage
from scraper.shared.task import Terms
from scraper.store import open_database
from storages import files_in, shared, tables_at, tables_of
from test_changes_in_any_order import Event, bounded, happenings, read, tables
from test_changes_in_any_order import write as write_event
from test_nation import write
from test_parsing_in_processes import HUGE, MOST_MEMORY, fill


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A small nation, reports in many layouts and formats, pages that are none, and a history."""
    folder = tmp_path / "filled"
    write(folder)
    history = fill(folder, 10)
    blank = GOLDEN / "total-column-blank" / "document.html"
    history.answer("/blank.html", 0, blank.read_text(encoding="utf-8"))
    return folder


def grow(folder: Path) -> None:
    """What a later crawl finds: pages that came again, that are elsewhere, altered, or gone."""
    history = History(folder)
    first = history.answer("/a.html", 5, report(upheld=3))
    history.stands("/a.html", 6, first)
    history.answer("/copy/of/a.html", 5, report(upheld=3))
    history.answer("/b.html", 5, report(year=2019))
    history.answer("/gone.html", 5, "", "404 Not Found")
    history.answer("/c.html", 5, "", "404 Not Found")
    history.answer("/moved.html", 5, "", "302 Found", f"{HOST}/copy/of/a.html")
    with Archive(folder / "archive", writing=True) as archive:
        page = (report(upheld=6).encode(), report(upheld=7).encode())
        for number, body in enumerate((*page, page[0])):
            archive.store_response(f"{HOST}/f.html", "200 OK", [("Content-Type", "text/html")], body,
                                   captured_at=datetime(2021, 5, 1 + number, tzinfo=UTC))  # fmt: skip


def test_every_table_is_that_of_a_workspace_also_after_the_archive_grew(
    filled: Path, run: Run, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    first = run("parse", "--data", shared(filled, there))
    grow(filled)
    one = run("parse", "--data", filled)
    assert (one.code, first.code) == (0, 0), one.err + first.err
    finding = run("check", "--data", filled, "--format", "json").records[0]["finding_id"]
    assert run("check", "review", finding, "--dismiss", "--name", "李四", "--data", filled).code == 0
    url = shared(filled, there)
    assert run("parse", "--data", url).code == 0
    expected = tables_of(filled / "reports.duckdb")
    assert tables_at(url, expected) == expected
    assert [name for name, (_, lines) in expected.items() if not lines] == []


def parse_there(url: str, engine: Engine | None = None) -> tuple[Parsed, Counts]:
    """Reads what is new in shared storage."""
    workspace = Workspace(url)
    assert workspace.storage
    return parse_shared(workspace, workspace.storage, engine or Here(), None, here, lambda done, total: None)


@given(happenings("E", "404", "410", "503", "302", "304"), st.sets(st.integers(0, 6), max_size=2))
@bounded
def test_whatever_happened_and_whenever_it_was_read_it_is_as_in_a_workspace(
    happened: list[Event], pauses: set[int]
) -> None:
    with TemporaryDirectory() as folder, open_database(None) as once:
        history = History(Path(folder) / "local")
        there = Path(folder) / "there"
        for number, event in enumerate(happened):
            write_event(history, event)
            if number in pauses:
                settled(shared(history.folder, there))
        read(history, once)
        assert settled(shared(history.folder, there)) == tables(once)


def settled(url: str) -> dict[str, list[Any]]:
    """The tables of shared storage, without what is checked in them."""
    storage = Storage(url)
    terms = Terms(storage, frozenset(), {})
    there = commits(storage)
    parts = whole_parts(terms, there, [], Here(), lambda done, total: None)
    with scratch(storage) as connection:
        asked_parts(terms, there, parts, take_in(connection, terms, parts, []), Here())
        settle(connection, parts)
        return tables(connection)


def test_the_same_archive_gives_the_same_files_whoever_reads_it(tmp_path: Path) -> None:
    history = History(tmp_path / "local")
    history.answer("/a.html", 0, report())
    grow(history.folder)
    written = []
    for name, engine in (("here", Here()), ("pool", Pool(2))):
        # The same place, for what is said of damaged files names it.
        url = shared(history.folder, tmp_path / "there")
        parse_there(url, engine)
        written.append(files_in(tmp_path / "there"))
        shutil.move(tmp_path / "there", tmp_path / name)
    assert written[0] == written[1]
    assert any(name.startswith("parts/fact/") for name in written[0])


def test_what_was_read_is_not_read_again_and_lost_files_are_made_as_they_were(
    run: Run, tmp_path: Path
) -> None:
    history = History(tmp_path / "local")
    history.answer("/a.html", 0, report())
    grow(history.folder)
    there = tmp_path / "there"
    url = shared(history.folder, there)
    assert run("parse", "--data", url).code == 0
    before = files_in(there)
    stamps = {path: path.stat().st_mtime_ns for path in there.rglob("*") if path.is_file()}
    again = run("parse", "--data", url)
    assert again.err.startswith("No new report to read.")
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps

    # As if a run had been stopped before it could commit what it wrote, and before it switched.
    commit = next((there / "parts" / "read").iterdir())
    commit.unlink()
    (there / "tables" / "current.json").unlink()
    assert run("parse", "--data", url).code == 0
    assert files_in(there) == before


@pytest.mark.parametrize("pattern", ["parts/fact/*", "tables/*/report.parquet"])
@pytest.mark.parametrize("damage", ["gone", "cut off"])
def test_a_file_that_is_gone_or_damaged_is_named_and_made_anew(
    pattern: str, damage: str, run: Run, tmp_path: Path
) -> None:
    history = History(tmp_path / "local")
    history.answer("/a.html", 0, report())
    there = tmp_path / "there"
    url = shared(history.folder, there)
    assert run("parse", "--data", url).code == 0
    before = files_in(there)
    (file,) = there.glob(pattern)
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-50])
    query = "SELECT count(*) AS n FROM fact JOIN report USING (report_id)"
    found = run("sql", query, "--data", url)
    assert found.code == 1
    assert found.err.startswith(f"error: {url}/{file.relative_to(there).as_posix()} can't be read")
    assert found.err.count("\n") == 1
    assert run("parse", "--data", url).code == 0
    assert files_in(there) == before
    assert run("sql", query, "--data", url).code == 0


def test_a_portal_that_is_added_has_only_its_own_files_read_again(run: Run, tmp_path: Path) -> None:
    history = History(tmp_path / "local")
    history.answer("/a.html", 0, report())
    history.answer("http://www.qinghe.gov.cn.test/b.html", 0, report(upheld=4))
    there = tmp_path / "there"
    url = shared(history.folder, there)
    assert run("parse", "--data", url).code == 0
    before = {path.name for path in (there / "parts" / "read").iterdir()}
    portal = Portal("640324", "同心县", f"{HOST}/", province="宁夏回族自治区")
    write_registry(there / "portals.toml", [portal])
    assert run("parse", "--data", url).code == 0
    commits_now = {path.name for path in (there / "parts" / "read").iterdir()}
    assert len(before) == 2
    assert len(commits_now - before) == 1
    (now,) = (json.loads((there / "parts" / "read" / name).read_bytes()) for name in commits_now - before)
    assert now["counties"] == {HOST.removeprefix("http://"): "640324"}


def test_old_files_go_after_the_switch_and_readers_see_one_state(run: Run, tmp_path: Path) -> None:
    history = History(tmp_path / "local")
    history.answer("/a.html", 0, report())
    there = tmp_path / "there"
    url = shared(history.folder, there)
    assert run("parse", "--data", url).code == 0
    first = set(files_in(there))
    count = "SELECT count(*) FROM fact"
    with open_for_reading(Workspace(url).database) as reader:
        before = reader.execute(count).fetchall()
        for day in (1, 2):
            history.answer(f"/{day}.html", day, report(upheld=3 + day))
            shared(history.folder, there)
            age(there)
            assert run("parse", "--data", url).code == 0
            if day == 1:
                assert reader.execute(count).fetchall() == before
                assert first <= set(files_in(there)), "what the state before needs stays"
    gone = first - set(files_in(there))
    assert {name.rpartition("/")[0].partition("/")[0] for name in gone} == {"tables"}


def age(folder: Path) -> None:
    """Makes all files as old as those that no run can be writing any more."""
    for path in folder.rglob("*"):
        os.utime(path, (0, 0))


def test_damaged_and_growing_files_are_told_and_all_else_is_read(run: Run, tmp_path: Path) -> None:
    history = History(tmp_path / "local")
    for number in range(3):
        history.answer(f"/{number}.html", 0, report(upheld=1 + number))
    there = tmp_path / "there"
    url = shared(history.folder, there)
    damaged, growing, _ = sorted((there / "archive").iterdir())
    content = damaged.read_bytes()
    foreign = damaged.with_name("foreign.warc.gz")
    damaged.rename(foreign)
    foreign.write_bytes(content[:-40] + b"?" * 40)
    growing.write_bytes(growing.read_bytes()[:-40])
    found = run("parse", "--data", url)
    assert found.code == 1
    assert f"{url}/archive/{foreign.name}" in found.err
    assert "are no readable record" in found.err
    assert f"{url}/archive/{growing.name}: the last record" in found.err
    assert run("sql", "SELECT count(*) AS n FROM report", "--data", url, "--format", "json").records == [
        {"n": 1}
    ]
    assert run("parse", "--data", url).code == 0, "told once"

    shared(history.folder, there)
    assert run("parse", "--data", url).code == 0
    query = "SELECT count(*) AS n FROM report"
    assert run("sql", query, "--data", url, "--format", "json").records == [{"n": 3}]


def test_what_was_read_of_a_file_that_is_gone_stays(run: Run, tmp_path: Path) -> None:
    history = History(tmp_path / "local")
    history.answer("/a.html", 0, report())
    history.answer("/b.html", 1, report(upheld=4))
    there = tmp_path / "there"
    url = shared(history.folder, there)
    assert run("parse", "--data", url).code == 0
    gone = min((there / "archive").iterdir())
    gone.unlink()
    found = run("parse", "--data", url)
    assert f"{url}/archive/{gone.name} is no longer there" in found.err
    query = "SELECT count(*) AS n FROM report"
    assert run("sql", query, "--data", url, "--format", "json").records == [{"n": 2}]


def test_a_page_that_ends_its_process_is_named_and_all_others_are_read(tmp_path: Path) -> None:
    history = History(tmp_path / "local")
    with Archive(history.folder / "archive", writing=True) as archive:
        for number, page in enumerate((report(), HUGE, report(upheld=5))):
            body, kind = page.encode(), [("Content-Type", "text/html")]
            archive.store_response(f"{HOST}/{number}.html", "200 OK", kind, body)
    history.answer("/other.html", 0, report(upheld=7))
    url = shared(history.folder, tmp_path / "there")
    workspace = Workspace(url)
    assert workspace.storage
    with killing(lambda child: memory(child) > MOST_MEMORY):
        parsed, _ = parse_shared(workspace, workspace.storage, Pool(2), 60, here, lambda done, total: None)
    told = {(said.code, said.values["url"]) for said in parsed.failures}
    assert told == {("reader_died", f"{HOST}/1.html")}
    assert len(tables_at(url, ["report"])["report"][1]) == 3
    # The next run tries again what was not read, and nothing else.
    again, _ = parse_there(url)
    assert (again.failures, again.reports) == ([], 0)
    assert again.other_pages == 1


@pytest.mark.parametrize(
    ("command", "cure"),
    [
        (("crawl",), "--data /"),
        (("import", "."), "--data /"),
        (("demo",), "--data /"),
        (("check", "review", "x", "--confirm"), "--data /"),
    ],
)
def test_what_needs_a_folder_says_which(
    command: tuple[str, ...], cure: str, run: Run, tmp_path: Path
) -> None:
    history = History(tmp_path / "local")
    history.answer("/a.html", 0, report())
    url = shared(history.folder, tmp_path / "there")
    assert run("parse", "--data", url).code == 0
    if "x" in command:
        finding = run("check", "--data", url, "--format", "json").records[0]["finding_id"]
        command = tuple(finding if word == "x" else word for word in command)
    found = run(*command, "--data", url)
    assert found.code == 2, found.err
    assert cure in found.err
    assert "shared storage" in found.err


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///nowhere/at/all", "file:///nowhere/at/all/"),
        ("file://relative", "names no shared storage"),
        ("gopher://host/x", "names no shared storage"),
        ("s3://", "names no shared storage"),
    ],
)
def test_what_is_no_storage_is_told(url: str, said: str, run: Run) -> None:
    found = run("parse", "--data", url)
    assert found.code in (1, 2)
    assert said in found.err


@pytest.mark.parametrize("page", ["docs/cluster.md", "docs/zh/cluster.md"])
def test_the_files_can_be_read_as_the_page_shows(
    page: str, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = History(tmp_path / "local")
    history.answer("/a.html", 0, report())
    url = shared(history.folder, tmp_path / "there")
    assert run("parse", "--data", url).code == 0
    text = (Path(__file__).parents[1] / page).read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(program.replace("s3://bucket/nianbao", url), {})  # noqa: S102 - it is ours
    assert "640324" in capsys.readouterr().out
