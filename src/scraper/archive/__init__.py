"""What portals published, as WARC 1.1 records with a CDXJ index."""

from scraper.archive.archive import Archive
from scraper.archive.capture import Capture
from scraper.archive.contents import Contents
from scraper.archive.growing import is_ours
from scraper.archive.members import Damage
from scraper.archive.posted import key_of
from scraper.archive.reading import records_in
from scraper.archive.record import Payload
from scraper.archive.shard import Shard

__all__ = [
    "Archive",
    "Capture",
    "Contents",
    "Damage",
    "Payload",
    "Shard",
    "is_ours",
    "key_of",
    "records_in",
]
