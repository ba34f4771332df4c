"""Figures that stand in wrong cells: shifts by one cell, swaps, and figures put into a neighbour's cell.

Each is one slip, however many cells it spoils. Only those are considered whose undoing makes more relations
hold than before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from analysis.checks.localisation.equations import quotient
from analysis.checks.localisation.sheet import Exact, Sheet
from analysis.checks.relation import Cell

# The cells of a table as its form prints them: rows from top to bottom, each from left to right, None where
# a place has no cell.
Grid = Sequence[Sequence[Cell | None]]
Line = Sequence[Cell]


# How many lost figures a shifted table counts for at most.
_MOST_LOST = 2


@dataclass(frozen=True, eq=False)
class Misplacement:
    """One slip that put figures into wrong cells.

    ``undone`` has the cells that would hold other figures without it, with these; ``lost`` are cells whose
    figure fell off the edge, and may be anything. ``cost`` is how many changes of single figures it counts
    for.
    """

    slip: str
    undone: Mapping[Cell, Exact]
    lost: frozenset[Cell] = frozenset()
    cost: int = 1

    @property
    def cells(self) -> frozenset[Cell]:
        """All cells that it spoilt."""
        return self.lost | frozenset(self.undone)


def misplacements(sheet: Sheet, tables: Sequence[Grid]) -> tuple[Misplacement, ...]:
    """The slips in ``tables`` whose undoing makes more relations of the sheet hold."""
    found: dict[tuple[frozenset[tuple[Cell, Exact]], frozenset[Cell]], Misplacement] = {}
    suspect = {cell for number in sheet.failing for cell in sheet.relations[number].coefficients}
    for table in tables:
        for candidate in _candidates(sheet, table):
            if suspect.isdisjoint(candidate.cells):
                continue
            # A figure that may be anything makes a relation hold all by itself.
            if mended(sheet, candidate) >= max(1, len(candidate.lost)):
                key = (frozenset(candidate.undone.items()), candidate.lost)
                found.setdefault(key, candidate)
    return tuple(found.values())


def mended(sheet: Sheet, misplacement: Misplacement) -> int:
    """How many more relations hold once ``misplacement`` is undone."""
    moved: dict[int, Exact] = {}
    for cell, value in misplacement.undone.items():
        change = value - sheet.values[cell]
        for number in sheet.touching.get(cell, ()):
            moved[number] = moved.get(number, 0) + sheet.relations[number].coefficients[cell] * change
    lost = Counter(number for cell in misplacement.lost for number in sheet.touching.get(cell, ()))
    gain = 0
    for number in moved.keys() - lost.keys():
        lacking = sheet.lacking[number]
        gain += sheet.fails(number, lacking) - sheet.fails(number, lacking - moved[number])
    # With two figures lost a relation says nothing.
    telling = {number for number, cells in lost.items() if cells == 1}
    return gain + sum(_regained(sheet, cell, moved, telling) for cell in misplacement.lost)


def _regained(sheet: Sheet, lost: Cell, moved: Mapping[int, Exact], telling: Collection[int]) -> int:
    """How many more of the ``telling`` relations hold with the ``lost`` figure that suits most of them."""
    wanted: Counter[Exact] = Counter()
    held = 0
    for number in sheet.touching.get(lost, ()):
        if number in telling:
            lacking = sheet.lacking[number]
            held += not sheet.fails(number, lacking)
            short = lacking - moved.get(number, 0)
            wanted[quotient(short, sheet.relations[number].coefficients[lost])] += 1
    fitting = [count for change, count in wanted.items() if sheet.values[lost] + change >= 0]
    return max(fitting, default=0) - held


def _candidates(sheet: Sheet, table: Grid) -> Iterator[Misplacement]:
    rows = [_line(sheet, row) for row in table]
    columns = [
        _line(sheet, [row[place] for row in table if place < len(row)])
        for place in range(max(map(len, table), default=0))
    ]
    yield from _swapped_cells(sheet, rows, columns)
    for slip, lines in (("row_shifted", rows), ("column_shifted", columns)):
        for line in lines:
            if any(sheet.values[cell] for cell in line):
                yield from _shifts(sheet, slip, [line])
    yield from _table_shifts(sheet, rows)
    yield from _swapped_lines(sheet, "rows_swapped", list(pairwise(rows)))
    yield from _swapped_lines(sheet, "columns_swapped", list(combinations(columns, 2)))


def _line(sheet: Sheet, places: Iterable[Cell | None]) -> Line:
    return [cell for cell in places if cell is not None and cell in sheet.values]


def _swapped_cells(sheet: Sheet, rows: Sequence[Line], columns: Sequence[Line]) -> Iterator[Misplacement]:
    """Two neighbouring cells, or the figures of two applicants in one row."""
    pairs = [pair for line in (*rows, *columns) for pair in pairwise(line)]
    pairs += [pair for row in rows for pair in combinations(row, 2) if pair[0][0] == pair[1][0]]
    for one, other in pairs:
        values = sheet.values[one], sheet.values[other]
        if values[0] != values[1]:
            slip = "cells_swapped" if all(values) else "wrong_cell"
            yield Misplacement(slip, {one: values[1], other: values[0]})


def _shifts(sheet: Sheet, slip: str, lines: Sequence[Line]) -> Iterator[Misplacement]:
    """Lines whose figures stand one cell too far on or back, from some cell to the end.

    The end is the last cell, or the one before it where the last, a total, stayed in its place.
    """
    length = max(map(len, lines), default=0)
    lines = [line for line in lines if len(line) == length]
    for end in (length, length - 1):
        for start in range(end - 1):
            yield from _moved(sheet, slip, [line[start:end] for line in lines])
            # Back from the middle of a line figures move over one that they replace, not over nothing.
            if start == 0 or all(sheet.values[line[start]] for line in lines):
                yield from _moved(sheet, slip, [line[start:end][::-1] for line in lines])


def _table_shifts(sheet: Sheet, rows: Sequence[Line]) -> Iterator[Misplacement]:
    """All columns one further on or back; the figures of the column that fell off count as well.

    Nothing less than the whole table: in one of few figures nearly everything can be moved so that it fits.
    """
    width = max(map(len, rows), default=0)
    lines = [row for row in rows if len(row) == width > 2]
    for turned in (lines, [row[::-1] for row in lines]):
        for moved in _moved(sheet, "table_shifted", turned) if len(lines) > 1 else ():
            yield replace(moved, cost=1 + min(len(moved.lost), _MOST_LOST))


def _moved(sheet: Sheet, slip: str, lines: Sequence[Line]) -> Iterator[Misplacement]:
    """All ``lines`` one cell further on; nothing if a figure stands where none can have been left."""
    if any(sheet.values[line[0]] for line in lines):
        return
    filled = [line for line in lines if any(sheet.values[cell] for cell in line)]
    undone = {to: sheet.values[source] for line in filled for to, source in pairwise(line)}
    undone = {cell: value for cell, value in undone.items() if value != sheet.values[cell]}
    lost = frozenset(line[-1] for line in filled if line[-1] in sheet.touching)
    if undone:
        yield Misplacement(slip, undone)
        if lost:
            yield Misplacement(slip, undone, lost)


def _swapped_lines(sheet: Sheet, slip: str, pairs: Sequence[tuple[Line, Line]]) -> Iterator[Misplacement]:
    for one, other in pairs:
        if len(one) == len(other) > 1:
            both = [*zip(one, other, strict=True), *zip(other, one, strict=True)]
            undone = {to: sheet.values[source] for to, source in both}
            undone = {cell: value for cell, value in undone.items() if value != sheet.values[cell]}
            if undone:
                yield Misplacement(slip, undone)
