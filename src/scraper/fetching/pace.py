"""How patient the client is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Bounds of a request, in seconds and bytes.

    ``timeout`` is for the connection and for each silence of the server, ``longest_request`` for the
    whole request. A body that is on its way for longer than ``timeout`` must have come with
    ``slowest_body`` bytes a second. ``tries`` are made where a server is busy or silent; the first pause
    between them is ``backoff`` at least, each further one twice as long, and ``longest_wait`` at most. A
    server that wants to be left alone for longer than that is asked no more in this run.
    """

    timeout: float = 30.0
    tries: int = 3
    backoff: float = 2.0
    longest_wait: float = 120.0
    largest_body: int = 50_000_000
    longest_request: float = 600.0
    slowest_body: int = 4096
