"""``check notice``: findings as a notice and a workbook for the office concerned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.database import open_for_reading
from analysis.present.fonts import ExtraMissing
from analysis.present.html import html
from analysis.present.notice import Notice, Wanted, notices
from analysis.present.page import page_of
from analysis.present.pdf import Press
from analysis.present.wording import Wording
from analysis.present.workbook import write_workbook
from analysis.series import find_county
from nianbao.console import column, note, say
from nianbao.failures import Failure
from nianbao.options import DEFAULT_DATA, Data, Lang, LanguageChoice, PrintFormat, Year
from nianbao.records import put, put_in_place
from nianbao.workspace import Workspace

_OPEN = ("open", "confirmed")
_DIGITS_OF_ID = 8


def notice(
    county: Annotated[str | None, typer.Option("--county", metavar="COUNTY")] = None,
    year: Year = None,
    report: Annotated[str | None, typer.Option("--report", metavar="ID")] = None,
    rule: Annotated[str | None, typer.Option("--rule")] = None,
    severity: Annotated[str | None, typer.Option("--severity")] = None,
    status: Annotated[str | None, typer.Option("--status")] = None,
    contact: Annotated[str, typer.Option("--contact", metavar="TEXT")] = "",
    destination: Annotated[Path | None, typer.Option("--output", metavar="DIR|FILE")] = None,
    data: Data = DEFAULT_DATA,
    print_format: PrintFormat = None,
    lang: Lang = None,
) -> None:
    """Writes a notice and a workbook for each report with findings that are open or confirmed."""
    workspace = Workspace(data)
    # Whom it goes to reads Chinese, whatever the language of this terminal is.
    said = Wording("en" if lang is LanguageChoice.EN else "zh")
    with open_for_reading(workspace.database) as connection:
        code = find_county(connection, county).current_code if county else None
        wanted = Wanted(code, year, report, rule, severity, (status,) if status else _OPEN)
        found = list(notices(connection, wanted, said.language))
    if report and not found:
        raise Failure("notice_no_report", usage=True, given=report)
    target = destination or workspace.outputs / "notices"
    written = _Printing(said, contact).write(found, target) if found else []
    shown = ("county", "year", "publisher", "findings", "files")
    put(written, [*map(column, shown), column("report_id", brief=False)], print_format, None)
    if found:
        say("notices_written", count=len(found), place=target)
    else:
        say("findings_none")


class _Printing:
    """Writes notices in one language."""

    def __init__(self, said: Wording, contact: str) -> None:
        self._said = said
        self._contact = contact
        self._press: Press | None = None

    def write(self, found: Sequence[Notice], target: Path) -> list[dict[str, Any]]:
        """Writes all to the file or the folder ``target``; tells for each what was written."""
        suffix = target.suffix.lower()
        if suffix == ".xlsx":
            self._workbook(found, target)
            return [_written(one, [target]) for one in found]
        if suffix in (".html", ".pdf"):
            if len(found) > 1:
                raise Failure("notice_one_only", usage=True, file=target, count=len(found))
            self._press = self._open_press() if suffix == ".pdf" else None
            (self._pdf if suffix == ".pdf" else self._html)(found[0], target)
            return [_written(found[0], [target])]
        return self._folder(found, target)

    def _folder(self, found: Sequence[Notice], folder: Path) -> list[dict[str, Any]]:
        ways: dict[str, Callable[[Notice, Path], None]] = {".html": self._html, ".xlsx": self._one_workbook}
        try:
            self._press = self._open_press()
            ways[".pdf"] = self._pdf
        except Failure as missing:
            note(missing.code, **missing.values)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Failure("output_not_written", file=folder, reason=error) from error
        written = []
        for one in found:
            files = [folder / f"{_name(one)}{suffix}" for suffix in sorted(ways)]
            for file in files:
                ways[file.suffix](one, file)
            written.append(_written(one, files))
        return written

    def _open_press(self) -> Press:
        try:
            return Press("notice.typ")
        except ExtraMissing as missing:
            raise Failure("notice_without_pdf", extra=missing.extra) from missing

    def _page(self, one: Notice) -> dict[str, Any]:
        return page_of(one, self._said, contact=self._contact, version=version("nianbao"))

    def _html(self, one: Notice, file: Path) -> None:
        text = html("notice.html", self._page(one))
        put_in_place(file, lambda path: path.write_text(text, encoding="utf-8"))

    def _pdf(self, one: Notice, file: Path) -> None:
        assert self._press is not None  # noqa: S101 - opened before
        body = self._press.pdf(self._page(one), one.report["captured_at"].replace(tzinfo=UTC))
        put_in_place(file, lambda path: path.write_bytes(body))

    def _one_workbook(self, one: Notice, file: Path) -> None:
        self._workbook([one], file)

    def _workbook(self, found: Sequence[Notice], file: Path) -> None:
        put_in_place(file, lambda path: write_workbook(path, found, self._said))


def _name(one: Notice) -> str:
    """A file name that every system takes, in the order of counties and years."""
    parts = (one.report["county_code"], one.report["year"], one.report["report_id"][:_DIGITS_OF_ID])
    return "-".join(str(part or 0) for part in parts)


def _written(one: Notice, files: Sequence[Path]) -> dict[str, Any]:
    keys = ("county", "year", "publisher", "report_id")
    about = {key: one.report[key] for key in keys}
    return about | {"findings": len(one.points), "files": [str(file) for file in files]}
