"""Reports and addresses: one report at several, one after the other at one."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from history import HOST, Ask, History, asking, day, report, told, url_of


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "data")


@pytest.fixture
def changes(run: Run, history: History) -> Ask:
    return asking(run, history)


def naive(number: float) -> datetime:
    return day(number).replace(tzinfo=None)


# One address, several reports


def test_an_address_that_always_holds_the_newest_report_has_held_several(
    history: History, changes: Ask
) -> None:
    for at, year in ((0, 2019), (2, 2020), (4, 2021)):
        history.answer("/latest.html", at, report(year=year, upheld=year))
        history.answer("/latest.html", at + 1, report(year=year, upheld=year, views=at))
        history.parse()
    found = changes()
    assert [(one["kind"], one["year"], one["at"][:10], one["vanished_as"]) for one in found] == [
        ("appeared", 2019, "2021-03-01", None),
        ("appeared", 2020, "2021-03-03", None),
        ("vanished", 2019, "2021-03-03", "other_report"),
        ("appeared", 2021, "2021-03-05", None),
        ("vanished", 2020, "2021-03-05", "other_report"),
    ]
    totals = "SELECT year, value FROM fact JOIN report USING (report_id) WHERE metric = 'review_total'"
    assert history.ask(f"{totals} ORDER BY year") == [(2019, 2020.0), (2020, 2021.0), (2021, 2022.0)]
    assert history.ask("SELECT count(DISTINCT report_id), count(DISTINCT url) FROM report") == [(3, 1)]
    history.answer("/archive/2019.html", 2, report(year=2019, upheld=2019))
    history.answer("/latest.html", 6, report(year=2021, upheld=7))
    found = changes("--since", "2021-03-05")
    assert [(one["kind"], one["year"]) for one in found] == [
        ("appeared", 2021), ("vanished", 2020), ("altered", 2021)
    ]  # fmt: skip
    assert changes("--year", 2019, "--kind", "vanished") == []


IDS = "SELECT year, report_id FROM report ORDER BY year"


def test_the_name_of_a_report_does_not_depend_on_others_of_its_address(history: History) -> None:
    history.answer("/latest.html", 2, report())
    history.parse()
    alone = history.ask(IDS)
    history.answer("/latest.html", 4, report(year=2021, upheld=3))
    history.parse()
    history.answer("/latest.html", 0, report(year=2019, upheld=5))
    history.parse()
    named = history.ask(IDS)
    assert [year for year, _ in named] == [2019, 2020, 2021]
    assert named[1:2] == alone
    assert len({name for _, name in named}) == 3


def test_a_year_that_is_put_right_is_an_alteration(history: History, changes: Ask) -> None:
    history.answer("/a.html", 0, report(year=2019))
    history.parse()
    history.answer("/a.html", 2, report(year=2020))
    _, altered = changes()
    assert (altered["kind"], altered["year"], altered["figures"]) == ("altered", 2020, 0)
    assert "-同心县人民政府办公室2019年政府信息公开工作年度报告" in altered["text"]
    assert history.ask("SELECT year, vanished_at FROM report") == [(2020, None)]
    assert history.ask("SELECT year, newest FROM version ORDER BY captured_at") == [
        (2019, False),
        (2020, True),
    ]


def test_few_figures_do_not_tell_that_the_year_was_put_right(history: History, changes: Ask) -> None:
    for at, year in enumerate((2019, 2020)):
        history.answer("/a.html", at, re.sub(r"<td>\d+</td>", "<td>0</td>", report(year=year)))
    assert [(one["kind"], one["year"]) for one in changes()] == [
        ("appeared", 2019), ("appeared", 2020), ("vanished", 2019)
    ]  # fmt: skip


def test_a_report_that_tells_no_year_is_of_the_one_before(history: History, changes: Ask) -> None:
    undated = re.sub(r"(?<!/)2020", "", report(upheld=5))
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 2, undated)
    assert [one["kind"] for one in changes()] == ["appeared", "altered"]
    assert history.ask("SELECT year FROM version ORDER BY captured_at") == [(2020,), (None,)]


# Copies


def addresses(history: History) -> tuple[list[Any], list[Any]]:
    """The paths of reports, and those at which they are as well."""
    return tuple(
        [url.removeprefix(HOST) for (url,) in history.ask(f"SELECT url FROM {table} ORDER BY url")]  # type: ignore[attr-defined, return-value]
        for table in ("report", "also_at")
    )


def test_copies_are_one_report(history: History, changes: Ask) -> None:
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


def test_a_copy_that_is_altered_is_a_report_of_its_own(history: History, changes: Ask) -> None:
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


def test_a_report_with_another_address_has_not_vanished(history: History, changes: Ask) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/b.html", 0, report())
    history.answer("/b.html", 3, "", "404 Not Found")
    assert told(changes()) == [("appeared", "2021-03-01", "/a.html")]
    assert history.ask("SELECT vanished_at, vanished_as FROM also_at") == [(naive(3), "404")]
    history.answer("/a.html", 5, "", "410 Gone")
    vanished = changes("--kind", "vanished")
    assert told(vanished) == [("vanished", "2021-03-06", "/a.html")]


def test_the_address_that_counts_still_holds_the_report(history: History) -> None:
    history.answer("/latest.html", 0, report())
    history.parse()
    ((_, name),) = history.ask(IDS)
    history.answer("/2020.html", 1, report())
    history.answer("/latest.html", 3, report(year=2021, upheld=4))
    history.parse()
    assert history.ask("SELECT year, url, vanished_at FROM report ORDER BY year") == [
        (2020, url_of("/2020.html"), None),
        (2021, url_of("/latest.html"), None),
    ]
    assert history.ask(IDS)[0] == (2020, name)
    assert history.ask("SELECT report_id, url, vanished_at, vanished_as FROM also_at") == [
        (name, url_of("/latest.html"), naive(3), "other_report")
    ]
    history.answer("/2020.html", 5, "", "404 Not Found")
    history.parse()
    assert history.ask("SELECT url, vanished_at, vanished_as FROM report WHERE year = 2020") == [
        (url_of("/latest.html"), naive(5), "404")
    ]


def test_what_an_address_showed_last_it_does_not_still_show(history: History, changes: Ask) -> None:
    for path in ("/a.html", "/b.html", "/c.html"):
        history.answer(path, 0, report())
    history.answer("/c.html", 1, report(year=2021, upheld=4))
    history.answer("/a.html", 2, report(upheld=5))
    (altered,) = changes("--kind", "altered")
    assert altered["still_at"] == [url_of("/b.html")]


def test_a_report_that_moved_has_not_vanished(history: History, changes: Ask) -> None:
    history.answer("/a.html", 0, report())
    history.answer("/a.html", 3, "", "404 Not Found")
    history.answer("/new/a.html", 3.5, report())
    assert told(changes()) == [("appeared", "2021-03-01", "/a.html")]
    history.answer("/b.html", 0, report(year=2019))
    history.answer("/b.html", 3, "", "302 Found", url_of("/new/b.html"))
    history.answer("/new/b.html", 3.001, report(year=2019))
    assert "vanished" not in [one["kind"] for one in changes()]
