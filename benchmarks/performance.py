"""Runs the benchmarks and writes ``docs/performance.md`` from what they leave in ``benchmarks/results``.

``python benchmarks/performance.py`` runs all, ``… reading series`` those two, each in a process of its own
that is ended where it takes too long; ``--render`` runs none. No figure in the document is written by hand:
its text is in ``benchmarks/sections``, in both languages. ``make benchmark`` runs this. What machines a job
takes, in ``docs/operations.md``, is worked out anew from the same results (``sizing.py``).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import sizing
from benchmarks.document import PAGES, pages
from benchmarks.results import RESULTS, ROOT


@dataclass(frozen=True)
class Benchmark:
    """A script with its options, and the minutes after which it is ended.

    What ``takes_database`` shares the database of ``series.py`` with others, so that it is made once.
    """

    script: str
    minutes: int
    options: tuple[str, ...] = ()
    takes_database: bool = False


# In the order of the document.
BENCHMARKS = {
    "reading": Benchmark("reading.py", 5),
    "crawling": Benchmark("crawling.py", 15),
    "crawl_parts": Benchmark("crawl_parts.py", 5),
    "crawl_memory": Benchmark("crawling.py", 60, ("--memory",)),
    "pipeline": Benchmark("pipeline.py", 120),
    "parsing": Benchmark("parsing.py", 15),
    "ordinary": Benchmark("ordinary.py", 15),
    "cluster": Benchmark("cluster.py", 15),
    "checking": Benchmark("checking.py", 10),
    "reuse": Benchmark("reuse.py", 60),
    "series": Benchmark("series.py", 15, takes_database=True),
    "serving": Benchmark("serving.py", 20, takes_database=True),
    "exporting": Benchmark("exporting.py", 15, takes_database=True),
}


def main() -> int:
    """Runs what the command line asks for, and writes the document; 1 where a benchmark failed."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHMARKS)}; else all")
    said.add_argument("--render", action="store_true", help="run none, only write the document")
    said.add_argument("--docs", type=Path, default=ROOT / "docs", help="the folder of the document")
    given = said.parse_args()
    if unknown := set(given.names) - set(BENCHMARKS):
        said.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    with TemporaryDirectory() as folder:
        names = [] if given.render else given.names or list(BENCHMARKS)
        failed = [name for name in names if not run(name, Path(folder) / "series.duckdb")]
    for language, page in pages(list(BENCHMARKS), RESULTS).items():
        place = given.docs / PAGES[language]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(page, encoding="utf-8")
    sizing.write(given.docs)
    if failed:
        sys.stderr.write(f"failed, or missed what was wanted: {', '.join(failed)}\n")
    return 1 if failed else 0


def run(name: str, database: Path) -> bool:
    """Runs a benchmark; whether it ended well, and in time. ``database`` is the shared one."""
    benchmark = BENCHMARKS[name]
    command = [sys.executable, str(Path(__file__).with_name(benchmark.script)), *benchmark.options]
    if benchmark.takes_database:
        command += ["--database", str(database)]
    try:
        return subprocess.run(command, timeout=benchmark.minutes * 60).returncode == 0  # noqa: S603
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"{name} was ended after {benchmark.minutes} minutes\n")
        return False


if __name__ == "__main__":
    sys.exit(main())
