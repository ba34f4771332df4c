"""What became of reports between captures: versions, copies, absences, and what nianbao changes says."""

from __future__ import annotations

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from analysis.checks import record_findings
from conftest import Run
from history import HOST, NEWS, PROSE, SOFT_404, WALL, History, day, report, url_of
from portal_server import Answer, Answers, serving
from scraper import parse as parsing
from scraper.portals import Portal, write_registry


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "data")


@pytest.fixture
def changes(run: Run, history: History) -> Any:
    """Reads what is new; the changes, oldest first."""

    def ask(*arguments: object) -> list[dict[str, Any]]:
        history.parse()
        found = run("changes", "--format", "json", *arguments)
        assert found.code == 0, found.err
        records: list[dict[str, Any]] = found.records
        return records[::-1]

    return ask


def told(records: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Kind, day and path of each change."""
    return [(one["kind"], one["at"][:10], one["url"].removeprefix(HOST)) for one in records]


def naive(number: float) -> datetime:
    return day(number).replace(tzinfo=None)


# Appeared, vanished


def test_a_report_appears_when_it_is_first_captured(history: History, changes: Any) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/news.html", 0, NEWS)
    (found,) = changes()
    assert found == {
        "at": "2021-03-01T08:00:00", "kind": "appeared", "county": "同心县",
        "publisher": "同心县人民政府办公室", "year": 2020, "what": "", "url": f"{HOST}/a.html",
        "county_code": "640324", "title": "同心县人民政府办公室2020年政府信息公开工作年度报告",
        "figures": 0, "lines": 0, "facts": [], "text": [], "vanished_as": None, "last_seen_at": None,
        "still_at": [], "urls": [f"{HOST}/a.html"], "report_id": found["report_id"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("page", "status", "shown"),
    [
        ("", "404 Not Found", "404"),
        ("gone", "410 Gone", "410"),
        (SOFT_404, "200 OK", "soft404"),
        (NEWS, "200 OK", "other_page"),
    ],
)
def test_a_report_vanishes_and_is_kept(
    history: History, changes: Any, page: str, status: str, shown: str
) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 3, report())
    history.answer("/a.html", 5, page, status)
    history.answer("/a.html", 7, page, status)
    appeared, vanished = changes()
    assert told([appeared, vanished]) == [
        ("appeared", "2021-03-01", "/a.html"),
        ("vanished", "2021-03-06", "/a.html"),
    ]
    assert vanished["vanished_as"] == shown
    assert vanished["last_seen_at"] == "2021-03-04T08:00:00"
    assert history.ask("SELECT vanished_at, vanished_as FROM report") == [(naive(5), shown)]
    assert history.ask("SELECT count(*) FROM fact") == [(198,)]


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("", "503 Service Unavailable"),
        ("", "500 Internal Server Error"),
        ("", "403 Forbidden"),
        ("", "412 Precondition Failed"),
        ("", "521 Web Server Is Down"),
        (WALL, "200 OK"),
        ("%PDF-1.4 cut off", "200 OK"),
    ],
)
def test_an_error_or_a_wall_is_no_vanishing(history: History, changes: Any, page: str, status: str) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 5, page, status)
    assert told(changes()) == [("appeared", "2021-03-01", "/a.html")]
    assert history.ask("SELECT vanished_at FROM report") == [(None,)]


def test_a_report_that_is_there_again_ends_its_absence(history: History, changes: Any) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 2, "", "404 Not Found")
    history.answer("/a.html", 3, "", "503 Service Unavailable")
    history.answer("/a.html", 4, report())
    found = changes()
    assert told(found) == [
        ("appeared", "2021-03-01", "/a.html"),
        ("vanished", "2021-03-03", "/a.html"),
        ("appeared", "2021-03-05", "/a.html"),
    ]
    assert found[2]["vanished_as"] == "404"
    assert "again" in found[2]["what"]
    assert history.ask("SELECT vanished_at FROM report") == [(None,)]
    assert history.ask("SELECT vanished_at, returned_at, returned_to FROM absence") == [
        (naive(2), naive(4), url_of("/a.html"))
    ]


def test_a_page_that_is_no_report_before_its_report_is_no_absence(history: History, changes: Any) -> None:
    history.answer("/a.html", 0, SOFT_404)
    history.answer("/a.html", 2, report())
    assert told(changes()) == [("appeared", "2021-03-03", "/a.html")]


def redirect(history: History, target: str, at: float = 5) -> None:
    history.answer("/a.html", at, "", "302 Found", target)


def test_a_redirect_to_another_page_is_a_vanishing(history: History, changes: Any) -> None:
    history.answer("/a.html", 0, report())
    redirect(history, url_of("/list/index.html?page=2"))
    history.answer("/list/index.html?page=2", 5.001, NEWS)
    (_, vanished) = changes()
    assert (vanished["kind"], vanished["vanished_as"]) == ("vanished", "redirect")


@pytest.mark.parametrize("status", ["403 Forbidden", "503 Service Unavailable", "404 Not Found"])
def test_a_redirect_is_what_it_leads_to(history: History, changes: Any, status: str) -> None:
    history.answer("/a.html", 0, report())
    redirect(history, url_of("/x/verify.html"))
    history.answer("/x/verify.html", 5, "", "302 Found", url_of("/y/verify.html"))
    history.answer("/y/verify.html", 5.001, "", status)
    assert ("vanished" in [one["kind"] for one in changes()]) == status.startswith("404")


def test_a_redirect_to_the_page_itself_says_nothing(history: History, changes: Any) -> None:
    history.answer("/a.html", 0, report())
    redirect(history, url_of("/a.html"))
    redirect(history, url_of("/cookie.html"), at=6)
    history.answer("/cookie.html", 6, "", "302 Found", url_of("/a.html"))
    redirect(history, url_of("/nobody/captured/this.html"), at=7)
    assert told(changes()) == [("appeared", "2021-03-01", "/a.html")]


# Altered


def test_an_altered_figure_is_a_change_and_both_versions_stay(history: History, changes: Any) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 1, report())
    history.answer("/a.html", 4, report(upheld=5))
    _, altered = changes()
    assert (altered["kind"], altered["figures"], altered["lines"], altered["text"]) == ("altered", 2, 0, [])
    assert (altered["last_seen_at"], altered["at"]) == ("2021-03-02T08:00:00", "2021-03-05T08:00:00")
    assert altered["facts"] == [
        {"metric": "review_upheld", "applicant": "", "from": 1, "to": 5, "from_raw": "1", "to_raw": "5"},
        {"metric": "review_total", "applicant": "", "from": 2, "to": 6, "from_raw": "2", "to_raw": "6"},
    ]
    assert history.ask("SELECT value FROM fact WHERE metric = 'review_total'") == [(6.0,)]
    assert history.ask("SELECT value, captured_at FROM earlier_fact WHERE metric = 'review_total'") == [
        (2.0, naive(0))
    ]
    assert history.ask("SELECT captured_at, last_seen_at, newest FROM version ORDER BY 1") == [
        (naive(0), naive(1), False),
        (naive(4), naive(4), True),
    ]
    assert history.ask("SELECT captured_at FROM report") == [(naive(4),)]


def test_a_figure_that_became_blank_or_unreadable(history: History, changes: Any) -> None:
    blank = report().replace("<td>1</td><td>0</td><td>1</td><td>0</td><td>2</td>", "<td>1</td><td>0</td>"
                             "<td>1</td><td>/</td><td>2-3</td>")  # fmt: skip
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 1, blank)
    facts = {fact["metric"]: fact for fact in changes()[1]["facts"]}
    assert facts["review_pending"]["from"] == 0
    assert (facts["review_pending"]["to"], facts["review_pending"]["to_raw"]) == (None, "/")
    assert (facts["review_total"]["from"], facts["review_total"]["to_raw"]) == (2, "2-3")


def test_how_a_figure_is_written_is_no_change(history: History, changes: Any) -> None:
    page = report(upheld=1233)
    assert "<td>1234</td>" in page
    history.answer("/a.html", 0, page)
    history.answer("/a.html", 1, page.replace("<td>1234</td>", "<td>１,234 </td>"))
    history.answer("/a.html", 2, page.replace("<td>1234</td>", "<td><p>1234件</p></td>"))
    assert told(changes()) == [("appeared", "2021-03-01", "/a.html")]


def test_an_altered_sentence_is_a_change_without_figures(history: History, changes: Any) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 1, report(prose="公开内容还不够全面，将于明年改进。另有一句。"))
    _, altered = changes()
    assert (altered["kind"], altered["figures"], altered["facts"], altered["lines"]) == ("altered", 0, [], 2)
    assert altered["text"] == [
        "--- 2021-03-01 08:00:00",
        "+++ 2021-03-02 08:00:00",
        "@@ -9,3 +9,4 @@",
        " 五、存在的主要问题及改进情况",
        f"-{PROSE}",
        "+公开内容还不够全面，将于明年改进。",
        "+另有一句。",
        " 六、其他需要报告的事项",
    ]


def test_what_portals_set_around_a_report_is_no_change(history: History, changes: Any) -> None:
    history.answer("/a.html", 0, report(views=1))
    for at, (before, after) in enumerate(
        [
            ("<body>", "<body><p>今天是2021年3月2日 星期二</p><p>首页 &gt; 政务公开</p>"),
            ("<p>本报告由", "<p>打印时间：2021-03-05</p><p>【字体：大 中 小】 阅读次数：77</p><p>本报告由"),
            ("<p>无。</p>", "<p>无。</p><p>上一篇：2019年年报</p><p>相关链接：省政府年报。</p>"),
            ("<p>无。</p>", "<p>无。</p><p>您是第123456位访客。</p><p>版权所有，未经许可不得转载。</p>"),
        ],
        start=1,
    ):
        history.answer("/a.html", at, report(views=at * 10).replace(before, after, 1))
    assert told(changes()) == [("appeared", "2021-03-01", "/a.html")]
    assert history.ask("SELECT captured_at, last_seen_at FROM version") == [(naive(0), naive(4))]
    assert history.ask("SELECT captured_at FROM report") == [(naive(4),)]


def test_the_text_is_the_report_s_own(history: History) -> None:
    history.answer("/a.html", 0, report())
    history.parse()
    lines = [str(line) for (line,) in history.ask("SELECT text FROM report_text ORDER BY paragraph")]
    assert lines[0].startswith("本报告由同心县人民政府办公室")
    assert lines[-1] == "无。"
    assert not any("浏览次数" in line or "网站标识码" in line for line in lines)


def test_a_figure_altered_and_put_back_is_three_versions(history: History, changes: Any) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 1, report(upheld=5))
    history.answer("/a.html", 2, report())
    found = changes()
    assert [(one["kind"], [fact["to"] for fact in one["facts"]]) for one in found] == [
        ("appeared", []),
        ("altered", [5, 6]),
        ("altered", [1, 2]),
    ]
    assert history.ask("SELECT captured_at, newest FROM version ORDER BY 1") == [
        (naive(0), False),
        (naive(1), False),
        (naive(2), True),
    ]
    assert history.ask("SELECT captured_at FROM report") == [(naive(2),)]


def test_an_answer_that_it_still_stands_is_no_version(history: History, changes: Any) -> None:
    first = history.answer("/a.html", 0, report())
    history.stands("/a.html", 1, first)
    history.answer("/a.html", 2, report(upheld=5))
    assert told(changes()) == [("appeared", "2021-03-01", "/a.html"), ("altered", "2021-03-03", "/a.html")]
    assert history.ask("SELECT captured_at, last_seen_at FROM version ORDER BY 1") == [
        (naive(0), naive(1)),
        (naive(2), naive(2)),
    ]


def test_a_report_that_comes_back_altered_says_both(history: History, changes: Any) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 1, "", "404 Not Found")
    history.answer("/a.html", 2, report(upheld=5))
    assert sorted(told(changes())) == [
        ("altered", "2021-03-03", "/a.html"),
        ("appeared", "2021-03-01", "/a.html"),
        ("appeared", "2021-03-03", "/a.html"),
        ("vanished", "2021-03-02", "/a.html"),
    ]


# Copies


def addresses(history: History) -> tuple[list[Any], list[Any]]:
    """The paths of reports, and those at which they are as well."""
    return tuple(
        [url.removeprefix(HOST) for (url,) in history.ask(f"SELECT url FROM {table} ORDER BY url")]  # type: ignore[attr-defined, return-value]
        for table in ("report", "also_at")
    )


def test_copies_are_one_report(history: History, changes: Any) -> None:
    history.answer("/organ/copy.html", 0, report(views=3))
    history.answer("/list/b.html", 0, report().replace('class="footer"', 'class="foot"'))
    history.answer("/a.html", 1, report())
    (found,) = changes()
    assert addresses(history) == (["/list/b.html"], ["/a.html", "/organ/copy.html"])
    assert [url.removeprefix(HOST) for url in found["urls"]] == [
        "/list/b.html",
        "/a.html",
        "/organ/copy.html",
    ]
    assert history.ask("SELECT count(*) FROM fact") == [(198,)]
    assert history.ask("SELECT count(*) FROM version") == [(3,)]


def test_reports_of_other_years_and_publishers_are_no_copies(history: History) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/b.html", 0, report(year=2019))
    history.answer("/c.html", 0, report().replace("同心县人民政府办公室", "同心县民政局"))
    history.parse()
    assert addresses(history) == (["/a.html", "/b.html", "/c.html"], [])


def test_of_unknown_publishers_only_the_same_file_is_a_copy(history: History) -> None:
    nameless = (
        report().replace("同心县人民政府办公室", "").replace("同心县人民政府", "").replace("来源：政府办", "")
    )
    history.answer("/a.html", 0, nameless)
    history.answer("/b.html", 0, nameless)
    history.answer("/c.html", 0, nameless + " ")
    history.parse()
    assert history.ask("SELECT DISTINCT publisher FROM report") == [(None,)]
    assert addresses(history) == (["/a.html", "/c.html"], ["/b.html"])


def test_imported_files_count_as_addresses(history: History, run: Run, tmp_path: Path) -> None:
    history.answer("/a.html", 0, report())
    saved = tmp_path / "saved.html"
    saved.write_text(report(views=9), encoding="utf-8")
    assert run("import", saved).code == 0
    assert run("parse").code == 0
    assert addresses(history) == (["/a.html"], [saved.as_uri()])


def test_a_copy_that_is_altered_is_a_report_of_its_own(history: History, changes: Any) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/b.html", 0, report())
    history.parse()
    assert addresses(history) == (["/a.html"], ["/b.html"])
    history.answer("/a.html", 2, report(upheld=5))
    altered = changes("--kind", "altered")
    assert addresses(history) == (["/a.html", "/b.html"], [])
    assert [one["still_at"] for one in altered] == [[f"{HOST}/b.html"]]
    figures = "SELECT url, value FROM fact JOIN report USING (report_id) WHERE metric = 'review_total'"
    assert history.ask(f"{figures} ORDER BY url") == [(f"{HOST}/a.html", 6.0), (f"{HOST}/b.html", 2.0)]
    history.answer("/b.html", 4, report(upheld=5))
    altered = changes("--kind", "altered")
    assert addresses(history) == (["/a.html"], ["/b.html"])
    assert told(altered) == [("altered", "2021-03-03", "/a.html")]
    assert altered[0]["still_at"] == []


def test_of_copies_that_disagree_the_newer_content_is_compared(history: History, run: Run) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/b.html", 1, report())
    history.answer("/a.html", 2, report(upheld=5))
    history.parse()
    (line,) = run("compare", "review_total").records
    assert (line["review_total"], line["url"]) == (6, f"{HOST}/a.html")


def test_a_report_with_another_address_has_not_vanished(history: History, changes: Any) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/b.html", 0, report())
    history.answer("/b.html", 3, "", "404 Not Found")
    assert told(changes()) == [("appeared", "2021-03-01", "/a.html")]
    assert history.ask("SELECT vanished_at, vanished_as FROM also_at") == [(naive(3), "404")]
    history.answer("/a.html", 5, "", "410 Gone")
    vanished = changes("--kind", "vanished")
    assert told(vanished) == [("vanished", "2021-03-06", "/a.html")]


def test_a_report_that_moved_has_not_vanished(history: History, changes: Any) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 3, "", "404 Not Found")
    history.answer("/new/a.html", 3.5, report())
    assert told(changes()) == [("appeared", "2021-03-01", "/a.html")]
    history.answer("/b.html", 0, report(year=2019))
    history.answer("/b.html", 3, "", "302 Found", url_of("/new/b.html"))
    history.answer("/new/b.html", 3.001, report(year=2019))
    assert "vanished" not in [one["kind"] for one in changes()]


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


def test_filters(busy: History, changes: Any) -> None:
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
    size = (busy.folder / "reports.duckdb").stat().st_size
    for _ in range(3):
        parsed = busy.parse()
        assert (parsed.reports, parsed.other_pages, parsed.failures) == (0, 0, [])
    assert (busy.folder / "reports.duckdb").stat().st_size == size


def test_a_newer_reader_reads_all_versions_again(
    busy: History, changes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = changes()
    monkeypatch.setattr(parsing, "reader_version", lambda: "a newer reader")
    assert busy.parse().reports == 3
    assert changes() == before
    assert busy.ask("SELECT DISTINCT reader FROM reading") == [("a newer reader",)]


def test_what_only_an_older_reader_took_for_a_report_goes(
    busy: History, changes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with busy.database() as connection:
        connection.execute("UPDATE reading SET outcome = 'report', content = 'x', form = '2019'")
        connection.execute("UPDATE reading SET reader = 'an older reader'")
    found = changes()
    assert [kind for kind, *_ in told(found)] == ["appeared", "appeared", "altered", "vanished"]


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
