"""Search over Chinese texts: the index finds what reading all texts would find."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.search import TextIndex, search_places, search_reports
from scraper.store import open_database
from series_database import COUNTIES, Stated, database

TEXTS = st.lists(st.text("政府信息公开Aa1 。", max_size=12), min_size=1, max_size=6)


def with_texts(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    """Gives every report of a database in memory one of ``texts``."""
    connection.execute("DELETE FROM report; DELETE FROM report_text")
    for number, text in enumerate(texts):
        connection.execute(
            "INSERT INTO report BY NAME SELECT $1 AS report_id, 'narrative' AS form, $2 AS url, 2020 AS year,"
            " TIMESTAMP '2026-01-01' AS captured_at, '' AS sha256, '' AS warc_file, 0 AS warc_offset,"
            " true AS sample, '' AS title",
            [f"{number:02}", f"http://a.test/{number}"],
        )
        connection.execute("INSERT INTO report_text VALUES ($1, 0, $2)", [f"{number:02}", text])


@pytest.fixture(scope="module")
def memory() -> duckdb.DuckDBPyConnection:
    return open_database(None)


@settings(max_examples=60, deadline=None)
@given(
    texts=TEXTS, words=st.lists(st.text("政府信息公开Aa1", min_size=1, max_size=4), min_size=1, max_size=2)
)
def test_it_finds_what_contains_the_words_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory,
    memory: duckdb.DuckDBPyConnection,
    texts: list[str],
    words: list[str],
) -> None:
    with_texts(memory, texts)
    index = TextIndex(tmp_path_factory.mktemp("index"))
    assert index.update(memory) == len(texts)
    found = search_reports(memory, index, " ".join(words))
    wanted = [
        f"{number:02}"
        for number, text in enumerate(texts)
        if all(word.lower() in text.lower() for word in words)
    ]
    assert [line["report_id"] for line in found.records] == wanted
    assert (found.total, found.exact) == (len(wanted), True)


def test_only_what_changed_is_read_again(tmp_path: Path, memory: duckdb.DuckDBPyConnection) -> None:
    with_texts(memory, ["依申请公开", "主动公开", "行政复议"])
    index = TextIndex(tmp_path)
    assert index.update(memory) == 3
    assert index.update(memory) == 0
    memory.execute("UPDATE report_text SET text = '行政诉讼' WHERE report_id = '01'")
    memory.execute("DELETE FROM report WHERE report_id = '00'")
    assert index.update(memory) == 1
    for word, ids in (("公开", []), ("诉讼", ["01"]), ("行政", ["01", "02"]), ("讼", ["01"])):
        assert [line["report_id"] for line in search_reports(memory, index, word).records] == ids


def test_pages_of_a_long_list_follow_each_other(tmp_path: Path, memory: duckdb.DuckDBPyConnection) -> None:
    with_texts(memory, ["政府信息公开"] * 30)
    index = TextIndex(tmp_path)
    index.update(memory)
    pages = [
        search_reports(memory, index, "信息公开", first=first, limit=10).records for first in (0, 10, 20, 30)
    ]
    assert [line["report_id"] for page in pages for line in page] == [f"{number:02}" for number in range(30)]
    assert {piece.text for piece in pages[0][0]["pieces"] if piece.hit} == {"信息公开"}


def test_places_are_found_by_what_people_call_them() -> None:
    with database([Stated("110002", 2020)]) as connection:
        assert len(COUNTIES) > 4
        for text, names in (
            ("乙", ["乙县"]),
            ("yi", ["乙县"]),
            ("110002", ["乙县"]),
            ("甲县", ["甲县", "甲县"]),
        ):
            found = search_places(connection, text, limit=9)
            assert [line["county"] for line in found] == names, text
        assert next(iter(search_places(connection, "县", limit=9)))["county"] == "乙县"
