"""Notices and workbooks for offices: what they say, that they look the same everywhere, and are harmless."""

from __future__ import annotations

import string
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pypdfium2
import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from analysis.checks import rules
from analysis.present.notice import sign_of
from analysis.present.printed import Figure, Label, PrintedTable, printed_table, table_by_form
from analysis.present.wording import Wording
from conftest import GOLDEN, TONGXIN, Run
from scraper.documents import read_document
from scraper.forms import read_report
from scraper.messages import ScraperError
from scraper.store import open_database

CASES = sorted(path.parent for path in GOLDEN.glob("*/document.*"))


def text_of(pdf: Path) -> list[str]:
    """The text of each page, without blanks."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = []
        for page in document:
            words = page.get_textpage()
            pages.append("".join(words.get_text_bounded().split()))
            words.close()
            page.close()
        return pages


def page_of(html: Path) -> LexborHTMLParser:
    return LexborHTMLParser(html.read_text(encoding="utf-8"))


def text_in(node: LexborHTMLParser | LexborNode, selector: str) -> str:
    found = node.css_first(selector)
    assert found is not None
    return found.text()


def words_of(html: Path) -> str:
    body = page_of(html).body
    assert body is not None
    return body.text()


def written(run: Run, *arguments: object) -> dict[str, Path]:
    """The files of the only notice, by suffix."""
    found = run("check", "notice", *arguments, "--format", "json")
    assert found.code == 0, found.err
    (one,) = found.records
    return {Path(file).suffix: Path(file) for file in one["files"]}


def finding_of(run: Run, rule: str, applicant: str) -> str:
    found = run("check", "--rule", rule, "--format", "json").records
    return next(str(one["finding_id"]) for one in found if one["applicant"] == applicant)


# What a notice says


@pytest.mark.usefixtures("workspace")
def test_a_report_gets_a_notice_in_html_and_pdf_and_a_workbook(run: Run, tmp_path: Path) -> None:
    files = written(run, "--output", tmp_path / "out")
    assert set(files) == {".html", ".pdf", ".xlsx"}
    said = words_of(files[".html"])
    sha256 = run("sql", "SELECT sha256 FROM report", "--format", "json").records[0]["sha256"]
    for expected in (
        "同心县人民政府办公室", TONGXIN.as_uri(), sha256, "北京时间",
        "总计：新收与上年结转合计 6 件，办理总计与结转下年度合计却为 0 件。", "相差 6。",
        "每列：新收 + 上年结转 = 办理总计 + 结转下年度。", "国办公开办函〔2019〕60号",
        "（七）总计 × 自然人“0”（网页第 2 表第 25 行第 4 列）", "一、本年新收政府信息公开申请数量",
        "三、答复", "□ 有误，应为",
    ):  # fmt: skip
        assert expected in said, expected
    (page,) = text_of(files[".pdf"])
    for expected in ("政府信息公开工作年度报告数据核对单", sha256, "①", "④", "（七）总计", "第1页，共1页"):
        assert expected in page, expected


@pytest.mark.usefixtures("workspace")
def test_cells_are_marked_by_more_than_colour(run: Run) -> None:
    page = page_of(written(run)[".html"])
    marked = {cell.text(): text_in(cell, "sup") for cell in page.css("td.told")}
    assert marked == {"6②": "②", "6①": "①", "6④": "④", "6③": "③", "0②④": "②④", "0①③": "①③"}
    taking = page.css("td.taking")
    assert len(taking) == 2 * 20
    assert {cell.text() for cell in taking} == {"0·"}
    style = text_in(page, "style")
    assert "td.told { border" in style
    assert "font-weight: bold" in style


@pytest.mark.usefixtures("workspace")
def test_the_notice_is_chinese_unless_english_is_asked_for(run: Run) -> None:
    assert "zh-CN" in written(run)[".html"].read_text(encoding="utf-8")[:50]
    files = written(run, "--lang", "en")
    said = words_of(files[".html"])
    assert "must hold" in said
    assert "Total: 6 requests came in" in said
    # The table is as it was printed.
    assert "（七）总计" in said
    assert "Thisnoticeshowscontradictions" in text_of(files[".pdf"])[0]


@pytest.mark.usefixtures("workspace")
def test_whom_to_answer_is_printed(run: Run) -> None:
    files = written(run, "--contact", "吴忠市政务公开办 0953-0000000")
    assert "反馈至：吴忠市政务公开办 0953-0000000。" in words_of(files[".html"])
    assert "0953-0000000" in text_of(files[".pdf"])[0]


@pytest.mark.usefixtures("workspace")
def test_dismissed_findings_are_left_out_and_confirmed_ones_say_so(run: Run) -> None:
    run(
        "check",
        "review",
        finding_of(run, "requests.balance", "total"),
        "--confirm",
        "--name",
        "李四",
        "--note",
        "内部说明",
    )
    run("check", "review", finding_of(run, "requests.processed_sum", "total"), "--dismiss", "--name", "李四")
    files = written(run)
    said = words_of(files[".html"])
    assert said.count("已经人工核实") == 1
    assert "总计：办理结果总计" not in said
    # Who decided and why is the reviewer's own.
    assert "内部说明" not in said
    assert "李四" not in said
    sheet = openpyxl.load_workbook(files[".xlsx"])["问题清单"]
    assert sheet.max_row == 4
    for finding in run("check", "--status", "open", "--format", "json").records:
        run("check", "review", finding["finding_id"], "--dismiss", "--name", "李四")
    assert words_of(written(run)[".html"]).count("相差 6。") == 1
    run("check", "review", finding_of(run, "requests.balance", "total"), "--dismiss", "--name", "李四")
    nothing = run("check", "notice", "--format", "json")
    assert (nothing.code, nothing.records) == (0, [])


def test_what_was_decided_upon_other_figures_is_told(run: Run, workspace: Path) -> None:
    finding = finding_of(run, "requests.balance", "total")
    run("check", "review", finding, "--dismiss", "--name", "李四")
    reviews = workspace / "reviews.jsonl"
    reviews.write_text(
        reviews.read_text(encoding="utf-8").replace('"actual": 0.0', '"actual": 3.0'), encoding="utf-8"
    )
    assert run("parse").code == 0
    assert "当时所写为 3、应为 6，现已变动" in words_of(written(run)[".html"])


def test_what_would_mend_it_is_named_as_a_proposal(run: Run, workspace: Path) -> None:
    with duckdb.connect(str(workspace / "reports.duckdb")) as connection:
        connection.execute("DELETE FROM suggestion")
        connection.execute(
            """
            INSERT INTO suggestion BY NAME
            SELECT report_id, 1 AS part, "number" AS explanation_no, 'requests' AS "table", metric, applicant,
                   0 AS "from", 6 AS "to", NULL AS slip, "number" = 2 AS open, true AS complete
            FROM report, (VALUES (1, 'processed_total', 'natural_person'), (1, 'processed_total', 'total'),
                                 (2, 'carried_forward', 'total')) AS change("number", metric, applicant)
            """
        )
        connection.execute(
            """
            UPDATE finding SET suggestion = (
                SELECT list({'metric': metric, 'applicant': applicant, 'from': "from", 'to': "to",
                             'explanation': explanation_no})
                FROM suggestion)
            """
        )
    files = written(run)
    for said in (words_of(files[".html"]), text_of(files[".pdf"])[0]):
        bare = "".join(said.split())
        assert "供参考的更正（程序推测，并非事实）：" in bare
        assert "（七）总计×自然人由“0”改为“6”，同时三、本年度办理结果/（七）总计×总计由“0”改为“6”；或" in bare
        assert "由“0”改为“6”或其他数值" in bare
    # The table still says what was printed.
    assert {cell.text()[0] for cell in page_of(files[".html"]).css("td.told")} == {"0", "6"}
    sheet = openpyxl.load_workbook(files[".xlsx"])["问题清单"]
    assert "由“0”改为“6”" in str([cell.value for cell in sheet[2]])


@pytest.mark.usefixtures("workspace")
def test_the_workbook_has_the_table_as_printed_with_comments(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "findings.xlsx"
    assert run("check", "notice", "--output", path).code == 0
    book = openpyxl.load_workbook(path)
    assert len(book.sheetnames) == 2
    listed = book["问题清单"]
    heads = [cell.value for cell in listed[1]]
    first = dict(zip(heads, [cell.value for cell in listed[2]], strict=True))
    assert first["序号"] == "①"
    assert first["应当成立"] == "每列：新收 + 上年结转 = 办理总计 + 结转下年度"
    assert (first["所写"], first["应为"], first["相差"]) == (0, 6, 6)
    assert first["网页地址"] == TONGXIN.as_uri()
    sheet = book[book.sheetnames[1]]
    cells = {cell.coordinate: cell for row in sheet.iter_rows() for cell in row}
    commented = [cell for cell in cells.values() if cell.comment]
    assert len(commented) == 6
    assert all(cell.font.bold and cell.fill.fgColor.rgb != "00000000" for cell in commented)
    assert all(cell.border.left.style == "thick" for cell in commented)
    told = "\n".join(cell.comment.text for cell in commented if cell.comment)
    assert "每列：新收 + 上年结转 = 办理总计 + 结转下年度" in told
    assert "办理结果总计写为 0 件，各项结果相加却为 6 件" in told
    assert {cell.value for cell in commented} == {0, 6}
    assert "一、本年新收政府信息公开申请数量" in [cell.value for cell in cells.values()]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert "A9:A28" in merged


@pytest.mark.usefixtures("workspace")
def test_the_same_findings_give_the_same_bytes(run: Run, tmp_path: Path) -> None:
    one, other = (written(run, "--output", tmp_path / name) for name in ("one", "other"))
    for suffix in (".html", ".pdf", ".xlsx"):
        assert one[suffix].read_bytes() == other[suffix].read_bytes(), suffix
        assert one[suffix].name == other[suffix].name


@pytest.mark.usefixtures("workspace")
def test_one_file_is_written_where_one_is_named(run: Run, tmp_path: Path) -> None:
    for name in ("notice.html", "notice.pdf", "list.xlsx"):
        assert written(run, "--output", tmp_path / name) == {Path(name).suffix: tmp_path / name}
        assert (tmp_path / name).stat().st_size > 1000
    assert not list(tmp_path.glob(".*unfinished*"))
    assert run("check", "notice", "--output", tmp_path / "none" / "notice.pdf").code == 1
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert run("check", "notice", "--output", tmp_path / "file").code == 1


@pytest.mark.usefixtures("workspace")
def test_reports_are_chosen(run: Run) -> None:
    (report,) = run("sql", "SELECT report_id FROM report", "--format", "json").records
    chosen = report["report_id"][:8]
    for wanted in (("--report", chosen), ("--year", 2020), ("--county", "同心"), ("--severity", "error")):
        assert written(run, *wanted)
    assert words_of(written(run, "--rule", "requests.balance")[".html"]).count("相差 6。") == 2
    nothing = run("check", "notice", "--year", 2021, "--format", "json")
    assert (nothing.code, nothing.records) == (0, [])
    unknown = run("check", "notice", "--report", "zzz")
    assert unknown.code == 2
    assert "zzz" in unknown.err


def test_a_single_file_holds_no_two_notices(run: Run, workspace: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.html"
    copy.write_bytes(TONGXIN.read_bytes())
    assert run("import", copy).code == 0
    assert run("parse").code == 0
    found = run("check", "notice", "--output", tmp_path / "both.pdf")
    assert found.code == 2
    assert "2" in found.err
    assert run("check", "notice", "--output", tmp_path / "both.xlsx").code == 0
    names = openpyxl.load_workbook(tmp_path / "both.xlsx").sheetnames
    assert len(names) == len({name.casefold() for name in names}) == 3
    assert workspace.is_dir()


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize("module", ["typst", "pylopdf_fonts_zh_cn"])
def test_without_the_extra_the_rest_is_written(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    found = run("check", "notice", "--format", "json")
    assert found.code == 0
    assert "nianbao[pdf]" in found.err
    assert [Path(file).suffix for file in found.records[0]["files"]] == [".html", ".xlsx"]
    refused = run("check", "notice", "--output", tmp_path / "notice.pdf")
    assert refused.code == 1
    assert "nianbao[pdf]" in refused.err


# Reports of any shape

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
