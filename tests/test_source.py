"""``nianbao source``: every figure leads back to the archived page and its cell."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from analysis.database import open_for_reading
from analysis.provenance import source_of
from analysis.series import Choice, Question, compare
from analysis.series.measures import measures
from conftest import GOLDEN, Run
from history import History, day, report
from nianbao.commands.demo import demo
from scraper.archive import Archive, Payload
from scraper.documents import read_document
from scraper.documents.html import CELLS, numbered_cells, parse_html
from scraper.documents.reader import web_page
from scraper.forms import read_report
from scraper.showing import ANCHOR, Spot, show_page

PAGES = sorted(path for path in GOLDEN.glob("*/document.*") if path.suffix in (".html", ".htm"))
SEED = GOLDEN / "tongxin-2020-text" / "document.txt"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that ``nianbao demo`` leaves."""
    folder = tmp_path_factory.mktemp("samples")
    assert demo(data=str(folder)) == 0
    return folder


def source(run: Run, samples: Path, *arguments: object) -> Any:
    return run("source", *arguments, "--data", samples, "--format", "json").records


def test_a_figure_leads_to_its_cell_and_its_record(run: Run, samples: Path) -> None:
    found = source(run, samples, "白榆区:2022", "requests_carried_in")
    assert found["url"] == "http://www.baiyu.gov.cn.test/zwgk/show.aspx?id=10231"
    with Archive(samples / "archive") as archive:
        capture = archive.latest(found["url"])
        assert capture is not None
        assert (capture.sha256, capture.warc_file, capture.offset) == (
            found["sha256"], found["warc_file"], found["warc_offset"],
        )  # fmt: skip
        assert found["captured_at"] == capture.captured_at.replace(tzinfo=None).isoformat()
    (cell,) = found["cells"]
    # It is the fifth row of the page's fourth table, and its tenth column with spans counted out.
    assert (cell["page_table"], cell["page_row"], cell["page_column"]) == (4, 5, 10)
    assert (cell["table_no"], cell["row"], cell["col"]) == (3, 4, 9)
    assert (cell["value"], cell["raw"], cell["unit"]) == (3, "３", "requests")
    assert ["".join(label.split()) for label in cell["row_labels"]] == ["二、上年结转政府信息公开申请数量"]
    assert cell["column_labels"] == ["申请人情况", "合计"]
    rules = {(finding["rule"], finding["status"]) for finding in cell["findings"]}
    assert ("years.carry", "open") in rules


def test_a_cell_of_another_report_in_a_finding_is_told(run: Run, samples: Path) -> None:
    # 2022 carries in 3, 2021 carried forward 2: the finding stands with the later report.
    (cell,) = source(run, samples, "白榆区:2021", "carried_forward")["cells"]
    assert "years.carry" in {finding["rule"] for finding in cell["findings"]}


@pytest.mark.parametrize("named", ["{}", "{:.8}", "同心:2020", "Tongxin:2020", "640324：2020"])
@pytest.mark.parametrize(("metric", "applicant"), [
    ("granted", "natural_person"),
    ("（一）予以公开", "自然人"),
    ("予以公开", "自然人"),
    ("Granted in full", "Natural persons"),
])  # fmt: skip
def test_reports_metrics_and_applicants_go_by_ids_and_labels(
    run: Run, samples: Path, named: str, metric: str, applicant: str
) -> None:
    query = "SELECT report_id FROM report WHERE county_code = '640324' AND year = 2020"
    (report_id,) = (line["report_id"] for line in run("sql", query, "--data", samples).records)
    found = source(run, samples, named.format(report_id), metric, applicant)
    assert (found["report_id"], found["figure"]["metric"]) == (report_id, "granted")
    assert [(cell["applicant"], cell["value"]) for cell in found["cells"]] == [("natural_person", 6)]


def test_an_address_names_its_report(run: Run, samples: Path) -> None:
    url = "http://www.baiyu.gov.cn.test/zwgk/show.aspx?id=10231"
    assert source(run, samples, url, "granted")["url"] == url


def test_a_measure_lists_all_that_goes_into_it(run: Run, samples: Path) -> None:
    found = source(run, samples, "青禾县:2022", "correction_rate")
    cells = {cell["metric"]: cell["value"] for cell in found["cells"]}
    # 1 of 2 reviews was corrected; the one case in court was upheld.
    assert {metric: value for metric, value in cells.items() if value} == {
        "review_corrected": 1, "review_upheld": 1, "litigation_after_review_upheld": 1,
    }  # fmt: skip
    assert found["figure"]["value"] == pytest.approx(100 / 3)
    assert found["figure"]["of"] == 3
    assert all(cell["table_no"] is not None for cell in found["cells"])


def test_every_measure_of_every_report_is_the_one_that_comparisons_show(samples: Path) -> None:
    with open_for_reading(samples / "reports.duckdb") as connection:
        for measure in measures():
            question = Question((measure,), Choice(years=(2019, 2020, 2021, 2022)))
            for record in compare(connection, question).records:
                found = source_of(connection, record["report_id"], measure)
                assert found.figure["value"] == pytest.approx(record[measure])
                assert found.figure["of"] == pytest.approx(record[f"{measure}_of"])
                told = [f"{measure}:{found.figure['missing']}"] if found.figure["missing"] else []
                assert told == list(record["missing"])


def test_people_see_where_the_cell_is(run: Run, samples: Path) -> None:
    out = run("source", "同心县:2020", "disclosure_rate", "--data", samples, "--format", "table").out
    assert "(granted + granted_in_part) / processed_total" in out
    assert "table 2 of the page, row 25, column 10 (stored: 1, 24, 9)" in out
    assert "三、本年度办理结果 › （七）总计" in out
    assert "(÷ 0)" in out


def test_lines_for_spreadsheets_carry_the_report_with_each_cell(
    run: Run, samples: Path, tmp_path: Path
) -> None:
    file = tmp_path / "cells.csv"
    run("source", "同心县:2020", "disclosure_rate", "--data", samples, "--output", file)
    head, *lines = file.read_text(encoding="utf-8-sig").splitlines()
    assert {"metric", "raw", "page_row", "sha256", "warc_offset", "report_id"} <= set(head.split(","))
    assert len(lines) == 3


@pytest.mark.parametrize(("arguments", "code", "said"), [
    (("ffffffffffff", "granted"), 2, "no report “ffffffffffff”"),
    (("", "granted"), 2, "no report"),
    (("同心县:2012", "granted"), 2, "no report “同心县:2012”"),
    (("无名县:2020", "granted"), 2, "no county"),
    (("同心县:2020", "grantd"), 2, "granted"),
    (("同心县:2020", "granted", "martians"), 2, "natural_person"),
    (("同心县:2020", "fee_amount"), 1, "not in form"),
    (("同心县:2020", "review_total", "natural_person"), 1, "no applicants"),
    (("同心县:2020", "granted", "--at", "yesterday"), 2, "2024-03-31"),
    (("同心县:2020", "granted", "--at", "2001-01-01"), 2, "not captured yet"),
])  # fmt: skip
def test_what_is_not_there_is_said(
    run: Run, samples: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    found = run("source", *arguments, "--data", samples)
    assert (found.code, found.out) == (code, "")
    assert said in found.err


def test_several_reports_ask_back(run: Run, samples: Path) -> None:
    ids = [
        line["report_id"] for line in run("sql", "SELECT report_id FROM report", "--data", samples).records
    ]
    first = next(one[0] for one in ids if sum(other[0] == one[0] for other in ids) > 1)
    found = run("source", first, "granted", "--data", samples)
    assert found.code == 2
    assert all(one in found.err for one in ids if one.startswith(first))


def page(run: Run, samples: Path, file: Path, *arguments: object) -> LexborHTMLParser:
    found = run("source", *arguments, "--data", samples, "--output", file)
    assert (found.code, found.out) == (0, "")
    return LexborHTMLParser(file.read_text(encoding="utf-8"))


def test_the_page_is_written_with_the_cell_marked(run: Run, samples: Path, tmp_path: Path) -> None:
    tree = page(run, samples, tmp_path / "page.html", "白榆区:2022", "requests_carried_in", "natural_person")
    (marked,) = tree.css(f"#{ANCHOR}")
    assert marked.text().strip() == "3"
    row = marked.parent
    assert row is not None
    assert "上年结转" in row.text()
    said = tree.css_first("#nianbao-source")
    assert said is not None
    assert re.search(
        r"show\.aspx\?id=10231.* UTC, SHA-256 [0-9a-f]{64}; nianbao-.*warc\.gz, byte \d+", said.text()
    )


def test_all_cells_of_a_measure_are_marked(run: Run, samples: Path, tmp_path: Path) -> None:
    tree = page(run, samples, tmp_path / "page.html", "青禾县:2021", "disclosure_rate")
    marked = [element.text().strip() for element in tree.css("[data-nianbao]")]
    assert [int(text) for text in marked] == [20, 4, 35]
    assert tree.css_first(f"#{ANCHOR}-3") is not None


def test_open_calls_the_browser_with_the_anchor(
    run: Run, samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = tmp_path / "called"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {called}\n', encoding="utf-8")
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    monkeypatch.setattr("webbrowser._tryorder", None)
    assert run("source", "同心县:2020", "granted", "--open", "--data", samples).code == 0
    address = called.read_text(encoding="utf-8").strip()
    assert address.startswith("file:///")
    assert address.endswith(f".html#{ANCHOR}")
    assert Path(address.removeprefix("file://").partition("#")[0]).parent == samples / "pages"


def test_a_text_shows_its_table_and_gives_the_file(run: Run, tmp_path: Path) -> None:
    assert run("import", SEED).code == 0
    assert run("parse").code == 0
    tree = page(run, tmp_path / "data", tmp_path / "page.html", "同心:2020", "granted")
    assert [element.text() for element in tree.css(f"td#{ANCHOR}")] == ["6"]
    assert (tmp_path / "page-original.txt").read_bytes() == SEED.read_bytes()


def test_a_row_that_the_county_added_has_a_source_too(run: Run, tmp_path: Path) -> None:
    assert run("import", GOLDEN / "statistics-rows-added" / "document.html").code == 0
    assert run("parse").code == 0
    facts = run("sql", "SELECT report_id, metric, value, raw FROM fact WHERE metric LIKE 'local.%'").records
    assert facts
    for fact in facts:
        (cell,) = source(run, tmp_path / "data", fact["report_id"], fact["metric"])["cells"]
        assert (cell["metric"], cell["value"], cell["raw"]) == (fact["metric"], fact["value"], fact["raw"])


def test_an_earlier_version_has_its_own_figure_and_page(tmp_path: Path, run: Run) -> None:
    history = History(tmp_path)
    history.answer("/a.html", 0, report(upheld=1))
    history.answer("/a.html", 9, report(upheld=5))
    history.parse()
    asked = ("同心:2020", "review_total")
    now = source(run, tmp_path, *asked)
    before = source(run, tmp_path, *asked, "--at", day(3).date())
    assert [found["cells"][0]["value"] for found in (now, before)] == [6, 2]
    assert [found["captured_at"][:10] for found in (now, before)] == ["2021-03-10", "2021-03-01"]
    assert now["sha256"] != before["sha256"]
    tree = page(run, tmp_path, tmp_path / "page.html", *asked, "--at", day(3).date())
    assert [element.text().strip() for element in tree.css(f"#{ANCHOR}")] == ["2"]


def test_the_text_of_a_report_is_quoted_beside_the_cell(run: Run, tmp_path: Path) -> None:
    assert run("import", GOLDEN / "narrative-2010" / "document.html").code == 0
    assert run("parse").code == 0
    claims = run("sql", "SELECT report_id, metric, value, sentence FROM claim").records
    assert claims
    for claim in claims:
        found = source(run, tmp_path / "data", claim["report_id"], claim["metric"])
        assert (claim["value"], claim["sentence"]) in [(c["value"], c["sentence"]) for c in found["claims"]]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.parent.name)
def test_every_cell_of_every_golden_page_is_found_in_the_page(path: Path) -> None:
    body = path.read_bytes()
    facts = read_report(read_document(body, path.name), path.name).facts
    text = web_page(body)
    assert text is not None
    numbered = numbered_cells(text)
    elements = parse_html(text).css(CELLS)
    for fact in facts:
        number, printed = numbered[fact.table_no][fact.row, fact.column]
        assert " ".join(fact.raw.split()).startswith(" ".join(printed.split()))
        assert 0 <= number < len(elements)


HOSTILE = """<html><head><meta http-equiv="refresh" content="0;url=http://evil.test/">
<base href="http://evil.test/">
<link rel="stylesheet" href="http://evil.test/a.css"><script>alert(1)</script><style>td{color:red}</style></head>
<body onload="alert(2)" background="http://evil.test/b.png">
<svg onload="alert(3)"><script>alert(4)</script></svg>
<img src="http://evil.test/c.png" onerror="alert(5)"><iframe src="http://evil.test/d"></iframe>
<a href="javascript:alert(6)">x</a><a href="JaVaScript:alert(7)">y</a><a href="next.html">next</a>
<form action="http://evil.test/"><button formaction="http://evil.test/">z</button></form>
<object data="http://evil.test/e"></object><noscript><img src="http://evil.test/f"></noscript>
<table><tr><td onclick="alert(8)" id="was">7</td><td>8</td></tr></table></body></html>"""


def test_nothing_in_a_shown_page_acts_or_loads() -> None:
    payload = Payload(HOSTILE.encode(), "text/html; charset=utf-8", {})
    spots = [Spot(0, 0, 1, "8", "title")]
    shown = show_page(payload, "http://www.a.gov.cn/b/c.html", spots, "<i>", ["<b>said</b>"])
    assert shown is not None
    assert shown.missed == ()
    tree = LexborHTMLParser(shown.html)
    assert not tree.css("script, iframe, object, base, link, noscript, i, b")
    for node in tree.css("*"):
        attributes = dict(node.attributes)
        assert not [name for name in attributes if name.startswith("on")]
        assert not {"src", "background", "action", "formaction", "data"} & set(attributes)
        assert not (attributes.get("href") or "").lower().startswith("javascript")
    assert "evil.test" not in shown.html
    assert "alert" not in shown.html
    metas = [meta.attributes.get("http-equiv") for meta in tree.css("meta[http-equiv]")]
    assert metas == ["Content-Security-Policy"]
    assert shown.html.index("Content-Security-Policy") < shown.html.index("<title>")
    assert [link.attributes["href"] for link in tree.css("td, a[href]") if link.tag == "a"][:1] == [
        "http://www.a.gov.cn/b/next.html"
    ]
    assert [element.text() for element in tree.css(f"#{ANCHOR}")] == ["8"]


def test_a_cell_that_says_something_else_now_is_not_marked() -> None:
    payload = Payload(HOSTILE.encode(), "text/html", {})
    spots = [Spot(0, 0, 1, "9", ""), Spot(5, 0, 0, "8", "")]
    shown = show_page(payload, "http://www.a.gov.cn/", spots, "", [])
    assert shown is not None
    assert shown.missed == tuple(spots)
    assert not LexborHTMLParser(shown.html).css("[data-nianbao]")


def test_all_outputs_name_the_report_that_source_asks_for(run: Run, samples: Path) -> None:
    for command in (
        ("compare", "granted"), ("trend", "青禾县", "granted"), ("rank", "granted"), ("check",), ("changes",),
        ("check", "--not-assessable"),
        *(("sql", f"FROM {table}_wide") for table in ("requests", "cases", "proactive", "statistics")),
    ):  # fmt: skip
        records = json.loads(run(*command, "--data", samples).out)
        assert all(record["report_id"] for record in records), command
