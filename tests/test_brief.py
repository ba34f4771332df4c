"""Briefs on the sample data: what they say, that all numbers are of the reports, that files are alike."""

from __future__ import annotations

import re
import string
import sys
import tomllib
from pathlib import Path

import pytest

from briefs import Page, numbers_in, page_of, written
from conftest import GOLDEN, Run
from nianbao.commands.demo import demo
from notices import text_of

SOURCE = Path(__file__).parents[1] / "src" / "analysis"
COUNTIES = {"640324": "同心县", "990101": "青禾县", "990102": "白榆区"}
HEADINGS = {
    "zh": ["要点", "主要数字", "历年走势", "申请如何办理", "行政复议与行政诉讼", "主动公开", "需要核对之处"],
    "en": [
        "What stands out", "Key figures", "Over the years", "How requests were decided",
        "Reviews and lawsuits", "Disclosed on its own initiative", "To verify",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that ``nianbao demo`` leaves."""
    folder = tmp_path_factory.mktemp("samples")
    assert demo(data=str(folder)) == 0
    return folder


def brief(run: Run, samples: Path, tmp_path: Path, county: str, *arguments: object) -> Page:
    file = tmp_path / "one.html"
    return page_of(written(run, county, "--data", samples, "--output", file, *arguments))


# What a brief says, worked out by hand of what the samples print.


def test_the_year_of_an_office_in_chinese(run: Run, samples: Path, tmp_path: Path) -> None:
    page = brief(run, samples, tmp_path, "白榆", "--lang", "zh")
    # 118 requests after 108; of 119 decided 63 granted and 13 in part: 63.87 %.
    assert page.opening == (
        "2022 年，白榆区人民政府办公室新收政府信息公开申请 118 件，比上年增加 10 件。"
        "办结的 119 件中，予以公开或部分公开的占 63.9%。"
    )
    assert page.said("要点") == [
        "报告自相矛盾或与上年报告矛盾：有 1 处数字不能同时成立，所涉数字标 *，详见“需要核对之处”。",
        "新收申请数为 118，是 2019 年以来可比的 4 年中最高的。",
    ]
    assert page.table("主要数字")[:4] == [
        ["新收申请", "108†", "118", "+10"],
        ["办结申请", "110", "119", "+9"],
        ["公开率（含部分公开）", "62.7%", "63.9%", "+1.1 个百分点"],
        ["不予公开率", "21.8%", "21.8%", "0.0 个百分点"],
    ]
    assert "报告列有行政复议 9 件和行政诉讼 6 件。其中 2 件结果被纠正。" in page.said("行政复议与行政诉讼")
    assert (
        "新收申请按申请人：自然人 86、商业企业 17、科研机构 2、社会公益组织 1、法律服务机构 8、其他组织 4。"
        in (page.said("申请如何办理"))
    )
    verify = page.said("需要核对之处")
    assert verify[0] == (
        "校核这份报告共有 7 处待处理或已核实的发现（错误 1、警告 1、提示 5）；"
        "只提示矛盾，不认定哪个数字有误。"
    )
    assert verify[1] == "必须成立 总计：本年报告上年结转 3 件，而上一年报告结转下年度为 2 件。"
    assert "另有 5 处未列出，可用 nianbao check --notices 查看。" in verify


def test_the_year_of_a_county_in_english(run: Run, samples: Path, tmp_path: Path) -> None:
    page = brief(run, samples, tmp_path, "qinghe", "--lang", "en")
    assert page.all("h1")[0].text() == "青禾县 (Qinghe): open government information in 2022"
    # 38 requests after 34; of 37 decided 24 granted and 2 in part: 70.27 %.
    assert page.opening == (
        "In 2022, 青禾县人民政府 received 38 requests for information, 4 more than the year before. "
        "Of the 37 requests decided, 70.3 % were granted in full or in part."
    )
    # Of 2 decided reviews and 1 case in court 1 was corrected.
    assert page.said("What stands out") == [
        "Of the 3 reviews and lawsuits decided, 33.3 % went against the authority.",
        "The number of requests received, 38, is the highest of the 4 comparable years since 2019.",
        "The share of requests granted in full or in part, 70.3 %, is the highest of the 4 comparable years"
        " since 2019.",
    ]
    assert page.said("To verify") == ["Checks of the report found no contradictions."]
    assert "There is a report for every year from 2019 to 2022." in page.said("Gaps and comparability")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_contradicts_itself_has_no_shares_and_says_so(
    run: Run, samples: Path, tmp_path: Path, language: str
) -> None:
    page = brief(run, samples, tmp_path, "同心", "--year", 2020, "--lang", language)
    # Received 6, granted 6, and a total of requests decided that is printed as 0.
    if language == "zh":
        assert page.opening == (
            "2020 年，同心县人民政府办公室新收政府信息公开申请 6* 件，比上年增加 1* 件。"
            "予以公开或部分公开的比例无法计算：分母为零。"
        )
        assert "各项结果相加为 6 件，报告写明的总计却为 0* 件，故不计算占比。" in page.said("申请如何办理")
    else:
        assert page.opening == (
            "In 2020, 同心县人民政府办公室 received 6* requests for information, 1* more than the year"
            " before. What share was granted in full or in part can't be worked out: it would be divided by"
            " zero."
        )
        decided = page.said("How requests were decided")
        assert (
            "The outcomes add up to 6, but the report states 0* as their total; so no shares are worked out."
            in (decided)
        )
    assert not page.all(".bar")
    heading = HEADINGS[language][3]
    assert {row[2] for row in page.table(heading)} == {"–", ""}
    # Both findings of each rule are mended by one correction, which is named once.
    (proposed,) = (one for one in page.said(HEADINGS[language][6]) if "'0'" in one or "“0”" in one)
    assert "6" in proposed


# Every number is one of the reports.


@pytest.mark.parametrize("code", COUNTIES)
def test_figures_of_tables_are_those_of_the_reports(
    run: Run, samples: Path, tmp_path: Path, code: str
) -> None:
    page = brief(run, samples, tmp_path, code, "--lang", "en")
    query = (
        "SELECT metric, value FROM fact JOIN report USING (report_id)"
        f" WHERE county_code = '{code}' AND year = 2022 AND applicant IN ('total', '')"
    )
    facts = {
        one["metric"]: one["value"]
        for one in run("sql", query, "--data", samples, "--format", "json").records
    }
    rows = {row[0]: row[1:] for row in page.table("How requests were decided")}
    groups = {
        "Granted in full": ["granted"],
        "Granted in part": ["granted_in_part"],
        "Refused": [metric for metric in facts if metric.startswith("denied_")],
        "Unavailable": [metric for metric in facts if metric.startswith("unavailable_")],
        "Not processed": [metric for metric in facts if metric.startswith("rejected_")],
        "Otherwise handled": [metric for metric in facts if metric.startswith("other_")],
    }
    for name, metrics in groups.items():
        count = sum(facts[metric] for metric in metrics)
        assert rows[name][0].rstrip("*") == f"{count:.0f}", name
        assert rows[name][1] == f"{100 * count / facts['processed_total']:.1f} %", name
    for row in page.table("Reviews and lawsuits"):
        prefix = {
            "Administrative review": "review",
            "Lawsuits without prior review": "litigation_direct",
            "Lawsuits after review": "litigation_after_review",
        }[row[0]]
        columns = ("upheld", "corrected", "other", "pending", "total")
        assert [float(text) for text in row[1:]] == [facts[f"{prefix}_{column}"] for column in columns]
    disclosed = {float(row[1].replace(",", "")) for row in page.table("Disclosed on its own initiative")}
    query = query.replace("metric, value", "value") + " AND \"table\" = 'proactive' AND value <> 0"
    stated = run("sql", query, "--data", samples, "--format", "json").records
    assert disclosed == {one["value"] for one in stated}


@pytest.mark.parametrize("code", COUNTIES)
def test_figures_of_years_are_those_that_trend_prints(
    run: Run, samples: Path, tmp_path: Path, code: str
) -> None:
    page = brief(run, samples, tmp_path, code, "--lang", "en")
    metrics = (
        "requests_received", "processed_total", "disclosure_rate", "refusal_rate", "review_total",
        "litigation_total",
    )  # fmt: skip
    found = run("trend", code, *metrics, "--data", samples, "--format", "json").records
    (_, rows) = (table.css("tbody tr") for table in page.all("table")[:2])
    assert len(rows) == len(found) == 4
    for row, record in zip(rows, reversed(found), strict=True):
        cells = [cell.text() for cell in row.css("td")]
        assert int(cells[0]) == record["year"]
        for text, metric in zip(cells[1:7], metrics, strict=True):
            if record[metric] is None:
                assert text == "÷ 0"
            else:
                assert ("*" in text) == (metric in record["doubtful"])
                shown = float(text.rstrip("*†~ %"))
                assert shown == pytest.approx(record[metric], abs=0.0501 if "rate" in metric else 0)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", COUNTIES)
@pytest.mark.parametrize("year", [2019, 2020, 2021, 2022])
def test_numbers_in_sentences_stand_in_tables_or_in_the_data(
    run: Run, samples: Path, tmp_path: Path, code: str, year: int, language: str
) -> None:
    page = brief(run, samples, tmp_path, code, "--year", year, "--lang", language)
    leads, key, _, decided, cases, _, verify = HEADINGS[language]
    known = {number for cell in page.all("td") for number in numbers_in(cell.text())}
    known |= {str(one) for one in range(2019, 2023)}
    # Sums of columns, differences to the year before, and how many of something there are.
    table = page.table(cases)
    known |= {str(sum(int(row[column].rstrip("*")) for row in table)) for column in (1, 2)}
    known |= {str(sum(int(row[-1].rstrip("*")) for row in table[1:]))}
    found = run(
        "check",
        "--county",
        code,
        "--year",
        year,
        "--severity",
        "error",
        "--data",
        samples,
        "--format",
        "json",
    )
    known |= {str(len(found.records))}
    query = (
        "SELECT severity FROM finding JOIN report USING (report_id)"
        f" WHERE county_code = '{code}' AND year = {year}"
    )
    severities = [one["severity"] for one in run("sql", query, "--data", samples, "--format", "json").records]
    known |= {str(severities.count(one)) for one in set(severities)} | {str(len(severities)), "0"}
    # Years that a series has, and that there are no peers but one.
    known |= {"1", "4"}
    sums = [row for row in page.table(decided) if row[0] not in ("总计（报告所写）", "Total, as stated")]
    known.add(str(sum(int(row[1].rstrip("*")) for row in sums if row[0] in _groups(page, decided))))
    for sentence in [
        page.opening,
        *page.said(leads),
        *page.said(key),
        *page.said(cases),
        page.said(verify)[0],
    ]:
        assert set(numbers_in(sentence)) <= known, sentence


def _groups(page: Page, heading: str) -> set[str]:
    return {row.css("td")[0].text() for row in page.section(heading).css("tr.strong")}


# Sources.


def test_each_source_is_named_with_address_capture_and_digest(
    run: Run, samples: Path, tmp_path: Path
) -> None:
    page = brief(run, samples, tmp_path, "青禾", "--lang", "en")
    query = (
        "SELECT report_id, url, sha256, captured_at FROM report"
        " WHERE county_code = '990101' ORDER BY year DESC"
    )
    reports = run("sql", query, "--data", samples, "--format", "json").records
    listed = [" ".join(one.text().split()) for one in page.section("Sources").css("li")]
    assert len(listed) == len(reports) == 4
    for number, (said, report) in enumerate(zip(listed, reports, strict=True), start=1):
        assert said.startswith(f"[{number}]")
        moment = report["captured_at"].replace("T", " ")[:19]
        assert f"archived {moment} UTC" in said
        for part in ("report_id", "url", "sha256"):
            assert report[part] in said
    heads = [head.text() for head in page.section("Key figures").css("th")]
    assert heads[1:3] == ["2021 [2]", "2022 [1]"]


def test_figures_lead_back_to_their_cells(run: Run, samples: Path, tmp_path: Path) -> None:
    page = brief(run, samples, tmp_path, "同心", "--year", 2020, "--lang", "en")
    (report,) = re.findall(r"report (\w+)", page.section("Sources").css("li")[0].text())
    # The column of the year's figures in each table.
    columns = {"Key figures": 2, "How requests were decided": 1, "Disclosed on its own initiative": 1}
    for heading, column in columns.items():
        cells = [row.css("td") for row in page.section(heading).css("tbody tr")]
        named = {
            row[0].attributes["title"]: row[column].text() for row in cells if row[0].attributes.get("title")
        }
        assert len(named) >= 3
        for metric, shown in named.items():
            figure = run("source", report, metric, "--data", samples, "--format", "json").records["figure"]
            if figure["value"] is None:
                assert shown == "÷ 0"
            else:
                assert float(numbers_in(shown)[0]) == pytest.approx(figure["value"], abs=0.0501)


def test_sample_data_are_marked_as_invented(run: Run, samples: Path, tmp_path: Path) -> None:
    files = written(run, "白榆", "--data", samples, "--output", tmp_path, "--lang", "en")
    assert page_of(files).all(".banner")[0].text().startswith("SAMPLE DATA")
    assert "SAMPLEDATA:thefiguresbelowareinvented" in text_of(files[".pdf"])[0]


# Files.


@pytest.mark.parametrize(("language", "said"), [
    ("zh", ["白榆区政府信息公开年报简报（2022年）", "予以公开或部分公开的占63.9%", "行政复议与行政诉讼"]),
    ("en", ["白榆区(Baiyu):opengovernmentinformationin2022", "63.9%weregrantedinfullorinpart", "Keyfigures"]),
])  # fmt: skip
def test_the_pdf_has_two_to_four_pages_with_readable_text(
    run: Run, samples: Path, tmp_path: Path, language: str, said: list[str]
) -> None:
    for county in COUNTIES.values():
        pages = text_of(
            written(run, county, "--data", samples, "--output", tmp_path, "--lang", language)[".pdf"]
        )
        assert 2 <= len(pages) <= 4
        assert all(len(page) > 100 for page in pages)
    pages = text_of(tmp_path / "990102-2022.pdf")
    for sentence in said:
        assert sentence in "".join(pages), sentence


def test_the_same_database_gives_the_same_bytes(run: Run, samples: Path, tmp_path: Path) -> None:
    for language in ("zh", "en"):
        one, other = (
            written(run, "白榆", "--data", samples, "--output", tmp_path / name, "--lang", language)
            for name in ("one", "other")
        )
        for suffix in (".html", ".pdf"):
            assert one[suffix].read_bytes() == other[suffix].read_bytes()
            assert one[suffix].name == other[suffix].name == f"990102-2022{suffix}"


def test_pictures_show_what_the_table_says(run: Run, samples: Path, tmp_path: Path) -> None:
    page = brief(run, samples, tmp_path, "白榆", "--lang", "en")
    panels = page.all(".panels > div")
    assert [panel.css("h3")[0].text() for panel in panels] == [
        "Requests received", "Granted in full or in part (%)", "Refused (%)", "Reviews per 100 decisions",
    ]  # fmt: skip
    drawn = [one.attributes["aria-label"] for one in panels[0].css("path") if "白榆区, 20" in one.html]  # type: ignore[operator]
    assert drawn == ["白榆区, 2019: 83", "白榆区, 2020: 95", "白榆区, 2021: 108†", "白榆区, 2022: 118"]
    # Nothing is loaded, nothing runs, and no name stands twice.
    assert not re.search(r"<script|@import|https?://(?!www\.w3\.org|www\.baiyu)", page.source)
    names = [name for name in re.findall(r'id="([^"]+)"', page.source) if not name.startswith("glyph-")]
    assert len(names) == len(set(names))
    widths = [float(one.attributes["width"] or 0) for one in page.all(".bar rect")]
    # 63, 13, 26, 11, 4 and 2 of 119, to a thousand.
    assert widths == pytest.approx([1000 * count / 119 for count in (63, 13, 26, 11, 4, 2)], abs=0.01)


def test_one_file_or_a_folder(run: Run, samples: Path, tmp_path: Path) -> None:
    for name in ("brief.html", "brief.pdf"):
        files = written(run, "白榆", "--data", samples, "--output", tmp_path / name)
        assert files == {Path(name).suffix: tmp_path / name}
    refused = run("brief", "白榆", "--data", samples, "--output", tmp_path / "brief.docx")
    assert refused.code == 2
    assert ".html .pdf" in refused.err
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert run("brief", "白榆", "--data", samples, "--output", tmp_path / "file").code == 1
    assert run("brief", "白榆", "--data", samples, "--output", tmp_path / "none" / "brief.pdf").code == 1


def test_without_the_extras_what_can_be_made_is_made(
    run: Run, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    found = run("brief", "白榆", "--data", samples, "--output", tmp_path)
    assert found.code == 0
    assert "nianbao[plot]" in found.err
    page = Page((tmp_path / "990102-2022.html").read_text(encoding="utf-8"))
    assert not page.all(".panels")
    assert len(page.all("table")) == 5
    monkeypatch.setitem(sys.modules, "typst", None)
    found = run("brief", "白榆", "--data", samples, "--output", tmp_path / "html", "--format", "json")
    assert found.code == 0
    assert "nianbao[pdf]" in found.err
    assert [Path(file).suffix for file in found.records[0]["files"]] == [".html"]
    refused = run("brief", "白榆", "--data", samples, "--output", tmp_path / "brief.pdf")
    assert refused.code == 1
    assert "nianbao[pdf]" in refused.err


# Counties with little.


@pytest.mark.usefixtures("workspace")
def test_a_county_with_one_report(run: Run) -> None:
    files = written(run, "同心", "--lang", "en")
    page = page_of(files)
    assert "there is no comparison with the year before: there is no earlier report." in page.opening
    assert not page.has("Over the years")
    assert "The database has a report for 2020 only; there is no other year to compare with." in (
        page.said("Gaps and comparability")
    )
    assert page.table("Key figures")[0] == ["Requests received", "no year before", "6*", "–"]
    assert "A brief from 1 published annual report" in page.all(".subtitle")[0].text()
    assert not page.all(".banner")
    assert len(text_of(files[".pdf"])) == 2
    assert files[".html"].parent == Path("data/briefs")


@pytest.mark.usefixtures("workspace")
def test_a_county_or_a_year_without_a_report_is_an_error_that_says_what_there_is(run: Run) -> None:
    nothing = run("brief", "红寺堡")
    assert nothing.code == 1
    assert "红寺堡区" in nothing.err
    assert "no report" in nothing.err
    another = run("brief", "同心", "--year", 2021)
    assert another.code == 1
    assert "2021" in another.err
    assert "2020" in another.err
    assert run("brief", "无此县").code == 2


def test_a_county_with_a_report_in_prose_only(run: Run, tmp_path: Path) -> None:
    text = (GOLDEN / "narrative-2010" / "document.html").read_text(encoding="utf-8")
    (tmp_path / "prose.html").write_text(text.replace("青禾县", "同心县"), encoding="utf-8")
    assert run("import", tmp_path / "prose.html").code == 0
    assert run("parse").code == 0
    (report,) = run("sql", "SELECT county_code, year FROM report", "--format", "json").records
    files = written(run, report["county_code"], "--lang", "en")
    page = page_of(files)
    assert page.opening == (
        f"The report for {report['year']} is prose without statutory tables, so it has no figures to set"
        " beside those of other years and places."
    )
    claims = run("sql", "SELECT value, sentence FROM claim", "--format", "json").records
    rows = page.table("What its prose states")
    assert claims
    assert {row[0].strip("“”") for row in rows} <= {claim["sentence"] for claim in claims}
    stated = {float(number.replace(",", "")) for row in rows for number in numbers_in(row[1])}
    assert stated <= {claim["value"] for claim in claims}
    assert not page.has("Key figures")
    assert 2 <= len(text_of(files[".pdf"])) <= 4
    assert run("brief", report["county_code"], "--output", tmp_path / "zh.pdf", "--lang", "zh").code == 0


# The words themselves.


def test_every_entry_says_the_same_in_both_languages() -> None:
    catalogue = tomllib.loads((SOURCE / "present" / "brief.toml").read_text(encoding="utf-8"))
    for kind, entries in catalogue.items():
        for code, entry in entries.items():
            assert {"zh", "en"} <= set(entry), code
            fields = {
                language: {name for _, name, _, _ in string.Formatter().parse(entry[language]) if name}
                for language in ("zh", "en")
            }
            # A sentence may begin with a noun, or have it further in.
            assert {name.lower() for name in fields["zh"]} == {name.lower() for name in fields["en"]}, code
            assert kind != "reason" or {"short_zh", "short_en"} <= set(entry), code
