"""What portals published, as WARC 1.1 records with a CDXJ index."""

from scraper.archive.archive import Archive
from scraper.archive.capture import Capture
from scraper.archive.posted import key_of
from scraper.archive.record import Payload
from scraper.archive.shard import Shard

__all__ = ["Archive", "Capture", "Payload", "Shard", "key_of"]
