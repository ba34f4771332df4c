"""What nianbao changes, check and compare say of reports that appeared, vanished or were altered."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from analysis.checks import record_findings
from conftest import Run
from history import HOST, NEWS, PROSE, SOFT_404, Ask, History, asking, report, told
from portal_server import Answer, Answers, serving
from scraper import parse as parsing
from scraper.portals import Portal, write_registry


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "data")


@pytest.fixture
def changes(run: Run, history: History) -> Ask:
    return asking(run, history)


# The finding


ALTERED = ("check", "--rule", "identity.altered", "--format", "json")


def findings(run: Run, history: History, *arguments: object) -> dict[str, dict[str, Any]]:
    """The findings about altered figures, by metric."""
    history.parse()
    with history.database() as connection:
        record_findings(connection)
    return {one["metrics"][0]: one for one in run(*ALTERED, *arguments).records}


def test_each_altered_figure_is_a_finding(history: History, run: Run) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 1, report())
    history.answer("/a.html", 4, report(upheld=5, prose="没有问题。"))
    found = findings(run, history)
    assert set(found) == {"review_upheld", "review_total"}
    total = found["review_total"]
    assert (total["severity"], total["expected"], total["actual"], total["status"]) == (
        "warning",
        2,
        6,
        "open",
    )
    assert total["message"] == (
        "Administrative review: total: 2 until 2021-03-02, 6 since 2021-03-05;"
        " the publisher altered the figure."
    )
    said = findings(run, history, "--lang", "zh")["review_total"]["message"]
    assert said == "行政复议 / 总计：2021-03-02 仍为 2，2021-03-05 已改为 6。"


def test_an_applicant_is_named_and_other_text_quoted(history: History, run: Run) -> None:
    page = report()
    row = "（一）予以公开</td>"
    assert page.count(row) == 1
    before, behind = page.split(row)
    history.answer("/a.html", 0, page)
    history.answer("/a.html", 1, before + row + behind.replace("<td>6</td>", "<td>不详</td>", 1))
    assert findings(run, history)["granted"]["message"].startswith(
        "Granted in full (Natural persons): 6 until 2021-03-01, “不详” since 2021-03-02"
    )


def test_of_several_alterations_of_a_figure_the_last_is_found(history: History, run: Run) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 2, report(upheld=5))
    first = findings(run, history)["review_total"]
    history.answer("/a.html", 4, report(upheld=5, prose="没有问题。"))
    assert findings(run, history)["review_total"] == first
    history.answer("/a.html", 6, report())
    put_back = findings(run, history)["review_total"]
    assert (put_back["expected"], put_back["actual"]) == (6, 2)
    assert put_back["finding_id"] != first["finding_id"]
    history.answer("/a.html", 8, report(upheld=5))
    again = findings(run, history)["review_total"]
    assert (again["expected"], again["actual"]) == (2, 6)
    assert again["finding_id"] != first["finding_id"]


def test_an_altered_figure_is_marked_where_figures_are_compared(history: History, run: Run) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 2, report(upheld=5))
    findings(run, history)
    (line,) = run("compare", "review_total", "review_upheld", "review_pending").records
    # The altered figure, and all of the sum that it breaks.
    assert line["doubtful"] == ["review_total", "review_upheld", "review_pending"]


# The command


@pytest.fixture
def busy(history: History) -> History:
    """Two years' reports: that of 2020 was altered on the third day, that of 2019 vanished on the fifth."""
    history.answer("/a.html", 0, report())
    history.answer("/b.html", 0, report(year=2019))
    history.answer("/a.html", 2, report(upheld=5, prose="没有问题。"))
    history.answer("/b.html", 4, SOFT_404)
    history.parse()
    return history


def test_filters(busy: History, changes: Ask) -> None:
    assert [kind for kind, *_ in told(changes())] == ["appeared", "appeared", "altered", "vanished"]
    assert told(changes("--year", 2019)) == [
        ("appeared", "2021-03-01", "/b.html"),
        ("vanished", "2021-03-05", "/b.html"),
    ]
    assert [one["kind"] for one in changes("--since", "2021-03-03")] == ["altered", "vanished"]
    assert changes("--since", "2021-04") == changes("--since", "2022") == []
    assert len(changes("--county", "同心", "--since", 2021)) == 4
    assert changes("--county", "青秀区") == []


def test_tables_and_diffs_are_for_people(busy: History, run: Run) -> None:
    found = run("changes", "--format", "table")
    assert found.code == 0
    assert "figures 2, sentences 1" in " ".join(found.out.split())
    shown = run("changes", "--format", "table", "--diff", "--kind", "altered", "--lang", "zh").out
    assert "改动  同心县人民政府办公室  2020  数字 2 处，语句 1 处" in shown
    assert "行政复议 / 总计" in shown
    assert f"-{PROSE}\n+没有问题。\n" in shown


def test_other_formats_hold_what_differs(busy: History, run: Run, tmp_path: Path) -> None:
    text = run("changes", "--kind", "altered", "--format", "csv").out
    assert "review_upheld: 1 → 5; review_total: 2 → 6" in text
    assert "+没有问题。" in text
    assert run("changes", "--output", tmp_path / "changes.json").code == 0
    assert len(json.loads((tmp_path / "changes.json").read_text(encoding="utf-8"))) == 4
    for name in ("changes.xlsx", "changes.md", "changes.csv", "changes.parquet"):
        assert run("changes", "--output", tmp_path / name).code == 0
    table = pyarrow.parquet.read_table(tmp_path / "changes.parquet")
    assert table.column("facts").to_pylist()[1][1]["to"] == 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--since", "yesterday"), "--since yesterday: write a year, a month or a day"),
        (("--since", "2021-13"), "--since 2021-13"),
        (("--kind", "lost"), "'lost' is not one of"),
        (("--county", "无此县"), "no county is called"),
    ],
)
def test_wrong_usage(busy: History, run: Run, arguments: tuple[str, str], said: str) -> None:
    found = run("changes", *arguments)
    assert found.code == 2
    assert found.out == ""
    assert said in found.err


def test_nothing_to_say(history: History, run: Run) -> None:
    missing = run("changes")
    assert missing.code == 1
    assert "does not exist yet" in missing.err
    history.answer("/news.html", 0, NEWS)
    history.parse()
    found = run("changes")
    assert (found.code, found.out, found.err) == (0, "[]\n", "No changes.\n")


# Reading


def test_a_second_parse_does_nothing(busy: History) -> None:
    # DuckDB may take one block more for what it writes of its own when it closes a file again.
    busy.parse()
    size = (busy.folder / "reports.duckdb").stat().st_size
    for _ in range(3):
        parsed = busy.parse()
        assert (parsed.reports, parsed.other_pages, parsed.failures) == (0, 0, [])
    assert (busy.folder / "reports.duckdb").stat().st_size == size


def test_a_newer_reader_reads_all_versions_again(
    busy: History, changes: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = changes()
    monkeypatch.setattr(parsing, "reader_version", lambda: "a newer reader")
    assert busy.parse().reports == 3
    assert changes() == before
    assert busy.ask("SELECT DISTINCT reader FROM reading") == [("a newer reader",)]


def test_what_only_an_older_reader_took_for_a_report_goes(
    busy: History, changes: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with busy.database() as connection:
        connection.execute("UPDATE reading SET outcome = 'report', content = 'x', form = '2019'")
        connection.execute("UPDATE reading SET reader = 'an older reader'")
    found = changes()
    assert [kind for kind, *_ in told(found)] == ["appeared", "appeared", "altered", "vanished"]


# Crawled


def test_what_a_second_crawl_finds_altered_and_gone(run: Run, tmp_path: Path) -> None:
    host = HOST.removeprefix("http://")
    links = "".join(
        f'<a href="/r{year}.html">同心县{year}年政府信息公开工作年度报告</a>' for year in (2019, 2020)
    )
    pages: Answers = {
        "/": Answer('<a href="/list.html">政府信息公开年报</a>'.encode()),
        "/list.html": Answer(f"<html><body>{links}</body></html>".encode()),
        "/r2020.html": [Answer(report().encode()), Answer(report(upheld=5, views=9).encode())],
        "/r2019.html": [Answer(report(year=2019).encode()), Answer(b"<html>no</html>", 404)],
    }
    (tmp_path / "data").mkdir()
    portal = Portal("640324", "同心县", f"{HOST}/", delay=0.0, loopback=True)
    write_registry(tmp_path / "data" / "portals.toml", [portal])
    with serving(pages) as server:
        for _ in range(2):
            run("crawl", "--resolve", f"{host}=127.0.0.1:{server.port}")
            assert run("parse").code == 0
            # Captures are dated to the second.
            time.sleep(1.1)
    found = run("changes").records
    assert sorted((one["kind"], one["url"], one["figures"], one["lines"]) for one in found) == [
        ("altered", f"{HOST}/r2020.html", 2, 0),
        ("appeared", f"{HOST}/r2019.html", 0, 0),
        ("appeared", f"{HOST}/r2020.html", 0, 0),
        ("vanished", f"{HOST}/r2019.html", 0, 0),
    ]
