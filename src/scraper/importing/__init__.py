"""What others archived or saved, into the archive: files, WARC, WACZ, captures of the web archives."""

from scraper.importing.files import Imported, import_files

__all__ = ["Imported", "import_files"]
