"""Pictures: what is drawn is what the answer says, in files that need nothing else and never change."""

from __future__ import annotations

import json
import re
import struct
import sys
import tomllib
import zlib
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import altair
import duckdb
import pytest

from analysis import plots, series
from analysis.present.figures import figure_text
from analysis.series import Choice, Question
from conftest import Run
from nianbao.commands.demo import demo
from series_database import Stated, database, doubt

SVG = "{http://www.w3.org/2000/svg}"
NORTH = ("110001", "110002", "110003", "110101")


def requests(code: str, year: int, received: float | None, **kept: Any) -> Stated:
    return Stated(code, year, {"requests_received": received}, **kept)


REPORTS = [
    # 甲县: three forms, a year without a report, a blank cell.
    requests("110001", 2016, 7),
    requests("110001", 2018, 12),
    requests("110001", 2019, 20),
    requests("110001", 2020, 24),
    requests("110001", 2021, 30),
    requests("110001", 2022, None),
    requests("110001", 2023, 35),
    *(requests(code, 2020, value) for code, value in zip(NORTH[1:], (0, 9, 120), strict=True)),
    *(requests(code, 2019, value) for code, value in zip(NORTH[1:], (1, 8, 100), strict=True)),
    requests("120001", 2020, 60, scope="own"),
]
DOUBTED = REPORTS[3]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with database(REPORTS) as found:
        doubt(found, DOUBTED, ["requests_received"])
        yield found


def trend(
    connection: duckdb.DuckDBPyConnection, *metrics: str, language: plots.Language = "en", **asked: Any
) -> tuple[series.Trend, plots.Picture]:
    question = Question(metrics or ("requests_received",), **asked)
    found = series.trend(connection, series.find_county(connection, "110001"), question)
    sources = series.sources_of(connection, found.records)
    return found, plots.draw(found, question, sources, language)


def ranking(
    connection: duckdb.DuckDBPyConnection, *, language: plots.Language = "en", year: int = 2020, **drawn: Any
) -> tuple[series.Ranking, plots.Picture]:
    question = Question(("requests_received",), Choice(years=(year,)))
    found = series.rank(connection, question)
    sources = series.sources_of(connection, found.records)
    return found, plots.draw(found, question, sources, language, **drawn)


def comparison(
    connection: duckdb.DuckDBPyConnection, *years: int, language: plots.Language = "en", **drawn: Any
) -> tuple[series.Comparison, plots.Picture]:
    asked = {key: drawn.pop(key) for key in ("peers", "shown", "base") if key in drawn}
    question = Question(("requests_received",), Choice(years=years), **asked)
    found = series.compare(connection, question)
    sources = series.sources_of(connection, found.records)
    return found, plots.draw(found, question, sources, language, **drawn)


def marks(spec: Any) -> Iterator[Mapping[str, Any]]:
    """The units of a specification, each with its mark and its data."""
    if isinstance(spec, Mapping):
        if "mark" in spec:
            yield spec
        for name in ("layer", "hconcat", "vconcat", "concat"):
            for one in spec.get(name, ()):
                yield from marks(one)


def drawn(picture: plots.Picture, kind: str) -> list[dict[str, Any]]:
    """The rows of the figures that a kind of mark draws: those of peers and the like have no line."""
    units = [one for one in marks(picture.spec) if one["mark"]["type"] == kind]
    rows = [row for one in units for row in one.get("data", {}).get("values", ())]
    return [row.get("properties", row) for row in rows if "line" in row.get("properties", row)]


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - made here


def words(svg: str) -> list[str]:
    """What the texts of an SVG file say."""
    return [one.get("aria-label", "") for one in parsed(svg).iter() if one.get("role") == "img"]


def of_records(records: list[dict[str, Any]]) -> list[tuple[str, int, float]]:
    return [
        (record["county_code"], record["year"], record["requests_received"])
        for record in records
        if record["requests_received"] is not None
    ]


def of_rows(rows: list[dict[str, Any]]) -> list[tuple[str, int, float]]:
    return [(row["code"], row["year"], row["value"]) for row in rows]


# ---- What is drawn ----------------------------------------------------------------------------------------


def test_a_trend_draws_every_figure_once(connection: duckdb.DuckDBPyConnection) -> None:
    found, picture = trend(connection)
    assert of_rows(drawn(picture, "point")) == of_records(found.records)
    assert len(drawn(picture, "point")) == 6


def test_the_line_ends_at_gaps_and_at_breaks(connection: duckdb.DuckDBPyConnection) -> None:
    _, picture = trend(connection)
    pieces: dict[int, list[int]] = {}
    for row in drawn(picture, "line"):
        pieces.setdefault(row["piece"], []).append(row["year"])
    # 2017 has no report; 2018/19 the form broke; 2021 a fee came in; 2022 the cell is blank.
    assert list(pieces.values()) == [[2016], [2018], [2019, 2020], [2021], [2023]]
    (line,) = [one for one in marks(picture.spec) if one["mark"]["type"] == "line"]
    assert line["encoding"]["detail"]["field"] == "piece"


def test_breaks_are_marked_before_the_figures_that_they_concern(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found, picture = trend(connection)
    rules = [one for one in marks(picture.spec) if one["mark"]["type"] == "rule"]
    places = [row["year"] for one in rules for row in one["data"]["values"]]
    assert places == [record["year"] - 0.5 for record in found.records if record["break"]] == [2018.5, 2020.5]
    told = " ".join(picture.frame.notes)
    assert all(wording["en"][1:] in told for key, wording in found.wordings.items() if "form_2019" in key)


def test_years_without_a_figure_say_why(connection: duckdb.DuckDBPyConnection) -> None:
    _, picture = trend(connection)
    rows = next(one for one in marks(picture.spec) if one["mark"]["type"] == "rect")["data"]["values"]
    assert [(row["year"], row["text"]) for row in rows] == [(2017, "no report"), (2022, "blank")]
    assert "Without a figure, which is not zero (2): 2017 (no report), 2022 (blank)." in picture.frame.notes


def test_doubtful_and_joined_figures_differ_in_shape_and_filling(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    _, picture = trend(connection)
    looks = {
        row["year"]: (row["look"]["shape"], row["look"]["fill"], row["text"])
        for row in drawn(picture, "point")
    }
    assert looks[2019][:2] == ("circle", "#0072b2")
    assert looks[2020][0] == "diamond"
    assert looks[2018][:2] == ("circle", "#ffffff")
    assert looks[2020][2] == "24*"
    assert looks[2018][2] == "12~"
    assert {sign.meaning[0] for sign in picture.frame.signs} >= {"*", "~", "†"}


def test_several_metrics_never_share_a_scale(connection: duckdb.DuckDBPyConnection) -> None:
    _, picture = trend(connection, "requests_received", "natural_person_share")
    panels = picture.spec["vconcat"]
    assert [panel["title"]["text"] for panel in panels] == [
        "Requests received this year", "Share of natural persons (%)",
    ]  # fmt: skip
    for panel in panels:
        fields = {one["encoding"]["y"]["field"] for one in marks(panel) if "y" in one["encoding"]}
        assert fields <= {"value", "median", "q25", "hundred"}
        scales = {json.dumps(one["encoding"]["y"]["scale"]) for one in marks(panel) if "y" in one["encoding"]}
        assert len(scales) == 1


def test_peers_stand_beside_the_line(connection: duckdb.DuckDBPyConnection) -> None:
    found, picture = trend(connection, peers="province")
    (area,) = [one for one in marks(picture.spec) if one["mark"]["type"] == "area"]
    shown = {row["year"]: (row["q25"], row["median"], row["q75"]) for row in area["data"]["values"]}
    assert shown == {
        record["year"]: tuple(record[f"requests_received_{part}"] for part in ("q25", "median", "q75"))
        for record in found.records
        if record["requests_received_median"] is not None
    }
    # Of 0, 9 and 120.
    assert shown[2020] == (4.5, 9, 64.5)
    assert "Peers: reports of the same province, year and scope." in picture.frame.subtitle


def test_an_index_is_drawn_beside_its_hundred(connection: duckdb.DuckDBPyConnection) -> None:
    found, picture = trend(connection, shown="index", base=2019)
    assert of_rows(drawn(picture, "point")) == of_records(found.records)
    assert any(row.get("hundred") == 100 for one in marks(picture.spec) for row in one["data"]["values"])
    assert "2019 = 100" in picture.frame.title


def test_a_ranking_is_bars_in_its_order(connection: duckdb.DuckDBPyConnection) -> None:
    found, picture = ranking(connection, marked=["110003"])
    assert of_rows(drawn(picture, "bar")) == of_records(found.records)
    (bars,) = [one for one in marks(picture.spec) if one["mark"]["type"] == "bar"]
    assert bars["encoding"]["y"]["sort"] == ["丁县  1", "戊县  2", "甲县  3", "▶ 丙区  4", "乙县  5"]
    texts = {row["line"]: row["text"] for row in drawn(picture, "text")}
    assert texts["甲县"] == "24*"
    assert texts["乙县"] == "0"
    assert "median of those shown: 24" in [sign.meaning for sign in picture.frame.signs]


def test_a_ranking_names_those_without_a_figure(connection: duckdb.DuckDBPyConnection) -> None:
    _, picture = ranking(connection, language="zh", year=2019)
    assert [row["line"] for row in drawn(picture, "bar")] == ["丁县", "甲县", "丙区", "乙县"]
    assert "无数值（不等于零）1 个：戊县（无报告）。" in picture.frame.notes


def test_a_comparison_of_one_year_shows_the_missing_in_their_place(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found, picture = comparison(connection, 2019)
    assert of_rows(drawn(picture, "bar")) == of_records(found.records)
    (bars,) = [one for one in marks(picture.spec) if one["mark"]["type"] == "bar"]
    assert bars["encoding"]["y"]["sort"] == ["甲县", "乙县", "丙区", "丁县", "戊县"]
    assert {row["line"]: row["text"] for row in drawn(picture, "text")}["戊县"] == "no report"


def test_several_years_are_panels_of_one_scale(connection: duckdb.DuckDBPyConnection) -> None:
    found, picture = comparison(connection, 2019, 2020)
    (block,) = picture.spec["vconcat"]
    assert [panel["title"]["text"] for panel in block["concat"]] == ["甲县", "乙县", "丙区", "丁县", "戊县"]
    assert sorted(of_rows(drawn(picture, "point"))) == sorted(of_records(found.records))
    scales = {
        tuple(one["encoding"]["y"]["scale"]["domain"])
        for one in marks(picture.spec)
        if "y" in one["encoding"]
    }
    assert len(scales) == 1


def test_negative_changes_go_to_the_left(connection: duckdb.DuckDBPyConnection) -> None:
    found, picture = comparison(connection, 2020, shown="change")
    assert of_rows(drawn(picture, "bar")) == of_records(found.records)
    (bars,) = [one for one in marks(picture.spec) if one["mark"]["type"] == "bar"]
    low, high = bars["encoding"]["x"]["scale"]["domain"]
    # 乙县 had one request less, 丁县 twenty more.
    assert low < -1 < 20 < high
    assert {row["text"] for row in drawn(picture, "text")} >= {"-1", "+20", "+1", "+4*"}


def test_a_distribution_has_a_dot_for_each_and_names_the_marked(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found, picture = ranking(connection, kind="distribution", marked=["110003"])
    assert sorted(of_rows(drawn(picture, "point"))) == sorted(of_records(found.records))
    assert [row["named"] for row in drawn(picture, "text")] == ["丙区 9"]
    boxes = [row for one in marks(picture.spec) for row in one["data"]["values"] if "lower" in row]
    # Of 0, 9, 24, 60 and 120.
    assert boxes == [{"lower": 9, "median": 24, "upper": 60}] * 2


def test_many_figures_become_columns_that_count_them_all() -> None:
    many = [
        requests(NORTH[0], 2020, 500),
        *(requests(NORTH[0], 2020, n % 3, kind="other", publisher=f"局{n}") for n in range(90)),
    ]
    with database(many) as connection:
        question = Question(("requests_received",), Choice(kinds=("other",), years=(2020,)))
        found = series.compare(connection, question)
        picture = plots.draw(
            found, question, series.sources_of(connection, found.records), "en", kind="distribution"
        )
    columns = [
        row for one in marks(picture.spec) if one["mark"]["type"] == "rect" for row in one["data"]["values"]
    ]
    assert [(row["first"], row["count"]) for row in columns] == [(0, 30), (1, 30), (2, 30)]


def test_names_that_several_counties_have_are_told_apart() -> None:
    with database([requests("110001", 2020, 1), requests("120002", 2020, 2)]) as connection:
        _, picture = comparison(connection, 2020)
    assert [row["line"] for row in drawn(picture, "bar")] == ["甲县（东市）", "甲县（南市）"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_picture_says_what_it_shows_of_what_and_whence(
    connection: duckdb.DuckDBPyConnection, language: plots.Language
) -> None:
    pictures = [
        trend(connection, language=language)[1],
        ranking(connection, language=language)[1],
        comparison(connection, 2019, 2020, language=language)[1],
        ranking(connection, language=language, kind="distribution")[1],
    ]
    for picture in pictures:
        frame = picture.frame
        assert {"en": "Requests received", "zh": "新收政府信息公开申请"}[language] in frame.title
        assert re.search(r"20\d\d", frame.title)
        assert {"en": "Number of requests, as the reports print it.", "zh": "申请件数，照报告所印。"}[
            language
        ] in frame.subtitle
        (source,) = [note for note in frame.notes if "2026-01-01" in note]
        assert {"en": "annual reports on open government information", "zh": "份政府信息公开工作年度报告"}[
            language
        ] in source
        # All reports of this database are samples.
        assert {"en": "SAMPLE DATA", "zh": "示例数据"}[language] in frame.warning
        assert any(frame.warning[:8] in text for text in words(picture.svg()))


def test_a_measure_names_its_denominator(connection: duckdb.DuckDBPyConnection) -> None:
    _, picture = trend(connection, "requests_received", "refusal_rate")
    assert "Refusal rate: of the requests processed, those denied on any ground;" in picture.frame.subtitle[1]


def test_real_reports_bear_no_warning(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("UPDATE report SET sample = false, url = 'http://www.jia.gov.cn/' || report_id")
    _, picture = trend(connection)
    assert not picture.frame.warning
    # Of eight years one has no report.
    assert any("information (7)" in note and "www.jia.gov.cn" in note for note in picture.frame.notes)


def test_specifications_are_valid_vega_lite(connection: duckdb.DuckDBPyConnection) -> None:
    for picture in (
        trend(connection, peers="province")[1],
        ranking(connection)[1],
        comparison(connection, 2019, 2020)[1],
        ranking(connection, kind="distribution", marked=["110003"])[1],
        plots.draw_coverage(series.coverage(connection, Choice()), series.sources_of(connection, []), "en"),
    ):
        altair.Chart.from_dict({"data": {"values": []}, **picture.spec})


# ---- Coverage ---------------------------------------------------------------------------------------------


def test_coverage_has_a_tile_for_each_county_and_year(connection: duckdb.DuckDBPyConnection) -> None:
    found = series.coverage(connection, Choice())
    picture = plots.draw_coverage(found, series.sources_of(connection, found.records), "en")
    tiles = {
        (row["line"], row["year"]): row["text"]
        for row in drawn(picture, "rect") or picture.spec["data"]["values"]
    }
    assert found.years == tuple(range(2016, 2024))
    assert len(tiles) == 5 * 8
    assert tiles["甲县", 2020] == "W*"
    assert tiles["甲县", 2017] == "–"
    assert tiles["戊县", 2020] == "O"
    meanings = {sign.letter: sign.meaning for sign in picture.frame.signs}
    assert meanings == {
        "W": "on the whole county", "O": "on the office alone", "–": "no report",
        "*": "with figures in an open finding",
    }  # fmt: skip


def test_coverage_tells_prose_and_unknown_scope() -> None:
    reports = [Stated("110001", 2012), Stated("110001", 2020, scope=None)]
    with database(reports) as connection:
        found = series.coverage(connection, Choice(years=(2012, 2020)))
    assert [record["state"] for record in found.records] == ["narrative", "unknown"]


def test_a_merged_county_has_no_tiles_after_its_end() -> None:
    with database([requests("120003", 2014, 1), requests("120001", 2017, 1)]) as connection:
        found = series.coverage(connection, Choice())
    years = [record["year"] for record in found.records if record["county"] == "己县"]
    assert years == [2014, 2015]


# ---- Files ------------------------------------------------------------------------------------------------


def test_svg_is_well_formed_and_its_texts_are_outlines(connection: duckdb.DuckDBPyConnection) -> None:
    _, picture = ranking(connection, language="zh")
    root = parsed(picture.svg())
    assert not list(root.iter(f"{SVG}text"))
    assert "font-family" not in picture.svg()
    said = words(picture.svg())
    for text in ("丁县  1", "乙县  5", "24*", picture.frame.title):
        assert text in said
    outlines = {one.get("id"): one.get("d") for one in root.iter(f"{SVG}path") if one.get("id")}
    used = [one.attrib["{http://www.w3.org/1999/xlink}href"][1:] for one in root.iter(f"{SVG}use")]
    assert used
    assert all(outlines[name] for name in used)


def test_figures_say_what_they_are_when_pointed_at(connection: duckdb.DuckDBPyConnection) -> None:
    _, picture = trend(connection)
    titles = [one.text for one in parsed(picture.svg()).iter(f"{SVG}title")]
    assert "甲县, 2020: 24*" in titles


def test_png_shows_the_chinese_names(connection: duckdb.DuckDBPyConnection) -> None:
    _, picture = ranking(connection)
    wide, high, rows = pixels(picture.png(1))
    root = parsed(picture.svg())
    assert (wide, high) == (int(root.attrib["width"]), int(root.attrib["height"]))
    # The names stand in the first tenth of the picture's width, below its head.
    names = [row[x] for row in rows[high // 3 : high * 2 // 3] for x in range(20, wide // 10)]
    assert sum(sum(pixel) < 300 for pixel in names) > 100
    blue = sum(pixel == (0, 0x72, 0xB2) for row in rows for pixel in row)
    assert blue > 2000


def pixels(png: bytes) -> tuple[int, int, list[list[tuple[int, ...]]]]:
    """Width, height and the colours of a PNG file of 8 bits with transparency."""
    wide, high, depth, colours = struct.unpack(">IIBB", png[16:26])
    assert (depth, colours) == (8, 6)
    place, packed = 8, b""
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            packed += png[place + 8 : place + 8 + length]
        place += length + 12
    data, before, rows = zlib.decompress(packed), bytes(wide * 4), []
    for row in range(high):
        start = row * (wide * 4 + 1)
        before = _unfiltered(data[start], data[start + 1 : start + 1 + wide * 4], before)
        rows.append([tuple(before[x : x + 3]) for x in range(0, wide * 4, 4)])
    return wide, high, rows


def _unfiltered(how: int, line: bytes, above: bytes) -> bytes:
    found = bytearray(line)
    for x, byte in enumerate(line):
        left = found[x - 4] if x >= 4 else 0
        up, corner = above[x], above[x - 4] if x >= 4 else 0
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[how]
        found[x] = (byte + guess) % 256
    return bytes(found)


def _paeth(left: int, up: int, corner: int) -> int:
    wanted = left + up - corner
    return min((left, up, corner), key=lambda one: abs(wanted - one))


class _Loads(HTMLParser):
    """Collects what a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag in ("script", "link", "iframe", "img", "object", "embed"):
            self.found.append(tag)
        self.found += [name for name in given if name == "src" or name.startswith("on")]
        linked = given.get("xlink:href") or (given.get("href") if tag != "a" else None)
        self.found += [linked] if linked and not linked.startswith("#") else []


def test_html_loads_nothing_and_has_the_figures_as_a_table(connection: duckdb.DuckDBPyConnection) -> None:
    _, picture = trend(connection, language="zh")
    page = picture.html()
    loads = _Loads()
    loads.feed(page)
    assert loads.found == []
    assert "@import" not in page
    assert 'lang="zh-CN"' in page
    assert "default-src 'none'" in page
    for cell in ("<td>24*</td>", "<td>无报告</td>", '<a href="http://110001-2020-county_government"'):
        assert cell in page


def test_the_same_answer_makes_the_same_bytes(connection: duckdb.DuckDBPyConnection) -> None:
    first = trend(connection, language="zh", peers="province")[1]
    # Vega numbers what it makes; another picture in between must not show.
    ranking(connection)[1].svg()
    second = trend(connection, language="zh", peers="province")[1]
    assert (first.svg(), first.html(), first.png()) == (second.svg(), second.html(), second.png())


def test_two_pictures_on_a_page_do_not_share_names(connection: duckdb.DuckDBPyConnection) -> None:
    named = [
        {name for name in re.findall(r'\bid="([^"]+)"', picture.svg()) if not name.startswith("glyph-")}
        for picture in (trend(connection)[1], ranking(connection)[1])
    ]
    assert not named[0] & named[1]


# ---- Maps -------------------------------------------------------------------------------------------------


def squares(folder: Path, codes: tuple[str, ...], key: str = "adcode") -> Path:
    """Boundaries: a square for each county, one beside the other."""
    features = [
        {
            "type": "Feature",
            "properties": {key: int(code), "name": "x"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, 35], [x + 1, 35], [x + 1, 36], [x, 36], [x, 35]]],
            },
        }
        for x, code in enumerate(codes, start=105)
    ]
    file = folder / "areas.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return file


def test_a_map_shades_the_counties_by_their_figures(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    found, picture = ranking(connection, boundaries=squares(tmp_path, NORTH))
    shown = {row["code"]: row["value"] for row in drawn(picture, "geoshape")}
    assert shown == {"110001": 24, "110002": 0, "110003": 9, "110101": 120}
    fills = {row["value"]: row["look"]["fill"] for row in drawn(picture, "geoshape")}
    assert len({fills[value] for value in (0, 24, 120)}) == 3
    assert "Not on the map, for want of a boundary (1): 戊县." in picture.frame.notes
    assert any("areas.geojson" in note and "not authoritative" in note for note in picture.frame.notes)
    texts = [row["texts"] for one in marks(picture.spec) for row in one["data"]["values"] if "texts" in row]
    assert ["甲县", "24*"] in texts
    assert len(found.records) == 5
    assert words(picture.svg())


@pytest.mark.parametrize(
    ("content", "code"),
    [("{", "boundaries"), ('{"type": "Point"}', "boundaries"), ('{"features": []}', "boundaries_foreign")],
)
def test_boundaries_that_are_none_are_refused(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, content: str, code: str
) -> None:
    file = tmp_path / "areas.geojson"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(plots.PictureFault) as fault:
        ranking(connection, boundaries=file)
    assert fault.value.code == code


# ---- What can't be drawn ----------------------------------------------------------------------------------


def test_nothing_is_drawn_of_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    question = Question(("requests_received",), Choice(years=(2008,)))
    found = series.compare(connection, question)
    with pytest.raises(plots.PictureFault) as fault:
        plots.draw(found, question, series.sources_of(connection, found.records), "en")
    assert fault.value.code == "nothing"


def test_too_many_lines_are_refused_with_their_number() -> None:
    many = [requests(NORTH[0], 2020, n, kind="other", publisher=f"局{n}") for n in range(101)]
    with database(many) as connection:
        question = Question(("requests_received",), Choice(kinds=("other",), years=(2020,)))
        found = series.compare(connection, question)
        with pytest.raises(plots.PictureFault) as fault:
            plots.draw(found, question, series.sources_of(connection, found.records), "en")
        assert fault.value.values == {"count": 101, "most": 100}
        assert plots.draw(
            found, question, series.sources_of(connection, found.records), "en", kind="distribution"
        ).svg()


# ---- The command ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that ``nianbao demo`` leaves."""
    folder = tmp_path_factory.mktemp("samples")
    assert demo(data=str(folder)) == 0
    return folder


@pytest.mark.parametrize(
    "asked",
    [
        ("trend", "白榆区", "refusal_rate", "granted"),
        ("rank", "requests_received", "--year", "2020", "--mark", "同心"),
        ("compare", "requests_received", "granted", "--year", "2020"),
        ("compare", "requests_received", "--year", "2019-2022"),
        ("compare", "requests_received", "--year", "2020", "--picture", "distribution"),
        ("coverage",),
    ],
    ids=" ".join,
)
def test_commands_draw_beside_their_records(
    run: Run, samples: Path, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    for suffix, begin in ((".svg", b"<svg"), (".png", b"\x89PNG"), (".html", b"<!doctype html>")):
        file = tmp_path / f"picture{suffix}"
        found = run(*asked, "--data", samples, "--plot", file, "--lang", "zh")
        assert found.code == 0, found.err
        assert file.read_bytes().startswith(begin)
        assert len(found.records) in (3, 4, 12)
        assert "图：" in found.err


def test_what_is_drawn_is_what_the_command_prints(run: Run, samples: Path, tmp_path: Path) -> None:
    file = tmp_path / "picture.svg"
    found = run("rank", "refusal_rate", "--year", "2021", "--data", samples, "--plot", file)
    said = words(file.read_text(encoding="utf-8"))
    for record in found.records:
        assert f"{record['county']}  {record['rank']}" in said
        assert f"{record['refusal_rate']:.1f}" in said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("rank", "granted", "--plot", "x.jpg"), ".svg .png .html"),
        (("rank", "granted", "--picture", "bars"), "--plot"),
        (("rank", "granted", "--plot", "x.svg", "--picture", "panels"), "bars, distribution, map"),
        (("rank", "granted", "--plot", "x.svg", "--picture", "map"), "--boundaries"),
        (("compare", "granted", "--year", "2019-2020", "--plot", "x.svg", "--picture", "bars"), "--year"),
        (("compare", "granted", "--year", "2009", "--plot", "x.svg"), "no figure"),
        (("rank", "granted", "--plot", "x.svg", "--mark", "无此县"), "无此县"),
        (("rank", "granted", "--plot", "x.svg", "--boundaries", "none.geojson"), "none.geojson"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else "",
)
def test_what_cannot_be_drawn_is_said(run: Run, samples: Path, asked: tuple[str, ...], said: str) -> None:
    found = run(*asked, "--data", samples)
    assert found.code == 2
    assert said in found.err
    assert not Path("x.svg").exists()


def test_a_missing_extra_is_named(run: Run, samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    found = run("rank", "granted", "--data", samples, "--plot", "x.svg")
    assert found.code == 1
    assert "nianbao[plot]" in found.err


def test_coverage_prints_a_line_for_each_county(run: Run, samples: Path) -> None:
    found = run("coverage", "--data", samples).records
    assert [(record["county"], record["2019"], record["reports"]) for record in found] == [
        ("同心县", "own", 4), ("青禾县", "whole", 4), ("白榆区", "own", 4),
    ]  # fmt: skip
    assert 2020 in found[0]["doubtful"]
    assert found[0]["missing_years"] == []


def test_coverage_of_a_place_shows_the_counties_without_reports(run: Run, samples: Path) -> None:
    found = run("coverage", "--in", "吴忠", "--year", "2020", "--data", samples).records
    assert {record["county"]: record["2020"] for record in found} == {
        "利通区": "missing", "红寺堡区": "missing", "盐池县": "missing", "同心县": "own",
        "青铜峡市": "missing",
    }  # fmt: skip


def test_every_note_of_the_series_has_a_sentence_for_pictures() -> None:
    files = Path(series.__file__).parent.glob("*.py")
    texts = [file.read_text(encoding="utf-8") for file in files]
    codes = {code for text in texts for code in re.findall(r'Note\(\s*"(\w+)"', text)}
    # These say what stands on a picture anyway, or how to ask on.
    codes -= {"reports_missing", "ranked", "continued"}
    sentences = tomllib.loads((Path(plots.__file__).parent / "plots.toml").read_text(encoding="utf-8"))
    by_reason = {"not_in_form", "weak_only", "another_scope", "another_publisher"}
    by_mark = {"doubtful", "assumed", "break", "joined"}
    assert "scopes_differ" in codes
    assert {f"note_{code}" for code in codes | by_reason | by_mark} <= set(sentences)


def test_figures_are_written_as_tables_write_them(connection: duckdb.DuckDBPyConnection) -> None:
    question = Question(("requests_received",), shown="change")
    quantity = series.find_quantity(connection, "requests_received")
    assert figure_text(1234.0, quantity, Question(("requests_received",))) == "1,234"
    assert [figure_text(value, quantity, question) for value in (3.0, -2.0, 0.0)] == ["+3", "-2", "0"]
