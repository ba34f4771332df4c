"""Column headings: which column of the form each figure of a row belongs to.

Pages print headings in two or three lines, and the spans between them are often wrong or, in text,
gone. What survives is the order: the headings under a group are the next ones of the line below. So a
head is read as a tree, by its labels; attributes only help where a row has cells too many.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scraper.documents import Cell
from scraper.forms.catalogue import Block, HeadingPlace

HeadRow = tuple[int, tuple[Cell, ...]]


@dataclass(frozen=True)
class Leaf:
    """A heading that stands directly above figures. ``column`` is None for one the form lacks."""

    column: int | None
    cell: Cell
    end: int


@dataclass(frozen=True)
class Head:
    """The headings above a block's figures, from left to right."""

    block: Block
    leaves: tuple[Leaf, ...]

    @property
    def known(self) -> int:
        """How many headings are columns of the block."""
        return sum(leaf.column is not None for leaf in self.leaves)

    @property
    def missing(self) -> list[str]:
        """Headings of the block that the page does not print."""
        printed = {leaf.column for leaf in self.leaves}
        return [column.label for number, column in enumerate(self.block.columns) if number not in printed]

    @property
    def fit(self) -> int:
        """How well the printed headings are this block's; comparable between blocks."""
        return 2 * self.known - len(self.leaves) - len(self.missing)


def own_cells(row: HeadRow) -> list[Cell]:
    """The cells with text that begin in this row, not those that reach into it from above."""
    number, cells = row
    return [cell for cell in cells if cell.text and cell.row == number]


def read_head(block: Block, rows: Sequence[HeadRow]) -> Head | None:
    """The head that ``rows`` print for ``block``, or None where no heading is the block's."""
    lines = [deque(own_cells(row)) for row in rows]
    ends = {cell: end for _, cells in rows for cell, end in _with_ends(cells)}
    leaves: list[Leaf] = []
    used: set[HeadingPlace] = set()

    def descend(group: tuple[str, ...], level: int) -> None:
        while level < len(lines) and not lines[level]:
            level += 1
        while level < len(lines) and lines[level]:
            cell = lines[level][0]
            places = block.headings.find(cell.text)
            place = next((p for p in places if p not in used and _lies_under(block, p, group)), None)
            if place is None and places:
                return
            lines[level].popleft()
            if place is None:
                # In front of every heading stands what is above the labels; behind one, a local column.
                if leaves or group:
                    leaves.append(Leaf(None, cell, ends[cell]))
            elif place.kind == "column":
                used.add(place)
                leaves.append(Leaf(place.column, cell, ends[cell]))
            elif place.kind == "group":
                used.add(place)
                descend(place.group, level + 1)

    for level in range(len(lines)):
        descend((), level)
    head = Head(block, tuple(leaves))
    return head if head.known else None


def _lies_under(block: Block, place: HeadingPlace, group: tuple[str, ...]) -> bool:
    if place.kind == "stub":
        return True
    if place.kind == "group":
        return len(place.group) > len(group) and place.group[: len(group)] == group
    return block.columns[place.column].groups[: len(group)] == group


def _with_ends(cells: Sequence[Cell]) -> Iterable[tuple[Cell, int]]:
    """Each cell and the first column behind it."""
    for cell, following in zip(cells, [*cells[1:], None], strict=True):
        yield cell, following.column if following else cell.column + 1_000_000


def assign(head: Head, values: Sequence[Cell], *, places_known: bool) -> list[Cell] | None:
    """The cell under each heading of ``head``, or None where they can't be told apart.

    Order decides: as many cells as headings, but for empty ones at the end with which exports fill up
    a row. Otherwise, where columns are known, the one cell that stands under each heading.
    """
    count = len(head.leaves)
    if len(values) >= count and not any(cell.text for cell in values[count:]):
        return list(values[:count])
    if not places_known:
        return None
    under = [[cell for cell in values if leaf.cell.column <= cell.column < leaf.end] for leaf in head.leaves]
    filled = [[cell for cell in cells if cell.text] or cells[:1] for cells in under]
    taken = [cells[0] for cells in filled if len(cells) == 1]
    left_over = {cell for cell in values if cell.text} - set(taken)
    return taken if len(taken) == count and not left_over else None
