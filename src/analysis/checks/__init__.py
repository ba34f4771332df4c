"""Contradictions in the reports: rules as data, evaluated in SQL over all reports at once."""

from analysis.checks.evaluation import Finding, evaluate, record_findings
from analysis.checks.findings import FindingFilter, findings
from analysis.checks.rules import Relation, Rule, rules

__all__ = [
    "Finding",
    "FindingFilter",
    "Relation",
    "Rule",
    "evaluate",
    "findings",
    "record_findings",
    "rules",
]
