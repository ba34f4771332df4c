"""Metrics of runs for Prometheus: served by HTTP while a run lasts, or left in a file for node_exporter.

Nothing of this is loaded where neither is asked for. What is counted is counted anyway, for progress and
reports; it is only looked at when somebody asks.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.console import say, warn
from nianbao.failures import WORK_FAILED, Failure
from nianbao.wording import sentence

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Metric

_LOOPBACK = "127.0.0.1"
_HIGHEST_PORT = 65535
# Seconds between two states of the file; Prometheus mostly asks every 15 to 60.
_EVERY = 10.0


@dataclass(frozen=True)
class Series:
    """One metric: a counter where the ``name`` ends in ``_total``, as Prometheus has it, else a gauge.

    ``value`` is a number, or one for each value of ``label``. ``text`` says in English what it counts.
    """

    name: str
    text: str
    value: float | Mapping[Any, float]
    label: str = ""


@dataclass
class Job:
    """A run of a command that is watched: ``source`` tells its series, ``code`` its exit code at the end."""

    command: str
    source: Callable[[], Iterable[Series]] = tuple
    code: int = WORK_FAILED
    began: float = field(default_factory=time.time)
    ended: float | None = None

    def series(self) -> Iterator[Series]:
        """All series as they are now."""
        yield from self.source()
        yield Series("began_timestamp_seconds", "When the run began.", self.began)
        if self.ended is not None:
            yield Series("ended_timestamp_seconds", "When the run ended.", self.ended)
            yield Series("exit_code", "How the run ended: 0 well, 1 failed in whole or in part.", self.code)


@contextmanager
def monitored(
    command: str, port: str | None, file: Path | None, labels: Mapping[str, str] | None = None
) -> Iterator[Job]:
    """Serves the metrics of a run at ``port`` (``PORT`` or ``HOST:PORT``) and keeps them in ``file``.

    ``labels`` stand on all of them. Raises :class:`Failure` where that is not possible.
    """
    job = Job(command)
    with ExitStack() as stack:
        if port is not None or file is not None:
            registry = _registry(job, labels or {})
            if file is not None:
                stack.enter_context(_kept(registry, file))
            if port is not None:
                stack.enter_context(_served(registry, *_address(port)))
        try:
            yield job
        finally:
            job.ended = time.time()


def _registry(job: Job, labels: Mapping[str, str]) -> CollectorRegistry:
    try:
        from prometheus_client import CollectorRegistry
        from prometheus_client.registry import Collector
    except ImportError as error:
        raise Failure("metrics_extra_missing") from error

    class Collected(Collector):
        def collect(self) -> Iterator[Metric]:
            for series in job.series():
                yield _metric(f"nianbao_{job.command}_{series.name}", series, labels)

    registry = CollectorRegistry()
    registry.register(Collected())
    return registry


def _metric(name: str, series: Series, labels: Mapping[str, str]) -> Metric:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    names = [*labels, series.label] if series.label else list(labels)
    make = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
    metric = make(name, series.text, labels=names)
    # Counted by the run while this looks on.
    values = dict(series.value) if isinstance(series.value, Mapping) else {"": series.value}
    for label, value in values.items():
        metric.add_metric([*labels.values(), label] if series.label else [*labels.values()], value)
    return metric


@contextmanager
def _served(registry: CollectorRegistry, host: str, port: int) -> Iterator[None]:
    from prometheus_client import ProcessCollector, start_http_server

    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise Failure("metrics_port_taken", host=host, port=port, reason=_reason(error)) from error
    # What the process itself takes; in files of several runs it would stand several times.
    ProcessCollector(registry=registry)
    shown = f"[{host}]" if ":" in host else host
    say("metrics_at", url=f"http://{shown}:{server.server_port}/metrics")
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def _kept(registry: CollectorRegistry, file: Path) -> Iterator[None]:
    """Replaces ``file`` every few seconds in one step, and once more at the end."""
    from prometheus_client import write_to_textfile

    over = threading.Event()

    def keep() -> None:
        while not over.wait(_EVERY):
            # That nothing can be written any more is told at the end.
            with suppress(OSError):
                write_to_textfile(str(file), registry)

    try:
        write_to_textfile(str(file), registry)
    except OSError as error:
        raise Failure("metrics_file_unwritable", file=file, reason=_reason(error)) from error
    keeping = threading.Thread(target=keep, daemon=True)
    keeping.start()
    try:
        yield
    finally:
        over.set()
        keeping.join()
        try:
            write_to_textfile(str(file), registry)
        except OSError as error:
            warn(sentence("metrics_file_unwritable", file=file, reason=_reason(error)))


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _address(given: str) -> tuple[str, int]:
    """The host and the port that ``PORT`` or ``HOST:PORT`` names."""
    host, _, port = given.rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) <= _HIGHEST_PORT):
        raise Failure("metrics_port_wrong", usage=True, given=given)
    return host.strip("[]") or _LOOPBACK, int(port)
