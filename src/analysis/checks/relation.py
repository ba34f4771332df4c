"""A linear relation between the cells of one report: the meeting place of rules and localisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

# A cell of a report: its metric, and its applicant ("" outside the requests table).
Cell = tuple[str, str]
Operator = Literal["=", "<="]


@dataclass(frozen=True)
class LinearRelation:
    """Demands that the sum of coefficient times cell is equal to ``constant``, or at most that.

    ``rule`` is the id of the rule that demands it. The cells of another report, which can't be at fault
    here, are part of ``constant``.
    """

    rule: str
    coefficients: Mapping[Cell, int]
    op: Operator
    constant: Fraction
