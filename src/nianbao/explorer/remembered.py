"""Answers that were given before, as long as the database is the same."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

import anyio

from nianbao.explorer.answering import Answer
from nianbao.explorer.snapshots import Snapshot

Key = tuple[str, str]
_MOST_BYTES = 64 * 1024 * 1024
# More at once would only wait for each other, and keep the answers that are there already waiting.
_AT_ONCE = 2
# So long after a change of the database an answer may be of the copy before.
_SECONDS_MORE = 30.0
_LARGEST = 2 * 1024 * 1024


class Remembered:
    """The answers that were asked for last; a question that several ask at once is worked out once.

    Just after the database has changed, what was answered from the copy before is given once more, while the
    new answer is worked out: nobody waits because of a change.
    """

    def __init__(self) -> None:
        self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        self._number = 0
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._before: Mapping[Key, Answer] = {}
        self._before_until = 0.0
        self._bytes = 0
        self._asked: dict[tuple[int, Key], asyncio.Task[Answer]] = {}

    async def get(
        self, snapshot: Snapshot, key: Key, make: Callable[[], Answer], *, newest: bool = False
    ) -> Answer:
        """The answer of ``snapshot`` to ``key``, path and query, which ``make`` works out in a thread.

        ``newest``: never that of the copy before. Raises what ``make`` raises.
        """
        self._go_over_to(snapshot)
        if key in self._answers and snapshot.number == self._number:
            self._answers.move_to_end(key)
            return self._answers[key]
        name = (snapshot.number, key)
        if name not in self._asked:
            self._asked[name] = asyncio.create_task(self._made(snapshot, key, make))
        if not newest and key in self._before and time.monotonic() < self._before_until:
            return self._before[key]
        return await asyncio.shield(self._asked[name])

    async def _made(self, snapshot: Snapshot, key: Key, make: Callable[[], Answer]) -> Answer:
        try:
            answer = await anyio.to_thread.run_sync(make, limiter=self._limiter)
        finally:
            self._asked.pop((snapshot.number, key), None)
        if snapshot.number == self._number:
            self._keep(key, answer)
        return answer

    def _go_over_to(self, snapshot: Snapshot) -> None:
        """Lets the answers of the copy before go as soon as there is a newer one."""
        if snapshot.number <= self._number:
            return
        # Whoever has just decided wants to see the decision, and nothing older.
        self._before = {} if snapshot.decided else dict(self._answers)
        self._before_until = time.monotonic() + _SECONDS_MORE
        self._number, self._bytes = snapshot.number, 0
        self._answers.clear()

    def _keep(self, key: Key, answer: Answer) -> None:
        if not answer.lasting or len(answer.body) > _LARGEST or key in self._answers:
            return
        self._answers[key] = answer
        self._bytes += len(answer.body)
        while self._bytes > _MOST_BYTES:
            _, oldest = self._answers.popitem(last=False)
            self._bytes -= len(oldest.body)
