"""The part of the day in which a portal may be crawled."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))

_DAY = 24 * 3600
_WRITTEN = re.compile(r"(\d\d):([0-5]\d)(?::([0-5]\d))?-(\d\d):([0-5]\d)(?::([0-5]\d))?")

# The clock may be set and machines sleep: a long wait looks at it again.
_LONGEST_NAP = 60.0


@dataclass(frozen=True, slots=True)
class Hours:
    """From ``begin`` to ``end``, in seconds of Beijing's day; over midnight where the end comes first."""

    begin: int = 0
    end: int = 0

    @classmethod
    def read(cls, written: str) -> Hours:
        """The hours written as ``22:00-06:00``; always where nothing is written.

        Seconds may follow the minutes. Raises :class:`ValueError`.
        """
        if not written.strip():
            return cls()
        match = _WRITTEN.fullmatch(written.replace(" ", ""))
        if match is None:
            raise ValueError(written)
        numbers = [int(number or 0) for number in match.groups()]
        begin, end = (hours * 3600 + minutes * 60 + seconds
                      for hours, minutes, seconds in (numbers[:3], numbers[3:]))  # fmt: skip
        if max(begin, end) > _DAY:
            raise ValueError(written)
        return cls(begin % _DAY, end % _DAY)

    def until_open(self, moment: datetime) -> float:
        """Seconds from ``moment`` until requests may be made; 0 where they may already."""
        if self.begin == self.end:
            return 0.0
        local = moment.astimezone(BEIJING)
        now = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
        if (now - self.begin) % _DAY < (self.end - self.begin) % _DAY:
            return 0.0
        return (self.begin - now) % _DAY

    @property
    def are_open(self) -> bool:
        """Whether requests may be made now."""
        return self.begin == self.end or self.until_open(datetime.now(UTC)) == 0

    async def opening(self) -> None:
        """Returns when requests may be made."""
        while self.begin != self.end and (wait := self.until_open(datetime.now(UTC))):
            await asyncio.sleep(min(wait, _LONGEST_NAP))
