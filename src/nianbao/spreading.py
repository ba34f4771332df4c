"""Has what analysis works out without a database done in as many processes as there are processors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

from scraper.engine import PATIENCE, Engine, Here, Loss, Pool, Sparing, cores

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

# Less than this is done before a process has begun.
_FEW = 100


@dataclass(frozen=True)
class OverEngine:
    """Spreads work over the processes of an ``engine``."""

    engine: Engine

    def __call__(self, function: Callable[[_Item], _Result], items: Iterable[_Item], /) -> Iterator[_Result]:
        """See :class:`analysis.spreading.Spread`."""

        def again(item: _Item, _: Loss) -> _Result:
            return function(item)

        with closing(self.engine.map(function, items, again)) as results:
            yield from results


def over_processors(workers: int | None = None, patience: float = PATIENCE) -> OverEngine:
    """Spreads over so many processes, by default as many as there are processors; 1 is this process."""
    count = workers or cores()
    return OverEngine(Sparing(Pool(count, patience), _FEW, lambda _: False) if count > 1 else Here())
