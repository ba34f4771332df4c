"""The report's title: whose it is and for which year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from scraper.documents.characters import fold
from scraper.forms.identity.dates import year_of
from scraper.forms.identity.page import Page
from scraper.forms.identity.wording import pattern, wording

_QUOTED = re.compile(r"《([^《》]{6,90})》")
_QUOTED_LINES = 20
# A title may be letter-spaced, but longer lines are prose whatever their blanks.
_LONGEST_SPACED = 150


@dataclass(frozen=True)
class Title:
    """A title without blanks; ``publisher`` as printed, ``doubled`` where its year repeats digits."""

    text: str
    publisher: str | None
    year: int | None
    doubled: bool = False


def find_titles(page: Page) -> list[Title]:
    """All titles on the page, the likeliest first: those that name publisher and year.

    On a page whose own title says that it is something else, the name of the column it stands in
    (政府信息公开年报) is no title.
    """
    titles = [title for text in page.titles for title in titles_in(text)]
    before = ""
    for line in page.head:
        titles += (_with_line_before(title, before) for title in titles_in(line))
        before = line
    for line in page.lines[:_QUOTED_LINES]:
        if "《" in line:
            titles += (title for quoted in _QUOTED.findall(line) for title in titles_in(quoted))
    if any(pattern("title", "decoy").search("".join(text.split())) for text in page.titles):
        titles = [title for title in titles if title.year or title.publisher]
    return sorted(titles, key=lambda title: not (title.year and title.publisher))


def _with_line_before(title: Title, before: str) -> Title:
    """A title set in two lines, the publisher in the first."""
    flat = "".join(before.split())
    if title.publisher is None and pattern("publisher", "alone").fullmatch(flat):
        return replace(title, text=flat + title.text, publisher=flat)
    return title


def titles_in(text: str) -> Iterator[Title]:
    """The title that a folded line is, if it is one."""
    if len(text) > _LONGEST_SPACED:
        return
    flat = "".join(text.split())
    if "公开" not in flat or len(flat) > wording()["title"]["longest"]:
        return
    report = pattern("title").search(flat)
    match = report and pattern("title", "before").search(flat, 0, report.start())
    if report is None or match is None or pattern("title", "decoy").search(flat):
        return
    if pattern("title", "head").search(match["publisher"]):
        return
    publisher, year = match["publisher"], match["year"] or ""
    leading = pattern("title", "leading_year").match(publisher)
    if leading:
        year = year or leading["year"]
        publisher = publisher[leading.end() :]
    publisher = publisher.removeprefix("关于").rstrip(":-—_·")
    if publisher.endswith("人民"):
        publisher += "政府"
    yield Title(
        match.group(0) + report.group(0), publisher or None, year_of(year), doubled=len(year) > len("2020")
    )


def names_report(text: str) -> bool:
    """Whether a short text such as a link is a report's title and says whose or of which year.

    "政府信息公开年报" alone is what portals call the list of the reports.
    """
    return any(title.year or title.publisher for title in titles_in(fold(text)))
