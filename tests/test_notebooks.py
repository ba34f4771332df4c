"""The notebooks, run from top to bottom on the sample data: what they work out, and that they are apps."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nianbao.commands.demo import demo

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that ``nianbao demo`` leaves."""
    folder = tmp_path_factory.mktemp("samples")
    assert demo(data=str(folder)) == 0
    return folder


@pytest.fixture(autouse=True)
def workspace_of_notebooks(samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIANBAO_DATA", str(samples))
    monkeypatch.setenv("LANG", "C.UTF-8")


def run(name: str, **chosen: object) -> Mapping[str, Any]:
    """What a notebook works out; ``chosen`` are the values of its controls."""
    spec = spec_from_file_location(name, NOTEBOOKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    controls: dict[str, Any] = {key: SimpleNamespace(value=value) for key, value in chosen.items()}
    if "language" in controls:
        controls["given"] = {}
    _, found = module.app.run(defs=controls or None)
    assert isinstance(found, Mapping)
    return found


def test_counties_are_ranked() -> None:
    found = run("compare_counties")
    # 26 of 119, 5 of 37 and none of 9 requests are refused.
    assert [(row["Rank"], row["County"], row["Refusal rate"], row["of"]) for row in found["rows"]] == [
        (1, "白榆区", "21.8", 119),
        (2, "青禾县", "13.5", 37),
        (3, "同心县", "0.0", 9),
    ]
    svg = found["picture"].svg()
    assert "Refusal rate (%), 2022" in svg
    assert "SAMPLE DATA" in svg


def test_what_is_chosen_counts() -> None:
    found = run(
        "compare_counties", year=2020, metric="disclosure_rate", province="宁夏回族自治区", at_least=10
    )
    rows = {row["County"]: row for row in found["rows"]}
    # 同心县 prints that no request was decided.
    assert rows["同心县"]["Disclosure rate"] == "(÷0)"
    assert rows["同心县"]["Rank"] is None
    assert "青禾县" not in rows
    assert found["picture"] is None
    small = run("compare_counties", at_least=100)
    assert [row["Rank"] for row in small["rows"]] == [1, None, None]


def test_a_county_is_followed_to_its_cells() -> None:
    found = run(
        "follow_a_county", county="990102", metrics=["requests_received", "review_total"], language="zh"
    )
    received = "一、本年新收政府信息公开申请数量"
    assert [(row["年度"], row[received]) for row in found["rows"]] == [
        ("2022", "118"), ("2021", "108†"), ("2020", "95"), ("2019", "83"),
    ]  # fmt: skip
    assert [(row["年度"], row["程度"], row["规则"]) for row in found["listed"]] == [
        ("2022", "错误", "years.carry"),
        ("2022", "警告", "years.carry"),
    ]
    (cell,) = found["cells"]
    assert (cell["单元格"], cell["数值"], cell["原文"]) == ("requests_received total", 118, "１１８")
    assert "白榆区" in found["picture"].svg()


def test_what_contradicts_itself_is_marked() -> None:
    found = run("follow_a_county", county="640324", metrics=["requests_received", "refusal_rate"])
    (row,) = (one for one in found["rows"] if one["Year"] == "2020")
    assert (row["Requests received this year"], row["Refusal rate"]) == ("6*", "(÷0)")
    assert len(found["listed"]) == 4


def test_a_province_is_audited() -> None:
    found = run("audit_a_province")
    assert found["counted"] == {"whole": 4, "own": 4}
    assert [(row["Severity"], row["Rule"], row["Findings"]) for row in found["by_rule"]] == [
        ("error", "years.carry", 1),
        ("warning", "years.carry", 1),
    ]
    assert [row["County"] for row in found["listed"]] == ["白榆区", "白榆区"]
    assert found["reused"] == []
    whole = run("audit_a_province", province="宁夏回族自治区", reporting_only=False, language="zh")
    assert whole["counted"]["own"] == 4
    # All counties of the province but one lack the four years.
    assert whole["counted"]["missing"] == 4 * (len({one["owner"] for one in whole["coverage"].records}) - 1)
    assert [row["规则"] for row in whole["by_rule"]] == ["requests.balance", "requests.processed_sum"]


def exported(folder: Path, *arguments: object) -> str:
    """What an app shows that is run with ``arguments``, as marimo exports it."""
    page = folder / "page.html"
    # marimo leaves a folder beside the notebook.
    notebook = Path(shutil.copy(NOTEBOOKS / "follow_a_county.py", folder))
    command = [sys.executable, "-m", "marimo", "export", "html", "--no-include-code", notebook, "-o", page]
    subprocess.run(
        [str(one) for one in (*command, "--", *arguments)], capture_output=True, check=False, cwd=folder
    )
    text = page.read_text(encoding="utf-8")
    return re.sub(r"\\+u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)


def test_an_app_takes_its_workspace_as_an_argument(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NIANBAO_DATA")
    shown = exported(tmp_path, "--data", samples, "--lang", "zh")
    assert "一个县的历年数字" in shown
    assert "4 份政府信息公开工作年度报告" in shown
    assert "reports.duckdb does not exist. Name a workspace" in exported(tmp_path, "--data", "nowhere")
