"""One request at a time, and the pause after it: for each host, each address, each platform.

Many counties stand behind one firewall: on their prefecture's domain, or at one address of a provincial
data centre. What one of them does to such a place, all of them pay for. So a request holds three queues,
and what it finds out (a pause that is asked for, a block) counts for all who wait there.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

# A server that takes longer to answer than this (seconds) is under load, and gets a pause of so many
# times the excess, but no longer than the last.
_READY = 0.3
_TIMES_LATENCY = 2.0
_LONGEST_FOR_LATENCY = 30.0
# The weight of the newest answer in the smoothed latency.
_NEWEST = 0.5

# A good answer divides the pause that errors brought; below this many seconds it is forgotten.
_RELIEF = 2.0
_FORGOTTEN = 0.05

# A part of the pause that chance adds, so that requests have no beat.
_JITTER = 0.1

# After so many new queues those are dropped at which nobody waits.
_MOST_QUEUES = 2_000


@dataclass(slots=True, eq=False)
class Queue:
    """One place at which a single request is made at a time.

    ``free_at`` is the moment (monotonic seconds) from which the next may be made. ``closed`` says why none
    may be made in this run. ``users`` are the requests that wait here or are being made.
    """

    users: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    closed: str = ""


@dataclass(slots=True)
class Patience:
    """The pause after requests to one host, in seconds, as its answers ask for."""

    latency: float = 0.0
    penalty: float = 0.0

    def pause(self, least: float) -> float:
        """The pause that is due where ``least`` was asked for."""
        excess = (self.latency - _READY) * _TIMES_LATENCY
        return max(least, self.penalty, min(excess, _LONGEST_FOR_LATENCY))

    def answered(self, seconds: float) -> None:
        """A good answer began after ``seconds``."""
        self.latency += (seconds - self.latency) * (_NEWEST if self.latency else 1.0)
        self.penalty = self.penalty / _RELIEF if self.penalty > _FORGOTTEN else 0.0

    def troubled(self, least: float, first: float, longest: float) -> None:
        """The host was busy or silent: twice the pause, ``first`` at least."""
        self.penalty = min(max(first, 2 * self.pause(least)), longest)


class Turn:
    """A request's hold on its queues."""

    __slots__ = ("_queues",)

    def __init__(self, queues: Sequence[Queue]) -> None:
        self._queues = queues

    @property
    def closed(self) -> str:
        """Why no request may be made here; empty where one may."""
        return next((queue.closed for queue in self._queues if queue.closed), "")

    def pause(self, seconds: float) -> None:
        """Nobody else may ask here for ``seconds`` from now, or a little longer."""
        if seconds <= 0:
            return
        jitter = 1 + random.random() * _JITTER  # noqa: S311 - nothing secret hangs on it
        free_at = time.monotonic() + seconds * jitter
        for queue in self._queues:
            queue.free_at = max(queue.free_at, free_at)


class Queues:
    """All places of a run, each by a name such as ``address 203.0.113.5``."""

    def __init__(self) -> None:
        self._queues: dict[str, Queue] = {}
        self._sweep_at = _MOST_QUEUES

    def __len__(self) -> int:
        return len(self._queues)

    @asynccontextmanager
    async def turn(self, names: Sequence[str]) -> AsyncIterator[Turn]:
        """Waits until it is a request's turn at all of ``names``, which come in the order of all callers.

        That order (platform, address, host) is why no two requests can wait for each other.
        """
        queues = [self._of(name) for name in names]
        for queue in queues:
            queue.users += 1
        held = 0
        try:
            for queue in queues:
                await queue.lock.acquire()
                held += 1
            await _until(max(queue.free_at for queue in queues))
            yield Turn(queues)
        finally:
            for number, queue in enumerate(queues):
                queue.users -= 1
                if number < held:
                    queue.lock.release()

    def close(self, names: Sequence[str], why: str) -> None:
        """Lets no more requests be made at any of ``names`` in this run."""
        for name in names:
            queue = self._of(name)
            queue.closed = queue.closed or why

    def closed(self, names: Sequence[str]) -> str:
        """Why none may be made at one of ``names``; empty where they may."""
        known = (self._queues.get(name) for name in names)
        return next((queue.closed for queue in known if queue is not None and queue.closed), "")

    def _of(self, name: str) -> Queue:
        queue = self._queues.get(name)
        if queue is None:
            if len(self._queues) >= self._sweep_at:
                self._drop_idle()
            queue = self._queues[name] = Queue()
        return queue

    def _drop_idle(self) -> None:
        now = time.monotonic()
        self._queues = {
            name: queue
            for name, queue in self._queues.items()
            if queue.closed or queue.users or queue.free_at > now
        }
        self._sweep_at = len(self._queues) + _MOST_QUEUES


async def _until(moment: float) -> None:
    while (wait := moment - time.monotonic()) > 0:
        await asyncio.sleep(wait)
