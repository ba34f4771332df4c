"""How the figures came about, and what they can't say."""

from __future__ import annotations

from importlib.metadata import version

from analysis.reports import described
from nianbao.explorer.asked import Asked, Page


def about(asked: Asked) -> Page:
    """The method and its limits."""
    values = {"described": described(asked.connection), "version": version("nianbao")}
    return Page("about.html", asked.said("about_title"), values)
