"""Whose report it is: lines as pages print them, and what must be read from them.

The files in ``identity`` hold the cases: ``lines`` are a page's paragraphs, the first one its heading;
``meta``, ``url`` and ``hosts`` what else is known. Of the fields only those named are compared, but
``notices`` are all that there are, none where the key is missing. A field that a case leaves out on
purpose is named in its ``about``.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.documents import Document, read_document
from scraper.documents.characters import fold
from scraper.forms.identity import Evidence, Identity, identify, names_report
from scraper.places import counties

FOLDER = Path(__file__).parent / "identity"
FIELDS = (
    "title publisher publisher_kind county_code county_name year scope period_start period_end published_on"
).split()
# Where a case names none of a group, nothing of the group may be read either.
ABSENT = {
    "publishers.toml": ["publisher_kind", "county_code"],
    "counties.toml": ["county_code"],
    "dates.toml": ["year", "published_on"],
    "titles.toml": ["year"],
    "scopes.toml": ["scope"],
}
SOURCES = set("title text period footer meta site_code index_number credit_code host".split())

CASES = [
    pytest.param(path.name, case, id=f"{path.stem}: {case['about']}")
    for path in sorted(FOLDER.glob("*.toml"))
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
]


def read(case: dict[str, Any]) -> Identity:
    lines = case["lines"]
    document = Document(paragraphs=list(lines), titles=lines[:1], metadata=case.get("meta", {}))
    return identify(document, case.get("url"), case.get("hosts", {}))


@pytest.mark.parametrize(("file", "case"), CASES)
def test_a_page_is_whose_it_says(file: str, case: dict[str, Any]) -> None:
    found = read(case)
    wanted = {name: case[name] for name in FIELDS if name in case}
    wanted |= {name: None for name in ABSENT[file] if name not in case}
    assert {name: getattr(found, name) for name in wanted} == wanted, found
    said = [str(notice) for notice in found.notices]
    assert sorted(notice.code for notice in found.notices) == case.get("notices", []), said


@pytest.mark.parametrize(("file", "case"), CASES)
def test_every_field_has_its_evidence_and_nothing_else_has(file: str, case: dict[str, Any]) -> None:
    found = read(case)
    assert set(found.evidence) == {name for name in FIELDS if getattr(found, name) is not None}
    for said in found.evidence.values():
        assert said.source in SOURCES
        assert 0 < len(said.text) <= 80


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 80


def test_evidence_quotes_the_words() -> None:
    lines = [
        "洪泽区人民政府2023年政府信息公开工作年度报告",
        "统计期限为2023年1月1日至2023年12月31日。",
        "发布日期：2024-01-18",
        "网站标识码：3208130001",
    ]
    found = identify(Document(paragraphs=lines, titles=lines[:1]))
    assert found.evidence["publisher"] == Evidence("title", lines[0])
    assert found.evidence["scope"] == Evidence("title", lines[0])
    assert found.evidence["year"] == Evidence("period", "2023年1月1日至2023年12月31日")
    assert found.evidence["period_start"] == found.evidence["year"]
    assert found.evidence["county_code"] == Evidence("site_code", "网站标识码:3208130001")
    assert found.evidence["published_on"] == Evidence("text", "发布日期:2024-01-18")


def test_a_conflict_is_told_with_both_sides_words() -> None:
    found = read({"lines": ["洪泽区2022年政府信息公开工作年度报告", "网站标识码：3208030001"]})
    (notice,) = found.notices
    for language in ("en", "zh"):
        said = notice.text(language)
        assert all(words in said for words in ("网站标识码:3208030001", "淮安区", "320803", "洪泽区"))


def test_index_number_and_footer_laid_out_in_tables_are_read() -> None:
    page = """<html><body><table><tr><td>索引号</td><td>330803-003/2022-47148</td></tr></table>
    <h1>2021年政府信息公开工作年度报告</h1><p>正文。</p>
    <table><tr><td>主办单位</td><td>某单位</td></tr></table></body></html>"""
    found = identify(read_document(page.encode(), "page"))
    assert (found.county_code, found.evidence["county_code"].source) == ("330803", "index_number")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("富县2024年政府信息公开工作年度报告", True),
        ("2024年政府信息公开年报", True),
        ("政府信息公开年报", False),
        ("富县2024年政府工作报告", False),
    ],
)
def test_links_that_name_a_report_are_told_from_lists(text: str, told: bool) -> None:
    assert names_report(text) is told


def test_pinyin_and_ornaments_fold_away_but_never_join_figures() -> None:
    assert fold("公(gong)(gong)开★信◆息") == "公开信息"
    assert fold("3★4") == "3★4"


@given(st.sampled_from(list(counties().values())), st.integers(2008, 2024))
def test_every_county_is_found_by_its_full_name(county: Any, year: int) -> None:
    if not county.valid_in(year):
        return
    name = county.province + county.prefecture.removeprefix(county.province) + county.name_in(year)
    found = identify(Document(titles=[f"{name}人民政府{year}年政府信息公开工作年度报告"]))
    assert (found.publisher_kind, found.year) == ("county_government", year)
    assert found.county_code in (county.code, None)
    assert found.county_name == county.name_in(year)


@given(st.lists(st.text(max_size=60), max_size=8), st.text(max_size=40))
def test_any_text_is_read_without_failing(lines: list[str], url: str) -> None:
    found = identify(Document(paragraphs=lines, titles=lines[:1]), f"http://x.gov.cn/{url}")
    assert set(found.evidence) == {name for name in FIELDS if getattr(found, name) is not None}
