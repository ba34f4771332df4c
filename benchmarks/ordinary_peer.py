"""What one would write without nianbao: requests, Beautiful Soup, pandas.read_html and DataFrame.to_sql.

``ordinary_peer.py ADDRESSES FORMS DATABASE TIMES PROXY``: fetches each address of the file ADDRESSES through
PROXY, reads the page, and appends its report and figures to the SQLite file DATABASE. FORMS has the labels of
the statutory tables with what each figure is, which one would type in from the form; TIMES takes seconds as
JSON. It is written as a good programmer would who has looked at some dozens of these pages: characters are
told by Beautiful Soup, spans are resolved by pandas, labels are compared without blanks and brackets, rows
are looked for in their order, and a page that can't be read is left out. Files are left out too.
"""

from __future__ import annotations

import json
import re
import sys
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import requests
from bs4 import BeautifulSoup
from sqlalchemy import create_engine

Rows = list[tuple[str, list[float]]]
"""Lines of tables: the label nearest to the figures, and the figures."""

TITLE = re.compile(r"(\w+?)(?:关于)?(20\d\d)年")
NOISE = re.compile(r"[\s（）()、.．，,:：﹝﹞\u200b]")
FIGURE = re.compile(r"-?\d+(?:\.\d+)?")
UNIT = re.compile(r"(?:件|条|个|项|宗|份|人|次|万元)$")

took: defaultdict[str, float] = defaultdict(float)
worked_for: defaultdict[str, float] = defaultdict(float)


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Adds what the block takes to a step, by the clock and of the processor."""
    started, worked = time.perf_counter(), time.process_time()
    yield
    took[step] += time.perf_counter() - started
    worked_for[step] += time.process_time() - worked


def number(cell: str) -> float | None:
    """The figure in a cell, if it has one and nothing else."""
    text = UNIT.sub("", unicodedata.normalize("NFKC", cell).replace(",", "").strip(" \n\t\u200b"))
    return float(text) if FIGURE.fullmatch(text) else None


def plain(label: str) -> str:
    """A label without what differs from page to page."""
    return NOISE.sub("", unicodedata.normalize("NFKC", label))


def form_of(year: int) -> str:
    """The form in force."""
    return "2021" if year >= 2021 else "2019" if year >= 2019 else "2014"


def lines_of(frames: list[pd.DataFrame]) -> Rows:
    """The lines that have figures, of all tables in their order."""
    found: Rows = []
    for frame in frames:
        for cells in frame.to_numpy(dtype=object).tolist():
            row = [str(cell) for cell in cells]
            figures: list[float] = []
            while row and (figure := number(row[-1])) is not None:
                figures.insert(0, figure)
                row.pop()
            if figures:
                found.append((plain(row[-1]) if row else "", figures))
    return found


def figures_of(lines: Rows, form: list[dict[str, Any]]) -> Iterator[tuple[str, str, float]]:
    """Metric, applicant and value: each row of the form is looked for behind the one before."""
    at = 0
    for block in form:
        for label, keys in zip(block["rows"], block["keys"], strict=True):
            for place in range(at, len(lines)):
                said, figures = lines[place]
                if (not label or said == plain(label)) and len(figures) >= len(keys):
                    for (metric, applicant), figure in zip(keys, figures[-len(keys) :], strict=True):
                        yield metric, applicant, figure
                    at = place + 1
                    break


def read(url: str, body: bytes, forms: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    """The report and its figures; nothing where the page has neither publisher nor year."""
    with timed("soup"):
        soup = BeautifulSoup(body, "lxml")
        heading = soup.find("h1") or soup.title
        found = TITLE.search(heading.get_text(strip=True)) if heading else None
        text = body.decode(soup.original_encoding or "utf-8", "replace")
    if found is None:
        return None
    publisher, year = found[1], int(found[2])
    with timed("read_html"):
        try:
            frames = pd.read_html(StringIO(text))
        except ValueError:
            frames = []
    with timed("mapping"):
        figures = list(figures_of(lines_of(frames), forms[form_of(year)]))
        report = pd.DataFrame([{"url": url, "publisher": publisher, "year": year}])
        facts = pd.DataFrame(figures, columns=["metric", "applicant", "value"]).assign(url=url)
    return report, facts


def main() -> None:
    """Fetches, reads and stores."""
    addresses, forms, database, times, proxy = sys.argv[1:]
    by_form = json.loads(Path(forms).read_text(encoding="utf-8"))
    session = requests.Session()
    fetched = {}
    with timed("fetch"):
        for url in Path(addresses).read_text(encoding="utf-8").split():
            answer = session.get(url, proxies={"http": proxy}, timeout=30)
            if answer.ok and answer.headers["Content-Type"].startswith("text/html"):
                fetched[url] = answer.content
    engine = create_engine(f"sqlite:///{database}")
    for url, body in fetched.items():
        if tables := read(url, body, by_form):
            # One after the other: what was read is kept, whatever becomes of the rest.
            with timed("to_sql"):
                for name, table in zip(("report", "fact"), tables, strict=True):
                    table.to_sql(name, engine, if_exists="append", index=False)
    Path(times).write_text(json.dumps({"seconds": took, "processor": worked_for}), encoding="utf-8")


if __name__ == "__main__":
    main()
