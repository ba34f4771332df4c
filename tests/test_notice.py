"""Notices and workbooks for offices: what they say, of which reports, and that they come out the same."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import openpyxl
import pytest

from conftest import TONGXIN, Run
from notices import page_of, text_in, text_of, words_of, written


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
    copy.write_text(TONGXIN.read_text(encoding="utf-8").replace("2020年", "2018年"), encoding="utf-8")
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
