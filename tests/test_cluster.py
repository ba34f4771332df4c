"""A Dask cluster runs what any engine runs; whatever of it ends, nothing is lost or out of order."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from socket import create_server

import pytest

from clustering import (
    SOURCE,
    TESTS,
    Dask,
    dask,
    end,
    end_if_negative,
    in_a_process_of_its_own,
    one_at_a_time,
    process_of,
    refuse,
    slowly,
    square,
)
from processes import until
from scraper.cluster import Cluster
from scraper.engine import Loss
from scraper.messages import Message, ScraperError


def lost(item: int, loss: Loss) -> str:
    return f"{item} {loss}"


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of two workers to which nothing happens."""
    with dask(tmp_path_factory.mktemp("steady"), 2) as cluster:
        engine = Cluster(cluster.address)
        # Both are there before the first test asks who does the work.
        while len(set(engine.map(process_of, range(8), lost))) < 2:
            pass
        yield engine


@pytest.fixture(scope="module")
def nursed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of two workers with threads, which a nanny starts again where they end."""
    with dask(tmp_path_factory.mktemp("nursed"), 0) as cluster:
        for _ in range(2):
            cluster.start_worker("--nanny", "--nthreads", "3")
        yield Cluster(cluster.address)


@pytest.fixture
def shaken(tmp_path: Path) -> Iterator[Dask]:
    """A cluster of two workers to which something will happen."""
    with dask(tmp_path, 2) as cluster:
        assert list(Cluster(cluster.address).map(square, [2], lost)) == [4]
        yield cluster


def test_results_come_in_the_order_of_the_items(steady: Cluster) -> None:
    assert list(steady.map(square, range(200), lost)) == [number * number for number in range(200)]
    assert list(steady.map(square, [], lost)) == []


def test_all_workers_have_their_share(steady: Cluster) -> None:
    found = list(steady.map(process_of, range(60), lost))
    shares = [found.count(process) for process in set(found)]
    assert len(shares) == 2
    assert min(shares) >= 25


def test_what_the_function_raises_is_raised(steady: Cluster) -> None:
    with pytest.raises(LookupError, match="3"):
        list(steady.map(refuse, [3], lost))


def test_of_endless_items_no_more_are_taken_than_are_under_way(steady: Cluster) -> None:
    taken = count()
    results = steady.map(square, taken, lost)
    assert [next(results) for _ in range(50)] == [number * number for number in range(50)]
    results.close()
    assert next(taken) <= 50 + 2 * 8


def test_closing_drops_what_is_under_way_and_leaves_nothing_behind(steady: Cluster) -> None:
    threads = set(threading.enumerate())
    results = steady.map(slowly, range(1000), lost)
    assert next(results) == 0
    assert set(threading.enumerate()) != threads
    begun = time.monotonic()
    results.close()
    assert set(threading.enumerate()) == threads
    assert list(steady.map(square, [3], lost)) == [9]
    assert time.monotonic() - begun < 5


def test_a_worker_with_threads_runs_one_thing_at_a_time(nursed: Cluster) -> None:
    assert list(nursed.map(one_at_a_time, range(12), lost)) == [True] * 12


def test_a_worker_of_a_nanny_may_begin_processes(nursed: Cluster) -> None:
    ((worker, other),) = nursed.map(in_a_process_of_its_own, [1], lambda item, loss: (0, 0))
    assert 0 < worker != other > 0


def test_only_what_ends_worker_after_worker_is_lost(nursed: Cluster) -> None:
    items = [*range(10), -1, *range(10)]
    found = list(nursed.map(end_if_negative, items, lost))
    assert found == [square(item) if item >= 0 else "-1 reader_died" for item in items]


def test_a_worker_killed_on_the_way_loses_nothing(shaken: Dask) -> None:
    results = Cluster(shaken.address).map(slowly, range(60), lost)
    found = [next(results) for _ in range(5)]
    end(shaken.workers[0])
    assert [*found, *results] == [number * number for number in range(60)]


def test_a_scheduler_killed_on_the_way_is_waited_for_when_it_comes_back(shaken: Dask) -> None:
    results = Cluster(shaken.address).map(slowly, range(60), lost)
    found = [next(results) for _ in range(5)]
    shaken.kill_scheduler()
    shaken.start_scheduler()
    # Workers end with their scheduler; whoever runs them starts them again.
    shaken.start_worker()
    assert [*found, *results] == [number * number for number in range(60)]


def test_a_scheduler_that_stays_away_is_told(shaken: Dask) -> None:
    told: list[Message] = []
    results = Cluster(shaken.address, 4, told.append).map(slowly, range(60), lost)
    assert next(results) == 0
    shaken.kill_scheduler()
    with pytest.raises(ScraperError, match=rf"{shaken.address} has not answered for 4 seconds\. Start it"):
        list(results)
    assert [said.code for said in told] == ["scheduler_awaited"]


def test_without_workers_it_waits_and_then_says_so(tmp_path: Path) -> None:
    told: list[Message] = []
    with dask(tmp_path, 0) as cluster:
        assert until(cluster.answers)
        engine = Cluster(cluster.address, 2, told.append)
        with pytest.raises(
            ScraperError, match=r"has had no workers for 2 seconds\. Start some \(dask worker"
        ):
            list(engine.map(square, [1], lost))
        assert told[-1].code == "workers_awaited"
        cluster.start_worker()
        assert list(Cluster(cluster.address).map(square, [1], lost)) == [1]


def test_a_worker_of_another_version_is_refused_also_when_it_comes_late(tmp_path: Path) -> None:
    other = tmp_path / "src"
    shutil.copytree(SOURCE, other, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "scraper" / "forms" / "claims.toml").open("a", encoding="utf-8") as claims:
        claims.write("# Another one.\n")
    with dask(tmp_path, 1) as cluster:
        engine = Cluster(cluster.address)
        results = engine.map(slowly, count(), lost)
        assert next(results) == 0
        cluster.start_worker(path=(other, TESTS))
        said = r"The Dask worker tcp://[\d.:]+ would read otherwise than this command: nianbao \S+ here and "
        with pytest.raises(ScraperError, match=said):
            for _ in results:
                pass
        with pytest.raises(ScraperError, match=said):
            list(engine.map(square, [1], lost))


def test_a_worker_without_nianbao_is_refused(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing" / "scraper"
    nothing.mkdir(parents=True)
    (nothing / "__init__.py").touch()
    with dask(tmp_path, 0) as cluster:
        cluster.start_worker(path=(nothing.parent, TESTS))
        with pytest.raises(ScraperError, match=r"can't load this version of nianbao \(No module named"):
            list(Cluster(cluster.address).map(square, [1], lost))


def test_what_only_listens_is_no_scheduler() -> None:
    with create_server(("127.0.0.1", 0)) as mute:
        address = f"tcp://127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(ScraperError, match="has not answered for 1 seconds"):
            list(Cluster(address, 1).map(square, [1], lost))


def test_a_frozen_scheduler_is_one_that_does_not_answer(shaken: Dask) -> None:
    assert shaken.scheduler
    shaken.scheduler.send_signal(signal.SIGSTOP)
    with pytest.raises(ScraperError, match="has not answered for 1 seconds"):
        list(Cluster(shaken.address, 1).map(square, [1], lost))
    shaken.scheduler.send_signal(signal.SIGCONT)
    assert list(Cluster(shaken.address).map(square, [1], lost)) == [1]


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1", "http://127.0.0.1:8786", "tcp://127.0.0.1:http", "tls://127.0.0.1:1"]
)
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(ScraperError, match=f"can't be reached at {address}: .* as tcp://host:8786"):
        list(Cluster(address).map(square, [1], lost))


def test_without_dask_the_extra_is_named_and_nothing_else_asks_for_it() -> None:
    code = """
import sys
import nianbao.commands.collect
from scraper.cluster import Cluster
assert "distributed" not in sys.modules
sys.modules["distributed"] = None
list(Cluster("tcp://127.0.0.1:1").map(abs, [1], print))
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ScraperError: A Dask cluster needs further packages." in found.stderr
    assert 'pip install "nianbao[dask]"' in found.stderr
