"""What a process and all that it begins use: time, processor time, and memory while they run."""

from __future__ import annotations

import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

# Seconds between two looks at memory.
_GLANCE = 0.1


@dataclass
class Used:
    """What a process tree used. Memory is resident, in MB.

    ``processor`` are seconds of the process and all those that it waited for. ``peak`` is the most that all
    processes had at one moment, shared pages counted in each; ``each`` the most that each ever had, the first
    process first.
    """

    seconds: float = 0.0
    processor: float = 0.0
    peak: float = 0.0
    each: list[float] = field(default_factory=list)


def run(command: Sequence[str], patience: float = 7200) -> Used:
    """Runs ``command``; raises where it fails, and ends it after ``patience`` seconds."""
    began = time.perf_counter()
    used = Used()
    most: dict[int, float] = {}
    with subprocess.Popen(command) as process:  # noqa: S603 - our own
        while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
            sizes = {pid: _sizes(pid) for pid in _tree(process.pid)}
            used.peak = max(used.peak, sum(now for now, _ in sizes.values()))
            most |= {pid: size for pid, (_, size) in sizes.items() if size}
            if time.perf_counter() - began > patience:
                process.kill()
            time.sleep(_GLANCE)
        used.seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(ended[1])
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    used.processor = ended[2].ru_utime + ended[2].ru_stime
    used.each = list(most.values())
    return used


def _tree(root: int) -> list[int]:
    """A process, and all those that came of it and are still there."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        children[int(fields[1])].append(int(folder.name))
    found = [root]
    for process in found:
        found += children[process]
    return found


def _sizes(process: int) -> tuple[float, float]:
    """What a process has now, and the most that it ever had; nothing where it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0, 0.0
    said = dict(line.split(":", 1) for line in lines)
    now, most = (int(said.get(name, "0 kB").split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
    return now, most
