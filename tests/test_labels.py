"""Labels are found as they are meant: with a typo where no other label is near, else not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rendering import Write, html_page, html_table, keys_of, table_rows, text_table
from scraper.documents import read_document
from scraper.forms import catalogue, read_report
from scraper.forms.catalogue import Table
from scraper.forms.labels import Vocabulary, has_han, label_keys

LONG_ENOUGH = 5
# Characters of no label, so that a slip to one of them is a typo and not another label.
FOREIGN = "甲乙丙丁戊己庚辛"
TABLES = {f"{table.form}-{table.table}": table for table in catalogue.tables() if table.form != "2014"}


def row_labels(form: str) -> list[str]:
    blocks = [block for block in catalogue.blocks() if block.form == form]
    return list(dict.fromkeys(wording for block in blocks for wording, _ in block.row_wordings()))


def vocabulary(labels: list[str]) -> Vocabulary[str]:
    return Vocabulary((label, bare(label)) for label in labels)


def bare(label: str) -> str:
    """What a label says without its number."""
    return label_keys(label)[1]


LABELS = row_labels("2021")
LONG = [label for label in LABELS if len(bare(label)) >= LONG_ENOUGH]
SHORT = [label for label in LABELS if len(bare(label)) < LONG_ENOUGH]
slips = st.tuples(st.sampled_from(LONG), st.integers(0, 40), st.sampled_from(FOREIGN))


@given(slips)
@settings(max_examples=100)
def test_a_wrong_character_in_a_long_label_is_forgiven(slip: tuple[str, int, str]) -> None:
    label, place, wrong = slip[0], slip[1] % len(bare(slip[0])), slip[2]
    written = bare(label)[:place] + wrong + bare(label)[place + 1 :]
    near = {bare(other) for other in LABELS if one_apart(bare(other), written)}
    assume(near == {bare(label)})
    assert vocabulary(LABELS).find(written) == [bare(label)]


@given(slips)
@settings(max_examples=100)
def test_a_lost_or_added_character_in_a_long_label_is_forgiven(slip: tuple[str, int, str]) -> None:
    label, place, wrong = slip[0], slip[1] % len(bare(slip[0])), slip[2]
    lost = bare(label)[:place] + bare(label)[place + 1 :]
    added = bare(label)[:place] + wrong + bare(label)[place:]
    for written in (lost, added):
        near = {bare(other) for other in LABELS if one_apart(bare(other), written)}
        found = vocabulary(LABELS).find(written)
        if near == {bare(label)} and len(written) >= LONG_ENOUGH:
            assert found == [bare(label)]
        else:
            assert found in ([], [bare(label)], [written])


@given(slips, st.sampled_from(FOREIGN))
@settings(max_examples=50)
def test_two_wrong_characters_are_not_forgiven(slip: tuple[str, int, str], second: str) -> None:
    label, place, wrong = slip[0], slip[1] % (len(bare(slip[0])) - 1), slip[2]
    written = bare(label)[:place] + wrong + second + bare(label)[place + 2 :]
    assert vocabulary(LABELS).find(written) == []


@given(st.sampled_from(SHORT), st.integers(0, 3), st.sampled_from(FOREIGN))
@settings(max_examples=50)
def test_no_slip_in_a_short_label_is_forgiven(label: str, place: int, wrong: str) -> None:
    place %= len(bare(label))
    written = bare(label)[:place] + wrong + bare(label)[place + 1 :]
    assert vocabulary(LABELS).find(written) == []


def test_a_slip_that_two_labels_share_is_not_forgiven() -> None:
    labels = vocabulary(["本年新制作数量", "本年新制成数量"])
    assert labels.find("本年新制甲数量") == []


@pytest.mark.parametrize("label", LABELS)
def test_every_label_is_found_with_its_number_and_without(label: str) -> None:
    labels = vocabulary(LABELS)
    assert labels.find(label) == [bare(label)]
    assert bare(label) in labels.find(bare(label))


def test_a_number_tells_labels_apart_that_say_the_same() -> None:
    labels = Vocabulary([("（一）其他", "one"), ("3.其他", "three")])
    assert labels.find("3、其他") == ["three"]
    assert labels.find("(一)其他") == ["one"]
    assert labels.find("其他") == ["one", "three"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("结果维持", "结果纠正"), ("行政许可", "行政处罚"), ("行政处罚", "行政强制"), ("予以公开", "部分公开")],
)
def test_short_labels_are_never_taken_for_one_another(one: str, other: str) -> None:
    labels = vocabulary([one, other])
    for place in range(len(one)):
        half_way = one[:place] + other[place] + one[place + 1 :]
        assert labels.find(half_way) in ([], [one], [other])
        assert half_way == one or labels.find(half_way) != [one]


@given(st.text(max_size=20))
@settings(max_examples=200)
def test_a_text_without_a_label_is_none(text: str) -> None:
    assume(not has_han(text))
    assert vocabulary(LABELS).find(text) == []


def one_apart(one: str, other: str) -> bool:
    """Whether at most one character was changed, lost or added."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    rest, other_rest = one[start:], other[start:]
    return rest[1:] == other_rest[1:] or rest[1:] == other_rest or rest == other_rest[1:]


# In a table

Values = dict[tuple[str, str], str]
TITLE = "青禾县2021年政府信息公开年报"


def read(document: bytes) -> Values:
    report = read_report(read_document(document, "page"), "page")
    return {(fact.metric, fact.applicant): str(fact.value) for fact in report.facts if not fact.is_local}


def numbered(table: Table, first: int) -> Values:
    keys = [key for block in table.blocks for key in keys_of(block)]
    return {key: str(number) for number, key in enumerate(keys, start=first)}


def slip(kind: str, place: int) -> Callable[[str], str]:
    def spoil(label: str) -> str:
        at = place % len(label)
        return {
            "wrong character": label[:at] + "甲" + label[at + 1 :],
            "lost character": label[:at] + label[at + 1 :],
            "unknown label": "甲乙丙丁",
            "empty label": "",
        }[kind]

    return spoil


def spoiling(number: int, spoil: Callable[[str], str]) -> Write:
    """Writes labels as they are, but for the ``number``-th."""
    labels = count()
    return lambda label: _of_one_unit(label, spoil(label)) if next(labels) == number else label


def _of_one_unit(label: str, spoilt: str) -> str:
    """The label as it was where its 万元 became 元: that is no slip that can be seen, but another unit."""
    return label if "万元" in label and re.search("(?<!\\w)元", spoilt) else spoilt


slips_in_tables = st.builds(
    lambda number, kind, place: (number, slip(kind, place)),
    st.integers(0, 60),
    st.sampled_from(["wrong character", "lost character", "unknown label", "empty label"]),
    st.integers(0, 40),
)


@pytest.mark.parametrize("text", [False, True], ids=["html", "text"])
@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=60)
@given(spoilt=slips_in_tables)
def test_a_spoilt_label_moves_no_figure(
    name: str, text: bool, spoilt: tuple[int, Callable[[str], str]]
) -> None:
    table = TABLES[name]
    intact = next(other for other in TABLES.values() if other.table != table.table)
    figures = numbered(intact, 1000) | numbered(table, 1)
    rows = table_rows(table, figures, spoiling(*spoilt))
    if text:
        width = {"proactive": 5, "requests": 10, "cases": 15}
        parts = [
            TITLE,
            text_table(rows, width[table.table]),
            "其他",
            text_table(table_rows(intact, figures), width[intact.table]),
        ]
        found = read("\n".join(parts).encode())
    else:
        found = read(
            html_page(f"<h1>{TITLE}</h1>", html_table(rows), html_table(table_rows(intact, figures)))
        )
    wrong = {
        key: (value, figures.get(key))
        for key, value in found.items()
        if value not in (figures.get(key), "None")
    }
    assert wrong == {}
