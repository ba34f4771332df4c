"""The index of texts that pages search in, beside the snapshot that it is made of."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

import duckdb

from analysis.search import TextIndex

# A small workspace is indexed sooner than that; a reader of a large one is told to wait.
_SECONDS = 1.0


class Texts:
    """An index in a temporary folder; its first making takes a while, and pages don't wait for it."""

    def __init__(self) -> None:
        self._index: TextIndex | None = None
        self._ready = threading.Event()

    def update(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Brings the index up to what the database of ``connection`` holds."""
        if self._index is None:
            self._index = TextIndex(Path(tempfile.mkdtemp(prefix="nianbao-texts-")))
        with connection.cursor() as cursor:
            self._index.update(cursor)
        self._ready.set()

    def index(self) -> TextIndex | None:
        """The index; None as long as it is being made."""
        return self._index if self._ready.wait(_SECONDS) else None
