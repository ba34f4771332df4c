"""Reused text: exact shares, what does not count, which reports are compared, and what is said of it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.checks import evaluate, findings, record_findings, rules
from analysis.checks.findings import FindingFilter
from analysis.checks.reuse import (
    NoReport,
    NothingToCompare,
    ReuseFilter,
    own_prose,
    passages,
    record_reuse,
    reuse,
    share,
    side_by_side,
)
from analysis.checks.reuse.characters import fold, letters
from analysis.checks.reuse.comparing import compare
from analysis.checks.reuse.demanded import DemandedFault, demanded, read_demanded
from analysis.checks.reuse.sketch import sketches
from analysis.checks.reuse.windows import Windows
from conftest import Run
from scraper.store import open_database

# Few letters, so that texts have passages in common, and what texts are punctuated with.
TEXTS = st.text(alphabet="县乡路桥水田书报，。6七\n", max_size=300)
LONG = st.text(alphabet=[chr(code) for code in range(0x5200, 0x5300)], min_size=250, max_size=400)

_PARAGRAPHS = [
    "全县围绕农业补贴、乡村道路和就学就医等群众关心的事项更新目录，乡镇专区继续开放，农闲时节请村民到窗口看流程。",
    "县政府办把网站栏目交给十二个科室轮流值守，每天上午核对链接，下午登记读者来信，逾期不办的在周会上点名。",
    "2021年共收到来信6件，全部由专人登记、会商、答复；其中3件转交住建部门，平均办理9天，比上年缩短2天。",
    "图书馆二楼的查阅点换了新的查询机，老人可以请志愿者代为检索，寒暑假期间还向中学生开放半天。",
    "主要问题是乡镇之间水平不一，有的栏目长期没有新内容；文书样式也不够统一，读者反映看不明白。",
    "今后由县里统一制作文书样本，每半年集中培训一次，并请业务骨干到乡镇驻点，把常见疑问编成问答册子发到村组。",
]
PROSE = "\n".join(_PARAGRAPHS)
OTHER_PROSE = "\n".join(
    [
        "城区更新和老旧小区改造是居民询问最集中的领域，本区据此把征收补偿、施工安排和竣工验收放进同一专栏。",
        "街道服务大厅添置了查询终端和复印机，居民凭身份证即可打印，全年使用四千余人次，多数在午休时段。",
        "区里同司法、信访等部门建立会商制度，疑难件先由法律顾问出具意见，再由分管领导审定，寄出前复核一遍。",
        "政策清单按居民类别整理，育儿、养老、创业各成一册，通过社区群推送；推送是否精准仍有待改进。",
        "明年计划把历年的规划图纸扫描上网，并在地图上标注施工路段，让附近居民提前知道何时绕行、找谁询问。",
    ]
)
FRAME = """一、总体情况
本报告按照《中华人民共和国政府信息公开条例》（国务院令第711号）和《中华人民共和国政府信息公开工作年度报告格式》（国办公开办函〔2021〕30号）编制。
本报告中所列数据的统计期限自2021年1月1日起至2021年12月31日止。
本报告由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况等六部分组成。
（一）主动公开情况
二、主动公开政府信息情况
三、收到和处理政府信息公开申请情况
（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）
四、政府信息公开行政复议、行政诉讼情况
五、存在的主要问题及改进情况
六、其他需要报告的事项
本年度没有收取信息处理费。本机关没有其他需要报告的事项。
本报告的电子版可在县政府网站下载。如对本报告有疑问，请与县政府办公室联系。"""


@dataclass(frozen=True)
class Written:
    """A report for the database."""

    name: str
    text: str
    year: int = 2021
    county: str = "990101"
    publisher: str = "青禾县人民政府"
    kind: str = "county_government"


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with open_database(None) as connection:
        yield connection


def put(connection: duckdb.DuckDBPyConnection, *reports: Written) -> None:
    """Adds reports with their prose."""
    for one in reports:
        seen = datetime(one.year + 1, 2, 1)
        url = f"http://www.example.gov.cn.test/{one.name}"
        connection.execute(
            "INSERT INTO report BY NAME SELECT $1 AS report_id, $2 AS county_code, $3 AS publisher,"
            " $4 AS publisher_kind, $5::INTEGER AS year, '2021' AS form, $6 AS url, $7 AS captured_at,"
            " '' AS sha256, '' AS warc_file, 0 AS warc_offset, false AS sample",
            [one.name, one.county, one.publisher, one.kind, one.year, url, seen],
        )
        put_text(connection, one.name, one.text)


def put_text(connection: duckdb.DuckDBPyConnection, name: str, text: str) -> None:
    """Makes ``text`` the prose of a report."""
    connection.execute("DELETE FROM report_text WHERE report_id = $1", [name])
    connection.execute(
        "INSERT INTO report_text SELECT $1, generate_subscripts(lines, 1) - 1, unnest(lines)"
        " FROM (SELECT string_split($2, chr(10)) AS lines)",
        [name, text],
    )


def check(connection: duckdb.DuckDBPyConnection) -> None:
    """What ``nianbao parse`` does when all is read."""
    record_reuse(connection)
    record_findings(connection)


def pairs(connection: duckdb.DuckDBPyConnection, least: float = 0) -> dict[tuple[str, str], float]:
    """The stored pairs and their shares."""
    found = reuse(connection, ReuseFilter(least=least))
    return {(pair["report_id"], pair["other_id"]): pair["share"] for pair in found}


# ---- the share ----


@settings(deadline=None)
@given(TEXTS)
def test_a_text_stands_wholly_in_itself(text: str) -> None:
    own = own_prose(text)
    if len(own.letters) >= demanded().passage:
        assert share(own, own) == 100
    else:
        assert share(own, own) == 0


@settings(deadline=None)
@given(LONG, st.text(alphabet=[chr(code) for code in range(0x5300, 0x5400)], max_size=400))
def test_texts_without_a_common_letter_share_nothing(one: str, other: str) -> None:
    assert share(own_prose(one), own_prose(other)) == share(own_prose(other), own_prose(one)) == 0


@settings(deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_the_share_never_falls_when_the_other_text_grows(own: str, other: str, more: str) -> None:
    prose = own_prose(own)
    assert share(prose, own_prose(f"{other}\n{more}")) >= share(prose, own_prose(other))


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_the_share_is_that_of_letters_in_common_windows(one: str, other: str) -> None:
    """Worked out the slow way: a letter is shared if it is in a piece of the least length that is."""
    own, others = own_prose(one), own_prose(other)
    length = demanded().passage
    shared = {
        letter
        for at in range(len(own.letters) - length + 1)
        if own.letters[at : at + length] in others.letters
        for letter in range(at, at + length)
    }
    assert share(own, others) == pytest.approx(100 * len(shared) / max(1, len(own.letters)))


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_passages_are_the_share_and_say_the_same_on_both_sides(one: str, other: str) -> None:
    own, others = own_prose(one), own_prose(other)
    found = passages(own, others)
    assert sum(passage.letters for passage in found) == pytest.approx(
        share(own, others) * len(own.letters) / 100
    )
    spans = sorted((passage.start, passage.end) for passage in found)
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    for passage in found:
        assert one[passage.start : passage.end] == passage.text
        assert other[passage.other_start : passage.other_end] == passage.other_text
        assert [passage.letters for passage in found] == sorted(
            (passage.letters for passage in found), reverse=True
        )


def test_the_longest_passage_is_found_in_one_piece() -> None:
    own = own_prose(f"{_PARAGRAPHS[0]}\n这一段是今年新写的文字。\n{_PARAGRAPHS[3]}")
    other = own_prose(f"{_PARAGRAPHS[3]}\n别处的话。\n{_PARAGRAPHS[0]}")
    found = passages(own, other)
    assert [passage.text for passage in found] == [_PARAGRAPHS[0].rstrip("。"), _PARAGRAPHS[3].rstrip("。")]
    assert not any(passage.figures_differ for passage in found)


@settings(deadline=None)
@given(
    st.text(alphabet="县乡路", max_size=60),
    st.text(alphabet="县乡路", max_size=60),
    st.sampled_from([0, 1, 3, 2**63 + 1]),
)
def test_windows_with_the_same_hash_are_told_apart(one: str, other: str, factor: int) -> None:
    """A factor of 1 hashes all windows of the same letters alike, 0 all that end alike."""
    for length in (1, 5, 8):
        common = Windows(one, length, factor).common(Windows(other, length, factor))
        starts = range(len(one) - length + 1)
        assert common.tolist() == [at for at in starts if one[at : at + length] in other]


@settings(deadline=None)
@given(st.text(alphabet="1二万.,， 。县a\n", max_size=30))
def test_a_figure_is_one_letter_wherever_it_stands(text: str) -> None:
    figure = r"(?:[0-9]+(?:[.,][0-9]+)*|[二万]+)+"
    assert letters(fold(text)) == re.sub("[ .,]", "", re.sub(figure, "#", fold(text)))


# ---- what counts as the same ----


def test_figures_are_masked_and_it_is_told() -> None:
    ours = "2021年收到申请6件，其中1,133条通过网站公开，办结率为87.5%，共三类。"
    theirs = "2022年收到申请九件，其中88条通过网站公开，办结率为100%，共五类。"
    (passage,) = passages(own_prose(ours), own_prose(theirs))
    assert passage.figures_differ
    assert passage.text == ours.rstrip("。")
    assert passage.other_text == theirs.rstrip("。")
    (passage,) = passages(own_prose(ours), own_prose(ours.translate(str.maketrans("16", "１６"))))
    assert not passage.figures_differ


def test_traditional_characters_width_and_pinyin_of_mirrors_make_no_difference() -> None:
    simplified = "县政府办把网站栏目交给各科室轮流值守，每天上午核对链接，下午登记读者来信。"
    traditional = "縣政府辦把網站欄目交給各科室輪流值守,每天上午核對鏈(liàn)接,下午登記讀者來信。"
    assert share(own_prose(simplified), own_prose(traditional)) == 100
    (passage,) = passages(own_prose(simplified), own_prose(traditional))
    assert not passage.figures_differ


def test_what_the_form_demands_is_nobodys_prose() -> None:
    assert own_prose(FRAME).letters == ""


@pytest.mark.parametrize("sentence", FRAME.splitlines())
def test_each_demanded_line_is_left_out_alone(sentence: str) -> None:
    assert own_prose(sentence).letters == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "按照条例规定编制政府信息公开目录，并按季度更新",
        "落实条例要求，及时公布重大建设项目的进展情况",
        "各单位件件有回复，事事有着落",
        "在公开指南中写明受理机构的办公地址和联系电话",
        "统计期限" + "以外的这些话说得比格式要求的多得多" * 12,
    ],
)
def test_what_only_sounds_like_it_is_kept(sentence: str) -> None:
    assert own_prose(sentence).letters


def test_names_of_laws_are_left_out_and_passages_go_on_behind_them() -> None:
    ours = "县里按季度学习《中华人民共和国政府信息公开条例》，请乡镇干部轮流讲解各自办过的案例。"
    assert "条例" not in own_prose(ours).letters
    (passage,) = passages(own_prose(ours), own_prose(ours))
    assert passage.text == ours.rstrip("。")


def test_wordings_are_added_without_programming() -> None:
    text = """
    [measure]
    passage = 5
    prose = 10
    sentence = 50
    [[sentence]]
    says = "An oath"
    wording = ["本机关对…负责"]
    """
    assert own_prose("本機關對本報告的真實性負責。其余照旧。", read_demanded(text)).letters == "其余照旧"
    with pytest.raises(DemandedFault, match="fit everything"):
        read_demanded(f'{text}\n[[phrase]]\nwording = ["……"]')
    with pytest.raises(DemandedFault, match="sentense"):
        read_demanded(f'{text}\n[[sentense]]\nwording = ["甲"]')


# ---- which reports are compared ----


def test_last_years_report_is_always_compared(database: duckdb.DuckDBPyConnection) -> None:
    put(
        database,
        Written("a", f"{FRAME}\n{PROSE}", 2020),
        Written("b", f"{FRAME}\n{PROSE.replace('6件', '9件')}", 2021),
        Written("c", f"{FRAME}\n{OTHER_PROSE}", 2022),
    )
    assert record_reuse(database) == 2
    assert pairs(database) == {("b", "a"): 100, ("c", "b"): 0}


def test_reports_that_have_only_the_form_in_common_share_nothing(
    database: duckdb.DuckDBPyConnection,
) -> None:
    put(
        database,
        Written("a", f"{FRAME}\n{PROSE}"),
        Written("b", f"{FRAME}\n{OTHER_PROSE}", county="990102", publisher="白榆区人民政府"),
        Written("c", FRAME, county="990103", publisher="沙枣县人民政府"),
        Written("d", FRAME, county="990104", publisher="红柳县人民政府"),
    )
    assert record_reuse(database) == 0


def test_neighbours_are_compared_both_ways_in_the_same_year_and_never_with_what_came_later(
    database: duckdb.DuckDBPyConnection,
) -> None:
    put(
        database,
        Written("a", PROSE),
        Written("b", PROSE, county="990203", publisher="沙枣县人民政府"),
        Written("later", PROSE, 2022, "990104", "红柳县人民政府"),
        Written("long ago", PROSE, 2018, "990105", "胡杨县人民政府"),
        Written("far away", PROSE, 2021, "110101", "远城区人民政府"),
    )
    record_reuse(database)
    assert set(pairs(database, 100)) == {("a", "b"), ("b", "a"), ("later", "a"), ("later", "b")}


def test_one_report_under_two_names_takes_nothing_from_anybody(
    database: duckdb.DuckDBPyConnection,
) -> None:
    put(
        database,
        Written("a", PROSE),
        Written("mirror", PROSE),
        Written("office", PROSE, publisher="青禾县人民政府办公室", kind="county_office"),
    )
    assert record_reuse(database) == 0


def test_a_department_that_copies_its_county_is_found(database: duckdb.DuckDBPyConnection) -> None:
    added = "局里另外派人到工地走访，把扬尘和噪声投诉登记造册。"
    put(
        database,
        Written("a", PROSE),
        Written("b", f"{PROSE}\n{added}", publisher="青禾县住房和城乡建设局", kind="department"),
    )
    record_reuse(database)
    found = pairs(database)
    assert found["a", "b"] == 100
    assert 80 < found["b", "a"] < 100


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from(_PARAGRAPHS), min_size=4, unique=True), st.integers(0, 1000))
def test_candidates_are_symmetric(chosen: Sequence[str], seed: int) -> None:
    mixed = list(chosen)
    random.Random(seed).shuffle(mixed)
    assume(len(own_prose("".join(chosen)).letters) >= demanded().prose)
    with open_database(None) as connection:
        put(
            connection,
            Written("a", PROSE),
            Written("b", "\n".join(mixed), county="990203", publisher="沙枣县人民政府"),
        )
        record_reuse(connection)
        assert set(pairs(connection)) == {("a", "b"), ("b", "a")}


@settings(deadline=None)
@given(LONG)
def test_the_same_text_has_the_same_sketch_and_short_ones_none(text: str) -> None:
    one, two, none = sketches([text, text, text[:100]], demanded())
    assert one == two
    assert none == []


def test_a_crowd_that_wrote_the_same_is_not_compared_each_with_each(
    database: duckdb.DuckDBPyConnection,
) -> None:
    put(
        database,
        *(
            Written(f"town{number:03}", PROSE, publisher=f"第{number}镇人民政府", kind="township")
            for number in range(60)
        ),
    )
    assert record_reuse(database) < 60 * 20
    assert {pair[0] for pair in pairs(database, 100)} == {f"town{number:03}" for number in range(60)}


# ---- what is kept ----


def test_only_what_is_new_is_compared_again(database: duckdb.DuckDBPyConnection) -> None:
    put(database, Written("a", PROSE, 2020), Written("b", PROSE, 2021))
    record_reuse(database)
    # What is stored stands while the texts do: a mark put into it is still there.
    database.execute("UPDATE reuse SET passage = 'kept'")
    put(database, Written("c", PROSE, 2022))
    assert record_reuse(database) == 2
    kept = dict(database.execute("SELECT report_id, passage = 'kept' FROM reuse").fetchall())
    assert kept == {"b": True, "c": False}


def test_neighbours_stay_while_nothing_changes_and_new_ones_are_found(
    database: duckdb.DuckDBPyConnection,
) -> None:
    put(database, Written("a", PROSE), Written("b", PROSE, county="990203", publisher="沙枣县人民政府"))
    record_reuse(database)
    assert record_reuse(database) == 2
    put(database, Written("c", PROSE, 2022, "990104", "红柳县人民政府"))
    assert record_reuse(database) == 4
    # It is another body's report now, of the same county: no neighbour any more.
    database.execute(
        "UPDATE report SET county_code = '990101', publisher = '青禾县人民政府办公室' WHERE report_id = 'b'"
    )
    database.execute("UPDATE report SET publisher_kind = 'county_office' WHERE report_id = 'b'")
    record_reuse(database)
    assert set(pairs(database)) == {("c", "a"), ("c", "b")}


def test_a_run_that_was_stopped_goes_on(database: duckdb.DuckDBPyConnection) -> None:
    put(database, Written("a", PROSE), Written("b", PROSE, county="990203", publisher="沙枣县人民政府"))

    def stops(function: Callable[..., Any], items: Iterable[Any], /) -> Iterator[Any]:
        if function is compare:
            raise KeyboardInterrupt
        return map(function, items)

    with pytest.raises(KeyboardInterrupt):
        record_reuse(database, stops)
    assert database.execute("SELECT count(*) FROM reuse_sketch").fetchone() == (2,)
    assert record_reuse(database) == 2


def test_the_newest_text_counts_and_reports_that_are_gone_are_forgotten(
    database: duckdb.DuckDBPyConnection,
) -> None:
    put(database, Written("a", PROSE, 2020), Written("b", PROSE, 2021))
    record_reuse(database)
    put_text(database, "b", OTHER_PROSE)
    record_reuse(database)
    assert pairs(database) == {("b", "a"): 0}
    database.execute("DELETE FROM report WHERE report_id = 'a'")
    assert record_reuse(database) == 0
    assert database.execute("SELECT report_id FROM reuse_sketch").fetchall() == [("b",)]


def test_it_does_not_matter_in_which_order_reports_came() -> None:
    reports = [
        Written(
            f"r{number}",
            "\n".join(_PARAGRAPHS[number % 2 :]),
            2020 + number % 2,
            f"99010{number}",
            f"县{number}",
        )
        for number in range(6)
    ]
    results = []
    for order in (reports, reports[::-1]):
        with open_database(None) as connection:
            put(connection, *order)
            record_reuse(connection)
            results.append(sorted(connection.execute("FROM reuse").fetchall()))
    assert results[0] == results[1]


# ---- what is said of it ----


def reused(connection: duckdb.DuckDBPyConnection) -> list[dict[str, object]]:
    return findings(connection, FindingFilter(rule="text.reused"), "en")


def test_a_finding_names_the_share_and_whose_report_it_is(database: duckdb.DuckDBPyConnection) -> None:
    put(
        database,
        Written("a", PROSE, 2020),
        Written("b", PROSE.replace("6件", "9件"), 2021),
        Written("c", OTHER_PROSE, 2021, "990102", "白榆区人民政府"),
    )
    check(database)
    (finding,) = reused(database)
    assert finding["report_id"] == "b"
    assert finding["severity"] == "notice"
    assert finding["actual"] == 100
    assert finding["message"] == (
        "100 % of its own prose stands, but for figures, in its own report for 2020;"
        f" the longest passage has {len(own_prose(PROSE).letters)} characters."
    )
    (chinese,) = findings(database, FindingFilter(rule="text.reused"), "zh")
    assert "本单位 2020 年度报告相同" in chinese["message"]


def test_a_finding_names_a_neighbour_and_how_many_more_there_are(
    database: duckdb.DuckDBPyConnection,
) -> None:
    put(
        database,
        Written("a", PROSE, 2021, "990102", "白榆区人民政府"),
        Written("b", PROSE, 2021, "990103", "沙枣县人民政府"),
        Written("c", PROSE, 2022, "990104", "红柳县人民政府"),
    )
    check(database)
    found = {finding["report_id"]: str(finding["message"]) for finding in reused(database)}
    assert set(found) == {"a", "b", "c"}
    assert "in the report of 白榆区人民政府 for 2021" in found["c"]
    assert found["c"].endswith("; and as much in 1 more of neighbours.")
    assert found["a"].endswith("characters.")


def test_less_than_half_is_no_finding_and_ids_stay(database: duckdb.DuckDBPyConnection) -> None:
    put(
        database,
        Written("a", PROSE, 2020),
        Written("b", f"{OTHER_PROSE}\n{_PARAGRAPHS[0]}", 2021),
        Written("c", f"{OTHER_PROSE}\n{_PARAGRAPHS[1]}", 2022),
    )
    check(database)
    (finding,) = reused(database)
    assert finding["report_id"] == "c"
    assert 0 < pairs(database)["b", "a"] < 50
    check(database)
    assert [again["finding_id"] for again in reused(database)] == [finding["finding_id"]]


def test_the_rule_is_silent_where_nothing_was_compared(database: duckdb.DuckDBPyConnection) -> None:
    put(database, Written("a", PROSE, 2020), Written("b", PROSE, 2021))
    rule = next(rule for rule in rules() if rule.rule == "text.reused")
    assert evaluate(database, [rule]) == []


def test_side_by_side_takes_the_most_alike(database: duckdb.DuckDBPyConnection) -> None:
    put(
        database,
        Written("aaaaaa1", PROSE, 2020),
        Written("aaaaaa2", PROSE, 2021),
        Written("bbbbbbb", "\n".join(_PARAGRAPHS[2:]), 2021, "990102", "白榆区人民政府"),
        Written("short", "没有其他事项。", 2021, "990103", "沙枣县人民政府"),
    )
    record_reuse(database)
    assert side_by_side(database, "aaaaaa2").other.report_id == "aaaaaa1"
    found = side_by_side(database, "aaaaaa1", "bbbbbb")
    assert found.other.publisher == "白榆区人民政府"
    assert 0 < found.share < 100
    with pytest.raises(NoReport):
        side_by_side(database, "aaaaaa")
    with pytest.raises(NothingToCompare):
        side_by_side(database, "short")


# ---- the command ----


@pytest.fixture
def workspace_of_two(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    with open_database(folder / "reports.duckdb") as connection:
        put(
            connection,
            Written("0123456a", PROSE, 2020),
            Written("0123456b", PROSE.replace("6件", "9件"), 2021),
        )
        check(connection)
    return folder


def test_the_command_lists_pairs(run: Run, workspace_of_two: Path) -> None:
    (pair,) = run("reuse", "--format", "json").records
    assert (pair["report_id"], pair["other_id"], pair["share"]) == ("0123456b", "0123456a", 100)
    assert pair["kin"] == "last_year"
    assert run("reuse", "--year", "2021", "--format", "json").records == [pair]
    none = run("reuse", "--year", "2020", "--min-share", "50", "--format", "json")
    assert none.records == []
    assert "50 %" in none.err
    shown = run("reuse", "--format", "table").out
    assert "100 %" in shown
    assert "its own of 2020" in shown
    assert run("reuse", "--min-share", "101").code == 2


def test_the_command_shows_passages_side_by_side(run: Run, workspace_of_two: Path) -> None:
    shown = run("reuse", "show", "0123456b", "--format", "json")
    (passage,) = shown.records
    assert passage["figures_differ"] is True
    assert PROSE[passage["other_start"] : passage["other_end"]] == passage["other_text"]
    assert "收到来信9件" in passage["text"]
    assert "100 %" in shown.err
    assert "but for figures" in run("reuse", "show", "0123456b", "0123456a", "--format", "table").out
    assert "数字不同" in run("reuse", "show", "0123456b", "--format", "table", "--lang", "zh").out


def test_the_command_says_what_it_does_not_know(run: Run, workspace_of_two: Path) -> None:
    unknown = run("reuse", "show", "nobody")
    assert unknown.code == 2
    assert "nobody" in unknown.err
    nothing = run("reuse", "show", "0123456a")
    assert nothing.code == 1
    assert "2020" in nothing.err


def test_the_sample_portals_give_no_false_alarm(run: Run) -> None:
    """Their prose is the same year by year but for the figures; it is too short to be judged."""
    assert run("demo").code == 0
    assert run("check", "--rule", "text.reused", "--format", "json").records == []
