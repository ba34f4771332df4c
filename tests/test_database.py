"""The database: rebuilt from the archive, traceable to it, and never half written."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from conftest import TONGXIN, Run
from scraper import parse as parsing
from scraper.archive import Archive
from scraper.documents import read_document
from scraper.forms import catalogue, read_report
from scraper.store import open_database

CONTRACT = {
    "county": "code name province prefecture",
    "report": "report_id county_code publisher publisher_kind year form scope title published_on url"
    " captured_at sha256",
    "fact": "report_id metric applicant value raw table_no row col",
    "claim": "report_id metric value sentence",
    "finding": "finding_id report_id rule severity applicant expected actual message status",
    "metric": "metric label_zh label_en unit table form",
    "capture": "url captured_at status mime sha256 warc_file warc_offset",
}


def everything(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """All lines of the tables that reports fill."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return {
            table: connection.execute(f"FROM {table} ORDER BY ALL").fetchall()
            for table in ("report", "evidence", "fact", "warning", "finding", "capture", "reading")
        }


@pytest.mark.parametrize("table", CONTRACT)
def test_tables_have_the_columns_of_the_contract(table: str) -> None:
    with open_database(None) as connection:
        columns = {name for name, *_ in connection.execute(f"DESCRIBE {table}").fetchall()}
    assert set(CONTRACT[table].split()) <= columns


def test_the_catalogue_keeps_its_order() -> None:
    expected = [(entry.metric, entry.form) for entry in catalogue.metrics()]
    for _ in range(40):
        with open_database(None) as connection:
            assert connection.execute("SELECT metric, form FROM metric ORDER BY rowid").fetchall() == expected


def test_the_database_is_rebuilt_from_the_archive_alone(run: Run, workspace: Path) -> None:
    database = workspace / "reports.duckdb"
    before = everything(database)
    assert len(before["fact"]) == 198
    database.unlink()
    assert run("parse").code == 0
    assert everything(database) == before


def test_a_report_points_to_the_record_that_it_was_read_from(workspace: Path) -> None:
    with duckdb.connect(str(workspace / "reports.duckdb"), read_only=True) as connection:
        url, file, offset, sha256 = connection.execute(
            "SELECT url, warc_file, warc_offset, sha256 FROM report"
        ).fetchall()[0]
        facts = connection.execute("SELECT metric, raw, table_no, row, col FROM fact").fetchall()
    with Archive(workspace / "archive") as archive:
        capture = next(c for c in archive.captures() if (c.warc_file, c.offset) == (file, offset))
        body = archive.read(capture).body
    assert (capture.url, capture.sha256) == (url, sha256)
    assert body == TONGXIN.read_bytes()
    grids = read_document(body, "page").grids
    for metric, raw, table_no, row, column in facts:
        cell = next(cell for cell in grids[table_no].rows[row] if cell.column == column)
        assert cell.text == raw, metric


def test_a_newer_reader_reads_everything_again(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(workspace / "reports.duckdb")
    monkeypatch.setattr(parsing, "reader_version", lambda: "a newer reader")
    assert "Reports read: 1, with 198 facts" in run("parse").err
    after = everything(workspace / "reports.duckdb")
    assert after["fact"] == before["fact"]
    assert {reader for _, _, reader, *_ in after["reading"]} == {"a newer reader"}


def test_a_page_captured_again_replaces_its_report(run: Run, workspace: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    text = TONGXIN.read_text(encoding="utf-8")
    for sentence in ("第一稿。", "第二稿。"):
        page.write_text(text.replace("示例文字：", sentence), encoding="utf-8")
        assert run("import", page).code == 0
    assert run("parse").code == 0
    counts = run("sql", "SELECT count(*) AS reports, count(DISTINCT url) AS urls FROM report").records
    assert counts == [{"reports": 2, "urls": 2}]


def test_a_lost_archive_file_is_told_and_what_was_read_stays(
    run: Run, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (warc,) = (workspace / "archive").glob("*.warc.gz")
    damaged = warc.read_bytes()
    warc.write_bytes(damaged[:330] + bytes(len(damaged) - 330))
    monkeypatch.setattr(parsing, "reader_version", lambda: "a newer reader")
    found = run("parse")
    assert found.code == 1
    assert "can't be read; the file was moved, altered or damaged" in found.err
    assert run("sql", "SELECT count(*) AS facts FROM fact").records == [{"facts": 198}]


def test_a_database_of_another_version_is_refused_with_the_cure(run: Run, workspace: Path) -> None:
    with duckdb.connect(str(workspace / "reports.duckdb")) as connection:
        connection.execute("UPDATE made_by SET schema_sha256 = 'another'")
    found = run("parse")
    assert found.code == 1
    assert "Move it away and run nianbao parse" in found.err


def test_wide_views_hold_one_line_for_each_report_or_applicant(run: Run, workspace: Path) -> None:
    requests = run("sql", "SELECT applicant, requests_received FROM requests_wide ORDER BY ALL").records
    assert len(requests) == 7
    assert {"applicant": "total", "requests_received": 6} in requests
    cases = run("sql", "SELECT county, year, review_total FROM cases_wide").records
    assert cases == [{"county": "同心县", "year": 2020, "review_total": 2}]
    assert run("sql", "SELECT normative_documents_made AS n FROM proactive_wide").records == [{"n": 6}]


def test_facts_in_the_database_are_those_of_the_document(workspace: Path) -> None:
    report = read_report(read_document(TONGXIN.read_bytes(), "page"), "page")
    with duckdb.connect(str(workspace / "reports.duckdb"), read_only=True) as connection:
        stored = connection.execute("SELECT metric, applicant, value, raw FROM fact").fetchall()
    read = {
        (fact.metric, fact.applicant, None if fact.value is None else float(fact.value), fact.raw)
        for fact in report.facts
    }
    assert set(stored) == read


@pytest.mark.parametrize(("given", "limit"), [("", "953.6 MiB"), ("64MB", "61.0 MiB")])
def test_memory_is_limited(given: str, limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_MEMORY", given)
    with open_database(None) as connection:
        assert connection.execute("SELECT current_setting('memory_limit')").fetchall() == [(limit,)]


@pytest.mark.usefixtures("workspace")
def test_a_limit_that_is_no_size_is_refused_with_the_cure(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_MEMORY", "much")
    found = run("parse")
    assert found.code == 1
    assert 'NIANBAO_MEMORY is "much"' in found.err
