"""Grids to facts: every figure gets its metric from the labels around it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from scraper.documents import Cell, Grid
from scraper.forms import catalogue
from scraper.forms.catalogue import Block
from scraper.forms.heads import Head, HeadRow, Leaf, assign, own_cells, read_head
from scraper.forms.labels import Vocabulary, has_han
from scraper.forms.numbers import Figure, is_blank, is_money, is_unit, read_figure
from scraper.messages import Message, message

# The number of a row that some tables print in front of its label.
_SERIAL = re.compile(r"\s*\d{1,3}\s*")

# Fewer rows than this of a long table of labels that other tables use as well are not that table.
_FEWEST_STATISTICS = 5


@dataclass(frozen=True, slots=True)
class Fact:
    """One cell of a statutory table: what was printed, where, and what it means.

    ``value`` is in ``unit`` and None where the cell is empty or unreadable; ``table_no`` counts the
    document's grids, ``row`` and ``column`` the places of the expanded grid, all from 0.
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


@dataclass
class Match:
    """What the grids of a document hold: facts, the form of each table, and what could not be read."""

    facts: list[Fact] = field(default_factory=list)
    forms: dict[str, str] = field(default_factory=dict)
    notices: list[Message] = field(default_factory=list)


@cache
def _row_labels() -> Vocabulary[tuple[Block, int]]:
    """Every form's row labels at once."""
    return Vocabulary(
        (wording, (block, number)) for block in catalogue.blocks() for wording, number in block.row_wordings()
    )


@cache
def _row_groups() -> Vocabulary[str]:
    """Every form's labels that span rows or stand above them."""
    return Vocabulary(entry for block in catalogue.blocks() for entry in block.group_wordings())


@cache
def _all_headings() -> Vocabulary[str]:
    """Every form's headings at once."""
    return Vocabulary(
        (wording, wording) for block in catalogue.blocks() for wording, _ in block.heading_wordings()
    )


def match_grids(grids: Sequence[Grid]) -> Match:
    """Reads the statutory tables among ``grids``."""
    reading = _Reading()
    for number, grid in enumerate(grids):
        _GridReading(reading, number, grid).read()
    return reading.result()


@dataclass(frozen=True, slots=True)
class _LabelledRow:
    """A row of figures and a row of a form that its label names; ``unit`` is what it prints as its unit."""

    block: Block
    row: int
    label: Cell
    values: tuple[Cell, ...]
    unit: str = ""

    @property
    def group(self) -> str | None:
        """The label that spans the row in its form, or stands above it."""
        return self.block.rows[self.row].group


class _Reading:
    """What is known of the document so far."""

    def __init__(self) -> None:
        self.notices: list[Message] = []
        self.heads: dict[Block, Head] = {}
        self._facts: dict[tuple[str, str], Fact] = {}
        self._votes: dict[str, Counter[str]] = {}
        self._rows_seen: set[tuple[Block, int]] = set()

    def notice(self, code: str, **values: object) -> None:
        said = message(code, **values)
        if said not in self.notices:
            self.notices.append(said)

    def saw_row(self, table: str, fitting: Sequence[Block]) -> None:
        """Counts a row for every form that it fits."""
        votes = self._votes.setdefault(table, Counter())
        votes.update({block.form for block in fitting})

    def saw_label(self, rows: Sequence[_LabelledRow]) -> None:
        self._rows_seen.update((row.block, row.row) for row in rows)

    def add(self, fact: Fact, label: str) -> None:
        key = (fact.metric, fact.applicant)
        earlier = self._facts.setdefault(key, fact)
        if earlier.value != fact.value:
            self.notice(
                "figures_differ",
                table=catalogue.table_names(fact.table),
                label=label,
                first=earlier.raw,
                second=fact.raw,
            )
            self._facts[key] = _without_value(earlier)

    def result(self) -> Match:
        self._drop_stray_statistics()
        forms = self._forms()
        for table, form in forms.items():
            self._missing_rows(table, form)
        if forms:
            self._missing_tables(forms)
        return Match(list(self._facts.values()), forms, self.notices)

    def _drop_stray_statistics(self) -> None:
        """Leaves out rows of other tables that happen to be labelled as rows of the statistics."""
        stray = [key for key, fact in self._facts.items() if fact.table == "statistics"]
        if 0 < len(stray) < _FEWEST_STATISTICS:
            for key in stray:
                del self._facts[key]
            del self._votes["statistics"]

    def _forms(self) -> dict[str, str]:
        """The form of each table: the one whose labels fit most rows.

        A table that fits several equally well (the cases table is the same in all) is of the form that
        the others are of.
        """
        best = {
            table: [form for form, count in votes.items() if count == max(votes.values())]
            for table, votes in self._votes.items()
        }
        decided = Counter(forms[0] for forms in best.values() if len(forms) == 1)
        ranking = [form for form, _ in decided.most_common()] + list(reversed(catalogue.FORMS))
        return {table: next(form for form in ranking if form in forms) for table, forms in best.items()}

    def _missing_rows(self, table: str, form: str) -> None:
        absent = [
            row.label
            for block in catalogue.blocks()
            if (block.table, block.form) == (table, form)
            for number, row in enumerate(block.rows)
            if (block, number) not in self._rows_seen and not row.optional
        ]
        if absent:
            self.notice(
                "rows_missing",
                table=catalogue.table_names(table),
                labels="; ".join(absent),
                count=len(absent),
            )

    def _missing_tables(self, forms: dict[str, str]) -> None:
        usual = Counter(forms.values()).most_common(1)[0][0]
        for entry in catalogue.tables():
            if entry.form == usual and entry.table not in forms:
                self.notice("table_missing", table=catalogue.table_names(entry.table))


def _without_value(fact: Fact) -> Fact:
    return Fact(
        fact.metric, fact.applicant, None, fact.raw, fact.unit,
        fact.table, fact.table_no, fact.row, fact.column,
    )  # fmt: skip


class _GridReading:
    """Goes down one grid, row by row: headings first, then the rows of figures below them."""

    def __init__(self, reading: _Reading, number: int, grid: Grid) -> None:
        self._reading = reading
        self._number = number
        self._grid = grid
        self._head_rows: list[HeadRow] = []
        self._heads: dict[Block, Head | None] = {}
        self._figures_begun = False
        self._statutory = False
        self._groups: dict[str, int] = {}
        self._spanning = {cell for row, cells in enumerate(grid.rows) for cell in cells if cell.row < row}

    def read(self) -> None:
        empty: tuple[Cell, ...] = ()
        for number, cells in enumerate(self._grid.rows):
            own = own_cells((number, cells))
            self._note_groups(number, own)
            if not any(cell.text for cell in cells):
                empty = cells
            elif own and _is_heading(own):
                self._take_heading((number, cells))
            else:
                self._take_figures(_without_serial_number(cells))
        if empty and not self._figures_begun:
            self._read_unlabelled(empty)

    def _take_figures(self, cells: tuple[Cell, ...]) -> None:
        labelled = [row for row in _labelled(cells) if not self._is_group(row.label)]
        if labelled:
            self._read_labelled(labelled)
        elif not self._read_unlabelled(cells):
            self._report_unknown(cells)
        self._figures_begun = True

    def _note_groups(self, number: int, own: Sequence[Cell]) -> None:
        for cell in own:
            for group in _row_groups().find(cell.text):
                self._groups[group] = number

    def _under_group(self, rows: list[_LabelledRow]) -> list[_LabelledRow]:
        """Of rows that have one label in one block those whose group was named last above them."""
        latest: dict[Block, int] = {}
        for row in rows:
            latest[row.block] = max(latest.get(row.block, -1), self._groups.get(row.group or "", -1))
        return [row for row in rows if self._groups.get(row.group or "", -1) == latest[row.block]]

    def _is_group(self, label: Cell) -> bool:
        """Whether a label that is a row in one form and spans rows in another spans rows here."""
        return label in self._spanning and bool(_row_groups().find(label.text))

    def _take_heading(self, row: HeadRow) -> None:
        if self._figures_begun:
            self._head_rows = []
            self._figures_begun = False
        self._head_rows.append(row)
        self._heads = {}

    def _head(self, block: Block) -> Head | None:
        """The head over the current row, or the one that the block had before a page break."""
        if block not in self._heads:
            found = read_head(block, self._head_rows) if self._head_rows else None
            if found is not None:
                self._reading.heads.setdefault(block, found)
            self._heads[block] = found
        return self._heads[block]

    def _read_labelled(self, rows: list[_LabelledRow]) -> None:
        # The row's own label rather than one that reaches into it from above, then the innermost.
        nearest = max((row.label.row, row.label.column) for row in rows)
        rows = self._under_group([row for row in rows if (row.label.row, row.label.column) == nearest])
        self._reading.saw_label(rows)
        headed = [(row, head) for row in rows if (head := self._head(row.block))]
        if not headed:
            self._read_without_head(rows)
            return
        best_fit = max(head.fit for _, head in headed)
        fitting = [(row, head) for row, head in headed if head.fit == best_fit]
        row, head = fitting[0]
        self._take_row(row, head, [entry.block for entry, _ in fitting])

    def _read_without_head(self, rows: list[_LabelledRow]) -> None:
        """A row whose headings were cut off: the block's earlier head, or the form's own order."""
        if not any(_has_figure(cell) for cell in rows[0].values):
            return
        carried = [(row, head) for row in rows if (head := self._reading.heads.get(row.block))]
        if carried:
            row, head = carried[0]
            self._take_row(row, head, [entry.block for entry, _ in carried])
            return
        orders = [(row, _order_of_form(row.block, row.label)) for row in rows]
        fitting = [
            (row, head)
            for row, head in orders
            if assign(head, row.values, places_known=False) and row.values[len(head.leaves) - 1].text
        ]
        names = catalogue.table_names(rows[0].block.table)
        if len({_metrics_of(row) for row, _ in fitting}) == 1:
            self._reading.notice("heading_missing", table=names)
            self._take_row(*fitting[0], [row.block for row, _ in fitting])
        else:
            self._reading.notice("heading_unknown", table=names, label=rows[0].label.text)

    def _take_row(self, row: _LabelledRow, head: Head, fitting: list[Block]) -> None:
        self._statutory = True
        self._reading.saw_row(row.block.table, fitting)
        self._warn_of_missing_columns(head)
        self._take_values(head, row.values, row.row, row.label, row.unit)

    def _read_unlabelled(self, cells: tuple[Cell, ...]) -> bool:
        """The one line of figures of a block without row labels."""
        if self._figures_begun:
            return False
        heads = [
            head
            for block in catalogue.blocks()
            if not block.rows and (head := self._head(block)) and head.fit > 0
        ]
        if not heads:
            return False
        head = max(heads, key=lambda head: head.fit)
        self._statutory = True
        self._reading.saw_row(head.block.table, [head.block for head in heads])
        self._warn_of_missing_columns(head)
        self._take_values(head, _behind_labels(cells), 0, cells[0])
        return True

    def _take_values(self, head: Head, values: Sequence[Cell], row: int, first: Cell, unit: str = "") -> None:
        label = _one_line(first.text) if head.block.rows else ""
        names = catalogue.table_names(head.block.table)
        cells = assign(head, values, places_known=self._grid.places_known)
        if cells is None:
            self._reading.notice(
                "row_values",
                table=names,
                label=label,
                row=values[0].row if values else first.row,
                found=len(values),
                expected=len(head.leaves),
            )
        for index, leaf in enumerate(head.leaves):
            if leaf.column is not None:
                heading = f"{leaf.cell.text} {unit}"
                cell = cells[index] if cells else None
                self._take_cell(head.block, heading, leaf.column, cell, values, row, label)

    def _take_cell(
        self,
        block: Block,
        heading: str,
        column: int,
        cell: Cell | None,
        values: Sequence[Cell],
        row: int,
        label: str,
    ) -> None:
        metric, applicant = block.metric_at(row, column)
        unit = catalogue.units()[metric, block.form]
        if cell is None:
            if not values:
                return
            figure = Figure(None, unit)
            raw, place = " | ".join(value.text for value in values), values[0]
        else:
            figure = read_figure(cell.text, unit, heading=heading)
            raw, place = cell.text, cell
        problem = _problem(figure, unit)
        if problem:
            self._reading.notice(
                problem,
                table=catalogue.table_names(block.table),
                label=label,
                heading=_one_line(heading),
                row=place.row,
                column=place.column,
                raw=_one_line(raw),
            )
        fact = Fact(
            metric=metric,
            applicant=applicant,
            value=None if problem else figure.value,
            raw=raw,
            unit=figure.unit,
            table=block.table,
            table_no=self._number,
            row=place.row,
            column=place.column,
        )
        self._reading.add(fact, label or _one_line(heading))

    def _warn_of_missing_columns(self, head: Head) -> None:
        if head.missing:
            self._reading.notice(
                "columns_missing",
                table=catalogue.table_names(head.block.table),
                labels="; ".join(head.missing),
            )

    def _report_unknown(self, cells: tuple[Cell, ...]) -> None:
        if self._statutory and any(_has_figure(cell) for cell in cells):
            self._reading.notice(
                "row_unknown",
                label=_one_line(next((cell.text for cell in cells if cell.text), "")),
                row=cells[0].row,
                table_no=self._number,
            )


def _is_heading(own: Sequence[Cell]) -> bool:
    """Whether a row's own cells are headings: at least half of them known, and no figure among them.

    总计 is a heading and a row label; alone in its row it is a row whose figures are blank.
    """
    known = [cell for cell in own if _all_headings().find(cell.text)]
    others = [cell for cell in own if cell not in known]
    if 2 * len(known) < len(own) or any(_has_figure(cell) for cell in own):
        return False
    if any(_row_labels().find(cell.text) or _row_groups().find(cell.text) for cell in others):
        return False
    return len(own) > 1 or not _row_labels().find(own[0].text)


def _labelled(cells: tuple[Cell, ...]) -> Iterator[_LabelledRow]:
    for index, cell in enumerate(_leading(cells, lambda cell: not cell.text or has_han(cell.text))):
        if cell.text:
            # A label that reaches down beyond its own rows may stand between a label and its figures.
            values = tuple(
                value for value in cells[index + 1 :] if value.row >= cell.row or not _is_label(value)
            )
            for block, number in _row_labels().find(cell.text):
                unit = block.unit_column and len(values) > 1 and is_unit(values[0].text)
                yield _LabelledRow(
                    block, number, cell, values[1:] if unit else values, values[0].text if unit else ""
                )


def _without_serial_number(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    numbered = len(cells) > 1 and _SERIAL.fullmatch(cells[0].text) and _is_label(cells[1])
    return cells[1:] if numbered else cells


def _leading(cells: Sequence[Cell], wanted: Callable[[Cell], bool]) -> Iterator[Cell]:
    for cell in cells:
        if not wanted(cell):
            return
        yield cell


def _behind_labels(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells from the first one that is no label."""
    labels = list(_leading(cells, _is_label))
    return tuple(cells[len(labels) :])


def _is_label(cell: Cell) -> bool:
    """Whether a cell says something, but no figure (6件) nor the lack of one (无)."""
    return has_han(cell.text) and not is_blank(cell.text) and not _has_figure(cell)


def _has_figure(cell: Cell) -> bool:
    return bool(cell.text) and read_figure(cell.text, "").value is not None


def _order_of_form(block: Block, label: Cell) -> Head:
    return Head(
        block,
        tuple(
            Leaf(number, Cell(column.label, label.row, label.column), label.column)
            for number, column in enumerate(block.columns)
        ),
    )


def _metrics_of(row: _LabelledRow) -> tuple[str, ...]:
    return row.block.rows[row.row].metrics


def _problem(figure: Figure, unit: str) -> str | None:
    """Why a cell has no usable figure: it says something else, or counts things in fractions."""
    if not figure.clear:
        return "figure_unreadable"
    if figure.value is not None and not is_money(unit) and figure.value % 1:
        return "figure_fraction"
    return None


def _one_line(text: str) -> str:
    return " ".join(text.split())
