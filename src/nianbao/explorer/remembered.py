"""Answers that were given before, as long as the database is the same."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

import anyio

from nianbao.explorer.answering import Answer

Key = tuple[object, ...]
_MOST_BYTES = 64 * 1024 * 1024
# More at once would only wait for each other, and keep the answers that are there already waiting.
_AT_ONCE = 2
_LARGEST = 2 * 1024 * 1024


class Remembered:
    """The answers that were asked for last; a question that several ask at once is worked out once."""

    def __init__(self) -> None:
        self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._bytes = 0
        self._asked: dict[Key, asyncio.Future[Answer]] = {}

    async def get(self, key: Key, make: Callable[[], Answer]) -> Answer:
        """The answer to the question ``key``, which ``make`` works out in a thread; raises what it raises."""
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        if key in self._asked:
            return await asyncio.shield(self._asked[key])
        task = asyncio.ensure_future(self._in_thread(make))
        self._asked[key] = task
        try:
            answer = await asyncio.shield(task)
        finally:
            self._asked.pop(key, None)
        self._keep(key, answer)
        return answer

    async def _in_thread(self, make: Callable[[], Answer]) -> Answer:
        return await anyio.to_thread.run_sync(make, limiter=self._limiter)

    def _keep(self, key: Key, answer: Answer) -> None:
        if not answer.lasting or len(answer.body) > _LARGEST or key in self._answers:
            return
        self._answers[key] = answer
        self._bytes += len(answer.body)
        while self._bytes > _MOST_BYTES:
            _, oldest = self._answers.popitem(last=False)
            self._bytes -= len(oldest.body)

    def forget(self) -> None:
        """Lets all answers go: the database is another one."""
        self._answers.clear()
        self._bytes = 0
