"""Every folder of ``golden`` is a document and what must be read from it; see its README."""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scraper.documents import read_document
from scraper.forms import Report, read_report

GOLDEN = Path(__file__).parent / "golden"
DEFECTS = Path(__file__).parents[1] / "docs" / "defects.md"
CASES = sorted(path.parent for path in GOLDEN.glob("*/expected.toml"))
IDENTITY = (
    "title publisher publisher_kind county_code county_name year scope period_start period_end published_on"
).split()
LAYOUTS = (
    "clean word-paste vertical spans nested split repeated order cells labels characters hybrid local "
    "text-rows text-cells text-deduplicated prose several damaged"
).split()
SOURCE = re.compile(r"(?:wild\.md §[1-5](?: shape [1-5])?|forms\.md §\d|beyond wild\.md): .")

FactLine = tuple[str, str, str, str, str, int, int]


@dataclass(frozen=True)
class Expected:
    """What ``expected.toml`` says, and the lines of ``expected.csv``."""

    said: dict[str, Any]
    facts: list[FactLine]


@cache
def reading(case: Path) -> Report:
    """What is read from a case's document."""
    (path,) = case.glob("document.*")
    return read_report(read_document(path.read_bytes(), path.name), path.name)


def expected(case: Path) -> Expected:
    said = tomllib.loads((case / "expected.toml").read_text(encoding="utf-8"))
    with (case / "expected.csv").open(encoding="utf-8", newline="") as lines:
        facts = [
            (
                line["metric"],
                line["applicant"],
                plain(Decimal(line["value"]) if line["value"] else None),
                line["raw"],
                line["table"],
                int(line["row"]),
                int(line["column"]),
            )
            for line in csv.DictReader(lines)
        ]
    return Expected(said, facts)


def plain(value: Decimal | None) -> str:
    """A value as people write it: 25.10 and 25.1 are the same."""
    if value is None:
        return ""
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


golden = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@golden
def test_facts_are_those_of_the_document(case: Path) -> None:
    found = [
        (
            fact.metric,
            fact.applicant,
            plain(fact.value),
            fact.raw,
            fact.table,
            fact.row,
            fact.column,
        )
        for fact in reading(case).facts
    ]
    assert found == expected(case).facts


@golden
def test_forms_are_those_of_the_document(case: Path) -> None:
    report, said = reading(case), expected(case).said
    assert (report.form, report.forms) == (said["form"], said["forms"])


@golden
def test_identity_is_that_of_the_document(case: Path) -> None:
    identity, said = reading(case).identity, expected(case).said
    assert {name: getattr(identity, name) for name in IDENTITY} == {name: said.get(name) for name in IDENTITY}


@golden
def test_notices_are_exactly_those_expected(case: Path) -> None:
    notices = reading(case).notices
    said = "\n".join(str(notice) for notice in notices)
    assert sorted(notice.code for notice in notices) == expected(case).said["notices"], said


def test_every_folder_is_a_whole_case() -> None:
    for folder in (path for path in GOLDEN.iterdir() if path.is_dir()):
        names = sorted(path.stem if path.stem == "document" else path.name for path in folder.iterdir())
        assert names == ["document", "expected.csv", "expected.toml"], folder.name


@golden
def test_every_case_says_what_it_is_a_case_of(case: Path) -> None:
    said = expected(case).said
    assert said["layout"] in LAYOUTS
    assert SOURCE.match(said["defect"]), said["defect"]


def test_the_readme_lists_every_case_once() -> None:
    listed = re.findall(
        r"^\| `([\w-]+)` \|", (GOLDEN / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(listed) == sorted(case.name for case in CASES)


def test_the_page_of_defects_names_cases_that_exist_and_every_case_of_a_listed_defect() -> None:
    rows = re.findall(r"^\|.*\|(.*)\|$", DEFECTS.read_text(encoding="utf-8"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([\w-]+)`", row)}
    assert named <= {case.name for case in CASES}
    listed = {case.name for case in CASES if expected(case).said["defect"].startswith("wild.md")}
    assert listed <= named


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 80
