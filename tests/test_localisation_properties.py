"""What must hold of any explanation, for figures drawn by chance, and how long it may take."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.checks.localisation import localise
from analysis.checks.localisation.relations import linear_relations
from analysis.checks.relation import Cell, LinearRelation
from analysis.checks.rules import catalogue
from consistent_reports import Figures, consistent_reports, tables
from localising import Cells, by_part, cells, explained, holds
from seeded_slips import KINDS, slip

FORMS = ("2014", "2019", "2021")
Table = tuple[dict[Cell, int], list[LinearRelation]]


def assessable(values: Mapping[Cell, Fraction | None], relation: LinearRelation) -> bool:
    return holds(values, relation) or all(values.get(cell) is not None for cell in relation.coefficients)


@st.composite
def grids(draw: st.DrawFn) -> Table:
    """A small table with a total column and a total row that add up."""
    height, width = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    figures: dict[Cell, int] = {}
    counts = st.one_of(st.just(0), st.integers(0, 9), st.integers(0, 5000))
    for row, place in product(range(height), range(width)):
        figures[f"r{row}", f"c{place}"] = draw(counts)
    for row in range(height):
        figures[f"r{row}", "total"] = sum(figures[f"r{row}", f"c{place}"] for place in range(width))
    columns = [*(f"c{place}" for place in range(width)), "total"]
    for name in columns:
        figures["sum", name] = sum(figures[f"r{row}", name] for row in range(height))
    rows = [*(f"r{row}" for row in range(height)), "sum"]
    sums = [[(row, "total"), *((row, name) for name in columns[:-1])] for row in rows]
    sums += [[("sum", name), *((row, name) for row in rows[:-1])] for name in columns]
    relations = [
        LinearRelation("test.sum", {total: 1} | dict.fromkeys(parts, -1), "=", Fraction(0))
        for total, *parts in sums
    ]
    return figures, relations


errors = st.lists(st.tuples(st.integers(0, 15), st.integers(0, 6000)), min_size=1, max_size=3)


def spoil(figures: Mapping[Cell, int], wrong: Sequence[tuple[int, int]]) -> dict[Cell, int]:
    places = list(figures)
    return {**figures, **{places[place % len(places)]: value for place, value in wrong}}


@given(grids())
@settings(max_examples=60)
def test_a_consistent_table_has_no_explanation(drawn: Table) -> None:
    figures, relations = drawn
    assert localise(cells(figures), relations) == ()


@given(grids(), errors)
@settings(max_examples=150)
def test_after_any_explanation_all_relations_hold(drawn: Table, wrong: list[tuple[int, int]]) -> None:
    figures, relations = drawn
    printed = cells(spoil(figures, wrong))
    parts = by_part(localise(printed, relations))
    assert bool(parts) == (not all(holds(printed, relation) for relation in relations))
    for chosen in product(*parts):
        mended = dict(printed)
        for one in chosen:
            for change in one.changes:
                assert mended[change.metric, change.applicant] == change.from_ != change.to >= 0
                mended[change.metric, change.applicant] = change.to
        assert all(holds(mended, relation) for relation in relations)


@given(grids(), errors)
@settings(max_examples=150)
def test_an_explanation_never_takes_more_changes_than_there_are_errors(
    drawn: Table, wrong: list[tuple[int, int]]
) -> None:
    figures, relations = drawn
    printed = spoil(figures, wrong)
    made = sum(printed[cell] != figures[cell] for cell in figures)
    sizes = [alternatives[0].size for alternatives in by_part(localise(cells(printed), relations))]
    assert sum(sizes) <= made


@given(grids(), errors, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_cells_and_relations_makes_no_difference(
    drawn: Table, wrong: list[tuple[int, int]], chance: random.Random
) -> None:
    figures, relations = drawn
    printed = cells(spoil(figures, wrong))
    places = list(printed)
    chance.shuffle(places)
    mixed = list(relations)
    chance.shuffle(mixed)
    assert localise({place: printed[place] for place in places}, mixed) == localise(printed, relations)


@given(grids(), errors)
@settings(max_examples=40)
def test_no_smaller_explanation_exists(drawn: Table, wrong: list[tuple[int, int]]) -> None:
    figures, relations = drawn
    printed = cells(spoil(figures, wrong))
    parts = by_part(localise(printed, relations))
    assume(len(parts) == 1)
    size = parts[0][0].size
    for smaller in range(1, size):
        for chosen in combinations(sorted(printed), smaller):
            assert not solvable(printed, relations, chosen)
    for one in parts[0]:
        assert solvable(printed, relations, [(change.metric, change.applicant) for change in one.changes])


def solvable(printed: Cells, relations: Sequence[LinearRelation], chosen: Sequence[Cell]) -> bool:
    """Whether figures of ``chosen`` exist that fulfil all equations; by plain elimination, one at a time.

    Where the equations leave a figure open it could be left as it is: such a choice is no smallest one.
    """
    rows: list[list[Fraction]] = []
    for relation in relations:
        lacking = Fraction(0)
        for cell, weight in relation.coefficients.items():
            lacking -= weight * (printed[cell] or 0)
        rows.append([*(Fraction(relation.coefficients.get(cell, 0)) for cell in chosen), lacking])
    solved: list[list[Fraction]] = []
    for place in range(len(chosen)):
        found = next((row for row in rows if row[place]), None)
        if found is None:
            return False
        rows.remove(found)
        pivot = [value / found[place] for value in found]
        rows, solved = ([without(row, place, pivot) for row in some] for some in (rows, solved))
        solved.append(pivot)
    values = [(printed[cell] or Fraction(0)) + row[-1] for cell, row in zip(chosen, solved, strict=True)]
    return not any(row[-1] for row in rows) and all(value >= 0 and value.denominator == 1 for value in values)


def without(row: list[Fraction], place: int, pivot: list[Fraction]) -> list[Fraction]:
    return [value - row[place] * other for value, other in zip(row, pivot, strict=True)]


@pytest.mark.parametrize("form", FORMS)
def test_reports_with_seeded_slips_are_mended_wherever_they_are_explained(form: str) -> None:
    for report in consistent_reports(form, 40):
        chance = random.Random(report.report_id)
        spoilt: Figures = dict(report.figures)
        for kind in chance.sample(list(KINDS), 2):
            spoilt |= slip(kind, report, chance)
        for table in tables(report, spoilt):
            relations = linear_relations(catalogue(), table)
            for chosen in product(*by_part(explained(table))):
                mended = dict(table.figures)
                for one in chosen:
                    mended |= {(change.metric, change.applicant): change.to for change in one.changes}
                assert all(holds(mended, one) for one in relations if assessable(table.figures, one))


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_proposed_for_reports_that_contradict_nothing(form: str) -> None:
    for report in consistent_reports(form, 40):
        for table in tables(report, report.figures):
            assert explained(table) == ()


@pytest.mark.parametrize("spoilt_cells", [1, 2, 3, 6, 40, 170])
def test_however_wrong_a_report_is_it_takes_less_than_a_second(spoilt_cells: int) -> None:
    chance = random.Random(spoilt_cells)
    for report in consistent_reports("2021", 8):
        places = [cell for cell in report.figures if cell[1]]
        wrong: Figures = {cell: chance.randint(0, 99) for cell in chance.sample(places, spoilt_cells)}
        (table,) = (one for one in tables(report, report.figures | wrong) if one.table == "requests")
        relations = linear_relations(catalogue(), table)
        started = time.process_time()
        localise(table.figures, relations, printed=table.raw, order=[table.rows])
        assert time.process_time() - started < 1
