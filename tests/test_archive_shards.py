"""Several writers in one archive: each has its own files, and readers see all of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

import pytest

from archived import HTML, address, everything, filled, lose_indexes, records, report, store
from scraper.archive import Archive, Shard
from scraper.messages import ScraperError

LOOKUP = "captures.sqlite"


def shard(text: str) -> Shard:
    return Shard.written(text)


@contextmanager
def writing(folder: Path, text: str = "", largest_warc: int = 10**9) -> Iterator[Archive]:
    """The archive for a crawl of one shard, or of all where none is named."""
    part = shard(text) if text else None
    with Archive(folder, writing=True, shard=part, largest_warc=largest_warc) as archive:
        yield archive


def refused(folder: Path, text: str = "") -> str:
    """Why nothing can be written now."""
    with pytest.raises(ScraperError) as told, writing(folder, text):
        pass
    return f"{told.value.said.code} {told.value.said.values.get('shard', '')}".strip()


def lookup_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob(f"{LOOKUP}*") if "-shm" not in path.name}


def test_shards_write_side_by_side_and_readers_see_all(tmp_path: Path) -> None:
    before = filled(tmp_path, 3)
    with ExitStack() as stack:
        archives = [stack.enter_context(writing(tmp_path, f"{number}/3")) for number in (1, 2, 3)]
        stored = list(before)
        for number in range(10, 40):
            stored.append(store(archives[number % 3], number))
            if number % 9 == 0:
                assert set(everything(tmp_path)) == set(stored)
        assert [archive.latest(address(1)) for archive in archives] == [before[1]] * 3
        assert [len(archive) for archive in archives] == [13, 13, 13]
    assert set(everything(tmp_path)) == set(stored)
    names = {name.removesuffix(".warc.gz")[-4:] for name in {capture.warc_file for capture in stored[3:]}}
    assert names == {"1of3", "2of3", "3of3"}
    records(tmp_path)
    captures = everything(tmp_path)
    lose_indexes(tmp_path)
    assert everything(tmp_path) == captures


def test_what_may_ask_the_same_hosts_is_refused(tmp_path: Path) -> None:
    with writing(tmp_path):
        assert refused(tmp_path, "1/2") == "archive_in_use"
    with writing(tmp_path, "3/16"):
        assert refused(tmp_path) == "archive_in_use"
        assert refused(tmp_path, "3/16") == "shard_in_use 3/16"
        for overlapping in ("1/1", "3/8", "1/2", "1/3", "3/32", "19/32"):
            assert refused(tmp_path, overlapping) == "shard_in_use 3/16"
        for apart in ("4/16", "2/8", "2/2", "4/32"):
            with writing(tmp_path, apart):
                pass
    with writing(tmp_path):
        pass


def test_crawls_of_shards_that_begin_together_do_not_refuse_each_other(tmp_path: Path) -> None:
    """The first to come brings the lookup in step; the others wait until it has."""
    filled(tmp_path, 200)
    (tmp_path / LOOKUP).unlink()
    seen: list[int] = []

    def crawl(number: int) -> None:
        with writing(tmp_path, f"{number}/8") as archive:
            seen.append(len(archive))
            store(archive, 1000 + number)

    threads = [Thread(target=crawl, args=(number,)) for number in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert min(seen) >= 200
    assert len(everything(tmp_path)) == 208


def test_nobody_changes_the_lookup_while_shards_are_written(tmp_path: Path) -> None:
    filled(tmp_path, 30)
    (tmp_path / LOOKUP).unlink()
    with writing(tmp_path, "1/2") as one:
        lookup = lookup_of(tmp_path)
        assert lookup
        store(one, 100)
        with writing(tmp_path, "2/2") as other:
            for number in range(200, 900):
                store(other, number)
            everything(tmp_path)
        everything(tmp_path)
        assert lookup_of(tmp_path) == lookup
        assert one.latest(address(200)) is None
    # Now nobody writes.
    assert len(everything(tmp_path)) == 731
    assert lookup_of(tmp_path) != lookup


def test_a_shard_knows_what_any_crawl_before_it_had(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    for number, text in enumerate(["1/2", "3/4", "2/3"], start=2):
        with writing(tmp_path, text) as archive:
            store(archive, number)
    with writing(tmp_path, "5/7") as archive:
        assert [len(archive.history(address(number))) for number in range(6)] == [1, 1, 1, 1, 1, 0]
        again = store(archive, 3)
        assert again.revisit
        assert archive.read(again).body
        (before,) = archive.history(address(2))
        unmodified = archive.store_not_modified(address(2), "304 Not Modified", HTML[1:2], before)
        assert archive.history(address(2)) == [before, unmodified]
        assert archive.newest_file == again.warc_file > before.warc_file
    assert len(everything(tmp_path)) == 7
    records(tmp_path)


def test_files_sort_by_time_whichever_shard_wrote_them(tmp_path: Path) -> None:
    names: list[str] = []
    for text in ("9/9", "", "1/16", "16/16", ""):
        with writing(tmp_path, text, largest_warc=1) as archive:
            for number in range(2):
                names.append(store(archive, len(names) * 10 + number).warc_file)
    assert names == sorted(names)
    assert len(set(names)) == 10


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from archived import address, store
from scraper.archive import Archive, Shard
with Archive(Path(sys.argv[1]), writing=True, shard=Shard.written(sys.argv[3])) as archive:
    for number in range(10_000):
        store(archive, number % 300, address(number))
        print(number, flush=True)
"""


def killed(folder: Path, text: str, after: int) -> Path:
    """A writer that was killed when it had stored so many pages, in the middle of a record; its file."""
    command = [sys.executable, "-c", WRITER, str(folder), str(Path(__file__).parent), text]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(after):
            next(process.stdout)
        os.kill(process.pid, signal.SIGKILL)
        process.stdout.read()
    (warc,) = folder.glob(f"*-{shard(text).tag}.warc.gz")
    with warc.open("ab") as file:
        file.write(b"\x1f\x8b\x08\x00")
    return warc


def test_only_the_same_shard_or_a_crawl_of_all_mends_what_a_killed_one_left(tmp_path: Path) -> None:
    with writing(tmp_path, "1/3") as living:
        store(living, 99_999)
        warc = killed(tmp_path, "2/3", 20)
        size = warc.stat().st_size
        with writing(tmp_path, "3/3") as other:
            assert (len(other) >= 21, other.notices) == (True, [])
        assert len(everything(tmp_path)) >= 21
        assert warc.stat().st_size == size
        with writing(tmp_path, "2/3") as same:
            assert [notice.code for notice in same.notices] == ["record_cut_off"]
            assert warc.stat().st_size == size - 4
            assert len(same) >= 21
            assert all(same.latest(address(number)) for number in range(20))
        lines = warc.with_name(warc.name.replace(".warc.gz", ".cdxj")).read_text("utf-8").splitlines()
        assert lines == sorted(lines)
        assert store(living, 88_888).warc_file != warc.name
    records(tmp_path)


@pytest.mark.parametrize("by", ["", "3/4", "reader"])
def test_when_nobody_writes_anybody_mends_all(tmp_path: Path, by: str) -> None:
    with writing(tmp_path, "1/3"):
        files = [killed(tmp_path, text, 10) for text in ("2/3", "3/3")]
    sizes = [warc.stat().st_size for warc in files]
    if by == "reader":
        everything(tmp_path)
    else:
        with writing(tmp_path, by) as archive:
            assert [notice.code for notice in archive.notices] == ["record_cut_off"] * 2
    assert [warc.stat().st_size for warc in files] == [size - 4 for size in sizes]
    assert len(everything(tmp_path)) >= 20
    records(tmp_path)


@pytest.mark.parametrize("how", ["garbage", "garbage in use", "log left"])
def test_a_shard_does_without_a_lookup_that_it_can_not_trust(tmp_path: Path, how: str) -> None:
    captures = filled(tmp_path, 400)
    with writing(tmp_path, "1/2") as one:
        path = tmp_path / LOOKUP
        if how == "log left":
            (tmp_path / f"{LOOKUP}-wal").write_bytes(b"\x37\x7f\x06\x82" + bytes(100))
        elif how == "garbage":
            path.write_bytes(os.urandom(path.stat().st_size))
        else:
            content = path.read_bytes()
            path.write_bytes(content[:4096] + os.urandom(len(content) - 4096))
        with writing(tmp_path, "2/2") as other:
            assert other.latest(captures[7].url) == captures[7]
            new = other.store_response(address(5000), "200 OK", HTML, report(5000))
            assert other.latest(address(5000)) == new
            assert len(other) == 401
        assert one.latest(captures[390].url) == captures[390]
    assert len(everything(tmp_path)) == 401


def test_names_of_others_beside_the_locks_are_no_shards(tmp_path: Path) -> None:
    tmp_path.joinpath(".lock-mine").touch()
    tmp_path.joinpath(".lock-9of3").touch()
    with writing(tmp_path, "1/2") as archive:
        store(archive, 1)
    assert len(everything(tmp_path)) == 1
