"""The simulator's reports are consistent, read back to the figure, and the same in every format."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from conftest import Run
from portals import files
from portals.figures import figures_of, form_of, tables_of
from portals.reports import Organ, body_html, decoy_html, decoy_titles, organs, text_sha256, title, years_of
from rendering import html_page, keys_of
from scraper.documents import read_document
from scraper.forms import NotAReport, Report, read_report

ORGANS = organs("青石县", 1)
YEARS = (2008, 2013, 2014, 2018, 2019, 2020, 2021, 2025)
each_year = pytest.mark.parametrize("year", YEARS)


def read(body: bytes) -> Report:
    return read_report(read_document(body, "report"), "report")


def page(organ: Organ, year: int) -> bytes:
    return html_page(f"<h1>{title(organ, year)}</h1>", body_html(organ, year))


def identity(report: Report) -> tuple[str | None, str | None, int | None]:
    return report.identity.publisher, report.identity.publisher_kind, report.identity.year


@each_year
def test_pages_are_read_without_a_doubt_and_to_the_figure(year: int) -> None:
    for organ in ORGANS:
        report = read(page(organ, year))
        assert identity(report) == (organ.name, organ.kind, year)
        assert [said.code for said in report.notices] == ([] if form_of(year) else ["tables_missing"])
        expected = figures_of(organ.name, year)
        keys = [key for table in tables_of(year) for block in table.blocks for key in keys_of(block)]
        facts = {(fact.metric, fact.applicant or ""): fact.raw for fact in report.facts}
        assert facts == {key: expected[key] for key in keys}


def test_no_report_contradicts_itself_or_the_year_before(run: Run, tmp_path: Path) -> None:
    for organ in ORGANS[:6]:
        for year in range(2018, 2023):
            (tmp_path / f"{organ.slug}-{year}.html").write_bytes(page(organ, year))
    assert run("import", tmp_path).code == 0
    assert run("parse").code == 0
    assert run("check", "--severity", "error").records == []


@each_year
@pytest.mark.parametrize("write", [files.docx, files.html_doc, files.pdf], ids=lambda write: write.__name__)
def test_files_say_what_the_page_says(write: Callable[[Organ, int], bytes], year: int) -> None:
    organ = ORGANS[3]
    report = read(write(organ, year))
    assert identity(report) == (organ.name, organ.kind, year)
    assert report.facts or not form_of(year)
    said = {(fact.metric, fact.applicant): fact.raw for fact in report.facts}
    assert said == {(fact.metric, fact.applicant): fact.raw for fact in read(page(organ, year)).facts}


@pytest.mark.parametrize("write", [files.doc, files.xls], ids=["doc", "xls"])
def test_old_office_files_say_whose_they_are_and_of_which_year(write: Callable[[Organ, int], bytes]) -> None:
    for organ in ORGANS:
        assert identity(read(write(organ, 2023))) == (organ.name, organ.kind, 2023)
    with pytest.raises(ValueError, match="form of 2021"):
        write(ORGANS[0], 2020)


@pytest.mark.parametrize("year", [2010, 2016, 2023])
def test_pictures_hold_no_text(year: int) -> None:
    scan = files.scan_pdf(ORGANS[2], year)
    assert scan.startswith(b"%PDF")
    assert b"/Font" not in scan
    assert files.table_png(ORGANS[2], year).startswith(b"\x89PNG")


def test_a_zip_file_has_a_report_for_each_body() -> None:
    packed = files.zip_of(((ORGANS[6], 2020), (ORGANS[7], 2020)))
    text = "".join(read_document(packed, "zip").paragraphs)
    assert all(title(organ, 2020) in text for organ in ORGANS[6:8])


@pytest.mark.parametrize("year", [2008, 2022])
def test_what_looks_like_a_report_is_none(year: int) -> None:
    for heading in decoy_titles("青石县", year):
        with pytest.raises(NotAReport):
            read(html_page(f"<h1>{heading}</h1>", decoy_html(heading)))


def test_bodies_end_where_they_were_abolished() -> None:
    assert [organ.until for organ in ORGANS] == [None] * 5 + [2018] + [None] * 3 + [2016]
    assert years_of(ORGANS[0]) == range(2008, 2026)
    assert years_of(ORGANS[5]) == range(2008, 2019)


def test_another_run_writes_the_same_bytes() -> None:
    here = files_of(ORGANS[2])
    program = "import test_simulator_reports as t; print(t.files_of(t.ORGANS[2]))"
    folder = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == here


def files_of(organ: Organ) -> str:
    writers = (files.docx, files.html_doc, files.doc, files.xls, files.pdf, files.scan_pdf, files.table_png)
    written = [write(organ, 2022) for write in writers]
    return f"{text_sha256(organ, 2022)} {[sha256(body).hexdigest() for body in written]}"
