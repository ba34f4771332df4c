"""Every figure of a statutory table gets its own metric, however the table is laid out and written."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import count

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rendering import (
    Figures,
    Key,
    block_rows,
    html_page,
    html_table,
    keys_of,
    reordered,
    statutory_table,
)
from scraper.documents import read_document
from scraper.forms import Report, catalogue, read_report
from scraper.forms.catalogue import Table

TITLE = "<h1>青禾县人民政府2021年政府信息公开工作年度报告</h1>"
TABLES = {f"{table.form}-{table.table}": table for table in catalogue.tables()}
each_table = pytest.mark.parametrize("name", TABLES)


def read(*tables: str) -> Report:
    return read_report(read_document(html_page(TITLE, *tables), "page"), "page")


def distinct_figures(table: Table, first: int = 1, step: int = 1) -> Figures:
    """A different figure for every cell, so that no two can be taken for one another."""
    numbers = count(first, step)
    return {key: str(next(numbers)) for block in table.blocks for key in keys_of(block)}


def values(report: Report) -> dict[Key, Decimal | None]:
    return {(fact.metric, fact.applicant): fact.value for fact in report.facts}


def printed(figures: Figures) -> dict[Key, Decimal | None]:
    return {key: Decimal(figure) for key, figure in figures.items()}


def problems(report: Report) -> list[str]:
    """What the reader warns of, but for the tables that a page of one table lacks."""
    return [str(notice) for notice in report.notices if notice.code != "table_missing"]


@each_table
@settings(max_examples=10)
@given(first=st.integers(0, 10**6), step=st.integers(1, 1000))
def test_each_figure_gets_its_metric(name: str, first: int, step: int) -> None:
    table = TABLES[name]
    figures = distinct_figures(table, first, step)
    report = read(statutory_table(table, figures))
    assert values(report) == printed(figures)
    assert problems(report) == []


@each_table
def test_a_table_is_of_the_form_of_its_labels(name: str) -> None:
    table = TABLES[name]
    report = read(statutory_table(table, distinct_figures(table)))
    # The cases table is the same in all forms.
    assert report.forms == {table.table: "2021" if table.table == "cases" else table.form}


@each_table
@settings(max_examples=10)
@given(data=st.data())
def test_rows_and_columns_may_stand_in_any_order(name: str, data: st.DataObject) -> None:
    table = TABLES[name]
    shuffled = replace(
        table,
        blocks=tuple(
            reordered(
                block,
                data.draw(st.permutations(range(len(block.rows)))),
                data.draw(st.permutations(range(len(block.columns)))),
            )
            for block in table.blocks
        ),
    )
    figures = distinct_figures(table)
    report = read(statutory_table(shuffled, figures))
    assert values(report) == printed(figures)
    assert problems(report) == []


@each_table
@settings(max_examples=5)
@given(data=st.data())
def test_blocks_may_stand_in_any_order_and_in_tables_of_their_own(name: str, data: st.DataObject) -> None:
    table = TABLES[name]
    figures = distinct_figures(table)
    blocks = data.draw(st.permutations(table.blocks))
    report = read(*(html_table(list(block_rows(block, figures))) for block in blocks))
    assert values(report) == printed(figures)
    assert problems(report) == []


# Labels that are written in other ways

to_traditional = [opencc.OpenCC(name).convert for name in ("s2t", "s2tw", "s2hk")]
BLANKS = [" ", "\u3000", "&nbsp;", "\u200b", "\n"]


def scattered(inserts: list[str]) -> Callable[[str, random.Random], str]:
    """Sets some of ``inserts`` between the characters of a label."""

    def write(label: str, chance: random.Random) -> str:
        return "".join(
            character + (chance.choice(inserts) if chance.random() < 0.3 else "") for character in label
        )

    return write


def one_character_a_line(label: str, _: random.Random) -> str:
    return "<br/>".join(label)


def other_brackets(label: str, chance: random.Random) -> str:
    brackets = chance.choice(["()", "﹙﹚", "〔〕", "[]", "【】"])
    quotes = chance.choice(['""', "「」", "‘’", "  "])
    return label.translate(str.maketrans("（）“”，、：/", f"{brackets}{quotes},，:／"))


def other_numbering(label: str, chance: random.Random) -> str:
    ideographs = "㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩"
    digits = "⒈⒉⒊⒋⒌⒍⒎⒏"

    def in_brackets(match: re.Match[str]) -> str:
        numeral = match[1]
        return chance.choice(
            [f"({numeral})", f"{numeral}、", ideographs["一二三四五六七八九".index(numeral)]]
        )

    def with_stop(match: re.Match[str]) -> str:
        number = match[1]
        return chance.choice(
            [f"{number}．", f"{number}、", f"（{number}）", digits[int(number) - 1], f"{number} ", ""]
        )

    label = re.sub(r"^（([一二三四五六七八九])）", in_brackets, label)
    return re.sub(r"^(\d)\.", with_stop, label)


def traditional(label: str, chance: random.Random) -> str:
    converted: str = chance.choice(to_traditional)(label)
    return converted


def with_pinyin(label: str, _: random.Random) -> str:
    converted: str = to_traditional[0](label)
    return converted.replace("規", "規(guī)").replace("構", "構（gòu）").replace("內", "內(nèi)")


WAYS: dict[str, Callable[[str, random.Random], str]] = {
    "blanks": scattered(BLANKS),
    "line breaks": scattered(["<br/>", "<br>\n", "<p></p>"]),
    "one character a line": one_character_a_line,
    "brackets": other_brackets,
    "numbering": other_numbering,
    "traditional characters": traditional,
    "pinyin notes": with_pinyin,
    "spans": scattered(["<span></span>", "</span><span>", "<b></b>"]),
}


@pytest.mark.parametrize("way", WAYS)
@each_table
@settings(max_examples=3)
@given(chance=st.randoms(use_true_random=True))
def test_how_labels_are_written_makes_no_difference(name: str, way: str, chance: random.Random) -> None:
    table = TABLES[name]
    figures = distinct_figures(table)
    report = read(statutory_table(table, figures, lambda label: WAYS[way](label, chance)))
    assert values(report) == printed(figures)
    assert problems(report) == []


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ("行政许可 | 12 |", []),
        ("规章 | 1 | 2 | 3 | |", []),
        ("规章 | 1 | 3 | | |", ["row_end_blank"]),
        ("规章 | | | | |", []),
        ("规章 | 1 | 3 |", ["row_values"]),
    ],
)
def test_a_row_of_text_that_may_have_lost_a_cell_is_told(row: str, codes: list[str]) -> None:
    block = "第二十条第（一）项 |\n信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 | |\n"
    other = "行政规范性文件 | 4 | 5 | 6 | |\n第二十条第（五）项 |\n信息内容 | 本年处理决定数量 |\n"
    lines = (
        f"青禾县2021年政府信息公开年报\n{block}{row}\n{other}"
        if "规章" in row
        else (f"青禾县2021年政府信息公开年报\n{block}规章 | 1 | 2 | 3 | |\n{other}{row}")
    )
    report = read_report(read_document(lines.encode(), "text"), "text")
    told = [notice.code for notice in report.notices]
    assert [code for code in told if code.startswith("row_")] == codes
