"""What a brief on one county says, as facts: figures, standing among peers, findings, sources."""

from analysis.brief.content import Brief, Figure, KeyFigure, Lead, SourceReport
from analysis.brief.gathering import NoReportOfYear, brief_on
from analysis.brief.printed import Cases, Cell, Group, Outcomes
from analysis.brief.standout import unbroken

__all__ = [
    "Brief",
    "Cases",
    "Cell",
    "Figure",
    "Group",
    "KeyFigure",
    "Lead",
    "NoReportOfYear",
    "Outcomes",
    "SourceReport",
    "brief_on",
    "unbroken",
]
