"""The year that a report is about, the days that it covers, and when it was published."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

from scraper.forms.identity.evidence import Identity, quote
from scraper.forms.identity.page import Page
from scraper.forms.identity.wording import pattern, wording
from scraper.messages import message

# Reports are due by 31 March of the next year (国务院令第711号, art. 49); later than this, a page was moved.
_YEARS_AFTER = 2


def year_of(written: str) -> int | None:
    """The year of 2020, 二〇二〇, 二0二0 or, its century repeated, 202020; None where it is none."""
    if not written:
        return None
    digits = str(wording()["year"]["digits"])
    zeros = str(wording()["year"]["zeros"])
    plain = "".join("0" if c in zeros else str(digits.index(c)) if c in digits else c for c in written)
    return int(plain[-4:]) if plain.isdigit() else None


def find_period(found: Identity, page: Page) -> None:
    """Sets the days that the text says its figures cover."""
    for match in _stated_periods(page):
        parts = match.groupdict()
        start = _date(parts["y1"], parts.get("m1", "1"), parts.get("d1", "1"))
        end = _date(parts["y2"] or parts["y1"], parts.get("m2", "12"), parts.get("d2", "31"))
        if start and end and start <= end:
            found.period_start, found.period_end = start, end
            said = quote("period", match.group(0))
            found.evidence |= {"period_start": said, "period_end": said}
            return
        found.notices.append(message("period_impossible", period=match.group(0)))


def _stated_periods(page: Page) -> list[re.Match[str]]:
    near = pattern("period", "near")
    for name in ("pattern", "whole_year"):
        stated = [
            match
            for match in pattern("period", name).finditer(page.text)
            if near.search(page.text, max(0, match.start() - 40), match.end() + 10)
        ]
        if stated:
            return stated
    return []


def find_year(found: Identity, page: Page, title_year: int | None, doubled: bool) -> None:
    """Sets the year: that of the period, else of the title, else of the folder that it is filed in.

    Where the first two differ and the prose is with the title, the period was left over from an earlier
    report. A folder counts only where it is named for a year of reports (``2022n``, ``nbYear=2019``):
    dates in addresses are those of a file's last move.
    """
    period_year = found.period_end.year if found.period_end else None
    folder = None if period_year or title_year else pattern("year", "folder").search(page.url)
    found.year = period_year or title_year or (int(folder["year"]) if folder else None)
    if doubled and title_year:
        found.notices.append(message("year_mistyped", year=title_year))
    if period_year and title_year and period_year != title_year:
        if _most_named(page.text) == title_year:
            found.year = title_year
        found.notices.append(message("years_differ", period=period_year, title=title_year, taken=found.year))
    if found.year is None:
        found.notices.append(message("year_unknown"))
        return
    if folder:
        found.evidence["year"] = quote("directory", folder.group(0))
        return
    source = "period_end" if found.year == period_year else "title"
    found.evidence["year"] = found.evidence[source]


def _most_named(text: str) -> int | None:
    """The year that the prose speaks of most, if one stands out."""
    years = Counter(pattern("year", "mention").findall(text)).most_common(2)
    if not years or (len(years) > 1 and years[0][1] == years[1][1]):
        return None
    return int(years[0][0])


def find_publication(found: Identity, page: Page) -> None:
    """Sets the day of publication as printed, and doubts a day that can't be the first."""
    for name in wording()["published"]["metadata"]:
        match = pattern("published", "stamp").match(page.metadata.get(name, ""))
        if match:
            break
    else:
        match = pattern("published").search(page.text)
    if match is None:
        return
    found.published_on = _date(match["y"], match["m"], match["d"])
    if found.published_on is None:
        return
    source = "meta" if match.re is pattern("published", "stamp") else "text"
    found.evidence["published_on"] = quote(source, match.group(0))
    _doubt_publication(found, found.published_on)


def _doubt_publication(found: Identity, day: date) -> None:
    if found.year is None:
        return
    end = found.period_end if found.period_end and found.period_end.year == found.year else None
    if day < (end or date(found.year, 12, 1)):
        found.notices.append(message("published_too_early", day=day.isoformat(), year=found.year))
    elif day > date(found.year + _YEARS_AFTER, 12, 31):
        found.notices.append(message("published_years_after", day=day.isoformat(), year=found.year))


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year_of(year) or 0), _number(month), _number(day))
    except ValueError:
        return None


def _number(written: str) -> int:
    """A number up to 99 in figures or in Chinese numerals."""
    if written.isascii():
        return int(written)
    digits = str(wording()["year"]["digits"])
    tens, ten, ones = written.rpartition("十")
    return (digits.index(tens) if tens else 1) * 10 * bool(ten) + (digits.index(ones) if ones else 0)
