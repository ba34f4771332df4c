"""Workbooks of a spreadsheet program, as everything that writes one begins them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def new_workbook(path: Path, *, large: bool = False) -> Iterator[Any]:
    """A new workbook of xlsxwriter, in which what a page says is a text, whatever it begins with.

    A ``large`` one keeps only a line of each sheet in memory, so that lines must be written in order. Raises
    :class:`OSError` where it can't be written.
    """
    # Loaded where it is needed: most runs of the command write no workbook.
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import XlsxWriterException

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": large,
    }
    try:
        with Workbook(str(path), options) as book:
            yield book
    except XlsxWriterException as error:
        raise OSError(str(error)) from error
