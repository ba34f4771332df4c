"""What a cell's text can be in any form: a row's label, a heading, a figure, or nothing of these.

Reports repeat the same labels thousands of times, so each is looked up once and remembered.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from scraper.documents.characters import is_damaged
from scraper.forms import catalogue
from scraper.forms.catalogue import Block
from scraper.forms.labels import Vocabulary, has_han
from scraper.forms.numbers import is_blank, read_figure


class Wording(NamedTuple):
    """What a text says in terms of the forms.

    ``rows`` are the rows that it labels and ``groups`` the labels of several rows that it is;
    ``heading`` tells whether it stands above figures in a form. It is a ``label`` of some kind if it
    says something that is neither a ``figure`` nor the lack of one. ``damaged`` text lost characters.
    """

    rows: Sequence[tuple[Block, int]]
    groups: Sequence[str]
    heading: bool
    figure: bool
    label: bool
    damaged: bool


@lru_cache(maxsize=65536)
def wording_of(text: str) -> Wording:
    """What ``text`` says in terms of the forms."""
    if text.isascii() and text.isdigit():
        return Wording((), (), heading=False, figure=True, label=False, damaged=False)
    figure = bool(text) and read_figure(text, "").value is not None
    blank = is_blank(text)
    return Wording(
        rows=_row_labels().find(text),
        groups=_row_groups().find(text),
        heading=bool(_headings().find(text)),
        figure=figure,
        label=has_han(text) and not blank and not figure,
        damaged=not blank and is_damaged(text),
    )


@cache
def _row_labels() -> Vocabulary[tuple[Block, int]]:
    return Vocabulary(
        (wording, (block, number)) for block in catalogue.blocks() for wording, number in block.row_wordings()
    )


@cache
def _row_groups() -> Vocabulary[str]:
    return Vocabulary(entry for block in catalogue.blocks() for entry in block.group_wordings())


@cache
def _headings() -> Vocabulary[str]:
    return Vocabulary(
        (wording, wording) for block in catalogue.blocks() for wording, _ in block.heading_wordings()
    )
