"""The processes that a process began, as the kernel counts them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

_PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


def children(parent: int) -> list[int]:
    """The processes that ``parent`` began and that have not ended, but what only tracks its semaphores."""
    found: set[int] = set()
    with suppress(OSError):
        for listed in Path(f"/proc/{parent}/task").glob("*/children"):
            with suppress(OSError):
                found.update(map(int, listed.read_text(encoding="ascii").split()))
    return sorted(child for child in found if "spawn_main" in _command(child))


def memory(process: int) -> int:
    """Bytes of memory that a process has; 0 where it has ended."""
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * _PAGE_SIZE
    return 0


def until(met: Callable[[], bool], seconds: float = 60) -> bool:
    """Waits until something is so; False where it never was."""
    deadline = time.monotonic() + seconds
    while not met():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


@contextmanager
def killing(chosen: Callable[[int], bool]) -> Iterator[list[int]]:
    """Kills each child of this process that is ``chosen``, again and again; gives those that were killed."""
    killed: list[int] = []
    ended = Event()

    def watch() -> None:
        while not ended.wait(0.002):
            for child in children(os.getpid()):
                if child not in killed and chosen(child):
                    killed.append(child)
                    with suppress(ProcessLookupError):
                        os.kill(child, signal.SIGKILL)

    watching = Thread(target=watch)
    watching.start()
    try:
        yield killed
    finally:
        ended.set()
        watching.join()


def _command(process: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8", errors="replace")
    return ""
