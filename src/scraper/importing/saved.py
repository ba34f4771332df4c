"""Where and when a saved page was saved, as the program that saved it noted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime

_BEGINNING = 8192
# Browsers give the length of the address in four digits: <!-- saved from url=(0023)http://… -->
_BROWSER = re.compile(rb"<!--\s*saved from url=\((\d{4})\)(\S+?)\s*-->", re.IGNORECASE)
_SINGLE_FILE = re.compile(
    rb"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)\s+saved date:\s*([^\n]+?)\s*(?:-->|\n)", re.IGNORECASE
)
# As scripts write times: Sat Jan 02 2021 10:11:12 GMT+0800 (China Standard Time)
_SCRIPT_TIME = re.compile(r"\w{3} (\w{3} \d{2} \d{4} \d{2}:\d{2}:\d{2}) GMT([+-]\d{4})")
_MHT = re.compile(rb"\A[\w-]+:[^\0]{0,4000}multipart/related", re.IGNORECASE)


@dataclass(frozen=True)
class SavedPage:
    """The address that a saved page had, and when it was saved; None where that is not noted."""

    url: str
    saved_at: datetime | None


def read_saved(content: bytes) -> SavedPage | None:
    """What a page saved by a browser, by SingleFile or as MHTML notes; None for all other files."""
    beginning = content[:_BEGINNING]
    if _MHT.match(beginning.lstrip()):
        return _of_mht(content)
    if found := _SINGLE_FILE.search(beginning):
        return _saved(
            found.group(1).decode(errors="replace"), _script_time(found.group(2).decode(errors="replace"))
        )
    if found := _BROWSER.search(beginning):
        return _saved(found.group(2).decode(errors="replace"), None)
    return None


def _saved(url: str, moment: datetime | None) -> SavedPage | None:
    """Pages that were saved from a disk note that; they have no address of their own."""
    return SavedPage(url, moment) if re.match(r"https?://[^/\s]+", url) else None


def _of_mht(content: bytes) -> SavedPage | None:
    head, _, _ = content.lstrip().partition(b"\r\n\r\n" if b"\r\n\r\n" in content else b"\n\n")
    fields = message_from_bytes(head)
    url = (
        fields.get("Snapshot-Content-Location") or fields.get("Content-Location") or _first_location(content)
    )
    try:
        moment = parsedate_to_datetime(str(fields["Date"]))
    except (TypeError, ValueError):
        moment = None
    return _saved(str(url or "").strip(), moment and moment.replace(tzinfo=moment.tzinfo or UTC))


def _first_location(content: bytes) -> str:
    """The address of the first part, which is the page; where the file as a whole has none."""
    found = re.search(rb"^Content-Location:\s*(\S+)", content[:_BEGINNING], re.IGNORECASE | re.MULTILINE)
    return found.group(1).decode(errors="replace") if found else ""


def _script_time(written: str) -> datetime | None:
    found = _SCRIPT_TIME.search(written)
    try:
        return datetime.strptime(" ".join(found.groups()), "%b %d %Y %H:%M:%S %z") if found else None
    except ValueError:
        return None
