"""Writes tables as HTML for tests: plain cells with spans, and the statutory tables filled with figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from scraper.forms.catalogue import Block, Table

Key = tuple[str, str]
"""Metric and applicant."""
Figures = dict[Key, str]
Write = Callable[[str], str]
"""How a label is written: tests disturb it here."""


@dataclass(frozen=True)
class Written:
    """A cell as a page writes it."""

    html: str
    columns: int = 1
    rows: int = 1


def html_table(rows: Sequence[Sequence[Written]]) -> str:
    """The table element of ``rows``."""
    return "<table>" + "".join(f"<tr>{''.join(map(_html_cell, row))}</tr>" for row in rows) + "</table>"


def html_page(*parts: str) -> bytes:
    """A page with ``parts`` as its body."""
    body = "\n".join(parts)
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{body}</body></html>'.encode()


def text_table(rows: Sequence[Sequence[Written]], width: int) -> str:
    """``rows`` as text exports flatten them: spanned cells dropped, and filled up on the right with bars."""
    lines = [" | ".join(cell.html for cell in row) + " |" + " |" * (width - len(row)) for row in rows]
    return "\n".join(lines)


def _html_cell(cell: Written) -> str:
    return f'<td colspan="{cell.columns}" rowspan="{cell.rows}">{cell.html}</td>'


def keys_of(block: Block) -> list[Key]:
    """Metric and applicant of each figure of a block, from left to right and top to bottom."""
    rows = range(len(block.rows) or 1)
    return [block.metric_at(row, column) for row in rows for column in range(len(block.columns))]


def statutory_table(table: Table, figures: Figures, write: Write = str) -> str:
    """A statutory table as the form prints it, with ``figures`` in its cells."""
    return html_table(table_rows(table, figures, write))


def table_rows(table: Table, figures: Figures, write: Write = str) -> list[list[Written]]:
    """The rows of a statutory table as the form prints it."""
    return [row for block in table.blocks for row in block_rows(block, figures, write)]


def block_rows(block: Block, figures: Figures, write: Write = str) -> Iterator[list[Written]]:
    """The heading and body rows of a block."""
    grouped = any(row.group for row in block.rows)
    labels = 0 if not block.rows else 2 if grouped else 1
    yield from _heading_rows(block, labels, write)
    if not block.rows:
        yield [Written(figures[key]) for key in keys_of(block)]
    number = 0
    for group, run in groupby(block.rows, key=lambda row: row.group):
        rows = list(run)
        for index, row in enumerate(rows):
            line = [Written(write(group), rows=len(rows))] if group and index == 0 else []
            line.append(Written(write(row.label), columns=labels if not group else 1))
            for column in range(len(block.columns)):
                line.append(Written(figures[block.metric_at(number, column)]))
            yield line
            number += 1


def _heading_rows(block: Block, labels: int, write: Write) -> Iterator[list[Written]]:
    depth = max(len(column.groups) for column in block.columns) + 1
    for stub in block.stubs[1:]:
        yield [Written(write(stub), columns=labels + len(block.columns))]
    for level in range(depth):
        line = []
        if level == 0 and labels:
            line.append(Written(write(block.stubs[0]), columns=labels, rows=depth))
        start = 0
        while start < len(block.columns):
            column = block.columns[start]
            path = (*column.groups, column.label)[: level + 1]
            width = sum(1 for other in block.columns if (*other.groups, other.label)[: level + 1] == path)
            if level < len(column.groups):
                line.append(Written(write(path[-1]), columns=width))
            elif level == len(column.groups):
                line.append(Written(write(column.label), rows=depth - level))
            start += width
        yield line


def reordered(block: Block, rows: Sequence[int], columns: Sequence[int]) -> Block:
    """``block`` with its rows and columns in another order; columns of one group stay side by side."""
    side_by_side = _keep_groups(block, list(columns))
    return replace(
        block,
        columns=tuple(block.columns[number] for number in side_by_side),
        rows=tuple(
            replace(row, metrics=tuple(row.metrics[number] for number in side_by_side))
            if len(row.metrics) > 1
            else row
            for row in (block.rows[number] for number in rows)
        ),
    )


def _keep_groups(block: Block, columns: list[int]) -> list[int]:
    def first_of_group(number: int) -> tuple[int, ...]:
        groups = block.columns[number].groups
        return tuple(
            min(
                place
                for place, other in enumerate(columns)
                if block.columns[other].groups[: depth + 1] == groups[: depth + 1]
            )
            for depth in range(len(groups))
        )

    places = {number: place for place, number in enumerate(columns)}
    return sorted(columns, key=lambda number: (*first_of_group(number), places[number]))
