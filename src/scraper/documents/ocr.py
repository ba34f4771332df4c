"""Scans: pages and images whose text has to be recognised."""

from __future__ import annotations

from typing import Any

from scraper.documents.document import Document
from scraper.documents.pages import Page
from scraper.documents.refusal import Refused


def read_scan(pixels: Any) -> Page:
    """A page from its pixels."""
    raise Refused("format_not_read", kind="scan")


def read_image(data: bytes) -> Document:
    """An image file."""
    raise Refused("format_not_read", kind="scan")
