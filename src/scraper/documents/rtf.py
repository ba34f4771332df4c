"""RTF: its text, and its tables by the words that end cells and rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from scraper.documents.document import Document, TooLarge
from scraper.documents.placing import WrittenTable, add_grid, first_titles, lines_of, tidy

_TOKEN = re.compile(
    rb"\\(?:(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,9})? ?|'(?P<byte>[0-9a-fA-F]{2})|(?P<symbol>[^a-zA-Z]))"
    rb"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)|(?P<rest>[\r\n]+|\\)"
)
_MOST_TOKENS = 1_000_000
_DEEPEST = 500

# Groups that hold no text of the page.
_UNSEEN = set(
    "fonttbl colortbl stylesheet info pict object header headerl headerr headerf footer footerl footerr "
    "footerf footnote annotation listtable revtbl nonshppict nonesttables atnid atnauthor pntext".split()
)
# Groups that programs may skip, but that hold what people see.
_SEEN = {"shpinst", "shptxt"}
_CHARACTERS = {
    "tab": " ", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ",
    "nestcell": "\n", "nestrow": "\n",
}  # fmt: skip
_SYMBOLS = {"\\": "\\", "{": "{", "}": "}", "~": " ", "_": "-"}

# By the file's code page; all else is written as \u.
_ENCODINGS = {950: "big5hkscs", 65001: "utf-8"}

# In twips; edges drawn nearer to each other look like one.
_EDGE_TOLERANCE = 40.0


def read_rtf(data: bytes) -> Document:
    """The document of an RTF file. Raises :class:`TooLarge` far beyond the size of any report."""
    page = _Page()
    _Words(page).read(data)
    page.end()
    page.document.titles = first_titles(page.document.paragraphs)
    return page.document


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds up to the brace that ends a group; ``replacement`` counts what stands in for a \\u."""

    skipped: bool = False
    hidden: bool = False
    struck_out: bool = False
    replacement: int = 1


class _Words:
    """Goes through the words, bytes and groups of a file, and writes what they show on a page."""

    def __init__(self, page: _Page) -> None:
        self._page = page
        self._group = _Group()
        self._outer: list[_Group] = []
        self._bytes = bytearray()
        self._encoding = "gb18030"
        self._stand_ins = 0
        self._optional = False

    def read(self, data: bytes) -> None:
        """Reads a whole file."""
        place = tokens = 0
        while token := _TOKEN.match(data, place):
            place = token.end() + self._take(token)
            tokens += 1
            if tokens > _MOST_TOKENS:
                raise TooLarge
        self._decode()

    def _take(self, token: re.Match[bytes]) -> int:
        """Takes one token; gives how many bytes behind it are binary."""
        found = {kind: value for kind, value in token.groupdict().items() if value is not None}
        if "byte" in found:
            self._add_bytes(bytes.fromhex(found["byte"].decode()), 1)
        elif "text" in found:
            self._add_bytes(found["text"], len(found["text"]))
        elif "rest" not in found:
            self._decode()
        if "brace" in found:
            self._brace(opens=found["brace"] == b"{")
        elif "symbol" in found:
            self._symbol(found["symbol"].decode("latin-1"))
        elif "word" in found:
            word, number = found["word"].decode(), found.get("number")
            if word == "bin":
                return max(0, int(number or 0))
            self._word(word, int(number) if number is not None else None)
        return 0

    def _add_bytes(self, written: bytes, characters: int) -> None:
        skipped = min(self._stand_ins, characters)
        self._stand_ins -= skipped
        self._bytes += written[skipped:]

    def _decode(self) -> None:
        if self._bytes:
            self._show(self._bytes.decode(self._encoding, errors="replace"))
            self._bytes.clear()

    def _show(self, text: str) -> None:
        if not (self._group.skipped or self._group.hidden or self._group.struck_out):
            self._page.write(text)

    def _brace(self, *, opens: bool) -> None:
        self._stand_ins = 0
        self._optional = False
        if opens:
            if len(self._outer) > _DEEPEST:
                raise TooLarge
            self._outer.append(self._group)
        elif self._outer:
            self._group = self._outer.pop()

    def _symbol(self, symbol: str) -> None:
        if symbol == "*":
            self._optional = True
        elif self._stand_ins:
            self._stand_ins -= 1
        elif symbol in "\r\n":
            self._word("par", None)
        elif symbol in _SYMBOLS:
            self._show(_SYMBOLS[symbol])

    def _word(self, word: str, number: int | None) -> None:
        optional, self._optional = self._optional, False
        if word in _UNSEEN or (optional and word not in _SEEN):
            self._group = replace(self._group, skipped=True)
        elif word == "u":
            self._show(chr((number or 0) % 0x10000))
            self._stand_ins = self._group.replacement
        elif word in _CHARACTERS:
            self._show(_CHARACTERS[word])
        elif not self._group.skipped and not self._set(word, number):
            self._page.obey(word, number)

    def _set(self, word: str, number: int | None) -> bool:
        """Whether a word says how the text behind it is to be taken."""
        if word == "ansicpg":
            self._encoding = _ENCODINGS.get(number or 0, "gb18030")
        elif word == "uc":
            self._group = replace(self._group, replacement=max(0, number or 0))
        elif word == "v":
            self._group = replace(self._group, hidden=number != 0)
        elif word == "deleted":
            self._group = replace(self._group, struck_out=number != 0)
        elif word == "plain":
            self._group = replace(self._group, hidden=False, struck_out=False)
        else:
            return False
        return True


@dataclass
class _RowShape:
    """How a row is divided: right edges of its cells, and which go on from above or from the left."""

    start: int = 0
    edges: list[int] = field(default_factory=list)
    below: list[bool] = field(default_factory=list)
    beside: list[bool] = field(default_factory=list)
    next_below: bool = False
    next_beside: bool = False

    def end_cell(self, edge: int) -> None:
        self.edges.append(edge)
        self.below.append(self.next_below)
        self.beside.append(self.next_beside)
        self.next_below = self.next_beside = False

    def cells(self, texts: list[str]) -> Iterator[tuple[str, float, float, bool]]:
        if len(self.edges) < len(texts):
            yield from ((text, 1000.0 * n, 1000.0 * n + 1000, False) for n, text in enumerate(texts))
            return
        places = list(pairwise([self.start, *self.edges]))
        for number, text in enumerate(texts):
            if self.beside[number]:
                continue
            last = number
            while last + 1 < len(texts) and self.beside[last + 1]:
                last += 1
            yield text, places[number][0], places[last][1], self.below[number]


class _Page:
    """Writes paragraphs and tables as the words of a file say."""

    def __init__(self) -> None:
        self.document = Document()
        self._text: list[str] = []
        self._cells: list[str] = []
        self._in_table = False
        self._shape = _RowShape()
        self._table: WrittenTable | None = None

    def write(self, text: str) -> None:
        """Text that is shown."""
        self._text.append(text)

    def obey(self, word: str, number: int | None) -> None:
        """A word that ends something or shapes a row; others are passed over."""
        if word in ("par", "sect", "page"):
            self._end_paragraph()
        elif word == "cell":
            self._cells.append(tidy(self._taken()))
        elif word == "row":
            self._end_row()
        elif word in ("pard", "intbl"):
            self._in_table = word == "intbl"
        elif word == "trowd":
            self._shape = _RowShape()
        elif word == "trleft":
            self._shape.start = number or 0
        elif word == "cellx":
            self._shape.end_cell(number or 0)
        elif word in ("clvmrg", "clmrg"):
            self._shape.next_below |= word == "clvmrg"
            self._shape.next_beside |= word == "clmrg"

    def end(self) -> None:
        """What the end of the file leaves open; of a row whose end is missing only the text is known."""
        self._end_table()
        self.document.paragraphs += lines_of("\n".join((*self._cells, self._taken())))

    def _taken(self) -> str:
        text = "".join(self._text)
        self._text = []
        # Characters beyond U+FFFF are written as two halves.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _end_paragraph(self) -> None:
        if self._in_table or self._cells:
            self._text.append("\n")
            return
        text = self._taken()
        self._end_table()
        self.document.paragraphs += lines_of(text)

    def _end_row(self) -> None:
        if self._table is None:
            self._table = WrittenTable(_EDGE_TOLERANCE)
        self._table.add_row(self._shape.cells(self._cells))
        self._cells = []

    def _end_table(self) -> None:
        if self._table is not None:
            add_grid(self.document, self._table.grid())
            self._table = None
