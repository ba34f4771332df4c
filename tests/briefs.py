"""Briefs as tests read them: written by the command, or of a small database."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
from selectolax.lexbor import LexborHTMLParser, LexborNode

from analysis.brief import brief_on
from analysis.present.brief import brief_page
from analysis.present.brief_wording import BriefWording
from analysis.present.html import html
from analysis.present.wording import Language
from analysis.series import Peers, find_county
from conftest import Run


class Page:
    """The HTML of a brief."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._tree = LexborHTMLParser(source)

    def all(self, selector: str) -> list[LexborNode]:
        return self._tree.css(selector)

    @property
    def opening(self) -> str:
        return self.all(".opening")[0].text()

    def section(self, heading: str) -> LexborNode:
        """The section under a heading; there is one."""
        (found,) = (one for one in self.all("section") if one.css("h2")[0].text() == heading)
        return found

    def has(self, heading: str) -> bool:
        return heading in [one.text() for one in self.all("h2")]

    def said(self, heading: str) -> list[str]:
        """The sentences of a section, without what its tables and pictures hold."""
        return [" ".join(one.text().split()) for one in self.section(heading).css("p, li, .detail")]

    def table(self, heading: str) -> list[list[str]]:
        """The rows of the first table of a section."""
        return [
            [cell.text() for cell in row.css("td")]
            for row in self.section(heading).css("table")[0].css("tbody tr")
        ]


def brief_of(
    connection: duckdb.DuckDBPyConnection,
    county: str,
    language: Language = "en",
    *,
    year: int | None = None,
    peers: Peers | None = None,
) -> Page:
    """The page of a brief on a database."""
    found = brief_on(connection, find_county(connection, county), language, year=year, peers=peers)
    return Page(html("brief.html", brief_page(found, BriefWording(language), version="0")))


def written(run: Run, county: str, *arguments: object) -> dict[str, Path]:
    """The files of a brief, by suffix."""
    found = run("brief", county, *arguments, "--format", "json")
    assert found.code == 0, found.err
    (one,) = found.records
    return {Path(file).suffix: Path(file) for file in one["files"]}


def page_of(files: dict[str, Path]) -> Page:
    return Page(files[".html"].read_text(encoding="utf-8"))


def numbers_in(text: str) -> list[str]:
    """The numbers of a text as they are written, without signs."""
    return re.findall(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", text)
