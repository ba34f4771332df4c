"""What one task read of a WARC file: a Parquet file for each table, and a commit that names them all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scraper.archive import Capture
from scraper.messages import Message
from scraper.shared.storage import Storage
from scraper.store import lines_of
from scraper.store.lines import LINE, LISTS, columns, listed
from scraper.store.load import READING
from scraper.store.rows import SCHEMAS, capture_row, table_of

FOLDER = "parts"
COMMITS = f"{FOLDER}/read"

_PLACE = {"warc_file": "read_file", "warc_offset": "read_offset"}
_OF_REPORT = (
    "county_code", "publisher", "publisher_kind", "year", "form", "scope", "title", "period_start",
    "period_end", "published_on", "sample",
)  # fmt: skip
_REPORT = {**_PLACE, **{name: name for name in _OF_REPORT}}
_LISTED = {"fact": "fact", "label": "label", "report_text": "text", "evidence": "evidence",
           "claim": "claim", "warning": "warning"}  # fmt: skip

_SCHEMA_OF_PLACE = [pa.field(name, LINE.field(of).type) for name, of in _PLACE.items()]
SCHEMA = {
    "capture": SCHEMAS["capture"],
    "reading": pa.schema([pa.field(name, LINE.field(of).type) for name, of in READING.items()]),
    "report": pa.schema([pa.field(name, LINE.field(of).type) for name, of in _REPORT.items()]),
    **{table: pa.schema([*_SCHEMA_OF_PLACE, *LISTS[name]]) for table, name in _LISTED.items()},
}
"""The columns of each table of a part; ``warc_file`` and ``warc_offset`` are the record that was read."""

_NOT_IN_NAMES = re.compile(r"[^\w.+-]+")

# So many captures, and lines of so many bytes, are written together: one row group.
_CAPTURES, _BYTES = 100_000, 16_000_000


@dataclass(frozen=True)
class File:
    """A Parquet file of a part, by its name in the storage; ``size`` is in bytes."""

    name: str
    rows: int
    size: int
    sha256: str


@dataclass(frozen=True)
class Part:
    """The commit of what was read of a WARC file of ``size`` bytes by the ``reader`` of that version.

    ``counties`` has what the registry gave for each ``host:port`` in it, ``samples`` those of sample
    portals. ``asked`` tells which records were read, empty where all were that hold a content of their own.
    ``said`` is what went wrong, ``lost`` the places of records that ended their reader.
    """

    name: str
    warc_file: str
    size: int
    reader: str
    counties: Mapping[str, str]
    samples: Sequence[str]
    asked: str
    files: Mapping[str, File]
    said: Sequence[Message]
    lost: Sequence[int]

    def to_json(self) -> bytes:
        """The commit as it is stored: the same for the same part."""
        whole = {
            **vars(self),
            "files": {table: vars(file) for table, file in self.files.items()},
            "said": [vars(one) for one in self.said],
        }
        text = json.dumps(whole, ensure_ascii=False, sort_keys=True, indent=1, default=str)
        return f"{text}\n".encode()

    @classmethod
    def from_json(cls, content: bytes) -> Part | None:
        """The part that a commit tells of; None where the file is none, or of another make."""
        try:
            whole = json.loads(content)
            files = {table: File(**file) for table, file in whole.pop("files").items()}
            said = [Message(**one) for one in whole.pop("said")]
            return cls(files=files, said=said, **whole)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def commit_name(warc_file: str, key: str) -> str:
    """The name of a commit in the storage."""
    return f"{COMMITS}/{_stem(warc_file)}-{key}.json"


def key_of(*given: object) -> str:
    """A name for what a part was made from."""
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:16]


@dataclass
class Growing:
    """A part that is being read. Rows are written in the order in which they come, many together."""

    folder: Path
    captures: bool
    _writers: dict[str, pq.ParquetWriter] = field(init=False)
    _captures: list[Capture] = field(default_factory=list)
    _lines: list[bytes] = field(default_factory=list)
    _bytes: int = 0

    def __post_init__(self) -> None:
        self._writers = {
            table: pq.ParquetWriter(self.folder / table, SCHEMA[table], compression="zstd")
            for table in self.tables
        }

    @property
    def tables(self) -> list[str]:
        """The tables that it has."""
        return [table for table in SCHEMA if self.captures or table != "capture"]

    def add_capture(self, capture: Capture) -> None:
        """Adds a capture, read or not."""
        self._captures.append(capture)
        if len(self._captures) == _CAPTURES:
            self._write_captures()

    def add(self, line: bytes) -> None:
        """Adds what was read, as :func:`scraper.store.line_of` gives it."""
        self._lines.append(line)
        self._bytes += len(line)
        if self._bytes >= _BYTES:
            self._write_lines()

    def finish(self) -> None:
        """Writes what is left, and ends the files."""
        if self.captures:
            self._write_captures()
        self._write_lines()
        self.close()

    def close(self) -> None:
        """Ends the files as they are."""
        for writer in self._writers.values():
            writer.close()

    def _write_captures(self) -> None:
        rows = list(map(capture_row, self._captures))
        self._write("capture", table_of("capture", rows) if rows else SCHEMA["capture"].empty_table())
        self._captures = []

    def _write_lines(self) -> None:
        lines = lines_of(self._lines)
        self._lines, self._bytes = [], 0
        reports = lines.filter(pc.is_valid(lines["report_id"]))
        self._write("reading", columns(lines, READING))
        self._write("report", columns(reports, _REPORT))
        for table, name in _LISTED.items():
            self._write(table, listed(reports, name, _PLACE))

    def _write(self, table: str, rows: pa.Table) -> None:
        writer = self._writers[table]
        if rows.num_rows:
            writer.write_table(rows.cast(SCHEMA[table]), row_group_size=rows.num_rows)


@contextmanager
def growing(*, captures: bool) -> Iterator[Growing]:
    """A part in a folder of its own, which goes with the block."""
    with TemporaryDirectory(prefix="nianbao-part-") as folder:
        part = Growing(Path(folder), captures)
        try:
            yield part
        finally:
            part.close()


def store(storage: Storage, folder: Path, stem: str, tables: Sequence[str]) -> dict[str, File]:
    """Brings the finished files of a part into the storage."""
    files = {}
    for table in tables:
        path = folder / table
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        name = f"{FOLDER}/{table}/{stem}.parquet"
        files[table] = File(name, pq.read_metadata(path).num_rows, path.stat().st_size, digest)
        storage.bring(name, path)
    return files


def _stem(warc_file: str) -> str:
    """A WARC file's name without what DuckDB would take for a pattern."""
    return _NOT_IN_NAMES.sub("_", warc_file.removesuffix(".warc.gz"))


def as_plain(value: Any) -> Any:
    """A value of a message as JSON has it."""
    return value if isinstance(value, str | int | float | dict) else str(value)
