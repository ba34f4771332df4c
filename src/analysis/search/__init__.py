"""Search over the names of places, and the titles and texts of reports."""

from analysis.search.index import TextIndex
from analysis.search.places import search_places
from analysis.search.reports import Found, Piece, search_reports, words_of

__all__ = ["Found", "Piece", "TextIndex", "search_places", "search_reports", "words_of"]
