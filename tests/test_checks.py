"""The rules: cases as folders, and what must hold for any figures."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.checks import Finding, Rule, evaluate, record_findings, rules
from analysis.checks.rules import RuleFault, read_rules, read_sum
from scraper.forms import catalogue
from scraper.store import open_database

CASES = sorted(path.parent for path in (Path(__file__).parent / "checks").glob("*/case.toml"))

Cell = tuple[str, str, str, float | None]


@contextmanager
def database(reports: list[dict[str, Any]], cells: list[Cell]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with ``reports`` and their cells: report, metric, applicant, value."""
    with open_database(None) as connection:
        for report in reports:
            connection.execute(
                "INSERT INTO report BY NAME SELECT $id AS report_id, '990101' AS county_code,"
                " $publisher AS publisher, $year AS year, $scope AS scope, '2021' AS form, '' AS url,"
                " TIMESTAMP '2023-01-01' AS captured_at, '' AS sha256, '' AS warc_file, 0 AS warc_offset,"
                " true AS sample",
                report,
            )
        connection.executemany(
            "INSERT INTO fact VALUES ($1, $2, $3, $4, '', '', '', 0, 0, 0, NULL)",
            [list(cell) for cell in cells],
        )
        yield connection


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_case(case: Path) -> None:
    reports = tomllib.loads((case / "case.toml").read_text(encoding="utf-8"))["report"]
    cells: list[Cell] = [
        (row["report"], row["metric"], row["applicant"], float(row["value"]) if row["value"] else None)
        for row in rows(case / "facts.csv")
    ]
    with database(reports, cells) as connection:
        found = evaluate(connection)
    said = sorted((f.report_id, f.rule, f.severity, f.applicant or "", f.expected, f.actual) for f in found)
    expected = sorted(
        (r["report"], r["rule"], r["severity"], r["applicant"], float(r["expected"]), float(r["actual"]))
        for r in rows(case / "expected.csv")
    )
    assert said == expected


REPORT = {"id": "a", "publisher": "青禾县人民政府", "year": 2022, "scope": "whole"}
SINGLE_REPORT_RULES = [rule for rule in rules() if rule.rule != "years.carry"]
counts = st.integers(min_value=0, max_value=10**7)


def cells_of(rule: Rule, number: int, figures: list[int], *, stated: int | None = None) -> list[Cell]:
    """Cells that fulfil one relation of ``rule``, with ``figures`` for all operands but the first."""
    relation = rule.relations[number]
    first, *others = (*relation.stated, *relation.expected)
    given_figures = dict(zip([term.operand for term in others], figures, strict=True))
    right = sum(term.sign * given_figures[term.operand] for term in relation.expected)
    left = sum(term.sign * given_figures[term.operand] for term in relation.stated[1:])
    given_figures[first.operand] = right - left if stated is None else stated
    if rule.each == "metric":
        return [("a", "granted", applicant, value) for applicant, value in given_figures.items()]
    applicant = "" if rule.rule.startswith("cases") else "total"
    return [("a", metric, applicant, value) for metric, value in given_figures.items()]


def findings_of(rule: Rule, cells: list[Cell]) -> list[Finding]:
    with database([REPORT], cells) as connection:
        return evaluate(connection, [rule])


@st.composite
def relations(draw: st.DrawFn) -> tuple[Rule, int, list[int]]:
    """A rule, one of its relations, and figures for all its operands but the first."""
    rule = draw(st.sampled_from(SINGLE_REPORT_RULES))
    number = draw(st.integers(min_value=0, max_value=len(rule.relations) - 1))
    operands = len(rule.relations[number].operands) - 1
    return rule, number, draw(st.lists(counts, min_size=operands, max_size=operands))


@given(relations())
@settings(max_examples=40, deadline=None)
def test_figures_that_fulfil_a_relation_are_no_finding(drawn: tuple[Rule, int, list[int]]) -> None:
    rule, number, figures = drawn
    assert findings_of(rule, cells_of(rule, number, figures)) == []


@given(relations(), st.integers(min_value=1, max_value=10**6), st.sampled_from([1, -1]))
@settings(max_examples=40, deadline=None)
def test_a_figure_that_is_off_is_a_finding_of_just_that_difference(
    drawn: tuple[Rule, int, list[int]], off: int, sign: int
) -> None:
    rule, number, figures = drawn
    cells = cells_of(rule, number, figures)
    (name, metric, applicant, value), *rest = cells[-1:] + cells[:-1]
    assert value is not None
    (found,) = findings_of(rule, [(name, metric, applicant, value + sign * off), *rest])
    assert abs(found.actual - found.expected) == off
    assert metric in found.metrics
    assert applicant in found.applicants


@given(relations(), st.data())
@settings(max_examples=40, deadline=None)
def test_a_relation_with_a_blank_cell_is_never_a_finding(
    drawn: tuple[Rule, int, list[int]], data: st.DataObject
) -> None:
    rule, number, figures = drawn
    cells = cells_of(rule, number, figures, stated=10**9)
    blank = data.draw(st.integers(min_value=0, max_value=len(cells) - 1))
    cells[blank] = (*cells[blank][:3], None)
    assert findings_of(rule, cells) == []


def test_a_finding_keeps_its_status_and_goes_when_the_figure_is_right() -> None:
    cells: list[Cell] = [("a", "granted", name.applicant, 1.0) for name in catalogue.applicants()]
    with database([REPORT], cells) as connection:
        assert record_findings(connection) == 1
        connection.execute("UPDATE finding SET status = 'confirmed'")
        assert record_findings(connection) == 1
        assert connection.execute("SELECT status FROM finding").fetchall() == [("confirmed",)]
        connection.execute("UPDATE fact SET value = 6 WHERE applicant = 'total'")
        assert record_findings(connection) == 0
        assert connection.execute("FROM finding").fetchall() == []


def test_the_rules_speak_of_metrics_and_applicants_that_exist() -> None:
    known = {metric.metric for metric in catalogue.metrics()}
    known |= {applicant.applicant for applicant in catalogue.applicants()}
    for rule in rules():
        for relation in rule.relations:
            for term in (*relation.stated, *relation.expected):
                assert term.operand.removeprefix("previous.") in known


def test_every_rule_is_worded_in_both_languages_and_names_its_source() -> None:
    for rule in rules():
        assert set(rule.wording) == {"zh", "en"}
        assert rule.source


def test_a_rule_of_somebody_else_is_evaluated_as_well() -> None:
    (rule,), _ = read_rules(
        """
        [[rule]]
        id = "own.rule"
        severity = "notice"
        each = "applicant"
        source = "a test"
        zh = "{stated} 不等于 {expected}"
        en = "{stated} is not {expected}"
        [[rule.relation]]
        stated = "processed_total"
        expected = "requests_received + requests_carried_in - carried_forward"
        """
    )
    cells: list[Cell] = [
        ("a", "processed_total", "total", 4.0),
        ("a", "requests_received", "total", 9.0),
        ("a", "requests_carried_in", "total", 1.0),
        ("a", "carried_forward", "total", 5.0),
    ]
    (found,) = findings_of(rule, cells)
    assert found.message == {"en": "4 is not 5", "zh": "4 不等于 5"}
    assert found.severity == "notice"


@pytest.mark.parametrize("text", ["", "a b", "a + + b", "a + 1", "a * b", "a +"])
def test_what_is_no_sum_is_told(text: str) -> None:
    with pytest.raises(RuleFault, match="no sum of metric ids"):
        read_sum(text)


def test_a_rule_without_a_source_is_told_by_its_name() -> None:
    with pytest.raises(RuleFault, match=r"rule a\.b: 'severity' is missing"):
        read_rules('[[rule]]\nid = "a.b"\n')
