"""What portals published, as WARC 1.1 records with a CDXJ index."""

from scraper.archive.archive import Archive
from scraper.archive.capture import Capture
from scraper.archive.posted import key_of
from scraper.archive.record import Payload

__all__ = ["Archive", "Capture", "Payload", "key_of"]
