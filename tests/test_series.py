"""Comparisons, trends and rankings on small databases, with answers worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import series
from analysis.series import Choice, Place, Question
from analysis.series.question import QuestionFault
from series_database import Stated, database, doubt

NORTH = Place("province", "北省")
EAST = Place("prefecture", "北省", "东市")
DENIED = (
    "denied_state_secret denied_prohibited_by_law denied_security_and_stability denied_third_party_rights"
    " denied_internal_affairs denied_process_information denied_enforcement_file denied_administrative_query"
).split()


def column(records: Sequence[dict[str, Any]], name: str) -> list[Any]:
    return [record[name] for record in records]


def outcomes(total: float, **figures: float | None) -> dict[str, float | None]:
    """All outcomes of the requests table: those named, zeros, and what is left of the total as granted."""
    stated: dict[str, float | None] = dict.fromkeys(DENIED, 0)
    stated |= {"granted_in_part": 0, "unavailable_not_held": 0, "rejected_petition": 0}
    stated |= figures
    return {**stated, "granted": total - sum(filter(None, figures.values())), "processed_total": total}


def compare(connection: duckdb.DuckDBPyConnection, *metrics: str, **asked: Any) -> series.Comparison:
    choice = {name: asked.pop(name) for name in ("places", "years", "scopes", "kinds") if name in asked}
    return series.compare(connection, Question(metrics, Choice(**choice), **asked))


def trend(connection: duckdb.DuckDBPyConnection, county: str, *metrics: str, **asked: Any) -> series.Trend:
    return series.trend(connection, series.find_county(connection, county), Question(metrics, **asked))


# Series over the forms


CHAIN = [
    Stated("110001", 2013),
    Stated("110001", 2017, {"answered_granted": 4, "answered_already_public": 3, "requests_answered": 10}),
    Stated("110001", 2018, {"answered_granted": 6, "answered_already_public": 2, "requests_answered": 16}),
    Stated("110001", 2019, {"granted": 12, "processed_total": 20}),
    Stated("110001", 2021, {"granted": 15, "processed_total": 25}),
]


def test_a_series_goes_on_over_the_forms_and_marks_where_they_change() -> None:
    with database(CHAIN) as connection:
        found = trend(connection, "110001", "granted")
    assert column(found.records, "year") == list(range(2013, 2022))
    assert column(found.records, "granted") == [None, None, None, None, 7, 8, 12, None, 15]
    assert {record["year"]: record["break"] for record in found.records if record["break"]} == {
        2019: ("granted:form_2019",)
    }
    assert {record["year"] for record in found.records if record["joined"]} == {2017, 2018}
    assert {record["year"]: record["missing"] for record in found.records if record["missing"]} == {
        2013: ("granted:narrative",),
        **dict.fromkeys((2014, 2015, 2016, 2020), ("granted:no_report",)),
    }
    assert found.wordings["granted:form_2019"]["en"].startswith("2018/19")
    assert "already public" in found.wordings["granted:2014"]["en"]
    assert {note.code for note in found.notes} == {"break", "joined", "reports_missing"}


def test_nothing_is_joined_where_only_the_same_is_asked_for() -> None:
    with database(CHAIN) as connection:
        found = trend(connection, "110001", "granted", join="same")
    assert column(found.records, "granted") == [None] * 6 + [12, None, 15]
    assert dict(zip(column(found.records, "year"), column(found.records, "missing"), strict=True))[2018] == (
        "granted:weak_only",
    )


def test_a_weak_counterpart_is_joined_only_on_demand_and_marked() -> None:
    reports = [
        Stated("110001", 2020, {"normative_documents_disclosed_total": 70}),
        Stated("110001", 2021, {"normative_documents_in_force": 60}),
    ]
    with database(reports) as connection:
        near = trend(connection, "110001", "normative_documents_in_force")
        weak = trend(connection, "110001", "normative_documents_in_force", join="weak")
    assert column(near.records, "normative_documents_in_force") == [None, 60]
    assert near.records[0]["missing"] == ("normative_documents_in_force:weak_only",)
    assert column(near.records, "break") == [(), ()]
    assert column(weak.records, "normative_documents_in_force") == [70, 60]
    assert weak.records[1]["break"] == ("normative_documents_in_force:form_2021",)


def test_what_is_only_split_is_no_break() -> None:
    reports = [
        Stated("110001", 2020, {"other_handling": 5}),
        Stated("110001", 2021, {"other_correction_overdue": 1, "other_fee_overdue": 0, "other_remaining": 3}),
        Stated("110001", 2022, {"other_correction_overdue": 1, "other_remaining": 3}),
    ]
    with database(reports) as connection:
        found = trend(connection, "110001", "other_handling")
    assert column(found.records, "other_handling") == [5, 4, None]
    assert column(found.records, "break") == column(found.records, "joined") == [(), (), ()]


@pytest.mark.parametrize(("join", "values"), [("near", [4, 5]), ("same", [None, 5])])
def test_litigation_is_the_sum_of_its_two_ways_and_only_the_older_figure_stands_in(
    join: Any, values: list[float | None]
) -> None:
    reports = [
        Stated("110001", 2018, {"litigation_total": 4}),
        Stated("110001", 2019, {"litigation_direct_total": 2, "litigation_after_review_total": 3}),
    ]
    with database(reports) as connection:
        found = trend(connection, "110001", "litigation_total", join=join)
    assert column(found.records, "litigation_total") == values
    assert column(found.records, "joined") == [("litigation_total:2014",) if join == "near" else (), ()]
    assert found.records[1]["break"] == (("litigation_total:form_2019",) if join == "near" else ())


def test_the_form_that_a_table_follows_counts_and_not_the_year() -> None:
    reports = [
        Stated("110001", 2021, {"normative_documents_made": 9}, form="2019"),
        Stated("110001", 2022, {"normative_documents_issued": 8}),
    ]
    with database(reports) as connection:
        found = trend(connection, "110001", "normative_documents_issued")
    assert column(found.records, "normative_documents_issued") == [9, 8]
    assert found.records[1]["break"] == ("normative_documents_issued:form_2021",)


def test_the_same_id_means_another_cell_in_the_2014_form() -> None:
    reports = [
        Stated("110001", 2018, {"review_total": 3, "normative_documents_disclosed": 40}),
        Stated("110001", 2019, {"review_total": 5, "normative_documents_disclosed": 11}),
    ]
    with database(reports) as connection:
        found = trend(connection, "110001", "review_total", "normative_documents_disclosed")
    assert column(found.records, "review_total") == [3, 5]
    assert column(found.records, "normative_documents_disclosed") == [None, 11]
    assert found.records[1]["break"] == ("review_total:form_2019",)


def test_an_old_metric_tells_which_series_goes_on() -> None:
    with database(CHAIN) as connection:
        found = trend(connection, "110001", "answered_granted")
    assert column(found.records, "answered_granted")[4:6] == [4, 6]
    notes = {note.code: note.values for note in found.notes}
    assert notes["not_in_form"] == {"metric": "answered_granted", "forms": "2019, 2021"}
    assert notes["continued"] == {"metric": "answered_granted", "series": "granted"}


# Measures


def test_measures_are_worked_out_of_what_is_printed() -> None:
    figures = outcomes(40, granted_in_part=4, denied_state_secret=2, denied_internal_affairs=6)
    figures |= {"requests_received": 38, "requests_carried_in": 4, "carried_forward": 2}
    figures |= {"review_upheld": 2, "review_corrected": 1, "review_other": 1, "review_total": 4}
    for group in ("direct", "after_review"):
        figures |= {f"litigation_{group}_{what}": 1 for what in ("upheld", "corrected", "other")}
        figures |= {f"litigation_{group}_total": 3}
    expected = {
        "disclosure_rate": (80, 40),
        "refusal_rate": (20, 40),
        "refusal_rate_internal_affairs": (15, 40),
        "not_held_rate": (0, 40),
        "carried_over_rate": (100 * 2 / 42, 42),
        "review_per_100": (10, 40),
        "litigation_per_100": (15, 40),
        "review_correction_rate": (25, 4),
        "litigation_correction_rate": (100 * 2 / 6, 6),
        "correction_rate": (30, 10),
    }
    with database([Stated("110001", 2022, figures)]) as connection:
        (record,) = compare(connection, *expected).records
    for measure, (value, of) in expected.items():
        assert record[measure] == pytest.approx(value), measure
        assert record[f"{measure}_of"] == of, measure


def test_measures_reach_as_far_back_as_all_that_they_are_made_of() -> None:
    reports = [
        Stated(
            "110001",
            2018,
            {
                "answered_granted": 5, "answered_already_public": 2, "answered_granted_in_part": 1,
                "requests_answered": 16, "requests_completed": 20, "requests_completed_on_time": 15,
                "answered_denied": 4,
            },
        ),
        Stated("110001", 2019, outcomes(10, denied_state_secret=1)),
    ]  # fmt: skip
    with database(reports) as connection:
        found = trend(
            connection, "110001", "disclosure_rate", "refusal_rate", "on_time_rate", "carried_over_rate"
        )
    assert column(found.records, "disclosure_rate") == [50, 90]
    assert column(found.records, "refusal_rate") == [25, 10]
    assert column(found.records, "on_time_rate") == [75, None]
    assert column(found.records, "carried_over_rate") == [None, None]
    assert found.records[1]["break"] == ("disclosure_rate:form_2019", "refusal_rate:form_2019")
    assert found.records[0]["missing"] == ("carried_over_rate:not_in_form",)
    assert found.records[1]["missing"] == ("on_time_rate:not_in_form", "carried_over_rate:not_printed")


def test_nothing_is_divided_by_zero() -> None:
    with database([Stated("110001", 2022, outcomes(0))]) as connection:
        (record,) = compare(connection, "disclosure_rate").records
    assert record["disclosure_rate"] is None
    assert record["disclosure_rate_of"] == 0
    assert record["missing"] == ("disclosure_rate:of_none",)


def test_a_blank_cell_gives_no_measure_unless_the_total_shows_that_it_is_zero() -> None:
    blanks = dict.fromkeys(DENIED[1:])
    shown = {**outcomes(10, denied_state_secret=3), **blanks}
    unclear = {**outcomes(10, denied_state_secret=3), **blanks, "granted": 5}
    reports = [Stated("110001", 2022, shown), Stated("110002", 2022, unclear)]
    with database(reports) as connection:
        found = compare(connection, "refusal_rate", "denied_internal_affairs")
    assert column(found.records, "refusal_rate") == [30, None]
    assert column(found.records, "assumed") == [("refusal_rate",), ()]
    assert column(found.records, "denied_internal_affairs") == [None, None]
    assert found.records[1]["missing"] == ("refusal_rate:blank", "denied_internal_affairs:blank")
    assert "assumed" in {note.code for note in found.notes}


def test_a_measure_can_be_asked_for_one_kind_of_applicants() -> None:
    figures = {
        "granted": {"natural_person": 1, "total": 3},
        "granted_in_part": {"natural_person": 0, "total": 0},
        "processed_total": {"natural_person": 2, "total": 4},
        "requests_received": {"natural_person": 2, "total": 5},
    }
    reports = [
        Stated("110001", 2022, figures),
        Stated("110002", 2018, {"answered_granted": 1, "requests_answered": 2, "requests_received": 3}),
    ]
    with database(reports) as connection:
        (whole,) = compare(connection, "disclosure_rate", "natural_person_share", years=(2022,)).records[:1]
        (person,) = compare(connection, "disclosure_rate", applicant="natural_person").records[:1]
        (old,) = compare(
            connection, "granted", "natural_person_share", applicant="natural_person", years=(2018,),
            places=(Place("county", "北省", "东市", "110002"),),
        ).records  # fmt: skip
    assert (whole["disclosure_rate"], whole["natural_person_share"]) == (75, 40)
    assert person["disclosure_rate"] == 50
    assert old["missing"] == ("granted:no_applicants", "natural_person_share:not_in_form")


rates = st.integers(min_value=0, max_value=10**6)


@given(st.lists(rates, min_size=8, max_size=8), rates, rates)
@settings(max_examples=30, deadline=None)
def test_refusals_by_ground_add_up_to_the_refusal_rate(denied: list[int], granted: int, part: int) -> None:
    total = sum(denied) + granted + part
    figures = {**outcomes(total), **dict(zip(DENIED, denied, strict=True)), "granted": granted}
    grounds = [f"refusal_rate_{name.removeprefix('denied_')}" for name in DENIED]
    with database([Stated("110001", 2022, {**figures, "granted_in_part": part})]) as connection:
        (record,) = compare(connection, "refusal_rate", "disclosure_rate", *grounds).records
    if total == 0:
        assert record["refusal_rate"] is None
        return
    assert record["refusal_rate"] == pytest.approx(sum(record[name] for name in grounds))
    assert record["refusal_rate"] + record["disclosure_rate"] == pytest.approx(100)


# Change, growth, index


YEARS = [
    Stated("110001", 2019, {"granted": 8}),
    Stated("110001", 2020, {"granted": 10}),
    Stated("110001", 2021, {"granted": 0}),
    Stated("110001", 2022, {"granted": 5}),
]


@pytest.mark.parametrize(
    ("shown", "base", "values", "missing"),
    [
        ("change", None, [None, 2, -10, 5], ["no_previous", None, None, None]),
        ("growth", None, [None, 25, -100, None], ["no_previous", None, None, "of_none"]),
        ("index", 2020, [80, 100, 0, 50], [None] * 4),
        ("index", 2021, [None] * 4, ["of_none"] * 4),
        ("index", 2018, [None] * 4, ["no_base"] * 4),
    ],
)
def test_figures_in_relation_to_other_years(
    shown: Any, base: int | None, values: list[float | None], missing: list[str | None]
) -> None:
    with database(YEARS) as connection:
        found = trend(connection, "110001", "granted", shown=shown, base=base)
        same = compare(connection, "granted", years=(2019, 2020, 2021, 2022), shown=shown, base=base)
    assert column(found.records, "granted") == pytest.approx(values)
    assert column(same.records, "granted") == pytest.approx(values)
    reasons = [tuple(f"granted:{reason}" for reason in [why] if reason) for why in missing]
    assert column(found.records, "missing") == reasons


def test_nothing_is_worked_out_across_a_break_unless_asked_for_and_then_it_is_marked() -> None:
    with database(CHAIN) as connection:
        closed = trend(connection, "110001", "granted", shown="index", base=2018)
        open_ = trend(connection, "110001", "granted", shown="index", base=2018, across=True)
    assert column(closed.records, "granted")[4:] == [87.5, 100, None, None, None]
    assert column(closed.records, "missing")[6] == ("granted:break",)
    assert "not_across" in {note.code for note in closed.notes}
    assert column(open_.records, "granted")[4:] == [87.5, 100, 150, None, 187.5]
    assert column(open_.records, "break")[6] == column(open_.records, "break")[8] == ("granted:form_2019",)


def test_a_change_of_one_year_needs_the_year_before_only() -> None:
    with database(YEARS) as connection:
        found = compare(connection, "granted", years=(2020,), shown="change")
    assert [(record["year"], record["granted"]) for record in found.records] == [(2020, 2)]


@given(st.lists(st.integers(min_value=1, max_value=10**6), min_size=4, max_size=4), st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_an_index_is_100_in_its_base_year_and_in_proportion_elsewhere(figures: list[int], base: int) -> None:
    reports = [Stated("110001", 2019 + year, {"granted": figure}) for year, figure in enumerate(figures)]
    with database(reports) as connection:
        found = trend(connection, "110001", "granted", shown="index", base=2019 + base)
    assert found.records[base]["granted"] == 100
    assert column(found.records, "granted") == pytest.approx([100 * one / figures[base] for one in figures])


@pytest.mark.parametrize(
    "asked", [{"shown": "index"}, {"shown": "percentile"}, {"shown": "value", "base": 2019}]
)
def test_a_question_that_lacks_its_base_or_its_peers_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(QuestionFault):
        Question(("granted",), **asked)


# Scopes and publishers


def test_a_trend_keeps_to_one_scope_and_tells_what_it_leaves_out() -> None:
    reports = [
        Stated("110001", 2019, {"granted": 3}, kind="county_office", scope="own"),
        Stated("110001", 2020, {"granted": 80}, kind="county_office", scope="whole"),
        Stated("110001", 2021, {"granted": 4}, kind="county_office", scope="own"),
        Stated("110001", 2022, {"granted": 5}, kind="county_office", scope=None),
        Stated("110001", 2023, {"granted": 90}),
    ]
    with database(reports) as connection:
        found = trend(connection, "110001", "granted")
        whole = trend(connection, "110001", "granted", choice=Choice(scopes=("whole",)))
    assert column(found.records, "granted") == [3, None, 4, 5, None]
    assert found.records[1]["missing"] == ("granted:another_scope",)
    assert found.records[3]["break"] == ("granted:scope_unknown",)
    assert found.records[4]["missing"] == ("granted:another_scope",)
    assert {note.code: note.values for note in found.notes}["another_scope"] == {"years": "2020, 2023"}
    assert column(whole.records, "granted") == [None, None, None, 90]
    assert [record["missing"][:1] for record in whole.records] == [
        ("granted:another_publisher",), ("granted:no_report",), ("granted:no_report",), (),
    ]  # fmt: skip


def test_a_comparison_over_years_breaks_where_the_scope_or_the_publisher_changes() -> None:
    reports = [
        Stated("110001", 2021, {"granted": 4}, kind="county_office", scope="own"),
        Stated("110001", 2022, {"granted": 90}),
    ]
    with database(reports) as connection:
        values = compare(connection, "granted", years=(2021, 2022))
        changes = compare(connection, "granted", years=(2021, 2022), shown="change")
    assert values.records[1]["break"] == ("granted:scope", "granted:publisher")
    assert "scopes_differ" in {note.code for note in values.notes}
    assert changes.records[1]["missing"] == ("granted:break",)


def test_reports_of_another_scope_than_was_asked_for_are_told_from_missing_ones() -> None:
    reports = [
        Stated("110001", 2022, {"granted": 4}, kind="county_office", scope="own"),
        Stated("110002", 2022, {"granted": 90}),
    ]
    with database(reports) as connection:
        all_ = compare(connection, "granted", scopes=("own",))
        east = compare(connection, "granted", scopes=("own",), places=(EAST,))
    assert [(r["county"], r["granted"]) for r in all_.records] == [("甲县", 4)]
    assert [(r["county"], r["granted"], r["missing"]) for r in east.records] == [
        ("甲县", 4, ()), ("乙县", None, ("granted:another_scope",)), ("丙区", None, ("granted:no_report",)),
    ]  # fmt: skip


def test_a_county_is_never_its_own_peer() -> None:
    reports = [
        Stated("110001", 2021, {"granted": 4}, scope=None),
        Stated("110001", 2022, {"granted": 5}),
        Stated("110002", 2022, {"granted": 7}),
        Stated("110001", 2022, {"granted": 6}, kind="county_office"),
    ]
    with database(reports) as connection:
        county = trend(connection, "110001", "granted", peers="kind")
    assert column(county.records, "granted_median") == [None, 7]


def test_bodies_of_one_kind_are_told_apart_by_name_and_departments_break_with_the_reform() -> None:
    reports = [
        Stated("110001", year, {"review_total": number}, kind="department", scope="own", publisher=name)
        for number, (name, year) in enumerate([("教育局", 2018), ("教育局", 2019), ("财政局", 2019)])
    ]
    with database(reports) as connection:
        found = compare(connection, "review_total", years=(2018, 2019), kinds=("department",))
    assert [(r["publisher"], r["year"], r["review_total"]) for r in found.records] == [
        ("教育局", 2018, 0), ("教育局", 2019, 1), ("财政局", 2018, None), ("财政局", 2019, 2),
    ]  # fmt: skip
    assert set(found.records[1]["break"]) == {"review_total:form_2019", "review_total:reform_2018"}


def test_the_government_stands_before_its_office_and_tables_before_prose() -> None:
    reports = [
        Stated("110001", 2022, {"granted": 1}, kind="county_office", scope="own"),
        Stated("110001", 2022, {"granted": 2}),
        Stated("110002", 2022, {}, form="narrative"),
        Stated("110002", 2022, {"granted": 3}, kind="county_office", scope="own"),
    ]
    with database(reports) as connection:
        found = compare(connection, "granted")
        office = compare(connection, "granted", kinds=("county_office",))
    assert column(found.records, "granted") == [2, 3]
    assert column(office.records, "granted") == [1, 3]


# Missing and doubtful


def test_missing_years_and_counties_are_lines_with_their_reason() -> None:
    reports = [
        Stated("110001", 2020, {"granted": 1}),
        Stated("110001", 2022, {"granted": 0}),
        Stated("120003", 2014, {"answered_granted": 1, "answered_already_public": 0}),
    ]
    with database(reports) as connection:
        all_ = compare(connection, "granted", years=(2014, 2020, 2021))
        east = compare(connection, "granted", years=(2022,), places=(EAST,))
    assert [(r["county"], r["year"], r["granted"]) for r in all_.records] == [
        ("甲县", 2014, None), ("甲县", 2020, 1), ("甲县", 2021, None), ("己县", 2014, 1),
    ]  # fmt: skip
    assert all_.records[2]["missing"] == ("granted:no_report",)
    # Of a place that is asked for, all counties that exist today; a zero is no missing figure.
    assert [(r["county"], r["granted"], r["missing"]) for r in east.records] == [
        ("甲县", 0, ()), ("乙县", None, ("granted:no_report",)), ("丙区", None, ("granted:no_report",)),
    ]  # fmt: skip
    assert {note.code: note.values for note in east.notes}["reports_missing"] == {"count": 2}


def test_doubtful_figures_are_marked_and_can_be_left_out() -> None:
    first = Stated("110001", 2022, {**outcomes(10), "requests_received": 10})
    second = Stated("110002", 2022, {**outcomes(20), "requests_received": 20})
    with database([first, second]) as connection:
        doubt(connection, first, ["processed_total", "granted"])
        doubt(connection, second, ["granted"], severity="notice")
        doubt(connection, second, ["processed_total"], status="dismissed")
        marked = compare(connection, "granted", "requests_received", "disclosure_rate", "not_held_rate")
        left = compare(connection, "granted", "requests_received", without_doubtful=True)
        peers = compare(connection, "granted", peers="prefecture", without_doubtful=True)
    assert column(marked.records, "doubtful") == [("granted", "disclosure_rate", "not_held_rate"), ()]
    assert column(left.records, "granted") == [None, 20]
    assert left.records[0]["missing"] == ("granted:doubtful",)
    assert left.records[0]["requests_received"] == 10
    assert {note.code: note.values for note in left.notes}["left_out"] == {"count": 1}
    assert column(peers.records, "granted_peers") == [1, 0]


def test_a_finding_about_whose_report_it_is_calls_all_of_it_into_question() -> None:
    report = Stated("110001", 2022, {"granted": 10})
    with database([report]) as connection:
        doubt(connection, report, [], rule="identity.year", applicants=[])
        (record,) = compare(connection, "granted").records
    assert record["doubtful"] == ("granted",)


def test_a_change_is_doubtful_where_either_year_is() -> None:
    with database(YEARS) as connection:
        doubt(connection, YEARS[1], ["granted"])
        found = trend(connection, "110001", "granted", shown="change")
    assert [bool(record["doubtful"]) for record in found.records] == [False, True, True, False]


# Peers


PEERS = [
    Stated(code, 2022, {"granted": figure, "requests_received": load}, scope=scope)
    for code, figure, load, scope in [
        ("110001", 10, 100, "whole"),
        ("110002", 20, 110, "whole"),
        ("110003", 20, 5, "own"),
        ("110101", 30, 1000, "whole"),
        ("120001", 40, 2000, "whole"),
        ("120002", 20, 90, "whole"),
    ]
]


@pytest.mark.parametrize(
    ("peers", "place", "standing"),
    [
        # percentile, median, quartiles, how many; of 北省's 110101 the peers are 10 and 20
        ("prefecture", 0, (0, 20, 20, 20, 1)),
        ("prefecture", 3, (None, None, None, None, 0)),
        ("province", 1, (50, 20, 15, 25, 2)),
        ("province", 3, (100, 15, 12.5, 17.5, 2)),
        ("kind", 1, (37.5, 25, 17.5, 32.5, 4)),
        ("kind", 2, (None, None, None, None, 0)),
        ("nearest", 4, (100, 20, 17.5, 22.5, 4)),
    ],
)
def test_a_county_stands_among_its_peers_of_the_same_year_and_scope(
    peers: Any, place: int, standing: tuple[float | None, ...]
) -> None:
    with database(PEERS) as connection:
        record = compare(connection, "granted", peers=peers).records[place]
    names = ("percentile", "median", "q25", "q75", "peers")
    assert tuple(record[f"granted_{name}"] for name in names) == standing


def test_peers_lie_outside_the_places_asked_for_too() -> None:
    with database(PEERS) as connection:
        found = compare(connection, "granted", places=(EAST,), peers="province")
        county = trend(connection, "110101", "granted", peers="province")
    assert column(found.records, "granted_peers") == [2, 2, 0]
    assert county.records[0]["granted_median"] == 15


def test_the_nearest_are_those_of_the_most_similar_caseload(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.series.peers.neighbours", lambda: (2, "requests_received"))
    with database(PEERS) as connection:
        found = compare(connection, "granted", peers="nearest").records
    # By ratio: 100 is nearest to 110 and 90; 1000 to 2000 and 110, 2000 to 1000 and 110.
    assert [(r["granted_median"], r["granted_peers"]) for r in found] == [
        (20, 2), (15, 2), (None, 0), (30, 2), (25, 2), (15, 2),
    ]  # fmt: skip


def test_percentiles_can_be_shown_instead_of_figures() -> None:
    with database(PEERS) as connection:
        found = compare(connection, "granted", peers="kind", shown="percentile").records
    assert column(found, "granted") == [0, 37.5, None, 75, 100, 37.5]
    assert column(found, "granted_peers") == [4, 4, 0, 4, 4, 4]


@given(st.lists(st.integers(0, 20), min_size=2, max_size=6))
@settings(max_examples=40, deadline=None)
def test_percentiles_lie_between_0_and_100_and_quartiles_in_order(figures: list[int]) -> None:
    codes = ["110001", "110002", "110003", "110101", "120001", "120002"]
    reports = [Stated(code, 2022, {"granted": figure}) for code, figure in zip(codes, figures, strict=False)]
    with database(reports) as connection:
        found = compare(connection, "granted", peers="kind").records
    percentiles = column(found, "granted_percentile")
    assert sum(percentiles) == pytest.approx(50 * len(figures))
    for record in found:
        assert 0 <= record["granted_percentile"] <= 100
        assert record["granted_q25"] <= record["granted_median"] <= record["granted_q75"]
        below = sum(figure < record["granted"] for figure in figures)
        same = figures.count(record["granted"]) - 1
        assert record["granted_percentile"] == pytest.approx(100 * (below + same / 2) / (len(figures) - 1))


# Ranking


def test_a_ranking_numbers_equal_figures_alike_and_puts_the_missing_last() -> None:
    with database([*PEERS[:5], Stated("120002", 2021, {"granted": 1})]) as connection:
        question = Question(("granted",))
        found = series.rank(connection, question)
        lowest = series.rank(connection, question, lowest=True, top=2)
    assert [(r["rank"], r["county_code"], r["granted"]) for r in found.records] == [
        (1, "120001", 40), (2, "110101", 30), (3, "110002", 20), (3, "110003", 20), (5, "110001", 10),
        (None, "120002", None),
    ]  # fmt: skip
    assert [(r["rank"], r["county_code"]) for r in lowest.records] == [
        (1, "110001"), (2, "110002"), (2, "110003"),
    ]  # fmt: skip
    notes = {note.code: note.values for note in lowest.notes}
    assert notes["ranked"] == {"count": 5, "without": 1}
    assert notes["reports_missing"] == {"count": 1}


def test_shares_of_few_are_told_and_can_be_left_out() -> None:
    reports = [
        Stated("110001", 2022, outcomes(4, denied_state_secret=4)),
        Stated("110002", 2022, outcomes(50, denied_state_secret=10)),
    ]
    with database(reports) as connection:
        question = Question(("refusal_rate",), Choice(places=(NORTH,)))
        found = series.rank(connection, question)
        big = series.rank(connection, question, at_least=10)
    assert column(found.records, "refusal_rate") == [100, 20, None, None]
    assert {note.code: note.values for note in found.notes}["of_few"] == {"count": 1, "few": 10}
    assert [(r["rank"], r["county_code"], r["missing"]) for r in big.records[:2]] == [
        (1, "110002", ()),
        (None, "110001", ("refusal_rate:few",)),
    ]
    assert "of_few" not in {note.code for note in big.notes}
