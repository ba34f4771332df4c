"""``nianbao portals``: listing, searching, checking and adding; and which portals ``crawl`` takes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from conftest import Run
from nianbao.commands.collect import choose_portals
from nianbao.failures import Failure
from nianbao.workspace import Workspace
from portal_server import Answer, serving
from scraper.portals import Portal, read_registry, write_registry
from scraper.portals.registry import shipped_registry

HOST = "www.tongxin.gov.cn.test"
OWN = Portal(
    "640324",
    "同心县",
    f"http://{HOST}/",
    prefecture="吴忠市",
    province="宁夏回族自治区",
    delay=0,
    loopback=True,
)
INVENTED = [
    Portal("990101", "鼓楼区", "http://one.gov.cn.test/", prefecture="甲市", province="示例省", sample=True),
    Portal("990102", "鼓楼区", "http://two.gov.cn.test/", prefecture="乙市", province="示例省", sample=True),
]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The registry of a workspace with one portal."""
    path = tmp_path / "data" / "portals.toml"
    path.parent.mkdir()
    write_registry(path, [OWN])
    return path


# Listing and searching


def test_portals_alone_lists_all_that_ship(run: Run) -> None:
    found = run("portals")
    assert found.code == 0
    assert len(found.records) == len(shipped_registry())
    assert [record["county_code"] for record in found.records] == sorted(
        portal.county_code for portal in shipped_registry()
    )
    first = found.records[0]
    assert set(first) >= set("county_code county prefecture province home lists family source seen".split())
    assert first["shipped"] is True


@pytest.mark.parametrize("text", ["云县", "ynyx", "yunxian", "530922", "YunXian"])
def test_a_portal_is_found_by_name_pinyin_code_and_host(run: Run, text: str) -> None:
    found = run("portals", text)
    assert "530922" in [record["county_code"] for record in found.records]
    assert run("portals", "list", text).records == found.records


@pytest.mark.parametrize(
    ("texts", "codes"),
    [
        (["宁夏"], {"640105"}),
        (["ningxia"], {"640105"}),
        (["640000"], {"640105"}),
        (["6401"], {"640105"}),
        (["银川"], {"640105"}),
        (["西藏昌都"], {"540327"}),
        (["临沧", "vsb"], {"530922", "530924"}),
        (["jpaas"], {"321202", "321203"}),
        (["上虞市"], {"330604"}),
        (["330682"], {"330604"}),
    ],
)
def test_a_search_takes_places_families_and_several_texts(
    run: Run, texts: list[str], codes: set[str]
) -> None:
    assert {record["county_code"] for record in run("portals", *texts).records} == codes


def test_a_search_that_finds_nothing_says_so(run: Run) -> None:
    found = run("portals", "天上县")
    assert (found.code, found.records) == (0, [])
    assert "no portal fits" in found.err


def test_the_list_is_printed_in_every_format_and_in_chinese(run: Run, tmp_path: Path) -> None:
    lines = list(csv.DictReader(io.StringIO(run("portals", "正定", "--format", "csv").out)))
    assert lines[0]["lists"].count("http://www.zd.gov.cn/columns/") == 2
    assert run("portals", "正定", "--format", "markdown").out.startswith("| Code | County |")
    assert "系统类型" in run("portals", "正定", "--format", "table", "--lang", "zh").out
    for suffix in (".xlsx", ".parquet", ".csv"):
        assert run("portals", "--output", tmp_path / f"portals{suffix}").code == 0


def test_entries_of_ones_own_are_listed_and_override_the_shipped(run: Run, own: Path) -> None:
    shipped = next(portal for portal in shipped_registry() if portal.county_code == "530922")
    corrected = Portal(shipped.county_code, shipped.county, shipped.home, disabled=True)
    write_registry(own, [OWN, corrected])
    (record,) = run("portals", "同心").records
    assert (record["shipped"], record["delay"]) == (False, 0)
    (record,) = run("portals", "530922").records
    assert (record["shipped"], record["disabled"]) == (False, True)
    assert "--all" not in run("portals").err
    everything = choose_portals(Workspace(own.parent).portals(), [], Workspace(own.parent), everything=True)
    assert corrected.key not in {portal.key for portal in everything}


def test_help_names_the_commands_in_both_languages(run: Run) -> None:
    assert "add    Add a portal to the workspace" in run("portals", "--help").out
    assert "名录" in run("--lang", "zh", "portals", "--help").out
    assert "--allow-host" in run("portals", "add", "--help").out


# Checking


def test_the_shipped_entries_have_no_error(run: Run) -> None:
    found = run("portals", "check")
    assert found.code == 0
    assert {record["severity"] for record in found.records} == {"notice"}
    assert "with errors: 0" in found.err


def test_every_fault_of_the_workspaces_registry_is_told(run: Run, own: Path) -> None:
    text = own.read_text(encoding="utf-8")
    wrong = text.replace("640324", "640522").replace(HOST, "www.haiyuan.gov.cn") + 'tls = "none"\n'
    typo = text.replace(HOST, "www.other.gov.cn") + 'family = "trss"\n'
    own.write_text(text + wrong + typo, encoding="utf-8")
    found = run("portals", "check")
    assert found.code == 1
    said = {message for record in found.records for message in record["messages"]}
    assert any("entry 2 (同心县): tls “none”" in message for message in said)
    assert any("family “trss” is none of those that are known" in message for message in said)
    assert "with errors: 2" in found.err
    # Other commands end at the first.
    assert "tls “none”" in run("portals").err


@pytest.mark.parametrize(
    ("portal", "severity", "said"),
    [
        (Portal("640324", "同心县", "http://www.wenzhou.gov.cn/"), "error", "more than 同心县"),
        (Portal("640324", "同心县", "http://www.ynyx.gov.cn/"), "error", "530922 云县"),
        (Portal("640324", "同心县", "http://www.tongxin.com/"), "notice", "not below .gov.cn"),
        (
            Portal("110103", "崇文区", "http://www.cwi.gov.cn/"),
            "notice",
            "ended in 2009; today its area is: 110101",
        ),
        (Portal("330682", "上虞市", "http://www.other.gov.cn/"), "notice", "today its area is: 330604"),
    ],
)
def test_what_is_likely_wrong_is_told(run: Run, own: Path, portal: Portal, severity: str, said: str) -> None:
    write_registry(own, [portal])
    records = {r["county_code"]: r for r in run("portals", "check", portal.county_code).records}
    record = records[portal.county_code] if portal.county_code in records else next(iter(records.values()))
    assert record["severity"] == severity
    assert said in " ".join(record["messages"])


def test_checking_online_asks_each_home_once_and_archives_the_answer(run: Run, own: Path) -> None:
    missing = Portal("640522", "海原县", "http://www.haiyuan.gov.cn.test/gone.html", delay=0, loopback=True)
    write_registry(own, [OWN, missing])
    links = "".join(f'<li><a href="/{n}/index.html">第{n}项政务信息公开专栏</a></li>' for n in range(80))
    home = Answer(f"<html><title>同心县人民政府</title><body><ul>{links}</ul></body></html>".encode())
    with serving({"/": home}) as server:
        resolve = f"127.0.0.1:{server.port}"
        options = ("--resolve", f"{HOST}={resolve}", "--resolve", f"www.haiyuan.gov.cn.test={resolve}")
        found = run("portals", "check", "--online", *options)
        assert server.paths.count("/") == 1
    assert found.code == 1
    outcomes = {record["county"]: record["outcome"] for record in found.records}
    assert outcomes == {"同心县": "ok", "海原县": "gone"}
    assert "with errors: 1" in found.err
    assert run("parse").code == 0
    assert run("sql", "SELECT count(*) AS n FROM capture WHERE status = 200").records == [{"n": 1}]


def test_checking_online_keeps_to_the_hours_and_names_places(run: Run, own: Path) -> None:
    closed = Portal("640324", "同心县", f"http://{HOST}/", hours="00:00:00-00:00:01", loopback=True)
    write_registry(own, [closed])
    (record,) = run("portals", "check", "--online").records
    assert record["outcome"] == "deferred"
    own.unlink()
    found = run("portals", "check", "--online")
    assert found.code == 2
    assert "nothing is named" in found.err


# Adding


def test_a_portal_is_added_with_what_the_register_knows(run: Run, tmp_path: Path) -> None:
    url = "http://www.example.gov.cn/nb/"
    found = run(
        "portals", "add", "Tongxin", "http://www.example.gov.cn/", "--list", url, "--host", "a.a.gov.cn",
        "--family", "trs", "--delay", "5", "--source", "asked by phone",
    )  # fmt: skip
    assert found.code == 0, found.err
    assert "640324 宁夏回族自治区吴忠市同心县 was added to" in found.err
    (portal,) = read_registry(tmp_path / "data" / "portals.toml")
    assert portal == Portal(
        "640324", "同心县", "http://www.example.gov.cn/", (url,), "吴忠市", "宁夏回族自治区", "trs",
        ("a.a.gov.cn",), 5, source="asked by phone",
    )  # fmt: skip
    assert [record["county"] for record in run("portals", "同心").records] == ["同心县"]


def test_adding_keeps_what_is_there_and_says_what_it_overrides(run: Run, own: Path) -> None:
    before = f"# Mine.\n{own.read_text(encoding='utf-8')}# The end.\n"
    own.write_text(before, encoding="utf-8")
    found = run("portals", "add", "530922", "https://www.ynyx.gov.cn/")
    assert found.code == 0
    assert "ships with an entry of 云县" in found.err
    assert own.read_text(encoding="utf-8").startswith(before)
    (record,) = run("portals", "530922").records
    assert record["source"].startswith("nianbao portals add, 20")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("同心县", "http://www.example.com/"), "www.example.com: not below .gov.cn"),
        (("同心县", "http://a.gov.cn/", "--list", "http://b.com/"), "b.com: not below .gov.cn"),
        (("同心县", "www.example.gov.cn"), "home “www.example.gov.cn” is no web address"),
        (("同心县", "http://a.gov.cn/", "--family", "trss"), "no family of portals is called “trss”"),
        (("同心县", "http://a.gov.cn/", "--delay", "-1"), "delay = -1.0"),
        (("鼓楼区", "http://a.gov.cn/"), "320106 江苏省南京市鼓楼区; 320302"),
        (("同新县", "http://a.gov.cn/"), "no county is called “同新县”"),
        (("吴忠", "http://a.gov.cn/"), "no county is called “吴忠”"),
        (
            ("同心县", "http://www.wenzhou.gov.cn/"),
            "Give the county's own page on it as the home. Nothing was",
        ),
        (("同心县", "http://ynyx.gov.cn/"), "530922 云县"),
        (("同心县", f"https://{HOST}"), "has an entry of 同心县"),
    ],
)
def test_what_would_lead_a_crawl_astray_is_refused(
    run: Run, own: Path, arguments: tuple[str, ...], said: str
) -> None:
    before = own.read_bytes()
    found = run("portals", "add", *arguments)
    assert found.code != 0
    assert said in found.err
    assert own.read_bytes() == before


def test_a_foreign_host_is_added_where_it_is_allowed(run: Run, tmp_path: Path) -> None:
    arguments = ("portals", "add", "乌拉特前旗", "http://1.25.240.12:8082/sites/", "--allow-host")
    assert run(*arguments).code == 0
    assert [p.county for p in read_registry(tmp_path / "data" / "portals.toml")] == ["乌拉特前旗"]


# Which portals a crawl takes


def choose(tmp_path: Path, *wanted: str, everything: bool = False) -> list[str]:
    workspace = Workspace(tmp_path / "data")
    found = choose_portals(workspace.portals(), wanted, workspace, everything=everything)
    return [portal.county_code for portal in found]


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        (["云县"], ["530922"]),
        (["临沧市"], ["530921", "530922", "530923", "530924"]),
        (["lincang"], ["530921", "530922", "530923", "530924"]),
        (["5309"], ["530921", "530922", "530923", "530924"]),
        (["530900"], ["530921", "530922", "530923", "530924"]),
        (["宁夏"], ["640105"]),
        (["64"], ["640105"]),
        (["云县", "临沧市云县"], ["530922"]),
        (["www.ynyx.gov.cn"], ["530922"]),
        (["鼓楼区"], ["320106"]),
        (["长春", "Tibet", "西藏"][:1], ["220105"]),
    ],
)
def test_counties_prefectures_and_provinces_are_named_as_people_do(
    tmp_path: Path, wanted: list[str], codes: list[str]
) -> None:
    assert choose(tmp_path, *wanted) == codes


def test_a_name_that_could_be_several_is_asked_back_with_the_candidates(run: Run, own: Path) -> None:
    write_registry(own, INVENTED)
    found = run("crawl", "鼓楼区")
    assert found.code == 2
    for place in ("990101 示例省甲市鼓楼区", "990102 示例省乙市鼓楼区", "320106 江苏省南京市鼓楼区"):
        assert place in found.err
    assert choose(own.parents[1], "乙市鼓楼区") == ["990102"]
    assert choose(own.parents[1], "990101") == ["990101"]
    assert choose(own.parents[1], "示例省") == ["990101", "990102"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("吉林", "“吉林” could be several; give the code or the full name of one: 22 吉林省; 2202"),
        ("同心县", "640324 宁夏回族自治区吴忠市同心县: the registry has no portal"),
        ("同新县", "no county, prefecture or province is called “同新县”"),
        ("www.nowhere.gov.cn", "no portal of the registry has the host “www.nowhere.gov.cn”"),
    ],
)
def test_a_name_that_no_portal_has_is_told(run: Run, tmp_path: Path, name: str, said: str) -> None:
    jilin = Portal("220202", "昌邑区", "http://www.changyi.gov.cn/")
    (tmp_path / "data").mkdir()
    write_registry(tmp_path / "data" / "portals.toml", [jilin])
    found = run("crawl", name)
    assert found.code == 2
    assert said in found.err


def test_the_others_of_a_name_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert choose(tmp_path, "鼓楼区") == ["320106"]
    said = capsys.readouterr().err
    assert "was taken for 320106 江苏省南京市鼓楼区" in said
    assert "350102 福建省福州市鼓楼区" in said


def test_nobody_crawls_the_country_by_accident(run: Run, tmp_path: Path, own: Path) -> None:
    assert choose(tmp_path) == ["640324"]
    assert len(choose(tmp_path, everything=True)) == len(shipped_registry()) + 1
    with pytest.raises(Failure, match="all_or_named"):
        choose(tmp_path, "云县", everything=True)
    own.unlink()
    found = run("crawl")
    assert found.code == 2
    assert "nothing is named" in found.err
    assert not (tmp_path / "data" / "archive").exists()
