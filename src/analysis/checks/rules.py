"""The rules of ``rules.toml``: linear relations between the figures of a report."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Severity = Literal["error", "warning", "notice"]
Each = Literal["applicant", "metric"]
Side = Literal["stated", "expected"]

PREVIOUS = "previous."
_NAME = "[a-z][a-z0-9_.]*"
_OPERAND = re.compile(rf"([+-]?)\s*({_NAME})")
_SUM = re.compile(rf"\s*[+-]?\s*{_NAME}(?:\s*[+-]\s*{_NAME})*\s*")


@dataclass(frozen=True)
class Term:
    """One operand of a sum: a metric id, or an applicant, and the sign before it."""

    operand: str
    sign: int


@dataclass(frozen=True)
class Relation:
    """Two sums that must be equal: what a report states, and what its other figures demand.

    ``group`` names the relation among several of one rule, in both languages.
    """

    stated: tuple[Term, ...]
    expected: tuple[Term, ...]
    group: dict[str, str]

    def sides(self) -> tuple[tuple[Side, tuple[Term, ...]], ...]:
        """Both sums with their names."""
        return (("stated", self.stated), ("expected", self.expected))

    @property
    def operands(self) -> list[str]:
        """What the relation is about in the report itself, the stated figures first."""
        terms = (*self.stated, *self.expected)
        return [term.operand for term in terms if not term.operand.startswith(PREVIOUS)]


@dataclass(frozen=True)
class Rule:
    """A relation that must hold ``each`` time, how grave its failure is, and who demands it.

    ``wording`` has a sentence in each language with places for {stated}, {expected}, {applicant},
    {metric} and {group}.
    """

    rule: str
    severity: Severity
    severity_unless_total: Severity
    each: Each
    relations: tuple[Relation, ...]
    source: str
    wording: dict[str, str]


class RuleFault(ValueError):  # noqa: N818 - the fault is in the rules file, not in the program
    """A rules file says something that is no rule; the message names the rule and the place."""


@cache
def rules() -> tuple[Rule, ...]:
    """The rules that ship with nianbao. Raises :class:`RuleFault`."""
    return read_rules(_shipped())[0]


@cache
def sums_of() -> dict[str, tuple[Term, ...]]:
    """Metrics that some forms split, and their parts."""
    return read_rules(_shipped())[1]


def read_rules(text: str) -> tuple[tuple[Rule, ...], dict[str, tuple[Term, ...]]]:
    """The rules in a TOML text, and the metrics that are sums of others. Raises :class:`RuleFault`."""
    table = tomllib.loads(text)
    entries = table.get("rule", ())
    sums = {entry["metric"]: read_sum(entry["parts"]) for entry in table.get("sum_of", ())}
    return tuple(map(_rule, entries)), sums


def read_sum(text: str) -> tuple[Term, ...]:
    """The operands of a sum such as ``a + b - c``. Raises :class:`RuleFault`."""
    if not _SUM.fullmatch(text):
        raise RuleFault(f"“{text.strip()}” is no sum of metric ids")
    return tuple(Term(match[2], -1 if match[1] == "-" else 1) for match in _OPERAND.finditer(text))


def _shipped() -> str:
    return (files(__package__) / "rules.toml").read_text(encoding="utf-8")


def _rule(entry: dict[str, Any]) -> Rule:
    try:
        return Rule(
            rule=entry["id"],
            severity=entry["severity"],
            severity_unless_total=entry.get("severity_unless_total", entry["severity"]),
            each=entry["each"],
            relations=tuple(map(_relation, entry["relation"])),
            source=entry["source"],
            wording={"zh": entry["zh"], "en": entry["en"]},
        )
    except KeyError as missing:
        raise RuleFault(f"rule {entry.get('id', '?')}: {missing} is missing") from missing
    except RuleFault as fault:
        raise RuleFault(f"rule {entry['id']}: {fault}") from fault


def _relation(entry: dict[str, Any]) -> Relation:
    return Relation(
        stated=read_sum(entry["stated"]),
        expected=read_sum(entry["expected"]),
        group=entry.get("group", {"zh": "", "en": ""}),
    )
