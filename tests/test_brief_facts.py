"""What briefs make of facts: peers, breaks, blanks, gaps, and few or no figures, on small databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analysis.brief import brief_on
from analysis.present.brief import brief_page
from analysis.present.brief_wording import BriefWording
from analysis.present.html import html
from analysis.present.pdf import Press
from analysis.present.wording import Language
from analysis.series import find_county
from briefs import Page, brief_of
from notices import text_of
from series_database import Figures, Stated, database, doubt

FIRST = "110001"
# The counties of the small database that exist today.
OTHERS = ("110002", "110003", "110101", "120001", "120002")
MANY = {"requests_received": 40, "granted": 20, "granted_in_part": 0, "processed_total": 40}


def year_of(decided: int, refused: int) -> Figures:
    """A report of 2021 or later whose outcomes add up."""
    return {
        "requests_received": decided,
        "granted": decided - refused,
        "denied_state_secret": refused,
        "processed_total": decided,
        "carried_forward": 0,
        "review_total": 0,
    }


def peers(year: int, refused: list[int]) -> Iterator[Stated]:
    """Reports of the other counties, each of forty requests."""
    for code, count in zip(OTHERS, refused, strict=True):
        yield Stated(code, year, year_of(40, count))


def said(page: Page, heading: str, words: str) -> str:
    (found,) = (one for one in page.said(heading) if words in one)
    return found


# Peers


def test_who_is_far_from_the_median_leads() -> None:
    reports = [Stated(FIRST, 2022, year_of(40, 20)), *peers(2022, [2, 4, 6, 8, 10])]
    with database(reports) as connection:
        english, chinese = (brief_of(connection, FIRST, language) for language in ("en", "zh"))
    # Half of its requests are refused; elsewhere 5, 10, 15, 20 and 25 in a hundred.
    assert english.said("What stands out")[0] == (
        "The share of requests granted in full or in part, 50.0 %, is low among its 5 peers: percentile 0,"
        " where the median is 85.0 %."
    )
    assert english.said("What stands out")[1] == (
        "The share of requests refused, 50.0 %, is high among its 5 peers: percentile 100, where the median"
        " is 15.0 %."
    )
    assert "不予公开率为 50.0%，处于 5 份同类报告的第 100 百分位，中位数为 15.0%。" in chinese.said("要点")
    rows = {row[0]: row[1:] for row in english.table("Key figures")}
    # Of the eight grounds one is printed; the outcomes add up, so that the others are zeros.
    assert rows["Refused"] == ["no year before", "50.0 %°", "–", "15.0 % (5)", "100"]
    assert rows["Requests received"][-2:] == ["40 (5)", "50"]
    assert said(english, "Key figures", "Peers: reports of the same kind").endswith(
        "The percentile is for how many of a hundred peers the figure is smaller."
    )


def test_shares_of_few_do_not_lead_and_few_peers_give_no_percentile() -> None:
    with database([Stated(FIRST, 2022, year_of(9, 9)), *peers(2022, [2, 4, 6, 8, 10])]) as connection:
        page = brief_of(connection, FIRST)
        few = brief_of(connection, FIRST, peers="prefecture")
        province = brief_of(connection, FIRST, peers="province")
    assert "Of the 9 requests decided, none was granted in full or in part." in page.said("What stands out")
    assert not [one for one in page.said("What stands out") if "peers" in one]
    assert "Only 2 other reports of the same year, scope and kind of publisher" in " ".join(
        few.said("Key figures")
    )
    assert len(few.table("Key figures")[0]) == 4
    # Three are enough for a median.
    assert province.table("Key figures")[0][-2:] == ["40 (3)", "–"]


# Changes and breaks


def test_a_great_change_leads() -> None:
    reports = [Stated(FIRST, 2021, year_of(20, 2)), Stated(FIRST, 2022, year_of(50, 25))]
    with database(reports) as connection:
        english, chinese = (brief_of(connection, FIRST, language) for language in ("en", "zh"))
    leads = english.said("What stands out")
    assert "The number of requests received rose from 20 to 50, by 150.0 %." in leads
    assert "The share of requests refused rose from 10.0 % to 50.0 %, by 40.0 percentage points." in leads
    assert "新收申请数由 20 增至 50，增长 150.0%。" in chinese.said("要点")
    assert "不予公开率由 10.0% 升至 50.0%，上升 40.0 个百分点。" in chinese.said("要点")


def test_nothing_is_compared_across_a_break() -> None:
    before: Figures = {"requests_received": 10, "requests_answered": 10, "answered_granted": 9}
    with database([Stated(FIRST, 2018, before), Stated(FIRST, 2019, MANY)]) as connection:
        page = brief_of(connection, FIRST)
    assert page.opening.startswith(
        f"In 2019, {FIRST}人民政府 received 40 requests for information; there is no comparison with the year"
        " before: the series breaks in between."
    )
    rows = {row[0]: row[1:] for row in page.table("Key figures")}
    assert rows["Requests received"] == ["10~", "40†", "break"]
    assert "From 2019 on not comparable with before." in page.said("Over the years")
    notes = page.said("Gaps and comparability")
    assert any(note.startswith("† 2018/19: the Regulations were revised") for note in notes)
    assert any(note.startswith("~ Requests received: the 2014 form counts") for note in notes)
    assert "rose" not in " ".join(page.said("What stands out"))


@pytest.mark.parametrize(("language", "count", "opening"), [
    ("en", 0, "received no request for information (0), 1 fewer than the year before. What share was granted"
     " in full or in part can't be worked out: it would be divided by zero."),
    ("en", 1, "received 1 request for information, as many as the year before. Of the 1 request decided,"
     " 100.0 % was granted in full or in part."),
    ("en", 2, "received 2 requests for information, 1 more than the year before. Of the 2 requests decided,"
     " 100.0 % were granted in full or in part."),
    ("zh", 0, "没有收到政府信息公开申请（0 件），比上年减少 1 件。"
     "予以公开或部分公开的比例无法计算：分母为零。"),
    ("zh", 1, "新收政府信息公开申请 1 件，与上年持平。办结的 1 件中，予以公开或部分公开的占 100.0%。"),
])  # fmt: skip
def test_none_one_and_many(language: Language, count: int, opening: str) -> None:
    cases: Figures = {f"review_{one}": count if one in ("corrected", "total") else 0 for one in CASES}
    reports = [Stated(FIRST, 2021, year_of(1, 0)), Stated(FIRST, 2022, {**year_of(count, 0), **cases})]
    with database(reports) as connection:
        page = brief_of(connection, FIRST, language)
    assert page.opening.endswith(opening)
    if language == "en":
        reviews = ("no administrative review (0)", "1 administrative review", "2 administrative reviews")[
            count
        ]
        told = page.said("Reviews and lawsuits")[0]
        # Lawsuits are not printed, which is not zero.
        assert f"{reviews} and an unknown number of lawsuits (the report lacks the row)." in told
        decided = page.said("How requests were decided")[0]
        assert (
            decided
            == (
                "The report states that no request was decided (0).",
                "How the 1 request was decided:",
                "How the 2 requests were decided:",
            )[count]
        )


CASES = ("upheld", "corrected", "other", "pending", "total")


# What is missing or in doubt


def test_blank_cells_are_no_zeros_unless_the_total_shows_it() -> None:
    shown: Figures = {**year_of(40, 10), "unavailable_not_held": None}
    hidden: Figures = {**year_of(40, 10), "processed_total": None, "requests_received": None}
    with database([Stated(FIRST, 2021, hidden), Stated(FIRST, 2022, shown)]) as connection:
        now, before = (brief_of(connection, FIRST, year=year) for year in (2022, 2021))
    assert "° 1 cell is blank and counts as zero, for the others add up to the stated total." in now.said(
        "How requests were decided"
    )
    rows = {row[0]: row[1:] for row in now.table("How requests were decided")}
    assert rows["Unavailable"][0] == "blank"
    assert rows["Refused"][:2] == ["10", "25.0 %"]
    assert before.opening.startswith(
        "How many requests 110001人民政府 received in 2021 can't be told: the cell is blank"
    )
    assert (
        "The total holds no figure (the cell is blank or no number), so no shares are worked out"
        in (before.said("How requests were decided")[0])
    )
    assert not before.all(".bar")
    rows = {row[0]: row[1:] for row in before.table("Key figures")}
    assert rows["Requests decided"] == ["no year before", "blank", "–"]


def test_figures_in_doubt_are_marked_everywhere() -> None:
    report = Stated(FIRST, 2022, year_of(40, 10))
    with database([report]) as connection:
        doubt(connection, report, ["denied_state_secret"], rule="requests.processed_sum")
        page = brief_of(connection, FIRST)
    assert page.opening.endswith("75.0 % were granted in full or in part.")
    rows = {row[0]: row[1:] for row in page.table("Key figures")}
    assert rows["Refused"][1] == "25.0 %*°"
    assert rows["Granted in full or in part"][1] == "75.0 %°"
    rows = {row[0]: row[1:] for row in page.table("How requests were decided")}
    assert (rows["Refused"][0], rows["Granted in full"][0]) == ("10*", "30")
    assert said(page, "What stands out", "contradicts").startswith(
        "The report contradicts itself or last year's: in 1 place the figures can't all be true."
    )


def test_text_that_was_taken_over_is_told() -> None:
    report = Stated(FIRST, 2022, year_of(40, 0))
    with database([report]) as connection:
        doubt(connection, report, [], rule="text.reused", severity="notice")
        connection.execute(
            "UPDATE finding SET message = '63 % of its own prose stands, but for figures, in its own report"
            " for 2021.', quotes = [{'metric': '', 'value': NULL, 'sentence': '加强组织领导。',"
            " 'start_at': NULL, 'end_at': NULL}]"
        )
        page = brief_of(connection, FIRST)
    told = "63 % of its own prose stands, but for figures, in its own report for 2021."
    assert page.said("Text taken over") == [f"{told} “加强组织领导。”"]
    assert told in page.said("What stands out")
    assert page.said("To verify") == ["Checks of the report found no contradictions."]


def test_years_without_a_report_are_named() -> None:
    reports = [Stated(FIRST, year, year_of(40, 0)) for year in (2017, 2019, 2022)]
    reports[0] = Stated(FIRST, 2017, {"requests_received": 3})
    reports.append(Stated("110002", 2023, year_of(40, 0)))
    with database(reports) as connection:
        english, chinese = (brief_of(connection, FIRST, language) for language in ("en", "zh"))
        earlier = brief_of(connection, FIRST, year=2019)
    assert said(english, "Gaps and comparability", "Years without").startswith(
        "Years without a report in the database: 2018, 2020–2021. Whether none was published"
    )
    assert "The database has no reports for 2018, 2020–2021." in english.said("What stands out")
    assert "数据库中缺 2018、2020–2021 年度的报告；是未公布还是未收集到，无从判断。" in chinese.said(
        "资料缺口与可比性"
    )
    years = [row.css("td")[1].text() for row in english.all("table")[1].css("tbody tr")]
    assert years == ["40†", "no report", "no report", "40†", "no report", "3~"]
    assert "This brief uses reports up to 2019; the database has later ones for 2022." in earlier.said(
        "Gaps and comparability"
    )


def test_reports_of_another_scope_are_not_in_the_series() -> None:
    reports = [
        Stated(FIRST, 2020, MANY, kind="county_office", scope="own"),
        Stated(FIRST, 2021, year_of(40, 0), kind="county_office", scope="own"),
        Stated(FIRST, 2022, year_of(400, 0)),
    ]
    with database(reports) as connection:
        page = brief_of(connection, FIRST)
        office = brief_of(connection, FIRST, year=2021)
    assert "there is no comparison with the year before: the report covers another area." in page.opening
    assert (
        "Reports of another publisher or another scope, which are not in the series: 2020–2021."
        in page.said("Gaps and comparability")
    )
    assert len(page.section("Sources").css("li")) == 1
    assert office.opening.startswith(
        f"In 2021, {FIRST}人民政府 received 40 requests for information, as many as"
    )


# Files


def test_what_reports_say_is_no_markup() -> None:
    report = Stated(FIRST, 2022, year_of(40, 0), publisher="<b>甲</b>#{1+1}*县*政府")
    with database([report]) as connection:
        page = brief_of(connection, FIRST)
    assert "<b>甲" not in page.source
    assert "<b>甲</b>#{1+1}*县*政府 received 40" in page.opening


@pytest.mark.parametrize("language", ["zh", "en"])
def test_eighteen_years_fit_four_pages(tmp_path: Path, language: Language) -> None:
    reports = []
    for code in (FIRST, *OTHERS):
        for year in range(2008, 2026):
            figures: Figures = {} if year < 2014 else {"requests_received": year - 2000}
            reports.append(Stated(code, year, figures if year < 2019 else year_of(year - 2000, year - 2015)))
    with database(reports) as connection:
        connection.execute(
            "UPDATE report SET sha256 = repeat('0123456789abcdef', 4), title = publisher || '年度报告'"
        )
        found = brief_on(connection, find_county(connection, FIRST), language)
        page = brief_page(found, BriefWording(language), version="0")
    assert len(Page(html("brief.html", page)).section(page["sources_heading"]).css("li")) == 18
    body = Press("brief.typ").pdf(page, datetime(2026, 1, 1, tzinfo=UTC), fitting=(2, 3, 4))
    (tmp_path / "brief.pdf").write_bytes(body)
    assert 3 <= len(text_of(tmp_path / "brief.pdf")) <= 4
