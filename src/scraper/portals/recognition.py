"""What a fetched page is: a report, a page around a report's files, or something else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from scraper.documents import Document, read_document
from scraper.documents.characters import fold
from scraper.forms.identity import Identity, identify, is_narrative, names_report
from scraper.messages import ScraperError
from scraper.portals.page import Page
from scraper.portals.wording import pattern, wording

What = Literal["report", "cover", "shell", "other"]
"""``cover``: titled as a report but without its text, which lies in files. ``shell``: nothing without
scripts."""

# A paragraph this long is the report's own; portals' frames have shorter ones.
_OWN_PARAGRAPH = 40
_SHELL_CHARACTERS = 300
_SHELL_LINKS = 3
# Characters around an address among which the text says what can be read there.
_NEAR_BEFORE = 40
_NEAR_BEHIND = 12


@dataclass(frozen=True)
class Recognised:
    """A page as far as a crawl needs to know it.

    ``has_tables`` tells of statutory tables in the page itself. ``digest`` is the same for all copies of
    a report's text, whatever page they stand in; None where there is no text. ``quoted`` are addresses at
    which the text says that the report can be read.
    """

    what: What
    identity: Identity
    has_tables: bool = False
    digest: str | None = None
    quoted: tuple[str, ...] = ()


def recognise(page: Page, label: str = "") -> Recognised:
    """Tells whether ``page`` is a report; ``label`` is the text of the link to it."""
    try:
        document = read_document(page.text.encode(), page.url, "utf-8")
    except ScraperError:
        document = None
    # Most pages say so much that they need no second look, which costs as much again as this one.
    if page.data is None and not _says_enough(document, page) and is_shell(page):
        return Recognised("shell", Identity())
    if document is None:
        return Recognised("other", Identity())
    return _recognised(document, page.url, label)


def _recognised(document: Document, url: str, label: str) -> Recognised:
    identity = identify(document, url)
    grids = [text for text in map(_cells, document.grids) if _is_statutory(text)]
    has_tables = bool(grids) and _is_statutory("".join(grids), int(wording()["tables"]["enough"]))
    what: What = "other"
    if identity.title is None and _is_decoy(document):
        what = "other"
    elif has_tables or is_narrative(identity, document):
        what = "report"
    elif identity.title is not None or names_report(label):
        what = "cover"
    quoted = tuple(_quoted_addresses(document)) if what == "report" else ()
    return Recognised(what, identity, has_tables, _digest(grids, document), quoted)


def _says_enough(document: Document | None, page: Page) -> bool:
    """Whether a page shows so much without scripts that it is no shell."""
    if document is None or "{{" in page.text:
        return False
    return sum(map(len, document.paragraphs)) >= _SHELL_CHARACTERS


def is_shell(page: Page) -> bool:
    """Whether a page shows next to nothing and leaves the rest to its scripts."""
    if "{{" in page.text and "}}" in page.shown:
        return True
    scripted = any(node.attributes.get("src") for node in page.tree.css("script"))
    return scripted and len(page.links) < _SHELL_LINKS and len(page.shown.strip()) < _SHELL_CHARACTERS


def is_empty(page: Page) -> bool:
    """Whether a page that should list something has neither links nor text."""
    return page.data is None and not page.links and len(page.shown.strip()) < _SHELL_CHARACTERS


def moved_addresses(page: Page) -> Iterator[str]:
    """Addresses to which a notice on ``page`` says that the site has moved."""
    if "http" in page.shown:
        yield from _addresses_in(page.shown, "site", "moved_near")


def _quoted_addresses(document: Document) -> Iterator[str]:
    before = ""
    for line in document.lines():
        if "//" in line or "／／" in line:
            yield from _addresses_in(fold(f"{before[-_NEAR_BEFORE:]}\n{line}"), "quoted", "quoted_near")
        before = line


def _addresses_in(text: str, address: str, words: str) -> Iterator[str]:
    """Addresses near which ``text`` says what can be found there."""
    near = pattern("address", words)
    for found in pattern("address", address).finditer(text):
        if near.search(text, max(0, found.start() - _NEAR_BEFORE), found.end() + _NEAR_BEHIND):
            yield found["url"]


def _cells(grid: object) -> str:
    rows = getattr(grid, "rows", ())
    return "\n".join(fold(cell.text) for row in rows for cell in row)


def _is_statutory(text: str, enough: int = 1) -> bool:
    flat = "".join(text.split())
    return sum(word in flat for word in wording()["tables"]["words"]) >= enough


def _is_decoy(document: Document) -> bool:
    return any(pattern("loose", "decoy").search(fold(title)) for title in document.titles[:2])


def _digest(grids: list[str], document: Document) -> str | None:
    own = [text for text in map(fold, document.paragraphs) if len(text) >= _OWN_PARAGRAPH]
    flat = "".join("\n".join([*grids, *own]).split())
    return hashlib.sha256(flat.encode()).hexdigest() if flat else None
