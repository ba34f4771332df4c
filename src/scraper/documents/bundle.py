"""Files of files: ZIP archives of a report's parts, and web pages saved as one file (MHT)."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes, policy

from scraper.documents.document import Document, TooLarge
from scraper.documents.package import Package
from scraper.documents.refusal import Refused
from scraper.messages import Message, ScraperError, message

# Of all members together: paragraphs and rows of tables, far beyond any report; parts of an MHT file.
_MOST_LINES = 200_000
_MOST_PARTS = 1_000

ReadMember = Callable[[bytes, str], Document]
"""Reads a member by its bytes and the name that messages call it."""

# What an operating system adds on its own.
_NOT_MEMBERS = ("__MACOSX/", ".DS_Store", "Thumbs.db")


def read_zip(package: Package, read: ReadMember) -> Document:
    """One document of all members, in their order; those that can't be read are notices.

    Raises :class:`Refused` where no member can be read, :class:`TooLarge` where they hold too much.
    """
    found = Document()
    parts = lines = 0
    for name in package.names:
        if any(mark in name for mark in _NOT_MEMBERS):
            continue
        shown = package.shown_name(name)
        try:
            part = read(package.read(name), shown)
        except (ScraperError, Refused) as refusal:
            found.notices.append(_notice(refusal, shown))
            continue
        parts += 1
        lines += len(part.paragraphs) + sum(len(grid.rows) for grid in part.grids)
        if lines > _MOST_LINES:
            raise TooLarge
        found.paragraphs += part.paragraphs
        found.grids += part.grids
        found.titles += part.titles
        found.notices += part.notices
        found.links += part.links
        found.metadata = {**part.metadata, **found.metadata}
    if not parts:
        raise Refused("bundle_unreadable", reasons=" ".join(map(str, found.notices)))
    return found


def _notice(refusal: ScraperError | Refused, name: str) -> Message:
    if isinstance(refusal, ScraperError):
        return refusal.said
    return message(refusal.code, name=name, **refusal.values)


def html_of_mht(data: bytes) -> tuple[bytes, str | None]:
    """The page in an MHT file, and the charset that the file gives it.

    Raises :class:`Refused` where the file has none, :class:`TooLarge` where it has too many parts.
    """
    if data.count(b"\n--") > _MOST_PARTS:
        raise TooLarge
    for part in message_from_bytes(data, policy=policy.default).walk():
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                return payload, part.get_content_charset()
    raise Refused("file_damaged", kind="MHT")
