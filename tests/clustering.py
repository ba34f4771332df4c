"""A Dask cluster of real processes on this machine, and what it is given to do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from scraper.engine import Pool

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src"


@dataclass
class Dask:
    """The scheduler and the workers of one cluster; what they say goes to files of ``folder``."""

    folder: Path
    port: int
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the scheduler is, or will be."""
        return f"tcp://127.0.0.1:{self.port}"

    def start_scheduler(self) -> None:
        """Starts the scheduler, always at the same port."""
        given = (
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--no-dashboard",
            "--no-show",
            "--idle-timeout",
            "300s",
        )
        self.scheduler = self._begin("scheduler", given, [SOURCE, TESTS])

    def start_worker(self, *options: str, path: Sequence[Path] = (SOURCE, TESTS)) -> subprocess.Popen[bytes]:
        """Starts a worker with one thread, without a nanny unless ``options`` ask for it."""
        given = (self.address, "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")
        nanny = () if "--nanny" in options else ("--no-nanny",)
        worker = self._begin("worker", (*given, *nanny, *options), path)
        self.workers.append(worker)
        return worker

    def answers(self) -> bool:
        """Whether the scheduler has begun to listen."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def kill_scheduler(self) -> None:
        """Kills the scheduler as a crash of its machine would."""
        if self.scheduler:
            end(self.scheduler)

    def _begin(self, what: str, given: Sequence[str], path: Sequence[Path]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *given]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path))}
        environment["DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT"] = "60s"
        # How many workers a thing may end before it is given up: to start each again takes seconds.
        environment["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "1"
        with (self.folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(
                command, env=environment, stderr=log, stdout=log, cwd=self.folder, start_new_session=True
            )


@contextmanager
def dask(folder: Path, workers: int) -> Iterator[Dask]:
    """A cluster with so many workers, which ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cluster = Dask(folder, port)
    try:
        cluster.start_scheduler()
        for _ in range(workers):
            cluster.start_worker()
        yield cluster
    finally:
        for process in [*cluster.workers, *filter(None, [cluster.scheduler])]:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kills a process and what it began."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# What the cluster is given to do.


def square(number: int) -> int:
    return number * number


def slowly(number: int) -> int:
    time.sleep(0.05)
    return square(number)


def process_of(item: int) -> int:
    slowly(item)
    return os.getpid()


def refuse(number: int) -> int:
    raise LookupError(number)


def end_if_negative(number: int) -> int:
    """What is negative ends its worker."""
    if number < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return slowly(number)


_at_it = 0


def one_at_a_time(item: int) -> bool:
    """Whether no other thread of the process is at it."""
    global _at_it
    _at_it += 1
    slowly(item)
    alone = _at_it == 1
    _at_it -= 1
    return alone


def in_a_process_of_its_own(item: int) -> tuple[int, int]:
    """The process that a worker is, and one that it has begun."""
    (other,) = Pool(1).map(process_of, [item], lambda item, loss: 0)
    return os.getpid(), other
