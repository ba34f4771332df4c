"""Rows of figures: the labels that they begin with, and the rows of the forms that these name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scraper.documents import Cell
from scraper.forms.catalogue import Block
from scraper.forms.numbers import is_unit
from scraper.forms.wordings import wording_of

# The number of a row that some tables print in front of its label.
_NUMBERING = re.compile(r"\s*(?:[（(]\d{1,2}[)）][、.]?|\d{1,2}\s*[、.．]|[①-⑳⒈-⒛])\s*")
_SERIAL = re.compile(r"\s*\d{1,3}\s*")


class LabelledRow(NamedTuple):
    """A row of figures and a row of a form that its label names; ``unit`` is what it prints as its unit."""

    block: Block
    row: int
    label: Cell
    values: tuple[Cell, ...]
    unit: str

    @property
    def group(self) -> str:
        """The label that spans the row in its form, or stands above it; empty where there is none."""
        return self.block.rows[self.row].group or ""

    @property
    def metrics(self) -> tuple[str, ...]:
        """What the row's cells mean in its form."""
        return self.block.rows[self.row].metrics


def without_serial_number(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """A row's cells but for the number in front of its label."""
    numbered = len(cells) > 1 and _SERIAL.fullmatch(cells[0].text) and wording_of(cells[1].text).label
    return cells[1:] if numbered else cells


def labelled_rows(cells: tuple[Cell, ...]) -> Iterator[LabelledRow]:
    """Every row of a form that one of the leading cells names."""
    for index, cell in enumerate(cells):
        said = wording_of(cell.text)
        if cell.text and not (said.label or said.rows or _is_numbering(cells, index)):
            return
        if said.rows:
            values = _values_of(cell, cells[index + 1 :])
            for block, number in said.rows:
                unit, figures = unit_apart(block, values)
                yield LabelledRow(block, number, cell, figures, unit)


def unit_apart(block: Block, values: tuple[Cell, ...]) -> tuple[str, tuple[Cell, ...]]:
    """The unit that a row prints in front of its figures, where its form has one, and the figures."""
    if block.unit_column and len(values) > 1 and is_unit(values[0].text):
        return values[0].text, values[1:]
    return "", values


def _values_of(label: Cell, behind: Sequence[Cell]) -> tuple[Cell, ...]:
    # A label that reaches down beyond its own rows may stand between a label and its figures.
    return tuple(cell for cell in behind if cell.row >= label.row or not wording_of(cell.text).label)


def behind_labels(cells: Sequence[Cell], *, unit_column: bool = False) -> tuple[Cell, ...]:
    """The cells from the first one that is no label; a unit is none where the form prints units."""
    index = 0
    while index < len(cells) and (wording_of(cells[index].text).label or _is_numbering(cells, index)):
        if unit_column and index and is_unit(cells[index].text):
            break
        index += 1
    return tuple(cells[index:])


def _is_numbering(cells: Sequence[Cell], index: int) -> bool:
    """Whether a cell holds the number of the label that stands in the next one."""
    if index + 1 == len(cells) or not _NUMBERING.fullmatch(cells[index].text):
        return False
    return wording_of(cells[index + 1].text).label


def is_heading_row(own: Sequence[Cell]) -> bool:
    """Whether a row's own cells are headings: half of them known, or the first two, and no figure among them.

    总计 is a heading and a row label; alone in its row it is a row whose figures are blank.
    """
    said = [wording_of(cell.text) for cell in own]
    known = sum(wording.heading for wording in said)
    begins = len(said) > 1 and said[0].heading and said[1].heading
    if (2 * known < len(own) and not begins) or any(wording.figure for wording in said):
        return False
    if any((wording.rows or wording.groups) and not wording.heading for wording in said):
        return False
    return len(own) > 1 or not said[0].rows
