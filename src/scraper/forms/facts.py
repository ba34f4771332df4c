"""Facts: what one cell of a statutory table says."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

# What counties add to the statutory rows and columns is kept under its printed label.
LOCAL = "local."


class Fact(NamedTuple):
    """One cell of a statutory table: what was printed, where, and what it means.

    ``value`` is in ``unit`` and None where the cell is empty or unreadable; ``table_no`` counts the
    document's grids, ``row`` and ``column`` the places of the expanded grid, all from 0. ``confidence``
    is how sure the recognition of a scan is, from 0 to 1, and None where the text is the file's own.
    """

    metric: str
    applicant: str
    value: Decimal | None
    raw: str
    unit: str
    table: str
    table_no: int
    row: int
    column: int
    confidence: float | None = None

    @property
    def is_local(self) -> bool:
        """Whether the row or the column is none of the form's."""
        return self.metric.startswith(LOCAL)

    def without_value(self) -> Fact:
        """The same cell as one whose figure is not to be trusted."""
        return self._replace(value=None)
