"""The nation of ``benchmarks/nation.py`` is read as it was written, and its errors are found."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

from conftest import Run
from portals.figures import figures_of

NATION = Path(__file__).parents[1] / "benchmarks" / "nation.py"
OPTIONS = ("--counties", "2", "--years", "2018-2021", "--publishers", "3", "--errors", "0.3")


def write(folder: Path) -> list[dict[str, str]]:
    """Writes a small nation; its errors."""
    subprocess.run([sys.executable, str(NATION), *OPTIONS, "--out", str(folder)], check=True)
    with (folder / "errors.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_figure_is_read_and_every_error_of_the_requests_is_found(run: Run, tmp_path: Path) -> None:
    errors = write(tmp_path)
    assert run("parse", "--data", tmp_path).code == 0
    query = (
        "SELECT publisher, report.year, url, county_code, fact.metric, applicant, value"
        " FROM fact JOIN report USING (report_id)"
    )
    facts = run("sql", query, "--data", tmp_path, "--format", "json").records
    printed = {(e["url"], e["metric"], e["applicant"]): float(e["printed"]) for e in errors}
    assert len({fact["url"] for fact in facts}) == 2 * 3 * 4
    for fact in facts:
        key = (fact["metric"], fact["applicant"])
        true = figures_of(fact["publisher"], fact["year"])[key].removesuffix("万元")
        assert fact["value"] == printed.pop((fact["url"], *key), float(true)), fact
        assert fact["county_code"] in ("990200", "990201")
    assert printed == {}

    found = run("check", "--data", tmp_path, "--severity", "error", "--format", "json").records
    doubted = {(line["publisher"], line["year"]) for line in found}
    wrong = {(e["publisher"], int(e["year"])) for e in errors if e["applicant"]}
    assert wrong
    assert wrong <= doubted


def test_the_same_options_give_the_same_reports(tmp_path: Path) -> None:
    assert write(tmp_path / "one") == write(tmp_path / "other")
    one, other = (
        [file.read_bytes() for file in sorted((tmp_path / name / "archive").glob("*.cdxj"))]
        for name in ("one", "other")
    )
    assert [digests(lines) for lines in one] == [digests(lines) for lines in other]


def digests(index: bytes) -> list[str]:
    return [line.partition('"sha256": "')[2][:64] for line in index.decode().splitlines()]


def test_files_of_all_formats_and_pages_in_all_layouts_are_read_right(run: Run, tmp_path: Path) -> None:
    options = ("--counties", "12", "--years", "2014-2025", "--publishers", "1", "--errors", "0")
    others = ("--files", "0.6", "--layouts", "all", "--warc-size", "0.1")
    subprocess.run([sys.executable, str(NATION), *options, *others, "--out", str(tmp_path)], check=True)
    assert len(list((tmp_path / "archive").glob("*.warc.gz"))) > 5
    assert run("parse", "--data", tmp_path).code == 0
    query = (
        "SELECT publisher, report.year, url, metric, applicant, value"
        " FROM fact JOIN report USING (report_id) WHERE NOT starts_with(metric, 'local.')"
    )
    facts = run("sql", query, "--data", tmp_path, "--format", "json").records
    endings = {fact["url"].rpartition(".")[2] for fact in facts}
    assert endings == {"html", "pdf", "docx", "doc", "xlsx", "rtf", "txt", "mht", "zip"}
    read = {
        (fact["publisher"], fact["year"], fact["metric"], fact["applicant"]): fact["value"] for fact in facts
    }
    publishers = {fact["publisher"] for fact in facts}
    true = {
        (name, year, *key): float(figure.removesuffix("万元"))
        for name in publishers
        for year in range(2014, 2026)
        for key, figure in figures_of(name, year).items()
    }
    assert len(publishers) == 12
    assert read.keys() == true.keys()
    # One of the layouts leaves out zeros.
    assert {
        key for key, value in read.items() if value not in (true[key], None if true[key] == 0 else -1)
    } == set()


def test_what_is_served_is_what_the_archive_has(run: Run, tmp_path: Path) -> None:
    options = ("--counties", "2", "--years", "2020-2022", "--publishers", "3", "--files", "0.3")
    command = [sys.executable, str(NATION), *options]
    subprocess.run([*command, "--out", str(tmp_path / "kept")], check=True)
    served = [*command, "--out", str(tmp_path / "crawled"), "--serve"]
    with subprocess.Popen(served, stdout=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stdout is not None
            program, *arguments = serving.stdout.readline().split()
            assert program == "nianbao"
            assert run(*arguments).code == 0
        finally:
            serving.terminate()
    query = "SELECT url, sha256, title FROM report ORDER BY url"
    reports = []
    for name in ("kept", "crawled"):
        assert run("parse", "--data", tmp_path / name).code == 0
        reports.append(run("sql", query, "--data", tmp_path / name, "--format", "json").records)
    assert len(reports[0]) == 2 * 3 * 3
    assert reports[0] == reports[1]
    assert (tmp_path / "kept" / "errors.csv").read_text() == (tmp_path / "crawled" / "errors.csv").read_text()
