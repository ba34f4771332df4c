"""The DuckDB database of a workspace. Nothing else in scraper writes it."""

from scraper.store.database import open_database
from scraper.store.load import StoredReport, load_captures, load_counties, load_reports

__all__ = ["StoredReport", "load_captures", "load_counties", "load_reports", "open_database"]
