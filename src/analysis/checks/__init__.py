"""Contradictions in the reports: rules as data, evaluated in SQL over all reports at once."""

from analysis.checks.evaluation import evaluate
from analysis.checks.finding import Cell, Change, Finding, Quote
from analysis.checks.findings import FindingFilter, finding_counts, findings, not_assessable
from analysis.checks.formula import RuleFault
from analysis.checks.relation import LinearRelation
from analysis.checks.rules import Relation, Rule, rules
from analysis.checks.storing import record_findings

__all__ = [
    "Cell",
    "Change",
    "Finding",
    "FindingFilter",
    "LinearRelation",
    "Quote",
    "Relation",
    "Rule",
    "RuleFault",
    "evaluate",
    "finding_counts",
    "findings",
    "not_assessable",
    "record_findings",
    "rules",
]
