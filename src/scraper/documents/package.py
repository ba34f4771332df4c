"""ZIP packages and the XML in them, read within limits that no report reaches."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from xml.etree.ElementTree import Element, TreeBuilder, XMLParser
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from scraper.documents.document import TooLarge
from scraper.documents.refusal import Refused

_MOST_MEMBERS = 2_000
_MOST_BYTES = 200_000_000

# Of one XML part, such as the text of a Word file.
_MOST_XML_BYTES = 64_000_000
_MOST_ELEMENTS = 500_000

_ENCRYPTED = 0x1
_NAMES_ARE_UTF_8 = 0x800


class Package:
    """The members of a ZIP file.

    Raises :class:`TooLarge` where they are too many or together too large, whatever their compressed
    size; a member never yields more than it declares.
    """

    def __init__(self, data: bytes) -> None:
        self._zip = ZipFile(BytesIO(data))
        self._members = {member.filename: member for member in self._zip.infolist() if not member.is_dir()}
        if len(self._zip.infolist()) > _MOST_MEMBERS or self.size > _MOST_BYTES:
            raise TooLarge

    @property
    def size(self) -> int:
        """Bytes of all members, uncompressed."""
        return sum(member.file_size for member in self._zip.infolist())

    @property
    def names(self) -> list[str]:
        """The members' names as Python decodes them, in their order."""
        return list(self._members)

    def shown_name(self, name: str) -> str:
        """The name of a member as its author saw it: without the UTF-8 mark Chinese programs write GBK."""
        if self._members[name].flag_bits & _NAMES_ARE_UTF_8:
            return name
        raw = name.encode("cp437", errors="replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
        return name

    def read(self, name: str) -> bytes:
        """A member's bytes. Raises KeyError where there is none, :class:`Refused` where it is locked."""
        member = self._members[name]
        _check(member)
        return self._zip.read(member)

    def read_xml(self, name: str) -> Element:
        """The root of an XML member; tags and attributes without their namespaces."""
        if self._members[name].file_size > _MOST_XML_BYTES:
            raise TooLarge
        return parse_xml(self.read(name))


def _check(member: ZipInfo) -> None:
    if member.flag_bits & _ENCRYPTED:
        raise Refused("file_encrypted")
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise Refused("format_not_read", kind="ZIP")


def parse_xml(data: bytes) -> Element:
    """The root of an XML text; tags and attributes without their namespaces.

    Raises :class:`TooLarge` beyond half a million elements, and :class:`Refused` for a document type:
    office formats have none, and entities that it declares can blow up any text.
    """
    parser = XMLParser(target=_BoundedTree())  # noqa: S314 - the tree refuses what makes it vulnerable
    parser.feed(data)
    root: Element = parser.close()
    return root


class _BoundedTree:
    def __init__(self) -> None:
        self._tree = TreeBuilder()
        self._elements = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        if self._elements > _MOST_ELEMENTS:
            raise TooLarge
        self._tree.start(local(tag), {local(name): value for name, value in attributes.items()})

    def end(self, tag: str) -> None:
        self._tree.end(local(tag))

    def data(self, text: str) -> None:
        self._tree.data(text)

    def doctype(self, *_declared: object) -> None:
        raise Refused("file_damaged", kind="XML")

    def close(self) -> Element:
        return self._tree.close()


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]
