"""What reading one 87 KB Word-pasted page costs, beside what others need for a part of it; and files.

One thread, all in one run, medians.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import pandas as pd
from benchmarks.results import keep, options
from PIL import Image
from pypdfium2 import PdfDocument
from selectolax.lexbor import LexborHTMLParser

import sample_report
from rendering import html_page, keys_of, statutory_table
from scraper.documents import read_document
from scraper.documents.characters import decode
from scraper.forms import catalogue, read_report
from scraper.forms.matcher import match_grids

ROUNDS = 60
SIZE = 87_000

# Times the DOM that facts and whole reports may cost, and times our facts that pandas needs.
WANTED = {"facts": 4, "report": 8, "pandas": 5}

FILES = {
    "DOC": "report.doc",
    "XLS": "report.xls",
    "PDF": "report.pdf",
    "PDF as published": "hongze-2023.pdf",
    "TIFF": "scan.tiff",
}

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


def milliseconds(work: Callable[[], object], rounds: int) -> float:
    """The median time of ``work``, which is done once before it counts."""
    work()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def page_parts(data: bytes, rounds: int) -> dict[str, float]:
    """Milliseconds for each part of reading a page, and for what others do with it."""
    text = decode(data)
    document = read_document(data, "page")
    parts: dict[str, Callable[[], object]] = {
        "dom": lambda: LexborHTMLParser(text),
        "grids": lambda: read_document(data, "page"),
        "matching": lambda: match_grids(document.grids),
        "facts": lambda: match_grids(read_document(data, "page").grids),
        "report": lambda: read_report(read_document(data, "page"), "page"),
        "pandas": lambda: pd.read_html(StringIO(text)),
    }
    return {name: milliseconds(work, rounds) for name, work in parts.items()}


def files() -> list[dict[str, object]]:
    """What it takes to read everything in files: one report in several formats, and a published PDF."""
    samples = {"DOCX": sample_report.docx(), "XLSX": sample_report.xlsx(), "RTF": sample_report.rtf()}
    samples |= {kind: (sample_report.FORMATS / name).read_bytes() for kind, name in FILES.items()}
    return [_file(kind, data) for kind, data in samples.items()]


def _file(kind: str, data: bytes) -> dict[str, object]:
    rounds = 1 if kind == "TIFF" else 9
    took = milliseconds(lambda: read_report(read_document(data, kind), kind), rounds)
    return {"kind": kind, "kb": len(data) / 1000, "pages": _count(kind, data), "ms": took}


def _count(kind: str, data: bytes) -> int | None:
    """The number of pages of what has pages."""
    if kind == "TIFF":
        return int(getattr(Image.open(BytesIO(data)), "n_frames", 1))
    return len(PdfDocument(data)) if kind.startswith("PDF") else None


def main() -> None:
    """Measures, and keeps the result."""
    arguments = options(__doc__)
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    given = arguments.parse_args()
    data = report_page()
    figures = {
        "kb": len(data) / 1000,
        "facts": len(match_grids(read_document(data, "page").grids).facts),
        "wanted": WANTED,
        "parts": page_parts(data, given.rounds),
        "files": files(),
    }
    keep("reading", figures, given.results, ("pandas", "lxml"))


if __name__ == "__main__":
    main()
