"""Ends a process that somebody else runs, and begins again, where a page takes too long in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import parent_process
from threading import Event, Thread
from time import monotonic

_GLANCE = 1.0


@dataclass
class Watch:
    """Knows since when the present document is read."""

    since: float | None = None

    @contextmanager
    def document(self) -> Iterator[None]:
        """Within the block one document is read."""
        self.since = monotonic()
        yield
        self.since = None


@contextmanager
def watching(patience: float | None) -> Iterator[Watch]:
    """Within the block each document may take ``patience`` seconds; any number for None.

    A process that nobody began, such as the command's own, is not ended: who waits for it may do so.
    """
    watch, done = Watch(), Event()
    if patience is None or parent_process() is None:
        yield watch
        return
    thread = Thread(target=_end_in_time, args=(watch, done, patience), daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()


def _end_in_time(watch: Watch, done: Event, patience: float) -> None:
    while not done.wait(_GLANCE):
        since = watch.since
        if since is not None and monotonic() - since > patience:
            os._exit(1)
