"""What reading an archive into the database costs, in one process and in several.

``python benchmarks/parsing.py FOLDER`` reads FOLDER/archive (``benchmarks/nation.py`` writes one) into a new
database for each number of workers, each in a process of its own, and prints a Markdown table: seconds,
processor seconds of the main process and of its workers, and the most memory that the main process, and the
largest worker, had. The last line is the processor time of lexbor alone, which parses the same pages into
DOMs. Rules and reused text are not in it: ``benchmarks/checking.py`` and ``reuse.py`` measure those.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory

from selectolax.lexbor import LexborHTMLParser

from scraper.archive import Archive
from scraper.parse import engine_of, parse
from scraper.portals import read_registry
from scraper.store import open_database

COLUMNS = (
    "workers", "seconds", "reports a second", "processor s: main", "processor s: workers", "MB: main",
    "MB: a worker", "MB: database",
)  # fmt: skip


def main() -> int:
    """Measures what the command line asks for."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    arguments.add_argument("--alone", type=int, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.alone:
        read(given.folder, given.alone)
        return 0
    sys.stdout.write(f"| {' | '.join(COLUMNS)} |\n|{'---:|' * len(COLUMNS)}\n")
    sys.stdout.flush()
    for workers in given.workers:
        command = [sys.executable, __file__, str(given.folder), "--alone", str(workers)]
        subprocess.run(command, check=True)  # noqa: S603 - this file
    pages, size, seconds = dom_alone(given.folder)
    sys.stdout.write(
        f"\nlexbor alone: {pages:,} pages, {size / 1e6:.0f} MB, {seconds:.1f} processor seconds\n"
    )
    return 0


def read(folder: Path, workers: int) -> None:
    """Reads the archive with so many workers, and prints the line of the table."""
    with TemporaryDirectory() as new:
        database = Path(new) / "reports.duckdb"
        begun = time.perf_counter()
        with Archive(folder / "archive") as archive, open_database(database) as connection:
            portals = read_registry(folder / "portals.toml")
            parsed = parse(archive, connection, portals, engine_of(workers))
        seconds = time.perf_counter() - begun
        size = database.stat().st_size
    main, others = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    figures = (
        f"{workers}", f"{seconds:.1f}", f"{parsed.reports / seconds:.0f}",
        f"{main.ru_utime + main.ru_stime:.1f}", f"{others.ru_utime + others.ru_stime:.1f}",
        f"{main.ru_maxrss / 1024:.0f}", f"{others.ru_maxrss / 1024:.0f}", f"{size / 1e6:.0f}",
    )  # fmt: skip
    sys.stdout.write(f"| {' | '.join(figures)} |\n")


def dom_alone(folder: Path) -> tuple[int, int, float]:
    """The pages of HTML, their bytes, and the processor seconds in which lexbor makes DOMs of them."""
    pages = size = 0
    seconds = 0.0
    with Archive(folder / "archive") as archive:
        for capture in archive.captures():
            if capture.mime != "text/html":
                continue
            body = archive.read(capture).body
            begun = time.process_time()
            LexborHTMLParser(body)
            seconds += time.process_time() - begun
            pages, size = pages + 1, size + len(body)
    return pages, size, seconds


if __name__ == "__main__":
    sys.exit(main())
