"""Expressions over metric ids: what they mean, exactly, and in SQL."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.series.comparability import GENERATIONS, breaks, breaks_of_forms, continued_by, links
from analysis.series.expression import (
    Expression,
    ExpressionFault,
    Number,
    Operand,
    Operation,
    as_sql,
    as_text,
    evaluate,
    operands_of,
    read_expression,
)
from analysis.series.measures import blanks, measures
from analysis.series.quantities import find_quantity
from scraper.store import open_database

NAMES = ("a", "b", "c", "granted")
Figures = Mapping[Operand, Fraction | None]

operands = st.builds(Operand, st.sampled_from(NAMES), st.sampled_from([None, "total"]))
numbers = st.integers(min_value=0, max_value=4000).map(lambda quarters: Number(Fraction(quarters, 4)))
expressions: st.SearchStrategy[Expression] = st.recursive(
    operands | numbers,
    lambda parts: st.builds(Operation, st.sampled_from(["+", "-", "*", "/", "else"]), parts, parts),
    max_leaves=12,
)
figures: st.SearchStrategy[Figures] = st.dictionaries(
    operands, st.none() | st.fractions(min_value=-1000, max_value=1000, max_denominator=4)
)


def by_python(expression: Expression, known: Figures) -> Fraction | None:
    """The value as Python works it out of the expression's own text."""
    if isinstance(expression, Number):
        return expression.value
    if isinstance(expression, Operand):
        return known.get(expression)
    left, right = by_python(expression.left, known), by_python(expression.right, known)
    if expression.operator == "else":
        return right if left is None else left
    if left is None or right is None:
        return None
    try:
        return Fraction(eval(f"left {expression.operator} right"))  # noqa: S307
    except ZeroDivisionError:
        return None


@given(expressions, figures)
@settings(max_examples=300)
def test_the_value_is_that_of_python_s_fractions(expression: Expression, known: Figures) -> None:
    assert evaluate(expression, known) == by_python(expression, known)


@given(expressions)
@settings(max_examples=300)
def test_a_written_expression_is_read_as_itself(expression: Expression) -> None:
    assert read_expression(as_text(expression)) == expression


@given(expressions, figures)
@settings(max_examples=150)
def test_sql_has_the_exact_value(expression: Expression, known: Figures) -> None:
    columns = {operand: f"v{number}" for number, operand in enumerate(dict.fromkeys(operands_of(expression)))}
    values = ", ".join(
        f"CAST({'NULL' if (value := known.get(operand)) is None else float(value)} AS DOUBLE) AS {column}"
        for operand, column in columns.items()
    )
    query = f"SELECT {as_sql(expression, columns.__getitem__)} FROM (SELECT {values or '0 AS nothing'})"
    with duckdb.connect() as connection:
        (found,) = connection.execute(query).fetchall()[0]
    exact = evaluate(expression, known)
    # Doubles lose digits where big figures cancel out; whether there is a value at all they tell exactly,
    # unless a divisor that should be zero is not.
    if exact is None or found is None:
        assert exact is None or _divides(expression)
    else:
        assert found == pytest.approx(float(exact), rel=1e-6, abs=1e-3) or _divides(expression)


def _divides(expression: Expression) -> bool:
    return isinstance(expression, Operation) and (
        expression.operator == "/" or _divides(expression.left) or _divides(expression.right)
    )


@given(expressions, figures)
@settings(max_examples=200)
def test_without_else_what_lacks_a_figure_has_no_value(expression: Expression, known: Figures) -> None:
    asked = list(operands_of(expression))
    if " else " not in as_text(expression) and any(known.get(operand) is None for operand in asked):
        assert evaluate(expression, known) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a + b * c", 14),
        ("(a + b) * c", 20),
        ("a - b - c", -5),
        ("a / b / c", Fraction(1, 6)),
        ("-a + b", 1),
        ("a / (b - 3)", None),
        ("missing + a", None),
        ("missing else a + b", 5),
        ("a else missing", 2),
        ("(missing else 1) * c", 4),
        ("0.5 * a", 1),
        ("a[natural_person] / a", Fraction(1, 2)),
    ],
)
def test_what_expressions_mean(text: str, value: Fraction | None) -> None:
    known = {Operand("a"): 2, Operand("b"): 3, Operand("c"): 4, Operand("a", "natural_person"): 1}
    assert evaluate(read_expression(text), {name: Fraction(one) for name, one in known.items()}) == value


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", 1), ("a +", 4), ("a b", 3), ("(a", 3), ("a)", 2), ("A", 1), ("a[", 2), ("a; DROP TABLE x", 2),
        ("else", 1), ("a else", 7), ("1..2", 2), ("a ** b", 4), ("'a'", 1), ("a = b", 2),
        ("(" * 100 + "a" + ")" * 100, 41),
    ],
)  # fmt: skip
def test_what_is_no_expression_is_told_with_its_place(text: str, place: int) -> None:
    with pytest.raises(ExpressionFault, match=f"see place {place}$"):
        read_expression(text)


# The data


CATALOGUE = tomllib.loads(
    (Path(__file__).parents[1] / "src/scraper/forms/metrics.toml").read_text(encoding="utf-8")
)
FORMS: dict[str, set[tuple[str, str]]] = {}
for entry in CATALOGUE["metric"]:
    for form in entry["forms"]:
        FORMS.setdefault(entry["id"], set()).add((form, entry["table"]))


def test_series_and_links_speak_of_metrics_of_the_catalogue_and_of_forms_that_have_them() -> None:
    for metric, its_links in links().items():
        assert metric in FORMS
        for link in its_links:
            for cell in operands_of(link.figure):
                forms = {form for form, table in FORMS[cell.metric] if table != "prose"}
                assert link.forms <= forms, (metric, cell)


def test_what_two_generations_share_is_joined_on_stated_terms() -> None:
    shared = {
        metric
        for metric, forms in FORMS.items()
        if {"2014"} < {form for form, _ in forms} and len({table for _, table in forms}) > 1
    }
    assert shared
    for metric in shared:
        assert any(link.forms == {"2014"} for link in links()[metric]), metric


def test_every_break_and_every_link_has_words_and_a_source() -> None:
    said = [(one.wording, one.source) for one in breaks().values()]
    said += [(link.wording, link.source) for its_links in links().values() for link in its_links]
    for wording, source in said:
        assert set(wording) == {"en", "zh"}
        assert all(wording.values())
        assert source


def test_measures_are_made_of_metrics_and_say_what_they_are() -> None:
    units = {measure.unit for measure in measures().values()}
    assert units == {"percent", "per_100"}
    with open_database(None) as connection:
        for measure in measures().values():
            assert set(measure.label) == set(measure.definition) == {"en", "zh"}
            assert measure.source
            quantity = find_quantity(connection, measure.measure_id)
            assert quantity.forms, measure.measure_id
            assert measure.measure_id not in FORMS
    for blank in blanks():
        for operand in (blank.total, *blank.parts):
            assert {form for form, _ in FORMS[operand.metric]} & blank.forms


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"2014"}, {"2019", "2021"}, ["form_2019"]),
        ({"2019", "2021"}, {"2014"}, ["form_2019"]),
        ({"2019"}, {"2021"}, ["form_2021"]),
        ({"2014"}, {"2021"}, ["form_2019", "form_2021"]),
        ({"narrative"}, {"2014"}, ["form_2014"]),
        ({"2019", "2021"}, {"2019", "2021"}, []),
        ({"2019", "2021"}, {"2021"}, []),
    ],
)
def test_breaks_lie_between_generations(before: set[str], after: set[str], found: list[str]) -> None:
    assert list(breaks_of_forms(frozenset(before), frozenset(after))) == found


def test_the_breaks_of_the_rules_are_declared() -> None:
    assert {one.form for one in breaks().values() if one.form} == set(GENERATIONS[1:])
    assert {"reform_2018", "fee_2021", "scope", "publisher"} <= set(breaks())


@pytest.mark.parametrize("page", ["comparing.md", "zh/comparing.md"])
def test_the_docs_list_every_measure_and_every_break(page: str) -> None:
    text = (Path(__file__).parents[1] / "docs" / page).read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)$", text, re.MULTILINE))
    for measure in measures().values():
        row = rows[measure.measure_id]
        assert row.endswith(f" {as_text(measure.numerator)} | {as_text(measure.denominator)} |")
    assert set(breaks()) <= set(re.findall(r"`(\w+)`", text))


def test_old_names_lead_to_the_series_that_go_on() -> None:
    assert list(continued_by("answered_granted")) == ["granted"]
    assert list(continued_by("requests_answered")) == ["processed_total"]
