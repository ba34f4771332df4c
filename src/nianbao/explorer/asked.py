"""What a reader asks for, and what a page answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import duckdb

from analysis.search import TextIndex
from nianbao.failures import Failure
from nianbao.records import Column, Record
from nianbao.workspace import Workspace
from scraper.messages import Language, Message

PAGE = 50
# What is more than this in one answer is no table for people any more.
MOST = 200_000
_LONGEST = 200


def _no_texts() -> TextIndex | None:
    return None


class NotThere(Exception):  # noqa: N818 - said by the reader
    """There is nothing at this address; ``said`` tells what is missing."""

    def __init__(self, said: Message) -> None:
        super().__init__(said.text())
        self.said = said


def words(code: str, /, **values: object) -> Message:
    """A sentence of the explorer."""
    return Message("nianbao.explorer", code, values)


@dataclass(frozen=True)
class Asked:
    """A question: the parts of its address and what stands behind the ``?``, in which language.

    ``whole``: the answer is for a file, all of it, not the part that one page shows. ``reviews``: decisions
    may be taken here, with a ``token`` or without. ``texts`` gives the index of texts, None as long as
    it is being made. ``boundaries`` is a GeoJSON file for maps.
    """

    connection: duckdb.DuckDBPyConnection
    workspace: Workspace
    language: Language
    parts: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    whole: bool = False
    reviews: bool = False
    token: bool = False
    texts: Callable[[], TextIndex | None] = _no_texts
    boundaries: Path | None = None

    def said(self, code: str, /, **values: object) -> str:
        """A sentence of the explorer in the reader's language."""
        return words(code, **values).text(self.language)

    def many(self, name: str) -> list[str]:
        """All values of a field that are not empty."""
        return [value.strip()[:_LONGEST] for key, value in self.query if key == name and value.strip()]

    def one(self, name: str) -> str | None:
        """The last value of a field; None where it is empty or not there."""
        return next(reversed(self.many(name)), None)

    def number(self, name: str) -> int | None:
        """The value of a field as a whole number. Raises :class:`Failure`."""
        given = self.one(name)
        if given is None:
            return None
        if not given.isascii() or not given.isdecimal() or len(given) > 9:
            raise Failure("number_wrong", usage=True, name=name, given=given)
        return int(given)

    def chosen(self, name: str, known: Sequence[str]) -> str | None:
        """The value of a field that has only the ``known`` ones. Raises :class:`Failure`."""
        given = self.one(name)
        if given is not None and given not in known:
            raise Failure("choice_wrong", usage=True, name=name, given=given, known=", ".join(known))
        return given

    @property
    def page(self) -> int:
        """Which page of a long list is wanted, from 1."""
        return max(self.number("page") or 1, 1)

    @property
    def first(self) -> int:
        """The first line of a long list that is wanted, from 0."""
        return 0 if self.whole else (self.page - 1) * PAGE

    @property
    def limit(self) -> int:
        """How many lines of a long list are wanted."""
        return MOST if self.whole else PAGE

    def link(self, path: str, /, **query: object) -> str:
        """The address of a page of the explorer in the reader's language."""
        return address(self.language, path, query)


def address(language: str, path: str, query: Mapping[str, object]) -> str:
    """The address of a page; fields without a value are left out, lists give one field for each value."""
    fields = [
        (name, str(one))
        for name, value in query.items()
        for one in (value if isinstance(value, list | tuple) else [value])
        if one not in (None, "")
    ]
    return f"/{language}{quote(path)}" + (f"?{urlencode(fields)}" if fields else "")


@dataclass(frozen=True)
class Sheet:
    """A table that is shown and can be downloaded.

    ``links`` gives a cell's address by its column's key. ``total`` is how many lines there are in all,
    where the records are only one page of them; ``mark`` the class of a cell by its column's key.
    """

    name: str
    caption: str
    records: Sequence[Record]
    columns: Sequence[Column]
    links: Mapping[str, Callable[[Record], str | None]] = field(default_factory=dict)
    marks: Mapping[str, Callable[[Record], str]] = field(default_factory=dict)
    total: int | None = None
    head: str = ""

    @property
    def brief(self) -> list[Column]:
        """The columns that a page shows."""
        return [column for column in self.columns if column.brief]

    def is_number(self, column: Column) -> bool:
        """Whether a column holds figures, which stand at its right edge."""
        values = [record[column.key] for record in self.records if record[column.key] is not None]
        return bool(values) and all(
            isinstance(value, int | float) and not isinstance(value, bool) for value in values
        )


@dataclass(frozen=True)
class Picture:
    """A plot of a page; ``draw`` gives its file as svg or png, ``text`` says what it shows."""

    name: str
    caption: str
    text: str
    draw: Callable[[str], bytes]


@dataclass(frozen=True)
class Page:
    """What a page shows: a template, its values, its tables and its plots.

    ``lasting``: it stays the same as long as the database does.
    """

    template: str
    title: str
    values: Mapping[str, Any]
    sheets: Sequence[Sheet] = ()
    pictures: Sequence[Picture] = ()
    lasting: bool = True

    def sheet(self, name: str) -> Sheet:
        """The table called ``name``, the first where it is empty. Raises :class:`NotThere`."""
        found = [sheet for sheet in self.sheets if name in ("", sheet.name)]
        if not found:
            raise NotThere(words("no_such_table", name=name))
        return found[0]

    def picture(self, name: str) -> Picture:
        """The plot called ``name``, the first where it is empty. Raises :class:`NotThere`."""
        found = [picture for picture in self.pictures if name in ("", picture.name)]
        if not found:
            raise NotThere(words("no_such_picture", name=name))
        return found[0]
