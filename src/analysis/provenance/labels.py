"""What a table prints beside and above a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Lines = Sequence[Mapping[str, Any]]


def row_labels(labels: Lines, row: int, col: int) -> tuple[str, ...]:
    """The texts to the left of the cell, in reading order; ``labels`` are those of its table."""
    beside = [
        label
        for label in labels
        if label["row"] <= row < label["row"] + label["row_span"] and label["col"] < col
    ]
    return tuple(label["text"] for label in sorted(beside, key=lambda label: label["col"]))


def column_labels(labels: Lines, figures: Lines, row: int, col: int) -> tuple[str, ...]:
    """The texts above the cell, from the top; ``figures`` are the facts of its table.

    Where a table holds several blocks one below the other, only the headings of the cell's own block.
    """
    found: list[Mapping[str, Any]] = []
    for above in range(row - 1, -1, -1):
        covering = _covering(labels, figures, above, col)
        if covering is None:
            continue
        if "text" in covering:
            if covering not in found:
                found.append(covering)
        elif found:
            break
    return tuple(label["text"] for label in reversed(found))


def _covering(labels: Lines, figures: Lines, row: int, col: int) -> Mapping[str, Any] | None:
    """The label or the figure that reaches over ``col`` in ``row``: the last that begins at or before it."""
    of_row = [label for label in labels if label["row"] <= row < label["row"] + label["row_span"]]
    of_row += [figure for figure in figures if figure["row"] == row]
    beginning = [cell for cell in of_row if cell["col"] <= col]
    return max(beginning, key=lambda cell: int(cell["col"]), default=None)
