"""Tables as written become grids: spans are expanded, and every place is filled exactly once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rendering import Written, html_page, html_table
from scraper.documents import Cell, Grid, read_document
from scraper.forms.numbers import read_figure

Model = list[list[Cell]]
"""The cell at every place of a table."""


@st.composite
def tilings(draw: st.DrawFn) -> Model:
    """A table of up to 6 by 6 places, laid out in rectangles at random."""
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    places: dict[tuple[int, int], Cell] = {}
    for row in range(height):
        for column in range(width):
            if (row, column) in places:
                continue
            free = next((c for c in range(column, width) if (row, c) in places), width) - column
            columns, rows = draw(st.integers(1, free)), draw(st.integers(1, height - row))
            cell = Cell(f"{row}·{column}", row, column)
            for r in range(row, row + rows):
                for c in range(column, column + columns):
                    places[r, c] = cell
    return [[places[row, column] for column in range(width)] for row in range(height)]


def written(model: Model) -> list[list[Written]]:
    """The rows of ``model`` as a page writes them, each cell once with its spans."""
    flat = [cell for row in model for cell in row]
    rows: list[list[Written]] = [[] for _ in model]
    for cell in dict.fromkeys(flat):
        columns = model[cell.row].count(cell)
        rows[cell.row].append(Written(cell.text, columns, flat.count(cell) // columns))
    return rows


def only_grid(data: bytes) -> Grid:
    (grid,) = read_document(data, "page").grids
    return grid


@given(tilings())
@settings(max_examples=150)
def test_spans_are_expanded_as_the_table_lays_them_out(model: Model) -> None:
    grid = only_grid(html_page(html_table(written(model))))
    assert grid.places_known
    assert [list(row) for row in grid.rows] == [list(dict.fromkeys(row)) for row in model]


@given(tilings())
@settings(max_examples=50)
def test_every_place_is_filled_once(model: Model) -> None:
    grid = only_grid(html_page(html_table(written(model))))
    for row, cells in zip(model, grid.rows, strict=True):
        starts = [*(cell.column for cell in cells), len(row)]
        widths = [following - start for start, following in pairwise(starts)]
        assert starts[0] == 0
        assert widths == [row.count(cell) for cell in cells]


spans = st.sampled_from(["", "0", "1", "2", "3", "7", "-1", "2.5", "x", "99999999999", "１", "50%"])


@given(st.lists(st.lists(st.tuples(spans, spans), max_size=5), min_size=1, max_size=6))
@settings(max_examples=150)
def test_wrong_spans_lose_no_cell_and_cover_none(rows: list[list[tuple[str, str]]]) -> None:
    body = "".join(
        "<tr>"
        + "".join(
            f'<td colspan="{columns}" rowspan="{height}">{number}·{index}</td>'
            for index, (columns, height) in enumerate(row)
        )
        + "</tr>"
        for number, row in enumerate(rows)
    )
    document = read_document(html_page(f"<table>{body}</table>"), "page")
    for grid in document.grids:
        for number, cells in enumerate(grid.rows):
            own = [cell.text for cell in cells if cell.row == number]
            columns = [cell.column for cell in cells]
            assert own == [f"{number}·{index}" for index in range(len(rows[number]))]
            assert columns == sorted(set(columns))
    assert bool(document.grids) == any(rows)


def test_a_cell_keeps_the_line_breaks_of_the_page_and_no_other() -> None:
    grid = only_grid(html_page("<table><tr><td> 本年新<br/>制作\n  数量 <p>6&nbsp;件</p></td></tr></table>"))
    assert grid.rows[0][0].text == "本年新\n制作 数量\n6 件"


def test_a_figure_split_over_spans_is_one() -> None:
    grid = only_grid(html_page("<table><tr><td><span>1</span><span>2</span><b>3</b></td></tr></table>"))
    assert grid.rows[0][0].text == "123"


def test_a_table_within_a_table_is_a_grid_of_its_own() -> None:
    inner = html_table([[Written("规章"), Written("0")]])
    outer = html_table([[Written("栏目"), Written(f"正文{inner}结束")]])
    around, found = read_document(html_page(outer), "page").grids
    assert [cell.text for cell in found.rows[0]] == ["规章", "0"]
    assert [cell.text for cell in around.rows[0]] == ["栏目", "正文\n结束"]


@pytest.mark.parametrize("unseen", ["<tr style='display: none'>", "<tr><!-- --></tr><tr hidden>"])
def test_what_the_page_hides_is_not_read(unseen: str) -> None:
    grid = only_grid(html_page(f"<table><tr><td>规章</td></tr>{unseen}<td>模板</td></tr></table>"))
    assert [cell.text for row in grid.rows for cell in row] == ["规章"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("<s>12</s>15", "15"),
        ("<del>12</del>15", "15"),
        ('<span style="text-decoration: line-through">12</span>15', "15"),
        ('1<span style="visibility:hidden">9</span>5', "15"),
        ("<ruby>机<rt>jī</rt></ruby>关", "机关"),
        ('<input type="text" value="15">', "15"),
        ('<input type="hidden" value="15">', ""),
    ],
)
def test_a_cell_says_what_the_page_shows(cell: str, text: str) -> None:
    grid = only_grid(html_page(f"<table><tr><td>规章</td><td>{cell}</td></tr></table>"))
    assert grid.rows[0][1].text == text


@pytest.mark.parametrize("note", ["<sup>1</sup>", "<sup>[1]</sup>", "<sub>1</sub>", "①"])
def test_the_number_of_a_note_is_no_digit_of_the_figure(note: str) -> None:
    grid = only_grid(html_page(f"<table><tr><td>规章</td><td>6{note}</td></tr></table>"))
    assert read_figure(grid.rows[0][1].text, "items").value is None


def test_controls_are_no_text() -> None:
    control = '<select style="width: 9em"><option>2021</option></select><textarea style="x">3</textarea>'
    grid = only_grid(html_page(f"<table><tr><td>规章{control}</td><td>1</td></tr></table>"))
    assert [cell.text for cell in grid.rows[0]] == ["规章", "1"]


def test_what_word_wraps_dates_and_paragraph_ends_in_breaks_no_line() -> None:
    page = html_page(
        '<p>自<st1:chsdate year="2021">2021年</st1:chsdate>1月<o:p></o:p>1日<o:p>&nbsp;</o:p></p>'
    )
    assert read_document(page, "page").paragraphs == ["自2021年1月1日"]


def test_a_cell_without_a_row_or_an_end_is_read_all_the_same() -> None:
    grid = only_grid(b"<table><td>1<td>2<tr><td>3<td>4</table>")
    assert [[cell.text for cell in row] for row in grid.rows] == [["1", "2"], ["3", "4"]]


# Text

cell_texts = st.text("规章（一）项0123456789,./- ", max_size=6).map(str.strip)
text_rows = st.lists(st.lists(cell_texts, min_size=2, max_size=6), min_size=1, max_size=6)


def places(grid: Grid) -> list[list[tuple[str, int, int]]]:
    return [[(cell.text, cell.row, cell.column) for cell in row] for row in grid.rows]


def numbered(rows: list[list[str]]) -> list[list[tuple[str, int, int]]]:
    return [[(text, row, column) for column, text in enumerate(cells)] for row, cells in enumerate(rows)]


@given(text_rows)
@settings(max_examples=100)
def test_fields_between_bars_are_cells(rows: list[list[str]]) -> None:
    rows = [["信息内容", "本年"], *rows]
    grid = only_grid("\n".join(" | ".join(row) for row in rows).encode())
    assert not grid.places_known
    assert places(grid) == numbered(rows)


@given(text_rows)
@settings(max_examples=50)
def test_a_bar_at_the_start_of_every_line_opens_no_cell(rows: list[list[str]]) -> None:
    rows = [["信息内容", "本年"], *rows]
    grid = only_grid("\n".join("| " + " | ".join(row) for row in rows).encode())
    assert places(grid) == numbered(rows)


def test_lines_without_bars_part_tables() -> None:
    document = read_document("规章 | 0\n行政许可 | 1\n三、申请\n一、 | 6 |\n".encode(), "text")
    assert [len(grid.rows) for grid in document.grids] == [2, 1]
    assert document.paragraphs == ["三、申请"]


@given(st.integers(0, 3))
@settings(max_examples=4)
def test_empty_lines_part_no_table(count: int) -> None:
    document = read_document(f"规章 | 0\n{' ' * count}\n行政许可 | 1\n".encode(), "text")
    assert [len(grid.rows) for grid in document.grids] == [2]
