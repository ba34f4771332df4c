"""What prose claims, sentence by sentence, and where claims go: the command and the database."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conftest import TONGXIN, Run
from scraper.documents.characters import fold
from scraper.forms import catalogue
from scraper.forms.claim_wordings import language
from scraper.forms.claims import Claim, find_claims

FOLDER = Path(__file__).parent / "claims"

Stated = tuple[str, Decimal, bool, str]


@dataclass
class Case:
    """A sentence of a file and what it claims."""

    wording: str
    year: int | None
    publisher: str | None
    claims: list[Stated] = field(default_factory=list)


def cases() -> list[Any]:
    """One parameter for each sentence of the files."""
    found: list[Any] = []
    for path in sorted(FOLDER.glob("*.csv")):
        read: list[Case] = []
        with path.open(encoding="utf-8", newline="") as lines:
            for line in csv.DictReader(lines):
                if line["wording"]:
                    year = int(line["year"]) if line["year"] else None
                    read.append(Case(line["wording"], year, line["publisher"] or None))
                if line["metric"]:
                    read[-1].claims.append(
                        (line["metric"], Decimal(line["value"]), line["approximate"] == "yes", line["scope"])
                    )
        found += [pytest.param(case, id=f"{path.stem}-{case.wording[:24]}") for case in read]
    return found


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def stated(claims: list[Claim]) -> list[Stated]:
    return [(claim.metric, claim.value, claim.approximate, claim.scope or "") for claim in claims]


def figures(text: str) -> list[tuple[str, int]]:
    return [(claim.metric, int(claim.value)) for claim in find_claims([text])]


CASES = cases()


@pytest.mark.parametrize("case", CASES)
def test_a_sentence_claims_exactly_this(case: Case) -> None:
    found = find_claims([case.wording], case.year, case.publisher)
    assert sorted(stated(found)) == sorted(case.claims)


@pytest.mark.parametrize("case", CASES)
def test_a_claim_stands_where_it_says(case: Case) -> None:
    for claim in find_claims([case.wording], case.year, case.publisher):
        assert claim.sentence in case.wording
        figure = fold(claim.sentence[claim.start : claim.end])
        assert figure[0] in "0123456789一二两三四五六七八九十未没无暂尚均从"
        if figure.replace(",", "").isdigit():
            assert claim.value in (
                Decimal(figure.replace(",", "")),
                Decimal(figure.replace(",", "")) / 10000,
            )


@pytest.mark.parametrize("case", CASES)
def test_blanks_and_full_width_digits_make_no_difference(case: Case) -> None:
    wide = str.maketrans("0123456789%", "０１２３４５６７８９％")
    for said in (case.wording.translate(wide), f"\u3000\u3000{case.wording}"):
        found = find_claims([said], case.year, case.publisher)
        assert sorted(stated(found)) == sorted(case.claims)


def test_every_claimed_metric_is_in_the_catalogue() -> None:
    known = {entry.metric for entry in catalogue.metrics()}
    wordings = {wording for listed in language().by_unit.values() for wording in listed}
    named = {metric for wording in wordings for metric in wording.metrics.values()}
    named |= {name for wording in wordings for name in (wording.until_2020, wording.since_2021) if name}
    named |= {metric for nought in language().noughts for metric in nought.metrics}
    assert named <= known


def test_the_place_is_that_of_the_sentence_as_printed() -> None:
    printed = "工作有序開展。2021年 ,共收到政府信息公開(kai)申請(qǐng) １，２０４ 件,辦結(jié)１２件。"
    received, done = find_claims([printed])
    assert received.sentence == "2021年 ,共收到政府信息公開(kai)申請(qǐng) １，２０４ 件,辦結(jié)１２件。"
    assert received.sentence[received.start : received.end] == "１，２０４"
    assert [int(claim.value) for claim in (received, done)] == [1204, 12]
    assert done.sentence[done.start : done.end] == "１２"


def test_a_heading_names_the_subject_of_what_follows_it() -> None:
    assert find_claims(["(三)依申请公开情况", "全年共收到申请11件。"])[0].metric == "requests_received"
    assert find_claims(["(四)存在的问题", "全年共收到申请11件。"]) == []
    assert find_claims(["(三)依申请公开情况", "(四)政务服务", "全年共收到申请11件。"]) == []


def test_a_new_sentence_ends_the_subject_unless_it_goes_on_about_it() -> None:
    assert figures("共收到政府信息公开申请9件。其中,予以公开5件。") == [
        ("requests_received", 9),
        ("granted", 5),
    ]
    assert figures("共收到政府信息公开申请9件。上门服务办结5件。") == [("requests_received", 9)]


def test_statements_of_two_sentences_are_two_claims() -> None:
    twice = figures("政府公报公开政府信息74条。政府公报公开政府信息75条。")
    assert twice == [("disclosed_gazette", 74), ("disclosed_gazette", 75)]


def test_damage_spoils_its_own_stretch_only() -> None:
    text = "收到政府信息公开申请9件。明确“三审三?！敝贫取6羌申请12件。收到依申请公开7件。"
    assert figures(text) == [("requests_received", 9), ("requests_received", 7)]


def test_a_long_paragraph_without_figures_is_read_at_once() -> None:
    assert find_claims(["无" * 200_000, "没有" * 100_000, "第三条" * 60_000]) == []


PAGE = """青禾县人民政府办公室2021年政府信息公开工作年度报告
本报告统计时限为2021年1月1日至2021年12月31日。
一、总体情况
（一）主动公开。全年主动公开政府信息约1,500条，其中政府网站1,133条。
（二）依申请公开。共收到政府信息公开申请6件，均已答复。未发生行政复议、行政诉讼。
五、存在的主要问题及改进情况
"""


def test_inspect_prints_claims_as_the_contract_has_them(run: Run, tmp_path: Path) -> None:
    page = write(tmp_path / "report.txt", PAGE)
    report = run("inspect", page, "--format", "json").records
    assert report["form"] == "narrative"
    assert set(report["claims"][0]) == {
        "metric", "value", "sentence", "start", "end", "approximate", "scope"
    }  # fmt: skip
    assert {(claim["metric"], claim["value"], claim["approximate"]) for claim in report["claims"]} == {
        ("disclosed_total", 1500, True),
        ("disclosed_website", 1133, False),
        ("requests_received", 6, False),
        ("review_total", 0, False),
        ("litigation_total", 0, False),
    }
    for claim in report["claims"]:
        assert claim["sentence"][claim["start"] : claim["end"]] in PAGE


@pytest.mark.parametrize(
    ("lang", "heading", "about"),
    [("en", "Stated in the text", "about 1,500"), ("zh", "正文表述", "约 1,500")],
)
def test_inspect_shows_claims_to_people(
    run: Run, tmp_path: Path, lang: str, heading: str, about: str
) -> None:
    page = write(tmp_path / "report.txt", PAGE)
    shown = run("inspect", page, "--format", "table", "--lang", lang).out
    assert heading in shown
    assert about in shown
    assert "disclosed_website" in shown


def test_cells_of_tables_are_no_prose(run: Run) -> None:
    claims = run("inspect", TONGXIN, "--format", "json").records["claims"]
    assert all("本年新收" not in claim["sentence"] for claim in claims)


def test_claims_are_stored_with_their_place(run: Run, tmp_path: Path) -> None:
    page = write(tmp_path / "report.txt", PAGE)
    assert run("import", page).code == 0
    assert run("parse").code == 0
    query = "SELECT metric, value, sentence[start_at + 1 : end_at] AS figure, approximate, scope FROM claim"
    stored = run("sql", query, "--format", "json").records
    assert {
        "metric": "disclosed_total",
        "value": 1500,
        "figure": "1,500",
        "approximate": True,
        "scope": None,
    } in stored
    assert {
        "metric": "litigation_total",
        "value": 0,
        "figure": "未发生行政复议、行政诉讼",
        "approximate": False,
        "scope": None,
    } in stored
