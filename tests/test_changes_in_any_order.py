"""What comes of an archive does not depend on when it was read, nor on the order in which it was filled."""

from __future__ import annotations

import random
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from history import HOST, NEWS, SOFT_404, WALL, History, day, report, url_of
from scraper.archive import Archive
from scraper.parse import parse
from scraper.store import open_database

TABLES = (
    "report", "fact", "label", "claim", "evidence", "warning", "also_at", "version", "earlier_fact",
    "report_text", "earlier_text", "absence",
)  # fmt: skip
PLACES = {"warc_file", "warc_offset"}
PATHS = ("/a.html", "/b/longer.html", "/c.html")

# A to E are reports; A' is A with another counter, E is A with another year.
SHOWN = {
    "A": report(), "A'": report(views=5), "B": report(upheld=7), "C": report(prose="没有问题。"),
    "D": report(upheld=3, year=2019), "news": NEWS, "soft404": SOFT_404, "wall": WALL,
}  # fmt: skip
PAGES = {**SHOWN, "E": report(year=2019)}
YEARS = {2019: "D", 2020: "ABC"}
SILENT = ("503", "wall")

Event = tuple[str, float, str]
"""The path, the day, and what was answered."""


def happenings(*kinds: str, apart: bool = False) -> st.SearchStrategy[list[Event]]:
    event = st.tuples(
        st.sampled_from(PATHS), st.integers(0, 5).map(float), st.sampled_from(["A", "B", *SHOWN, *kinds])
    )
    return st.lists(event, min_size=1, max_size=7, unique_by=(lambda e: e[:2]) if apart else None)


def write(history: History, event: Event) -> None:
    path, at, kind = event
    if kind in PAGES:
        history.answer(path, at, PAGES[kind])
    elif kind == "302":
        following = PATHS[(PATHS.index(path) + 1) % len(PATHS)]
        history.answer(path, at, "", "302 Found", url_of(following))
    elif kind == "304":
        with Archive(history.folder / "archive", writing=True) as archive:
            whole = [one for one in archive.history(url_of(path)) if one.status == 200 and not one.revisit]
        if whole:
            history.stands(path, at, whole[-1])
    else:
        history.answer(path, at, f"<html>{kind}</html>", f"{kind} No")


def read(history: History, connection: duckdb.DuckDBPyConnection) -> None:
    with Archive(history.folder / "archive") as archive:
        parse(archive, connection)


def tables(connection: duckdb.DuckDBPyConnection, *, places: bool = True) -> dict[str, list[Any]]:
    """All that the tables hold, but where it lies in the archive if ``places`` don't matter."""
    found = {}
    for name in TABLES:
        columns = [column for column, *_ in connection.execute(f"DESCRIBE {name}").fetchall()]
        wanted = ", ".join(f'"{column}"' for column in columns if places or column not in PLACES)
        found[name] = connection.execute(f"SELECT {wanted} FROM {name} ORDER BY ALL").fetchall()
    return found


bounded = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])


@given(happenings("E", "404", "410", "503", "302", "304"), st.sets(st.integers(0, 6), max_size=3))
@bounded
def test_many_parses_are_as_good_as_one(happened: list[Event], pauses: set[int]) -> None:
    with TemporaryDirectory() as folder, open_database(None) as many, open_database(None) as once:
        history = History(Path(folder))
        for number, event in enumerate(happened):
            write(history, event)
            if number in pauses:
                read(history, many)
        read(history, many)
        read(history, once)
        assert tables(many) == tables(once)


@given(happenings("E", "404", "410", "503", "302", apart=True), st.randoms(use_true_random=False))
@bounded
def test_the_order_in_which_captures_came_does_not_matter(
    happened: list[Event], chance: random.Random
) -> None:
    found = []
    for order in (happened, chance.sample(happened, len(happened))):
        with TemporaryDirectory() as folder, open_database(None) as connection:
            history = History(Path(folder))
            for event in order:
                write(history, event)
            read(history, connection)
            found.append(tables(connection, places=False))
    assert found[0] == found[1]


@given(happenings("404", "410", "503", apart=True))
@bounded
def test_versions_and_absences_are_those_that_a_reader_would_note(happened: list[Event]) -> None:
    with TemporaryDirectory() as folder, open_database(None) as connection:
        history = History(Path(folder))
        for event in happened:
            write(history, event)
        read(history, connection)
        found = connection.execute("SELECT url, year, captured_at, last_seen_at FROM version ORDER BY ALL")
        assert found.fetchall() == sorted(
            (url_of(path), year, moment(first), moment(last))
            for path in PATHS
            for year in YEARS
            for first, last in noted_versions(happened, path, year)
        )
        alone = "report ANTI JOIN also_at USING (report_id)"
        gone = connection.execute(f"SELECT url, year, vanished_at IS NOT NULL FROM {alone}").fetchall()
        assert all(
            vanished == is_gone(happened, url.removeprefix(HOST), year) for url, year, vanished in gone
        )


def noted_versions(happened: list[Event], path: str, year: int) -> list[tuple[float, float]]:
    """First and last day of each run of one content of a year's report."""
    shown = sorted((at, kind[0]) for where, at, kind in happened if where == path and kind[0] in YEARS[year])
    runs = [[at for at, _ in run] for _, run in groupby(shown, key=lambda one: one[1])]
    return [(days[0], days[-1]) for days in runs]


def is_gone(happened: list[Event], path: str, year: int) -> bool:
    """Whether the last answer that says anything is that the year's report is not there, after it was."""
    said = [kind for where, _, kind in sorted(happened) if where == path and kind not in SILENT]
    there = [kind[0] in YEARS[year] for kind in said]
    return any(there) and not there[-1]


def moment(at: float) -> Any:
    return day(at).replace(tzinfo=None)
