"""Text that a report takes over from last year's report of the same body or from a neighbour's."""

from analysis.checks.reuse.listing import (
    Called,
    NoReport,
    NothingToCompare,
    ReuseFilter,
    SideBySide,
    reuse,
    side_by_side,
)
from analysis.checks.reuse.passages import Passage, passages, share
from analysis.checks.reuse.prose import Prose, own_prose
from analysis.checks.reuse.recording import record_reuse

__all__ = [
    "Called",
    "NoReport",
    "NothingToCompare",
    "Passage",
    "Prose",
    "ReuseFilter",
    "SideBySide",
    "own_prose",
    "passages",
    "record_reuse",
    "reuse",
    "share",
    "side_by_side",
]
