"""Prints records, or writes them to a file: one list of lines, whatever the format."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from analysis.present.spreadsheet import new_workbook
from nianbao.failures import Failure
from nianbao.options import Format

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column: its key in JSON, CSV and Parquet, and its label where people read.

    A column that is not ``brief`` is left out of tables on a terminal; ``shown`` says how a record's
    value is printed there, where that is not the value itself.
    """

    key: str
    label: str
    brief: bool = True
    shown: Callable[[Record], str] | None = None

    def text(self, record: Record) -> str:
        """The value as people read it."""
        return self.shown(record) if self.shown else as_text(record[self.key])


def as_text(value: Any) -> str:
    """A value as printed: nothing for None, no decimals where there are none."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.6f}".rstrip("0").rstrip(".")
    if isinstance(value, list | tuple):
        return "; ".join(map(as_text, value))
    return str(value)


def plain(value: Any) -> Any:
    """A value as JSON holds it: whole figures as integers, dates in ISO form."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def plainly(value: Any, leaf: Callable[[Any], Any] = plain) -> Any:
    """A value as JSON holds it, down to the last ``leaf`` of its mappings and lists."""
    if isinstance(value, Mapping):
        return {str(key): plainly(item, leaf) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plainly(item, leaf) for item in value]
    return leaf(value)


def put(
    records: Sequence[Record], columns: Sequence[Column], chosen: Format | None, output: Path | None
) -> None:
    """Prints ``records`` to standard output, or writes them to ``output``, whose suffix decides.

    Without a choice they are a table on a terminal and JSON otherwise. Raises :class:`Failure` where
    the file can't be written or its suffix is none that is known.
    """
    if output is not None:
        _write_file(records, columns, output)
    else:
        wanted = chosen or default_format()
        _PRINTERS[wanted](records, columns, sys.stdout)


def default_format() -> Format:
    """A table for people, JSON for programs."""
    return Format.TABLE if sys.stdout.isatty() else Format.JSON


def for_reading(chosen: Format | None, output: Path | None) -> bool:
    """Whether records are printed for a person, as a table."""
    return output is None and (chosen or default_format()) in (Format.TABLE, Format.MARKDOWN)


def put_whole(
    whole: Any,
    print_it: Callable[[], None],
    records: Sequence[Record],
    columns: Sequence[Column],
    chosen: Format | None,
    output: Path | None,
) -> None:
    """Prints or writes more than a list: ``whole`` as JSON, by ``print_it`` for people, else ``records``.

    Raises :class:`Failure` where the file can't be written.
    """
    wanted = chosen or default_format()
    if output is not None and output.suffix == ".json":
        write_json(whole, output)
    elif output is None and wanted is Format.JSON:
        put_json(whole, sys.stdout)
    elif output is None and wanted is Format.TABLE:
        print_it()
    else:
        put(records, columns, wanted, output)


def put_json(content: Any, stream: TextIO) -> None:
    """One JSON text in which Chinese stays readable."""
    json.dump(content, stream, ensure_ascii=False, indent=2)
    stream.write("\n")


def print_table(records: Sequence[Record], columns: Sequence[Column], stream: TextIO) -> None:
    """A table that fits the terminal."""
    shown = [column for column in columns if column.brief]
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in shown:
        values = [record[column.key] for record in records if record[column.key] is not None]
        numeric = bool(values) and all(isinstance(value, int | float) for value in values)
        table.add_column(column.label, justify="right" if numeric else "left", overflow="fold")
    for record in records:
        table.add_row(*(column.text(record) for column in shown))
    console = Console(file=stream, markup=False, highlight=False, width=None if stream.isatty() else 120)
    console.print(table)


def _print_json(records: Sequence[Record], columns: Sequence[Column], stream: TextIO) -> None:
    put_json([{c.key: plain(record[c.key]) for c in columns} for record in records], stream)


def _print_csv(records: Sequence[Record], columns: Sequence[Column], stream: TextIO) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(column.key for column in columns)
    writer.writerows(_flat(record, columns) for record in records)


def _flat(record: Record, columns: Sequence[Column]) -> list[Any]:
    """The values of a line without lists."""
    values = (plain(record[column.key]) for column in columns)
    return ["; ".join(map(str, value)) if isinstance(value, list) else value for value in values]


def _print_markdown(records: Sequence[Record], columns: Sequence[Column], stream: TextIO) -> None:
    shown = [column for column in columns if column.brief]
    rows = [[column.label for column in shown], ["---"] * len(shown)]
    rows += [[column.text(record) for column in shown] for record in records]
    for row in rows:
        cells = (cell.replace("|", "\\|").replace("\n", " ") for cell in row)
        stream.write(f"| {' | '.join(cells)} |\n")


_PRINTERS: dict[Format, Callable[[Sequence[Record], Sequence[Column], TextIO], None]] = {
    Format.TABLE: print_table,
    Format.JSON: _print_json,
    Format.CSV: _print_csv,
    Format.MARKDOWN: _print_markdown,
}


def _in_text(format_: Format) -> Callable[[Sequence[Record], Sequence[Column], Path], None]:
    def write(records: Sequence[Record], columns: Sequence[Column], path: Path) -> None:
        text = io.StringIO()
        _PRINTERS[format_](records, columns, text)
        # Spreadsheets take a CSV file for the system's own encoding unless it begins with a mark.
        encoding = "utf-8-sig" if format_ is Format.CSV else "utf-8"
        path.write_text(text.getvalue(), encoding=encoding)

    return write


def _write_xlsx(records: Sequence[Record], columns: Sequence[Column], path: Path) -> None:
    with new_workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [column.label for column in columns], book.add_format({"bold": True}))
        for number, record in enumerate(records, start=1):
            sheet.write_row(number, 0, _flat(record, columns))
        sheet.freeze_panes(1, 0)
        sheet.autofit()


def _write_parquet(records: Sequence[Record], columns: Sequence[Column], path: Path) -> None:
    # Loaded where it is needed: most runs of the command write no Parquet.
    import pyarrow as pa
    from pyarrow.parquet import write_table

    table = pa.table({column.key: [record[column.key] for record in records] for column in columns})
    write_table(table, path)


_WRITERS: dict[str, Callable[[Sequence[Record], Sequence[Column], Path], None]] = {
    ".csv": _in_text(Format.CSV),
    ".json": _in_text(Format.JSON),
    ".md": _in_text(Format.MARKDOWN),
    ".xlsx": _write_xlsx,
    ".parquet": _write_parquet,
}


def _write_file(records: Sequence[Record], columns: Sequence[Column], output: Path) -> None:
    write = _WRITERS.get(output.suffix.lower())
    if write is None:
        raise Failure("output_suffix", usage=True, file=output, known=" ".join(_WRITERS))
    put_in_place(output, lambda path: write(records, columns, path))


def file_of(records: Sequence[Record], columns: Sequence[Column], suffix: str) -> bytes:
    """What a file with this suffix, such as ``.xlsx``, would hold. Raises :class:`KeyError`."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"records{suffix}"
        _WRITERS[suffix](records, columns, path)
        return path.read_bytes()


def write_json(content: Any, output: Path) -> None:
    """Writes one JSON text. Raises :class:`Failure` where the file can't be written."""
    text = io.StringIO()
    put_json(content, text)
    put_in_place(output, lambda path: path.write_text(text.getvalue(), encoding="utf-8"))


def put_in_place(output: Path, write: Callable[[Path], object]) -> None:
    """Has a file written beside ``output`` and put in its place when it is whole.

    Raises :class:`Failure` where it can't be written.
    """
    unfinished = output.with_name(f".{output.stem}.unfinished{output.suffix}")
    try:
        write(unfinished)
        unfinished.replace(output)
    except OSError as error:
        raise Failure("output_not_written", file=output, reason=error) from error
