"""The DuckDB database of a workspace. Nothing else in scraper writes it."""

from scraper.store.database import open_database
from scraper.store.lines import Reading, StoredReport, line_of, lines_of
from scraper.store.load import load_captures, load_counties, load_earlier, load_readings, load_reports
from scraper.store.settling import (
    Missing,
    Settling,
    Unread,
    find_unread,
    is_settled,
    netlocs,
    note_settled,
    state_of,
    unread,
)

__all__ = [
    "Missing",
    "Reading",
    "Settling",
    "StoredReport",
    "Unread",
    "find_unread",
    "is_settled",
    "line_of",
    "lines_of",
    "load_captures",
    "load_counties",
    "load_earlier",
    "load_readings",
    "load_reports",
    "netlocs",
    "note_settled",
    "open_database",
    "state_of",
    "unread",
]
