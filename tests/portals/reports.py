"""The invented reports of the simulated portals: bodies, titles, text, and the pages that only look alike.

Everything is a function of a body's name and a year, so that copies of one report on several pages, and
in several formats, are the same to the letter.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from random import Random
from typing import Any, Literal

from portals.figures import figures_of, form_of, tables_of, total
from portals.truth import Kind
from rendering import Written, html_table, table_rows
from scraper.forms.catalogue import Table

FIRST_YEAR, LAST_YEAR = 2008, 2025
_SENTENCES = Path(__file__).parent / "sentences.toml"
_ZH_DIGITS = "〇一二三四五六七八九"

Style = Literal["full", "no_government", "zh_numerals", "no_year", "about", "summary"]
Rows = list[list[Written]]
Part = str | Rows
"""A paragraph, or the rows of a table."""


@dataclass(frozen=True)
class Organ:
    """A body that reports. It existed from ``since`` until ``until``; ``slug`` is its name in addresses."""

    name: str
    kind: Kind
    slug: str
    since: int = FIRST_YEAR
    until: int | None = None

    @property
    def short(self) -> str:
        """The name as menus of the county's portal print it, without the county."""
        return self.name.partition("县")[2] if self.kind in ("department", "township") else self.name


def organs(county: str, seed: int, departments: int = 4, townships: int = 4) -> list[Organ]:
    """The county's government and its office, then its departments and townships.

    ``county`` ends in 县. Where there are more than three departments, the last was abolished at the end of
    2018, and of more than three townships the last was merged at the end of 2016.
    """
    chance = Random(f"{county} {seed}")
    found = [
        Organ(f"{county}人民政府", "county_government", "xzf"),
        Organ(f"{county}人民政府办公室", "county_office", "zfb"),
    ]
    kinds: tuple[tuple[Kind, str, int, int], ...] = (
        ("department", "departments", departments, 2018),
        ("township", "townships", townships, 2016),
    )
    for kind, table, count, last_year in kinds:
        chosen = chance.sample(sorted(_words()[table].items()), count)
        for number, (name, slug) in enumerate(chosen, start=1):
            until = last_year if number == count > 3 else None
            found.append(Organ(county + name, kind, slug, until=until))
    return found


def years_of(organ: Organ) -> range:
    """The years for which the body reports; gaps within them are made by the portals."""
    return range(max(FIRST_YEAR, organ.since), min(LAST_YEAR, organ.until or LAST_YEAR) + 1)


def title(organ: Organ, year: int, style: Style = "full") -> str:
    """The report's title in one of the ways of ``portals.md`` §0.2."""
    numerals = "".join(_ZH_DIGITS[int(digit)] for digit in str(year))
    return _said("titles", style, name=organ.name, year=year, numerals=numerals)


@cache
def parts(organ: Organ, year: int, tables: bool = True, quoting: str = "") -> tuple[Part, ...]:
    """The report's paragraphs and tables in their order, without its title.

    Without ``tables`` a sentence says that they are in a file beside the page. ``quoting`` is an address
    at which the report says that it can be read.
    """
    return tuple(_parts(organ, year, tables, quoting))


def body_html(organ: Organ, year: int, *, tables: bool = True, quoting: str = "") -> str:
    """The inner HTML of the article, without the title; see `parts`."""
    return "\n".join(map(_part_html, parts(organ, year, tables, quoting)))


def shell_html(organ: Organ, year: int) -> str:
    """The inner HTML of an article that only says that the report is in a file beside it."""
    return _part_html(_said("attached", "whole", title=title(organ, year)))


@cache
def text_sha256(organ: Organ, year: int) -> str:
    """Of the report's text with its tables: all characters but blanks, the title left out."""
    texts = [
        part if isinstance(part, str) else "".join(cell.html for row in part for cell in row)
        for part in parts(organ, year)
    ]
    return sha256("".join("".join(texts).split()).encode()).hexdigest()


def table_html(organ: Organ, year: int) -> str:
    """The report's statutory tables alone."""
    return "\n".join(html_table(_rows(organ, year, table)) for table in tables_of(year))


def decoy_titles(county: str, year: int) -> list[str]:
    """Titles of pages that stand in the same lists, and are no reports."""
    return [_filled(pattern, county, year) for pattern in _words()["decoys"]]


def decoy_html(title: str) -> str:
    """The inner HTML of the page with that one of the `decoy_titles`."""
    for (county, year), (pattern, lines) in _decoys_like(title):
        if _filled(pattern, county, year) == title:
            said = [_filled(line, county, year) for line in lines]
            if said[0] != "#table":
                return "\n".join(f"<p>{escape(line)}</p>" for line in said)
            return html_table([[Written(escape(cell)) for cell in line.split("|")] for line in said[1:]])
    raise KeyError(title)


def _decoys_like(title: str) -> Iterator[tuple[tuple[str, int], tuple[str, list[str]]]]:
    """Readings of a decoy's title: the place up to 县 that it may begin with, and the year in it."""
    years = [year for year in range(FIRST_YEAR, LAST_YEAR + 1) if str(year) in title] or [LAST_YEAR]
    head = title.partition("县")[0].removeprefix("一图读懂").removeprefix("图解：")
    for pattern, lines in _words()["decoys"].items():
        for year in years:
            yield (f"{head}县", year), (pattern, lines)


def _parts(organ: Organ, year: int, tables: bool, quoting: str) -> Iterator[Part]:
    yield _opening(organ, year, quoting)
    sections = _late_sections if year >= 2019 else _early_sections
    yield from sections(organ, year, tables)


def _opening(organ: Organ, year: int, quoting: str) -> str:
    whose = "county" if organ.kind == "county_government" else "own"
    said = [_said("opening", key, year=year) for key in ("law", whose, "period")]
    if quoting:
        said.append(_said("opening", "quoting", url=quoting))
    return "".join([*said, _said("opening", "contact")])


def _early_sections(organ: Organ, year: int, tables: bool) -> Iterator[Part]:
    figures = {
        "disclosed": total(organ.name, year, "disclosed_total"),
        "website": total(organ.name, year, "disclosed_website"),
        "received": total(organ.name, year, "requests_received"),
        "in_person": total(organ.name, year, "requests_in_person"),
        "online": total(organ.name, year, "requests_online"),
        "reviews": total(organ.name, year, "review_total"),
        "lawsuits": total(organ.name, year, "litigation_total"),
    }
    texts: Sequence[list[str]] = (
        _chosen("general", organ, year, 3),
        [_said("early", "proactive", year=year, **figures), *_chosen("general", organ, year + 100, 1)],
        [_said("early", "requests", year=year, **figures)],
        [_said("early", "fees")],
        [_said("early", "cases", **figures)],
        _chosen("problems", organ, year, 1),
    )
    for heading, paragraphs in zip(_words()["early"]["headings"], texts, strict=True):
        yield heading
        yield from paragraphs
    if form_of(year):
        yield _said("early", "statistics")
        yield from _table_parts(organ, year, tables_of(year)[0], tables)


def _late_sections(organ: Organ, year: int, tables: bool) -> Iterator[Part]:
    by_id = {table.table: table for table in tables_of(year)}
    received = total(organ.name, year, "requests_received")
    forward = total(organ.name, year, "carried_forward")
    headings = iter(_words()["late"]["headings"])
    yield next(headings)
    yield from _chosen("general", organ, year, 3)
    yield next(headings)
    yield from _table_parts(organ, year, by_id["proactive"], tables)
    yield next(headings)
    yield _said("late", "requests", year=year, received=received, forward=forward)
    yield from _table_parts(organ, year, by_id["requests"], tables)
    yield next(headings)
    yield from _table_parts(organ, year, by_id["cases"], tables)
    yield next(headings)
    yield from _chosen("problems", organ, year, 1)
    yield next(headings)
    yield _said("late", "other")


def _table_parts(organ: Organ, year: int, table: Table, shown: bool) -> Iterator[Part]:
    yield _rows(organ, year, table) if shown else _said("attached", "table")


def _rows(organ: Organ, year: int, table: Table) -> Rows:
    return table_rows(table, figures_of(organ.name, year))


def _part_html(part: Part) -> str:
    if not isinstance(part, str):
        return html_table(part)
    text = escape(part, quote=False)
    return f"<p><strong>{text}</strong></p>" if "、" in part[:3] else f"<p>{text}</p>"


def _chosen(table: str, organ: Organ, year: int, count: int) -> list[str]:
    chosen = Random(f"{organ.name} {year} {table}").sample(_words()[table]["sentences"], count)
    return [sentence.format(year=year, name=organ.name) for sentence in chosen]


def _said(table: str, key: str, **values: object) -> str:
    return str(_words()[table][key]).format(**values)


def _filled(pattern: str, county: str, year: int) -> str:
    return pattern.format(county=county, year=year, next=year + 1)


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(_SENTENCES.read_text(encoding="utf-8"))
