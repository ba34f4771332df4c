"""What a benchmark measured, as one JSON file with all that tells how.

A benchmark parses its options with :func:`options`, measures, and hands its figures to :func:`keep`, which
writes ``benchmarks/results/NAME.json`` and prints the benchmark's section of ``docs/performance.md``, whose
text is ``benchmarks/sections/NAME.md``. To add a benchmark: a script, a section in both languages, a line in
``performance.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"

# Say where something is kept, and nothing about what is measured; the command that is kept leaves them out.
WHERE = ("--results", "--database", "--archives")
_ALWAYS = ("duckdb", "pyarrow", "selectolax")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Machine:
    """What it was measured on. ``others`` is how many cores other work took meanwhile, on average."""

    processor: str
    cores: int
    memory_gb: float
    system: str
    others: float | None


@dataclass(frozen=True)
class Result:
    """What one benchmark measured.

    ``date`` is UTC. ``commit`` is nianbao's; it ends in + where files were changed since. ``note`` says in
    each language what else a reader should know. A result from before this module existed knows of its
    versions and machine only what was written down then.
    """

    benchmark: str
    command: str
    date: str
    commit: str
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    figures: Mapping[str, Any]
    note: Mapping[str, str] = field(default_factory=dict)


def options(description: str | None) -> argparse.ArgumentParser:
    """The options of a benchmark; its own are added to them."""
    said = argparse.ArgumentParser(description=description)
    said.add_argument("--results", type=Path, default=RESULTS, help="the folder that results are kept in")
    return said


def keep(name: str, figures: Mapping[str, Any], folder: Path, packages: Iterable[str] = ()) -> Path:
    """Writes the result of benchmark ``name`` into ``folder``, and prints its section.

    ``packages`` are those that its figures depend on, beside DuckDB, Arrow and selectolax.
    """
    found = Result(
        benchmark=name,
        command=_command(),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        commit=_commit(),
        machine=asdict(_machine()),
        versions={
            "Python": platform.python_version(),
            **{package: version(package) for package in (*_ALWAYS, *packages)},
        },
        figures=figures,
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(asdict(found), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    # Here, so that what renders is no part of what was measured.
    from benchmarks.document import section

    sys.stdout.write(section(read(path)) + "\n")
    sys.stdout.flush()
    return path


def read(path: Path) -> Result:
    """A kept result."""
    return Result(**json.loads(path.read_text(encoding="utf-8")))


def _command() -> str:
    """The command that was given, without the options of `WHERE`."""
    words, left_out = [], False
    for word in sys.argv[1:]:
        if word.startswith("--"):
            left_out = word.partition("=")[0] in WHERE
        if not left_out:
            words.append(word)
    return " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *words])


def _commit() -> str:
    def git(*words: str) -> str:
        command = ["git", "-C", str(ROOT), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603

    changed = git("status", "--porcelain", "--", "src", "benchmarks/*.py", "tests", "uv.lock")
    return git("rev-parse", "--short=7", "HEAD") + ("+" if changed else "")


def _machine() -> Machine:
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1),
        system=f"{system}, Linux {platform.release()}",
        others=_others(),
    )


def _processor() -> str:
    said = dict[str, str]()
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        said.setdefault(name.strip(), value.strip())
    return said.get("model name") or f"{platform.machine()}, model {said.get('model', 'unknown')}"


def _busy() -> float:
    """Processor seconds of all cores since the machine began: user, nice and system."""
    first = Path("/proc/stat").read_text(encoding="ascii").split(maxsplit=4)
    return sum(map(int, first[1:4])) / _TICKS


def _own() -> float:
    """Processor seconds of this process and of those that it waited for."""
    used = [getrusage(whose) for whose in (RUSAGE_SELF, RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


_BEGAN = time.monotonic(), _busy(), _own()


def _others() -> float:
    began, busy, own = _BEGAN
    return round(max(0.0, _busy() - busy - (_own() - own)) / (time.monotonic() - began), 2)
