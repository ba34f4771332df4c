"""Documents that were cut, mixed up and overwritten: no crash, no hang, and no value that no cell holds."""

from __future__ import annotations

import random
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import sample
from scraper.documents import Document, read_document
from scraper.forms import Fact, NotAReport, read_report
from scraper.forms.numbers import read_figure
from scraper.forms.streams import flattened_tables
from scraper.messages import ScraperError

FORMATS = Path(__file__).parent / "formats"
# Recognising the text of a scan takes seconds a page; scans have tests of their own.
FILES = sorted(FORMATS.glob("report.*"))
LONGEST_SECONDS = 5.0

Edit = tuple[str, float, float, bytes]
edits = st.lists(
    st.tuples(
        st.sampled_from(["delete", "repeat", "overwrite", "insert", "truncate", "swap"]),
        st.floats(0, 1),
        st.floats(0, 0.1),
        st.binary(max_size=12),
    ),
    min_size=1,
    max_size=6,
)


def edited(data: bytes, changes: list[Edit]) -> bytes:
    for kind, place, share, new in changes:
        at = int(place * len(data))
        end = min(len(data), at + 1 + int(share * len(data)))
        data = {
            "delete": data[:at] + data[end:],
            "repeat": data[:end] + data[at:],
            "overwrite": data[:at] + new + data[at + len(new) :],
            "insert": data[:at] + new + data[at:],
            "truncate": data[:end],
            "swap": data[end:] + data[:end],
        }[kind]
    return data


def check(data: bytes) -> None:
    started = time.monotonic()
    document = None
    try:
        document = read_document(data, "fuzzed")
        report = read_report(document, "fuzzed")
    except ScraperError:
        return
    finally:
        # A PDF whose text was lost is recognised like a scan.
        recognised = document and any(said.code == "pages_recognised" for said in document.notices)
        assert recognised or time.monotonic() - started < LONGEST_SECONDS
    cells = texts(document)
    for fact in report.facts:
        assert fact.value is None or is_printed(fact, cells), fact


def texts(document: Document) -> set[tuple[int, int, int, str]]:
    """The place and the text of every cell."""
    grids = [*document.grids, *flattened_tables(document.paragraphs)]
    return {
        (number, cell.row, cell.column, cell.text)
        for number, grid in enumerate(grids)
        for row in grid.rows
        for cell in row
    }


def is_printed(fact: Fact, cells: set[tuple[int, int, int, str]]) -> bool:
    if (fact.table_no, fact.row, fact.column, fact.raw) not in cells:
        return False
    plain = read_figure(fact.raw, "").value
    amount = read_figure(fact.raw, "CNY 10k").value
    return fact.value in (plain, amount, (plain or amount or Decimal(0)) / 10000)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**9), changes=edits)
def test_pages_and_texts(seed: int, changes: list[Edit]) -> None:
    check(edited(sample(random.Random(seed)).data, changes))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=edits)
def test_files(path: Path, changes: list[Edit]) -> None:
    check(edited(path.read_bytes(), changes))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_cut_off_anywhere(path: Path) -> None:
    data = path.read_bytes()
    for place in range(1, 12):
        check(data[: len(data) * place // 12])


PAGE = "<h1>青禾县人民政府2021年政府信息公开工作年度报告</h1>"
HOSTILE = {
    "a span of a thousand million": (
        f"{PAGE}<table><tr><td rowspan=1000000000 colspan=1000000000>规章</td></tr></table>"
    ),
    "spans that fill up the memory": (
        f"{PAGE}<table><tr>{'<td rowspan=60000>1</td>' * 500}</tr>{'<tr><td>2' * 5000}"
    ),
    "tables within tables": f"{PAGE}{'<table><tr><td>' * 20_000}",
    "elements within elements": f"{PAGE}{'<div>' * 100_000}",
    "a table of 100 MB": f"{PAGE}<table>{'<tr><td>规章</td><td>1</td></tr>' * 3_000_000}</table>",
    "labels of no form": f"{PAGE}<table>{''.join(f'<tr><td>某{n}<td>{n}' for n in range(90_000))}",
    "a text of a million rows": "规章 | 1 | 2\n" * 1_000_000,
    "a text of a million cells": "规章\n" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_end_soon(name: str) -> None:
    started = time.monotonic()
    with pytest.raises((ScraperError, NotAReport)):
        read_report(read_document(HOSTILE[name].encode(), name), name)
    assert time.monotonic() - started < LONGEST_SECONDS
