"""``docs/performance.md`` has the figures that the benchmarks left, and no others."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
BENCHMARKS = ROOT / "benchmarks"
RESULTS = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in BENCHMARKS.glob("results/*.json")
}
TEMPLATES = [
    path
    for path in sorted(BENCHMARKS.glob("sections/*/*.md"))
    if path.stem in {*RESULTS, "how", "performance"}
]
PAGES = ("performance.md", "zh/performance.md")

# Of a template: what is filled in, what is told to the template, code and links.
_FILLED = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|`[^`]*`|\]\([^)]*\)", re.DOTALL)
# A number that stands for itself, and is no part of a name such as p95.
_NUMBER = re.compile(r"(?<![A-Za-z\d])\d")


@pytest.mark.parametrize("page", PAGES)
def test_the_document_is_what_the_results_make_of_it(page: str, tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "performance.py"), "--render", "--docs", str(tmp_path)]
    subprocess.run(command, check=True)
    rendered = (tmp_path / page).read_text(encoding="utf-8")
    assert rendered == (ROOT / "docs" / page).read_text(encoding="utf-8")
    for result in RESULTS.values():
        assert f"`{result['command']}`" in rendered


@pytest.mark.parametrize("name", sorted(RESULTS))
def test_a_result_tells_how_it_was_measured(name: str) -> None:
    result: dict[str, Any] = RESULTS[name]
    script = re.fullmatch(r"python (benchmarks/\w+\.py)( .+)?", result["command"])
    assert script
    assert (ROOT / script[1]).exists()
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", result["date"])
    assert result["figures"]
    assert result["machine"]["cores"]
    # What was measured before there was the command tells only what was written down then.
    if not result["note"]:
        assert re.fullmatch(r"[0-9a-f]{7,}\+?", result["commit"])
        assert {"Python", "duckdb", "pyarrow", "selectolax"} <= result["versions"].keys()
        assert all(result["versions"].values())
        assert all(result["machine"][part] for part in ("processor", "memory_gb", "system"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(BENCHMARKS)))
def test_no_figure_is_written_by_hand(template: Path) -> None:
    text = _FILLED.sub("", template.read_text(encoding="utf-8"))
    assert [line for line in text.splitlines() if _NUMBER.search(line)] == []


def test_every_benchmark_has_a_result_and_its_text_in_both_languages() -> None:
    by_language = [{path.stem for path in TEMPLATES if path.parent.name == name} for name in ("en", "zh")]
    assert by_language[0] == by_language[1] == {*RESULTS, "how", "performance"}


def test_a_nation_is_measured_from_its_archive_to_the_checked_database(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "pipeline.py"), "--counties", "2", "3"]
    told = subprocess.run(
        [*command, "--results", str(tmp_path)], check=True, capture_output=True, text=True
    ).stdout
    result = json.loads((tmp_path / "pipeline.json").read_text(encoding="utf-8"))
    assert result["command"] == "python benchmarks/pipeline.py --counties 2 3"
    for nation, counties in zip(result["figures"]["nations"], (2, 3), strict=True):
        assert nation["right"]
        assert nation["reports"] == counties * 18
        assert nation["compared"] == nation["facts"] > 0
        assert nation["wrong"] == nation["unread"] == 0
        assert nation["errors_named"] == nation["errors"]
        assert 0 < nation["dom_processor"] < nation["processor"]
        assert nation["peak"] >= nation["each"][0] > 50
        steps = {name: step["seconds"] for name, step in nation["steps"].items()}
        assert 0 < sum(steps.values()) - steps["all"] <= steps["all"] <= nation["seconds"]
    minutes = [f"{one['seconds'] / 60:.1f}" for one in result["figures"]["nations"]]
    assert f"| minutes | {minutes[0]} | {minutes[1]} |" in told
