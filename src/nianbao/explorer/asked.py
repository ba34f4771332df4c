"""What a reader asks for, and what a page answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import duckdb

from analysis.search import TextIndex
from nianbao.explorer.kept import Kept
from nianbao.failures import Failure
from nianbao.records import Column, Record
from nianbao.workspace import Workspace
from scraper.messages import Language, Message

PAGE = 50
# What is more than this in one answer is no table for people any more.
MOST = 200_000
_LONGEST = 200
# Columns of sentences, which may take several lines.
_LONG = frozenset(("message", "title", "holds", "source", "note", "comparability", "expression"))


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
    it is being made. ``boundaries`` is a GeoJSON file for maps. ``kept`` has what
    was worked out before from the same state of the database.
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
    kept: Kept = field(default_factory=Kept)

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


class Shown(NamedTuple):
    """A cell as a page shows it: ``link`` and ``kind``, its class, may be empty; ``head`` names its line."""

    text: str
    link: str
    kind: str
    head: bool


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

    def heads(self) -> list[tuple[str, str]]:
        """What stands above the columns that a page shows, with its class."""
        numbers = self._numbers
        return [(column.label, "number" if column.key in numbers else "") for column in self.brief]

    def lines(self) -> Iterator[list[Shown]]:
        """The cells that a page shows, line by line."""
        numbers, brief = self._numbers, self.brief
        classes = {
            one.key: " ".join(["number"] * (one.key in numbers) + [f"c-{one.key}"] * (one.key in _LONG))
            for one in brief
        }
        for record in self.records:
            yield [self._shown(record, column, classes[column.key]) for column in brief]

    def _shown(self, record: Record, column: Column, kind: str) -> Shown:
        key, text = column.key, column.text(record)
        link = self.links.get(key)
        mark = self.marks.get(key)
        return Shown(
            text,
            (link(record) if link and text else None) or "",
            f"{kind} {mark(record)}".strip() if mark else kind,
            key == self.head,
        )

    @cached_property
    def _numbers(self) -> frozenset[str]:
        """The columns of figures, which stand at their right edge."""
        return frozenset(column.key for column in self.brief if self._is_number(column.key))

    def _is_number(self, key: str) -> bool:
        values = [record[key] for record in self.records if record[key] is not None]
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
