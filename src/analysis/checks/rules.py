"""The rules of ``rules/*.toml``: what a report's figures, words and dates must obey."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from analysis.checks.formula import Formula, RuleFault, Term, read_formula, read_sum

Severity = Literal["error", "warning", "notice"]
Each = Literal["applicant", "metric"]

FORMULA = "formula"
_SEVERITIES = ("error", "warning", "notice")
_ID = re.compile(r"[a-z_]+\.[a-z_]+")
_NAME = re.compile(r"[a-z_]*")
_RULE_KEYS = {
    "id", "severity", "severity_unless_total", "kind", "table", "each", "column", "forms", "previous_forms",
    "source", "publisher_kinds", "scope", "silences", "zh", "en", "holds", "relation", "parameters",
}  # fmt: skip
_RELATION_KEYS = {"name", "table", "formula", "or", "when", "needs", "unless", "group"}


@dataclass(frozen=True)
class Relation:
    """One formula of a rule, or several of which one must hold.

    It applies where every formula of ``when`` holds, where the figures of ``needs`` are stated and those
    of ``unless`` are not. ``text`` is the first formula as written. ``name`` tells it from the rule's
    others and stays when the file is edited; ``group`` names it in both languages.
    """

    name: str
    table: str
    text: str
    formulas: tuple[Formula, ...]
    when: tuple[Formula, ...]
    needs: tuple[str, ...]
    unless: tuple[str, ...]
    group: Mapping[str, str]

    @property
    def formula(self) -> Formula:
        """The formula that a finding speaks of."""
        return self.formulas[0]

    def operands(self) -> Iterator[str]:
        """All figures that it looks at, those of its conditions too."""
        for formula in (*self.formulas, *self.when):
            yield from (term.operand for term in formula.terms)


@dataclass(frozen=True)
class Rule:
    """What must hold, how grave it is where it does not, and who demands it.

    A rule of the kind ``formula`` has relations over the figures of ``table``: once for ``each``
    applicant (only for the one of ``column``, if that is given), or for each metric, and then over
    applicants. Any other kind is a query of its own, ``kinds/<kind>.sql``, that takes ``parameters``.
    ``publisher_kinds`` and ``scope`` tell whose reports it is for; ``forms``, and ``previous_forms`` of
    last year's report, those that have what it speaks of. Where it fails, failures of the rules that it
    ``silences`` are not told. In both languages, ``source`` names the law or document that demands it,
    ``holds`` says what must hold, and ``wording`` what a finding says, with places for figures and names.
    """

    rule: str
    severity: Severity
    severity_unless_total: Severity
    kind: str
    table: str
    each: Each
    column: str | None
    forms: tuple[str, ...]
    previous_forms: tuple[str, ...]
    publisher_kinds: tuple[str, ...]
    scope: str | None
    silences: tuple[str, ...]
    relations: tuple[Relation, ...]
    source: Mapping[str, str]
    holds: Mapping[str, str]
    wording: Mapping[str, str]
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def told(self, language: str) -> dict[str, str]:
        """Its line in a list of rules, in ``language``."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "holds": self.holds[language],
            "source": self.source[language],
        }

    def severity_at(self, applicant: str | None) -> Severity:
        """How grave a failure is in the column of ``applicant``."""
        return self.severity if applicant in (None, "", "total") else self.severity_unless_total


@dataclass(frozen=True)
class Split:
    """A metric that some forms print and others split into ``parts``."""

    metric: str
    parts: tuple[Term, ...]


@dataclass(frozen=True)
class PrintedSum:
    """A sum that no form has and some publishers print, known by how its row's label ends."""

    metric: str
    table: str
    label: str


@dataclass(frozen=True)
class Catalogue:
    """What the rules files say."""

    rules: tuple[Rule, ...]
    splits: Mapping[str, Split]
    printed_sums: tuple[PrintedSum, ...]


@cache
def catalogue() -> Catalogue:
    """The rules that ship with nianbao. Raises :class:`RuleFault`."""
    folder = Path(str(files(__package__) / "rules"))
    return read_catalogue(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.toml")))


def rules() -> tuple[Rule, ...]:
    """The rules that ship with nianbao, in the order of their ids' first word, then of their file."""
    return catalogue().rules


def read_rules(text: str) -> tuple[Rule, ...]:
    """The rules in a TOML text. Raises :class:`RuleFault`."""
    return read_catalogue([text]).rules


def read_catalogue(texts: Iterable[str]) -> Catalogue:
    """The rules in several TOML texts. Raises :class:`RuleFault`."""
    tables = [tomllib.loads(text) for text in texts]
    found = tuple(_rule(entry) for table in tables for entry in table.get("rule", ()))
    _refuse_twins([rule.rule for rule in found], "rules")
    splits = [
        Split(entry["metric"], read_sum(entry["parts"]).terms)
        for table in tables
        for entry in table.get("split", ())
    ]
    printed = tuple(PrintedSum(**entry) for table in tables for entry in table.get("printed_sum", ()))
    return Catalogue(found, {split.metric: split for split in splits}, printed)


def _rule(entry: dict[str, Any]) -> Rule:
    name = entry.get("id", "?")
    try:
        _refuse_unknown(entry, _RULE_KEYS)
        if not _ID.fullmatch(entry["id"]):
            raise RuleFault("an id is two words of small letters with a dot between")
        if entry["severity"] not in _SEVERITIES:
            raise RuleFault(f"severity “{entry['severity']}” is none of {' '.join(_SEVERITIES)}")
        kind, table = entry.get("kind", FORMULA), entry.get("table", "")
        relations = tuple(_relation(one, table) for one in entry.get("relation", ()))
        if (kind == FORMULA) != bool(relations):
            raise RuleFault("a rule has either relations or a kind of its own")
        _refuse_twins([relation.name for relation in relations], "relations")
        return Rule(
            rule=entry["id"],
            severity=entry["severity"],
            severity_unless_total=entry.get("severity_unless_total", entry["severity"]),
            kind=kind,
            table=table,
            each=entry.get("each", "applicant"),
            column=entry.get("column"),
            forms=tuple(entry["forms"]),
            previous_forms=tuple(entry.get("previous_forms", entry["forms"])),
            publisher_kinds=tuple(entry.get("publisher_kinds", ())),
            scope=entry.get("scope"),
            silences=tuple(entry.get("silences", ())),
            relations=relations,
            source=_in_both(entry["source"]),
            holds=_in_both(entry["holds"]),
            wording=_in_both({"zh": entry["zh"], "en": entry["en"]}),
            parameters=entry.get("parameters", {}),
        )
    except KeyError as missing:
        raise RuleFault(f"rule {name}: {missing} is missing") from missing
    except RuleFault as fault:
        raise RuleFault(f"rule {name}: {fault}") from fault


def _relation(entry: dict[str, Any], table: str) -> Relation:
    _refuse_unknown(entry, _RELATION_KEYS)
    if not _NAME.fullmatch(entry.get("name", "")):
        raise RuleFault(f"the name “{entry['name']}” is not of small letters")
    return Relation(
        name=entry.get("name", ""),
        table=entry.get("table", table),
        text=entry["formula"],
        formulas=tuple(map(read_formula, (entry["formula"], *entry.get("or", ())))),
        when=tuple(map(read_formula, entry.get("when", ()))),
        needs=tuple(entry.get("needs", ())),
        unless=tuple(entry.get("unless", ())),
        group=_in_both(entry.get("group", {"zh": "", "en": ""})),
    )


def _in_both(wording: Mapping[str, str]) -> Mapping[str, str]:
    if not isinstance(wording, dict) or set(wording) != {"zh", "en"}:
        raise RuleFault(f"{wording!r} has not just zh and en")
    return wording


def _refuse_unknown(entry: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(entry) - known)
    if unknown:
        raise RuleFault(f"“{unknown[0]}” is no key; there are {' '.join(sorted(known))}")


def _refuse_twins(names: Sequence[str], what: str) -> None:
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise RuleFault(f"two {what} are called “{twins[0]}”")
