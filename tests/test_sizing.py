"""The page of operations has the figures that benchmarks left, and formulas that are what it says."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import sizing  # noqa: E402
from benchmarks.results import RESULTS  # noqa: E402

ASSUMED = sizing.Assumed(requests=2, seconds=3, at_once=10)


def nation(reports: int) -> dict[str, Any]:
    """A nation of which every report takes the same, beside what each run takes anyway."""
    return {
        "reports": reports,
        "processor": 20 + 0.011 * reports,
        "each": [300 + reports / 1000, 290, 310],
        "database_mb": 8 + 0.005 * reports,
        "steps": {
            "reading": {"main_processor": 1 + 0.001 * reports},
            "settling": {"main_processor": 1},
            "reuse": {"main_processor": 2 + 0.002 * reports},
            "findings": {"main_processor": 3 + 0.001 * reports},
        },
    }


@pytest.fixture
def results(tmp_path: Path) -> Path:
    kept = {
        "pipeline": {"nations": [nation(5_000), nation(50_000)]},
        "crawling": {"pages": 1_000, "ways": {"crawl": {"ms": 7.2, "warc_mb": 4.5}}},
    }
    for name, figures in kept.items():
        told = {"command": "", "date": "", "commit": "", "machine": {"cores": 2}, "versions": {}}
        result = {"benchmark": name, **told, "figures": figures}
        (tmp_path / f"{name}.json").write_text(json.dumps(result), encoding="utf-8")
    return tmp_path


def test_what_each_report_takes_is_what_more_reports_take(results: Path) -> None:
    each = sizing.cost(results)
    assert each.read == pytest.approx(0.008)
    assert each.written == pytest.approx(0.001)
    assert each.checked == pytest.approx(0.003)
    assert each.database == pytest.approx(5)
    assert each.asked == pytest.approx(0.0072)
    assert each.archive == pytest.approx(4.5)
    assert (each.worker, each.main, each.measured) == (310, 350, 50_000)


def test_a_job_takes_what_the_formulas_say(results: Path) -> None:
    each = sizing.cost(results)
    size = sizing.size(sizing.Job(reports=36_000, portals=100, shards=2, workers=4), each, ASSUMED)
    # 36,000 reports by 2 requests of 3 seconds, 20 portals at once.
    assert size.crawl == pytest.approx(3.0)
    assert size.asking == pytest.approx(0.072)
    assert size.archive == pytest.approx(0.324)
    assert size.reading == pytest.approx(0.02)
    assert size.checking == pytest.approx(0.03)
    assert size.database == pytest.approx(0.18)
    assert size.workers == pytest.approx(1.24)
    # Of many workers the one that writes is the slowest.
    many = sizing.size(sizing.Job(reports=36_000, portals=100, shards=2, workers=40), each, ASSUMED)
    assert many.reading == pytest.approx(0.01)
    # No more portals at once than there are.
    few = sizing.size(sizing.Job(reports=36_000, portals=6, shards=2, workers=4), each, ASSUMED)
    assert few.crawl == pytest.approx(10.0)


@pytest.mark.parametrize("language", sizing.PAGES)
def test_what_was_not_measured_is_no_figure(language: str, results: Path, tmp_path: Path) -> None:
    empty = tmp_path / "none"
    assert "–" in sizing.section(language, empty)
    assert "–" not in sizing.section(language, results)


@pytest.mark.parametrize("language", sizing.PAGES)
def test_the_page_is_what_the_results_say(language: str) -> None:
    """Where it fails: python benchmarks/sizing.py."""
    page = (ROOT / "docs" / sizing.PAGES[language]).read_text(encoding="utf-8")
    assert sizing.filled(page, sizing.section(language, RESULTS)) == page


def test_a_page_without_marks_is_told() -> None:
    with pytest.raises(ValueError, match="sizing"):
        sizing.filled("# Operations\n", "")
