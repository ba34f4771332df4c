"""``brief``: one county in one year, on two to four pages."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.brief import NoReportOfYear, brief_on
from analysis.database import open_for_reading
from analysis.present.brief import brief_page
from analysis.present.brief_wording import BriefWording
from analysis.present.fonts import ExtraMissing
from analysis.present.html import html
from analysis.present.pdf import Press
from analysis.series import find_county
from nianbao.console import column, note, say
from nianbao.failures import Failure
from nianbao.options import DEFAULT_DATA, Data, Lang, PrintFormat, Year
from nianbao.question import PeersOf
from nianbao.records import put, put_in_place
from nianbao.wording import language
from nianbao.workspace import Workspace

# How many pages a brief may have.
_PAGES = (2, 3, 4)
_SUFFIXES = (".html", ".pdf")


def brief(
    county: Annotated[str, typer.Argument(metavar="COUNTY")],
    year: Year = None,
    peers: Annotated[PeersOf | None, typer.Option("--peers")] = None,
    brief_to: Annotated[Path | None, typer.Option("--output", metavar="DIR|FILE")] = None,
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    lang: Lang = None,
) -> None:
    """Writes the brief on a county and year as HTML and PDF."""
    workspace = Workspace(data)
    target = brief_to or workspace.outputs / "briefs"
    if target.suffix and target.suffix.lower() not in _SUFFIXES:
        raise Failure("output_suffix", usage=True, file=target, known=" ".join(_SUFFIXES))
    with open_for_reading(workspace.database) as connection:
        place = find_county(connection, county)
        try:
            found = brief_on(connection, place, language(), year=year, peers=peers.value if peers else None)
        except NoReportOfYear as missing:
            raise _failure(missing) from missing
    page = brief_page(found, BriefWording(language()), version=version("nianbao"))
    if page["lacks_pictures"]:
        note("brief_without_pictures", extra=page["lacks_pictures"])
    made_at = max(one.report["captured_at"] for one in found.reports).replace(tzinfo=UTC)
    name = f"{found.county.code}-{found.year}"
    files = _write(page, target, name, made_at)
    told = {"county": found.county.name, "year": found.year, "publisher": found.report.report["publisher"]}
    shown = [
        *map(column, ("county", "year", "publisher", "reports", "files")),
        column("report_id", brief=False),
    ]
    report_id = found.report.report["report_id"]
    told |= {"reports": len(found.reports), "files": [str(file) for file in files], "report_id": report_id}
    put([told], shown, print_format, None)
    say("brief_written", files=" ".join(map(str, files)))


def _failure(missing: NoReportOfYear) -> Failure:
    if missing.years:
        years = ", ".join(map(str, missing.years))
        return Failure("brief_no_report", county=missing.county.place, year=missing.year, years=years)
    return Failure("no_county_reports", county=missing.county.place)


def _write(page: dict[str, Any], target: Path, name: str, made_at: datetime) -> list[Path]:
    """Writes the file ``target``, or both files into the folder ``target``; returns which were written."""
    if target.suffix:
        files = [target]
    else:
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Failure("output_not_written", file=target, reason=error) from error
        files = [target / f"{name}{suffix}" for suffix in _SUFFIXES]
    written = []
    for file in files:
        try:
            body = _body(page, file.suffix.lower(), made_at)
        except ExtraMissing as missing:
            if target.suffix:
                raise Failure("brief_without_pdf", extra=missing.extra) from missing
            note("brief_without_pdf", extra=missing.extra)
            continue
        _put(file, body)
        written.append(file)
    return written


def _put(file: Path, body: bytes) -> None:
    put_in_place(file, lambda path: path.write_bytes(body))


def _body(page: dict[str, Any], suffix: str, made_at: datetime) -> bytes:
    if suffix == ".html":
        return html("brief.html", page).encode()
    return Press("brief.typ").pdf(page, made_at, fitting=_PAGES)
