"""How an explorer is run."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")


@dataclass(frozen=True)
class Settings:
    """``hosts`` are the names by which it may be called; ``local``: it listens on loopback alone.

    ``token`` is what a reviewer must know; None where nothing need be known.
    ``boundaries`` is a GeoJSON file of counties for maps, None where there is none. ``shared``: what is shown
    lies in shared storage, where nobody decides.
    """

    hosts: Sequence[str] = LOOPBACK
    local: bool = True
    token: str | None = None
    boundaries: Path | None = None
    shared: bool = False

    @property
    def reviews(self) -> bool:
        """Whether decisions are taken here: on this machine, or by whoever knows the token."""
        return not self.shared and (self.local or self.token is not None)

    def admits(self, given: str) -> bool:
        """Whether somebody who gave this token may decide."""
        if self.token is None:
            return self.local
        return hmac.compare_digest(self.token.encode(), given.encode())


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
