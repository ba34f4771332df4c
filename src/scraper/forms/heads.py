"""Column headings: which column of the form each figure of a row belongs to.

Pages print headings in two or three lines, and the spans between them are often wrong or, in text,
gone. What survives is the order: the headings under a group are the next ones of the line below. So a
head is read as a tree, by its labels; attributes only help where a row has cells too many.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from scraper.documents import Cell
from scraper.forms.catalogue import Block, HeadingPlace

HeadRow = tuple[int, tuple[Cell, ...]]


@dataclass(frozen=True)
class Leaf:
    """A heading that stands directly above figures. ``column`` is None for one the form lacks."""

    column: int | None
    cell: Cell
    end: int


@dataclass(frozen=True, eq=False)
class Head:
    """The headings above a block's figures, from left to right."""

    block: Block
    leaves: tuple[Leaf, ...]

    @cached_property
    def known(self) -> int:
        """How many headings are columns of the block."""
        return sum(leaf.column is not None for leaf in self.leaves)

    @cached_property
    def missing(self) -> list[str]:
        """Headings of the block that the page does not print."""
        printed = {leaf.column for leaf in self.leaves}
        return [column.label for number, column in enumerate(self.block.columns) if number not in printed]

    @cached_property
    def fit(self) -> int:
        """How well the printed headings are this block's; comparable between blocks."""
        return 2 * self.known - len(self.leaves) - len(self.missing)


def own_cells(row: HeadRow) -> list[Cell]:
    """The cells with text that begin in this row, not those that reach into it from above."""
    number, cells = row
    return [cell for cell in cells if cell.text and cell.row == number]


def read_leaves(block: Block, rows: Sequence[HeadRow]) -> tuple[Leaf, ...]:
    """The headings that ``rows`` print, as ``block`` and all others with its headings understand them.

    There are none where a heading was lost or misspelt and the others can't be told apart.
    """
    return tuple(_HeadReading(block, rows).leaves())


def head_of(block: Block, leaves: tuple[Leaf, ...]) -> Head | None:
    """The head of ``block`` that has ``leaves``, or None where none of them is the block's.

    The one column of a table with units may be divided into local ones, behind the unit's heading.
    """
    head = Head(block, leaves)
    return head if head.known or (block.unit_column and head.leaves) else None


def names_columns(block: Block, rows: Sequence[HeadRow]) -> bool:
    """Whether ``rows`` print headings of the block's columns, understood or not."""
    texts = (cell.text for row in rows for cell in own_cells(row))
    return any(place.kind != "stub" for text in texts for place in block.headings.find(text))


def head_of_form(block: Block, row: int, first_column: int) -> Head:
    """The block's head as the form prints it, for a row whose headings were lost."""
    leaves = (
        Leaf(number, Cell(column.label, row, first_column), first_column)
        for number, column in enumerate(block.columns)
    )
    return Head(block, tuple(leaves))


class _HeadReading:
    """Takes the headings of a head from left to right, those under a group from the line below it."""

    def __init__(self, block: Block, rows: Sequence[HeadRow]) -> None:
        self._block = block
        self._lines = [deque(own_cells(row)) for row in rows]
        self._ends = {cell: end for _, cells in rows for cell, end in _with_ends(cells)}
        self._leaves: list[Leaf] = []
        self._used: set[HeadingPlace] = set()
        self._stub_level = -1
        # For each line, whether the groups that share it got as many headings as they have columns.
        self._complete: dict[int, list[bool]] = {}
        self._out_of_group = False

    def leaves(self) -> list[Leaf]:
        """The headings that stand above figures; none where their place can't be told."""
        for level in range(len(self._lines)):
            before = len(self._leaves)
            self._descend((), level)
            self._out_of_group |= 0 < before < len(self._leaves)
        if any(len(groups) > 1 and not all(groups) for groups in self._complete.values()):
            return []
        return self._in_order_of_form() if self._out_of_group else self._leaves

    def _in_order_of_form(self) -> list[Leaf]:
        """What is left when the heading of a group was lost: its columns must stand in the form's order.

        What looks like a local column is then the misspelt heading of the group.
        """
        known = [leaf for leaf in self._leaves if leaf.column is not None]
        columns = [leaf.column for leaf in known if leaf.column is not None]
        return known if columns == sorted(columns) else []

    def _descend(self, group: tuple[str, ...], level: int) -> None:
        while level < len(self._lines) and not self._lines[level]:
            level += 1
        if level == len(self._lines):
            return
        line, before = self._lines[level], len(self._leaves)
        columns = sum(column.groups == group for column in self._block.columns)
        while line:
            places = self._block.headings.find(line[0].text)
            place = next((p for p in places if p not in self._used and self._lies_under(p, group)), None)
            shared = len(places) > 1 and sum(other.kind == "column" for other in places) > 1
            if (place is None and places) or (shared and group and self._known_from(before) >= columns):
                break
            self._out_of_group |= shared and not group
            self._take(place, line.popleft(), group, level)
        if group and columns:
            self._complete.setdefault(level, []).append(self._known_from(before) == columns)

    def _known_from(self, number: int) -> int:
        return sum(leaf.column is not None for leaf in self._leaves[number:])

    def _take(self, place: HeadingPlace | None, cell: Cell, group: tuple[str, ...], level: int) -> None:
        if place is None:
            # In front of every heading stands what is above the labels; behind one, a local column.
            if self._leaves or group or level == self._stub_level:
                self._leaves.append(Leaf(None, cell, self._ends[cell]))
        elif place.kind == "column":
            self._used.add(place)
            self._leaves.append(Leaf(place.column, cell, self._ends[cell]))
        elif place.kind == "stub":
            self._stub_level = level
        elif place.kind == "group":
            self._used.add(place)
            self._descend(place.group, level + 1)

    def _lies_under(self, place: HeadingPlace, group: tuple[str, ...]) -> bool:
        if place.kind == "stub":
            return True
        groups = place.group[:-1] if place.kind == "group" else self._block.columns[place.column].groups
        return groups[: len(group)] == group


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
