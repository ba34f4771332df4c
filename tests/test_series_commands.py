"""``compare``, ``trend``, ``rank`` and ``metrics`` as their user meets them, on the sample data."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conftest import Outcome, Run
from nianbao.commands.demo import demo

SAMPLES = Path(__file__).parents[1] / "src/nianbao/demo/figures.toml"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that ``nianbao demo`` leaves."""
    folder = tmp_path_factory.mktemp("samples")
    assert demo(data=str(folder)) == 0
    return folder


def printed(code: str, year: int, metric: str) -> Any:
    """What the sample report of a county prints in the total column, or outside the requests table."""
    reports = tomllib.loads(SAMPLES.read_text(encoding="utf-8"))["report"]
    (report,) = (one for one in reports if (one["county_code"], one["year"]) == (code, year))
    tables = [report.get(name, {}) for name in ("requests", "cases", "proactive")]
    figure = next((table[metric] for table in tables if metric in table), 0)
    return figure["total"] if isinstance(figure, dict) else figure


def table(run: Run, samples: Path, *arguments: object) -> Outcome:
    return run(*arguments, "--data", samples, "--format", "table")


# Ten questions, each answered by one command; the answers are worked out of what the samples print.


def test_which_county_refuses_most(run: Run, samples: Path) -> None:
    found = run("rank", "refusal_rate", "--year", "2021", "--data", samples).records
    # 青禾县 refused 2 + 2 + 1 of 35; 白榆区 24 of 110; 同心县 none of 8.
    assert [(r["rank"], r["county"], r["refusal_rate_of"]) for r in found] == [
        (1, "白榆区", 110), (2, "青禾县", 35), (3, "同心县", 8),
    ]  # fmt: skip
    assert [round(r["refusal_rate"], 2) for r in found] == [21.82, 14.29, 0]


def test_since_when(run: Run, samples: Path) -> None:
    found = run("trend", "白榆区", "refusal_rate", "--data", samples).records
    # 18 of 83, 21 of 95, 24 of 110, 26 of 119.
    assert [(r["year"], round(r["refusal_rate"], 2)) for r in found] == [
        (2019, 21.69), (2020, 22.11), (2021, 21.82), (2022, 21.85),
    ]  # fmt: skip


def test_how_much_more_is_asked_for_than_in_2019(run: Run, samples: Path) -> None:
    asked = ("compare", "requests_received", "--year", "2022", "--as", "index", "--base", "2019")
    found = run(*asked, "--data", samples).records
    for record in found:
        first, last = (printed(record["county_code"], year, "requests_received") for year in (2019, 2022))
        assert record["requests_received"] == pytest.approx(100 * last / first)
    assert [record["break"] for record in found] == [["requests_received:fee_2021"]] * 3


def test_how_much_is_carried_over(run: Run, samples: Path) -> None:
    (record,) = run(
        "compare", "carried_over_rate", "--county", "青禾", "--year", "2020", "--data", samples
    ).records
    # 2 of 29 received and 1 carried in.
    assert record["carried_over_rate"] == pytest.approx(100 * 2 / 30)
    assert record["carried_over_rate_of"] == 30


def test_how_often_decisions_are_taken_to_review_and_corrected(run: Run, samples: Path) -> None:
    metrics = ("review_per_100", "litigation_per_100", "correction_rate")
    (record,) = run("compare", *metrics, "--county", "qinghe", "--year", "2022", "--data", samples).records
    # 3 reviews and 1 case in court over 37 decisions; of 2 decided reviews and 1 case 1 was corrected.
    assert [record[name] for name in metrics] == pytest.approx([300 / 37, 100 / 37, 100 / 3])


def test_a_derived_figure_that_the_real_report_makes_impossible(run: Run, samples: Path) -> None:
    found = run("compare", "disclosure_rate", "--county", "Tongxin", "--year", "2020", "--data", samples)
    (record,) = found.records
    # Its processed_total is printed as 0.
    assert (record["disclosure_rate"], record["disclosure_rate_of"]) == (None, 0)
    assert record["missing"] == ["disclosure_rate:of_none"]
    assert record["doubtful"] == ["disclosure_rate"]


def test_what_changed_from_year_to_year(run: Run, samples: Path) -> None:
    found = run("trend", "青禾县", "granted", "--as", "change", "--data", samples).records
    assert [record["granted"] for record in found] == [None, 5, 3, 4]
    assert found[0]["missing"] == ["granted:no_previous"]


def test_how_a_county_stands_among_offices_like_it(run: Run, samples: Path) -> None:
    found = run("trend", "白榆区", "granted", "--peers", "kind", "--data", samples).records
    # The only other office is that of 同心县: 4, 6, 6, 7 granted.
    assert [record["granted_median"] for record in found] == [4, 6, 6, 7]
    assert {record["granted_percentile"] for record in found} == {100}


def test_documents_in_force_are_not_chained_to_those_on_the_site(run: Run, samples: Path) -> None:
    asked = ("trend", "青禾县", "normative_documents_in_force", "--data", samples)
    found = run(*asked)
    assert [record["normative_documents_in_force"] for record in found.records] == [None, None, 68, 65]
    assert "only something weaker" in found.err
    weak = run(*asked, "--join", "weak")
    assert [record["normative_documents_in_force"] for record in weak.records] == [64, 73, 68, 65]
    assert [record["break"] for record in weak.records][2] == ["normative_documents_in_force:form_2021"]
    assert "repealed documents too" in weak.records[0]["notes"][0]


def test_what_natural_persons_get(run: Run, samples: Path) -> None:
    asked = ("compare", "disclosure_rate", "--applicant", "natural_person", "--county", "青禾县")
    (record,) = run(*asked, "--year", "2022", "--data", samples).records
    assert record["disclosure_rate"] == pytest.approx(100 * 20 / 29)


# How it is printed


def test_tables_mark_doubt_breaks_and_joins_and_say_what_the_marks_mean(run: Run, samples: Path) -> None:
    found = table(run, samples, "trend", "同心县", "requests_received", "normative_documents_issued")
    lines = found.out.splitlines()
    assert "6*" in lines[3]
    assert "9†" in lines[4]
    assert "6~" in lines[3]
    assert "5†" in lines[4]
    assert "note: figures marked * take part" in found.err
    assert "note: † marks a break in the series (requests_received): from 2021 a fee" in found.err
    assert "note: ~ marks figures taken from another item (normative_documents_issued)" in found.err


def test_notes_are_said_in_chinese_too(run: Run, samples: Path) -> None:
    found = table(run, samples, "trend", "同心县", "requests_received", "--lang", "zh")
    assert "† 表示序列在此中断（requests_received）：2021 年起可对数量" in found.err
    (record,) = run(
        "trend", "同心县", "requests_received", "--year", "2021", "--lang", "zh", "--data", samples
    ).records
    assert record["notes"][0].startswith("requests_received: 2021 年起")


def test_a_place_lists_its_counties_without_reports_too(run: Run, samples: Path) -> None:
    found = run("compare", "granted", "--in", "吴忠", "--year", "2022", "--data", samples)
    counties = {record["county"]: record["granted"] for record in found.records}
    assert counties == {"利通区": None, "红寺堡区": None, "盐池县": None, "同心县": 7, "青铜峡市": None}
    assert "lines without a report in the database: 4" in found.err


def test_rank_prints_places_scopes_and_denominators(run: Run, samples: Path) -> None:
    found = table(run, samples, "rank", "refusal_rate", "--year", "2022")
    assert found.out.splitlines()[0].split() == [
        "Rank", "Code", "County", "Province", "Publisher", "Scope", "Year", "Refusal", "rate", "(%)", "of",
    ]  # fmt: skip
    assert "ranked: 3; without a rank: 0" in found.err
    assert "shares of fewer than 10: 1" in found.err


def test_csv_and_json_have_the_same_keys_and_xlsx_and_parquet_are_written(
    run: Run, samples: Path, tmp_path: Path
) -> None:
    asked = ("compare", "refusal_rate", "--peers", "kind", "--year", "2020-2022", "--data", samples)
    records = run(*asked).records
    rows = list(csv.DictReader(io.StringIO(run(*asked, "--format", "csv").out)))
    assert list(rows[0]) == list(records[0])
    assert len(rows) == len(records) == 9
    for suffix in ("xlsx", "parquet", "json", "csv", "md"):
        assert run(*asked, "--output", tmp_path / f"out.{suffix}").code == 0
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert written == records


def test_metrics_lists_measures_with_what_they_are_made_of(run: Run) -> None:
    (record,) = run("metrics", "carried_over").records
    assert record["expression"] == "carried_forward / (requests_received + requests_carried_in)"
    assert record["form"] == "2019, 2021"
    assert record["source"]
    joined = {r["metric"]: r["joined_from"] for r in run("metrics", "granted").records if r["form"] == "2021"}
    assert joined["granted"][0].startswith("2014: answered_granted + answered_already_public (near)")
    assert "2014" in {r["form"] for r in run("metrics", "按时办结率").records}


# Names


@pytest.mark.parametrize(
    ("name", "counties"),
    [
        ("示例省", {"青禾县", "白榆区"}),
        ("示例", {"青禾县", "白榆区"}),
        ("9901", {"青禾县", "白榆区"}),
        ("990101", {"青禾县"}),
        ("baiyu", {"白榆区"}),
        ("宁夏同心", {"同心县"}),
    ],
)
def test_places_are_named_in_many_ways(run: Run, samples: Path, name: str, counties: set[str]) -> None:
    found = run("compare", "granted", "--in", name, "--year", "2022", "--data", samples)
    if name == "示例":  # both the province and the prefecture
        assert found.code == 2
        assert "示例市" in found.err
        return
    assert {record["county"] for record in found.records} == counties


@pytest.mark.parametrize("name", ["吉林", "朝阳", "Chaoyang"])
def test_a_name_of_several_places_asks_back(run: Run, samples: Path, name: str) -> None:
    found = run("rank", "granted", "--in", name, "--data", samples)
    assert (found.code, found.out) == (2, "")
    assert f"“{name}” could be several" in found.err


def test_an_unknown_place_is_answered_with_near_names(run: Run, samples: Path) -> None:
    found = run("rank", "granted", "--in", "宁厦", "--data", samples)
    assert found.code == 2
    assert "no county, prefecture or province is called “宁厦”" in found.err


def test_a_measure_is_found_by_its_chinese_name_and_a_wrong_one_is_answered_with_near_ones(
    run: Run, samples: Path
) -> None:
    assert run("rank", "不予公开率", "--data", samples).records[0]["county"] == "白榆区"
    found = run("rank", "refusal_rat", "--data", samples)
    assert found.code == 2
    assert "refusal_rate" in found.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("compare", "granted", "--year", "20"), "write a year or a span of years"),
        (("compare", "granted", "--year", "2022-2019"), "write a year or a span of years"),
        (("compare", "granted", "--as", "index"), "--as index and --base YEAR go together"),
        (("compare", "granted", "--base", "2019"), "--as index and --base YEAR go together"),
        (("trend", "同心", "granted", "--as", "percentile"), "a percentile needs peers"),
        (("rank", "granted", "--year", "2020-2021"), "rank orders the counties of one year"),
        (("compare", "granted", "--peers", "country"), "is not one of"),
    ],
)
def test_wrong_usage_is_told(run: Run, samples: Path, arguments: tuple[str, ...], said: str) -> None:
    found = run(*arguments, "--data", samples)
    assert (found.code, found.out) == (2, "")
    assert said in found.err
