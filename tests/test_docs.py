"""README and docs say only what is so: their sessions are run, their commands and files exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from analysis.checks import rules
from conftest import Run
from nianbao.commands.demo import demo
from scraper.store import open_database

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "README.zh-CN.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#:]+)\)")
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace that ``nianbao demo`` leaves."""
    folder = tmp_path_factory.mktemp("samples")
    assert demo(data=str(folder)) == 0
    return folder


def sessions(page: Path) -> list[tuple[str, list[str]]]:
    """The commands of a page that show their output, with it."""
    found: list[tuple[str, list[str]]] = []
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line.rstrip())
    return [(command, output) for command, output in found if output]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sessions_print_what_the_page_shows(page: Path, samples: Path, run: Run) -> None:
    for command, output in sessions(page):
        program, *arguments = shlex.split(command)
        assert program == "nianbao"
        found = run(*arguments, "--data", samples, "--format", "table")
        assert [line.rstrip() for line in found.out.splitlines()] == output, command


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_both_readmes_show_sessions_and_have_the_same_commands() -> None:
    english, chinese = (
        set(re.findall(r"`nianbao (\w+)", (ROOT / name).read_text(encoding="utf-8")))
        for name in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese
    assert len(sessions(ROOT / "README.md")) >= 3
    assert len(sessions(ROOT / "README.zh-CN.md")) >= 2


def test_every_user_page_exists_in_chinese() -> None:
    for name in ("brief.md", "changes.md", "checks.md", "database.md", "portals.md", "reading.md"):
        assert (ROOT / "docs" / "zh" / name).exists()


@pytest.mark.parametrize("page", ["checks.md", "zh/checks.md"])
def test_the_docs_list_every_rule(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert {rule.rule for rule in rules()} <= set(re.findall(r"^\| `([\w.]+)`", text, re.MULTILINE))


@pytest.mark.parametrize("page", ["database.md", "zh/database.md"])
def test_the_docs_name_every_table_and_column(page: str) -> None:
    words = set(re.findall(r"\w+", (ROOT / "docs" / page).read_text(encoding="utf-8")))
    with open_database(None) as connection:
        columns = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
            " AND table_name NOT LIKE '%_wide' AND table_name NOT IN ('reading', 'made_by')"
        ).fetchall()
    assert {name for column in columns for name in column} <= words


def test_the_first_command_of_the_readme_is_the_demo_and_ci_runs_the_second() -> None:
    commands = re.findall(r"^\$ (make \w+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert commands == ["make demo", "make test"]
    assert "README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
