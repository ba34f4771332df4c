"""Search over places, titles and texts."""

from __future__ import annotations

from analysis.search import search_places, search_reports
from nianbao.explorer.asked import Asked, Page

_MOST_PLACES = 12


def search(asked: Asked) -> Page:
    """What contains the words asked for: counties, and reports with the place in their text."""
    wanted = asked.one("q") or ""
    places = search_places(asked.connection, wanted, limit=_MOST_PLACES) if wanted else []
    found = None
    if wanted:
        found = search_reports(asked.connection, asked.texts(), wanted, first=asked.first, limit=asked.limit)
    values = {"q": wanted, "places": places, "found": found}
    return Page("search.html", asked.said("search_title"), values, lasting=found is None or found.texts)
