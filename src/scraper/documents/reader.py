"""Chooses the reader of a file by its content, never by its name."""

from __future__ import annotations

import re

from scraper.documents.characters import decode
from scraper.documents.document import Document
from scraper.documents.html import read_html
from scraper.documents.text import read_text
from scraper.messages import ScraperError, message

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|div|table|tr|td|p|span|meta)\b", re.IGNORECASE)
_OTHER_FORMATS = (
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "DOCX/XLSX/ZIP"),
    (b"\xd0\xcf\x11\xe0", "DOC/XLS"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"{\\rtf", "RTF"),
)


def read_document(data: bytes, name: str, http_charset: str | None = None) -> Document:
    """The paragraphs and grids of an HTML page or a text with ``|`` tables.

    ``name`` is the file or address that messages speak of. Raises :class:`ScraperError` if the file is
    empty or of a format that is not read.
    """
    if not data.strip():
        raise ScraperError(message("file_empty", name=name))
    for magic, kind in _OTHER_FORMATS:
        if data.startswith(magic):
            raise ScraperError(message("format_not_read", name=name, kind=kind))
    text = decode(data, http_charset)
    return read_html(text) if _MARKUP.search(text) else read_text(text)
