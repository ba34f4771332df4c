"""A Dask scheduler that somebody else runs: reached, asked for its workers, given things to do."""

from __future__ import annotations

import asyncio
import logging
import pickle
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from operator import call
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from uuid import uuid4

from scraper.installed import differences, installed
from scraper.messages import Message, ScraperError, message

if TYPE_CHECKING:
    from distributed import Client, Future

# Seconds after which it is looked whether the scheduler and workers are still there.
_GLANCE = 1.0

# Seconds that one attempt to reach the scheduler, one answer of it, and taking leave of it may take.
_ATTEMPT, _ANSWER, _LEAVE = 5.0, 30.0, 2.0

# Seconds after which it is told that something is waited for: what is started again is mostly back by then.
_GRACE = 5.0

# Loggers that tell their troubles on standard error, in their own words.
_TALKATIVE = ("distributed", "distributed.client", "distributed.gc", "tornado", "tornado.application")

_Result = TypeVar("_Result")
Tell = Callable[[Message], None]


class SchedulerGone(Exception):  # noqa: N818 - the connection is over, another one may be had
    """The scheduler does not answer, is another one than before, or has forgotten what it was given."""


@dataclass
class Scheduler:
    """A connection to a scheduler that has workers. Its methods raise :class:`SchedulerGone`.

    ``threads`` is how many the workers have together, ``name`` what the scheduler calls itself.
    """

    client: Client
    waiting: _Waiting
    name: str = ""
    threads: int = 0

    def submit(self, work: Callable[[], _Result]) -> Future[_Result]:
        """Gives the cluster one thing to do, which can be pickled."""
        with _gone_where_it_fails():
            # Never the same name twice: what came of an earlier run is not asked for.
            return self.client.submit(
                _unpacked(), pickle.dumps(work), key=f"nianbao-{uuid4().hex}", pure=False
            )

    def wait(self, futures: Sequence[Future[Any]]) -> None:
        """Until one of ``futures`` is done, or a second is over and there are workers."""
        from distributed import wait

        try:
            with self.client.as_current():
                wait(futures, _GLANCE, "FIRST_COMPLETED")
        except TimeoutError:
            self.look()
        except (OSError, CancelledError) as error:
            raise SchedulerGone from error

    def look(self) -> None:
        """Sees whether it is still the same scheduler, and waits for workers where there are none.

        Raises :class:`ScraperError` where none come.
        """
        for _ in self.waiting.moments("workers_awaited"):
            if self._has_workers():
                return
        raise ScraperError(message("workers_missing", **self.waiting.said))

    def compare(self) -> None:
        """Raises :class:`ScraperError` where a worker would read otherwise than this process."""
        asked = self._ask(self.client._run, _unpacked(), pickle.dumps(installed), on_error="return")
        for worker, found in asked.items():
            if isinstance(found, ImportError | AttributeError):
                raise ScraperError(message("worker_lacks_nianbao", worker=worker, reason=found))
            # Any other exception is that of a worker that has just ended.
            if isinstance(found, dict):
                refuse_stranger(worker, installed(), found)

    def result(self, future: Future[_Result]) -> _Result:
        """What came of a thing."""
        with _gone_where_it_fails():
            return future.result(_ANSWER)

    def error(self, future: Future[Any]) -> Exception:
        """Why nothing came of a thing."""
        with _gone_where_it_fails():
            error: Exception = future.exception(_ANSWER)
        return error

    def _has_workers(self) -> bool:
        scheduler: Any = self.client.scheduler
        found = self._ask(scheduler.identity, n_workers=0)
        self.name = self.name or found["id"]
        if self.name != found["id"]:
            raise SchedulerGone
        self.threads = found["total_threads"]
        return bool(self.threads)

    def _ask(self, question: Callable[..., Any], *given: Any, **named: Any) -> Any:
        with _gone_where_it_fails():
            return self.client.sync(question, *given, callback_timeout=_ANSWER, **named)


def _unpacked() -> Callable[[bytes], Any]:
    """Runs what was pickled. It is made of names that every worker knows: to be sent others may end one."""
    from toolz import compose

    unpacked: Callable[[bytes], Any] = compose(call, pickle.loads)
    return unpacked


@contextmanager
def reached(address: str, seconds: float, tell: Tell) -> Iterator[Scheduler]:
    """The scheduler at ``address``, with workers that are installed as this process is.

    It is waited for as many ``seconds``, and so are workers; ``tell`` hears of it. Raises
    :class:`ScraperError` where that was in vain, or a worker is installed otherwise.
    """
    waiting = _Waiting(address, seconds, tell)
    client = _client(waiting)
    try:
        scheduler = Scheduler(client, waiting)
        scheduler.look()
        scheduler.compare()
        yield scheduler
    finally:
        client.close(_LEAVE)


def refuse_stranger(worker: str, here: dict[str, str], there: dict[str, str]) -> None:
    """Raises :class:`ScraperError` where a worker, ``there``, is installed otherwise than the command."""
    if differing := differences(here, there):
        en = ", ".join(f"{name} {ours} here and {theirs} there" for name, ours, theirs in differing)
        zh = "，".join(f"{name} 本机为 {ours}，该进程为 {theirs}" for name, ours, theirs in differing)
        raise ScraperError(message("worker_differs", worker=worker, differing={"en": en, "zh": zh}))


@contextmanager
def silenced() -> Iterator[None]:
    """Keeps Dask from saying on standard error what is told in other words.

    Raises :class:`ScraperError` where it is not installed.
    """
    try:
        # To be imported makes its loggers talkative again.
        import distributed  # noqa: F401
    except ImportError as error:
        raise ScraperError(message("dask_missing")) from error
    levels = {name: logging.getLogger(name).level for name in _TALKATIVE}
    try:
        for name in levels:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


@dataclass(frozen=True)
class _Waiting:
    """How long is waited for what is not there, and who hears of it."""

    address: str
    seconds: float
    tell: Tell

    def moments(self, code: Literal["scheduler_awaited", "workers_awaited"]) -> Iterator[None]:
        """One moment after the other in which something might be there, until the time is over."""
        begun = monotonic()
        unsaid = [message(code, **self.said)]
        yield
        while (waited := monotonic() - begun) < self.seconds:
            if unsaid and waited > min(_GRACE, self.seconds / 4):
                self.tell(unsaid.pop())
            sleep(_GLANCE / 2)
            yield

    @property
    def said(self) -> dict[str, object]:
        """What sentences are filled with."""
        return {"address": self.address, "seconds": f"{self.seconds:.0f}"}


def _client(waiting: _Waiting) -> Client:
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    attempt = min(_ATTEMPT, waiting.seconds / 4)
    for _ in waiting.moments("scheduler_awaited"):
        with suppress(OSError), warnings.catch_warnings():
            # What matters of the versions is compared afterwards.
            warnings.simplefilter("ignore", VersionMismatchWarning)
            _call(waiting.address, attempt)
            return Client(waiting.address, timeout=attempt, set_as_default=False)
    raise ScraperError(message("scheduler_missing", **waiting.said))


def _call(address: str, seconds: float) -> None:
    """Raises :class:`OSError` where no scheduler answers: a client waits for ever for what only listens.

    Raises :class:`ScraperError` for what is no address, or one that needs settings which Dask was not given.
    """
    from distributed.comm.core import connect
    from distributed.security import Security

    async def call() -> None:
        secured = Security().get_connection_args("client")
        (await asyncio.wait_for(connect(address, seconds, **secured), seconds)).abort()

    try:
        asyncio.run(call())
    except (TypeError, ValueError) as error:
        raise ScraperError(message("scheduler_wrong", address=address, reason=error)) from error


@contextmanager
def _gone_where_it_fails() -> Iterator[None]:
    try:
        yield
    except (OSError, CancelledError) as error:
        raise SchedulerGone from error
