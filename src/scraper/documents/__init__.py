"""A published file becomes one :class:`Document` of paragraphs and grids, whatever its format."""

from scraper.documents.document import Cell, Document, Grid
from scraper.documents.reader import read_document

__all__ = ["Cell", "Document", "Grid", "read_document"]
