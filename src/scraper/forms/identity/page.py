"""A document as the evidence is looked for: folded once, and only where evidence stands."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from scraper.documents import Document, Grid
from scraper.documents.characters import fold

_TITLE_LINES = 40
# Titles, index numbers and footers that are laid out in tables stand in their first or last rows.
_FIRST_ROWS, _LAST_ROWS = 6, 3


@dataclass(frozen=True)
class Page:
    """``titles`` are candidates for the title, ``lines`` the text in reading order, tables' ends last.

    ``text`` is ``lines`` in one piece; ``metadata`` the page's meta tags; ``host`` the address's, or
    None where the document came from no address.
    """

    titles: list[str]
    lines: list[str]
    text: str
    metadata: dict[str, str]
    url: str
    host: str | None

    @property
    def head(self) -> list[str]:
        """The lines among which a title can stand."""
        return self.lines[:_TITLE_LINES]


def page_of(document: Document, url: str | None) -> Page:
    """The page of ``document``, captured from ``url``."""
    lines = [fold(paragraph) for paragraph in document.paragraphs]
    ends = "\n".join(line for grid in document.grids for line in _ends(grid))
    if ends:
        lines += fold(ends).split("\n")
    parts = urlsplit(url or "")
    host = (parts.hostname or "") if parts.scheme in ("http", "https") else None
    return Page(
        titles=[fold(title) for title in document.titles],
        lines=lines,
        text="\n".join(lines),
        metadata=document.metadata,
        url=url or "",
        host=host,
    )


def _ends(grid: Grid) -> list[str]:
    rows = grid.rows
    if len(rows) > _FIRST_ROWS + _LAST_ROWS:
        rows = (*rows[:_FIRST_ROWS], *rows[-_LAST_ROWS:])
    return [" ".join(cell.text for cell in row if cell.text) for row in rows]
