"""What reading one 87 KB Word-pasted page costs, beside what others need for a part of it.

``make benchmark`` runs this: one thread, all in one run, medians. It prints a Markdown table.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import pandas as pd
from selectolax.lexbor import LexborHTMLParser

from rendering import html_page, keys_of, statutory_table
from scraper.documents import read_document
from scraper.documents.characters import decode
from scraper.forms import catalogue, read_report
from scraper.forms.matcher import match_grids

ROUNDS = 60
SIZE = 87_000

_SPAN = "font-family:仿宋_GB2312;mso-bidi-font-size:10.5pt"
_PARAGRAPH = "text-align:center;mso-pagination:widow-orphan"
_PROSE = (
    "全县各单位按照条例要求做好日常公开，规范发布程序，及时更新栏目，做好解读回应。",
    "政务新媒体由专人值守，内容经三级审核后发布，定期清理失效链接和过期栏目。",
    "全年主动公开政府信息1234条，其中门户网站公开980条，政务微信公开254条。",
    "办公室组织两次业务培训，各乡镇和部门的工作人员参加，培训后逐一开展测试。",
)


def pasted(text: str) -> str:
    """A cell as Word pastes it, a figure of several digits in several spans."""
    spans = "".join(
        f'<span lang="EN-US" style="{_SPAN}">{part}</span>' for part in (text[:1], text[1:]) if part
    )
    return f'<p class="MsoNormal" align="center" style="{_PARAGRAPH}">{spans}</p>'


def report_page() -> bytes:
    """A report on the 2021 form, filled up with prose to the size of an ordinary page."""
    tables = [table for table in catalogue.tables() if table.form == "2021"]
    keys = [key for table in tables for block in table.blocks for key in keys_of(block)]
    figures = {key: pasted(str(number * 37 % 211)) for number, key in enumerate(keys)}
    html = "".join(statutory_table(table, figures, pasted) for table in tables)
    title = "青禾县人民政府2021年政府信息公开工作年度报告"
    prose: list[str] = []

    def page() -> bytes:
        return html_page(f"<title>{title}</title><h1>{title}</h1>", *prose, html)

    while len(page()) < SIZE:
        prose.append(
            f'<p class="MsoNormal" style="{_PARAGRAPH}"><span style="{_SPAN}">'
            f"{_PROSE[len(prose) % len(_PROSE)]}</span></p>"
        )
    return page()


def milliseconds(work: Callable[[], object]) -> float:
    """The median time of ``work``."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def main() -> None:
    """Measures and prints the table."""
    data = report_page()
    text = decode(data)
    document = read_document(data, "page")
    parts: dict[str, Callable[[], object]] = {
        "lexbor: DOM alone": lambda: LexborHTMLParser(text),
        "nianbao: bytes → paragraphs and grids": lambda: read_document(data, "page"),
        "nianbao: grids → facts": lambda: match_grids(document.grids),
        "nianbao: bytes → facts": lambda: match_grids(read_document(data, "page").grids),
        "nianbao: bytes → facts, identity, claims, warnings": lambda: read_report(
            read_document(data, "page"), "page"
        ),
        "pandas.read_html: raw grids": lambda: pd.read_html(StringIO(text)),
    }
    for work in parts.values():
        work()
    measured = {name: milliseconds(work) for name, work in parts.items()}
    dom = measured["lexbor: DOM alone"]
    print(f"{len(data) / 1000:.0f} KB, {len(match_grids(document.grids).facts)} facts\n")
    print("| part | ms | times the DOM |\n|---|---:|---:|")
    for name, time_taken in measured.items():
        print(f"| {name} | {time_taken:.2f} | {time_taken / dom:.1f} |")


if __name__ == "__main__":
    main()
