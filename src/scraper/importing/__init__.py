"""What others archived or saved, into the archive: files, WARC, WACZ, captures of the web archives."""

from scraper.importing.files import import_files
from scraper.importing.intake import Intake
from scraper.importing.listing import Query
from scraper.importing.web import (
    CommonCrawlServers,
    Manner,
    import_commoncrawl,
    import_wayback,
    report_addresses,
    slowest,
)

__all__ = [
    "CommonCrawlServers",
    "Intake",
    "Manner",
    "Query",
    "import_commoncrawl",
    "import_files",
    "import_wayback",
    "report_addresses",
    "slowest",
]
