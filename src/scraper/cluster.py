"""An engine on other machines: a Dask cluster that somebody else runs."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import islice
from multiprocessing import current_process
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from scraper.engine import Loss
from scraper.installed import installed
from scraper.messages import LANGUAGES, Message, ScraperError, message
from scraper.scheduler import Scheduler, SchedulerGone, Tell, reached, refuse_stranger, silenced

if TYPE_CHECKING:
    from distributed import Future

# Seconds that a scheduler may take to come back, or a worker to join.
WAITING = 300.0

# How many things there are ahead for each thread of the cluster: so many others may be done while the oldest
# is waited for.
_AHEAD = 8

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def _unheard(said: Message) -> None:
    pass


@dataclass(frozen=True)
class Cluster:
    """Runs on the workers of the Dask scheduler at ``scheduler``, an address as ``tcp://host:8786``.

    A worker that ends takes nothing along. What was with several that ended is tried once more, while nothing
    else is under way, and is lost where it ends them again. Where the scheduler ends, or no worker is left,
    ``tell`` hears of it; what has no result is begun anew when they are back: the function is one that may be
    run twice. After ``waiting`` seconds :class:`ScraperError` is raised; at once, where a worker is not
    :func:`installed` as this process is. Closing the results drops what no worker has begun; what one has
    begun runs to its end there.
    """

    scheduler: str
    waiting: float = WAITING
    tell: Tell = _unheard

    def map(
        self,
        function: Callable[[_Item], _Result],
        items: Iterable[_Item],
        lost: Callable[[_Item, Loss], _Result],
    ) -> Generator[_Result, None, None]:
        """See :class:`scraper.engine.Engine`."""
        return _Mapping(self, function, iter(items), lost).results()


@dataclass(eq=False)
class _Sent(Generic[_Item, _Result]):
    """A thing that the cluster was given, and what came of it: nothing yet, or one result.

    A ``suspect`` was with workers that ended. So were others, perhaps; which of them ends its worker shows
    when it is alone.
    """

    item: _Item
    future: Future[_Result] | None = None
    suspect: bool = False
    results: tuple[()] | tuple[_Result] = ()


class _Mapping(Generic[_Item, _Result]):
    """One run of :meth:`Cluster.map`."""

    def __init__(
        self,
        cluster: Cluster,
        function: Callable[[_Item], _Result],
        items: Iterator[_Item],
        lost: Callable[[_Item, Loss], _Result],
    ) -> None:
        self._cluster = cluster
        self._function = pickle.dumps(function)
        self._items = items
        self._lost = lost
        self._sent: deque[_Sent[_Item, _Result]] = deque()

    def results(self) -> Generator[_Result, None, None]:
        self._take_up(1)
        with silenced():
            # Where there is nothing to do no cluster is needed.
            while self._sent and not (yield from self._connected()):
                for sent in self._sent:
                    sent.future = None

    def _connected(self) -> Generator[_Result, None, bool]:
        """What one connection brings; whether that is all."""
        cluster = self._cluster
        with reached(cluster.scheduler, cluster.waiting, cluster.tell) as scheduler:
            try:
                while self._begin(scheduler):
                    self._receive(scheduler)
                    while self._sent and self._sent[0].results:
                        yield from self._sent.popleft().results
            except SchedulerGone:
                return False
        return True

    def _begin(self, scheduler: Scheduler) -> bool:
        """Gives out so many things that all workers have work; False where there are none.

        A suspect is begun when nothing else is under way, and nothing else while it is.
        """
        if not any(sent.suspect and sent.future for sent in self._sent):
            self._take_up(max(scheduler.threads * _AHEAD - len(self._sent), 0))
            waiting = [sent for sent in self._sent if not sent.results and not sent.future]
            begun = [sent for sent in waiting if not sent.suspect]
            if not begun and not self._under_way():
                begun = waiting[:1]
            for sent in begun:
                sent.future = scheduler.submit(partial(_work, installed(), self._function, sent.item))
        return bool(self._sent)

    def _take_up(self, number: int) -> None:
        self._sent.extend(_Sent(item) for item in islice(self._items, number))

    def _under_way(self) -> list[_Sent[_Item, _Result]]:
        return [sent for sent in self._sent if sent.future]

    def _receive(self, scheduler: Scheduler) -> None:
        """Takes what is done, or will be within a second."""
        under_way = self._under_way()
        scheduler.wait([sent.future for sent in under_way if sent.future])
        for sent in under_way:
            if sent.future and sent.future.status in ("finished", "error"):
                self._take(scheduler, sent, sent.future)
                sent.future = None

    def _take(self, scheduler: Scheduler, sent: _Sent[_Item, _Result], future: Future[_Result]) -> None:
        """Keeps what came of a thing. Raises what its function raised."""
        if future.status == "finished":
            sent.results = (scheduler.result(future),)
            return
        error = scheduler.error(future)
        if type(error).__name__ != "KilledWorker":
            # A worker that joined meanwhile may even lack the code that it should run.
            scheduler.compare()
            raise error
        if sent.suspect:
            sent.results = (self._lost(sent.item, "reader_died"),)
        sent.suspect = True


# What runs on the workers.

_turn = Lock()


def _work(here: dict[str, str], function: bytes, item: Any) -> Any:
    """Runs what was sent from ``here``: one at a time in a process, for not all that reads is for threads."""
    from distributed import get_worker

    worker = get_worker().address
    refuse_stranger(worker, here, installed())
    with _turn, _may_begin_processes():
        try:
            return _unpickled(function)(item)
        except ScraperError as error:
            # What is wrong on a worker, such as storage that it does not see, may be right here.
            said = {language: error.said.text(language) for language in LANGUAGES}
            raise ScraperError(message("said_by_worker", said=said, worker=worker)) from error


@lru_cache(maxsize=1)
def _unpickled(function: bytes) -> Callable[[Any], Any]:
    """Unpickled once for all things of a run."""
    unpickled: Callable[[Any], Any] = pickle.loads(function)  # noqa: S301 - made by this program
    return unpickled


@contextmanager
def _may_begin_processes() -> Iterator[None]:
    """Dask's nanny begins workers as processes that may begin none, lest these outlive them; ours don't."""
    settings: dict[str, Any] = current_process()._config  # type: ignore[attr-defined]
    before = settings.get("daemon")
    settings["daemon"] = False
    try:
        yield
    finally:
        settings["daemon"] = before
