"""What becomes of reports between captures: versions, copies, absences."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from conftest import Run
from history import HOST, NEWS, PROSE, SOFT_404, WALL, Ask, History, asking, day, report, told, url_of


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "data")


@pytest.fixture
def changes(run: Run, history: History) -> Ask:
    return asking(run, history)


def naive(number: float) -> datetime:
    return day(number).replace(tzinfo=None)


# Appeared, vanished


def test_a_report_appears_when_it_is_first_captured(history: History, changes: Ask) -> None:
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
    history: History, changes: Ask, page: str, status: str, shown: str
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
def test_an_error_or_a_wall_is_no_vanishing(history: History, changes: Ask, page: str, status: str) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 5, page, status)
    assert told(changes()) == [("appeared", "2021-03-01", "/a.html")]
    assert history.ask("SELECT vanished_at FROM report") == [(None,)]


def test_a_report_that_is_there_again_ends_its_absence(history: History, changes: Ask) -> None:
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


def test_a_page_that_is_no_report_before_its_report_is_no_absence(history: History, changes: Ask) -> None:
    history.answer("/a.html", 0, SOFT_404)
    history.answer("/a.html", 2, report())
    assert told(changes()) == [("appeared", "2021-03-03", "/a.html")]


def redirect(history: History, target: str, at: float = 5) -> None:
    history.answer("/a.html", at, "", "302 Found", target)


def test_a_redirect_to_another_page_is_a_vanishing(history: History, changes: Ask) -> None:
    history.answer("/a.html", 0, report())
    redirect(history, url_of("/list/index.html?page=2"))
    history.answer("/list/index.html?page=2", 5.001, NEWS)
    (_, vanished) = changes()
    assert (vanished["kind"], vanished["vanished_as"]) == ("vanished", "redirect")


@pytest.mark.parametrize("status", ["403 Forbidden", "503 Service Unavailable", "404 Not Found"])
def test_a_redirect_is_what_it_leads_to(history: History, changes: Ask, status: str) -> None:
    history.answer("/a.html", 0, report())
    redirect(history, url_of("/x/verify.html"))
    history.answer("/x/verify.html", 5, "", "302 Found", url_of("/y/verify.html"))
    history.answer("/y/verify.html", 5.001, "", status)
    assert ("vanished" in [one["kind"] for one in changes()]) == status.startswith("404")


def test_a_redirect_to_the_page_itself_says_nothing(history: History, changes: Ask) -> None:
    history.answer("/a.html", 0, report())
    redirect(history, url_of("/a.html"))
    redirect(history, url_of("/cookie.html"), at=6)
    history.answer("/cookie.html", 6, "", "302 Found", url_of("/a.html"))
    redirect(history, url_of("/nobody/captured/this.html"), at=7)
    assert told(changes()) == [("appeared", "2021-03-01", "/a.html")]


# Altered


def test_an_altered_figure_is_a_change_and_both_versions_stay(history: History, changes: Ask) -> None:
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


def test_a_figure_that_became_blank_or_unreadable(history: History, changes: Ask) -> None:
    blank = report().replace("<td>1</td><td>0</td><td>1</td><td>0</td><td>2</td>", "<td>1</td><td>0</td>"
                             "<td>1</td><td>/</td><td>2-3</td>")  # fmt: skip
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 1, blank)
    facts = {fact["metric"]: fact for fact in changes()[1]["facts"]}
    assert facts["review_pending"]["from"] == 0
    assert (facts["review_pending"]["to"], facts["review_pending"]["to_raw"]) == (None, "/")
    assert (facts["review_total"]["from"], facts["review_total"]["to_raw"]) == (2, "2-3")


def test_how_a_figure_is_written_is_no_change(history: History, changes: Ask) -> None:
    page = report(upheld=1233)
    assert "<td>1234</td>" in page
    history.answer("/a.html", 0, page)
    history.answer("/a.html", 1, page.replace("<td>1234</td>", "<td>１,234 </td>"))
    history.answer("/a.html", 2, page.replace("<td>1234</td>", "<td><p>1234件</p></td>"))
    assert told(changes()) == [("appeared", "2021-03-01", "/a.html")]


def test_an_altered_sentence_is_a_change_without_figures(history: History, changes: Ask) -> None:
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


def test_what_portals_set_around_a_report_is_no_change(history: History, changes: Ask) -> None:
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


def test_a_figure_altered_and_put_back_is_three_versions(history: History, changes: Ask) -> None:
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


def test_an_answer_that_it_still_stands_is_no_version(history: History, changes: Ask) -> None:
    first = history.answer("/a.html", 0, report())
    history.stands("/a.html", 1, first)
    history.answer("/a.html", 2, report(upheld=5))
    assert told(changes()) == [("appeared", "2021-03-01", "/a.html"), ("altered", "2021-03-03", "/a.html")]
    assert history.ask("SELECT captured_at, last_seen_at FROM version ORDER BY 1") == [
        (naive(0), naive(1)),
        (naive(2), naive(2)),
    ]


def test_a_report_that_comes_back_altered_says_both(history: History, changes: Ask) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 1, "", "404 Not Found")
    history.answer("/a.html", 2, report(upheld=5))
    assert sorted(told(changes())) == [
        ("altered", "2021-03-03", "/a.html"),
        ("appeared", "2021-03-01", "/a.html"),
        ("appeared", "2021-03-03", "/a.html"),
        ("vanished", "2021-03-02", "/a.html"),
    ]
