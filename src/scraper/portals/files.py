"""The files that a report's page leads to: attachments, and pictures where tables should be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit
from zipfile import BadZipFile

from scraper.documents.characters import fold
from scraper.documents.document import TooLarge
from scraper.documents.package import Package
from scraper.forms.identity import names_report
from scraper.portals.addresses import join, same_as
from scraper.portals.page import Link, Page
from scraper.portals.wording import pattern


def is_file(link: Link) -> bool:
    """Whether a link leads to a file by its address, its text, or the portal's way to give files out."""
    if pattern("file", "ending").search(urlsplit(link.url).path):
        return True
    return bool(pattern("file", "ending").search(link.label) or pattern("file", "download").search(link.url))


def files_of(page: Page) -> list[Link]:
    """The files that ``page`` links to or shows in a viewer, each once."""
    found: dict[str, Link] = {}
    for link in page.links:
        target = _shown_in_viewer(link, page) or link
        if is_file(target):
            found.setdefault(same_as(target.url), target)
    return list(found.values())


def pictures_of(page: Page) -> list[Link]:
    """Pictures that may be scans of the page's tables: none of those that decorate a portal."""
    found: dict[str, Link] = {}
    for link in _pictures(page):
        if not pattern("file", "no_picture").search(link.url):
            found.setdefault(same_as(link.url), link)
    return list(found.values())


def titles_in_zip(body: bytes) -> list[str]:
    """The names of a ZIP file's members that are titles of reports, without their endings."""
    try:
        package = Package(body)
    except (BadZipFile, TooLarge):
        return []
    names = (PurePosixPath(package.shown_name(name).replace("\\", "/")).stem for name in package.names)
    return [name for name in names if names_report(name)]


def _pictures(page: Page) -> Iterator[Link]:
    for node in page.tree.css("img[src]"):
        attributes = node.attributes
        target = join(page.base, attributes.get("src") or "")
        if target and pattern("file", "picture").search(urlsplit(target).path):
            yield Link(target, fold(attributes.get("alt") or attributes.get("title") or ""))


def _shown_in_viewer(link: Link, page: Page) -> Link | None:
    """The file behind ``viewer.html?file=…``."""
    found = pattern("file", "viewer").search(link.url)
    target = join(page.base, unquote(found["url"])) if found else None
    return link._replace(url=target) if target else None
