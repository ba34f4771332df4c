"""Notices of reports of any shape: hostile texts, tables of every kind, many findings; and their wording."""

from __future__ import annotations

import string
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from analysis.checks import rules
from analysis.present.notice import sign_of
from analysis.present.printed import Figure, Label, PrintedTable, printed_table, table_by_form
from analysis.present.wording import Wording
from conftest import GOLDEN, Run
from notices import page_of, text_in, text_of, words_of, written
from scraper.documents import read_document
from scraper.forms import read_report
from scraper.messages import ScraperError
from scraper.store import open_database

CASES = sorted(path.parent for path in GOLDEN.glob("*/document.*"))

REPORT = {
    "report_id": "r1", "county_code": "990101", "publisher": "青禾县人民政府", "year": 2022, "form": "2021",
    "title": "青禾县2022年政府信息公开工作年度报告", "url": "http://www.example.gov.cn.test/1.html",
}  # fmt: skip


def store(
    folder: Path, *, report: dict[str, Any], raws: Sequence[str], findings: int = 1, label: str = "结果"
) -> None:
    """A database with one report, a row of the cases table, and findings about it."""
    folder.mkdir(exist_ok=True)
    with open_database(folder / "reports.duckdb") as connection:
        connection.execute(
            "INSERT INTO report BY NAME SELECT $report_id AS report_id, $county_code AS county_code,"
            " $publisher AS publisher, $year AS year, $form AS form, $title AS title, $url AS url,"
            " TIMESTAMP '2023-01-31 16:00:00' AS captured_at, 'ab' AS sha256, '' AS warc_file,"
            " 0 AS warc_offset, true AS sample",
            report,
        )
        metrics = ["review_total", "review_upheld", "review_corrected", "review_other", "review_pending"]
        for column, (metric, raw) in enumerate(zip(metrics, raws, strict=True)):
            connection.execute(
                "INSERT INTO fact VALUES ($1, $2, '', $3, $4, 'cases', 'cases', 0, 1, $5, NULL)",
                [report["report_id"], metric, float(raw) if raw.isdecimal() else None, raw, column],
            )
            connection.execute(
                "INSERT INTO label VALUES ($1, 0, 0, 1, $2, $3)",
                [report["report_id"], column, f"{label}{column}"],
            )
        for number in range(findings):
            connection.execute(
                """
                INSERT INTO finding BY NAME SELECT $1 AS finding_id, $2 AS report_id, 'cases.total' AS rule,
                    'review' AS relation, $1 AS place, 'error' AS severity, $3 AS metrics, [''] AS applicants,
                    3 AS expected, 1 AS actual, $4 AS message, $4 AS message_zh,
                    list_transform($3, lambda m: {'report_id': $2, 'table': 'cases', 'metric': m,
                                                  'applicant': ''}) AS cells,
                    [{'metric': 'review_total', 'value': 7, 'sentence': $5, 'start_at': 40, 'end_at': 41}]
                        AS quotes, [] AS suggestion, 'open' AS status
                """,
                [f"f{number:03}", report["report_id"], metrics, f"{label} 1 ≠ 3", f"{'前' * 40}7{'后' * 40}"],
            )


HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>",
    '#let x = read("/etc/passwd")\n#x *粗* _斜_ $1/0$ <label> @ref `raw` //注',
    "{{ 7*7 }}{% raw %}{title}{0}",
    '=HYPERLINK("http://www.example.gov.cn.test/","点")',
    "\u202e\u0001\x7f+1\t-1",
)


@pytest.mark.parametrize("text", HOSTILE, ids=["html", "typst", "template", "formula", "controls"])
def test_hostile_text_stays_text(run: Run, tmp_path: Path, text: str) -> None:
    report = REPORT | {"title": text, "publisher": text, "url": f"javascript:alert(1)//{text}"}
    store(tmp_path / "data", report=report, raws=["1", text, "3", "", "@SUM(A1)"], label=text)
    files = written(run, "--contact", text)
    page = page_of(files[".html"])
    assert page.css("script, img, link, iframe, object, a[href]") == []
    assert not [node for node in page.css("*") if any(name.startswith("on") for name in node.attributes)]
    assert "".join(text.split()) in "".join(words_of(files[".html"]).split())
    drawn = "".join(text_of(files[".pdf"]))
    if text.isprintable():
        assert "".join(text.split())[:20] in drawn
    assert "49" not in drawn
    for sheet in openpyxl.load_workbook(files[".xlsx"]):
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            assert cell.data_type in ("s", "n"), cell.value
            assert cell.hyperlink is None
            if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@")):
                assert cell.quotePrefix, cell.value


def test_a_sentence_of_the_prose_is_quoted_with_its_figure(run: Run, tmp_path: Path) -> None:
    store(tmp_path / "data", report=REPORT, raws=["1", "2", "1", "", "—"])
    files = written(run)
    assert text_in(page_of(files[".html"]), "mark") == "7"
    assert f"“{'前' * 40}7{'后' * 25}…”" in words_of(files[".html"])
    assert "前前7后后" in text_of(files[".pdf"])[0]


def test_blank_cells_and_signs_beyond_twenty_are_shown(run: Run, tmp_path: Path) -> None:
    store(tmp_path / "data", report=REPORT, raws=["1", "2", "1", "", "—"], findings=60)
    files = written(run)
    said = words_of(files[".html"])
    assert "㊿" in said
    assert "另有 10 处" in said
    assert "其余 2 格为零或空白" in said
    assert len(text_of(files[".pdf"])) > 1
    assert openpyxl.load_workbook(files[".xlsx"])["问题清单"].max_row == 61
    assert [sign_of(number) for number in (1, 20, 21, 35, 36, 50, 51)] == [
        "①",
        "⑳",
        "㉑",
        "㉟",
        "㊱",
        "㊿",
        "[51]",
    ]


def test_a_cell_of_last_years_report_is_named_as_such(run: Run, tmp_path: Path) -> None:
    store(tmp_path / "data", report=REPORT, raws=["1", "2", "1", "", "0"])
    with open_database(tmp_path / "data" / "reports.duckdb") as connection:
        connection.execute(
            "INSERT INTO report BY NAME SELECT * REPLACE ('r0' AS report_id, 2021 AS year) FROM report"
        )
        connection.execute("INSERT INTO fact SELECT * REPLACE ('r0' AS report_id, '9' AS raw) FROM fact")
        connection.execute(
            "UPDATE finding SET cells = list_append(cells, {'report_id': 'r0', 'table': 'cases',"
            " 'metric': 'review_other', 'applicant': ''})"
        )
    said = words_of(written(run)[".html"])
    assert "另一报告（青禾县人民政府 2021 年） 行政复议 / 其他结果“9”" in said


def grid_is_whole(table: PrintedTable) -> bool:
    """Whether the cells cover every place of the table once."""
    covered: list[tuple[int, int]] = []
    for number, row in enumerate(table.rows):
        for cell in row:
            covered += [
                (number + down, cell.column + right)
                for down in range(cell.rows)
                for right in range(cell.columns)
            ]
    places = {(row, column) for row in range(len(table.rows)) for column in range(len(table.widths))}
    return sorted(covered) == sorted(places)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_tables_of_every_kind_are_shown_whole(case: Path) -> None:
    (document,) = case.glob("document.*")
    try:
        report = read_report(read_document(document.read_bytes(), document.name), document.name)
    except ScraperError:
        return
    for number in {fact.table_no for fact in report.facts}:
        figures = {
            (fact.row, fact.column): Figure(fact.row, fact.column, fact.raw)
            for fact in report.facts
            if fact.table_no == number
        }
        labels = [Label(*label[1:]) for label in report.labels if label.table_no == number]
        table = printed_table(labels, list(figures.values()))
        assert grid_is_whole(table)
        shown = [cell.text for row in table.rows for cell in row if cell.kind == "figure"]
        assert sorted(shown) == sorted(figure.raw for figure in figures.values())
        assert all(width > 0 for width in table.widths)


def test_a_table_whose_places_are_lost_is_laid_out_as_the_form_has_it() -> None:
    named = [
        (row, column, Figure(n, 0, str(n)))
        for n, (row, column) in enumerate(
            [("新收", "自然人"), ("新收", "总计"), ("结转", "自然人"), ("结转", "总计")]
        )
    ]
    table = table_by_form(named)
    assert grid_is_whole(table)
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["", "自然人", "总计"],
        ["新收", "0", "1"],
        ["结转", "2", "3"],
    ]


# Wording


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_sentence_of_a_notice_says_the_same_in_both_languages() -> None:
    path = Path(sys.modules["analysis.present.wording"].__file__ or "").with_name("notice.toml")
    said = tomllib.loads(path.read_text(encoding="utf-8"))["said"]
    for code, wording in said.items():
        assert set(wording) == {"zh", "en"}, code
        if code != "captured_at":
            assert fields(wording["zh"]) == fields(wording["en"]), code


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_rule_has_a_source_that_an_office_can_be_told(language: Any) -> None:
    said = Wording(language)
    for rule in rules():
        for form in (*rule.forms, "narrative"):
            assert said.basis(rule.rule, form)
    assert "2021〕30号" in said.basis("requests.balance", "2021")
    assert "2019〕60号" in said.basis("requests.balance", "2019")
    assert "32号" in said.basis("statistics.received", "2014")
