"""Text in which tables were flattened to lines of cells between ``|`` bars."""

from __future__ import annotations

import re
from itertools import groupby

from scraper.documents.document import Cell, Document, Grid

_MARKDOWN_HEADING = re.compile(r"^\s*#{1,6}\s+")


def read_text(text: str) -> Document:
    """Paragraphs and ``|`` tables; neighbouring lines with bars are one table."""
    document = Document()
    lines = [line for line in text.splitlines() if line.strip()]
    for barred, group in groupby(lines, key=lambda line: "|" in line):
        if barred:
            document.grids.append(_grid([line.split("|") for line in group]))
        else:
            document.paragraphs.extend(_MARKDOWN_HEADING.sub("", line).strip() for line in group)
    document.titles = document.paragraphs[:3]
    return document


def _grid(rows: list[list[str]]) -> Grid:
    # A bar before the first cell makes an empty field there in every line, captions included.
    framed = all(not fields[0].strip() for fields in rows)
    return Grid(
        rows=tuple(
            tuple(
                Cell(text.strip(), row, column)
                for column, text in enumerate(fields[1:] if framed else fields)
            )
            for row, fields in enumerate(rows)
        ),
        places_known=False,
    )
