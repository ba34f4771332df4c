"""Reports in endless layouts: the forms' tables, written and spoilt as real pages write and spoil them.

Every report has figures of its own, different in every cell, and says which. The layouts are those of real
pages; a report mixes up to three of them. The same seed gives the same reports.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from itertools import groupby

import opencc

from rendering import Key, keys_of, reordered
from scraper.forms import catalogue
from scraper.forms.catalogue import Block

Truth = dict[Key, Decimal | None]

_TITLE = "青禾县人民政府2021年政府信息公开工作年度报告"
_PERIOD = "统计期限自2021年1月1日起至2021年12月31日止。"


@dataclass(frozen=True)
class Piece:
    """A cell before it is written: ``kind`` is heading, stub, group, label, unit, figure or empty."""

    text: str
    kind: str
    columns: int = 1
    rows: int = 1
    raw_html: bool = False


Row = list[Piece]


@dataclass
class Draft:
    """A report in the making: its tables, and how they are going to be written."""

    tables: list[list[Row]]
    random: random.Random
    around: list[str] = field(default_factory=list)
    text: str = ""
    charset: str = "utf-8"
    opening: Sequence[str] = (_TITLE, "现将2021年1月1日至2021年12月31日的情况公布如下。")


@dataclass(frozen=True)
class Sample:
    """A written report and what must be read from it."""

    form: str
    layouts: tuple[str, ...]
    kind: str
    data: bytes
    truth: Truth


Layout = Callable[[Draft], None]


def samples(seed: object, count: int) -> Iterator[Sample]:
    """``count`` reports."""
    for number in range(count):
        yield sample(random.Random(f"{seed}/{number}"))


def sample(chance: random.Random) -> Sample:
    """One report, laid out by chance."""
    form = chance.choice(("2014", "2019", "2021"))
    truth: Truth = {}
    reorder = chance.random() < 0.2
    tables = [
        [
            row
            for block in table.blocks
            for row in _block_rows(_maybe_reordered(block, chance, reorder), truth, chance)
        ]
        for table in catalogue.tables()
        if table.form == form
    ]
    draft = Draft(tables, chance)
    names = ["order"] if reorder else []
    if not reorder and chance.random() < 0.25:
        text_layout = chance.choice(list(TEXT_LAYOUTS))
        names.append(text_layout)
        TEXT_LAYOUTS[text_layout](draft)
        return Sample(form, tuple(names), "text", draft.text.encode(), truth)
    chosen = chance.sample(list(LAYOUTS), chance.choice((0, 1, 1, 2, 2, 3)))
    if "blanks" in chosen:
        truth = {key: value or None for key, value in truth.items()}
    for name in sorted(chosen, key=lambda name: name != "blanks"):
        LAYOUTS[name](draft)
        names.append(name)
    return Sample(form, tuple(names) or ("clean",), "html", page(draft), truth)


def _maybe_reordered(block: Block, chance: random.Random, wanted: bool) -> Block:
    if not wanted or block.unit_column:
        return block
    rows, columns = list(range(len(block.rows))), list(range(len(block.columns)))
    if not any(row.group for row in block.rows):
        chance.shuffle(rows)
    chance.shuffle(columns)
    return reordered(block, rows, columns)


def _figure(chance: random.Random, number: int) -> str:
    return str(number) if chance.random() < 0.9 else "0"


def _block_rows(block: Block, truth: Truth, chance: random.Random) -> Iterator[Row]:
    figures = {key: _figure(chance, len(truth) + index + 1) for index, key in enumerate(keys_of(block))}
    truth.update({key: Decimal(figure) for key, figure in figures.items()})
    if block.unit_column:
        yield from _statistics(block, figures)
        return
    labels = 0 if not block.rows else 2 if any(row.group for row in block.rows) else 1
    yield from _headings(block, labels)
    if not block.rows:
        yield [Piece(figures[key], "figure") for key in keys_of(block)]
    numbers = iter(range(len(block.rows)))
    for group, run in groupby(block.rows, key=lambda row: row.group):
        rows = list(run)
        for index, row in enumerate(rows):
            number = next(numbers)
            line = [Piece(group, "group", rows=len(rows))] if group and index == 0 else []
            line.append(Piece(row.label, "label", columns=1 if group else labels))
            places = (block.metric_at(number, column) for column in range(len(block.columns)))
            yield line + [Piece(figures[place], "figure") for place in places]


def _statistics(block: Block, figures: dict[Key, str]) -> Iterator[Row]:
    yield [Piece(block.stubs[0], "stub"), Piece("单位", "stub"), Piece(block.columns[0].label, "heading")]
    seen: set[str] = set()
    for number, row in enumerate(block.rows):
        labels = {other.label for other in block.rows}
        if row.group and row.group not in seen and row.group not in labels:
            yield [Piece(row.group, "group"), Piece("——", "unit"), Piece("——", "empty")]
        seen.add(row.group or "")
        metric = block.metric_at(number, 0)
        unit = {"CNY 10k": "万元"}.get(catalogue.units()[metric[0], block.form], "件")
        yield [Piece(row.label, "label"), Piece(unit, "unit"), Piece(figures[metric], "figure")]


def _headings(block: Block, labels: int) -> Iterator[Row]:
    depth = max(len(column.groups) for column in block.columns) + 1
    for stub in block.stubs[1:]:
        yield [Piece(stub, "stub", columns=labels + len(block.columns))]
    paths = [(*column.groups, column.label) for column in block.columns]
    for level in range(depth):
        line = [Piece(block.stubs[0], "stub", labels, depth)] if level == 0 and labels else []
        for path, run in groupby(paths, key=lambda path: path[: level + 1]):
            below = list(run)
            if len(path) > level:
                rows = depth - level if len(below[0]) == level + 1 else 1
                line.append(Piece(path[-1], "heading", len(below), rows))
        yield line


# Layouts of pages. Each changes the draft; several can be mixed.


def _each(draft: Draft, kinds: str, change: Callable[[Piece], Piece]) -> None:
    for table in draft.tables:
        for row in table:
            row[:] = [change(piece) if piece.kind in kinds.split() else piece for piece in row]


def word_paste(draft: Draft) -> None:
    chance = draft.random

    def paste(piece: Piece) -> Piece:
        pieces = [piece.text]
        if len(piece.text) > 1 and chance.random() < 0.7 and not piece.raw_html:
            at = chance.randrange(1, len(piece.text))
            pieces = [piece.text[:at], piece.text[at:]]
        spans = "".join(
            f'<span lang="EN-US" style="font-family:仿宋_GB2312;mso-bidi-font-size:10.5pt">{part}</span>'
            for part in pieces
        )
        blank = chance.choice(("", "&nbsp;", "<o:p></o:p>", "<o:p>&nbsp;</o:p>"))
        return replace(
            piece,
            text=f'<p class="MsoNormal" style="mso-pagination:widow-orphan">{spans}{blank}</p>',
            raw_html=True,
        )

    _each(draft, "heading stub group label unit figure empty", paste)


def vertical_labels(draft: Draft) -> None:
    between = draft.random.choice(("<br>", "<br/>\n", "</p><p>"))

    def stand(piece: Piece) -> Piece:
        return (
            piece
            if piece.raw_html
            else replace(piece, text=f"<p>{between.join(piece.text)}</p>", raw_html=True)
        )

    _each(draft, "group stub", stand)


def labels_cut_by_breaks(draft: Draft) -> None:
    chance = draft.random

    def cut(piece: Piece) -> Piece:
        if piece.raw_html or len(piece.text) < 4:
            return piece
        at = chance.randrange(1, len(piece.text))
        blank = chance.choice(("<br/>", " ", "\n   ", "<br>　"))
        return replace(piece, text=piece.text[:at] + blank + piece.text[at:], raw_html=True)

    _each(draft, "heading label group", cut)


def wrong_spans(draft: Draft) -> None:
    chance = draft.random
    wrong = chance.choice(
        (
            lambda piece: replace(piece, columns=1, rows=1),
            lambda piece: replace(
                piece, rows=piece.rows + chance.choice((0, 1, 2)) if piece.rows > 3 else piece.rows
            ),
            lambda piece: replace(piece, columns=piece.columns + chance.choice((0, 0, 1, 2))),
            lambda piece: replace(piece, columns=max(1, piece.columns - 1)),
        )
    )
    _each(draft, "heading stub group label", wrong)


def labels_spelled_out(draft: Draft) -> None:
    """Merged labels are written in full in every row and column."""
    for table in draft.tables:
        rows: list[Row] = []
        standing: list[tuple[Piece, int]] = []
        for row in table:
            kept = [piece for piece, left in standing if left > 0]
            standing = [(piece, left - 1) for piece, left in standing if left > 1]
            line = [*kept, *row]
            for piece in row:
                if piece.kind == "group" and piece.rows > 1:
                    standing.append((replace(piece, rows=1), piece.rows - 1))
            rows.append([replace(piece, rows=1) if piece.kind == "group" else piece for piece in line])
        table[:] = rows


def local_numbers(draft: Draft) -> None:
    chance = draft.random

    def write(piece: Piece) -> Piece:
        if piece.raw_html:
            return piece
        text = piece.text
        style = chance.randrange(7)
        if style == 0:
            text = text.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        elif style == 1:
            text = f"&nbsp;{text}&nbsp;&nbsp;"
        elif style == 2:
            text = f"\n      {text}\n    "
        elif style == 3:
            text = f"　{text}"
        elif style == 4:
            text = re.sub(r"^\d+", lambda digits: f"{int(digits.group()):,}", text)
        elif style == 5:
            text = f"{text}\u200b"
        return replace(piece, text=text, raw_html=True)

    _each(draft, "figure", write)


@cache
def _converter(script: str) -> opencc.OpenCC:
    return opencc.OpenCC(script)


def other_scripts(draft: Draft) -> None:
    convert = _converter(draft.random.choice(("s2t", "s2tw", "s2hk"))).convert
    _each(
        draft,
        "heading stub group label",
        lambda piece: piece if piece.raw_html else replace(piece, text=convert(piece.text)),
    )


def punctuation(draft: Draft) -> None:
    chance = draft.random
    styles = (("（", "("), ("）", ")"), ("、", "."), ("，", ","), ("（", "﹝"), ("）", "﹞"), ("：", ":"))

    def write(piece: Piece) -> Piece:
        text = piece.text
        for old, new in chance.sample(styles, 4):
            text = text.replace(old, new)
        if chance.random() < 0.3 and not piece.raw_html:
            text = " ".join(text)
        return replace(piece, text=text)

    _each(draft, "label group heading", write)


def misspelt_labels(draft: Draft) -> None:
    """One long label in ten has a wrong character."""
    chance = draft.random

    def misspell(piece: Piece) -> Piece:
        if piece.raw_html or len(piece.text) < 9 or chance.random() > 0.1:
            return piece
        at = chance.randrange(5, len(piece.text) - 1)
        if not "一" <= piece.text[at] <= "鿿":
            return piece
        return replace(piece, text=piece.text[:at] + "甲" + piece.text[at + 1 :])

    _each(draft, "label", misspell)


def cut_in_two(draft: Draft) -> None:
    """A page break ends a table; its second part has no headings, or has them again."""
    chance = draft.random
    tables = []
    for table in draft.tables:
        first_figures = _first_figures(table)
        inside = [
            i
            for i in range(first_figures + 1, len(table))
            if all(p.rows == 1 for row in table[first_figures:i] for p in row)
            or (table[i][0].kind == "label" and table[i][0].columns > 1)
        ]
        if (
            len(table) < 12
            or not inside
            or any(p.kind in ("heading", "stub") for row in table[first_figures:] for p in row)
        ):
            tables.append(table)
            continue
        at = chance.choice(inside)
        again = [list(row) for row in table[:first_figures]] if chance.random() < 0.5 else []
        tables += [table[:at], again + table[at:]]
    draft.tables[:] = tables


def _first_figures(table: list[Row]) -> int:
    """The first row of figures; behind all rows where there is none."""
    rows = (number for number, row in enumerate(table) if any(piece.kind == "figure" for piece in row))
    return next(rows, len(table))


def headings_repeated(draft: Draft) -> None:
    for table in draft.tables:
        first = _first_figures(table)
        if len(table) > 15 and not any(p.kind == "heading" for row in table[first:] for p in row):
            starts = [i for i in range(first + 3, len(table)) if table[i][0].kind == "label"]
            plain = [
                i for i in starts if table[i][0].columns > 1 or all(p.rows == 1 for r in table for p in r)
            ]
            if plain:
                at = draft.random.choice(plain)
                table[at:at] = [list(row) for row in table[:first]]


def one_table(draft: Draft) -> None:
    """All tables of the report in one, under their section headings."""
    rows: list[Row] = []
    for number, table in enumerate(draft.tables):
        rows.append([Piece("二三四"[number % 3] + "、有关情况", "empty", columns=12)])
        rows += table
    draft.tables[:] = [rows]


def tables_apart(draft: Draft) -> None:
    """Every block with headings of its own is a table."""
    tables: list[list[Row]] = []
    for table in draft.tables:
        previous = "figure"
        for row in table:
            heads = all(piece.kind in ("heading", "stub") for piece in row)
            if (heads and previous == "figure") or not tables:
                tables.append([])
            if heads or any(piece.kind == "figure" for piece in row):
                previous = "heading" if heads else "figure"
            tables[-1].append(row)
    draft.tables[:] = tables


def empty_cells(draft: Draft) -> None:
    """Exports fill rows up with empty cells, and put empty rows between."""
    for table in draft.tables:
        width = max(sum(piece.columns for piece in row) for row in table) + 1
        for row in table:
            if all(piece.rows == 1 for other in table for piece in other):
                row += [Piece("", "empty") for _ in range(width - sum(piece.columns for piece in row))]
        table.insert(draft.random.randrange(len(table) + 1), [Piece("", "empty", columns=width)])


def local_rows(draft: Draft) -> None:
    """Rows of the county's own, between those of the form."""
    for table in draft.tables:
        plain = [i for i, row in enumerate(table) if row[0].kind == "label" and len(row) > 1]
        if plain and all(piece.rows == 1 for row in table for piece in row if piece.kind == "group"):
            at = draft.random.choice(plain)
            own = [Piece("本县另行统计的其他事项数量", "local", table[at][0].columns, raw_html=True)]
            others = [
                piece if piece.kind == "unit" else replace(piece, text="7777") for piece in table[at][1:]
            ]
            table.insert(at + 1, own + others)


def local_columns(draft: Draft) -> None:
    """A column of the county's own at the right of a table that has one line of headings."""
    for table in draft.tables:
        heads = [i for i, row in enumerate(table) if any(piece.kind == "heading" for piece in row)]
        if len(heads) == 1:
            for number, row in enumerate(table):
                if number == heads[0]:
                    row.append(Piece("历年累计", "local"))
                elif any(piece.kind == "figure" for piece in row):
                    row.append(Piece("8888", "local"))


def blanks(draft: Draft) -> None:
    """Figures that are nothing are left out, or crossed out."""
    chance = draft.random
    mark = chance.choice(("", "/", "—", "-", "无", "&nbsp;", "——", "　", "不适用", "\\"))
    _each(
        draft,
        "figure",
        lambda piece: replace(piece, text=mark, raw_html=True) if piece.text == "0" else piece,
    )


def counted(draft: Draft) -> None:
    unit = draft.random.choice(("件", "条", "个", "项", "宗", " 件", "份"))
    for table in draft.tables:
        for row in table:
            amount = any(re.search("[采採].*[购購]|[收].*[费費]", piece.text, re.S) for piece in row)
            if not amount and len(draft.tables) > 1:
                for place, piece in enumerate(row):
                    if piece.kind == "figure" and not piece.raw_html and piece.text:
                        row[place] = replace(piece, text=piece.text + unit)


def outer_label(draft: Draft) -> None:
    """三、本年度办理结果 spans the rows of all outcomes, in a column of its own."""
    for table in draft.tables:
        first = next((i for i, row in enumerate(table) if row[0].text.startswith("（一）予以公开")), None)
        last = next((i for i, row in enumerate(table) if row[0].text.startswith("（七）总计")), None)
        if first is not None and last is not None:
            table[first].insert(0, Piece("三、本年度办理结果", "group", rows=last - first + 1))
            for row in (*table[:first], *table[last + 1 :]):
                if row[0].columns > 1 and row[0].kind in ("label", "stub"):
                    row[0] = replace(row[0], columns=row[0].columns + 1)


def titles_and_notes(draft: Draft) -> None:
    chance = draft.random
    for table in draft.tables:
        width = max(sum(piece.columns for piece in row) for row in table)
        table.insert(0, [Piece("政府信息公开有关情况（2021年度）", "empty", columns=width)])
        table.append(
            [
                Piece(
                    chance.choice(("注：数据截至2021年12月31日", "填报人：张三", "- 3 -")),
                    "empty",
                    columns=width,
                )
            ]
        )


def comments(draft: Draft) -> None:
    _each(
        draft,
        "label figure heading",
        lambda piece: replace(piece, text=f"<!--StartFragment-->{piece.text}<!-- 9 -->", raw_html=True),
    )


def entities(draft: Draft) -> None:
    def write(piece: Piece) -> Piece:
        if piece.raw_html:
            return piece
        return replace(piece, text="".join(f"&#{ord(character)};" for character in piece.text), raw_html=True)

    _each(draft, "label figure heading stub group", write)


def old_markup(draft: Draft) -> None:
    draft.around.append("old")


def layout_table(draft: Draft) -> None:
    draft.around.append("nested")


def navigation(draft: Draft) -> None:
    draft.around.append("navigation")


def shown_twice(draft: Draft) -> None:
    draft.around.append("twice")


def hidden_copy(draft: Draft) -> None:
    draft.around.append("hidden")


def chinese_charset(draft: Draft) -> None:
    draft.charset = draft.random.choice(("gbk", "gb18030", "gb2312"))


LAYOUTS: dict[str, Layout] = {
    layout.__name__: layout
    for layout in (
        vertical_labels, labels_cut_by_breaks, wrong_spans, labels_spelled_out, local_numbers, other_scripts,
        punctuation, misspelt_labels, cut_in_two, headings_repeated, one_table, tables_apart, empty_cells,
        local_rows, local_columns, blanks, counted, outer_label, titles_and_notes, comments, entities,
        layout_table, navigation, shown_twice, hidden_copy, old_markup, chinese_charset, word_paste,
    )
}  # fmt: skip


# Layouts of text.


def _lines(draft: Draft, write: Callable[[list[Row]], Iterator[str]]) -> str:
    parts = [*draft.opening]
    for number, table in enumerate(draft.tables):
        parts.append("二三四"[number % 3] + "、有关情况")
        parts += write(table)
    return "\n".join([*parts, "五、存在的主要问题。", "仍有不足。"])


def _width(table: list[Row]) -> int:
    return max(sum(piece.columns for piece in row) for row in table)


def bars_pushed_left(draft: Draft) -> None:
    def write(table: list[Row]) -> Iterator[str]:
        for number, row in enumerate(table):
            pad = 0 if number == len(table) - 1 else _width(table) - len(row)
            yield " | ".join(piece.text for piece in row) + " |" + "|" * pad

    draft.text = _lines(draft, write)


def bar_in_front(draft: Draft) -> None:
    def write(table: list[Row]) -> Iterator[str]:
        for row in table:
            yield "| " + " | ".join(piece.text for piece in row) + " | "

    draft.text = _lines(draft, write)


def markdown(draft: Draft) -> None:
    def write(table: list[Row]) -> Iterator[str]:
        for number, row in enumerate(table):
            yield "| " + " | ".join(piece.text for piece in row) + " |"
            if number == 0:
                yield "|" + "---|" * len(row)

    draft.text = _lines(draft, write)


def cell_a_line_with_bar(draft: Draft) -> None:
    pads = draft.random.random() < 0.5

    def write(table: list[Row]) -> Iterator[str]:
        for row in table:
            yield from (f"{piece.text} |" for piece in row)
            if pads:
                yield "|||"

    draft.text = _lines(draft, write)


def cell_a_line(draft: Draft) -> None:
    between = draft.random.choice(("", "\n", "\n\n"))

    def write(table: list[Row]) -> Iterator[str]:
        for row in table:
            yield from (draft.random.choice(("", " ")) + piece.text + between for piece in row)

    draft.text = _lines(draft, write)


def table_on_one_line(draft: Draft) -> None:
    def write(table: list[Row]) -> Iterator[str]:
        yield " | ".join(piece.text for row in table for piece in row)

    draft.text = _lines(draft, write)


TEXT_LAYOUTS: dict[str, Layout] = {
    layout.__name__: layout
    for layout in (
        bars_pushed_left, bar_in_front, markdown, cell_a_line_with_bar, cell_a_line, table_on_one_line,
    )
}  # fmt: skip


# Writing


def _cell(piece: Piece) -> str:
    spans = f' colspan="{piece.columns}"' * (piece.columns > 1) + f' rowspan="{piece.rows}"' * (
        piece.rows > 1
    )
    return f"<td{spans}>{piece.text}</td>"


def _table(rows: list[Row]) -> str:
    return "<table>" + "".join(f"<tr>{''.join(map(_cell, row))}</tr>\n" for row in rows) + "</table>"


def page(draft: Draft, title: str = _TITLE, paragraphs: Sequence[str] = (_PERIOD,)) -> bytes:
    """The page of a draft: its title, paragraphs, and tables."""
    tables = "".join(f"<p>情况说明如下：</p>{_table(table)}" for table in draft.tables)
    if "old" in draft.around:
        tables = tables.replace("<td", "<TD").replace("</td>", "").replace("</tr>", "").replace("<tr", "<TR")
    if "nested" in draft.around:
        tables = f"<table><tr><td>栏目</td><td>{tables}</td></tr></table>"
    if "twice" in draft.around:
        tables = f'<div class="pc">{tables}</div><div class="wap">{tables}</div>'
    if "hidden" in draft.around:
        other = tables.replace("1", "9").replace("2", "8")
        tables = f'<div style="display: none">{other}</div>{tables}'
    if "navigation" in draft.around:
        menu = "".join(f"<tr><td><a href='#'>栏目{n}</a></td><td>{n}</td></tr>" for n in range(9))
        tables = (
            f"<table>{menu}</table><table><tr><td>索引号</td><td>990101-2022-0001</td></tr></table>{tables}"
        )
    declared = draft.charset if draft.charset != "gb18030" else "gb2312"
    before = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    written = (
        f'<!DOCTYPE html><html><head><meta charset="{declared}">'
        f"<title>{title}</title></head><body><h1>{title}</h1>{before}{tables}</body></html>"
    )
    return written.encode(draft.charset if draft.charset == "utf-8" else "gb18030")
