"""``nianbao demo`` as a newcomer meets it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import TONGXIN, Run
from nianbao.demo import sample_reports
from scraper.archive import Archive

NIANBAO = str(Path(sys.executable).with_name("nianbao"))


def demo(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [NIANBAO, "demo", "--lang", "en", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_demo_shows_the_main_job_and_a_second_run_finds_nothing_new(tmp_path: Path) -> None:
    begun = time.monotonic()
    first = demo(tmp_path)
    assert time.monotonic() - begun < 60
    assert first.returncode == 0, first.stdout
    assert first.stdout.count("reports new 4, as before 0, altered 0") == 3
    assert "Reports read: 12, with 2388 facts" in first.stdout
    assert "Requests received this year" in first.stdout
    assert (
        "同心县人民政府办公室, report for 2020:\n"
        "  error [requests.balance] Natural persons: 6 requests came in (new and carried over), but 0 are"
        " accounted for (handled and carried forward).\n"
    ) in first.stdout
    assert "Natural persons: the total of requests handled is stated as 0, but its outcomes add up to 6" in (
        first.stdout
    )
    assert len([line for line in first.stdout.splitlines() if " nianbao " in f" {line} "]) >= 3
    second = demo(tmp_path)
    assert second.returncode == 0
    assert "Nothing is new: all 12 reports were in the archive already." in second.stdout
    assert "No new report to read." in second.stdout


def test_what_the_demo_suggests_works(tmp_path: Path) -> None:
    said = demo(tmp_path).stdout
    suggestions = said.partition("Try next:\n")[2].splitlines()
    assert len(suggestions) == 3
    for suggestion in suggestions:
        done = subprocess.run(  # noqa: S602 - typed into a shell, as its reader would
            suggestion.replace(suggestion.split()[0], NIANBAO, 1),
            shell=True,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("[")


def test_every_figure_of_the_sample_portals_reaches_the_database(tmp_path: Path, run: Run) -> None:
    demo(tmp_path)
    query = (
        "SELECT r.county_code, r.year, r.publisher, f.metric, f.applicant, f.value"
        " FROM fact f JOIN report r USING (report_id)"
    )
    facts = run("sql", query).records
    assert len(facts) == 2388
    reports = {(report.county_code, report.year): report for report in sample_reports()}
    for fact in facts:
        report = reports[fact["county_code"], fact["year"]]
        assert fact["publisher"] == report.publisher
        assert fact["value"] == float(report.figure(fact["metric"], fact["applicant"]))


def test_the_findings_are_the_real_contradiction_and_the_invented_one(tmp_path: Path, run: Run) -> None:
    demo(tmp_path)
    found = {
        (f["county"], f["year"], f["rule"], f["applicant"])
        for f in run("check").records
        if f["severity"] != "notice"
    }
    assert found == {
        ("同心县", 2020, "requests.balance", "natural_person"),
        ("同心县", 2020, "requests.balance", "total"),
        ("同心县", 2020, "requests.processed_sum", "natural_person"),
        ("同心县", 2020, "requests.processed_sum", "total"),
        ("白榆区", 2022, "years.carry", "natural_person"),
        ("白榆区", 2022, "years.carry", "total"),
    }


def test_sample_reports_are_marked_and_read_without_warnings(tmp_path: Path, run: Run) -> None:
    demo(tmp_path)
    assert run("sql", "SELECT DISTINCT sample FROM report").records == [{"sample": True}]
    assert run("sql", "SELECT * FROM warning").records == []


def test_the_demo_keeps_out_of_a_workspace_with_real_reports(tmp_path: Path, run: Run) -> None:
    run("import", TONGXIN)
    done = demo(tmp_path)
    assert done.returncode == 1
    assert "Choose another workspace: nianbao demo --data demo" in done.stdout
    with Archive(tmp_path / "data" / "archive") as archive:
        assert len(archive) == 1


def test_importing_into_the_samples_is_told(tmp_path: Path, run: Run) -> None:
    demo(tmp_path)
    assert "holds the sample data of nianbao demo" in run("import", TONGXIN).err


@pytest.mark.parametrize("name", ["青禾", "Qinghe", "990101"])
def test_invented_counties_are_found_as_well(tmp_path: Path, run: Run, name: str) -> None:
    demo(tmp_path)
    records = run("trend", name, "requests_received").records
    assert [record["year"] for record in records] == [2019, 2020, 2021, 2022]
