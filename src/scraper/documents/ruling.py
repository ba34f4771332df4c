"""Tables by their ruling lines, whether a PDF draws them or a scan shows them.

Between two neighbouring places of the lattice that all lines of a table span there is a wall or there is
none; places without walls between them are one cell. All positions grow to the right and downwards.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple, TypeVar

from scraper.documents.placing import Edges, Placed

# A line counts as a wall of a place of the lattice where it runs along so much of its side.
_WALL = 0.5

# No table of any form has more lines; what has is a map or a drawing.
_MOST_LINES = 1_000
_MOST_PLACES = 50_000

Item = TypeVar("Item", bound=Hashable)


class Line(NamedTuple):
    """A line at ``place`` on the axis that it crosses, from ``start`` to ``end`` along its own."""

    place: float
    start: float
    end: float


class RuledTable:
    """The cells between a table's lines: ``cells`` without text, found by :meth:`cell_at`."""

    def __init__(self, across: Sequence[Line], down: Sequence[Line], tolerance: float) -> None:
        across = [*across, *_closing(across, down, tolerance)]
        down = [*down, *_closing(down, across, tolerance)]
        self._columns = Edges((line.place for line in down), tolerance).places
        self._rows = Edges((line.place for line in across), tolerance).places
        places = list(product(range(len(self._rows) - 1), range(len(self._columns) - 1)))
        if len(places) > _MOST_PLACES:
            places = []
        walls_below = _walls(across, self._rows, self._columns, tolerance)
        walls_beside = _walls(down, self._columns, self._rows, tolerance)
        joined: list[tuple[tuple[int, int], tuple[int, int]]] = []
        for row, column in places:
            if row and (row, column) not in walls_below:
                joined.append(((row - 1, column), (row, column)))
            if column and (column, row) not in walls_beside:
                joined.append(((row, column - 1), (row, column)))
        self.cells: list[Placed] = []
        self._cell_of: dict[tuple[int, int], int] = {}
        for group in connected(places, joined):
            self._cell_of |= dict.fromkeys(group, len(self.cells))
            rows, columns = [row for row, _ in group], [column for _, column in group]
            self.cells.append(Placed("", min(columns), max(columns) + 1, min(rows), max(rows) + 1))

    @property
    def is_table(self) -> bool:
        """Whether there are cells beside each other: a frame around text is none."""
        tops = [cell.top for cell in self.cells]
        return len(tops) > len(set(tops))

    @property
    def area(self) -> float:
        """The room that the table takes."""
        left, top, right, bottom = self.frame
        return (right - left) * (bottom - top)

    @property
    def frame(self) -> tuple[float, float, float, float]:
        """Left, upper, right and lower edge."""
        if not self.cells:
            return (0, 0, 0, 0)
        return (self._columns[0], self._rows[0], self._columns[-1], self._rows[-1])

    def cell_at(self, x: float, y: float) -> int | None:
        """The number of the cell at a point, or None outside the table."""
        place = (bisect_right(self._rows, y) - 1, bisect_right(self._columns, x) - 1)
        return self._cell_of.get(place)

    def room(self, cell: int) -> tuple[float, float, float, float]:
        """Left, upper, right and lower edge of a cell."""
        placed = self.cells[cell]
        return (
            self._columns[placed.left],
            self._rows[placed.top],
            self._columns[placed.right],
            self._rows[placed.bottom],
        )


def ruled_tables(across: Iterable[Line], down: Iterable[Line], tolerance: float) -> list[RuledTable]:
    """The tables of a page from their lines, from above; lines nearer than ``tolerance`` are one."""
    across, down = _strokes(across, tolerance), _strokes(down, tolerance)
    if max(len(across), len(down)) > _MOST_LINES:
        return []
    numbered = [*((line, True) for line in across), *((line, False) for line in down)]
    crossing = [
        ((row, True), (column, False))
        for row, column in product(across, down)
        if _touches(row, column, tolerance) and _touches(column, row, tolerance)
    ]
    tables = []
    for group in connected(numbered, crossing):
        table = RuledTable(
            [line for line, is_across in group if is_across],
            [line for line, is_across in group if not is_across],
            tolerance,
        )
        if table.is_table:
            tables.append(table)
    return sorted(tables, key=lambda table: table.frame[1])


def connected(items: Iterable[Item], pairs: Iterable[tuple[Item, Item]]) -> list[list[Item]]:
    """Groups of items that pairs connect, in the order of their first items."""
    parents = {item: item for item in items}

    def root(item: Item) -> Item:
        while parents[item] != item:
            parents[item] = parents[parents[item]]
            item = parents[item]
        return item

    for one, other in pairs:
        parents[root(other)] = root(one)
    groups: dict[Item, list[Item]] = defaultdict(list)
    for item in parents:
        groups[root(item)].append(item)
    return list(groups.values())


def _touches(line: Line, other: Line, tolerance: float) -> bool:
    return line.start - tolerance <= other.place <= line.end + tolerance


def _strokes(lines: Iterable[Line], tolerance: float) -> list[Line]:
    """Lines as people see them: pieces that lie on one line and touch are one."""
    lines = list(lines)
    edges = Edges((line.place for line in lines), tolerance)
    pieces: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        pieces[edges.number(line.place)].append(line)
    found = []
    for number, group in sorted(pieces.items()):
        stroke: Line | None = None
        for line in sorted(group, key=lambda line: line.start):
            if stroke is not None and line.start <= stroke.end + tolerance:
                stroke = stroke._replace(end=max(stroke.end, line.end))
                continue
            if stroke is not None:
                found.append(stroke)
            stroke = Line(edges.places[number], line.start, line.end)
        if stroke is not None:
            found.append(stroke)
    return found


def _closing(lines: Sequence[Line], crossing: Sequence[Line], tolerance: float) -> Iterator[Line]:
    """The outermost line on each side where the lines that cross it run on: a page broke the table there."""
    if not lines or len(crossing) < 2:
        return
    sides: list[tuple[float, Callable[[Line], float], int]] = [
        (min(line.place for line in lines), lambda line: line.start, -1),
        (max(line.place for line in lines), lambda line: line.end, 1),
    ]
    for outermost, end_of, direction in sides:
        beyond = [line for line in crossing if (end_of(line) - outermost) * direction > 2 * tolerance]
        if len(beyond) > 1:
            places = [line.place for line in crossing]
            farthest = max(end_of(line) * direction for line in beyond) * direction
            yield Line(farthest, min(places), max(places))


def _walls(
    lines: Iterable[Line], across: Sequence[float], along: Sequence[float], tolerance: float
) -> set[tuple[int, int]]:
    """Where lines are walls: the number of the line among ``across`` and of the side among ``along``."""
    edges = Edges(across, 0)
    found = set()
    for line in lines:
        number = edges.number(line.place)
        for side in range(len(along) - 1):
            shared = min(line.end, along[side + 1]) - max(line.start, along[side])
            if shared > _WALL * (along[side + 1] - along[side]):
                found.add((number, side))
    return found
