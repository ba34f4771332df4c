"""Where one function is run for many things: in this process, or in several others."""

from __future__ import annotations

import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Thread
from time import monotonic
from typing import Any, Generic, Literal, Protocol, TypeVar

from scraper.messages import ScraperError, message

Loss = Literal["reader_died", "took_too_long"]
"""Why there is no result: the code of the sentence that tells it."""

# Seconds that one document may take; scans of sixty pages take almost as long.
PATIENCE = 600.0

# Seconds after which it is looked whether all processes are still there.
_GLANCE = 1.0

# What is raised where processes end while they are given something, or while others begin; the last where the
# executor closes its pipes meanwhile, and their numbers are given to others.
_ENDED = (BrokenProcessPool, OSError, ValueError)

# How often it is tried to begin processes.
_ATTEMPTS = 3

# How many things each worker is given ahead, so that all have work while the first is waited for.
_AHEAD = 32

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Engine(Protocol):
    """Runs a function for many things."""

    def map(
        self,
        function: Callable[[_Item], _Result],
        items: Iterable[_Item],
        lost: Callable[[_Item, Loss], _Result],
    ) -> Generator[_Result, None, None]:
        """The results in the order of ``items``, of which only so many are taken as are under way.

        ``function``, the items and the results can be pickled; what the function raises is raised here.
        ``lost`` gives the result of an item that ended the process that it was in. Closing the generator
        ends what is under way at once, where that is on this machine.
        """
        ...


class Here:
    """Runs one after the other in this process, which an item may end."""

    def map(
        self,
        function: Callable[[_Item], _Result],
        items: Iterable[_Item],
        lost: Callable[[_Item, Loss], _Result],
    ) -> Generator[_Result, None, None]:
        """See :class:`Engine`; nothing is ever lost."""
        for item in items:
            yield function(item)


@dataclass(frozen=True)
class Pool:
    """Runs in ``workers`` processes, each item at most ``patience`` seconds.

    Where a process ends before its time, those things that it may have been at are tried one at a time in a
    process of their own. That which ends this one too is lost, and so is what takes too long.
    """

    workers: int
    patience: float = PATIENCE

    def map(
        self,
        function: Callable[[_Item], _Result],
        items: Iterable[_Item],
        lost: Callable[[_Item, Loss], _Result],
    ) -> Generator[_Result, None, None]:
        """See :class:`Engine`."""
        return _Mapping(self, function, iter(items), lost).results()


@dataclass(frozen=True)
class Sparing:
    """Leaves to ``engine`` what is worth it: ``few`` things or more, or any that is ``risky`` to run here."""

    engine: Engine
    few: int
    risky: Callable[[Any], bool]

    def map(
        self,
        function: Callable[[_Item], _Result],
        items: Iterable[_Item],
        lost: Callable[[_Item, Loss], _Result],
    ) -> Generator[_Result, None, None]:
        """See :class:`Engine`."""
        waiting = iter(items)
        first = list(islice(waiting, self.few))
        worth = len(first) == self.few or any(map(self.risky, first))
        engine = self.engine if worth else Here()
        return engine.map(function, chain(first, waiting), lost)


def cores() -> int:
    """How many processors this process may use."""
    counted = getattr(os, "process_cpu_count", None)
    return (counted() if counted else len(os.sched_getaffinity(0))) or 1


@dataclass
class _Begun(Generic[_Item, _Result]):
    """A thing that a process was given, and what will come of it."""

    item: _Item
    future: Future[_Result]

    @property
    def broken(self) -> bool:
        """Whether there will be no result, for a process has ended."""
        return not self.future.done() or isinstance(self.future.exception(), BrokenProcessPool)


class _Mapping(Generic[_Item, _Result]):
    """One run of :meth:`Pool.map`."""

    def __init__(
        self,
        pool: Pool,
        function: Callable[[_Item], _Result],
        items: Iterator[_Item],
        lost: Callable[[_Item, Loss], _Result],
    ) -> None:
        self._pool = pool
        self._function = pickle.dumps(function)
        self._items = items
        self._lost = lost
        self._begun: deque[_Begun[_Item, _Result]] = deque()

    def results(self) -> Generator[_Result, None, None]:
        loss: Loss | None = "reader_died"
        while loss:
            loss = yield from self._together()
            if loss == "took_too_long":
                yield self._lost(self._begun.popleft().item, loss)
            elif loss:
                yield from self._apart()

    def _together(self) -> Generator[_Result, None, Loss | None]:
        """What all processes bring until nothing is left, or the first that was begun is not to be had."""
        with _processes(self._function, self._pool.workers) as pool:
            for begun in self._begun:
                if begun.broken:
                    begun.future = _submitted(pool, begun.item)
            while self._begin(pool):
                if loss := self._loss(pool, self._begun[0].future):
                    return loss
                yield self._begun.popleft().future.result()
        return None

    def _apart(self) -> Generator[_Result, None, None]:
        """Tries those that may have been under way, which are the first ones, until one ends its process."""
        suspects = self._pool.workers
        with _processes(self._function, 1) as pool:
            while self._begun and suspects:
                begun = self._begun.popleft()
                if begun.broken:
                    suspects -= 1
                    begun.future = _submitted(pool, begun.item)
                    if loss := self._loss(pool, begun.future):
                        yield self._lost(begun.item, loss)
                        return
                yield begun.future.result()

    def _begin(self, pool: ProcessPoolExecutor) -> bool:
        """Gives out so many things that all processes have work; False where there are none."""
        for item in islice(self._items, self._pool.workers * _AHEAD - len(self._begun)):
            self._begun.append(_Begun(item, _submitted(pool, item)))
        return bool(self._begun)

    def _loss(self, pool: ProcessPoolExecutor, future: Future[_Result]) -> Loss | None:
        """Waits for the oldest of the things under way. Nobody else's turn comes before it, so it runs."""
        end = monotonic() + self._pool.patience
        while not wait([future], _GLANCE).done:
            # The executor does not notice a process that was killed while it handed over a result.
            if not all(process.is_alive() for process in _running(pool)) and not wait([future], _GLANCE).done:
                return "reader_died"
            if monotonic() > end:
                return "took_too_long"
        return "reader_died" if isinstance(future.exception(), BrokenProcessPool) else None


def _submitted(pool: ProcessPoolExecutor, item: _Item) -> Future[Any]:
    with _uninterrupted():
        try:
            return pool.submit(_work, item)
        except _ENDED as error:
            failed: Future[Any] = Future()
            failed.set_exception(BrokenProcessPool(str(error)))
            return failed


@contextmanager
def _processes(function: bytes, count: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that end with the block, whatever they are at: they hold nothing that could be lost.

    Raises :class:`ScraperError` where none can be begun.
    """
    for _ in range(_ATTEMPTS):
        pool = ProcessPoolExecutor(count, get_context("spawn"), _prepare, (function,))
        try:
            if _is_ready(pool, count):
                yield pool
                return
        finally:
            _end(pool)
    raise ScraperError(message("readers_dont_begin"))


def _is_ready(pool: ProcessPoolExecutor, count: int) -> bool:
    """Waits until one of the processes has loaded what it needs, which is nobody's reading time."""
    try:
        with _uninterrupted():
            loading = [pool.submit(_load) for _ in range(count)]
    except _ENDED:
        return False
    done = wait(loading, return_when=FIRST_COMPLETED).done
    errors = [error for future in done if (error := future.exception())]
    for error in errors:
        if not isinstance(error, BrokenProcessPool):
            raise error
    return not errors


def _end(pool: ProcessPoolExecutor) -> None:
    """What Python 3.14 has ``kill_workers`` for."""
    for process in _running(pool):
        process.kill()
        process.join()
    # Else the executor would wait for the rest of a result that was being handed over.
    results: Any = pool._result_queue
    results._writer.close()
    pool.shutdown(cancel_futures=True)


def _running(pool: ProcessPoolExecutor) -> list[BaseProcess]:
    return list((pool._processes or {}).values())


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes that begin in the block never hear of Ctrl-C, which is for the one that began them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# What runs in the other processes.

_prepared = b""


def _prepare(function: bytes) -> None:
    global _prepared
    _prepared = function
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process that was killed can't end the others."""
    if parent := parent_process():
        parent.join()
        os._exit(1)


@cache
def _unpickled() -> Callable[[Any], Any]:
    function: Callable[[Any], Any] = pickle.loads(_prepared)  # noqa: S301 - made by this program
    return function


def _load() -> None:
    _unpickled()


def _work(item: Any) -> Any:
    return _unpickled()(item)
