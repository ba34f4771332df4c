"""Which files of a folder are taken, and which only belong to a page that was saved beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scraper.importing import manifest

# The folder of a page's parts has the page's name and one of these endings.
_PARTS = ("_files", ".files")
_PAGES = (".html", ".htm", ".shtml", ".xhtml", ".jhtml", ".mht", ".mhtml")
# What may be a report of its own among a page's parts: framed pages and files.
_DOCUMENTS = (*_PAGES, ".pdf", ".doc", ".docx", ".wps", ".rtf", ".xls", ".xlsx", ".et", ".zip")
# What stands beside WARC files: indexes, which are made anew, and notes of the program that wrote them.
_BESIDE_WARC = (
    ".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz", ".json", ".jsonl", ".sqlite", ".sqlite-shm", ".sqlite-wal",
)  # fmt: skip


def files_below(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Each file below ``folder``, and whether it is to be taken.

    Left are scripts, pictures and the like in the folder that a browser makes for a saved page, indexes and
    notes that stand beside WARC files, and manifests. Hidden files are not mentioned: systems and editors
    leave them behind.
    """
    for path in sorted(found for found in folder.rglob("*") if found.is_file()):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path, not _is_left(path, folder)


def _is_left(path: Path, folder: Path) -> bool:
    name = path.name.lower()
    if name == manifest.NAME or name.endswith(_BESIDE_WARC):
        return True
    inside = path.relative_to(folder).parents
    return not name.endswith(_DOCUMENTS) and any(_is_parts_folder(folder / parent) for parent in inside)


def _is_parts_folder(folder: Path) -> bool:
    for ending in _PARTS:
        page = folder.name.removesuffix(ending)
        if page != folder.name:
            return any((folder.parent / f"{page}{suffix}").is_file() for suffix in _PAGES)
    return False
