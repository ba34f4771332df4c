"""A cell's text becomes one figure, nothing, or something that is not clear; never a guess."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.forms.numbers import is_blank, read_figure

COUNT = "requests"
MONEY = "CNY 10k"
COUNTED = ["件", "条", "項", "个", "宗", "起", "次", "人次", "篇"]
BLANKS = ["", " ", "\u3000", "\u00a0", "/", "／", "\\", "-", "－", "--", "—", "——", "_", "无", "無", " 无 ",
          "无数据", "無數據", "不适用", "不適用", "×"]  # fmt: skip

counts = st.integers(min_value=0, max_value=10**12)
amounts = st.decimals(min_value=0, max_value=10**9, places=2)
full_width = str.maketrans("0123456789,.+-", "０１２３４５６７８９，．＋－")


def value_of(text: str, unit: str = COUNT, heading: str = "") -> Decimal | None:
    figure = read_figure(text, unit, heading)
    assert figure.clear, text
    return figure.value


@given(counts)
@settings(max_examples=50)
def test_digits_are_their_number(number: int) -> None:
    assert value_of(str(number)) == number


@given(counts, st.sampled_from([",", "，", " ", "\u00a0", "\u3000"]))
@settings(max_examples=100)
def test_separators_of_thousands_are_removed(number: int, separator: str) -> None:
    assert value_of(f"{number:,}".replace(",", separator)) == number


@given(counts)
@settings(max_examples=50)
def test_full_width_figures_are_their_number(number: int) -> None:
    assert value_of(f"{number:,}".translate(full_width)) == number


@given(st.integers(-(10**6), 10**6))
@settings(max_examples=50)
def test_signs_are_kept(number: int) -> None:
    for minus in "-－−﹣":
        assert value_of(f"{number:+d}".replace("-", minus)) == number


@given(counts, st.sampled_from(COUNTED), st.sampled_from(["", " ", "\u00a0", "\n"]))
@settings(max_examples=50)
def test_a_unit_behind_a_count_is_dropped(number: int, unit: str, blank: str) -> None:
    assert value_of(f"{number}{blank}{unit}") == number


@given(
    counts, st.text(" \u00a0\u3000\t\n\u200b\ufeff", max_size=4), st.text(" \u00a0\u3000\n\u200b", max_size=4)
)
@settings(max_examples=50)
def test_blanks_around_a_figure_make_no_difference(number: int, before: str, behind: str) -> None:
    assert value_of(f"{before}{number}{behind}") == number


@pytest.mark.parametrize("text", BLANKS)
def test_a_blank_is_clearly_no_figure(text: str) -> None:
    figure = read_figure(text, COUNT)
    assert (figure.value, figure.clear) == (None, True)
    assert is_blank(text)


@given(
    counts,
    counts,
    st.sampled_from(["/", "-", "—", "~", "至", "、", "和", "(", "（其中", ":", ";", "\n", "=", "+"]),
)
@settings(max_examples=100)
def test_two_numbers_are_not_clear(one: int, other: int, between: str) -> None:
    assert not read_figure(f"{one}{between}{other}", COUNT).clear


@given(st.integers(0, 9999), st.integers(0, 9999))
@settings(max_examples=50)
def test_numbers_a_blank_apart_are_not_clear_unless_it_parts_thousands(one: int, other: int) -> None:
    parts_thousands = one <= 999 and len(str(other)) == 3
    assert read_figure(f"{one} {other}", COUNT).clear == parts_thousands


@given(counts, st.characters(categories=("Lu", "Ll")), st.sampled_from([COUNT, MONEY, "CNY as printed"]))
@settings(max_examples=100)
def test_a_letter_beside_a_figure_is_not_clear(number: int, letter: str, unit: str) -> None:
    assert not read_figure(f"{number}{letter}", unit).clear
    assert not read_figure(f"{letter}{number}", unit).clear


@pytest.mark.parametrize(
    "text",
    [
        "约5",
        "近100件",
        "5余件",
        "5件左右",
        "1.2万件",
        "六",
        "若干",
        "3(其中2件转办)",
        "1,13",
        "1,1134",
        "6%",
        "5元",
    ],
)
def test_what_is_no_plain_count_is_not_clear(text: str) -> None:
    figure = read_figure(text, COUNT)
    assert (figure.value, figure.clear) == (None, False)


@pytest.mark.parametrize("text", ["6①", "6²", "6⑴", "½", "1\ufffd"])
def test_a_note_mark_is_no_digit(text: str) -> None:
    figure = read_figure(text, COUNT)
    assert (figure.value, figure.clear) == (None, False)


@given(amounts)
@settings(max_examples=50)
def test_an_amount_in_the_unit_of_the_form_stays(amount: Decimal) -> None:
    for text in (f"{amount}", f"{amount:,}", f"{amount}万元", f"{amount} 萬元"):
        assert value_of(text, MONEY, "本年收费金额（单位：万元）") == amount


@given(amounts)
@settings(max_examples=50)
def test_yuan_are_converted_exactly(amount: Decimal) -> None:
    value = value_of(f"{amount}元", MONEY, "本年收费金额（单位：万元）")
    assert value is not None
    assert value * 10_000 == amount


@given(amounts)
@settings(max_examples=50)
def test_hundred_millions_are_converted_exactly(amount: Decimal) -> None:
    assert value_of(f"{amount}亿元", MONEY) == amount * 10_000


@given(amounts)
@settings(max_examples=50)
def test_a_heading_in_yuan_converts_the_figures_below_it(amount: Decimal) -> None:
    for heading in ("本年收费金额（单位：元）", "本年收费\n金额（元）"):
        value = value_of(f"{amount}", MONEY, heading)
        assert value is not None
        assert value * 10_000 == amount


@pytest.mark.parametrize("heading", ["本年收费金额（单位：甲元）", "采购总金额（千元）", "金额（元）|万元"])
def test_a_unit_that_may_be_another_leaves_the_figure_unread(heading: str) -> None:
    for unit in (MONEY, "CNY as printed"):
        figure = read_figure("10", unit, heading)
        assert (figure.value, figure.clear) == (None, False)


@pytest.mark.parametrize(
    "heading", ["采购总金额万元", "统计数|万元", "单位万元", "计数单位：万元", "人民币万元"]
)
def test_a_unit_stands_behind_a_word_that_units_stand_behind(heading: str) -> None:
    assert value_of("10", MONEY, heading) == 10


@given(amounts)
@settings(max_examples=50)
def test_a_line_break_in_the_unit_of_a_heading_makes_no_difference(amount: Decimal) -> None:
    assert value_of(f"{amount}", MONEY, "本年收费金额（单位：万\n元）") == amount


@pytest.mark.parametrize(
    ("text", "heading", "unit"),
    [
        ("1530000元", "采购总金额", "CNY"),
        ("477.35", "采购总金额（万元）", "CNY 10k"),
        ("0.5亿元", "采购总金额（万元）", "CNY 100m"),
        ("477.35", "采购总金额", "CNY as printed"),
    ],
)
def test_an_amount_without_a_unit_in_the_form_keeps_the_one_printed(
    text: str, heading: str, unit: str
) -> None:
    figure = read_figure(text, "CNY as printed", heading)
    assert (figure.value, figure.unit) == (Decimal(text.rstrip("亿元")), unit)


@given(st.text(max_size=12))
@settings(max_examples=200)
def test_no_text_is_clear_without_a_digit_unless_it_is_blank(text: str) -> None:
    figure = read_figure(text, COUNT)
    has_digit = any(character.isdecimal() for character in text)
    assert has_digit or not figure.clear or (figure.value is None and is_blank(text))
