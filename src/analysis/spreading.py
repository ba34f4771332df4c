"""Where work that needs no database is done: in this process, or wherever the caller says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Spread(Protocol):
    """Runs a function for many things, in processes of this machine.

    The results come in the order of the things, of which only so many are taken as are under way. What the
    function is, takes and gives can be pickled; what it raises is raised here.
    """

    def __call__(self, function: Callable[[_Item], _Result], items: Iterable[_Item], /) -> Iterator[_Result]:
        """The results."""
        ...


def here(function: Callable[[_Item], _Result], items: Iterable[_Item], /) -> Iterator[_Result]:
    """One after the other in this process."""
    return map(function, items)
