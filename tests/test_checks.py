"""The rules: cases as folders, and what must hold for any figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.checks import Finding, Rule, evaluate, record_findings, rules
from analysis.checks.formula import CLAIMED, PREVIOUS, RuleFault, Term, read_formula, read_sum
from analysis.checks.reuse import record_reuse
from analysis.checks.rules import FORMULA, catalogue, read_rules
from rule_cases import Case, Cell, cases, form_of, load, put_cells, put_report
from scraper.forms import catalogue as forms
from scraper.store import open_database

ROOT = Path(__file__).parents[1]
CLAIMS = Path(str(files("scraper.forms"))) / "claims.toml"
REPORT = {"id": "a", "publisher": "青禾县人民政府", "year": 2022, "scope": "whole"}


@contextmanager
def database(
    reports: list[dict[str, Any]], cells: list[Cell], form: str = "2021"
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with ``reports`` and their cells: report, metric, applicant, value."""
    with open_database(None) as connection:
        for report in reports:
            put_report(connection, report)
        put_cells(connection, cells, form)
        yield connection


@pytest.fixture(scope="module")
def recorded() -> Iterator[duckdb.DuckDBPyConnection]:
    """All cases in one database, the rules worked out on all of them at once, as they are meant to be."""
    with open_database(None) as connection:
        for case in cases():
            load(connection, case)
        record_reuse(connection)
        record_findings(connection)
        yield connection


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_case(case: Case, recorded: duckdb.DuckDBPyConnection) -> None:
    found = recorded.execute(
        "SELECT split_part(report_id, '/', 2), rule, severity, coalesce(applicant, ''), expected, actual"
        " FROM finding WHERE split_part(report_id, '/', 1) = $1 ORDER BY ALL",
        [case.name],
    ).fetchall()
    expected = sorted(
        (
            line["report"], line["rule"], line["severity"], line["applicant"],
            float(line["expected"]) if line["expected"] else None,
            float(line["actual"]) if line["actual"] else None,
        )
        for line in case.lines("expected.csv")
    )  # fmt: skip
    assert [tuple(row) for row in found] == expected


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.lines("unassessed.csv")], ids=lambda c: c.name
)
def test_what_can_not_be_assessed(case: Case, recorded: duckdb.DuckDBPyConnection) -> None:
    """Exactly so of the rules that the file names."""
    wanted = sorted(
        tuple(line[key] for key in ("report", "rule", "place", "reason"))
        for line in case.lines("unassessed.csv")
    )
    found = recorded.execute(
        "SELECT split_part(report_id, '/', 2), rule, place, reason FROM unassessed"
        " WHERE split_part(report_id, '/', 1) = $1 AND list_contains($2, rule) ORDER BY ALL",
        [case.name, [rule for _, rule, _, _ in wanted]],
    ).fetchall()
    assert [tuple(row) for row in found] == wanted


def test_every_rule_has_a_report_that_breaks_it_and_one_that_nearly_does() -> None:
    broken = {line["rule"] for case in cases() for line in case.lines("expected.csv")}
    near = {rule for case in cases() for rule in case.near}
    every = {rule.rule for rule in rules()}
    assert {"broken": every - broken, "near": every - near} == {"broken": set(), "near": set()}


def test_a_near_miss_is_one() -> None:
    for case in cases():
        assert not {line["rule"] for line in case.lines("expected.csv")} & set(case.near), case.name


SINGLE_REPORT_RULES = [
    rule
    for rule in rules()
    if rule.kind == FORMULA
    and rule.severity == "error"
    and all(
        relation.formula.comparison == "="
        and not relation.when
        and not any(name.startswith((CLAIMED, PREVIOUS)) for name in relation.operands())
        for relation in rule.relations
    )
]
counts = st.integers(min_value=0, max_value=10**7)


def operands(rule: Rule, number: int) -> tuple[Term, ...]:
    return rule.relations[number].formula.terms


def cells_of(rule: Rule, number: int, figures: list[int], *, stated: int | None = None) -> list[Cell]:
    """Cells that fulfil one relation of ``rule``, with ``figures`` for all operands but the first."""
    formula = rule.relations[number].formula
    first, *others = formula.terms
    known = dict(zip([term.operand for term in others], figures, strict=True))
    right = sum(term.sign * known[term.operand] for term in formula.expected.terms)
    left = sum(term.sign * known[term.operand] for term in formula.stated.terms[1:])
    known[first.operand] = right - left if stated is None else stated
    if rule.each == "metric":
        return [("a", "granted", applicant, value) for applicant, value in known.items()]
    applicant = "total" if rule.table == "requests" else ""
    return [("a", _printed(metric), applicant, value) for metric, value in known.items()]


def _printed(metric: str) -> str:
    """How a publisher prints a sum that the form does not have."""
    labels = {entry.metric: f"local.（三）{entry.label}" for entry in catalogue().printed_sums}
    return labels.get(metric, metric)


def findings_of(rule: Rule, cells: list[Cell]) -> list[Finding]:
    form = "2014" if rule.table == "statistics" else "2021"
    with database([REPORT], cells, form) as connection:
        return evaluate(connection, [rule])


@st.composite
def relations(draw: st.DrawFn) -> tuple[Rule, int, list[int]]:
    """A rule, one of its relations, and figures for all its operands but the first."""
    rule = draw(st.sampled_from(SINGLE_REPORT_RULES))
    number = draw(st.integers(min_value=0, max_value=len(rule.relations) - 1))
    others = len(operands(rule, number)) - 1
    return rule, number, draw(st.lists(counts, min_size=others, max_size=others))


@given(relations())
@settings(max_examples=40)
def test_figures_that_fulfil_a_relation_are_no_finding(drawn: tuple[Rule, int, list[int]]) -> None:
    rule, number, figures = drawn
    assert findings_of(rule, cells_of(rule, number, figures)) == []


@given(relations(), st.integers(min_value=1, max_value=10**6), st.sampled_from([1, -1]))
@settings(max_examples=40)
def test_a_figure_that_is_off_is_a_finding_of_just_that_difference(
    drawn: tuple[Rule, int, list[int]], off: int, sign: int
) -> None:
    rule, number, figures = drawn
    cells = cells_of(rule, number, figures)
    (name, metric, applicant, value), *rest = cells[-1:] + cells[:-1]
    assert value is not None
    (found,) = findings_of(rule, [(name, metric, applicant, value + sign * off), *rest])
    assert found.actual is not None
    assert found.expected is not None
    assert abs(found.actual - found.expected) == off
    assert metric in found.metrics
    assert applicant in found.applicants


@given(relations(), st.data())
@settings(max_examples=40)
def test_a_relation_with_a_blank_cell_is_never_a_finding(
    drawn: tuple[Rule, int, list[int]], data: st.DataObject
) -> None:
    rule, number, figures = drawn
    cells = cells_of(rule, number, figures, stated=10**9)
    blank = data.draw(st.integers(min_value=0, max_value=len(cells) - 1))
    cells[blank] = (*cells[blank][:3], None)
    assert findings_of(rule, cells) == []


def test_a_finding_keeps_its_status_and_goes_when_the_figure_is_right() -> None:
    cells: list[Cell] = [("a", "granted", name.applicant, 1.0) for name in forms.applicants()]
    with database([REPORT], cells) as connection:
        assert record_findings(connection) == 1
        connection.execute("UPDATE finding SET status = 'confirmed'")
        assert record_findings(connection) == 1
        assert connection.execute("SELECT status FROM finding").fetchall() == [("confirmed",)]
        connection.execute("UPDATE fact SET value = 6 WHERE applicant = 'total'")
        assert record_findings(connection) == 0
        assert connection.execute("FROM finding").fetchall() == []


def test_the_rules_speak_of_metrics_and_applicants_that_exist() -> None:
    known = {metric.metric for metric in forms.metrics()}
    known |= {applicant.applicant for applicant in forms.applicants()}
    known |= {entry.metric for entry in catalogue().printed_sums}
    known |= set(re.findall(r'"([a-z_]+)"', CLAIMS.read_text(encoding="utf-8")))
    for rule in rules():
        for relation in rule.relations:
            for operand in relation.operands():
                name = operand.removeprefix(PREVIOUS).removeprefix(CLAIMED)
                assert name in known, f"{rule.rule}: {name}"


def test_every_rule_is_worded_in_both_languages_and_names_its_source() -> None:
    for rule in rules():
        for said in (rule.wording, rule.holds, rule.source):
            assert set(said) == {"zh", "en"}
            assert all(text.strip() for text in said.values()), rule.rule
            assert said["zh"] != said["en"], rule.rule


def test_a_rule_of_somebody_else_is_evaluated_as_well() -> None:
    (rule,) = read_rules(
        """
        [[rule]]
        id = "own.rule"
        severity = "notice"
        table = "requests"
        forms = ["2019", "2021"]
        source = { zh = "测试", en = "a test" }
        holds = { zh = "测试", en = "a test" }
        zh = "{stated} 不等于 {expected}"
        en = "{stated} is not {expected}"
        [[rule.relation]]
        formula = "processed_total = requests_received + requests_carried_in - carried_forward + 1"
        """
    )
    cells: list[Cell] = [
        ("a", "processed_total", "total", 4.0),
        ("a", "requests_received", "total", 9.0),
        ("a", "requests_carried_in", "total", 1.0),
        ("a", "carried_forward", "total", 5.0),
    ]
    (found,) = findings_of(rule, cells)
    assert found.message == {"en": "4 is not 6", "zh": "4 不等于 6"}
    assert found.severity == "notice"


@pytest.mark.parametrize("text", ["", "a b", "a + + b", "a * b", "a +", "a ? b"])
def test_what_is_no_sum_is_told(text: str) -> None:
    with pytest.raises(RuleFault, match="no sum of metric ids"):
        read_sum(text)


@pytest.mark.parametrize("text", ["", "a + b", "a = b = c", "a ~ b"])
def test_what_compares_nothing_is_told(text: str) -> None:
    with pytest.raises(RuleFault, match="does not compare two sums"):
        read_formula(text)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ('id = "a.b"', r"rule a\.b: 'severity' is missing"),
        ('id = "a.b"\nseverity = "grave"', r"rule a\.b: severity “grave” is none of error warning notice"),
        ('id = "A b"\nseverity = "error"', r"rule A b: an id is two words"),
        ('id = "a.b"\nseverity = "error"\nform = "2019"', r"rule a\.b: “form” is no key; there are column"),
        ('id = "a.b"\nseverity = "error"', r"rule a\.b: a rule has either relations or a kind of its own"),
        (
            'id = "a.b"\nseverity = "error"\nkind = "late"\nforms = []\nsource = "law"',
            r"rule a\.b: 'law' has not just zh and en",
        ),
    ],
)
def test_a_rule_that_is_none_is_told_by_its_name(entry: str, told: str) -> None:
    with pytest.raises(RuleFault, match=told):
        read_rules(f"[[rule]]\n{entry}\n")


@pytest.mark.parametrize("page", ["checks.md", "zh/checks.md"])
def test_the_rule_that_the_docs_show_is_one(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    (rule,) = read_rules(text.partition("```toml\n")[2].partition("```")[0])
    cells: list[Cell] = [
        ("a", "processed_total", "total", 4.0),
        ("a", "requests_received", "total", 2.0),
        ("a", "requests_carried_in", "total", 1.0),
    ]
    (found,) = findings_of(rule, cells)
    assert "4" in found.message["zh"]


@pytest.mark.parametrize(("page", "language"), [("checks.md", "en"), ("zh/checks.md", "zh")])
def test_the_docs_say_what_the_rules_demand(page: str, language: str) -> None:
    lines = re.findall(
        r"^\| `([a-z_.]+)` \| (.*?) \| ", (ROOT / "docs" / page).read_text("utf-8"), re.MULTILINE
    )
    assert {rule.rule: rule.holds[language] for rule in rules()}.items() <= dict(lines).items()


def test_cases_use_the_form_of_their_year() -> None:
    assert [form_of({"year": year}) for year in (2012, 2016, 2020, 2021)] == [
        "narrative",
        "2014",
        "2019",
        "2021",
    ]
