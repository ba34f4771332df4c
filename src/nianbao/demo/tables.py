"""Lays a statutory table out in cells, from the form's own description: no label is written in code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal

from nianbao.demo.samples import SampleReport
from scraper.forms import catalogue
from scraper.forms.catalogue import Block, Table

Kind = Literal["heading", "label", "side", "figure", "total"]

# How deep a row's label lies in its table is told by its numbering: 三、 then （三） then 3.
_NUMBERINGS = (r"[一二三四五六七八九十]+、", r"（[一二三四五六七八九十]+）", r"\d+\.")

_TOTAL = "total"


@dataclass(frozen=True)
class Cell:
    """A printed cell and how many rows and columns it covers.

    A ``side`` is a label that runs down the table beside the labels of its rows; a ``total`` is a figure
    in the column of totals.
    """

    text: str
    kind: Kind
    rows: int = 1
    columns: int = 1


Line = tuple[Cell, ...]


@dataclass(frozen=True)
class _Span:
    """A label at one level of a tree of labels: ``width`` is its leaves, ``height`` its levels."""

    level: int
    label: str
    width: int
    height: int


def statutory_table(table: str, report: SampleReport) -> list[Line]:
    """The rows of ``report``'s table named ``table``, each with the cells that begin in it."""
    blocks = _table(table, report.form).blocks
    width = max(_label_width(block) + len(block.columns) for block in blocks)
    return [line for block in blocks for line in _block_lines(block, width, report)]


def table_title(table: str, form: str) -> str:
    """A table's name, which is also the title of its section."""
    return _table(table, form).label_zh


def _table(table: str, form: str) -> Table:
    return next(entry for entry in catalogue.tables() if (entry.table, entry.form) == (table, form))


def _block_lines(block: Block, width: int, report: SampleReport) -> Iterator[Line]:
    # The catalogue lists what stands above the labels first, then what is printed above the block.
    for caption in block.stubs[1:]:
        yield (Cell(caption, "heading", columns=width),)
    spare = width - _label_width(block) - len(block.columns)
    yield from (_widened(line, spare) for line in _head_lines(block))
    yield from (_widened(line, spare) for line in _body_lines(block, report))


def _widened(line: Line, spare: int) -> Line:
    """A line of a block that is narrower than its table: the last cell takes the room left over."""
    return (*line[:-1], replace(line[-1], columns=line[-1].columns + spare)) if spare else line


def _head_lines(block: Block) -> list[Line]:
    spans = _spans([(*column.groups, column.label) for column in block.columns])
    depth = max(len(column.groups) for column in block.columns) + 1
    corner = [Cell(stub, "heading", depth, _label_width(block)) for stub in block.stubs[:1]]
    levels: list[list[Cell]] = [corner, *([] for _ in range(depth - 1))]
    for column in spans:
        for span in column:
            levels[span.level].append(Cell(span.label, "heading", span.height, span.width))
    return [tuple(level) for level in levels]


def _body_lines(block: Block, report: SampleReport) -> Iterator[Line]:
    if not block.rows:
        yield _figure_cells(block, 0, report)
        return
    for row, labels in zip(_printed(block), _spans(_row_paths(block)), strict=True):
        yield (*map(_label_cell, labels), *_figure_cells(block, row, report))


def _label_cell(span: _Span) -> Cell:
    kind: Kind = "side" if span.level == 0 and span.width > 1 else "label"
    return Cell(span.label, kind, span.width, span.height)


def _figure_cells(block: Block, row: int, report: SampleReport) -> Line:
    places = [block.metric_at(row, column) for column in range(len(block.columns))]
    return tuple(
        Cell(str(report.figure(metric, applicant)), "total" if applicant == _TOTAL else "figure")
        for metric, applicant in places
    )


def _label_width(block: Block) -> int:
    return max((len(path) for path in _row_paths(block)), default=0)


def _printed(block: Block) -> list[int]:
    """The numbers of the rows that every report prints."""
    return [number for number, row in enumerate(block.rows) if not row.optional]


def _row_paths(block: Block) -> list[tuple[str, ...]]:
    """For each row its label behind the labels that span it, from the outermost in."""
    paths: list[tuple[str, ...]] = []
    path: tuple[str, ...] = ()
    for row in map(block.rows.__getitem__, _printed(block)):
        for label in filter(None, (row.group, row.label)):
            path = (*path[: _level(label)], label)
        paths.append(path)
    return paths


def _level(label: str) -> int:
    return next((level for level, mark in enumerate(_NUMBERINGS) if re.match(mark, label)), 0)


def _spans(paths: Sequence[tuple[str, ...]]) -> list[list[_Span]]:
    """For each leaf of a tree of labels the labels that begin at it, the outermost first."""
    depth = max(map(len, paths))
    leaves: list[list[_Span]] = []
    above: tuple[str, ...] = ()
    for number, path in enumerate(paths):
        begun = [level for level in range(len(path)) if path[: level + 1] != above[: level + 1]]
        leaves.append(
            [
                _Span(
                    level,
                    path[level],
                    width=_run(paths[number:], path[: level + 1]),
                    height=depth - level if level == len(path) - 1 else 1,
                )
                for level in begun
            ]
        )
        above = path
    return leaves


def _run(paths: Sequence[tuple[str, ...]], prefix: tuple[str, ...]) -> int:
    """How many of the first ``paths`` lie below ``prefix``."""
    return sum(1 for _ in takewhile(lambda path: path[: len(prefix)] == prefix, paths))
