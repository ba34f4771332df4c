"""What every format is turned into before any form is matched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from scraper.messages import Message

# A table of more cells is no report, and looking all its labels up would take too long.
MOST_CELLS = 100_000

# No label of any form is longer: a cell beyond this holds prose, laid out in a table.
LONGEST_LABEL = 80


class TooLarge(Exception):  # noqa: N818 - the name says all
    """A file is far beyond the size of any report: it is something else, or made to do harm."""


class Cell(NamedTuple):
    """One printed cell and the first place that it covers, from 0, in the expanded grid.

    ``confidence`` is how sure the recognition of a scan is of the text, from 0 to 1; None where the
    text is the file's own.
    """

    text: str
    row: int
    column: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as printed.

    ``rows`` holds each row's cells from left to right, each cell once even where it covers several
    columns; a cell that spans rows stands in each of them. ``places_known`` tells whether columns are
    the page's own: text exports drop spanned cells and push the rest to the left, so that only the
    order of their cells can be relied on.
    """

    rows: tuple[tuple[Cell, ...], ...]
    places_known: bool


@dataclass(slots=True)
class Document:
    """Paragraphs and grids in reading order, with what the file says of itself.

    ``titles`` are candidates for the report's title, best first; ``metadata`` has the page's meta tags
    with lower-case names; ``links`` are the texts of its links; ``notices`` says what could not be read.
    """

    paragraphs: list[str] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    notices: list[Message] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Every line of text: the paragraphs, then the rows of the grids."""
        yield from self.paragraphs
        for grid in self.grids:
            for row in grid.rows:
                yield " ".join(cell.text for cell in row if cell.text)
