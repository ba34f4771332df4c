"""What became of reports between captures: those that appeared, vanished or were altered."""

from analysis.changes.changes import ChangeFilter, cell_names, changes

__all__ = ["ChangeFilter", "cell_names", "changes"]
