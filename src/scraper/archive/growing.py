"""The WARC file that is being written, and its index."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from scraper.archive.index import index_of, sort_index
from scraper.archive.record import warcinfo_record
from scraper.archive.shard import Shard

_NAME = re.compile(r"nianbao-(\d{14})-(\d{5,})(?:-(\d+of\d+))?\.warc\.gz")


def is_ours(name: str) -> bool:
    """Whether a WARC file has a name that we give."""
    return _NAME.fullmatch(name) is not None


def is_of(shard: Shard, name: str) -> bool:
    """Whether a WARC file was begun by a crawl of ``shard``."""
    found = _NAME.fullmatch(name)
    return found is not None and found[3] == shard.tag


def newest_of(names: Iterable[str]) -> str:
    """The WARC file that was begun last; empty where there is none of ours."""
    return max(filter(is_ours, names), default="")


def name_after(newest: str, shard: Shard | None = None) -> str:
    """The name of a WARC file begun now, by a crawl of ``shard`` if it is of one.

    It sorts behind ``newest``, also where the clock was set back.
    """
    found = _NAME.fullmatch(newest)
    moment, number = f"{datetime.now(UTC):%Y%m%d%H%M%S}", 0
    if found is not None:
        moment, number = max(moment, found[1]), int(found[2]) + 1
    return f"nianbao-{moment}-{number:05}{f'-{shard.tag}' if shard else ''}.warc.gz"


class GrowingWarc:
    """Makes a WARC file and its index. All methods raise :class:`OSError` where they can't be written."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self.size = 0
        self._warc = path.open("xb", buffering=0)
        self._index_path = index_of(path)
        self._index = self._index_path.open("w", encoding="utf-8", newline="\n")
        self.append(warcinfo_record(path.name, f"nianbao/{version('nianbao')}"))

    def append(self, *members: bytes) -> int:
        """Writes records in one piece; where the last of them begins.

        Of a piece that can't be written whole nothing stays, so that the next begins where it should.
        """
        piece = b"".join(members)
        try:
            written = 0
            while written < len(piece):
                written += self._warc.write(memoryview(piece)[written:])
        except OSError:
            self._warc.truncate(self.size)
            self._warc.seek(self.size)
            raise
        self.size += len(piece)
        return self.size - len(members[-1])

    def note(self, line: str) -> None:
        """Writes a line of the index."""
        self._index.write(line)
        self._index.flush()

    def close(self) -> Path:
        """Closes both files and puts the index into order; where it lies."""
        self._warc.close()
        self._index.close()
        sort_index(self._index_path)
        return self._index_path
