"""Which cell is wrong: the fewest slips that would account for everything that fails in a report.

After I. P. Fellegi and D. Holt, "A systematic approach to automatic edit and imputation", JASA 71 (1976).
"""

from analysis.checks.localisation.explanation import Change, Explanation
from analysis.checks.localisation.search import localise

__all__ = ["Change", "Explanation", "localise"]
