"""Readers of the archive beside its writer and where they may not write, and the memory of both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from archived import address, everything, filled, lose_indexes, store
from scraper.archive import Archive, Capture
from scraper.messages import ScraperError

NOBODY = 65534
LOOKUP = "captures.sqlite"


def in_another_process(code: str, *arguments: object, **options: Any) -> Any:
    """What a Python program writes to standard output, as JSON."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


READER = """
import json, sys
from pathlib import Path
from scraper.archive import Archive
with Archive(Path(sys.argv[1])) as archive:
    captures = list(archive.captures())
    bodies = [len(archive.read(capture).body) for capture in captures]
    found = [archive.latest(capture.url) == capture for capture in captures]
    print(json.dumps([len(archive), len(captures), all(bodies), all(found), len(archive.notices)]))
"""


def test_a_reader_sees_all_that_a_writer_has_stored_so_far(tmp_path: Path) -> None:
    filled(tmp_path, 5)
    with Archive(tmp_path, writing=True, largest_warc=20_000) as archive:
        for number in range(100, 400):
            store(archive, number)
            if number % 60 == 0:
                seen = in_another_process(READER, tmp_path)
                assert seen == [len(archive), len(archive), True, True, 0]


def test_a_reader_keeps_what_it_saw_when_it_came(tmp_path: Path) -> None:
    with Archive(tmp_path, writing=True, largest_warc=2_000) as archive:
        early = [store(archive, number) for number in range(20)]
        with Archive(tmp_path) as reader:
            walk = reader.captures()
            first = next(walk)
            late = [store(archive, number) for number in range(20, 1500)]
            assert [first, *walk] == early
            assert len(reader) == 20
            assert reader.latest(late[0].url) is None
            assert reader.history(early[3].url) == [early[3]]
        assert list(archive.captures()) == [*early, *late]


def test_two_readers_and_a_writer_that_begins_meanwhile(tmp_path: Path) -> None:
    captures = filled(tmp_path, 30)
    (tmp_path / LOOKUP).unlink()
    with Archive(tmp_path) as one, Archive(tmp_path) as other, Archive(tmp_path, writing=True) as writer:
        store(writer, 77)
        assert list(one.captures()) == list(other.captures()) == captures
        assert len(writer) == 31


def test_a_reader_beside_a_writer_does_without_lookup_and_index(tmp_path: Path) -> None:
    with Archive(tmp_path, writing=True) as archive:
        captures = [store(archive, number) for number in range(30)]
        for path in tmp_path.glob(f"{LOOKUP}*"):
            path.rename(tmp_path / f"hidden-{path.name}")
        assert everything(tmp_path) == captures
        (index,) = tmp_path.glob("*.cdxj")
        index.rename(tmp_path / "hidden")
        assert everything(tmp_path) == captures
        (tmp_path / "hidden").rename(index)


def test_a_second_writer_is_told_and_changes_nothing(tmp_path: Path) -> None:
    with Archive(tmp_path, writing=True) as archive:
        store(archive, 1)
        with pytest.raises(ScraperError) as told, Archive(tmp_path, writing=True):
            pass
        assert told.value.said.code == "archive_in_use"
        store(archive, 2)
    assert len(everything(tmp_path)) == 2


def test_a_folder_that_does_not_exist_is_an_empty_archive_to_readers(tmp_path: Path) -> None:
    with Archive(tmp_path / "none") as archive:
        assert len(archive) == 0
        assert archive.newest_file == ""
        assert archive.latest(address(1)) is None
        assert list(archive.captures()) == []
    assert list(tmp_path.iterdir()) == []


def test_an_archive_can_be_asked_only_while_it_is_open(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with pytest.raises(RuntimeError):
        archive.latest(address(1))


# Folders that may not be written


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A folder that others may read."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def read_only(folder: Path) -> dict[str, bytes]:
    """Makes a folder one that may only be read; what is in it."""
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@contextmanager
def as_nobody() -> Iterator[None]:
    """A superuser would be let write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def seen_by_nobody(folder: Path) -> list[Capture]:
    """What a reader sees who may write nothing, all of it found and read."""
    with as_nobody(), Archive(folder) as archive:
        with pytest.raises(PermissionError):
            (folder / "new").touch()
        captures = list(archive.captures())
        assert len(archive) == len(captures)
        assert [archive.latest(capture.url) for capture in captures] == captures
        assert all(archive.read(capture).body for capture in captures)
        assert archive.notices == []
    return captures


@pytest.mark.parametrize("lost", [(), (LOOKUP,), (LOOKUP, ".cdxj", ".lock")], ids=["none", "lookup", "all"])
def test_a_folder_that_may_only_be_read(shelf: Path, lost: tuple[str, ...]) -> None:
    folder = shelf / "archive"
    captures = filled(folder, 40, largest_warc=5_000)
    for path in folder.iterdir():
        if path.name.endswith(lost or ("nothing",)):
            path.unlink()
    before = read_only(folder)
    assert seen_by_nobody(folder) == captures
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    folder.chmod(0o755)


@pytest.mark.parametrize("log", ["with its log", "without shared memory", "without its log"])
def test_a_crashed_archive_that_may_only_be_read(shelf: Path, log: str) -> None:
    folder = shelf / "archive"
    with Archive(shelf / "living", writing=True) as archive:
        captures = [store(archive, number) for number in range(700)]
        shutil.copytree(shelf / "living", folder)
    for path in folder.glob(f"{LOOKUP}-*"):
        if log == "without its log" or (log == "without shared memory" and path.name.endswith("shm")):
            path.unlink()
    warc = folder / captures[0].warc_file
    with warc.open("ab") as file:
        file.write(warc.read_bytes()[captures[-1].offset :][:100])
    before = read_only(folder)
    assert seen_by_nobody(folder) == captures
    assert {name: (folder / name).read_bytes() for name in before if "-shm" not in name} == {
        name: content for name, content in before.items() if "-shm" not in name
    }
    folder.chmod(0o755)


# Memory

GROWTH = """
import json, sys
from pathlib import Path
from scraper.archive import Archive

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

folder, pages, after = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
sizes = []
def note(number):
    if number in (after, pages - 1):
        sizes.append(resident())

if sys.argv[4] == "write":
    with Archive(folder, writing=True, largest_warc=4_000_000) as archive:
        for number in range(pages):
            body = b"<p>%d</p>" % (number // 2)
            archive.store_response(f"http://a.gov.cn.test/{number}.html", "200 OK", [], body)
            assert number % 97 or archive.latest(f"http://a.gov.cn.test/{number}.html")
            note(number)
else:
    with Archive(folder) as archive:
        for number, capture in enumerate(archive.captures()):
            note(number)
print(json.dumps(sizes))
"""


def test_memory_does_not_grow_with_the_archive(tmp_path: Path) -> None:
    pages, after = 20_000, 10_000

    def growth(doing: str) -> float:
        first, last = in_another_process(GROWTH, tmp_path, pages, after, doing)
        return float(last / first - 1)

    assert growth("write") < 0.06
    assert growth("read") < 0.06
    (tmp_path / LOOKUP).unlink()
    assert growth("read from indexes") < 0.06
    lose_indexes(tmp_path)
    assert growth("read from records") < 0.06


def test_captures_are_read_while_others_are_stored(tmp_path: Path) -> None:
    """As ``import`` and the crawl do; nothing waits for anything, and nothing goes on without end."""
    filled(tmp_path, 2500)
    with Archive(tmp_path, writing=True) as archive:
        seen: list[Capture] = []
        for capture in archive.captures():
            seen.append(capture)
            if len(seen) % 100 == 0:
                store(archive, 10_000 + len(seen))
        assert len(seen) == 2500
        assert len(archive) == 2525
