"""What exporting costs: a database of every county and year, twice.

It takes the database of ``benchmarks/series.py`` (``--database FILE`` keeps it, or takes one that was kept),
exports it, and exports it again beside the first, to which it must be the same. It prints what each took and
the largest memory of the process. ``python benchmarks/exporting.py`` runs it; it ends with 1 where an export
takes longer than it should or the two differ.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.checking import COUNTIES
from benchmarks.series import make_database

from analysis.export import export

LONGEST = 60


def main() -> int:
    """Makes the database where it is missing, exports it twice, prints what that took."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--counties", type=int, default=COUNTIES)
    arguments.add_argument("--database", type=Path)
    given = arguments.parse_args()
    with TemporaryDirectory() as folder:
        database: Path = given.database or Path(folder) / "reports.duckdb"
        if not database.exists():
            make_database(database, given.counties)
        exports = [Path(folder) / name for name in ("first", "second")]
        took = [_timed(database, exports[number]) for number in range(2)]
        manifests = [(one / "MANIFEST.sha256").read_text(encoding="utf-8") for one in exports]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"largest memory of the process {peak:,.0f} MB")
    if manifests[0] != manifests[1]:
        print("the two exports differ")
        return 1
    return 1 if max(took) > LONGEST else 0


def _timed(database: Path, folder: Path) -> float:
    """The seconds of one export."""
    steps: list[tuple[str, float]] = []
    started, worked = time.perf_counter(), time.process_time()
    done = export(
        database, folder, version="0", tell=lambda table: steps.append((table, time.perf_counter()))
    )
    took, work = time.perf_counter() - started, time.process_time() - worked
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    print(f"{done.rows['reports']:,} reports, {done.rows['facts']:,} cells, {size:,.0f} MB")
    print(f"{took:.1f} s, processor time {work:.1f} s; not in the workbook: {', '.join(done.left_out)}")
    ends = [moment for _, moment in steps[1:]] + [started + took]
    for (table, begin), end in zip(steps, ends, strict=True):
        if end - begin > 1:
            print(f"  {table} {end - begin:.1f} s")
    return took


if __name__ == "__main__":
    sys.exit(main())
