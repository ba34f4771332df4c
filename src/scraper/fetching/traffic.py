"""What the requests of a run came to, in all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from scraper.fetching.request import Outcome


@dataclass
class Traffic:
    """Counts that grow as a run goes on.

    ``outcomes`` counts each try by what came of it; ``octets`` are bytes of bodies as they were received.
    ``waited`` are the seconds that requests waited for their turn, their pauses and open hours, ``asking``
    those that they took, both added up over portals that are crawled at the same time.
    """

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    octets: int = 0
    waited: float = 0.0
    asking: float = 0.0
