"""What portals published, as WARC 1.1 records with a CDXJ index."""

from scraper.archive.archive import Archive
from scraper.archive.capture import Capture

__all__ = ["Archive", "Capture"]
