"""What exporting costs: a database of every county and year, twice.

It takes the database of ``benchmarks/series.py`` (``--database FILE`` keeps it, or takes one that was kept),
exports it, and exports it again beside the first, to which it must be the same. It ends with 1 where an
export takes longer than it should or the two differ.
"""

from __future__ import annotations

import resource
import sys
import time
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.checking import COUNTIES
from benchmarks.results import keep, options
from benchmarks.series import make_database

from analysis.export import export

LONGEST = 60


def main() -> int:
    """Makes the database where it is missing, exports it twice, keeps what that took."""
    arguments = options(__doc__)
    arguments.add_argument("--counties", type=int, default=COUNTIES)
    arguments.add_argument("--database", type=Path)
    given = arguments.parse_args()
    with TemporaryDirectory() as folder:
        database: Path = given.database or Path(folder) / "reports.duckdb"
        if not database.exists():
            # In a process of its own, so that the peak of memory is that of the exports alone.
            making = get_context("spawn").Process(target=make_database, args=(database, given.counties))
            making.start()
            making.join()
        exports = [Path(folder) / name for name in ("first", "second")]
        took = [_timed(database, one) for one in exports]
        manifests = [(one / "MANIFEST.sha256").read_text(encoding="utf-8") for one in exports]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"first": took[0], "second": took[1], "peak_mb": peak, "same": manifests[0] == manifests[1]}
    keep("exporting", figures, given.results, ("xlsxwriter",))
    late = max(one["seconds"] for one in took) > LONGEST
    return 1 if late or not figures["same"] else 0


def _timed(database: Path, folder: Path) -> dict[str, Any]:
    """What one export took, by its steps, and how much it wrote."""
    steps: list[tuple[str, float]] = []
    started, worked = time.perf_counter(), time.process_time()
    done = export(
        database, folder, version="0", tell=lambda table: steps.append((table, time.perf_counter()))
    )
    took, work = time.perf_counter() - started, time.process_time() - worked
    ends = [moment for _, moment in steps[1:]] + [started + took]
    return {
        "reports": done.rows["reports"], "cells": done.rows["facts"], "seconds": took, "processor": work,
        "steps": {table: end - begin for (table, begin), end in zip(steps, ends, strict=True)},
        "left_out": list(done.left_out),
        "mb": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
