"""What pages work out on the way to their answer, as long as the database is the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

Value = TypeVar("Value")
_MOST = 200


class Kept:
    """The things that were asked for last; nobody may alter them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._things: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The thing called ``key``, which ``make`` works out; raises what that raises."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                found: Value = self._things[key]
                return found
        made = make()
        with self._lock:
            self._things[key] = made
            while len(self._things) > _MOST:
                self._things.popitem(last=False)
        return made
