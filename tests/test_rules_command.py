"""``rules``, ``check show``, ``check --not-assessable``: what must hold, and all about one finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.checks import rules
from conftest import GOLDEN, Run


@pytest.fixture
def balance(run: Run, workspace: Path) -> str:
    """The id of the finding that the requests of Tongxin 2020 do not balance."""
    found = run("check", "--rule", "requests.balance").records
    return str(next(line["finding_id"] for line in found if line["applicant"] == "total"))


def test_rules_lists_the_whole_catalogue(run: Run) -> None:
    listed = run("rules").records
    assert [line["rule"] for line in listed] == [rule.rule for rule in rules()]
    carry = next(line for line in listed if line["rule"] == "years.carry")
    assert carry["form"] == ["2019", "2021"]
    assert carry["formulas"] == ["requests_carried_in = previous.carried_forward"]
    assert (carry["severity"], carry["severity_unless_total"]) == ("error", "warning")
    assert "（四）" not in carry["holds"]
    assert "2020 report" in carry["source"]


@pytest.mark.parametrize(
    ("text", "found"),
    [("years.carry", "years.carry"), ("GAZETTE", "prose.self"), ("previous.review_pending", "years.pending")],
)
def test_rules_are_searched(run: Run, text: str, found: str) -> None:
    listed = [line["rule"] for line in run("rules", text).records]
    assert found in listed
    assert len(listed) < len(rules())


def test_rules_speak_chinese(run: Run) -> None:
    said = run("rules", "第一项加第二项", "--lang", "zh", "--format", "table").out
    assert "应当成立" in said
    assert "requests.balance" in said
    (late,) = run("rules", "published.late", "--lang", "zh").records
    assert "国务院令第711号第四十九条" in late["source"]


def test_a_finding_is_explained(run: Run, balance: str) -> None:
    told = run("check", "show", balance).records
    assert told["holds"] == "in each column: received + carried in = handled + carried forward"
    assert "第一项加第二项之和" in told["source"]
    assert (told["actual"], told["expected"], told["difference"]) == (0, 6, -6)
    assert told["url"].endswith("document.html")
    cells = [(cell["metric"], cell["applicant"], cell["raw"], cell["table_no"]) for cell in told["cells"]]
    assert cells == [
        ("processed_total", "total", "0", 1),
        ("carried_forward", "total", "0", 1),
        ("requests_received", "total", "6", 1),
        ("requests_carried_in", "total", "0", 1),
    ]
    assert all(cell["url"] == told["url"] and cell["col"] == 9 for cell in told["cells"])
    ((*changes,),) = told["suggestion"]
    assert ("processed_total", "total", 0, 6) in [
        tuple(change[key] for key in ("metric", "applicant", "from", "to")) for change in changes
    ]


def test_a_finding_is_explained_to_people(run: Run, balance: str) -> None:
    said = run("check", "show", balance[:6], "--format", "table", "--lang", "zh").out
    assert "应当成立" in said
    assert "（七）总计 总计：0 改为 6" in said
    assert "两版格式均在表头印有" in said
    assert "nianbao" not in said


def test_the_cells_of_a_finding_as_csv(run: Run, balance: str) -> None:
    lines = run("check", "show", balance, "--format", "csv").out.splitlines()
    assert lines[0].startswith("year,table,label,applicant_label,value,raw,table_no,row,col")
    assert len(lines) == 5


def test_a_finding_that_is_none_is_told(run: Run, workspace: Path) -> None:
    done = run("check", "show", "ffff")
    assert done.code == 2
    assert "no finding has the id “ffff”" in done.err


def test_sentences_are_quoted(run: Run, tmp_path: Path) -> None:
    run("import", GOLDEN / "tongxin-2020-text" / "document.txt")
    run("parse")
    for finding in run("check", "--rule", "prose.*").records:
        told = run("check", "show", finding["finding_id"]).records
        for quote in told["quotes"]:
            assert quote["sentence"][quote["start"] : quote["end"]]


def test_what_could_not_be_judged_is_listed(run: Run, tmp_path: Path) -> None:
    run("import", GOLDEN / "total-column-blank" / "document.html")
    run("parse")
    listed = run("check", "--not-assessable", "--rule", "requests.total_column").records
    assert listed
    assert {line["reason"] for line in listed} == {"blank"}
    assert all("total" in line["blanks"] for line in listed)
    assert run("check", "--rule", "requests.total_column").records == []


def test_a_missing_table_is_no_finding(run: Run, tmp_path: Path) -> None:
    run("import", GOLDEN / "tables-as-pictures" / "document.html")
    run("parse")
    assert [line for line in run("check").records if line["severity"] == "error"] == []
    listed = run("check", "--not-assessable", "--rule", "requests.balance").records
    assert [line["reason"] for line in listed] == ["table_missing"]
