"""A report's own text: its page's paragraphs without what portals set around them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from scraper.documents import Document
from scraper.documents.characters import fold
from scraper.forms.identity import names_report

# A title may stand in two lines.
_SHORTEST_TITLE = 8


def own_text(document: Document, title: str | None) -> list[str]:
    """The paragraphs of the report in ``document``, as printed, without menus, counters and footers.

    ``title`` is the report's, as :func:`identify` found it: what stands before it on the page is none of
    its text, nor is the title itself. The words that tell the rest are in ``own_text.toml``.
    """
    lines = list(_lines(document.paragraphs))
    folded = [fold(line) for line in lines]
    begin = _begin(folded, title)
    end = _end(folded, begin)
    own = (number for number in range(begin, end) if not _is_of_page(folded[number]))
    return [lines[number] for number in own]


def _lines(paragraphs: Sequence[str]) -> Iterator[str]:
    for paragraph in paragraphs:
        for line in paragraph.splitlines():
            tidy = " ".join(_pattern("page", "counter").sub("", line).split())
            if tidy:
                yield tidy


def _begin(lines: Sequence[str], title: str | None) -> int:
    """Where the first sentence or heading behind the title stands."""
    titled = next((number for number, line in enumerate(lines) if _is_title(line, title)), -1)
    for start in (titled + 1, 0):
        for number in range(start, len(lines)):
            if _is_own(lines[number]):
                return number
    return len(lines)


def _is_title(line: str, title: str | None) -> bool:
    flat = "".join(line.split())
    if title is not None and len(flat) >= _SHORTEST_TITLE and (flat in title or title in flat):
        return True
    return names_report(line)


def _end(lines: Sequence[str], begin: int) -> int:
    """Behind the last sentence or heading, and before what follows on the page."""
    headings = [
        number for number in range(begin, len(lines)) if _pattern("line", "heading").match(lines[number])
    ]
    last = max(headings, default=None)
    stop = len(lines)
    if last is not None:
        stop = next((number for number in range(last + 1, stop) if _is_of_page(lines[number])), stop)
    for number in range(stop - 1, begin - 1, -1):
        line = lines[number]
        if _is_own(line) or (number - 1 == last and _pattern("line", "nothing").fullmatch(line)):
            return number + 1
    return begin


def _is_own(line: str) -> bool:
    if _is_of_page(line):
        return False
    return any(_pattern("line", kind).search(line) for kind in ("sentence", "long", "heading"))


def _is_of_page(line: str) -> bool:
    if _any("always").search(line):
        return True
    said = any(_pattern("line", kind).search(line) for kind in ("sentence", "heading"))
    return not said and bool(_any("unless_sentence").search(line))


@cache
def _wording() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "own_text.toml").read_text(encoding="utf-8"))


@cache
def _pattern(table: str, key: str) -> re.Pattern[str]:
    return re.compile(_wording()[table][key])


@cache
def _any(key: str) -> re.Pattern[str]:
    return re.compile("|".join(_wording()["page"][key]))
