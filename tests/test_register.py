"""The counties since 2008: every code once, no successor that doesn't exist, known changes found."""

from __future__ import annotations

import csv
import re
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.series import find_county
from conftest import Run
from scraper.places import (
    County,
    counties,
    counties_named,
    county_by_code,
    county_by_name,
    county_in,
    current,
    same_county,
)
from scraper.store import load_counties, open_database

some_county = st.sampled_from(list(counties().values()))
some_year = st.integers(2008, 2024)


def county(code: str) -> County:
    """A county that must be there."""
    found = county_by_code(code)
    assert found is not None, code
    return found


def lines(name: str) -> list[dict[str, str]]:
    with (files("scraper.places") / name).open(encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def test_every_code_stands_once_and_is_a_countys() -> None:
    codes = [line["code"] for line in lines("counties.csv")]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"\d{4}(?!00)\d\d", code) for code in codes)


@pytest.mark.parametrize("year", range(2008, 2025))
def test_each_year_has_as_many_counties_as_the_yearbooks_say(year: int) -> None:
    assert 2840 <= sum(one.valid_in(year) for one in counties().values()) <= 2862


def test_successors_kept_by_hand_name_their_source() -> None:
    for line in lines("successors.csv"):
        gone = county(line["code"])
        assert gone.successors == tuple(line["successors"].split())
        assert gone.until == int(line["year"]) - 1, line
        assert re.fullmatch(r"国函〔\d{4}〕\d+号|民政部\d{4}年县级以上行政区划变更情况", line["source"])


def test_only_three_that_ended_have_no_successor() -> None:
    gone = {one.name for one in counties().values() if one.until and not one.successors}
    assert gone == {"邯郸县", "九里区", "儋州市"}


@given(some_county)
def test_names_years_and_successors_fit(one: County) -> None:
    assert all((one.code, one.name, one.province))
    assert one.name.endswith(tuple("县区市旗"))
    assert (one.since or 2008) <= (one.until or 2024)
    assert not one.successors or one.until
    for successor in one.successors:
        assert county(successor).valid_in((one.until or 0) + 1)
    assert [last for _, last in one.former] == sorted(last for _, last in one.former)


@given(some_county)
def test_successions_come_to_an_end(one: County) -> None:
    last = current(one)
    assert current(last) == last
    assert same_county(one, last)
    assert last.until is None or not last.successors or last.successors != (last.code,)


@given(some_county, some_year)
def test_a_county_in_a_year_is_the_same_county_and_existed_then(one: County, year: int) -> None:
    then = county_in(one, year)
    if one.valid_in(year):
        assert then == one
    if then is not None:
        assert then.valid_in(year)
        assert current(then) == current(one)


@given(some_county)
def test_a_county_is_found_by_its_names_and_its_place(one: County) -> None:
    for name in one.names:
        assert one in counties_named(name)
    found = county_by_name(one.name, within=one.province + one.prefecture, year=one.until or 2024)
    assert found is None or found.name == one.name


@pytest.mark.parametrize(
    ("old", "name", "until", "new", "new_name"),
    [
        ("320829", "洪泽县", 2015, "320813", "洪泽区"),
        ("320982", "大丰市", 2014, "320904", "大丰区"),
        ("320721", "赣榆县", 2013, "320707", "赣榆区"),
        ("320124", "溧水县", 2012, "320117", "溧水区"),
        ("320125", "高淳县", 2012, "320118", "高淳区"),
        ("330621", "绍兴县", 2012, "330603", "柯桥区"),
        ("500234", "开县", 2015, "500154", "开州区"),
        ("632123", "乐都县", 2012, "630202", "乐都区"),
        ("522401", "毕节市", 2010, "520502", "七星关区"),
        ("220381", "公主岭市", 2019, "220184", "公主岭市"),
        ("540422", "米林县", 2022, "540481", "米林市"),
    ],
)
def test_a_county_that_became_a_district_or_a_city_goes_on(
    old: str, name: str, until: int, new: str, new_name: str
) -> None:
    before, after = county(old), county(new)
    assert (before.name, before.until, before.successors) == (name, until, (new,))
    assert (after.name, after.since) == (new_name, until + 1)
    assert current(before) == after
    assert county_in(after, until) == before
    assert county_in(before, until + 1) == after


@pytest.mark.parametrize(
    ("old", "name", "until", "successors"),
    [
        ("110103", "崇文区", 2009, ("110101",)),
        ("110104", "宣武区", 2009, ("110102",)),
        ("310103", "卢湾区", 2010, ("310101",)),
        ("310119", "南汇区", 2008, ("310115",)),
        ("310108", "闸北区", 2014, ("310106",)),
        ("320107", "下关区", 2012, ("320106",)),
        ("320103", "白下区", 2012, ("320104",)),
        ("320802", "清河区", 2015, ("320812",)),
        ("330104", "江干区", 2020, ("330102", "330114")),
    ],
)
def test_merged_districts_have_heirs_but_do_not_go_on(
    old: str, name: str, until: int, successors: tuple[str, ...]
) -> None:
    gone = county(old)
    assert (gone.name, gone.until, gone.successors) == (name, until, successors)
    assert current(gone) == gone
    assert county_in(gone, until + 1) is None
    assert all(same_county(gone, county(successor)) for successor in successors)


@pytest.mark.parametrize(
    ("code", "year", "then", "now"),
    [
        ("320803", 2010, "楚州区", "淮安区"),
        ("371324", 2012, "苍山县", "兰陵县"),
        ("533103", 2008, "潞西市", "芒市"),
        ("360402", 2015, "庐山区", "濂溪区"),
    ],
)
def test_a_new_name_under_the_same_code(code: str, year: int, then: str, now: str) -> None:
    one = county(code)
    assert (one.name_in(year), one.name_in(2024), one.name_in(None)) == (then, now, now)
    assert county_by_name(then, year=year) == one


@pytest.mark.parametrize(
    ("short", "code"),
    [
        ("化隆县", "630224"),
        ("威宁县", "520526"),
        ("积石山县", "622927"),
        ("长白县", "220623"),
        ("巴里坤县", "650521"),
        ("白沙县", "469025"),
    ],
)
def test_autonomous_counties_are_known_by_their_common_names(short: str, code: str) -> None:
    assert county_by_name(short) == county(code)
    assert county_by_name(short, year=2020) == county(code)


def test_names_of_several_counties_are_told_apart_by_place_and_year() -> None:
    assert county_by_name("鼓楼区") is None
    assert county_by_name("鼓楼区", within="江苏省南京市") == county("320106")
    assert county_by_name("市中区", within="济宁市", year=2010) == county("370802")
    assert county_by_name("江孜县", year=2012) == county("542323")
    assert county_by_name("江孜县") == county("540222")
    assert county_by_name("桥东区", within="邢台市", year=2015) == county("130502")
    assert county_by_name("无此县") is None


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("楚州区", "320803"),
        ("楚州", "320803"),
        ("化隆县", "630224"),
        ("化隆", "630224"),
        ("320829", "320829"),
    ],
)
def test_old_and_common_names_find_the_county_in_the_database(given: str, code: str) -> None:
    with open_database(None) as connection:
        load_counties(connection, counties().values())
        assert find_county(connection, given).code == code


PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>
<h1>{county}人民政府{year}年政府信息公开工作年度报告</h1>
<p>本报告数据的统计期限为{year}年1月1日至{year}年12月31日。</p>
<p>一、主动公开情况</p><p>二、依申请公开情况</p><p>三、行政复议和行政诉讼</p><p>四、存在的主要问题</p>
<p>网站标识码：{code}0001</p></body></html>"""


@pytest.mark.parametrize("given", ["320829", "320813", "洪泽县", "洪泽区", "洪泽"])
def test_the_reports_of_a_county_that_changed_its_code_are_one_series(
    run: Run, tmp_path: Path, given: str
) -> None:
    reports = [("洪泽县", "320829", 2015), ("洪泽区", "320813", 2016)]
    for name, code, year in reports:
        page = tmp_path / f"{year}.html"
        page.write_text(PAGE.format(county=name, code=code, year=year), encoding="utf-8")
        assert run("import", page).code == 0
    assert run("parse").code == 0
    trend = run("trend", given, "granted").records
    assert [(line["county"], line["county_code"], line["year"]) for line in trend] == reports
    for name, _, year in reports:
        (line,) = run("compare", "granted", "--county", given, "--year", year).records
        assert (line["county"], line["report_id"] is None) == (name, False)
        assert [one["county"] for one in run("compare", "granted", "--year", year).records] == [name]
