"""The archive after crashes, damage and loss: whole records are found, whatever the indexes say."""

from __future__ import annotations

import gzip
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archived import HTML, address, everything, filled, lose_indexes, records, report, store
from scraper.archive import Archive, Capture
from scraper.messages import ScraperError

LOOKUP = "captures.sqlite"


@dataclass(frozen=True)
class Crashed:
    """An archive whose writer was killed: what was on disk early and late, and the captures till then."""

    early: Path
    late: Path
    captures: list[Capture]

    @property
    def warc(self) -> str:
        """The name of the WARC file that was being written."""
        return self.captures[0].warc_file

    @property
    def index(self) -> str:
        """The name of its index."""
        return self.warc.replace(".warc.gz", ".cdxj")


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Crashed:
    """Pages, a page that came again, a 304 answer and the answer to a POST, none of them sealed."""
    root = tmp_path_factory.mktemp("crashed")
    with Archive(root / "archive", writing=True) as archive:
        captures = [store(archive, number) for number in (7, 1, 4)]
        shutil.copytree(root / "archive", root / "early")
        captures.append(store(archive, 4))
        captures.append(archive.store_not_modified(address(4), "304 Not Modified", HTML[1:2], captures[3]))
        captures.append(
            archive.store_response(address(5), "200 OK", [], b"<x/>", method="POST", posted=b"page=1")
        )
        captures.append(store(archive, 2))
        shutil.copytree(root / "archive", root / "late")
    return Crashed(root / "early", root / "late", captures)


def cuts(crashed: Crashed) -> list[int]:
    """Places in the WARC file: the ends of all records, what is around them, and many between."""
    size = (crashed.late / crashed.warc).stat().st_size
    ends = [capture.end for capture in crashed.captures] + [crashed.captures[0].offset]
    near = {end + step for end in ends for step in (-9, -8, -1, 0, 1, 2, 3, 20)}
    between = range(1, size, 97)
    return sorted(place for place in {*near, *between} if 0 < place <= size)


def whole_lines(crashed: Crashed, cut: int) -> str:
    lines = (crashed.late / crashed.index).read_text(encoding="utf-8").splitlines(keepends=True)
    count = sum(capture.end <= cut for capture in crashed.captures)
    return "".join(lines[:count])


INDEXES: dict[str, Callable[[Crashed, int], str | None]] = {
    "in step": whole_lines,
    "without the last line": lambda crashed, cut: "".join(whole_lines(crashed, cut).splitlines(True)[:-1]),
    "half a line": lambda crashed, cut: whole_lines(crashed, cut)[:-50],
    "ahead": lambda crashed, cut: whole_lines(crashed, 10**9),
    "lost": lambda crashed, cut: None,
}
LOOKUPS = ("early", "late", "lost")


@pytest.mark.parametrize("lookup", LOOKUPS)
@pytest.mark.parametrize("index", INDEXES)
def test_a_crash_at_any_place_loses_no_whole_record(
    tmp_path: Path, crashed: Crashed, index: str, lookup: str
) -> None:
    places = cuts(crashed)
    if (index, lookup) != ("in step", "early"):
        places = random.Random(index + lookup).sample(places, 12)
    for cut in places:
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / crashed.warc).write_bytes((crashed.late / crashed.warc).read_bytes()[:cut])
        lines = INDEXES[index](crashed, cut)
        if lines is not None:
            (folder / crashed.index).write_text(lines, encoding="utf-8")
        if lookup != "lost":
            for path in getattr(crashed, lookup).glob(f"{LOOKUP}*"):
                shutil.copy(path, folder)
        check_mended(folder, crashed, cut)


def check_mended(folder: Path, crashed: Crashed, cut: int) -> None:
    whole = [capture for capture in crashed.captures if capture.end <= cut]
    with Archive(folder, writing=cut % 2 == 0) as archive:
        assert sorted(archive.captures(), key=lambda c: c.offset) == whole
        for capture in whole:
            assert archive.read(capture).body
        warc = folder / crashed.warc
        assert [notice.code for notice in archive.notices] in (["record_cut_off"], [])
        assert bool(archive.notices) == (warc.stat().st_size < cut)
    records(folder)
    lines = (folder / crashed.index).read_text(encoding="utf-8").splitlines()
    assert lines == sorted(lines)
    assert len(lines) == len(whole)
    with Archive(folder, writing=True) as archive:
        assert archive.notices == []
        new = archive.store_response(address(99), "200 OK", HTML, report(99))
        assert archive.newest_file == new.warc_file > crashed.warc
    assert len(everything(folder)) == len(whole) + 1


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from archived import address, store
from scraper.archive import Archive
with Archive(Path(sys.argv[1]), writing=True, largest_warc=30_000) as archive:
    for number in range(len(archive), 10_000):
        store(archive, number % 300, address(number))
        print(number, flush=True)
"""


def test_nothing_that_was_stored_is_lost_by_sigkill(tmp_path: Path) -> None:
    """Six times, at moments of chance."""
    chance = random.Random(4)
    command = [sys.executable, "-c", WRITER, str(tmp_path), str(Path(__file__).parent)]
    stored = 0
    for _ in range(6):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            told = [next(process.stdout) for _ in range(chance.randrange(1, 120))]
            os.kill(process.pid, signal.SIGKILL)
            told += process.stdout.readlines()
        assert int(told[0]) == stored, "the next run goes on behind all that is archived"
        captures = everything(tmp_path)
        # The last line may be cut short, and the last record may not have been told any more.
        numbers = [int(line) for line in told if line.endswith("\n")]
        stored = len(captures)
        assert numbers[-1] + 1 <= stored <= numbers[-1] + 2
    with Archive(tmp_path) as archive:
        for capture in chance.sample(captures, 50):
            assert archive.read(capture).body
    assert len({capture.url for capture in captures}) == stored
    records(tmp_path)


# Indexes that are not as they should be


def garbled(line: str) -> list[str]:
    """A line of an index, altered in several ways."""
    return [
        line[:40] + "\n",
        "\x00\xff" * 20 + "\n",
        "\n",
        line.replace('"offset": "', '"offset": "1'),
        line.replace('"offset": "', '"offset": "-'),
        line.replace('"length": "', '"length": "9'),
        line.replace('"filename": "', '"filename": "x'),
        line.replace('"mime"', '"mimetype"'),
        line.replace('{"url"', '[{"url"'),
        "cn,gov)/ 20200101000000 7\n",
    ]


def test_altered_lines_of_an_index_are_written_anew(tmp_path: Path) -> None:
    captures = filled(tmp_path, 12)
    (index,) = tmp_path.glob("*.cdxj")
    right = index.read_text(encoding="utf-8")
    lines = right.splitlines(keepends=True)
    assert len(garbled(lines[0])) < len(lines)
    for number, wrong in enumerate(chain(garbled(lines[5]), [lines[4]])):
        index.write_text("".join([*lines[:5], wrong, *lines[6:]]), encoding="latin-1")
        if number % 2:
            (tmp_path / LOOKUP).unlink()
        assert everything(tmp_path) == captures, wrong
        assert index.read_text(encoding="utf-8") == right


def test_damage_in_the_middle_of_a_file_costs_one_record(tmp_path: Path) -> None:
    captures = filled(tmp_path, 6)
    warc = tmp_path / captures[0].warc_file
    data = bytearray(warc.read_bytes())
    middle = captures[2].offset + captures[2].length // 2
    data[middle : middle + 20] = bytes(20)
    warc.write_bytes(data)
    with Archive(tmp_path) as archive:
        assert len(archive) == 6
        with pytest.raises(ScraperError, match="altered or damaged"):
            archive.read(captures[2])
    lose_indexes(tmp_path)
    with Archive(tmp_path) as archive:
        assert list(archive.captures()) == captures[:2] + captures[3:]
        assert [notice.code for notice in archive.notices] == ["warc_damaged"]
        assert f"from byte {captures[2].offset} on" in str(archive.notices[0])
    assert warc.read_bytes() == data, "nothing was cut off"


def test_a_damaged_last_record_is_no_half_written_one(tmp_path: Path) -> None:
    captures = filled(tmp_path, 3)
    warc = tmp_path / captures[0].warc_file
    data = bytearray(warc.read_bytes())
    data[-60:-40] = bytes(20)
    warc.write_bytes(data)
    lose_indexes(tmp_path)
    for notices in (["warc_damaged"], []):
        with Archive(tmp_path, writing=True) as archive:
            assert [notice.code for notice in archive.notices] == notices
            assert list(archive.captures()) == captures[:2]
    assert warc.read_bytes() == data


def corrupt(path: Path, how: str) -> None:
    """Damages a SQLite file."""
    data = path.read_bytes()
    pages = range(4096, len(data), 4096)
    assert len(pages) > 20
    path.write_bytes(
        {
            "empty": b"",
            "no database": b"no database" * 100,
            "without its end": data[: len(data) // 2],
            "leaves zeroed": data[: 4096 * 6] + bytes(len(data) - 4096 * 6),
            "random bytes": data[:4096] + random.Random(1).randbytes(len(data) - 4096),
            "every third page": b"".join(
                bytes(4096) if number % 3 == 0 else data[start : start + 4096]
                for number, start in enumerate(range(0, len(data), 4096), 1)
            ),
            "another version": data[:60] + bytes([0, 0, 0, 99]) + data[64:],
        }[how]
    )


@pytest.mark.parametrize("writing", [False, True], ids=["reader", "writer"])
@pytest.mark.parametrize(
    "how",
    ["empty", "no database", "without its end", "leaves zeroed", "random bytes", "every third page",
     "another version"],
)  # fmt: skip
def test_a_damaged_lookup_is_made_anew(tmp_path: Path, how: str, writing: bool) -> None:
    captures = filled(tmp_path, 400)
    corrupt(tmp_path / LOOKUP, how)
    with Archive(tmp_path, writing=writing) as archive:
        assert archive.latest(address(123)) == captures[123]
        assert [archive.history(capture.url) for capture in captures] == [[c] for c in captures]
        assert list(archive.captures()) == captures
        assert len(archive) == 400
        assert archive.read(captures[7]).body == gzip.decompress(report(7))
        if writing:
            assert store(archive, 7).revisit
    assert everything(tmp_path)[:400] == captures


def test_a_lookup_damaged_while_it_is_used_is_made_anew(tmp_path: Path) -> None:
    captures = filled(tmp_path, 400)
    with Archive(tmp_path, writing=True) as archive:
        captures.append(store(archive, 900))
        corrupt(tmp_path / LOOKUP, "leaves zeroed")
        captures += [store(archive, number) for number in (901, 902)]
        assert [archive.latest(capture.url) for capture in captures] == captures
    assert everything(tmp_path) == captures


# Files that come, go and fill up


def test_files_that_went_and_came_back(tmp_path: Path) -> None:
    first, second = filled(tmp_path, 2), filled(tmp_path, 3)
    warc = tmp_path / first[0].warc_file
    warc.rename(tmp_path / "away")
    assert everything(tmp_path) == second
    (tmp_path / "away").rename(warc)
    assert everything(tmp_path) == first + second
    with Archive(tmp_path) as archive:
        assert archive.current(address(0)) == first[0]


def chunked_record(number: int) -> bytes:
    """A response as others keep it, in the chunks in which it came, without digests."""
    block = (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n"
        "5\r\nhello\r\n0\r\n\r\n"
    )
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
        f"WARC-Date: 2020-01-01T00:00:00Z\r\nWARC-Target-URI: {address(number)}\r\n"
        f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(f"{head}{block}\r\n\r\n".encode())


def test_a_file_of_others_is_read_and_never_cut(tmp_path: Path) -> None:
    data = b"".join(map(chunked_record, range(2)))[:-30]
    theirs = tmp_path / "theirs.warc.gz"
    theirs.write_bytes(data)
    for notices in (["warc_damaged"], []):
        with Archive(tmp_path, writing=True) as archive:
            assert [notice.code for notice in archive.notices] == notices
            (capture,) = archive.captures()
            assert archive.read(capture).body == b"hello"
            assert archive.newest_file == ""
    assert theirs.read_bytes() == data
    assert store_one(tmp_path).warc_file.endswith("-00000.warc.gz")


def store_one(folder: Path) -> Capture:
    with Archive(folder, writing=True) as archive:
        return store(archive, 0)


def test_files_are_named_in_their_order_though_the_clock_was_set_back(tmp_path: Path) -> None:
    first = store_one(tmp_path)
    ahead = tmp_path / "nianbao-29990101000000-00007.warc.gz"
    (tmp_path / first.warc_file).rename(ahead)
    assert store_one(tmp_path).warc_file == "nianbao-29990101000000-00008.warc.gz"


def test_files_are_rotated_by_size(tmp_path: Path) -> None:
    captures = filled(tmp_path, 60, largest_warc=4_000)
    warcs = sorted(tmp_path.glob("*.warc.gz"))
    assert len(warcs) > 5
    assert all(4_000 < warc.stat().st_size < 5_000 for warc in warcs[:-1])
    assert everything(tmp_path) == captures
    for warc in warcs:
        lines = (tmp_path / warc.name.replace(".warc.gz", ".cdxj")).read_text(encoding="utf-8").splitlines()
        with warc.open("rb") as stream:
            responses = sum(record.rec_type == "response" for record in ArchiveIterator(stream))
        assert len(lines) == responses == sum(capture.warc_file == warc.name for capture in captures)
        assert lines == sorted(lines)
    again = filled(tmp_path, 60, largest_warc=4_000)
    assert all(capture.revisit for capture in again)
    with Archive(tmp_path) as archive:
        assert archive.read(again[33]).body == gzip.decompress(report(33))


def test_a_full_disk_is_told_and_leaves_no_half_record(tmp_path: Path) -> None:
    """The system refuses to let files grow beyond a size, as a full disk would."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    noise = random.Random(2).randbytes(300_000)
    try:
        with Archive(tmp_path, writing=True) as archive:
            first = store(archive, 1)
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
            with pytest.raises(ScraperError, match="can't be written"):
                archive.store_response(address(2), "200 OK", [], noise)
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            second = archive.store_response(address(2), "200 OK", [], noise)
            assert archive.read(second).body == noise
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert everything(tmp_path) == [first, second]
    assert len(records(tmp_path)) == 3


def test_revisits_are_found_again_from_their_records_alone(tmp_path: Path) -> None:
    with Archive(tmp_path, writing=True) as archive:
        early = datetime(2020, 1, 1, tzinfo=UTC)
        one = archive.store_response(address(1), "200 OK", HTML, report(1), captured_at=early)
        again = archive.store_response(address(1), "203 Other", [("Content-Type", "text/plain")], report(1))
        held = archive.store_not_modified(address(1), "304 Not Modified", [], one)
        lonely = archive.store_not_modified(address(2), "304 Not Modified", [], one)
    captures = [one, again, held, lonely]
    (one_index,) = tmp_path.glob("*.cdxj")
    index = one_index.read_text(encoding="utf-8")
    lose_indexes(tmp_path)
    assert everything(tmp_path) == captures
    assert one_index.read_text(encoding="utf-8") == index
    (tmp_path / LOOKUP).unlink()
    assert everything(tmp_path) == captures, "the 304 answer of an address without content has no line"
    with Archive(tmp_path) as archive:
        assert archive.read(lonely).body == gzip.decompress(report(1))
