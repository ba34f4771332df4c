"""WACZ files: a ZIP with WARC files, and the list of its members with their digests."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from zipfile import BadZipFile, ZipFile

from scraper.importing.bodies import digest_fits
from scraper.importing.intake import Intake
from scraper.importing.warc import WarcImport
from scraper.messages import ScraperError, message

_LIST = "datapackage.json"
_LIST_DIGEST = "datapackage-digest.json"
_LARGEST_LIST = 20_000_000
_MULTI = "multi-wacz-package"
# What ZipFile raises for damage, members that are locked, and compression that Python lacks.
_UNREADABLE = (BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)


@dataclass(frozen=True)
class _Resource:
    """A member as the list describes it: its digest, such as ``sha256:`` and hexadecimal, and its bytes."""

    digest: str
    size: int | None


def is_wacz(path: Path) -> bool:
    """Whether a file is a ZIP with the list that makes it a WACZ, or a package of several."""
    try:
        with ZipFile(path) as package:
            members = package.namelist()
    except _UNREADABLE:
        return False
    archived = any(name.startswith("archive/") or name.lower().endswith(".wacz") for name in members)
    return _LIST in members and archived


def take_wacz(path: Path, warcs: WarcImport, intake: Intake) -> None:
    """Takes the WARC files of a WACZ whose digests fit; every member whose digest doesn't is refused.

    Raises :class:`ScraperError` where the list of members is damaged or was altered, and where the file
    is a package of several WACZ files.
    """
    try:
        package = ZipFile(path)
    except _UNREADABLE as error:
        raise ScraperError(message("wacz_damaged", name=path)) from error
    with package:
        for name in _sound_warcs(path, package, _resources(path, package), intake):
            with package.open(name) as member:
                warcs.take(member, f"{path.resolve().as_uri()}#{quote(name)}", f"{path}#{name}", intake)


def _resources(path: Path, package: ZipFile) -> dict[str, _Resource]:
    """The members that the list names, by their path."""
    try:
        written = _read(package, _LIST)
        described = json.loads(written)
        digest = json.loads(_read(package, _LIST_DIGEST)) if _LIST_DIGEST in package.namelist() else None
        found = {
            entry["path"]: _Resource(str(entry.get("hash") or ""), entry.get("bytes"))
            for entry in described.get("resources", [])
        }
    except (*_UNREADABLE, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ScraperError(message("wacz_damaged", name=path)) from error
    if described.get("profile") == _MULTI or any(name.lower().endswith(".wacz") for name in found):
        raise ScraperError(message("wacz_of_several", name=path))
    if digest is not None and not digest_fits(str(digest.get("hash")), written):
        raise ScraperError(message("wacz_list_altered", name=path))
    return found


def _read(package: ZipFile, name: str) -> bytes:
    with package.open(name) as member:
        return member.read(_LARGEST_LIST)


def _sound_warcs(
    path: Path, package: ZipFile, resources: Mapping[str, _Resource], intake: Intake
) -> Iterator[str]:
    present = [name for name in package.namelist() if not name.endswith("/")]
    for name in resources:
        if name not in present:
            intake.refuse("wacz_member_missing", str(path), "", member=name)
    for name in present:
        warc = name.startswith("archive/")
        resource = resources.get(name)
        if resource is None or not resource.digest:
            if warc:
                intake.refuse("wacz_member_unlisted", str(path), "", member=name)
        elif not _fits(package, name, resource):
            intake.refuse("wacz_member_altered", str(path), "", member=name)
        elif warc:
            yield name


def _fits(package: ZipFile, name: str, resource: _Resource) -> bool:
    kind, _, stated = resource.digest.partition(":")
    try:
        digest = hashlib.new(kind.lower().replace("-", ""), usedforsecurity=False)
        with package.open(name) as member:
            while block := member.read(1_000_000):
                digest.update(block)
    except (*_UNREADABLE, ValueError):
        return False
    fits = digest.hexdigest() == stated.strip().lower()
    return fits and resource.size in (None, package.getinfo(name).file_size)
