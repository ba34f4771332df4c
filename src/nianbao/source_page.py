"""The page that a figure comes from, out of the archive, with its cells marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from analysis.database import open_for_reading
from analysis.present.source_page import source_html, tables_of
from analysis.provenance import Source
from analysis.units import unit_called
from nianbao.archived import archived
from nianbao.console import note, say
from nianbao.failures import Failure
from nianbao.records import as_text
from nianbao.wording import language, sentence
from nianbao.workspace import Workspace
from scraper.archive import Payload
from scraper.forms import catalogue
from scraper.showing import ANCHOR, Spot, show_page

_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 80
# What a file is called whose address does not end as such files do.
_SUFFIXES = {
    "application/pdf": ".pdf",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "text/plain": ".txt",
}
_SUFFIX = re.compile(r"\.[a-z0-9]{2,5}", re.IGNORECASE)
_RUNS = (".html", ".htm", ".xhtml", ".svg", ".mht", ".js", ".exe", ".bat", ".cmd", ".com", ".lnk", ".hta")


def page_name(found: Source) -> str:
    """The name of the file for the page of a figure."""
    day = "" if found.report["newest"] else f"{found.report['captured_at']:%Y%m%d%H%M%S}"
    parts = (found.report["report_id"], day, found.figure["metric"], found.figure["applicant"])
    name = "-".join(part for part in parts if part)
    return f"{_NOT_IN_NAMES.sub('-', name)[:_LONGEST_NAME]}.html"


def write_page(workspace: Workspace, found: Source, file: Path) -> str:
    """Writes the archived page to ``file`` with the cells marked; returns the anchor of the first.

    Of what is no web page the tables are written as they were read, and the archived file beside them. Raises
    :class:`Failure` where a file can't be written, and what the archive raises.
    """
    payload = _archived(workspace, found)
    said = list(_said(found))
    shown = show_page(payload, found.report["url"], list(_spots(found)), _title(found), said)
    if shown is not None and not shown.missed:
        _write(file, lambda path: path.write_text(shown.html, encoding="utf-8"))
        say("source_page_written", file=file)
        return ANCHOR
    original = file.with_name(f"{file.stem}-original{_suffix(found, payload)}")
    page = _tables(found, said, original.name, is_page=shown is not None)
    _write(original, lambda path: path.write_bytes(payload.body))
    _write(file, lambda path: path.write_text(page, encoding="utf-8"))
    say("source_tables_written", file=file, original=original)
    if shown is not None:
        note("source_not_marked")
    return ANCHOR


def _archived(workspace: Workspace, found: Source) -> Payload:
    report = found.report
    with open_for_reading(workspace.database) as connection:
        payload = archived(workspace, report, connection)
    if payload is None:
        file = workspace.address(f"archive/{report['warc_file']}")
        raise Failure("source_record_missing", file=file, offset=report["warc_offset"], url=report["url"])
    return payload


def _spots(found: Source) -> Iterator[Spot]:
    for cell in found.cells:
        if cell["table_no"] is not None:
            name = " × ".join(filter(None, (cell["label"], cell["applicant_label"])))
            yield Spot(cell["table_no"], cell["row"], cell["col"], cell["raw"], name)


def _title(found: Source) -> str:
    report, figure = found.report, found.figure
    column = "" if figure["applicant"] == "total" else f"× {figure['applicant_label']}"
    parts = (report["publisher"], report["year"], figure["label"], column)
    return " ".join(str(part) for part in parts if part)


def _said(found: Source) -> Iterator[str]:
    """What is said of the page: which figure, which report, which record of the archive."""
    report, figure = found.report, found.figure
    value = sentence(f"missing_{figure['missing']}") if figure["missing"] else as_text(figure["value"])
    yield sentence(
        "source_page_figure", title=_title(found), value=value, unit=unit_called(figure["unit"], language())
    )
    yield sentence(
        "source_page_record",
        url=report["url"],
        captured=f"{report['captured_at']:%Y-%m-%d %H:%M:%S} UTC",
        sha256=report["sha256"],
        file=report["warc_file"],
        offset=report["warc_offset"],
    )
    yield sentence("source_page_safe")


def _tables(found: Source, said: list[str], original: str, *, is_page: bool) -> str:
    labelled = {label["table_no"] for label in found.labels}
    numbers = sorted({cell["table_no"] for cell in found.cells if cell["table_no"] is not None})
    captions = [
        sentence("source_table" if number in labelled else "source_table_by_form", number=number + 1)
        for number in numbers
    ]
    tables = tables_of(found, ANCHOR, _names())
    return source_html(
        found,
        list(zip(captions, tables, strict=True)),
        {
            "language": language(),
            "title": _title(found),
            "said": said[:-1],
            "note": sentence("source_page_not_marked" if is_page else "source_page_tables"),
            "original": original,
        },
    )


def _names() -> dict[str, str]:
    chinese = language() == "zh"
    entries = [(entry.metric, entry) for entry in catalogue.metrics()]
    named = {name: entry.label_zh if chinese else entry.label_en for name, entry in entries}
    for applicant in catalogue.applicants():
        named[applicant.applicant] = applicant.label_zh if chinese else applicant.label_en
    return named


def _suffix(found: Source, payload: Payload) -> str:
    """What the archived file's name should end in; never what a system would run when it is opened."""
    by_address = PurePosixPath(urlsplit(found.report["url"]).path).suffix.lower()
    by_type = _SUFFIXES.get(payload.content_type.partition(";")[0].strip().lower(), "")
    for suffix in (by_type, by_address):
        if _SUFFIX.fullmatch(suffix) and suffix not in _RUNS:
            return suffix
    return ".bin" if b"\0" in payload.body[:1024] else ".txt"


def _write(file: Path, write: Callable[[Path], object]) -> None:
    unfinished = file.with_name(f".{file.stem}.unfinished{file.suffix}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write(unfinished)
        unfinished.replace(file)
    except OSError as error:
        raise Failure("output_not_written", file=file, reason=error) from error
