"""Which cell is wrong: the seed's two cells, each kind of slip, blanks, limits, and what is stored."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from analysis.checks import evaluate, record_findings
from analysis.checks.localisation import Change, Explanation, localise
from analysis.checks.localisation.catalogue import slips
from analysis.checks.localisation.relations import TableFigures, linear_relations
from analysis.checks.localisation.suggest import with_suggestions
from analysis.checks.relation import Cell, LinearRelation
from analysis.checks.rules import catalogue
from consistent_reports import APPLICANTS, SeededReport, consistent_reports, tables
from localising import Cells, by_part, cells, explained
from scraper.store import open_database

CASES = Path(__file__).parent / "checks"


def equal(total: str, *parts: str) -> LinearRelation:
    """That ``total`` is the sum of ``parts``, all of them metrics."""
    coefficients = {(total, ""): 1} | {(part, ""): -1 for part in parts}
    return LinearRelation("test.sum", coefficients, "=", Fraction(0))


def at_most(smaller: str, larger: str) -> LinearRelation:
    return LinearRelation("test.limit", {(smaller, ""): 1, (larger, ""): -1}, "<=", Fraction(0))


def plain(figures: Mapping[str, int | None] | Mapping[str, int]) -> Cells:
    return cells({(metric, ""): value for metric, value in figures.items()})


def changed(explanation: Explanation) -> dict[str, tuple[int | None, int]]:
    """What an explanation changes, by metric, and by metric/applicant in the requests table."""
    return {
        f"{one.metric}/{one.applicant}".rstrip("/"): (
            None if one.from_ is None else int(one.from_),
            int(one.to),
        )
        for one in explanation.changes
    }


def case_figures(case: str) -> Cells:
    with (CASES / case / "facts.csv").open(encoding="utf-8", newline="") as lines:
        return cells(
            {
                (line["metric"], line["applicant"]): int(line["value"]) if line["value"] else None
                for line in csv.DictReader(lines)
            }
        )


def table_of(name: str, figures: Cells, previous: Cells | None = None) -> TableFigures:
    return TableFigures("a", name, "county_government", "own", figures, {}, previous or {}, ())


# The real cases.


def test_tongxin_2020_wrote_zero_for_the_requests_handled() -> None:
    (explanation,) = explained(table_of("requests", case_figures("tongxin-2020")))
    assert changed(explanation) == {
        "processed_total/natural_person": (0, 6),
        "processed_total/total": (0, 6),
    }
    assert {one.slip for one in explanation.changes} == {"total_left_zero"}
    assert explanation.complete
    assert not any(one.open for one in explanation.changes)


def test_hongze_2023_wrote_zero_for_two_totals_of_cases() -> None:
    parts = by_part(explained(table_of("cases", case_figures("hongze-2023-cases"))))
    assert [[changed(one) for one in alternatives] for alternatives in parts] == [
        [{"litigation_direct_total": (0, 5)}],
        [{"review_total": (0, 11)}],
    ]


@pytest.mark.parametrize("case", ["hongze-2024-cases", "holds-2021-form"])
def test_what_holds_has_no_explanation(case: str) -> None:
    figures = case_figures(case)
    for name in ("requests", "cases"):
        assert explained(table_of(name, figures)) == ()


# Slips of one figure.


@pytest.mark.parametrize(
    ("slip_id", "figures", "wrong", "right"),
    [
        ("total_left_zero", {"a": 5, "b": 0, "total": 0}, "total", 5),
        ("sign_lost", {"previous": 9, "licensing_items_change": 4, "total": 5}, "licensing_items_change", -4),
        ("digits_swapped", {"a": 3, "b": 8, "total": 110}, "total", 11),
        ("digits_swapped", {"a": 300, "b": 9, "total": 390}, "total", 309),
        ("tenfold", {"a": 30, "b": 2, "total": 320}, "total", 32),
        ("tenth", {"a": 48, "b": 2, "total": 5}, "total", 50),
        ("digit_doubled", {"a": 7, "b": 6, "total": 113}, "total", 13),
        ("digit_lost", {"a": 70, "b": 61, "total": 11}, "total", 131),
        ("digit_altered", {"a": 70, "b": 61, "total": 231}, "total", 131),
    ],
)
def test_a_change_that_a_slip_explains_is_preferred(
    slip_id: str, figures: dict[str, int], wrong: str, right: int
) -> None:
    first, second, total = figures
    found = localise(plain(figures), [equal(total, first, second)])
    named = {(one.metric, one.to): one.slip for explanation in found for one in explanation.changes}
    assert (wrong, Fraction(right)) in named


@pytest.mark.parametrize(
    ("slip_id", "printed", "right"),
    [
        ("digits_swapped", 142, 124),
        ("tenfold", 1240, 124),
        ("tenth", 31, 310),
        ("digit_doubled", 1224, 124),
        ("digit_lost", 24, 124),
        ("digit_altered", 174, 124),
        (None, 77, 124),
    ],
)
def test_each_slip_has_its_name(slip_id: str | None, printed: int, right: int) -> None:
    """Two relations leave one cell in doubt, so that only the name is open."""
    figures = plain({"x": printed, "a": right, "b": 0, "c": 1, "sum": right + 1})
    (found,) = localise(figures, [equal("x", "a", "b"), equal("sum", "x", "c")])
    assert found.changes == (Change("x", "", Fraction(printed), Fraction(right), slip_id),)
    assert found.weight == slips().weight(slip_id)


def test_digits_are_those_that_are_printed() -> None:
    figures = plain({"x": 7, "a": 17, "b": 0, "c": 1, "sum": 18})
    relations = [equal("x", "a", "b"), equal("sum", "x", "c")]
    raw = {("x", ""): "０７ 件"}
    (found,) = localise(figures, relations, printed=raw)
    assert [one.slip for one in found.changes] == ["digit_altered"]
    (found,) = localise(figures, relations)
    assert [one.slip for one in found.changes] == ["digit_lost"]


def test_a_lost_sign_is_told_only_where_a_figure_may_be_negative() -> None:
    figures = plain({"fee_items_previous": 9, "fee_items_change": 4, "now": 5})
    found = localise(figures, [equal("now", "fee_items_previous", "fee_items_change")])
    (signed,) = [one for one in found if one.changes[0].metric == "fee_items_change"]
    assert signed.changes[0].slip == "sign_lost"
    found = localise(plain({"a": 9, "b": 4, "now": 5}), [equal("now", "a", "b")])
    assert all(change.to >= 0 for one in found for change in one.changes)


def test_a_total_copied_from_another_one_is_told() -> None:
    grid = [[("a", ""), ("b", ""), ("first", "")], [("c", ""), ("d", ""), ("second", "")]]
    figures = plain({"a": 40, "b": 3, "first": 43, "c": 61, "d": 8, "second": 43})
    found = localise(figures, [equal("first", "a", "b"), equal("second", "c", "d")], order=[grid])
    assert [(changed(one), one.changes[0].slip) for one in found] == [({"second": (43, 69)}, "total_copied")]


def test_every_slip_is_worded_and_none_weighs_more_than_no_slip_at_all() -> None:
    assert set(slips().wording) == set(slips().weights)
    for slip_id, weight in slips().weights.items():
        assert set(slips().wording[slip_id]) == {"zh", "en"}
        assert 0 < weight < slips().unexplained


# Slips of many figures.


@pytest.fixture(scope="module")
def report() -> SeededReport:
    """A consistent report whose requests table has figures in several rows and columns."""
    return next(
        report
        for report in consistent_reports("2021", 500)
        if sum(value is not None and value > 9 for cell, value in report.figures.items() if cell[1]) > 60
    )


def requests(report: SeededReport, changes: Mapping[Cell, int | None]) -> TableFigures:
    figures = report.figures | dict(changes)
    return next(table for table in tables(report, figures) if table.table == "requests")


def shifted(report: SeededReport, metric: str, back: bool) -> dict[Cell, int | None]:
    values = [report.figures[cell] for cell in row(metric)]
    moved = [*values[1:], 0] if back else [0, *values[:-1]]
    return dict(zip(row(metric), moved, strict=True))


def swapped(report: SeededReport, one: Sequence[Cell], other: Sequence[Cell]) -> dict[Cell, int | None]:
    pairs = [*zip(one, other, strict=True), *zip(other, one, strict=True)]
    return {cell: report.figures[source] for cell, source in pairs}


def column(report: SeededReport, applicant: str) -> list[Cell]:
    return [cell for row in report.tables["requests"] for cell in row if cell and cell[1] == applicant]


def row(metric: str) -> list[Cell]:
    return [(metric, applicant) for applicant in (*APPLICANTS, "total")]


Spoil = Callable[[SeededReport], dict[Cell, int | None]]


@pytest.mark.parametrize(
    ("slip_id", "spoil"),
    [
        ("row_shifted", lambda report: shifted(report, "granted", back=False)),
        ("row_shifted", lambda report: shifted(report, "granted", back=True)),
        ("row_shifted", lambda report: shifted(report, "processed_total", back=True)),
        ("rows_swapped", lambda report: swapped(report, row("processed_total"), row("carried_forward"))),
        (
            "columns_swapped",
            lambda report: swapped(report, column(report, "natural_person"), column(report, "total")),
        ),
        (
            "cells_swapped",
            lambda report: swapped(report, row("processed_total")[:1], row("processed_total")[1:2]),
        ),
        (
            "table_shifted",
            lambda report: {
                cell: value
                for metric, _ in column(report, "total")
                for cell, value in shifted(report, metric, back=False).items()
            },
        ),
    ],
)
def test_figures_in_wrong_cells_are_one_slip(report: SeededReport, slip_id: str, spoil: Spoil) -> None:
    spoilt = {cell: value for cell, value in spoil(report).items() if value != report.figures[cell]}
    found = explained(requests(report, spoilt))
    # With a whole table the figures of a column fell off.
    assert {one.size for one in found} == {3 if slip_id == "table_shifted" else 1}
    mended = {(change.metric, change.applicant): change.to for one in found for change in one.changes}
    assert mended == cells({cell: report.figures[cell] for cell in spoilt})
    assert {change.slip for one in found for change in one.changes} == {slip_id}


@pytest.mark.parametrize("form", ["2019", "2021"])
def test_a_row_of_totals_left_zero_is_just_that(form: str) -> None:
    """The seed's slip in reports of any size: no figures have to be moved to account for it."""
    spoilt = 0
    for report in consistent_reports(form, 30):
        totals = {cell: report.figures[cell] for cell in row("processed_total") if report.figures[cell]}
        if 2 <= len(totals) <= 4:
            (found,) = explained(requests(report, dict.fromkeys(totals, 0)))
            assert {(one.metric, one.applicant): one.to for one in found.changes} == totals
            spoilt += 1
    assert spoilt > 3


def test_a_column_that_slipped_by_a_row_is_one_slip_across_all_its_sums() -> None:
    report = next(
        report
        for report in consistent_reports("2014", 200)
        if sum(1 for value in report.figures.values() if value) > 45
    )
    line = [cell for row in report.tables["statistics"] for cell in row if cell]
    start = line.index(("responses_total", ""))
    moved = dict(zip(line[start + 1 :], [report.figures[cell] for cell in line[start:-1]], strict=True))
    (table,) = tables(report, report.figures | moved | {line[start]: 0})
    found = explained(table)
    assert {one.size for one in found} == {1}
    assert {change.slip for one in found for change in one.changes} == {"column_shifted"}
    received = ("requests_received", "")
    assert all(
        changed(one)["requests_received"] == (moved[received], report.figures[received]) for one in found
    )


def test_a_figure_in_another_applicants_column_is_one_slip(report: SeededReport) -> None:
    cell, empty = next(
        ((metric, "natural_person"), (metric, other))
        for (metric, applicant), value in report.figures.items()
        for other in APPLICANTS
        if applicant == "natural_person" and value and report.figures[metric, other] == 0
    )
    (found,) = explained(requests(report, {cell: 0, empty: report.figures[cell]}))
    assert found.size == 1
    assert {change.slip for change in found.changes} == {"wrong_cell"}
    assert {(change.metric, change.applicant): change.to for change in found.changes} == {
        cell: report.figures[cell],
        empty: 0,
    }


def test_without_the_order_of_the_form_no_cells_hang_together(report: SeededReport) -> None:
    table = requests(report, shifted(report, "granted", back=False))
    found = localise(table.figures, linear_relations(catalogue(), table))
    assert all(change.slip not in ("row_shifted", "wrong_cell") for one in found for change in one.changes)


# Blanks, limits, ambiguity.


def test_a_relation_with_a_blank_cell_says_nothing_unless_zero_fits() -> None:
    assert localise(plain({"a": 3, "b": None, "total": 9}), [equal("total", "a", "b")]) == ()
    relations = [equal("total", "a", "b"), equal("sum", "total", "c")]
    figures = plain({"a": 3, "b": None, "total": 9, "c": 1, "sum": 44})
    assert all(one.changes[0].metric != "b" for one in localise(figures, relations))


def test_a_blank_cell_may_be_filled_where_zero_does_not_fit_any_more() -> None:
    """The seed with nothing printed in place of the total, and only for natural persons."""
    figures = case_figures("tongxin-2020")
    figures["processed_total", "total"] = None
    (found,) = explained(table_of("requests", figures))
    assert changed(found) == {
        "processed_total/natural_person": (0, 6),
        "processed_total/total": (None, 6),
    }


def test_limits_leave_the_value_open_and_the_nearest_is_named() -> None:
    found = localise(plain({"new": 8, "public": 5}), [at_most("new", "public")])
    assert [changed(one) for one in found] == [{"new": (8, 5)}, {"public": (5, 8)}]
    assert all(change.open for one in found for change in one.changes)


def test_a_limit_and_a_sum_settle_a_value_together() -> None:
    figures = plain({"leader": 9, "press": 4, "talks": 6, "all": 15})
    found = localise(figures, [at_most("leader", "press"), equal("all", "press", "talks")])
    assert [changed(one) for one in found] == [{"press": (4, 9)}]
    assert not found[0].changes[0].open


def test_all_equally_good_explanations_are_named() -> None:
    found = localise(plain({"a": 12, "b": 14, "total": 36}), [equal("total", "a", "b")])
    assert [changed(one) for one in found] == [{"a": (12, 22)}, {"b": (14, 24)}, {"total": (36, 26)}]
    assert all(one.complete and one.part == 0 and one.size == 1 for one in found)


def test_it_is_said_where_more_than_twenty_would_do() -> None:
    parts = [f"part{number:02}" for number in range(25)]
    found = localise(plain(dict.fromkeys(parts, 2) | {"total": 91}), [equal("total", *parts)])
    assert len(found) == 20
    assert not any(one.complete for one in found)


def test_a_fraction_may_stay_one_and_no_whole_figure_becomes_one() -> None:
    relations = [LinearRelation("test.double", {("a", ""): 2, ("b", ""): -1}, "=", Fraction(0))]
    (found,) = localise(plain({"a": 3, "b": 7}), relations)
    assert changed(found) == {"b": (7, 6)}
    figures = {("a", ""): Fraction(5, 2), ("b", ""): Fraction(7)}
    assert [one.changes[0].to for one in localise(figures, relations)] == [Fraction(7, 2), Fraction(5)]


def test_contradictions_that_share_no_cell_are_parts() -> None:
    figures = plain({"a": 3, "b": 4, "ab": 0, "c": 5, "d": 6, "cd": 0, "e": 1, "f": 1, "ef": 2})
    relations = [equal("ab", "a", "b"), equal("cd", "c", "d"), equal("ef", "e", "f")]
    assert [(one.part, changed(one)) for one in localise(figures, relations)] == [
        (0, {"ab": (0, 7)}),
        (1, {"cd": (0, 11)}),
    ]


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    assert localise(plain({"a": 3, "b": 4, "total": 0}), [equal("total", "a", "b")])
    assert capfd.readouterr() == ("", "")


# The rules over a report's own cells.


def test_what_last_year_carried_forward_counts_where_this_year_contradicts_itself_too() -> None:
    figures = cells(
        {
            ("requests_received", "total"): 20,
            ("requests_carried_in", "total"): 7,
            ("processed_total", "total"): 23,
            ("carried_forward", "total"): 0,
        }
    )
    previous = cells({("carried_forward", "total"): 3})
    rules = {one.rule for one in linear_relations(catalogue(), table_of("requests", figures, previous))}
    assert "years.carry" in rules
    (found,) = explained(table_of("requests", figures, previous))
    assert changed(found) == {"requests_carried_in/total": (7, 3)}
    figures["processed_total", "total"] = Fraction(27)
    assert explained(table_of("requests", figures, previous)) == ()


# In a database.


@contextmanager
def database(*reports: tuple[str, str, str, Cells]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with reports: their ids, forms, tables and cells."""
    with open_database(None) as connection:
        for report_id, form, table, figures in reports:
            connection.execute(
                "INSERT INTO report BY NAME SELECT $1 AS report_id, '990101' AS county_code, $1 AS publisher,"
                " 2022 AS year, 'own' AS scope, $2 AS form, '' AS url, TIMESTAMP '2023-01-01' AS captured_at,"
                " '' AS sha256, '' AS warc_file, 0 AS warc_offset, true AS sample",
                [report_id, form],
            )
            connection.executemany(
                "INSERT INTO fact VALUES ($1, $2, $3, $4, '', '', $5, 0, 0, 0, NULL)",
                [
                    [report_id, *cell, None if value is None else float(value), table]
                    for cell, value in figures.items()
                ],
            )
        yield connection


def test_suggestions_are_kept_beside_the_facts_which_stay() -> None:
    with database(
        ("seed", "2019", "requests", case_figures("tongxin-2020")),
        ("hongze", "2021", "cases", case_figures("hongze-2023-cases")),
        ("ok", "2021", "cases", case_figures("hongze-2024-cases")),
    ) as connection:
        before = connection.execute("FROM fact").fetchall()
        for _ in range(2):
            record_findings(connection)
        rows = connection.execute(
            'SELECT report_id, part, explanation_no, "table", metric, applicant, "from", "to", slip, open,'
            " complete FROM suggestion ORDER BY ALL"
        ).fetchall()
        assert connection.execute("FROM fact").fetchall() == before
        assert connection.execute("FROM duckdb_tables() WHERE temporary").fetchall() == []
    assert rows == [
        ("hongze", 1, 1, "cases", "litigation_direct_total", "", 0, 5, "total_left_zero", False, True),
        ("hongze", 2, 2, "cases", "review_total", "", 0, 11, "total_left_zero", False, True),
        ("seed", 1, 1, "requests", "processed_total", "natural_person", 0, 6, "total_left_zero", False, True),
        ("seed", 1, 1, "requests", "processed_total", "total", 0, 6, "total_left_zero", False, True),
    ]


def test_what_would_mend_a_report_is_worked_out_again_only_where_its_figures_changed() -> None:
    with database(
        ("hongze", "2021", "cases", case_figures("hongze-2023-cases")),
        ("again", "2021", "cases", case_figures("hongze-2023-cases")),
    ) as connection:
        record_findings(connection)
        connection.execute("UPDATE suggestion SET slip = 'kept'")
        record_findings(connection)
        assert _slips(connection) == {"hongze": {"kept"}, "again": {"kept"}}
        connection.execute("UPDATE fact SET raw = '0' WHERE report_id = 'again' AND metric = 'review_total'")
        record_findings(connection)
        assert _slips(connection) == {"hongze": {"kept"}, "again": {"total_left_zero"}}
        connection.execute("DELETE FROM report WHERE report_id = 'hongze'")
        record_findings(connection)
        assert _slips(connection) == {"again": {"total_left_zero"}}
        assert connection.execute("SELECT report_id FROM localised").fetchall() == [("again",)]


def test_last_years_figures_count_as_well() -> None:
    contradicting = cells({("requests_carried_in", "total"): 7, ("requests_received", "total"): 1})
    contradicting |= cells({("processed_total", "total"): 9, ("carried_forward", "total"): 0})
    previous = cells({("carried_forward", "total"): 3})
    with database(
        ("then", "2021", "requests", previous), ("now", "2021", "requests", contradicting)
    ) as connection:
        connection.execute(
            "UPDATE report SET publisher = '县政府', year = if(report_id = 'then', 2021, 2022)"
        )
        record_findings(connection)
        proposed = _proposed(connection, "now")
        connection.execute("UPDATE fact SET value = 8 WHERE report_id = 'then'")
        record_findings(connection)
        assert _proposed(connection, "now") != proposed
        assert _proposed(connection, "now") == {("requests_carried_in", 8)}


def _slips(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    found = connection.execute("SELECT report_id, list(slip) FROM suggestion GROUP BY report_id").fetchall()
    return {report_id: set(slips) for report_id, slips in found}


def _proposed(connection: duckdb.DuckDBPyConnection, report_id: str) -> set[tuple[str, float]]:
    query = 'SELECT metric, "to" FROM suggestion WHERE report_id = $1'
    return set(connection.execute(query, [report_id]).fetchall())


def test_every_finding_that_an_explanation_mends_says_so() -> None:
    with database(("seed", "2019", "requests", case_figures("tongxin-2020"))) as connection:
        record_findings(connection)
        found = connection.execute(
            "SELECT rule, suggestion FROM finding WHERE severity = 'error' ORDER BY rule"
        ).fetchall()
    assert {rule for rule, _ in found} == {"requests.balance", "requests.processed_sum"}
    for _, suggestion in found:
        assert suggestion == [
            {"metric": "processed_total", "applicant": column, "from": 0, "to": 6, "explanation": 1}
            for column in ("natural_person", "total")
        ]


def test_the_alternatives_of_a_finding_are_told_apart() -> None:
    figures = plain({"review_upheld": 12, "review_corrected": 14, "review_total": 36})
    figures |= plain({"review_other": 0, "review_pending": 0})
    with database(("a", "2021", "cases", figures)) as connection:
        (finding,) = [one for one in evaluate(connection) if one.rule == "cases.total"]
        (mended,), _ = with_suggestions(connection, [finding])
    assert [(change.explanation, change.metric, change.to) for change in mended.suggestion] == [
        (1, "review_corrected", 24),
        (2, "review_total", 26),
        (3, "review_upheld", 22),
    ]


def test_what_last_years_report_may_have_wrong_has_no_suggestion() -> None:
    previous = cells({("carried_forward", "total"): 3})
    figures = cells({("requests_carried_in", "total"): 7})
    table = table_of("requests", figures, previous)
    assert all(relation.rule != "years.carry" for relation in linear_relations(catalogue(), table))
