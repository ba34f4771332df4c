"""The archived page of a report, for a frame in which nothing of it can run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, urlsplit

from analysis.present.page import captured
from analysis.present.wording import Wording
from analysis.reports import report as report_called
from nianbao.archived import archived as taken_from_archive
from nianbao.explorer.answering import Answer
from nianbao.explorer.asked import Asked, NotThere, words
from nianbao.explorer.headers import ARCHIVED
from scraper.archive import Payload
from scraper.messages import ScraperError
from scraper.showing import Spot, show_page

_CELL = """
    SELECT raw, metric, applicant FROM fact
    WHERE report_id = $report AND table_no = $table AND "row" = $row AND col = $col
"""


def archived(asked: Asked) -> Answer:
    """The archived page, a cell of it marked if one is asked for; of other files a page that offers them."""
    known = report_called(asked.connection, asked.parts["report"])
    payload = _payload(asked, known)
    if asked.one("file") is not None:
        return _as_file(known, payload)
    title = known["title"] or asked.said("untitled")
    when = captured(known["captured_at"], Wording(asked.language))
    bar = asked.said("archived_bar", captured=when, url=known["url"])
    shown = show_page(payload, known["url"], _spots(asked, known["report_id"]), title, [bar])
    if shown is None:
        raise NotThere(words("archived_file", url=known["url"]))
    return Answer(shown.html.encode("utf-8", "replace"), headers={"content-security-policy": ARCHIVED})


def _payload(asked: Asked, known: dict[str, Any]) -> Payload:
    """What lies in the archive. Raises :class:`NotThere`."""
    try:
        payload = taken_from_archive(asked.workspace, known, asked.connection)
    except ScraperError as error:
        raise NotThere(words("no_archived_page", reason=error.said.text(asked.language))) from error
    if payload is not None:
        return payload
    raise NotThere(words("not_in_archive", file=known["warc_file"], offset=known["warc_offset"]))


def _spots(asked: Asked, report_id: str) -> Sequence[Spot]:
    """The cell that is to be marked, as its place in the address names it."""
    place = place_of(asked)
    if place is None:
        return ()
    given = dict(zip(("table", "row", "col"), place, strict=True)) | {"report": report_id}
    return [
        Spot(*place, raw, f"{metric} {applicant}".strip())
        for raw, metric, applicant in asked.connection.execute(_CELL, given).fetchall()
    ]


def place_of(asked: Asked) -> tuple[int, int, int] | None:
    """Table, row and column of the cell that an address names; None where it names none."""
    numbers = (asked.one("cell") or "").split("-")
    if len(numbers) != 3 or not all(one.isascii() and one.isdecimal() and len(one) < 7 for one in numbers):
        return None
    table, row, column = map(int, numbers)
    return table, row, column


def _as_file(known: dict[str, Any], payload: Payload) -> Answer:
    """The bytes as they were archived, to be saved: a browser must not take them for a page of ours."""
    name = PurePosixPath(urlsplit(known["url"]).path).name or "report"
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "content-security-policy": ARCHIVED,
    }
    return Answer(payload.body, "application/octet-stream", headers=headers)
