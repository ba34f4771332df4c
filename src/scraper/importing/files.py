"""Local files into the archive, so that they are read and traced like crawled pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from mimetypes import guess_type
from pathlib import Path

from scraper.archive import Archive
from scraper.importing import manifest
from scraper.importing.folder import files_below
from scraper.importing.intake import Found, Intake
from scraper.importing.members import begins_record
from scraper.importing.originals import Originals
from scraper.importing.records import LARGEST_RECORD
from scraper.importing.saved import SavedPage, read_saved
from scraper.importing.wacz import is_wacz, take_wacz
from scraper.importing.warc import WarcImport
from scraper.messages import ScraperError

_WARC_NAMES = (".warc", ".warc.gz", ".arc.gz")
_BEGINNING = 65_536

_Manifests = Mapping[Path, list[SavedPage]]
"""Files below a manifest, with the addresses that it gives each; none where it gives it a wrong one."""


def import_files(paths: Iterable[Path], archive: Archive) -> list[Intake]:
    """Takes each file, and each file below a folder; what came of it for each path.

    Responses in WARC, ARC and WACZ files keep their address and time. So do saved pages that note where
    they are from, and files that a ``manifest.csv`` beside or above them lists. All others are kept under
    their ``file:`` address. What the archive has already is not taken again.
    """
    intakes: list[Intake] = []
    with Originals(archive) as originals:
        warcs = WarcImport(originals)
        for path in paths:
            intake = Intake(archive, str(path), _kind(path))
            intakes.append(intake)
            try:
                _FileImport(warcs, intake).take(path)
            except ScraperError as error:
                intake.refused.append(error.said)
        warcs.finish()
    return intakes


def _kind(path: Path) -> str:
    if path.is_dir():
        return "folder"
    if _is_wacz(path):
        return "wacz"
    return "warc" if _is_warc(path) else "file"


class _FileImport:
    """Takes what one path of the command line names."""

    def __init__(self, warcs: WarcImport, intake: Intake) -> None:
        self._warcs = warcs
        self._intake = intake

    def take(self, path: Path) -> None:
        """Takes the file or folder. Raises :class:`ScraperError` where a manifest can't be read."""
        if path.name.lower() == manifest.NAME:
            listed = self._listed([path])
            for file in listed:
                self._take_file(file, listed)
        elif path.is_dir():
            listed = self._listed(sorted(path.rglob(manifest.NAME)))
            for file, wanted in files_below(path):
                if wanted or file.resolve() in listed:
                    self._take_file(file, listed)
                else:
                    self._intake.left_out += 1
        else:
            self._take_file(path, {})

    def _listed(self, manifests: Iterable[Path]) -> dict[Path, list[SavedPage]]:
        listed: dict[Path, list[SavedPage]] = {}
        for path in manifests:
            for entry in manifest.read_manifest(path):
                if isinstance(entry, manifest.Entry):
                    listed.setdefault(entry.path, []).append(SavedPage(entry.url, entry.captured_at))
                else:
                    file, wrong = entry
                    self._intake.refused.append(wrong)
                    if file is not None:
                        listed.setdefault(file, [])
        return listed

    def _take_file(self, path: Path, listed: _Manifests) -> None:
        try:
            if _is_wacz(path):
                take_wacz(path, self._warcs, self._intake)
            elif _is_warc(path):
                with path.open("rb") as file:
                    self._warcs.take(file, path.resolve().as_uri(), str(path), self._intake)
            elif path.stat().st_size > LARGEST_RECORD:
                most = LARGEST_RECORD // 1_000_000
                self._intake.refuse("capture_too_large", str(path), path.resolve().as_uri(), megabytes=most)
            else:
                self._take_document(path, listed.get(path.resolve()))
        except OSError as error:
            self._intake.refuse("file_unreadable", str(path), "", reason=error.strerror or error)
        except ScraperError as error:
            self._intake.refused.append(error.said)

    def _take_document(self, path: Path, listed: list[SavedPage] | None) -> None:
        body = path.read_bytes()
        if listed is None:
            noted = read_saved(body)
            listed = [noted] if noted else [SavedPage(path.resolve().as_uri(), None)]
        for page in listed:
            self._intake.take(_found(path, page, body), dated=page.saved_at is not None)


def _found(path: Path, page: SavedPage, body: bytes) -> Found:
    """A saved file at its address; saved when the file was last altered, where nothing else is known."""
    own = path.resolve().as_uri()
    # Of a file without another address what counts is that it holds this now.
    altered = datetime.now(UTC) if page.url == own else datetime.fromtimestamp(path.stat().st_mtime, UTC)
    mime, _ = guess_type(path.name)
    return Found(
        url=page.url,
        captured_at=page.saved_at or altered,
        status_line="",
        headers=[("Content-Type", mime or "application/octet-stream")],
        body=body,
        place=str(path),
        source=own,
    )


def _is_warc(path: Path) -> bool:
    if path.name.lower().endswith(_WARC_NAMES):
        return True
    try:
        with path.open("rb") as file:
            return begins_record(file.read(_BEGINNING))
    except OSError:
        return False


def _is_wacz(path: Path) -> bool:
    return path.name.lower().endswith(".wacz") or is_wacz(path)
