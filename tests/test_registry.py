"""The registry of portals: what may stand in an entry, what ships, and whose a host is."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.archive import Archive
from scraper.forms.identity import is_government_host
from scraper.messages import ScraperError
from scraper.parse import parse
from scraper.places import counties, county_by_code
from scraper.portals import Portal, read_registry, write_registry
from scraper.portals.areas import Area, all_areas, areas_called
from scraper.portals.build import county_at
from scraper.portals.build import main as build
from scraper.portals.doubts import doubts
from scraper.portals.families import families
from scraper.portals.registry import add_entry, examine_registry, hosts_of, merged, shipped_registry
from scraper.store import open_database

ROOT = Path(__file__).parents[1]
SOUND = """
[[portal]]
county_code = "640324"
county = "同心县"
home = "http://www.example.gov.cn/"
"""


def registry(folder: Path, text: str) -> Path:
    path = folder / "portals.toml"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(path: Path) -> str:
    with pytest.raises(ScraperError) as raised:
        read_registry(path)
    assert raised.value.said.text("zh")
    return str(raised.value)


# What an entry may hold


def test_the_register_gives_what_an_entry_leaves_out(tmp_path: Path) -> None:
    (portal,) = read_registry(registry(tmp_path, SOUND))
    assert (portal.prefecture, portal.province) == ("吴忠市", "宁夏回族自治区")
    assert (portal.delay, portal.tls, portal.hours, portal.lists) == (2.0, "verify", "", ())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('colour = "red"', "there is no key colour. There are: county_code"),
        ('delay = "2"', "delay = '2': it must be a number of seconds"),
        ("delay = -1", "delay = -1: it must be a number of seconds"),
        ("delay = true", "delay = True: it must be a number of seconds"),
        ("delay = nan", "delay = nan: it must be a number of seconds"),
        ('lists = "http://www.example.gov.cn/nb/"', "lists = "),
        ('lists = ["/nb/"]', "lists “/nb/” is no web address"),
        ('hosts = ["http://xxgk.example.gov.cn/"]', "hosts: “http://xxgk.example.gov.cn/” is no host"),
        ('hours = "at night"', "hours “at night”: write when crawling may begin and must end"),
        ('hours = "22:00-26:00"', "hours “22:00-26:00”"),
        ('hours = "22:00-22:00"', "hours “22:00-22:00”"),
        ('tls = "none"', "tls “none”: it must be one of verify, legacy, unverified"),
        ("sample = 1", "sample = 1: it must be true or false"),
        ("most_pages = 0", "most_pages = 0: it must be a whole number above 0"),
        ("most_bytes = 1.5", "most_bytes = 1.5: it must be a whole number above 0"),
        ('family = "TRS WCM"', "family “TRS WCM”: write it in small letters"),
        ('seen = "last year"', "seen “last year”: write a day, a month or a year"),
        ('seen = "2024-02-30"', "seen “2024-02-30”"),
        ('province = "甘肃省"', "province “甘肃省”: the register has “宁夏回族自治区”"),
        ('prefecture = "固原市"', "prefecture “固原市”: the register has “吴忠市”"),
    ],
)
def test_a_wrong_value_is_told_with_file_entry_key_and_cure(tmp_path: Path, line: str, said: str) -> None:
    path = registry(tmp_path, f"{SOUND}{SOUND.replace('example', 'other')}{line}\n")
    found = complaint(path)
    assert found.startswith(f"Registry {path}, entry 2 (同心县): ")
    assert said in found


@pytest.mark.parametrize(
    "home",
    [
        "www.example.gov.cn", "ftp://www.example.gov.cn/", "http://", "http://www example.gov.cn/",
        "http://user@www.example.gov.cn/", "http://www.example.gov.cn:port/", "http://localhost/",
        "http://www.example.gov.cn/#top", "//www.example.gov.cn/",
    ],
)  # fmt: skip
def test_a_home_must_be_a_whole_web_address(tmp_path: Path, home: str) -> None:
    path = registry(tmp_path, SOUND.replace("http://www.example.gov.cn/", home))
    assert f"home “{home}” is no web address" in complaint(path)


@pytest.mark.parametrize("key", ["county_code", "county", "home"])
def test_an_entry_needs_its_county_and_its_home(tmp_path: Path, key: str) -> None:
    text = "\n".join(line for line in SOUND.splitlines() if not line.startswith(f"{key} ="))
    assert f"{key} is missing" in complaint(registry(tmp_path, text))


@pytest.mark.parametrize(
    ("code", "county", "more", "said"),
    [
        ("640324", "海原县", "", "the code 640324 is 宁夏回族自治区吴忠市同心县, not 海原县"),
        ("640324", "海原县", "", "Counties of that name: 640522 宁夏回族自治区中卫市海原县"),
        (
            "640399",
            "同心县",
            "",
            "the register of counties has no code 640399. Counties of that name: 640324",
        ),
        ("64032", "同心县", "", "county_code “64032”: write the six digits"),
        ("990101", "青禾县", "", "the register of counties has no code 990101"),
        ("990101", "青禾县", "sample = true", None),
        ("659099", "新县", 'province = "新疆维吾尔自治区"', None),
        ("632127", "化隆县", "", None),
        ("630224", "化隆县", "", None),
        ("120115", "宝坻县", "", "the code 120115 is"),
    ],
)
def test_code_and_name_mean_the_same_county(
    tmp_path: Path, code: str, county: str, more: str, said: str | None
) -> None:
    text = SOUND.replace("640324", code).replace("同心县", county) + more
    path = registry(tmp_path, text)
    if said is None:
        assert [portal.county for portal in read_registry(path)] == [county]
    else:
        assert said in complaint(path)


def test_one_county_and_home_stand_once(tmp_path: Path) -> None:
    twin = SOUND.replace("http://www.example.gov.cn/", "https://WWW.example.gov.cn")
    assert "entry 1 is of the same county and home" in complaint(registry(tmp_path, SOUND + twin))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[portal]\ncounty = 1", "“portal” is not as a registry has it"),
        ("portal = [1]", "“portal” is not as a registry has it"),
        ('[[portals]]\ncounty = "同心县"', "“portals” is not as a registry has it"),
        ("[[portal]\n", "can't be read"),
    ],
)
def test_what_is_no_registry_is_told(tmp_path: Path, text: str, said: str) -> None:
    path = registry(tmp_path, text)
    found = complaint(path)
    assert said in found
    assert str(path) in found


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "portals.toml"
    path.write_bytes("county = '同心县'".encode("gb18030"))
    assert "can't be read" in complaint(path)


def test_all_faults_of_a_file_are_found_at_once(tmp_path: Path) -> None:
    wrong = SOUND.replace("640324", "64") + 'tls = "none"\n'
    portals, faults = examine_registry(registry(tmp_path, SOUND + wrong))
    assert len(portals) == 1
    assert [fault.number for fault in faults] == [2, 2]


def test_a_day_may_be_written_without_quotes(tmp_path: Path) -> None:
    (portal,) = read_registry(registry(tmp_path, SOUND + "seen = 2024-01-31\n"))
    assert portal.seen == "2024-01-31"


portals_of_all_kinds = st.builds(
    lambda county, hosts, **more: Portal(
        county.code, county.name, "http://www.example.gov.cn/",
        prefecture=county.prefecture, province=county.province, hosts=tuple(hosts), **more,
    ),
    st.sampled_from(list(counties().values())),
    st.lists(st.sampled_from(["a.gov.cn", "b.a.gov.cn", "1.25.240.11:8082"]), unique=True),
    family=st.sampled_from(["", "trs", "vsb"]),
    delay=st.floats(0, 3600),
    hours=st.sampled_from(["", "22:00-06:00", "00:00-24:00"]),
    tls=st.sampled_from(["verify", "legacy", "unverified"]),
    loopback=st.booleans(),
    sample=st.booleans(),
    disabled=st.booleans(),
    most_pages=st.integers(1, 10**6),
    source=st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    seen=st.sampled_from(["", "2024", "2024-01", "2024-01-31"]),
)  # fmt: skip


@given(portals_of_all_kinds)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, portal: Portal) -> None:
    path = tmp_path_factory.mktemp("registry") / "portals.toml"
    write_registry(path, [portal])
    assert read_registry(path) == [portal]
    path.unlink()
    add_entry(path, portal)
    assert read_registry(path) == [portal]


def test_an_entry_is_added_and_all_else_stays(tmp_path: Path) -> None:
    path = registry(tmp_path, f"# Mine.\n{SOUND}  # asked on the phone\ndelay = 5\n\n# The end.")
    added = Portal("640522", "海原县", "http://www.other.gov.cn/", lists=("http://www.other.gov.cn/nb/",))
    add_entry(path, added)
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# Mine.\n{SOUND}  # asked on the phone\ndelay = 5\n\n# The end.\n\n[[portal]]\n")
    assert [portal.county for portal in read_registry(path)] == ["同心县", "海原县"]
    assert [file.name for file in tmp_path.iterdir()] == ["portals.toml"]


@pytest.mark.parametrize(
    ("before", "portal", "said"),
    [
        (SOUND, Portal("640324", "同心县", "https://www.example.gov.cn"), "has an entry of 同心县"),
        (SOUND, Portal("640324", "海原县", "http://a.gov.cn/"), "the code 640324 is"),
        (SOUND + "x = 1", Portal("640522", "海原县", "http://a.gov.cn/"), "there is no key x"),
        ("[[portal]\n", Portal("640522", "海原县", "http://a.gov.cn/"), "can't be read"),
    ],
)
def test_what_can_not_be_added_changes_nothing(
    tmp_path: Path, before: str, portal: Portal, said: str
) -> None:
    path = registry(tmp_path, before)
    with pytest.raises(ScraperError, match=re.escape(said)):
        add_entry(path, portal)
    assert path.read_text(encoding="utf-8") == before


# What ships


def test_the_shipped_registry_has_a_file_for_each_province() -> None:
    folder = ROOT / "src" / "scraper" / "portals" / "provinces"
    provinces = set()
    for path in folder.glob("*.toml"):
        (province,) = {portal.province for portal in read_registry(path)}
        assert path.read_text(encoding="utf-8").startswith(f"# {province}")
        provinces.add(province)
    assert len(provinces) == 31
    assert len(shipped_registry()) >= 180


def test_every_shipped_entry_is_of_a_county_of_today_and_says_where_it_came_from() -> None:
    assert len({portal.key for portal in shipped_registry()}) == len(shipped_registry())
    for portal in shipped_registry():
        county = county_by_code(portal.county_code)
        assert county is not None
        assert county.until is None
        assert portal.county == county.name
        assert re.match(r"report_addresses\.csv row \d+: https?://", portal.source), portal
        assert not portal.family or portal.family in families()
        assert not any((portal.sample, portal.loopback, portal.disabled))


def test_shipped_addresses_lie_on_the_counties_own_government_hosts() -> None:
    foreign = {portal.host for portal in shipped_registry() if not is_government_host(portal.host)}
    assert foreign == {"1.25.240.11"}
    assert [doubt for doubt in doubts(shipped_registry()) if doubt.severity == "error"] == []
    for portal in shipped_registry():
        hosts = {urlsplit(url).netloc for url in portal.lists}
        assert hosts <= {urlsplit(portal.home).netloc, *portal.hosts}, portal


def test_the_wheel_holds_the_shipped_registry(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "src" / "scraper" / "portals").rglob("*.toml"):
        assert str(path.relative_to(ROOT / "src")) in names


def test_an_entry_of_ones_own_takes_the_place_of_a_shipped_one() -> None:
    shipped = shipped_registry()[0]
    own = Portal(shipped.county_code, shipped.county, shipped.home.replace("http:", "https:"), delay=9)
    found = merged([own], shipped_registry())
    assert len(found) == len(shipped_registry())
    assert found[0] is own


# Whose a host is


def portal(code: str, home: str, *hosts: str, disabled: bool = False) -> Portal:
    county = county_by_code(code)
    assert county is not None
    return Portal(code, county.name, home, hosts=hosts, disabled=disabled)


def test_a_host_on_which_one_county_publishes_is_that_countys() -> None:
    found = hosts_of([portal("640324", "http://www.tongxin.gov.cn/", "xxgk.tongxin.gov.cn:8080")])
    assert found["www.tongxin.gov.cn"] == found["tongxin.gov.cn"] == found["xxgk.tongxin.gov.cn"] == "640324"


@pytest.mark.parametrize(
    ("portals", "host"),
    [
        # A page on somebody else's host.
        ([portal("640324", "http://www.wuzhong.gov.cn/tongxin/")], "www.wuzhong.gov.cn"),
        # Another host that the entry names may be its prefecture's.
        ([portal("640324", "http://www.tongxin.gov.cn/", "www.wuzhong.gov.cn")], "www.wuzhong.gov.cn"),
        # Two counties on one host.
        (
            [portal("640324", "http://www.a.gov.cn/"), portal("640522", "http://a.gov.cn/index.html")],
            "www.a.gov.cn",
        ),
        (
            [portal("640324", "http://www.a.gov.cn/"), portal("640522", "http://b.gov.cn/", "a.gov.cn")],
            "a.gov.cn",
        ),
        # A prefecture's host, by shared_hosts.toml.
        ([portal("330324", "http://www.wenzhou.gov.cn/")], "www.wenzhou.gov.cn"),
        ([portal("640324", "http://www.tongxin.gov.cn/", disabled=True)], "www.tongxin.gov.cn"),
    ],
)
def test_a_host_that_may_be_anybodys_is_nobodys(portals: list[Portal], host: str) -> None:
    assert host not in hosts_of(portals)


def test_shipped_hosts_are_their_counties() -> None:
    found = hosts_of(shipped_registry())
    assert found["www.ynyx.gov.cn"] == "530922"
    assert found["www.njgl.gov.cn"] == "320106"
    assert not {"www.wenzhou.gov.cn", "zwgk.changchun.gov.cn", "beijing.gov.cn"} & set(found)


PAGE = """<html><body><h1>2022年政府信息公开工作年度报告</h1>
<p>本报告的统计期限自2022年1月1日起至2022年12月31日止。</p>
<p>一、总体情况。主动公开政府信息100条。二、依申请公开：收到申请3件。三、行政复议、行政诉讼：无。四、存在的主要问题和改进情况。</p>
</body></html>"""


def test_the_host_tells_whose_a_report_without_a_name_is(tmp_path: Path) -> None:
    own = portal("640324", "http://www.tongxin.gov.cn/")
    ask = "SELECT county_code FROM report"
    with Archive(tmp_path, writing=True) as archive:
        headers = [("Content-Type", "text/html; charset=utf-8")]
        url = "http://www.tongxin.gov.cn/2023/1.html"
        archive.store_response(url, "200 OK", headers, PAGE.encode())
    with Archive(tmp_path) as archive, open_database(tmp_path / "reports.duckdb") as connection:
        assert parse(archive, connection).reports == 1
        assert connection.execute(ask).fetchall() == [(None,)]
        # The registry says more than before: the page is read again, and no third time.
        assert parse(archive, connection, [own]).reports == 1
        assert connection.execute(ask).fetchall() == [("640324",)]
        assert parse(archive, connection, [own]).reports == 0


# Names of areas


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("同心县", ["640324"]),
        ("同心", ["640324"]),
        ("640324", ["640324"]),
        ("tongxin", ["640324"]),
        ("Tongxin County", ["640324"]),
        ("宁夏同心", ["640324"]),
        ("宁夏回族自治区吴忠市同心县", ["640324"]),
        ("吴忠", ["6403"]),
        ("wuzhong", ["320506", "6403"]),
        ("6403", ["6403"]),
        ("640300", ["6403"]),
        ("宁夏", ["64"]),
        ("640000", ["64"]),
        ("64", ["64"]),
        ("Shaanxi", ["61"]),
        ("Shanxi", ["14"]),
        ("北京", ["11"]),
        ("黔东南", ["5226"]),
        ("南京鼓楼区", ["320106"]),
        ("鼓楼区", ["320106", "320302", "350102", "410204"]),
        ("吉林", ["22", "2202"]),
        ("吉林市", ["2202"]),
        ("长沙", ["4301", "430121"]),
        ("上虞市", ["330604"]),
        ("330682", ["330604"]),
        ("化隆县", ["630224"]),
        ("lvliang", ["1411"]),
        ("lüliang", ["1411"]),
        ("天上县", []),
        ("640399", []),
    ],
)
def test_areas_are_found_by_what_they_are_called(name: str, codes: list[str]) -> None:
    assert [area.code for area in areas_called(name, all_areas())] == codes


@given(st.sampled_from([area for area in all_areas() if area.level == "county"]))
def test_every_county_is_found_by_its_code_and_its_whole_name(area: Area) -> None:
    for name in (area.code, f"{''.join(dict.fromkeys(area.above))}{area.name}"):
        assert area in areas_called(name, all_areas())
        assert len(areas_called(name, all_areas())) == 1


# Entries from addresses of reports


@pytest.mark.parametrize(
    ("region", "code", "organ"),
    [
        ("浙江宁波江北区", "330205", ""),
        ("四川仁寿县钟祥镇", "511421", "钟祥镇"),
        ("江苏省淮安市洪泽区", "320813", ""),
        ("安徽铜陵郊区某乡", "340711", "某乡"),
        ("海南白沙县", "469025", ""),
        ("上海崇明县审计局", "310151", "审计局"),
        ("江北区", None, ""),
        ("内蒙古西乌旗", None, ""),
        ("陕西西安市人防办", None, ""),
        ("湖南省", None, ""),
    ],
)
def test_the_county_of_a_region_is_the_only_one_or_none(region: str, code: str | None, organ: str) -> None:
    found = county_at(region)
    assert (found and (found[0].code, found[1])) == (None if code is None else (code, organ))


ADDRESSES = [
    # The year folder and the departments' lie below the county's list.
    ("http://ab.gov.cn/zwgk/zfxxgknb/2022n/202302/t20230218_1.html", "宁夏同心县财政局", "2022", "年报"),
    ("http://aa.gov.cn/zwgk/zfxxgknb/2022n/202302/t20230218_1.html", "宁夏青铜峡市财政局", "2022", "年报"),
    # Another department's list is not the county's.
    ("http://www.bb.gov.cn/bm/czj/zfxxgknb_12/202302/t20230218_2.html", "宁夏盐池县财政局", "2022", "年报"),
    ("http://www.cc.gov.cn/art/2024/1/30/art_77_1.html", "宁夏海原县", "2023", "海原县人民政府办公室"),
    ("http://www.dd.gov.cn/art/2024/1/30/art_77_1.html", "宁夏西吉县教育局", "2023", "年报"),
    ("http://www.ee.gov.cn/zwgk/gknb/content/post_5.html", "广东遂溪县建新镇", "2018", "年报"),
    ("http://xxgk.ff.gov.cn/info/1/2.htm", "宁夏彭阳县", "2021", "年报"),
    ("http://www.ff.gov.cn/info/1/3.htm", "宁夏彭阳县", "2020", "年报"),
    # Left out: no county, two counties on a host, a prefecture's host, a copy's host.
    ("http://www.gg.gov.cn/info/1/2.htm", "宁夏吴忠市", "2021", "年报"),
    ("http://www.hh.gov.cn/info/1/2.htm", "宁夏隆德县", "2021", "年报"),
    ("http://hh.gov.cn/info/1/3.htm", "宁夏泾源县", "2021", "年报"),
    ("http://www.wenzhou.gov.cn/art/2025/2/10/art_1_1.html", "浙江永嘉县", "2024", "年报"),
    ("http://www.jj.com/info/1/3.htm", "宁夏中宁县", "2021", "年报"),
]  # fmt: skip


def test_addresses_of_reports_become_entries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, folder = tmp_path / "addresses.csv", tmp_path / "provinces"
    with table.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["address", "region", "report_year", "title"])
        writer.writerows(ADDRESSES)
    folder.mkdir()
    kept = f"# Corrected by hand.\n{SOUND}"
    (folder / "ningxia.toml").write_text(kept, encoding="utf-8")
    build(str(table), str(folder))
    said = capsys.readouterr()
    assert said.out.count("added ") == 6
    assert re.findall(r"row (\d+) left out", said.err) == ["10", "11", "12", "13", "14"]
    assert sorted(path.name for path in folder.iterdir()) == ["guangdong.toml", "ningxia.toml"]
    assert (folder / "ningxia.toml").read_text(encoding="utf-8").startswith(kept)
    found = {p.county: p for path in folder.iterdir() for p in read_registry(path)}
    assert found["同心县"].home == "http://www.example.gov.cn/"
    assert found["青铜峡市"].lists == ("http://aa.gov.cn/zwgk/zfxxgknb/",)
    assert (found["盐池县"].family, found["盐池县"].lists, found["盐池县"].seen) == ("trs", (), "2023-02-18")
    assert found["海原县"].lists == ("http://www.cc.gov.cn/col/col77/index.html",)
    assert found["西吉县"].lists == ()
    assert found["遂溪县"].lists == ("http://www.ee.gov.cn/zwgk/gknb/",)
    assert (found["彭阳县"].home, found["彭阳县"].hosts) == ("http://www.ff.gov.cn/", ("xxgk.ff.gov.cn",))
    assert (found["彭阳县"].seen, found["彭阳县"].family) == ("2022", "vsb")
    build(str(table), str(folder))
    assert "added" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "page", ["README.md", "README.zh-CN.md", "docs/portals.md", "docs/zh/portals.md", "CHANGELOG.md"]
)
def test_the_docs_say_how_many_counties_ship(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert re.search(
        rf"\b{len({portal.county_code for portal in shipped_registry()})}( counties| 个县)", text
    )
