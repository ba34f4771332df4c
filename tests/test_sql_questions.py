"""The ten questions of docs/sql.md, their answers worked out by hand of ``src/nianbao/demo/figures.toml``."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from nianbao.commands.demo import demo

PAGES = {language: Path(__file__).parents[1] / f"docs/{folder}sql.md" for language, folder in
         (("en", ""), ("zh", "zh/"))}  # fmt: skip
TONGXIN, QINGHE, BAIYU = "同心县", "青禾县", "白榆区"
TONGXIN_ARTICLES = "http://www.tongxin.gov.cn.test/xxgk/gknb"

# 2022, 同心县 + 青禾县 + 白榆区: 7 + 29 + 86, 6 + 17, 1 + 2 + 8, 4, 2, 1 + 1; 164 requests in all.
WHO_ASKS = [122, 23, 11, 4, 2, 2]
ANSWERS: dict[int, list[tuple[Any, ...]]] = {
    2: [(2019, 5, 4, 2), (2020, 6, 3, 3), (2021, 7, 6, 3), (2022, 7, 5, 4)],
    # 18 January; 20 January; 16 March, 31 + 28 + 16.
    3: [
        ("同心县人民政府办公室", 2022, 18),
        ("白榆区人民政府办公室", 2022, 20),
        ("青禾县人民政府", 2022, 75),
    ],
    # 6 requests came in and none is accounted for; 6 were granted and none is in the total; 3 are carried in
    # of 2 carried forward.
    4: [
        ("同心县人民政府办公室", 2020, "requests.balance", 0, 6),
        ("同心县人民政府办公室", 2020, "requests.processed_sum", 0, 6),
        ("白榆区人民政府办公室", 2022, "years.carry", 3, 2),
    ],
    # The 22 counties of Ningxia, of which 同心县 in 吴忠市 has reports.
    5: [("银川市", 6, 0), ("石嘴山市", 3, 0), ("吴忠市", 5, 1), ("固原市", 5, 0), ("中卫市", 3, 0)],
    6: [
        (QINGHE, 2020, 1, 0), (QINGHE, 2022, 1, 0),
        (BAIYU, 2019, 1, 0), (BAIYU, 2020, 1, 0), (BAIYU, 2022, 1, 1),
    ],
    # 1 + 0 of 1, 5 + 1 of 7; 3 + 0 of 5, 15 + 3 of 27; 10 + 2 of 16, 38 + 10 of 80.
    7: [
        (TONGXIN, "commercial_enterprise", 1, 1, 100), (TONGXIN, "natural_person", 6, 7, 85.7),
        (QINGHE, "commercial_enterprise", 3, 5, 60), (QINGHE, "natural_person", 18, 27, 66.7),
        (BAIYU, "commercial_enterprise", 12, 16, 75), (BAIYU, "natural_person", 48, 80, 60),
    ],
    8: [
        (QINGHE, 2019, 22, None), (QINGHE, 2020, 29, 7), (QINGHE, 2021, 34, 5), (QINGHE, 2022, 38, 4),
        (BAIYU, 2019, 83, None), (BAIYU, 2020, 95, 12), (BAIYU, 2021, 108, 13), (BAIYU, 2022, 118, 10),
    ],
    # 2 + 6; 1 + 7; 1 + 5. Internal affairs (1 + 3) and enforcement files (4) are fewer.
    9: [
        ("denied_administrative_query", 8), ("denied_third_party_rights", 8),
        ("denied_process_information", 6),
    ],
    # In the page's second table, from 0: three rows of headings, two of requests that came in, and before the
    # total 2 + 8 + 3 + 5 outcomes and 1 other one, of which the form of 2021 makes 3; the tenth column.
    10: [
        (2019, "5", 1, 24, 9, f"{TONGXIN_ARTICLES}/202001/t20200117_1920004.html"),
        (2020, "0", 1, 24, 9, f"{TONGXIN_ARTICLES}/202101/t20210128_2740001.html"),
        (2021, "8", 1, 26, 9, f"{TONGXIN_ARTICLES}/202201/t20220125_3310006.html"),
        (2022, "9", 1, 26, 9, f"{TONGXIN_ARTICLES}/202301/t20230118_3920003.html"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that ``nianbao demo`` leaves."""
    folder = tmp_path_factory.mktemp("samples")
    assert demo(data=str(folder)) == 0
    return folder


def questions(language: str) -> list[str]:
    """The queries of the page, in its order."""
    text = PAGES[language].read_text(encoding="utf-8")
    commands = [shlex.split(line) for line in re.findall(r"^\$ (nianbao sql .*)$", text, re.MULTILINE)]
    return [arguments[2] for arguments in commands]


def answer(run: Run, samples: Path, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("sql", query, "--data", samples, "--format", "json").records
    return found


@pytest.mark.parametrize("number", ANSWERS)
def test_the_answer_is_the_one_worked_out_by_hand(run: Run, samples: Path, number: int) -> None:
    found = answer(run, samples, questions("en")[number - 1])
    # Labels, which differ by language, are told elsewhere.
    told = [tuple(value for key, value in line.items() if key != "label") for line in found]
    assert told == ANSWERS[number]


def test_who_asks(run: Run, samples: Path) -> None:
    found = answer(run, samples, questions("en")[0])
    assert [line["requests"] for line in found] == WHO_ASKS
    assert found[0]["applicant"] == "Natural persons"
    assert sum(WHO_ASKS) == 8 + 38 + 118


def test_there_are_ten_and_both_pages_ask_the_same() -> None:
    english, chinese = (questions(language) for language in ("en", "zh"))
    assert len(english) == 10
    assert [query.replace("label_zh", "label_en") for query in chinese] == english
