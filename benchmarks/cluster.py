"""What a second worker of a Dask cluster brings: the same archive in shared storage, read by one and by two.

Workers are processes of this machine with one thread each, as ``dask worker`` starts them; each run begins
with a storage in which nothing was read. Measured are the whole command and its part in which WARC files are
read, and whether all runs wrote the same bytes. The benchmark ends with 1 where they did not.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import IO, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import nation
from benchmarks.processes import run
from benchmarks.results import keep, options

from nianbao import shared
from nianbao.cli import main as nianbao

COUNTIES = 278
YEARS = range(2008, 2026)

# So many WARC files of the same size that no worker is idle for long at the end.
_WARC_FILES = 20

# What a report takes in the archive.
_BYTES = 8000

_READ = ("parts", "tables")


def main() -> int:
    """Measures what the command line asks for, and keeps the result."""
    arguments = options(__doc__)
    arguments.add_argument("--counties", type=int, default=COUNTIES)
    arguments.add_argument("--warc-files", type=int, default=_WARC_FILES)
    arguments.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    arguments.add_argument("--rounds", type=int, default=2, help="of each number of workers the best counts")
    given = arguments.parse_args()
    with TemporaryDirectory() as place:
        folder = Path(place)
        reports = write(folder / "storage", given.counties, given.warc_files)
        runs = [
            {"workers": workers, **measure(folder, workers)}
            for _ in range(given.rounds)
            for workers in given.workers
        ]
        size = sum(path.stat().st_size for path in (folder / "storage" / "archive").glob("*.warc.gz"))
        count = len(list((folder / "storage" / "archive").glob("*.warc.gz")))
    same = len({one.pop("digest") for one in runs}) == 1
    best = [
        min((one for one in runs if one["workers"] == workers), key=_reading) for workers in given.workers
    ]
    figures = {
        "reports": reports, "years": [YEARS[0], YEARS[-1]], "warc_files": count, "archive_mb": size / 1e6,
        "rounds": given.rounds, "runs": best, "same": same,
    }  # fmt: skip
    keep("cluster", figures, given.results, ("distributed", "fsspec"))
    return 0 if same else 1


def write(storage: Path, counties: int, warc_files: int) -> int:
    """Writes the archive of a nation in about so many WARC files; how many reports it has."""
    style = nation.Style(
        errors=0.05, files=0.05, layouts=nation.LAYOUTS["common"], seed=1, weight=nation.WEIGHT
    )
    bodies = list(nation.counties(counties, 1, style.seed))
    size = counties * len(YEARS) * _BYTES
    return nation.write(bodies, YEARS, style, storage, size // warc_files)


def _reading(one: dict[str, Any]) -> float:
    seconds: float = one["reading"]
    return seconds


def measure(folder: Path, workers: int) -> dict[str, Any]:
    """What one run takes with so many workers, and a digest of all that it wrote."""
    storage = folder / "storage"
    for name in _READ:
        shutil.rmtree(storage / name, ignore_errors=True)
    steps = folder / "steps.json"
    with dask(folder, workers) as scheduler:
        command = [sys.executable, __file__, "--timed", str(steps)]
        before = spent(scheduler)
        used = run([*command, "parse", "--data", storage.as_uri(), "--scheduler", scheduler])
        each = sorted(after - before[worker] for worker, after in spent(scheduler).items())
    return {
        "seconds": used.seconds,
        "reading": json.loads(steps.read_text(encoding="utf-8")),
        "main_processor": used.processor,
        "workers_processor": each,
        "digest": digest(storage),
    }


def digest(storage: Path) -> str:
    """Of the names and bytes of all that was read and settled."""
    found = hashlib.sha256()
    for path in sorted(path for name in _READ for path in (storage / name).rglob("*") if path.is_file()):
        found.update(f"{path.relative_to(storage)}\n".encode() + path.read_bytes())
    return found.hexdigest()


@contextmanager
def dask(folder: Path, workers: int) -> Iterator[str]:
    """The address of a scheduler with so many workers, all there, which end with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    port = address.rpartition(":")[2]
    here = ("--host", "127.0.0.1", "--no-dashboard")
    commands = [["scheduler", *here, "--port", port, "--no-show"]]
    commands += [["worker", *here, address, "--nthreads", "1", "--no-nanny"]] * workers
    with (folder / "dask.log").open("ab") as log:
        processes = [_begun(command, log) for command in commands]
        try:
            _wait_for(address, workers)
            yield address
        finally:
            for process in processes:
                process.terminate()
                process.wait()


def _begun(command: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", f"distributed.cli.dask_{command[0]}", *command[1:]]
    return subprocess.Popen(words, stdout=log, stderr=log)  # noqa: S603 - our own


def _wait_for(address: str, workers: int) -> None:
    from distributed import Client

    with Client(address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=60)
        # What is loaded once for all runs is loaded before the first.
        client.run(import_module, "scraper.shared.task")


def spent(address: str) -> dict[str, float]:
    """Processor seconds of each worker, and of the processes that it waited for, since it began."""
    from distributed import Client

    with Client(address, timeout=60, set_as_default=False) as client:
        return {worker: sum(times[:4]) for worker, times in client.run(os.times).items()}


def timed(file: Path, arguments: Sequence[str]) -> None:
    """Runs ``nianbao``, and writes into ``file`` the seconds in which WARC files were read."""
    whole = vars(shared)["whole_parts"]

    def whole_parts(*given: Any) -> Any:
        began = perf_counter()
        try:
            return whole(*given)
        finally:
            file.write_text(json.dumps(perf_counter() - began), encoding="utf-8")

    vars(shared)["whole_parts"] = whole_parts
    nianbao(arguments)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--timed"]:
        timed(Path(sys.argv[2]), sys.argv[3:])
    sys.exit(main())
