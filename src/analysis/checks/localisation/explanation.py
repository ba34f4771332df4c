"""What is proposed: changes of cells that would make everything hold."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, order=True)
class Change:
    """One cell, what it says and what it should say.

    ``from_`` is None where the cell is blank. ``slip`` names the entry of ``slips.toml`` that accounts for
    the change, None where nothing simple does. ``open`` says that other values would do as well; ``to`` is
    then the nearest to what is printed.
    """

    metric: str
    applicant: str
    from_: Fraction | None
    to: Fraction
    slip: str | None
    open: bool = False


@dataclass(frozen=True)
class Explanation:
    """Changes that together make all relations of one part of a report hold.

    Contradictions that share no cell are parts of their own, numbered from 0: to mend the whole report takes
    one explanation of each. ``size`` counts the slips: a figure that is wrong by itself is one, and so are
    all figures of a row that was shifted; a figure that fell off its edge may be one more. ``weight`` is the
    sum of the weights in ``slips.toml``. All explanations of one part have the same size and weight, the
    least possible; ``complete`` says whether they are all that there are.
    """

    changes: tuple[Change, ...]
    weight: int
    size: int
    part: int
    complete: bool
