"""Grids to facts: every figure gets its metric from the labels around it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from scraper.documents import Cell, Grid
from scraper.forms import catalogue
from scraper.forms.catalogue import Block, HeadingPlace, Place
from scraper.forms.facts import LOCAL, Fact
from scraper.forms.gathering import Gathering, GridFacts, Match
from scraper.forms.heads import (
    Head,
    HeadRow,
    Leaf,
    assign,
    head_of,
    head_of_form,
    names_columns,
    own_cells,
    read_leaves,
)
from scraper.forms.labels import Vocabulary
from scraper.forms.numbers import Figure, read_figure
from scraper.forms.rows import (
    LabelledRow,
    behind_labels,
    is_heading_row,
    labelled_rows,
    unit_apart,
    without_serial_number,
)
from scraper.forms.streams import Unfolded, unfold
from scraper.forms.wordings import wording_of

_NO_CELLS: tuple[Cell, ...] = ()


def match_grids(grids: Sequence[Grid]) -> Match:
    """Reads the statutory tables among ``grids``.

    Where the same table comes twice, the figures that differ are left out. If many differ, another report
    begins there: it is left out as a whole.
    """
    gathering = Gathering()
    unfolded = [unfold(grid) for grid in grids]
    refused = any(grid.refused for grid in unfolded)
    if refused:
        gathering.notice("text_flattened")
    for number, grid in enumerate(unfolded):
        if not (refused and grid.origin):
            gathering.take(_GridReading(gathering, number, grid).read())
    return gathering.match()


class _Line(NamedTuple):
    """One row of figures and what it stands for: ``row`` of the head's block, or a local row."""

    head: Head
    row: int | None
    label: str
    unit: str
    values: tuple[Cell, ...]
    trusted: bool

    @property
    def block(self) -> Block:
        """The block whose headings stand above the row."""
        return self.head.block


class _GridReading:
    """Goes down one grid, row by row: headings first, then the rows of figures below them.

    ``above`` is what stands in earlier grids; ``unfolded`` is the grid, and where its cells stood.
    """

    def __init__(self, above: Gathering, number: int, unfolded: Unfolded) -> None:
        self._found = GridFacts()
        self._carried = above.heads
        self._groups = above.groups
        self._rows_above = max(self._groups.values(), default=-1) + 1
        self._number = number
        self._grid = grid = unfolded.grid
        self._origin = unfolded.origin
        self._head_rows: list[HeadRow] = []
        self._heads: dict[Block, Head | None] = {}
        # Blocks of several forms share their headings, which are read once.
        self._leaves: dict[Vocabulary[HeadingPlace], tuple[Leaf, ...]] = {}
        self._last_head: Head | None = None
        self._figures_begun = False
        self._damaged = {cell for row in grid.rows for cell in row if wording_of(cell.text).damaged}
        self._warned: set[Head] = set()
        self._spanning = {cell for row, cells in enumerate(grid.rows) for cell in cells if cell.row < row}

    def read(self) -> GridFacts:
        """What the grid holds."""
        empty = _NO_CELLS
        for number, cells in enumerate(self._grid.rows):
            own = own_cells((number, cells))
            self._note_groups(number, own)
            if not own:
                empty = cells if not any(cell.text for cell in cells) else empty
            elif is_heading_row(own):
                self._take_heading((number, cells))
            else:
                self._take_figures(number, cells)
        if empty and not self._figures_begun:
            self._read_unlabelled(empty)
        return self._found

    def _take_figures(self, number: int, cells: tuple[Cell, ...]) -> None:
        numbered = without_serial_number(cells)
        labelled = [row for row in labelled_rows(numbered) if not self._is_group(number, row)]
        if labelled:
            self._read_labelled(labelled, trusted=self._is_whole(cells))
        elif not self._read_unlabelled(cells):
            self._read_local(numbered)
        self._figures_begun = True

    def _note_groups(self, number: int, own: Sequence[Cell]) -> None:
        for cell in own:
            for group in wording_of(cell.text).groups:
                self._groups[group] = self._rows_above + number

    def _under_group(self, rows: list[LabelledRow]) -> list[LabelledRow]:
        """Of rows that have one label in one block those whose group was named last above them."""
        latest: dict[Block, int] = {}
        for row in rows:
            latest[row.block] = max(latest.get(row.block, -1), self._groups.get(row.group, -1))
        return [row for row in rows if self._groups.get(row.group, -1) == latest[row.block]]

    def _is_group(self, number: int, row: LabelledRow) -> bool:
        """Whether a label that is a row in one form and stands for several in another does so here."""
        groups = wording_of(row.label.text).groups
        if not groups or row.label in self._spanning:
            return bool(groups)
        if number + 1 == len(self._grid.rows) or any(wording_of(cell.text).figure for cell in row.values):
            return False
        return any(below.group in groups for below in labelled_rows(self._grid.rows[number + 1]))

    def _take_heading(self, row: HeadRow) -> None:
        if self._figures_begun:
            self._head_rows = []
            self._figures_begun = False
        self._head_rows.append(row)
        self._heads = {}
        self._leaves = {}

    def _head(self, block: Block) -> Head | None:
        """The head over the current row, as ``block`` understands it."""
        if block not in self._heads:
            if block.headings not in self._leaves:
                self._leaves[block.headings] = read_leaves(block, self._head_rows)
            found = head_of(block, self._leaves[block.headings])
            if found is not None:
                self._carried.setdefault(block, found)
            self._heads[block] = found
        return self._heads[block]

    def _read_labelled(self, rows: list[LabelledRow], *, trusted: bool) -> None:
        # The row's own label rather than one that reaches into it from above, then the innermost.
        nearest = max((row.label.row, row.label.column) for row in rows)
        rows = self._under_group([row for row in rows if (row.label.row, row.label.column) == nearest])
        self._found.rows.update((row.block, row.row) for row in rows)
        headed = [(row, head) for row in rows if (head := self._head(row.block))]
        if headed:
            best_fit = max(head.fit for _, head in headed)
            fitting = [(row, head) for row, head in headed if head.fit == best_fit]
        else:
            fitting = self._without_head(rows)
        if fitting:
            row, head = fitting[0]
            self._found.vote(row.block.table, [entry.block for entry, _ in fitting])
            self._take(_Line(head, row.row, _one_line(row.label.text), row.unit, row.values, trusted))

    def _without_head(self, rows: list[LabelledRow]) -> list[tuple[LabelledRow, Head]]:
        """Heads for a row whose headings were cut off: those before a page break, or the form's own."""
        if not any(wording_of(cell.text).figure for cell in rows[0].values):
            return []
        carried = [(row, head) for row in rows if (head := self._carried.get(row.block))]
        if carried:
            return carried
        # Headings that are printed but can't be told apart say that the form's order may not hold.
        of_form = [
            (row, head_of_form(row.block, row.label.row, row.label.column))
            for row in rows
            if not names_columns(row.block, self._head_rows)
        ]
        fitting = [
            (row, head)
            for row, head in of_form
            if assign(head, row.values, places_known=False) and row.values[len(head.leaves) - 1].text
        ]
        names = catalogue.table_names(rows[0].block.table)
        if len({row.metrics for row, _ in fitting}) == 1:
            self._found.notice("heading_missing", table=names)
            return fitting
        self._found.notice("heading_unknown", table=names, label=rows[0].label.text)
        return []

    def _read_unlabelled(self, cells: tuple[Cell, ...]) -> bool:
        """The one line of figures of a block without row labels."""
        if self._figures_begun:
            return False
        unlabelled = (block for block in catalogue.blocks() if not block.rows)
        heads = [head for block in unlabelled if (head := self._head(block)) and head.fit > 0]
        if not heads:
            return False
        head = max(heads, key=lambda head: head.fit)
        self._found.vote(head.block.table, [head.block for head in heads])
        # What stands in place of a figure may be words; a label only stands where cells are left for all.
        labels = min(len(cells) - len(behind_labels(cells)), max(0, len(cells) - len(head.leaves)))
        self._take(_Line(head, 0, "", "", cells[labels:], trusted=self._is_whole(cells)))
        return True

    def _read_local(self, cells: tuple[Cell, ...]) -> None:
        """A row of figures that no form has, among the rows of one that has."""
        if not self._found.votes or not any(wording_of(cell.text).figure for cell in cells):
            return
        head = self._head(self._last_head.block) or self._last_head if self._last_head else None
        values = behind_labels(cells, unit_column=bool(head and head.block.unit_column))
        label = cells[len(cells) - len(values) - 1] if len(values) < len(cells) else None
        if head and head.block.rows and label and self._is_whole(cells):
            unit, figures = unit_apart(head.block, values)
            if assign(head, figures, places_known=self._grid.places_known):
                names = catalogue.table_names(head.block.table)
                said = _one_line(label.text)
                self._found.notice("row_local", table=names, label=said, row=self._place(label)[0])
                self._take(_Line(head, None, said, unit, figures, trusted=True))
                return
        first = next((cell for cell in cells if cell.text), cells[0])
        self._found.notice(
            "row_unknown", label=_one_line(first.text), row=self._place(first)[0], table_no=self._number
        )

    def _take(self, line: _Line) -> None:
        self._last_head = line.head
        self._warn_of_columns(line.head)
        cells = assign(line.head, line.values, places_known=self._grid.places_known)
        if cells is None:
            self._take_unassigned(line)
            return
        self._warn_of_blank_end(line, cells)
        places = line.block.places[line.row] if line.row is not None else ()
        for leaf, cell in zip(line.head.leaves, cells, strict=True):
            if leaf.column is not None and places:
                self._take_figure(line, places[leaf.column], leaf, cell)
            else:
                self._take_local(line, leaf, cell)

    def _warn_of_columns(self, head: Head) -> None:
        if head in self._warned:
            return
        self._warned.add(head)
        names = catalogue.table_names(head.block.table)
        if head.missing:
            self._found.notice("columns_missing", table=names, labels="; ".join(head.missing))
        local = [_one_line(leaf.cell.text) for leaf in head.leaves if leaf.column is None]
        if local:
            self._found.notice("columns_local", table=names, labels="; ".join(local))

    def _warn_of_blank_end(self, line: _Line, cells: Sequence[Cell]) -> None:
        """Says where a cell may have been lost, which the cells that fill up the row would hide."""
        filled_up = len(line.values) > len(cells) or not self._grid.places_known
        if filled_up and not cells[-1].text and any(cell.text for cell in cells):
            row, _ = self._place(cells[0])
            names = catalogue.table_names(line.block.table)
            self._found.notice("row_end_blank", table=names, label=line.label, row=row)

    def _take_unassigned(self, line: _Line) -> None:
        """A row with more or fewer cells than headings: every figure of it is unknown."""
        if not line.values or line.row is None:
            return
        first = line.values[0]
        self._found.notice(
            "row_values",
            table=catalogue.table_names(line.block.table),
            label=line.label,
            row=self._place(first)[0],
            found=len(line.values),
            expected=len(line.head.leaves),
        )
        whole = first._replace(text=" | ".join(value.text for value in line.values))
        for leaf in line.head.leaves:
            if leaf.column is not None:
                place = line.block.places[line.row][leaf.column]
                self._add(line, place, Figure(None, place.unit), whole, leaf)

    def _take_figure(self, line: _Line, place: Place, leaf: Leaf, cell: Cell) -> None:
        heading = f"{leaf.cell.text}|{line.unit}" if place.is_money else ""
        figure = read_figure(cell.text, place.unit, heading)
        trusted = line.trusted and not (self._damaged and leaf.cell in self._damaged)
        problem = _problem(figure, place, trusted=trusted)
        if problem:
            row, column = self._place(cell)
            self._found.notice(
                problem,
                table=catalogue.table_names(line.block.table),
                label=line.label,
                heading=_one_line(leaf.cell.text),
                row=row,
                column=column,
                raw=_one_line(cell.text),
            )
            figure = Figure(None, figure.unit)
        self._add(line, place, figure, cell, leaf)

    def _take_local(self, line: _Line, leaf: Leaf, cell: Cell) -> None:
        """A cell of a row or a column that the form lacks, under its printed labels."""
        column = line.block.columns[leaf.column] if leaf.column is not None else None
        names = [line.label]
        if column is None or line.block.has_metric_for_each_column:
            names.append(leaf.cell.text)
        metric = LOCAL + "·".join("".join(name.split()) for name in names if name)
        figure = read_figure(cell.text, "")
        if not line.trusted:
            figure = Figure(None, "")
        place = Place(metric, column.applicant if column else "", "", is_money=False)
        self._add(line, place, figure, cell, leaf)

    def _add(self, line: _Line, place: Place, figure: Figure, cell: Cell, leaf: Leaf) -> None:
        text, row, column, confidence = cell
        if self._origin:
            row, column = self._place(cell)
        fact = Fact(
            place.metric,
            place.applicant,
            figure.value,
            text,
            figure.unit,
            line.block.table,
            self._number,
            row,
            column,
            confidence,
        )
        self._found.printed.append((fact, line.label or _one_line(leaf.cell.text)))

    def _is_whole(self, cells: Sequence[Cell]) -> bool:
        return not (self._damaged and self._damaged.intersection(cells))

    def _place(self, cell: Cell) -> tuple[int, int]:
        place = (cell.row, cell.column)
        return self._origin.get(place, place) if self._origin else place


def _problem(figure: Figure, place: Place, *, trusted: bool) -> str | None:
    """Why a cell has no usable figure: it says something else, counts in fractions, or lies in damage."""
    if figure.unreadable:
        return f"{figure.unreadable}_unreadable"
    if figure.value is None:
        return None
    if not trusted:
        return "figure_beside_damage"
    return "figure_fraction" if not place.is_money and figure.value % 1 else None


def _one_line(text: str) -> str:
    return " ".join(text.split())
