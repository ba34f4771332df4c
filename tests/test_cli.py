"""The command as its user meets it: records, languages, and clear ends for wrong input."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import openpyxl
import pytest

from conftest import GOLDEN, TONGXIN, Run

NIANBAO = Path(sys.executable).with_name("nianbao")


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


# inspect


def test_inspect_prints_the_object_of_the_contract(run: Run) -> None:
    found = run("inspect", TONGXIN, "--format", "json")
    assert found.code == 0
    report = found.records
    assert list(report) == [
        "title", "publisher", "publisher_kind", "county_code", "county_name", "year", "form", "scope",
        "period_start", "period_end", "published_on", "evidence", "forms", "facts", "claims", "findings",
        "warnings",
    ]  # fmt: skip
    assert report["publisher"] == "同心县人民政府办公室"
    assert (report["county_code"], report["year"], report["form"]) == ("640324", 2020, "2019")
    assert (report["period_start"], report["period_end"]) == ("2020-01-01", "2020-12-31")
    assert report["evidence"]["county_code"] == {"source": "site_code", "text": "网站标识码:6403240007"}
    told = {key for key in list(report)[:11] if report[key] is not None}
    assert set(report["evidence"]) == told - {"form"}
    assert len(report["facts"]) == 198
    assert set(report["facts"][0]) == {
        "metric", "applicant", "value", "raw", "unit", "table", "row", "column", "table_no", "confidence"
    }  # fmt: skip


def test_inspect_finds_exactly_what_contradicts_itself(run: Run) -> None:
    found = run("inspect", TONGXIN).records["findings"]
    said = {(f["rule"], f["applicant"], f["expected"], f["actual"]) for f in found}
    assert said == {
        ("requests.balance", "natural_person", 6, 0),
        ("requests.balance", "total", 6, 0),
        ("requests.processed_sum", "natural_person", 6, 0),
        ("requests.processed_sum", "total", 6, 0),
    }
    for finding in found:
        assert finding["severity"] == "error"
        assert finding["suggestion"] == [
            {"metric": "processed_total", "applicant": column, "from": 0, "to": 6, "explanation": 1}
            for column in ("natural_person", "total")
        ]


def test_inspect_reads_standard_input() -> None:
    done = subprocess.run(
        [NIANBAO, "inspect", "-"], input=TONGXIN.read_bytes(), capture_output=True, check=False
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["county_code"] == "640324"


def test_inspect_touches_no_workspace(run: Run, tmp_path: Path) -> None:
    run("inspect", TONGXIN)
    assert not (tmp_path / "data").exists()


def test_inspect_tells_a_copy_on_a_foreign_host(run: Run, tmp_path: Path) -> None:
    text = TONGXIN.read_text(encoding="utf-8").replace(
        "<body>", "<body><p>电子版可在县政府网站(http://www.example.com)查询。</p>", 1
    )
    copy = write(tmp_path / "copy.html", text)
    warnings = run("inspect", copy).records["warnings"]
    assert any("www.example.com is not a government host" in warning for warning in warnings)


# Wrong input


def test_a_page_that_is_no_report(run: Run, tmp_path: Path) -> None:
    page = write(tmp_path / "news.html", "<html><body><h1>会议通知</h1><p>明天开会。</p></body></html>")
    found = run("inspect", page)
    assert found.code == 1
    assert found.out == ""
    assert found.err.count("\n") == 1
    assert "news.html is no annual report" in found.err


def test_an_empty_file(run: Run, tmp_path: Path) -> None:
    found = run("inspect", write(tmp_path / "empty.html", " \n"))
    assert found.code == 1
    assert "empty.html is empty. Save the page again" in found.err


def test_a_file_that_was_cut_off(run: Run, tmp_path: Path) -> None:
    found = run("inspect", write(tmp_path / "report.pdf", "%PDF-1.7"))
    assert found.code == 1
    assert "report.pdf is a damaged PDF file" in found.err


def test_a_file_that_does_not_exist(run: Run) -> None:
    found = run("inspect", "nowhere.html")
    assert found.code == 2
    assert "nowhere.html does not exist" in found.err


def test_a_truncated_table_is_read_as_far_as_it_goes_with_warnings(run: Run) -> None:
    found = run("inspect", GOLDEN / "truncated" / "document.html")
    assert found.code == 0
    assert any("lacks" in warning for warning in found.records["warnings"])


def test_a_lost_column_is_a_warning_and_no_figure_moves_into_its_place(run: Run) -> None:
    found = run("inspect", GOLDEN / "column-lost" / "document.html")
    assert found.code == 0
    assert any("lacks these columns of the form" in warning for warning in found.records["warnings"])
    applicants = {fact["applicant"] for fact in found.records["facts"] if fact["table"] == "requests"}
    assert len(applicants) == 6


def test_unreadable_archived_files_are_told_and_the_others_are_read(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    write(folder / "a-empty.html", "")
    (folder / "b.html").write_bytes(TONGXIN.read_bytes())
    assert run("import", folder).code == 0
    found = run("parse")
    assert found.code == 1
    assert "a-empty.html is empty" in found.err
    assert "could not be read: 1" in found.err
    assert run("sql", "SELECT count(*) AS reports FROM report").records == [{"reports": 1}]


@pytest.mark.parametrize(
    ("given", "near"),
    [("同新县", "同心县"), ("tongxinxiann", "同心县")],
)
def test_an_unknown_county_is_answered_with_near_names(
    run: Run, workspace: Path, given: str, near: str
) -> None:
    found = run("trend", given, "granted")
    assert found.code == 2
    assert given in found.err
    assert near in found.err
    assert found.out == ""


def test_a_name_of_several_counties_asks_back(run: Run, workspace: Path) -> None:
    found = run("trend", "鼓楼区", "granted")
    assert found.code == 2
    assert "320106 江苏省南京市鼓楼区" in found.err


def test_an_unknown_metric_is_answered_with_near_names(run: Run, workspace: Path) -> None:
    found = run("compare", "requests_recieved", "--year", "2020")
    assert found.code == 2
    assert "requests_received" in found.err


def test_an_unknown_applicant_and_an_unknown_rule_are_answered_with_all_there_are(
    run: Run, workspace: Path
) -> None:
    applicant = run("compare", "granted", "--applicant", "company")
    assert (applicant.code, "commercial_enterprise" in applicant.err) == (2, True)
    rule = run("check", "--rule", "requests.sum")
    assert (rule.code, "requests.processed_sum" in rule.err) == (2, True)


def test_a_county_without_reports_is_no_county_with_zeros(run: Run, workspace: Path) -> None:
    found = run("trend", "原州区", "granted")
    assert found.code == 1
    assert "no report of the county's government" in found.err


def test_a_workspace_without_a_database(run: Run) -> None:
    found = run("compare", "granted")
    assert found.code == 1
    assert "does not exist yet" in found.err


@pytest.mark.parametrize("command", [("import", TONGXIN), ("parse",)])
def test_a_read_only_workspace_is_told_and_nothing_in_it_changes(
    workspace: Path, command: tuple[object, ...]
) -> None:
    (workspace / "archive" / "new").mkdir()  # a workspace that holds more than our own files
    before = {path: path.stat().st_mtime_ns for path in workspace.rglob("*")}
    folders = [workspace, *(path for path in workspace.rglob("*"))]
    for path in folders:
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        done = subprocess.run(
            [*without_root(), NIANBAO, *map(str, command), "--data", workspace, "--lang", "en"],
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        for path in folders:
            path.chmod(path.stat().st_mode | 0o200)
    assert done.returncode == 1, done.stderr
    assert "can't be" in done.stderr
    assert str(workspace) in done.stderr
    assert {path: path.stat().st_mtime_ns for path in workspace.rglob("*")} == before


def without_root() -> list[str]:
    """A prefix that takes from root the right to write where nobody may."""
    if os.geteuid() != 0:
        return []
    drop = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={drop}", f"--inh-caps={drop}"]


def test_a_file_that_is_no_database(run: Run, workspace: Path) -> None:
    (workspace / "reports.duckdb").write_bytes(b"no database at all" * 300)
    found = run("parse")
    assert found.code == 1
    assert "it is rebuilt from the archive" in found.err


@pytest.mark.parametrize("query", ["DROP TABLE fact", "SELECT 1; SELECT 2", "COPY fact TO 'out.csv'"])
def test_sql_takes_one_select_and_nothing_else(run: Run, workspace: Path, query: str) -> None:
    assert run("sql", query).code == 2
    assert run("sql", "SELECT count(*) AS n FROM fact").records == [{"n": 198}]


def test_sql_reaches_no_file(run: Run, workspace: Path) -> None:
    found = run("sql", "SELECT * FROM read_csv('/etc/passwd')")
    assert found.code == 1
    assert "the database answered" in found.err


def test_wrong_usage_says_what_is_missing(run: Run) -> None:
    assert run("compare").err == "error: METRIC is missing. See nianbao compare --help.\n"
    assert run("compare", "granted", "--yaer", "2020").code == 2


# Records


def test_compare_prints_the_figure_that_was_published(run: Run, workspace: Path) -> None:
    (record,) = run("compare", "requests_received", "--year", "2020").records
    assert (record["county_code"], record["publisher"]) == ("640324", "同心县人民政府办公室")
    assert record["requests_received"] == 6
    assert record["doubtful"] == ["requests_received"]


@pytest.mark.parametrize("name", ["同心县", "同心", "640324", "Tongxin", "宁夏回族自治区吴忠市同心县"])
def test_a_county_is_found_by_name_code_or_name_without_its_kind(
    run: Run, workspace: Path, name: str
) -> None:
    (record,) = run("trend", name, "requests_received", "granted").records
    assert (record["year"], record["requests_received"], record["granted"]) == (2020, 6, 6)


def test_a_column_of_the_table_can_be_asked_for(run: Run, workspace: Path) -> None:
    asked = ("compare", "requests_received", "--applicant", "commercial_enterprise")
    (record,) = run(*asked).records
    assert record["requests_received"] == 0
    assert record["doubtful"] == []


def test_a_metric_that_the_form_lacks_is_null_and_told(run: Run, workspace: Path) -> None:
    found = run("trend", "同心县", "fee_amount")
    assert found.records[0]["fee_amount"] is None
    assert "not asked for by the 2019 form" in found.err


def test_csv_has_the_keys_of_the_json(run: Run, workspace: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("trend", "同心县", "granted", "--format", "csv").out)))
    (record,) = run("trend", "同心县", "granted").records
    assert list(rows[0]) == list(record)
    assert rows[0]["granted"] == "6"


@pytest.mark.parametrize("suffix", ["csv", "json", "xlsx", "parquet", "md"])
def test_output_files_hold_the_records(run: Run, workspace: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out.{suffix}"
    found = run("compare", "granted", "--year", "2020", "--output", path)
    assert (found.code, found.out) == (0, "")
    if suffix == "parquet":
        with duckdb.connect() as connection:
            rows = connection.execute("SELECT granted FROM read_parquet($1)", [str(path)]).fetchall()
        assert rows == [(6.0,)]
    elif suffix == "xlsx":
        values = [cell.value for cell in openpyxl.load_workbook(path).worksheets[0][2]]
        assert "同心县" in values
        assert 6 in values
    else:
        assert "同心县" in path.read_text(encoding="utf-8")
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def test_an_output_file_of_unknown_kind_is_refused(run: Run, workspace: Path) -> None:
    found = run("compare", "granted", "--output", "out.docx")
    assert found.code == 2
    assert ".xlsx" in found.err


def test_check_filters(run: Run, workspace: Path) -> None:
    assert len(run("check").records) == 4
    assert len(run("check", "--rule", "requests.balance").records) == 2
    assert len(run("check", "--rule", "requests.*", "--county", "同心").records) == 4
    assert run("check", "--year", "2019").records == []
    assert run("check", "--severity", "warning").records == []


@pytest.fixture
def noticed(run: Run, tmp_path: Path) -> int:
    """A workspace of a report with four errors and some notices; how many notices."""
    saved = tmp_path / "saved.html"
    saved.write_text(
        TONGXIN.read_text(encoding="utf-8").replace("<td>6</td>", "<td>6 件</td>"), encoding="utf-8"
    )
    assert run("import", saved).code == 0
    assert run("parse").code == 0
    (line,) = run("sql", "SELECT count(*) AS notices FROM finding WHERE severity = 'notice'").records
    assert line["notices"] > 0
    return int(line["notices"])


def test_check_lists_notices_only_where_they_are_asked_for(run: Run, noticed: int, tmp_path: Path) -> None:
    found = run("check", "--format", "table")
    assert (found.out.count("error"), found.out.count("notice")) == (4, 0)
    assert found.err == (
        f"note: notices not shown: {noticed}. --notices shows them too, --severity notice them alone.\n"
    )
    assert f"另有提示 {noticed} 项未列出" in run("check", "--format", "table", "--lang", "zh").err
    whole = run("check", "--format", "table", "--notices")
    assert (whole.out.count("error"), whole.out.count("notice")) == (4, noticed)
    for asked in (("--severity", "notice"), ("--rule", "plausibility.notation")):
        alone = run("check", "--format", "table", *asked)
        assert (alone.out.count("error"), alone.out.count("notice")) == (0, noticed)
        assert "not shown" not in whole.err + alone.err


def test_programs_and_files_get_the_notices_as_well(run: Run, noticed: int, tmp_path: Path) -> None:
    found = run("check")
    assert [one["severity"] for one in found.records] == ["error"] * 4 + ["notice"] * noticed
    assert found.err == ""
    assert len(run("check", "--format", "csv").out.splitlines()) == 1 + 4 + noticed
    path = tmp_path / "findings.json"
    assert run("check", "--output", path).err == ""
    assert len(json.loads(path.read_text(encoding="utf-8"))) == 4 + noticed


def test_check_tells_nothing_graver_from_nothing(run: Run, noticed: int) -> None:
    with duckdb.connect("data/reports.duckdb") as connection:
        connection.execute("DELETE FROM finding WHERE severity <> 'notice'")
    found = run("check", "--format", "table")
    assert "notice" not in found.out
    assert found.err.splitlines()[0] == "No errors or warnings."
    assert f"notices not shown: {noticed}" in found.err
    assert run("check", "--year", "2019").err == "No findings.\n"


def test_metrics_can_be_searched_in_both_languages(run: Run) -> None:
    assert {record["metric"] for record in run("metrics", "结转下年度").records} == {"carried_forward"}
    assert "carried_forward" in {record["metric"] for record in run("metrics", "carried").records}


def test_importing_a_file_twice_takes_nothing_new(run: Run, workspace: Path) -> None:
    assert "there already: 1" in run("import", TONGXIN).err
    assert "No new report to read" in run("parse").err


# Languages


@pytest.mark.parametrize(("locale", "word"), [("zh_CN.UTF-8", "错误"), ("en_US.UTF-8", "error")])
def test_the_locale_decides_the_language(
    run: Run, monkeypatch: pytest.MonkeyPatch, locale: str, word: str
) -> None:
    monkeypatch.setenv("LANG", locale)
    assert run("compare", "granted").err.startswith(word)


@pytest.mark.parametrize("place", ["before", "behind"])
def test_lang_overrides_the_locale_on_either_side_of_the_command(run: Run, place: str) -> None:
    lang = ("--lang", "zh")
    arguments = (*lang, "check", "--help") if place == "before" else ("check", "--help", *lang)
    assert "列出报告中发现的矛盾" in run(*arguments).out


def test_findings_are_worded_in_chinese(run: Run, workspace: Path) -> None:
    messages = [record["message"] for record in run("check", "--lang", "zh").records]
    assert "自然人：办理结果总计写为 0 件，各项结果相加却为 6 件。" in messages
