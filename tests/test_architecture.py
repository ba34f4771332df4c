"""The arrows between packages go one way, and what is said exists in both languages."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
ALLOWED = {
    "scraper": {"scraper"},
    "analysis": {"analysis"},
    "nianbao": {"scraper", "analysis", "nianbao"},
}
# Inside scraper: which of its parts each part may import.
PARTS = {
    "messages": set(),
    "documents": {"messages"},
    "places": set(),
    "forms": {"messages", "documents", "places"},
    "archive": {"messages"},
    "fetching": {"messages", "archive", "documents"},
    "portals": {"messages", "documents", "forms", "places"},
    "store": {"messages", "archive", "forms", "places"},
    "shared": {"messages", "archive", "engine", "parse", "portals", "reading", "store"},
    "importing": {"messages", "archive", "documents", "fetching"},
}
CATALOGUES = [
    SOURCE / "scraper" / "messages.toml",
    SOURCE / "nianbao" / "messages.toml",
    SOURCE / "nianbao" / "explorer" / "messages.toml",
    SOURCE / "analysis" / "plots" / "plots.toml",
]


def imports_of(path: Path) -> set[str]:
    """The modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("package", ALLOWED)
def test_packages_import_only_what_lies_below_them(package: str) -> None:
    ours = set(ALLOWED)
    for path in (SOURCE / package).rglob("*.py"):
        foreign = {name.split(".")[0] for name in imports_of(path)} & ours - ALLOWED[package]
        assert not foreign, f"{path} imports {foreign}"


@pytest.mark.parametrize("part", PARTS)
def test_parts_of_the_scraper_import_only_what_lies_below_them(part: str) -> None:
    folder = SOURCE / "scraper" / part
    files = folder.rglob("*.py") if folder.is_dir() else [folder.with_suffix(".py")]
    for path in files:
        used = {
            name.split(".")[1]
            for name in imports_of(path)
            if name.startswith("scraper.") and name.split(".")[1] != part
        }
        assert used <= PARTS[part], f"{path} imports {used - PARTS[part]}"


def fields(sentence: str) -> set[str]:
    """The places in a sentence that values fill."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parent.name)
def test_every_sentence_says_the_same_in_both_languages(catalogue: Path) -> None:
    entries = tomllib.loads(catalogue.read_text(encoding="utf-8"))
    for code, wording in entries.items():
        assert set(wording) == {"en", "zh"}, code
        assert fields(wording["en"]) == fields(wording["zh"]), code


def test_every_sentence_that_the_code_says_is_in_the_catalogue() -> None:
    for package in ("scraper", "nianbao"):
        entries = tomllib.loads((SOURCE / package / "messages.toml").read_text(encoding="utf-8"))
        for path in (SOURCE / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            said = re.findall(r"\b(?:message|notice|sentence|say|note|Failure|_tell)\(\s*\"(\w+)\"", text)
            assert set(said) <= set(entries), f"{path}: {set(said) - set(entries)}"


def test_every_sentence_that_the_explorer_says_is_in_its_catalogue_and_no_other() -> None:
    folder = SOURCE / "nianbao" / "explorer"
    entries = set(tomllib.loads((folder / "messages.toml").read_text(encoding="utf-8")))
    said: set[str] = set()
    beginnings: set[str] = set()
    for path in folder.rglob("*"):
        if path.suffix not in (".py", ".html"):
            continue
        text = path.read_text(encoding="utf-8")
        said |= set(re.findall(r"\b(?:t|said|words|Refused)\(\s*['\"](\w+)['\"](?! ~)", text))
        said |= set(re.findall(r"\"((?:nav|not)_\w+|not_\w+|wrongly_asked|api_\w+)\"", text)) & entries
        said |= set(re.findall(r"(?:if .*?|else )\"(\w+)\"", text)) & entries
        beginnings |= set(re.findall(r"\bt\(\"(\w+_)\" ~", text))
        beginnings |= set(re.findall(r"\b(?:said|words)\(f\"(\w+_)\{", text))
    beginnings |= {"series_"}
    assert said <= entries, said - entries
    unsaid = {code for code in entries - said if not code.startswith(tuple(beginnings))}
    assert not unsaid
