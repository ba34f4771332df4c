"""Decisions of people about findings: kept, counted, and never lost with the database."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from analysis.review import Decision, apply_decisions, read_decisions, record_decisions
from conftest import TONGXIN, Run
from history import History, report, url_of


def open_ids(run: Run) -> dict[tuple[str, str], str]:
    """The findings that are open, by rule and applicant."""
    found = run("check", "review", "--format", "json")
    assert found.code == 0, found.err
    return {(one["rule"], one["applicant"]): one["finding_id"] for one in found.records}


def statuses(run: Run) -> dict[tuple[str, str], str]:
    """The status of every finding, by rule and applicant."""
    return {
        (one["rule"], one["applicant"]): one["status"] for one in run("check", "--format", "json").records
    }


def decided(run: Run) -> list[dict[str, Any]]:
    """The decisions taken, the last first."""
    found = run("check", "review", "--list", "--format", "json")
    assert found.code == 0, found.err
    return list(found.records)


BALANCE = ("requests.balance", "total")
SUM = ("requests.processed_sum", "total")


@pytest.mark.usefixtures("workspace")
def test_what_is_open_is_listed_with_ids_until_somebody_decides(run: Run) -> None:
    ids = open_ids(run)
    assert len(ids) == 4
    assert (
        run("check", "review", ids[BALANCE], "--confirm", "--name", "李四", "--note", "已电话核实").code == 0
    )
    assert run("check", "review", ids[SUM], "--dismiss", "--name", "李四").code == 0
    assert set(open_ids(run)) == set(ids) - {BALANCE, SUM}
    confirmed = run("check", "--status", "confirmed", "--format", "json").records
    assert [one["finding_id"] for one in confirmed] == [ids[BALANCE]]
    dismissed = run("check", "--status", "dismissed", "--format", "json").records
    assert [one["finding_id"] for one in dismissed] == [ids[SUM]]


def test_a_decision_is_one_line_that_people_can_read(run: Run, workspace: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    ids = open_ids(run)
    run("check", "review", ids[BALANCE], "--confirm", "--name", "李四", "--note", "第一行\n第二行")
    (text,) = (workspace / "reviews.jsonl").read_text(encoding="utf-8").splitlines()
    assert "李四" in text
    line = json.loads(text)
    assert (line["verdict"], line["name"], line["note"]) == ("confirmed", "李四", "第一行\n第二行")
    assert line["finding_id"] == ids[BALANCE]
    assert (line["rule"], line["applicant"], line["expected"], line["actual"]) == (*BALANCE, 6, 0)
    assert line["url"] == TONGXIN.as_uri()
    assert "6 件" in line["message"]["zh"]
    moment = datetime.fromisoformat(line["decided_at"])
    assert before <= moment <= before + timedelta(minutes=5)
    assert moment.utcoffset() == timedelta(0)


def test_decisions_outlive_a_new_reading_and_the_database(run: Run, workspace: Path) -> None:
    ids = open_ids(run)
    run("check", "review", ids[BALANCE], "--confirm", "--name", "李四", "--note", "属实")
    run("check", "review", ids[SUM], "--dismiss", "--name", "王五")
    expected = statuses(run)
    assert run("parse").code == 0
    assert statuses(run) == expected
    (workspace / "reports.duckdb").unlink()
    assert run("parse").code == 0
    assert statuses(run) == expected
    assert sorted(expected.values()) == ["confirmed", "dismissed", "open", "open"]
    assert [(one["name"], one["note"]) for one in decided(run)] == [("王五", ""), ("李四", "属实")]


def test_the_last_of_several_decisions_counts_and_all_are_kept(run: Run, workspace: Path) -> None:
    finding = open_ids(run)[BALANCE]
    for choice, name in (("--confirm", "甲"), ("--dismiss", "乙"), ("--confirm", "丙"), ("--reopen", "丁")):
        assert run("check", "review", finding, choice, "--name", name).code == 0
    assert statuses(run)[BALANCE] == "open"
    found = run("check", "review", finding, "--format", "json").records
    assert [(one["name"], one["decision"], one["standing"]) for one in found] == [
        ("丁", "open", "counts"),
        ("丙", "confirmed", "superseded"),
        ("乙", "dismissed", "superseded"),
        ("甲", "confirmed", "superseded"),
    ]
    run("check", "review", finding, "--dismiss", "--name", "戊")
    assert statuses(run)[BALANCE] == "dismissed"
    assert len((workspace / "reviews.jsonl").read_text(encoding="utf-8").splitlines()) == 5


@pytest.mark.usefixtures("workspace")
def test_several_findings_are_decided_at_once_and_ids_may_be_cut_short(run: Run) -> None:
    ids = open_ids(run)
    cut = [one[:6] for one in ids.values()]
    assert len(set(cut)) == 4
    assert run("check", "review", *cut, "--confirm", "--name", "李四").code == 0
    assert open_ids(run) == {}
    assert len(decided(run)) == 4
    table = run("check", "review", "--list", "--format", "table")
    assert cut[0] in table.out


@pytest.mark.usefixtures("workspace")
def test_an_id_that_is_none_is_refused_with_those_near_it(run: Run) -> None:
    ids = open_ids(run)
    wrong = ids[BALANCE][:-1] + ("0" if ids[BALANCE][-1] != "0" else "1")
    found = run("check", "review", ids[SUM], wrong, "--confirm", "--name", "李四")
    assert found.code == 2
    assert wrong in found.err
    assert ids[BALANCE] in found.err
    empty = run("check", "review", "", "--dismiss", "--name", "李四")
    assert empty.code == 2
    # None of them was decided.
    assert decided(run) == []


def test_an_id_that_several_findings_begin_with_asks_back(run: Run, workspace: Path) -> None:
    ids = open_ids(run)
    with duckdb.connect(str(workspace / "reports.duckdb")) as connection:
        connection.execute(
            "INSERT INTO finding SELECT * REPLACE ($1 AS finding_id) FROM finding WHERE finding_id = $2",
            [ids[BALANCE][:15] + "z", ids[BALANCE]],
        )
    found = run("check", "review", ids[BALANCE][:15], "--confirm", "--name", "李四")
    assert found.code == 2
    assert ids[BALANCE] in found.err
    assert run("check", "review", ids[BALANCE], "--confirm", "--name", "李四").code == 0


@pytest.mark.usefixtures("workspace")
def test_wrong_usage_is_told(run: Run) -> None:
    finding = open_ids(run)[BALANCE]
    assert run("check", "review", finding, "--confirm", "--dismiss").code == 2
    assert run("check", "review", "--confirm").code == 2
    assert run("check", "review", finding, "--settle").code == 2
    assert run("check", "review", "--county", "无此县").code == 2


@pytest.mark.usefixtures("workspace")
def test_who_decides_is_asked_of_git(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "gitconfig"
    config.write_text("[user]\n\tname = 赵六\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    ids = open_ids(run)
    run("check", "review", ids[BALANCE], "--confirm")
    assert decided(run)[0]["name"] == "赵六"
    config.write_text("", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(config))
    monkeypatch.setenv("LOGNAME", "reviewer")
    run("check", "review", ids[BALANCE], "--dismiss")
    assert decided(run)[0]["name"] == "reviewer"


@pytest.fixture
def page(run: Run, tmp_path: Path) -> Path:
    """A page that can be published again with other figures, imported and read."""
    path = tmp_path / "saved" / "page.html"
    path.parent.mkdir()
    path.write_bytes(TONGXIN.read_bytes())
    read_again(run, path, 1)
    return path


def read_again(run: Run, path: Path, month: int) -> None:
    """Takes the page as it was saved in that month, and reads it."""
    line = f"page.html,http://www.tongxin.gov.cn.test/nb/2020.html,2022-{month:02}-01T00:00:00"
    (path.parent / "manifest.csv").write_text(f"file,url,captured_at\n{line}\n", encoding="utf-8")
    assert run("import", path.parent).code == 0
    assert run("parse").code == 0


def with_handled(text: str, handled: str) -> str:
    """The report with another figure in the first and the last cell of the row of all that was handled."""
    start = text.index("（七）总计")
    row, rest = text[start : text.index("</tr>", start)], text[text.index("</tr>", start) :]
    cells = row.split(">0<")
    assert len(cells) == 8
    changed = cells[0] + f">{handled}<" + ">0<".join(cells[1:-1]) + f">{handled}<" + cells[-1]
    return text[:start] + changed + rest


def test_a_finding_is_open_again_when_its_figures_change(run: Run, page: Path) -> None:
    finding = open_ids(run)[BALANCE]
    run("check", "review", finding, "--dismiss", "--name", "李四", "--note", "已说明")
    original = page.read_text(encoding="utf-8")
    page.write_text(with_handled(original, "4"), encoding="utf-8")
    read_again(run, page, 2)
    assert open_ids(run)[BALANCE] == finding
    (one,) = [found for found in run("check", "review", "--format", "json").records if found["decided"]]
    assert (one["decided"], one["name"], one["actual_then"], one["expected_then"]) == (
        "dismissed",
        "李四",
        0,
        6,
    )
    assert (one["actual"], one["expected"]) == (4, 6)
    table = run("check", "review", "--format", "table")
    assert "dismissed by" in table.out
    chinese = run("check", "review", finding, "--format", "table", "--lang", "zh")
    assert "数字已变" in chinese.out
    assert decided(run)[0]["standing"] == "figures_changed"
    run("check", "review", finding, "--confirm", "--name", "李四")
    assert statuses(run)[BALANCE] == "confirmed"


def test_a_decision_waits_for_a_finding_that_went_away(run: Run, page: Path) -> None:
    finding = open_ids(run)[BALANCE]
    run("check", "review", finding, "--confirm", "--name", "李四")
    original = page.read_text(encoding="utf-8")
    page.write_text(with_handled(original, "6"), encoding="utf-8")
    read_again(run, page, 2)
    # The altered figures are news of their own.
    assert {rule for rule, _ in statuses(run)} == {"identity.altered"}
    assert [one["standing"] for one in decided(run)] == ["no_finding"]
    page.write_text(original, encoding="utf-8")
    read_again(run, page, 3)
    assert statuses(run)[BALANCE] == "confirmed"


def test_a_damaged_line_is_told_and_hides_no_other(run: Run, workspace: Path) -> None:
    ids = open_ids(run)
    run("check", "review", ids[BALANCE], "--confirm", "--name", "李四")
    reviews = workspace / "reviews.jsonl"
    whole = reviews.read_text(encoding="utf-8")
    unzoned = json.dumps(json.loads(whole) | {"decided_at": "2026-01-01T00:00:00"})
    reviews.write_text(f"{{\n\n[]\n{unzoned}\n{whole}{whole[:50]}", encoding="utf-8")
    # The cut line does not take the next decision with it.
    found = run("check", "review", ids[SUM], "--dismiss", "--name", "王五")
    assert found.code == 0
    assert "1, 3, 4, 6" in found.err
    assert "reviews.jsonl" in found.err
    assert statuses(run) | {BALANCE: "confirmed", SUM: "dismissed"} == statuses(run)
    assert [one["review_no"] for one in decided(run)] == [7, 5]


def test_a_file_that_cant_be_written_or_read_is_told(run: Run, workspace: Path) -> None:
    finding = open_ids(run)[BALANCE]
    (workspace / "reviews.jsonl").mkdir()
    found = run("check", "review", finding, "--confirm", "--name", "李四")
    assert found.code == 1
    assert "reviews.jsonl" in found.err
    assert run("parse").code == 1


def test_a_decision_is_kept_while_another_process_reads_the_database(run: Run, workspace: Path) -> None:
    finding = open_ids(run)[BALANCE]
    opening = "connection = duckdb.connect(sys.argv[1], read_only=True)"
    reading = f"import duckdb, sys; {opening}; print('open', flush=True); input()"
    arguments = [sys.executable, "-c", reading, str(workspace / "reports.duckdb")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        found = run("check", "review", finding, "--confirm", "--name", "李四")
        other.communicate("\n", timeout=30)
    assert found.code == 1
    assert "nianbao parse" in found.err
    assert statuses(run)[BALANCE] == "open"
    assert run("parse").code == 0
    assert statuses(run)[BALANCE] == "confirmed"


def decision(finding_id: str, **other: Any) -> Decision:
    known: dict[str, Any] = {
        "decided_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "name": "李四", "verdict": "confirmed",
        "note": "", "report_id": "r", "url": "http://www.example.gov.cn.test/1.html", "publisher": None,
        "year": None, "rule": "requests.balance", "applicant": None, "metrics": ("granted",),
        "expected": None, "actual": 0.1 + 0.2, "message": {"zh": "甲", "en": "a"},
    }  # fmt: skip
    return Decision(**known | {"finding_id": finding_id} | other)


def test_a_decision_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "reviews.jsonl"
    assert read_decisions(path) == ({}, [])
    hostile = decision("a", note='"\n\\u0000 {}</script>\u2028', name="=1+1")
    record_decisions(path, [hostile, decision("b")])
    record_decisions(path, [decision("c", verdict="open", year=2020, expected=6.0)])
    kept, damaged = read_decisions(path)
    assert damaged == []
    assert list(kept) == [1, 2, 3]
    assert kept[1] == hostile
    assert kept[3] == decision("c", verdict="open", year=2020, expected=6.0)


def _decide(path: Path, name: str) -> None:
    for number in range(40):
        record_decisions(path, [decision(f"{name}{number}", note="长" * 3000)])


def test_several_people_decide_at_the_same_time(tmp_path: Path) -> None:
    path = tmp_path / "reviews.jsonl"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_decide, args=(path, name)) for name in "abcd"]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    kept, damaged = read_decisions(path)
    assert damaged == []
    assert sorted(one.finding_id for one in kept.values()) == sorted(
        f"{n}{i}" for n in "abcd" for i in range(40)
    )


def test_a_finding_that_was_named_anew_keeps_its_decision(run: Run, workspace: Path) -> None:
    finding = open_ids(run)[BALANCE]
    run("check", "review", finding, "--confirm", "--name", "李四")
    kept, _ = read_decisions(workspace / "reviews.jsonl")
    with duckdb.connect(str(workspace / "reports.duckdb")) as connection:
        connection.execute("UPDATE finding SET finding_id = 'named-anew' WHERE finding_id = $1", [finding])
        apply_decisions(connection, kept)
        assert connection.execute("SELECT finding_id, standing FROM review").fetchall() == [
            ("named-anew", "counts")
        ]
    assert statuses(run)[BALANCE] == "confirmed"


def test_a_decision_is_of_the_year_s_report_that_the_address_had(run: Run, workspace: Path) -> None:
    history = History(workspace)
    history.answer("/latest.html", 2, report(prose="另一份。"))
    history.answer("/latest.html", 4, report(year=2021, upheld=3))
    assert run("parse").code == 0
    wanted = (*BALANCE, url_of("/latest.html"))
    found = {
        one["year"]: one["finding_id"]
        for one in run("check", "review", "--format", "json").records
        if (one["rule"], one["applicant"], one["url"]) == wanted
    }
    assert set(found) == {2020, 2021}
    run("check", "review", found[2021], "--confirm", "--name", "李四")
    # An earlier capture at another address names the report, and the decision follows.
    history.answer("/2021.html", 1, report(year=2021, upheld=3))
    assert run("parse").code == 0
    confirmed = run("check", "--status", "confirmed", "--format", "json").records
    assert [(one["year"], one["rule"], one["applicant"]) for one in confirmed] == [(2021, *BALANCE)]
    assert confirmed[0]["finding_id"] != found[2021]
    assert confirmed[0]["url"].endswith("/2021.html")


@pytest.mark.usefixtures("workspace")
def test_lists_are_filtered_and_worded_in_both_languages(run: Run) -> None:
    ids = open_ids(run)
    run("check", "review", *ids.values(), "--confirm", "--name", "李四")
    for wanted in (("--year", 2020), ("--county", "同心县"), ("--rule", "requests.*")):
        assert len(run("check", "review", "--list", *wanted, "--format", "json").records) == 4
    assert run("check", "review", "--list", "--year", 2019, "--format", "json").records == []
    assert "件" in run("check", "review", "--list", "--lang", "zh", "--format", "json").records[0]["message"]
    assert run("check", "review", "--format", "json").records == []


def test_what_a_spreadsheet_would_reckon_is_a_text(run: Run, workspace: Path, tmp_path: Path) -> None:
    assert workspace.is_dir()
    book = tmp_path / "answer.xlsx"
    query = "SELECT '=1+1' AS formula, 'http://www.example.gov.cn.test/' AS address"
    assert run("sql", query, "--output", book).code == 0
    sheet = openpyxl.load_workbook(book).active
    assert sheet is not None
    assert [(cell.value, cell.data_type) for cell in sheet[2]] == [
        ("=1+1", "s"),
        ("http://www.example.gov.cn.test/", "s"),
    ]
    assert all(cell.hyperlink is None for cell in sheet[2])
