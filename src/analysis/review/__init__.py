"""What people decide about findings: kept in a file of its own, brought into the database from there."""

from analysis.review.decisions import Decision, Verdict, read_decisions, record_decisions
from analysis.review.matching import AmbiguousFinding, UnknownFinding, finding_called, shortest_ids
from analysis.review.standing import apply_decisions, decision_about, decisions_about, to_decide

__all__ = [
    "AmbiguousFinding",
    "Decision",
    "UnknownFinding",
    "Verdict",
    "apply_decisions",
    "decision_about",
    "decisions_about",
    "finding_called",
    "read_decisions",
    "record_decisions",
    "shortest_ids",
    "to_decide",
]
