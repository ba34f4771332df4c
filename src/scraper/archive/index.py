"""The CDXJ files, one beside each WARC file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from scraper.archive.capture import Capture, read_cdxj


def index_of(warc: Path) -> Path:
    """Where the index of a WARC file lies."""
    return warc.with_name(warc.name.removesuffix(".warc.gz") + ".cdxj")


def state_of(index: Path) -> str:
    """Changes whenever somebody writes to the file; empty where there is none."""
    try:
        found = index.stat()
    except OSError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"


def read_index(index: Path, warc: str) -> Iterator[Capture]:
    """The captures that an index has of the WARC file ``warc``.

    Lines that are cut short or altered are passed over; their records are found again in the WARC file.
    """
    if not index.exists():
        return
    for line in _lines(index):
        try:
            capture = read_cdxj(line)
        except ValueError:
            continue
        if capture.warc_file == warc and capture.offset >= 0 < capture.length:
            yield capture


def write_index(index: Path, lines: Iterable[str]) -> None:
    """Writes an index in one step, its lines in the order of their bytes, as readers of CDXJ expect it."""
    new = index.with_suffix(".cdxj.new")
    # A file of a million lines is sorted on disk.
    with closing(sqlite3.connect("", isolation_level=None)) as sorting:
        sorting.executescript("PRAGMA cache_size = -1000; CREATE TABLE line (text TEXT); BEGIN;")
        sorting.executemany("INSERT INTO line VALUES (?)", ((line,) for line in lines))
        with new.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(text for (text,) in sorting.execute("SELECT text FROM line ORDER BY text"))
    new.replace(index)


def sort_index(index: Path) -> None:
    """Puts the lines of an index into order."""
    write_index(index, _lines(index))


def _lines(index: Path) -> Iterator[str]:
    # Not by str.splitlines: addresses hold characters that it takes for ends of lines.
    with index.open(encoding="utf-8", errors="replace", newline="\n") as file:
        yield from file
