"""Shared storage in a bucket: as in a folder; and what can be wrong with it is told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Run
from exploring import served, wait_for
from history import History, report
from nianbao.explorer.settings import LOOPBACK, Settings
from storages import BUCKET, clear, files_in, objects, s3, shared, shared_in_s3, tables_at, tables_of


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3() as address:
        yield address


@pytest.fixture
def history(tmp_path: Path) -> History:
    """Reports, an alteration, a page that is gone, and one that came again under another address."""
    made = History(tmp_path / "local")
    made.answer("/a.html", 0, report())
    made.answer("/a.html", 1, report(upheld=3))
    made.answer("/b.html", 0, report(year=2019))
    made.answer("/b.html", 1, "", "404 Not Found")
    made.answer("/copy.html", 2, report(upheld=3))
    return made


def test_a_bucket_holds_what_a_folder_does(run: Run, server: str, history: History, tmp_path: Path) -> None:
    bucket, folder = shared_in_s3(history.folder, "one"), shared(history.folder, tmp_path / "there")
    for url in (bucket, folder):
        done = run("parse", "--data", url, "--workers", 2)
        assert done.code == 0, done.err
    assert objects("one") == files_in(tmp_path / "there")
    before = set(objects("one"))

    history.answer("/a.html", 3, report(upheld=8))
    shared_in_s3(history.folder, "one")
    assert run("parse", "--data", bucket).code == 0
    assert run("parse", "--data", history.folder).code == 0
    expected = tables_of(history.folder / "reports.duckdb")
    assert tables_at(bucket, expected) == expected
    assert {name for name in before if name.startswith("parts/")} <= set(objects("one"))


def test_commands_answer_from_the_bucket_as_from_a_workspace(
    run: Run, server: str, history: History, tmp_path: Path
) -> None:
    url = shared_in_s3(history.folder, "asked")
    assert run("parse", "--data", url).code == 0
    assert run("parse", "--data", history.folder).code == 0
    query = "SELECT report_id FROM report WHERE year = 2020"
    (found,) = run("sql", query, "--data", url, "--format", "json").records
    name = found["report_id"]
    questions = [
        ("compare", "requests_received", "--format", "json"),
        ("trend", "同心县", "requests_received", "review_total", "--format", "json"),
        ("rank", "requests_received", "--year", "2020", "--format", "json"),
        ("check", "--format", "json"),
        ("coverage", "--format", "json"),
        ("changes", "--format", "json"),
        ("reuse", "--format", "json"),
        ("sql", "SELECT * FROM requests_wide ORDER BY ALL", "--format", "json"),
        ("source", name, "review_total", "--format", "json"),
        ("source", name, "review_total", "--output", "page.html"),
        ("brief", "同心县", "--to", "briefs"),
        ("export", "exported"),
    ]
    for question in questions:
        here = run(*question, "--data", history.folder)
        made = written(tmp_path)
        shutil.rmtree(tmp_path / "exported", ignore_errors=True)
        there = run(*question, "--data", url)
        assert (there.code, there.out) == (here.code, here.out), (question, there.err)
        assert written(tmp_path) == made, question
    assert (tmp_path / "page.html").exists()


def written(folder: Path) -> dict[str, bytes]:
    """What commands wrote beside the workspace, as text."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in (".html", ".csv", ".json", ".md", ".svg") and "local" not in path.parts
    }


def test_nobody_writes_to_the_bucket_by_asking(run: Run, server: str, history: History) -> None:
    url = shared_in_s3(history.folder, "shut")
    assert run("parse", "--data", url).code == 0
    before = objects("shut")
    for query in (
        "COPY (SELECT 1) TO 'nianbao://tables/current.json'",
        "SELECT * FROM read_text('/etc/passwd')",
        f"SELECT * FROM read_text('s3://{BUCKET}/shut/portals.toml')",
        "CREATE TABLE mine AS SELECT 1",
    ):
        assert run("sql", query, "--data", url).code != 0
    assert objects("shut") == before


def test_the_explorer_shows_the_bucket_and_goes_over_to_new_tables(
    run: Run, server: str, history: History
) -> None:
    url = shared_in_s3(history.folder, "explored")
    settings = Settings(hosts=LOOPBACK, shared=True)
    with served(url, settings) as client:
        assert client.get("/en/").status_code == 503
        assert run("parse", "--data", url).code == 0
        wait_for(lambda: client.get("/en/").status_code == 200, 60)
        query = "SELECT report_id FROM report WHERE year = 2020"
        (found,) = run("sql", query, "--data", url, "--format", "json").records
        assert "同心县" in client.get(f"/en/report/{found['report_id']}/archived").text
        finding = run("check", "--data", url, "--format", "json").records[0]["finding_id"]
        assert "shows shared storage" in client.get(f"/en/finding/{finding}").text
        said = {"verdict": "confirmed", "name": "李四"}
        assert client.post(f"/en/finding/{finding}", data=said).status_code == 403

        before = client.get("/en/").text
        history.answer("/new.html", 4, report(year=2018, upheld=6))
        shared_in_s3(history.folder, "explored")
        assert run("parse", "--data", url).code == 0
        wait_for(lambda: client.get("/en/").text != before, 60)


def test_what_is_wrong_with_the_bucket_is_told(
    run: Run, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(command: str, url: str, language: str = "en") -> str:
        found = run(command, *(["SELECT 1"] if command == "sql" else []), "--data", url, "--lang", language)
        assert found.code == 1, found.err
        assert found.err.count("\n") == 1
        assert "Traceback" not in found.err
        return found.err

    for command in ("parse", "sql"):
        for language in ("en", "zh"):
            assert "s3://not-there/x" in said(command, "s3://not-there/x", language)
    empty = said("sql", f"s3://{BUCKET}/empty")
    assert f"s3://{BUCKET}/empty" in empty
    assert "nianbao parse" in empty
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    clear()
    for command in ("parse", "sql"):
        assert "AWS_ENDPOINT_URL" in said(command, f"s3://{BUCKET}/x")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    clear()
    for command in ("parse", "sql"):
        assert "AWS_SECRET_ACCESS_KEY" in said(command, f"s3://{BUCKET}/x")
    clear()
