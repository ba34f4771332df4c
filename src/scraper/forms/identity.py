"""Whose report it is, for which year, and when it was published."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from scraper.documents import Document
from scraper.documents.characters import fold
from scraper.messages import Message, message
from scraper.places import County, county_by_code, county_by_name


@dataclass
class Identity:
    """What a report says of itself; None where it says nothing."""

    title: str | None = None
    publisher: str | None = None
    publisher_kind: str | None = None
    county_code: str | None = None
    county_name: str | None = None
    year: int | None = None
    scope: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    published_on: date | None = None
    notices: list[Message] = field(default_factory=list)


@dataclass(frozen=True)
class _Title:
    text: str
    publisher: str | None
    year: int | None


@cache
def _wording() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "identity.toml").read_text(encoding="utf-8"))


@cache
def _pattern(table: str, key: str = "pattern") -> re.Pattern[str]:
    return re.compile(_wording()[table][key])


def identify(document: Document, url: str | None = None) -> Identity:
    """Gathers the evidence of the title, the text, the footer, the meta tags and the address.

    The year is that of the period which the text names, then that of the title; never that of the
    address or the publication date, for whole sites are moved years later.
    """
    lines = [fold(line) for line in document.lines()]
    found = Identity()
    title = _title(document, lines)
    if title is not None:
        found.title, found.publisher = title.text, title.publisher
    found.publisher = found.publisher or _publisher(document, lines)
    _find_period(found, lines)
    _find_year(found, title)
    _find_county(found, document, lines)
    _find_kind(found)
    found.published_on = _published_on(document, lines)
    _check_hosts(found, lines, url)
    return found


def is_narrative(identity: Identity, document: Document) -> bool:
    """Whether a page without statutory tables is a report all the same, by its title and subjects."""
    if identity.title is None:
        return False
    wording = _wording()["narrative"]
    text = "\n".join(fold(paragraph) for paragraph in document.paragraphs)
    if document.link_characters * 2 > len(text):
        return False
    present = [subject for subject in wording["subjects"] if re.search(subject, text)]
    return len(present) >= int(wording["enough"])


def names_report(text: str) -> bool:
    """Whether a short text such as a link is a report's title and says whose or of which year.

    "政府信息公开年报" alone is what portals call the list of the reports.
    """
    return any(title.year or title.publisher for title in _titles_in(fold(text)))


def _title(document: Document, lines: list[str]) -> _Title | None:
    """The first title that names a year, or else the first one."""
    quoted = (name for line in lines[:20] for name in re.findall(r"《([^《》]+)》", line))
    candidates = [*map(fold, document.titles), *lines[:40], *quoted]
    titles = [title for text in candidates for title in _titles_in(text)]
    return next((title for title in titles if title.year and title.publisher), None) or next(
        iter(titles), None
    )


def _titles_in(text: str) -> Iterator[_Title]:
    flat = "".join(text.split())
    wording = _wording()["title"]
    if len(flat) > wording["longest"] or re.search(wording["decoy"], flat):
        return
    match = _pattern("title").search(flat)
    if match is None:
        return
    publisher, year = match["publisher"], _year(match["year"] or "")
    leading = re.match(r"(?:关于)?(\d{4}|[〇零一二三四五六七八九]{4})年度?", publisher)
    if leading:
        year = year or _year(leading.group(1))
        publisher = publisher[leading.end() :]
    publisher = publisher.removeprefix("关于")
    if publisher.endswith("人民"):
        publisher += "政府"
    yield _Title(match.group(0), publisher or None, year)


def _year(written: str) -> int | None:
    if not written:
        return None
    if written.isascii():
        return int(written)
    digits = _wording()["year"]["digits"]
    return int("".join(str(max(digits.index(c.replace("零", "〇")), 0)) for c in written))


def _publisher(document: Document, lines: Iterable[str]) -> str | None:
    for name in _wording()["publisher"]["metadata"]:
        if name in document.metadata:
            return fold(document.metadata[name])
    match = _first_match("publisher", lines)
    return match["publisher"] if match else None


def _first_match(table: str, lines: Iterable[str]) -> re.Match[str] | None:
    pattern = _pattern(table)
    return next((match for line in lines if (match := pattern.search(line))), None)


def _find_period(found: Identity, lines: list[str]) -> None:
    near = _pattern("period", "near")
    for line in lines:
        for match in _pattern("period").finditer(line):
            if not near.search(line[max(0, match.start() - 40) : match.end() + 10]):
                continue
            start = _date(match["y1"], match["m1"], match["d1"])
            end = _date(match["y2"] or match["y1"], match["m2"], match["d2"])
            if start and end and start <= end:
                found.period_start, found.period_end = start, end
                return
            found.notices.append(message("period_impossible", period=match.group(0)))


def _date(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _find_year(found: Identity, title: _Title | None) -> None:
    of_period = found.period_end.year if found.period_end else None
    of_title = title.year if title else None
    found.year = of_period or of_title
    if of_period and of_title and of_period != of_title:
        found.notices.append(message("years_differ", period=of_period, title=of_title))
    if found.year is None:
        found.notices.append(message("year_unknown"))


def _find_county(found: Identity, document: Document, lines: list[str]) -> None:
    named = _county_named(found.publisher)
    code = _site_code(document, lines)
    if code is None or code.endswith("00"):
        county = county_by_name(named, within=" ".join(lines[:5])) if named else None
        found.county_code = county.code if county else None
        found.county_name = county.name if county else named
        return
    registered = county_by_code(code)
    found.county_code = code
    found.county_name = registered.name if registered else named
    if registered and named and not _same_county(registered, named):
        found.notices.append(message("counties_differ", code=code, registered=registered.name, named=named))


def _same_county(county: County, named: str) -> bool:
    return county.name == named or named.endswith(county.name)


def _county_named(publisher: str | None) -> str | None:
    match = _pattern("county").match(publisher or "")
    return match["name"] if match else None


def _site_code(document: Document, lines: list[str]) -> str | None:
    for name in _wording()["site_code"]["metadata"]:
        written = document.metadata.get(name, "")
        if re.fullmatch(r"\d{10}", written):
            return written[:6]
    match = _first_match("site_code", reversed(lines))
    return match["code"][:6] if match else None


def _find_kind(found: Identity) -> None:
    if found.publisher is None:
        return
    for entry in _wording()["kind"]:
        if re.search(entry["pattern"], found.publisher):
            if entry["kind"] == "county_government" and found.county_code is None:
                break
            found.publisher_kind, found.scope = entry["kind"], entry["scope"]
            return
    found.publisher_kind = "other"


def _published_on(document: Document, lines: list[str]) -> date | None:
    for name in _wording()["published"]["metadata"]:
        match = re.match(r"(\d{4})\D(\d{1,2})\D(\d{1,2})", document.metadata.get(name, ""))
        if match:
            return _date(*match.groups())
    found = _first_match("published", lines)
    return _date(found["y"], found["m"], found["d"]) if found else None


def _check_hosts(found: Identity, lines: list[str], url: str | None) -> None:
    hosts = [match["host"] for line in lines for match in _pattern("host").finditer(line)]
    if url and urlsplit(url).scheme in ("http", "https"):
        hosts.insert(0, urlsplit(url).hostname or "")
    for host in dict.fromkeys(hosts):
        if not is_government_host(host):
            found.notices.append(message("host_not_government", host=host))


def is_government_host(host: str) -> bool:
    """Whether governments publish on ``host``: clones of their pages stand on other ones."""
    return host.endswith(tuple(_wording()["host"]["government"]))
