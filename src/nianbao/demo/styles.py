"""How three families of portals print pages. What the families are like: docs/portals.md."""

from __future__ import annotations

import posixpath
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

from nianbao.demo.tables import Cell, Line


@dataclass(frozen=True)
class Article:
    """A page that a list links to; ``content`` is HTML, ``banner`` says what of it is invented."""

    number: int
    title: str
    published: date
    publisher: str
    banner: str
    content: str = ""


class Style(ABC):
    """Addresses and markup of one family; the words of its pages are in ``templates``.

    ``wording`` gives labels that the family's editors print otherwise than the form does.
    """

    name: str
    charset = "utf-8"
    content_type = "text/html; charset=utf-8"

    def __init__(self, list_path: str, wording: Mapping[str, str]) -> None:
        self.list_path = list_path
        self._wording = wording

    @abstractmethod
    def list_paths(self, pages: int) -> list[str]:
        """Where the pages of the list are, the first page first."""

    @abstractmethod
    def article_path(self, article: Article) -> str:
        """Where an article is."""

    @abstractmethod
    def pager(self, number: int, paths: Sequence[str]) -> dict[str, str]:
        """What the list's template needs to lead on from page ``number``, counted from 0."""

    def link(self, target: str, page: str) -> str:
        """How ``page`` writes the address of ``target``."""
        return posixpath.relpath(target, posixpath.dirname(page))

    def fill(self, part: str, **values: object) -> str:
        """A part of a page; ``values`` are HTML."""
        return _template(f"{self.name}_{part}.html").substitute(values)

    def heading(self, text: str) -> str:
        """A heading in an article."""
        return f"<p><strong>{escape(text)}</strong></p>\n"

    def paragraph(self, text: str) -> str:
        """A paragraph in an article."""
        return f"<p>{escape(text)}</p>\n"

    def table(self, lines: Sequence[Line]) -> str:
        """A table in an article."""
        rows = "".join(f"<tr>{''.join(map(self._cell, line))}</tr>\n" for line in lines)
        return f"<table{self._table_attributes()}>\n<tbody>\n{rows}</tbody>\n</table>\n"

    def _table_attributes(self) -> str:
        return ' border="1" cellspacing="0"'

    def _cell(self, cell: Cell) -> str:
        return f"<td{_spans(cell)}>{self._print(cell)}</td>"

    def _print(self, cell: Cell) -> str:
        return escape(self._wording.get(cell.text, cell.text))


class Trs(Style):
    """TRS WCM: dates in addresses, and a pager that only a script draws."""

    name = "trs"

    def list_paths(self, pages: int) -> list[str]:
        """``index.html``, then ``index_1.html``."""
        stem, suffix = posixpath.splitext(self.list_path)
        return [self.list_path, *(f"{stem}_{number}{suffix}" for number in range(1, pages))]

    def article_path(self, article: Article) -> str:
        """The month, then the day and the number."""
        day = article.published
        return f"{posixpath.dirname(self.list_path)}/{day:%Y%m}/t{day:%Y%m%d}_{article.number}.html"

    def pager(self, number: int, paths: Sequence[str]) -> dict[str, str]:
        """The two numbers that the script is called with."""
        return {"pages": str(len(paths)), "current": str(number)}

    def link(self, target: str, page: str) -> str:
        """Relative, with the dot that TRS writes before it."""
        return f"./{super().link(target, page)}"

    def _table_attributes(self) -> str:
        return ' class="statutory"'


class Vsb(Style):
    """VSB: GBK behind a gb2312 label, tables pasted from Word, list pages counted downwards."""

    name = "vsb"
    charset = "gbk"
    content_type = "text/html"

    def list_paths(self, pages: int) -> list[str]:
        """``ndbg.htm``, then ``ndbg/2.htm`` and ``ndbg/1.htm`` of three."""
        stem = posixpath.splitext(self.list_path)[0]
        return [self.list_path, *(f"{stem}/{number}.htm" for number in range(pages - 1, 0, -1))]

    def article_path(self, article: Article) -> str:
        """The column's number, then the article's."""
        return f"/info/1042/{article.number}.htm"

    def pager(self, number: int, paths: Sequence[str]) -> dict[str, str]:
        """Links one page back and one page on; where there is none, the word stays without a link."""
        return {
            "pages": str(len(paths)),
            "current": str(number + 1),
            "previous": self._href(paths[number - 1 : number], paths[number]),
            "next": self._href(paths[number + 1 : number + 2], paths[number]),
        }

    def _href(self, targets: Sequence[str], page: str) -> str:
        return "".join(f'href="{self.link(target, page)}"' for target in targets)

    def heading(self, text: str) -> str:
        """As Word writes it."""
        return f"<p class=MsoNormal style='text-indent:32.0pt'><b>{_word_spans(text)}</b></p>\n"

    def paragraph(self, text: str) -> str:
        """As Word writes it."""
        return f"<p class=MsoNormal style='text-indent:32.0pt'>{_word_spans(text)}</p>\n"

    def _table_attributes(self) -> str:
        style = "border-collapse:collapse;border:none;mso-border-alt:solid windowtext .5pt"
        return f" class=MsoNormalTable border=1 cellspacing=0 cellpadding=0 style='{style}'"

    def _cell(self, cell: Cell) -> str:
        style = "border:solid windowtext 1.0pt;mso-border-alt:solid windowtext .5pt;padding:0cm 5.4pt"
        centred = "class=MsoNormal align=center style='text-align:center;mso-pagination:widow-orphan'"
        return f"<td{_spans(cell)} style='{style}'><p {centred}>{self._print(cell)}</p></td>"

    def _print(self, cell: Cell) -> str:
        """Figures fall apart into a span for each digit, as edited figures do in Word."""
        if cell.kind in ("figure", "total"):
            return "".join(map(_word_spans, cell.text))
        return _word_spans(self._wording.get(cell.text, cell.text))


class Plain(Style):
    """A portal of no known vendor: everything in layout tables, figures typed by hand."""

    name = "plain"

    def list_paths(self, pages: int) -> list[str]:
        """``nianbao.aspx``, then ``nianbao.aspx?page=2``."""
        return [self.list_path, *(f"{self.list_path}?page={number}" for number in range(2, pages + 1))]

    def article_path(self, article: Article) -> str:
        """One address for all, with the article's number in the query."""
        return f"{posixpath.dirname(self.list_path)}/show.aspx?id={article.number}"

    def pager(self, number: int, paths: Sequence[str]) -> dict[str, str]:
        """Numbers, each a link but for the page's own."""
        numbers = (
            f"<b>{shown}</b>"
            if shown == number + 1
            else f'<a href="{self.link(path, paths[number])}">{shown}</a>'
            for shown, path in enumerate(paths, start=1)
        )
        return {"numbers": " ".join(numbers)}

    def _print(self, cell: Cell) -> str:
        if cell.kind in ("figure", "total"):
            figure = f"{Decimal(cell.text):,}"
            return figure.translate(_FULL_WIDTH) if cell.kind == "total" else figure
        text = self._wording.get(cell.text, cell.text)
        return "<br>".join(map(escape, text if cell.kind == "side" else _halves(text)))


STYLES: dict[str, type[Style]] = {style.name: style for style in (Trs, Vsb, Plain)}

_FULL_WIDTH = str.maketrans("0123456789,", "０１２３４５６７８９，")

# Labels up to this length stand in one line.
_SHORT_LABEL = 5


@cache
def _template(name: str) -> Template:
    return Template((files(__package__) / "templates" / name).read_text(encoding="utf-8"))


def _spans(cell: Cell) -> str:
    spans = {"rowspan": cell.rows, "colspan": cell.columns}
    return "".join(f' {name}="{count}"' for name, count in spans.items() if count > 1)


def _word_spans(text: str) -> str:
    """Word begins a new span wherever the script changes."""
    return "".join(
        f"<span lang=EN-US style='mso-bidi-font-size:10.5pt'>{escape(run)}</span>"
        if run.isascii()
        else f"<span style='font-family:宋体;mso-ascii-font-family:Calibri'>{escape(run)}</span>"
        for run in re.findall(r"[\x00-\x7f]+|[^\x00-\x7f]+", text)
    )


def _halves(text: str) -> list[str]:
    middle = len(text) // 2
    return [text[:middle], text[middle:]] if len(text) > _SHORT_LABEL else [text]
