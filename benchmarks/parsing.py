"""What reading an archive into the database costs, in one process and in several.

An archive of the invented nation is read into a new database for each number of workers, each in a process of
its own: seconds, processor seconds of the main process and of its workers, and the most memory that the main
process, and the largest worker, had; and the processor time of lexbor alone, which parses the same pages into
DOMs. Rules and reused text are not in it: ``pipeline.py``, ``checking.py`` and ``reuse.py`` measure those.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.results import keep, options
from selectolax.lexbor import LexborHTMLParser

from scraper.archive import Archive
from scraper.parse import engine_of, parse
from scraper.portals import read_registry
from scraper.store import open_database

COUNTIES = 100
YEARS = range(2019, 2025)
PUBLISHERS = 5


def main() -> int:
    """Measures what the command line asks for, and keeps the result."""
    arguments = options(__doc__)
    arguments.add_argument("--counties", type=int, nargs="+", default=[40, COUNTIES])
    arguments.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    arguments.add_argument("--archives", type=Path, nargs="+", default=[], help="see pipeline.py")
    given = arguments.parse_args()
    from benchmarks import nation

    with TemporaryDirectory() as folder:
        kept = given.archives or [Path(folder) / f"{count}" for count in given.counties]
        runs = []
        for count, place in zip(given.counties, kept, strict=True):
            nation.make(place, count, YEARS, PUBLISHERS)
            runs += [_alone(place, workers) for workers in given.workers]
        pages, size, seconds = dom_alone(place)
    dom = {"pages": pages, "mb": size / 1e6, "processor": seconds}
    keep("parsing", {"runs": runs, "dom": dom}, given.results)
    return 0


def _alone(folder: Path, workers: int) -> dict[str, Any]:
    """What `read` tells when it runs in a process of its own."""
    command = [sys.executable, "-c", _READ, str(folder), str(workers)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    found: dict[str, Any] = json.loads(said)
    return found


_READ = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from pathlib import Path
from benchmarks.parsing import read
read(Path(sys.argv[1]), int(sys.argv[2]))
"""


def read(folder: Path, workers: int) -> None:
    """Reads the archive with so many workers, and prints as JSON what that took."""
    with TemporaryDirectory() as new:
        database = Path(new) / "reports.duckdb"
        begun = time.perf_counter()
        with Archive(folder / "archive") as archive, open_database(database) as connection:
            portals = read_registry(folder / "portals.toml")
            parsed = parse(archive, connection, portals, engine_of(workers))
        seconds = time.perf_counter() - begun
        size = database.stat().st_size
    main, others = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    figures = {
        "reports": parsed.reports, "workers": workers, "seconds": seconds,
        "main_processor": main.ru_utime + main.ru_stime,
        "workers_processor": others.ru_utime + others.ru_stime,
        "main_mb": main.ru_maxrss / 1024, "worker_mb": others.ru_maxrss / 1024, "database_mb": size / 1e6,
    }  # fmt: skip
    sys.stdout.write(json.dumps(figures))


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
