"""Word files of 1997 to 2003 (DOC, and WPS of WPS Office): text, tables and what is struck out.

After Microsoft's [MS-DOC]: the text lies in pieces that the piece table (CLX) names; the properties of
paragraphs and characters in pages of 512 bytes (FKP) that bin tables name. A cell ends with the
character 7, a row with a paragraph that has the property sprmPFTtp and holds the edges of its cells.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from scraper.documents.document import Document, TooLarge
from scraper.documents.placing import WrittenTable, add_grid, first_titles, lines_of, tidy
from scraper.documents.refusal import Refused

_WORD_97 = 0xA5EC
_ENCRYPTED = 0x0100
_SECOND_TABLE_STREAM = 0x0200

# Where the file information block has a stream's place and length, and the length of the main text.
_MAIN_CHARACTERS = 0x4C
_CHARACTER_BINS = 0xFA
_PARAGRAPH_BINS = 0x102
_PIECES = 0x1A2

_PAGE = 512
_COMPRESSED = 0x40000000

_IN_TABLE = 0x2416
_ROW_END = 0x2417
_INNER_CELL_END = 0x244B
_INNER_ROW_END = 0x244C
_DEPTH = 0x6649
_HUGE = (0x6645, 0x6646)
_TABLE_DEFINITION = 0xD608
_VERTICAL_MERGE = 0xD62B
_STRUCK_OUT = 0x0800
_HIDDEN = 0x083C
# A picture of a symbol font, for which a bracket stands in the text.
_SYMBOL = 0x6A09

# Bytes of a property's value by the highest three bits of its code; the code 6 says it itself.
_VALUE_BYTES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_LONG_TABS = 0xC615

# A cell's flags in a table definition: how it is merged with its neighbours.
_CELL_BYTES = 20
_BESIDE = 0x0003
_BELOW = 0x0020
_TOP = 0x0040

# Characters that stand for something else than text, and what they look like.
_MARKS = str.maketrans(
    {"\x0b": "\n", "\x0e": "\n", "\x1e": "-", "\x1f": None, "\xa0": " ", "\t": " "}
    | dict.fromkeys(map(chr, (1, 2, 3, 4, 5, 6, 8, 0x15)))
)
_FIELD_BEGIN, _FIELD_RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_PARAGRAPH_ENDS = "\r\x07\x0c"

# In twips; edges drawn nearer to each other look like one.
_EDGE_TOLERANCE = 40.0

# Word's own limit is 63 columns, and nobody nests tables deeper.
_DEEPEST = 16

# Far beyond any report.
_MOST_CHARACTERS = 5_000_000
_MOST_PAGES = 10_000
_MOST_FIELDS = 50

Properties = dict[int, bytes]
_ReadProperties = Callable[[bytes, int, int], Properties]
"""Reads the properties of one of a page's runs: the page, where its entries begin, the run's number."""


class _Range(NamedTuple):
    start: int
    end: int
    properties: Properties


class _Piece(NamedTuple):
    """Characters ``start`` to before ``end`` of the text lie from ``offset`` on, ``width`` bytes each."""

    start: int
    end: int
    offset: int
    width: int


def read_doc(word: bytes, table_streams: dict[str, bytes], data: bytes) -> Document:
    """The document of a Word 97 file's streams ``WordDocument``, ``0Table`` and ``1Table``, and ``Data``.

    Raises :class:`Refused` for older and for encrypted files; struct.error and LookupError for damaged ones.
    """
    kind, version = struct.unpack_from("<HH", word)
    flags = _short(word, 10)
    if kind != _WORD_97 or version < 0xC1:
        raise Refused("format_not_read", kind="Word 6/95 DOC")
    if flags & _ENCRYPTED:
        raise Refused("file_encrypted")
    if _long(word, _MAIN_CHARACTERS) > _MOST_CHARACTERS:
        raise TooLarge
    table = table_streams["1Table" if flags & _SECOND_TABLE_STREAM else "0Table"]
    file = _File(word, table, data)
    writing = _Writing()
    for paragraph in file.paragraphs():
        writing.add(paragraph)
    writing.end_tables()
    document = writing.document
    document.titles = first_titles(document.paragraphs)
    return document


def _short(data: bytes, offset: int) -> int:
    value: int = struct.unpack_from("<H", data, offset)[0]
    return value


def _long(data: bytes, offset: int) -> int:
    value: int = struct.unpack_from("<I", data, offset)[0]
    return value


@dataclass
class _Paragraph:
    text: str
    mark: str
    properties: Properties

    def flag(self, code: int) -> bool:
        return self.properties.get(code, b"\0")[:1] > b"\0"

    @property
    def depth(self) -> int:
        if _DEPTH in self.properties:
            return min(_long(self.properties[_DEPTH], 0), _DEEPEST)
        return 1 if self.flag(_IN_TABLE) else 0

    @property
    def ends_row(self) -> bool:
        return self.flag(_ROW_END) or self.flag(_INNER_ROW_END)

    @property
    def ends_cell(self) -> bool:
        return self.mark == "\x07" or self.flag(_INNER_CELL_END)


class _File:
    """The text of a file and the properties of its paragraphs."""

    def __init__(self, word: bytes, table: bytes, data: bytes) -> None:
        self._word = word
        self._data = data
        self._pieces = list(_pieces(_part(word, table, _PIECES), _long(word, _MAIN_CHARACTERS)))
        self._paragraphs = self._ranges(_part(word, table, _PARAGRAPH_BINS), self._paragraph_properties)
        self._characters = self._ranges(_part(word, table, _CHARACTER_BINS), self._character_properties)
        self._starts = [entry.start for entry in self._paragraphs]

    def paragraphs(self) -> Iterator[_Paragraph]:
        """The paragraphs of the main text, without what is hidden, struck out or a field's instruction."""
        seen: list[str] = []
        fields: list[bool] = []
        for character, offset, shown in self._text():
            if character == _FIELD_BEGIN:
                fields.append(True)
                if len(fields) > _MOST_FIELDS:
                    raise Refused("file_damaged", kind="DOC")
            elif character == _FIELD_RESULT and fields:
                fields[-1] = False
            elif character == _FIELD_END and fields:
                fields.pop()
            elif character in _PARAGRAPH_ENDS:
                yield _Paragraph("".join(seen).translate(_MARKS), character, self._properties_at(offset))
                seen = []
            elif shown and not any(fields):
                seen.append(character)
        if seen:
            yield _Paragraph("".join(seen).translate(_MARKS), "\r", {})

    def _text(self) -> Iterator[tuple[str, int, bool]]:
        """Each character, its place in the file, and whether it is shown."""
        unseen = sorted(
            (entry.start, entry.end)
            for entry in self._characters
            if _SYMBOL in entry.properties
            or any(entry.properties.get(code, b"\0")[:1] == b"\1" for code in (_STRUCK_OUT, _HIDDEN))
        )
        starts = [start for start, _ in unseen]
        for piece in self._pieces:
            length = (piece.end - piece.start) * piece.width
            raw = self._word[piece.offset : piece.offset + length]
            if len(raw) < length:
                raise Refused("file_damaged", kind="DOC")
            text = raw.decode("cp1252" if piece.width == 1 else "utf-16-le", errors="replace")
            for number, character in enumerate(text):
                offset = piece.offset + number * piece.width
                place = bisect_right(starts, offset) - 1
                yield character, offset, place < 0 or offset >= unseen[place][1]

    def _properties_at(self, offset: int) -> Properties:
        place = bisect_right(self._starts, offset) - 1
        if place < 0 or offset >= self._paragraphs[place].end:
            return {}
        return self._paragraphs[place].properties

    def _ranges(self, bins: bytes, read: _ReadProperties) -> list[_Range]:
        """The ranges of the file that the pages of a bin table give properties."""
        count = (len(bins) - 4) // 8
        pages = struct.unpack_from(f"<{count}I", bins, 4 * (count + 1)) if count > 0 else ()
        if count > _MOST_PAGES:
            raise TooLarge
        found = []
        for page in pages:
            start = (page & 0x3FFFFF) * _PAGE
            content = self._word[start : start + _PAGE]
            if len(content) < _PAGE:
                raise Refused("file_damaged", kind="DOC")
            runs = content[-1]
            edges = struct.unpack_from(f"<{runs + 1}I", content)
            for number, (begin, end) in enumerate(pairwise(edges)):
                found.append(_Range(begin, end, read(content, 4 * (runs + 1), number)))
        return sorted(found, key=lambda entry: entry.start)

    def _paragraph_properties(self, page: bytes, entries: int, number: int) -> Properties:
        offset = 2 * page[entries + 13 * number]
        if not offset:
            return {}
        length = 2 * page[offset] - 1
        if length < 0:
            offset += 1
            length = 2 * page[offset]
        # The first two bytes name the style.
        properties = _properties(page[offset + 3 : offset + 1 + length])
        for code in _HUGE:
            if code in properties:
                place = _long(properties[code], 0)
                size = _short(self._data, place)
                properties |= _properties(self._data[place + 2 : place + 2 + size])
        return properties

    @staticmethod
    def _character_properties(page: bytes, entries: int, number: int) -> Properties:
        offset = 2 * page[entries + number]
        return _properties(page[offset + 1 : offset + 1 + page[offset]]) if offset else {}


def _part(word: bytes, table: bytes, place: int) -> bytes:
    """The part of the table stream whose place the file information block has at ``place``."""
    start, length = _long(word, place), _long(word, place + 4)
    if start + length > len(table):
        raise Refused("file_damaged", kind="DOC")
    return table[start : start + length]


def _pieces(clx: bytes, characters: int) -> Iterator[_Piece]:
    """The pieces of the main text, in its order."""
    place = 0
    while clx[place] == 1:
        place += 3 + _short(clx, place + 1)
    if clx[place] != 2:
        raise Refused("file_damaged", kind="DOC")
    table = clx[place + 5 : place + 5 + _long(clx, place + 1)]
    count = (len(table) - 4) // 12
    edges = struct.unpack_from(f"<{count + 1}I", table)
    for number, (start, end) in enumerate(pairwise(edges)):
        offset = _long(table, 4 * (count + 1) + 8 * number + 2)
        width = 1 if offset & _COMPRESSED else 2
        offset &= _COMPRESSED - 1
        if end < start:
            raise Refused("file_damaged", kind="DOC")
        if start < characters:
            yield _Piece(start, min(end, characters), offset // 2 if width == 1 else offset, width)


def _properties(written: bytes) -> Properties:
    """The properties (sprm) of a list, by their codes; the last of each code counts.

    Those that merge cells, two bytes for each cell, are strung together.
    """
    found: Properties = {}
    place = 0
    while place + 2 < len(written):
        code = _short(written, place)
        place += 2
        size = _VALUE_BYTES.get(code >> 13)
        if size is None and code == _TABLE_DEFINITION:
            size = _short(written, place) - 1
            place += 2
        elif size is None:
            size = written[place]
            place += 1
            if code == _LONG_TABS and size == 0xFF:
                break
        value = written[place : place + size]
        found[code] = found.get(code, b"") + value if code == _VERTICAL_MERGE else value
        place += size
    return found


@dataclass
class _OpenTable:
    """A table that is being written: its rows, and the cells and lines of the row that is not yet ended."""

    table: WrittenTable = field(default_factory=lambda: WrittenTable(_EDGE_TOLERANCE))
    cells: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


class _Writing:
    """Paragraphs to a document; tables within tables are written where they end."""

    def __init__(self) -> None:
        self.document = Document()
        self._open: list[_OpenTable] = []

    def add(self, paragraph: _Paragraph) -> None:
        depth = paragraph.depth
        while len(self._open) > depth:
            self._end_table()
        while len(self._open) < depth:
            self._open.append(_OpenTable())
        if not self._open:
            self.document.paragraphs.extend(lines_of(paragraph.text))
            return
        table = self._open[-1]
        if paragraph.ends_row:
            table.table.add_row(_row(table.cells, paragraph.properties))
            table.cells, table.lines = [], []
            return
        table.lines.append(paragraph.text)
        if paragraph.ends_cell:
            table.cells.append(tidy("\n".join(table.lines)))
            table.lines = []

    def end_tables(self) -> None:
        while self._open:
            self._end_table()

    def _end_table(self) -> None:
        ended = self._open.pop()
        add_grid(self.document, ended.table.grid())
        # Of a row whose end is missing only the text is known.
        self.document.paragraphs += lines_of("\n".join((*ended.cells, *ended.lines)))


def _row(texts: list[str], properties: Properties) -> Iterator[tuple[str, float, float, bool]]:
    """A row's cells with their edges in twips, cells merged with the one before them joined to it."""
    edges, flags = _definition(properties, len(texts))
    merged = None
    for number, text in enumerate(texts):
        left, right = edges[number], edges[number + 1]
        below = flags[number] & (_BELOW | _TOP) == _BELOW
        if merged is not None and flags[number] & _BESIDE and not text:
            merged = (merged[0], merged[1], right, merged[3])
            continue
        if merged is not None:
            yield merged
        merged = (text, left, right, below)
    if merged is not None:
        yield merged


def _definition(properties: Properties, count: int) -> tuple[list[float], list[int]]:
    """The edges of a row's cells, and the flags of each."""
    written = properties.get(_TABLE_DEFINITION, b"")
    columns = written[0] if written else 0
    if columns < count:
        return [1000.0 * number for number in range(count + 1)], [0] * count
    edges = [float(edge) for edge in struct.unpack_from(f"<{columns + 1}h", written, 1)]
    start = 1 + 2 * (columns + 1)
    flags = [
        _short(written, start + _CELL_BYTES * number)
        if len(written) >= start + _CELL_BYTES * number + 2
        else 0
        for number in range(columns)
    ]
    for cell, merge in zip(*[iter(properties.get(_VERTICAL_MERGE, b""))] * 2, strict=False):
        if cell < columns:
            flags[cell] = flags[cell] & ~(_BELOW | _TOP) | merge << 5
    return edges, flags
