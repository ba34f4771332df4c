"""Chooses the reader of a file by its content, never by its name."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from scraper.documents import bundle, ocr, pdf, rtf, sheets, word, word97
from scraper.documents.characters import decode
from scraper.documents.document import Document, TooLarge
from scraper.documents.html import read_html
from scraper.documents.package import Package
from scraper.documents.refusal import Refused, needing
from scraper.documents.text import read_text
from scraper.messages import ScraperError, message

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|div|table|tr|td|p|span|meta)\b", re.IGNORECASE)
_MHT = re.compile(rb"\A[\w-]+:[^\0]{0,4000}multipart/related", re.IGNORECASE)
_BITMAP = re.compile(rb"\ABM.{4}\0{4}", re.DOTALL)

# What a damaged file makes its reader raise.
_DAMAGE = (
    ValueError, LookupError, ArithmeticError, struct.error, zlib.error, EOFError, OSError, BadZipFile,
    ParseError, RecursionError, NotImplementedError,
)  # fmt: skip

# Of a page or text, in bytes; the longest real ones have a twentieth of it.
_MOST_CHARACTERS = 10_000_000

# What may stand before the beginning proper of a file.
_PADDING = b"\xef\xbb\xbf \r\n\t\0"
_BEGINNING = 1024


def read_document(data: bytes, name: str, http_charset: str | None = None) -> Document:
    """The paragraphs and grids of a file, whatever its format.

    ``name`` is the file or address that messages speak of. Raises :class:`ScraperError` if the file is
    empty, damaged, encrypted, far too large, of a format that is not read, or of one whose extra is not
    installed.
    """
    return _read(data, name, http_charset, _read_member)


def web_page(data: bytes, http_charset: str | None = None) -> str | None:
    """The characters of a web page, also of one that was saved as MHT; None for a file of another kind."""
    if (kind := _kind(data)) == "MHT":
        data, http_charset = bundle.html_of_mht(data)
    elif kind is not None:
        return None
    text = decode(data, http_charset)
    return text if _MARKUP.search(text) else None


def _read_member(data: bytes, name: str) -> Document:
    return _read(data, name, None, _refuse_bundle)


def _refuse_bundle(data: bytes, name: str) -> Document:
    raise ScraperError(message("bundle_nested", name=name))


def _read(data: bytes, name: str, http_charset: str | None, member: bundle.ReadMember) -> Document:
    if not data.strip():
        raise ScraperError(message("file_empty", name=name))
    kind = _kind(data)
    try:
        if kind is None:
            return _read_characters(data, http_charset)
        if kind == "ZIP":
            return _read_package(data, member)
        return _READERS[kind](data)
    except TooLarge as error:
        raise ScraperError(message("file_too_large", name=name)) from error
    except Refused as refused:
        raise ScraperError(message(refused.code, **{"name": name, **refused.values})) from refused
    except _DAMAGE as error:
        if kind is None:
            raise
        raise ScraperError(message("file_damaged", name=name, kind=kind)) from error


def _kind(data: bytes) -> str | None:
    """The format of a file that is not of characters alone."""
    beginning = data[:_BEGINNING].lstrip(_PADDING)
    for signature, kind in _SIGNATURES:
        if beginning.startswith(signature):
            return kind
    if _BITMAP.match(data):
        return "BMP"
    return "MHT" if _MHT.match(data) else None


def _read_characters(data: bytes, http_charset: str | None) -> Document:
    if len(data) > _MOST_CHARACTERS:
        raise TooLarge
    text = decode(data, http_charset)
    return read_html(text) if _MARKUP.search(text) else read_text(text)


def _read_mht(data: bytes) -> Document:
    return _read_characters(*bundle.html_of_mht(data))


def _read_package(data: bytes, member: bundle.ReadMember) -> Document:
    package = Package(data)
    if "xl/workbook.xml" in package.names:
        return sheets.read_xlsx(package)
    if word.is_docx(package):
        return word.read_docx(package)
    if member is _refuse_bundle or not package.names:
        raise Refused("bundle_nested")
    for part, kind in _OTHER_PACKAGES.items():
        if part in package.names:
            raise Refused("format_not_read", kind=kind)
    return bundle.read_zip(package, member)


def _read_compound(data: bytes) -> Document:
    with needing("office", "DOC/XLS"):
        import olefile

    with olefile.OleFileIO(BytesIO(data)) as file:
        streams = {"/".join(parts) for parts in file.listdir(storages=False)}

        def stream(name: str) -> bytes:
            return file.openstream(name).read() if name in streams else b""

        if "EncryptedPackage" in streams:
            raise Refused("file_encrypted")
        if "WordDocument" in streams:
            tables = {name: stream(name) for name in ("0Table", "1Table")}
            return word97.read_doc(stream("WordDocument"), tables, stream("Data"))
        if streams & {"Workbook", "Book"}:
            return sheets.read_xls(data, stream("Workbook") or stream("Book"))
    raise Refused("format_not_read", kind="OLE")


def _read_pdf(data: bytes) -> Document:
    return pdf.read_pdf(data, ocr.read_scan)


def _refuse_archive(kind: str) -> Callable[[bytes], Document]:
    def refuse(data: bytes) -> Document:
        raise Refused("archive_not_read", kind=kind)

    return refuse


_READERS: dict[str, Callable[[bytes], Document]] = {
    "PDF": _read_pdf,
    "DOC/XLS": _read_compound,
    "RTF": rtf.read_rtf,
    "MHT": _read_mht,
    **{kind: _refuse_archive(kind) for kind in ("RAR", "7z", "gzip")},
    **dict.fromkeys(("PNG", "JPEG", "TIFF", "BMP", "GIF", "WebP"), ocr.read_image),
}
_SIGNATURES = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "DOC/XLS"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"GIF8", "GIF"),
    (b"RIFF", "WebP"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
)
_OTHER_PACKAGES = {"OFD.xml": "OFD", "ppt/presentation.xml": "PPTX", "content.xml": "ODT/ODS"}
