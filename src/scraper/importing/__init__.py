"""What others archived or saved, into the archive: files, WARC, WACZ, captures of the web archives."""

from scraper.importing.files import import_files
from scraper.importing.intake import Intake

__all__ = ["Intake", "import_files"]
