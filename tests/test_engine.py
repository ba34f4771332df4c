"""Engines run a function for many things; a process that ends takes nothing along but what ended it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count

import pytest

from processes import children, killing, until
from scraper.engine import Engine, Here, Loss, Pool, Sparing
from scraper.messages import ScraperError

ENGINES = [Here(), Pool(1), Pool(2), Pool(3)]
# Long enough for what is quick, on a busy machine too.
PATIENCE = 3.0


def square(number: int) -> int:
    return number * number


def take(number: int) -> int:
    """Odd numbers take a while, so that others overtake them; what is negative ends its process."""
    if number < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.01 * (number % 2))
    return square(number)


def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def lost(item: float, loss: Loss) -> str:
    return f"{item} {loss}"


def refuse(number: int) -> int:
    raise LookupError(number)


@pytest.mark.parametrize(
    "engine", ENGINES, ids=lambda engine: f"{type(engine).__name__}-{getattr(engine, 'workers', 1)}"
)
def test_results_come_in_the_order_of_the_items(engine: Engine) -> None:
    assert list(engine.map(take, range(200), lost)) == [number * number for number in range(200)]


@pytest.mark.parametrize(
    "engine", ENGINES, ids=lambda engine: f"{type(engine).__name__}-{getattr(engine, 'workers', 1)}"
)
def test_what_the_function_raises_is_raised(engine: Engine) -> None:
    with pytest.raises(LookupError, match="3"):
        list(engine.map(refuse, [3], lost))


@pytest.mark.parametrize(
    "engine", ENGINES, ids=lambda engine: f"{type(engine).__name__}-{getattr(engine, 'workers', 1)}"
)
def test_of_endless_items_no_more_are_taken_than_are_under_way(engine: Engine) -> None:
    taken = count()
    results = engine.map(square, taken, lost)
    assert [next(results) for _ in range(100)] == [number * number for number in range(100)]
    results.close()
    assert next(taken) <= 100 + 3 * 32


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_only_what_ends_its_process_is_lost(workers: int) -> None:
    items = [*range(20), -1, *range(50), -2, -3, *range(70), -4]
    found = list(Pool(workers).map(take, items, lost))
    assert found == [square(item) if item >= 0 else f"{item} reader_died" for item in items]


def test_what_takes_too_long_is_given_up() -> None:
    items = [0.01, 0.02, 1000, 0.03, 1001, 0.04]
    found = list(Pool(2, patience=PATIENCE).map(sleep, items, lost))
    assert found == [0.01, 0.02, "1000 took_too_long", 0.03, "1001 took_too_long", 0.04]


def test_a_process_killed_from_outside_loses_nothing() -> None:
    results = Pool(2).map(take, range(300), lost)
    found = [next(results) for _ in range(10)]
    os.kill(children(os.getpid())[0], signal.SIGKILL)
    assert [*found, *results] == [number * number for number in range(300)]


def test_processes_killed_while_they_begin_are_begun_again() -> None:
    seen: set[int] = set()

    def among_the_first(child: int) -> bool:
        seen.add(child)
        return len(seen) <= 2

    with killing(among_the_first) as killed:
        found = list(Pool(2).map(take, range(100), lost))
    assert killed
    assert found == [number * number for number in range(100)]


def test_processes_that_never_begin_are_told() -> None:
    with killing(lambda child: True), pytest.raises(ScraperError, match="--workers 1"):
        list(Pool(2).map(take, range(100), lost))


def test_closing_ends_what_is_under_way() -> None:
    results = Pool(2).map(sleep, [0, 1000, 1000, 1000], lost)
    assert next(results) == 0
    assert len(children(os.getpid())) == 2
    begun = time.monotonic()
    results.close()
    assert children(os.getpid()) == []
    assert time.monotonic() - begun < 10


def test_processes_end_with_the_one_that_began_them() -> None:
    code = "import time; from scraper.engine import Pool; list(Pool(2).map(time.sleep, [1000] * 9, print))"
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        assert until(lambda: len(children(parent.pid)) == 2)
        begun = children(parent.pid)
        # One that has not begun to work yet ends when it finds nobody to take work from.
        time.sleep(1)
        parent.kill()
    assert until(lambda: not any(map(alive, begun)))


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_few_things_are_not_worth_other_processes() -> None:
    def where(items: list[int]) -> set[int]:
        engine = Sparing(Pool(2), few=10, risky=lambda item: item < 0)
        return set(engine.map(process_of, items, lambda item, loss: 0))

    assert where(list(range(9))) == {os.getpid()}
    assert os.getpid() not in where(list(range(10)))
    assert os.getpid() not in where([0, -1])
    assert where([]) == set()


def process_of(item: int) -> int:
    return os.getpid()


def test_sparing_takes_each_item_once() -> None:
    def items() -> Iterator[int]:
        yield from range(30)

    engine = Sparing(Pool(2), few=10, risky=lambda item: False)
    assert list(engine.map(square, items(), lost)) == [number * number for number in range(30)]
