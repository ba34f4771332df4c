"""Adds counties to the shipped registry: ``python -m scraper.portals.build ADDRESSES.csv [FOLDER]``.

ADDRESSES.csv has addresses of real reports: ``address``, ``region`` (the place, and the body behind it),
``report_year``, ``title``. A county that the registry lacks gets an entry in its province's file; entries
that are there stay as they are, for they may have been corrected by hand. What is left out is told with the
reason, since a wrong county is worse than a missing one. Nothing imports this module.
"""

from __future__ import annotations

import csv
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from scraper.forms.identity import is_government_host
from scraper.places import County, counties_named, current
from scraper.portals.areas import areas_of, short_of, spellings_above, spoken
from scraper.portals.registry import Portal, add_entry, bare, is_shared, merged, read_registry

_HEADER = """\
# {province}: portals of its counties. A starting point each, not a promise: docs/portals.md says what an
# entry holds, what `seen` and `source` promise, and how to correct or add one.

"""
_LONGEST_NAME = 15
_IN_ADDRESS = re.compile(r"(?<!\d)(20\d\d)(?:(\d\d)(\d\d)|[-/](\d{1,2})[-/](\d{1,2}))(?!\d)")
_MONTH = re.compile(r"/(20\d\d)-?(\d\d)/")
_YEAR = re.compile(r"(?<!\d)20[0-3]\d(?!\d)")
_UNNAMED = "not in excerpt"


@dataclass(frozen=True)
class Row:
    """One line of the table, the heading being line 1."""

    line: int
    address: str
    region: str
    year: str
    title: str

    @property
    def host(self) -> str:
        """The address's host, without port."""
        return urlsplit(self.address).hostname or ""

    @property
    def seen(self) -> str:
        """A day, month or year at or after which the address worked: of the page, or after its year."""
        path = urlsplit(self.address).path
        days = [
            "-".join((y, (a or c).zfill(2), (b or d).zfill(2))) for y, a, b, c, d in _IN_ADDRESS.findall(path)
        ]
        days = [day for day in days if "01" <= day[5:7] <= "12" and "01" <= day[8:] <= "31"]
        months = [f"{year}-{month}" for year, month in _MONTH.findall(path) if "01" <= month <= "12"]
        years = [str(int(self.year) + 1)] if self.year.isdecimal() else []
        return max([*days, *months, *years], default="")


def rows_of(path: Path) -> list[Row]:
    """The lines of the table."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Row(line, row["address"], row["region"], row["report_year"], row["title"])
            for line, row in enumerate(csv.DictReader(lines), start=2)
        ]


def county_at(region: str) -> tuple[County, str] | None:
    """The only county that ``region`` names behind its province and prefecture, and what follows it.

    浙江宁波江北区 is Ningbo's 江北区; 江北区 alone would be several and is none.
    """
    text = "".join(region.split())
    for start in range(len(text)):
        for end in range(min(len(text), start + _LONGEST_NAME), start + 1, -1):
            named = {current(county) for county in counties_named(text[start:end])}
            fitting = [county for county in named if county.until is None and _is_above(text[:start], county)]
            if len(fitting) == 1:
                return fitting[0], text[end:]
    return None


def _is_above(written: str, county: County) -> bool:
    area = next(areas_of(Portal(county.code, county.name, "")))
    return written in spellings_above(area) or (not written and len(counties_named(county.name)) == 1)


def portals_of(rows: Iterable[Row]) -> tuple[list[Portal], list[tuple[Row, str]]]:
    """An entry for each county that ``rows`` tell of; and the rows left out, each with the reason."""
    told: defaultdict[County, list[tuple[Row, str]]] = defaultdict(list)
    left_out: list[tuple[Row, str]] = []
    counties_on: defaultdict[str, set[County]] = defaultdict(set)
    for row in rows:
        found = county_at(row.region)
        if not is_government_host(row.host):
            left_out.append((row, "the host is not a government's"))
        elif found is None:
            left_out.append((row, "no county is named"))
        elif is_shared(row.host):
            left_out.append((row, "the host is a prefecture's or a province's"))
        else:
            told[found[0]].append((row, found[1]))
            counties_on[bare(row.host)].add(found[0])
    portals = []
    for county, lines in sorted(told.items(), key=lambda item: item[0].code):
        several = [row for row, _ in lines if len(counties_on[bare(row.host)]) > 1]
        left_out += [(row, "several counties publish on the host") for row in several]
        if len(several) < len(lines):
            portals.append(_portal(county, [line for line in lines if line[0] not in several]))
    return portals, sorted(left_out, key=lambda item: item[0].line)


def _portal(county: County, lines: list[tuple[Row, str]]) -> Portal:
    newest_first = sorted((row for row, _ in lines), key=lambda row: (row.seen, row.line), reverse=True)
    newest = newest_first[0]
    home_host = _home_host(newest_first)
    others = {urlsplit(row.address).netloc for row, _ in lines if bare(row.host) != bare(home_host)}
    families = [family for row in newest_first if (family := _shape(row).get("family", ""))]
    home = f"{urlsplit(newest.address).scheme}://{home_host}/"
    lists = dict.fromkeys(url for row, organ in lines if (url := _list(row, county, organ, home)))
    more = ", ".join(str(row.line) for row in newest_first[1:])
    return Portal(
        county_code=county.code,
        county=county.name,
        prefecture=county.prefecture,
        home=home,
        lists=tuple(lists),
        hosts=tuple(sorted(others)),
        family=families[0] if families else "",
        source=f"report_addresses.csv row {newest.line}: {newest.address}"
        + (f"; also {more}" if more else ""),
        seen=newest.seen,
    )


def _home_host(rows: list[Row]) -> str:
    """The host above the others, else the newest; with ``www.`` where one of the rows has it."""
    hosts = [urlsplit(row.address).netloc for row in rows]
    top = min(hosts, key=lambda host: (bare(host).count("."), hosts.index(host)))
    return f"www.{bare(top)}" if f"www.{bare(top)}" in hosts else top


def _shape(row: Row) -> Mapping[str, Any]:
    behind_host = row.address.split(urlsplit(row.address).netloc, 1)[1]
    fitting = (shape for shape in _shapes()["shape"] if re.search(shape["address"], behind_host))
    return next(fitting, {})


def _list(row: Row, county: County, organ: str, home: str) -> str:
    """The list that the report stands in, if it is the county's and of all years, or nothing."""
    shape = _shape(row)
    match = re.search(shape["address"], urlsplit(row.address).path) if "list" in shape else None
    if match is None:
        return ""
    groups = match.groupdict()
    wanted = _is_own(row, county, organ)
    if "folder" in groups:
        groups["folder"], general = _cut(groups["folder"])
        wanted = wanted or general
    found: str = shape["list"].format(**groups)
    if not wanted or _YEAR.search(found):
        return ""
    same = bare(urlsplit(row.address).netloc) == bare(urlsplit(home).netloc)
    return urljoin(home if same else row.address, found)


def _cut(folder: str) -> tuple[str, bool]:
    """``folder`` up to its first part that is a list's name, and whether the parts before it are general."""
    before: list[str] = []
    for part in folder.strip("/").split("/"):
        if re.fullmatch(_shapes()["list_name"], part):
            general = all(re.fullmatch(_shapes()["general_name"], name) for name in before)
            return f"/{'/'.join([*before, part])}/", general
        before.append(part)
    return folder, False


def _is_own(row: Row, county: County, organ: str) -> bool:
    """Whether the report is the county government's, or its office's."""
    if _UNNAMED in row.title:
        return False
    body = organ or re.sub(r"[(（].*", "", row.title).removesuffix("年报")
    for name in (county.name, county.short_name or county.name, short_of(county.name, "county")):
        body = body.split(name)[-1]
    return re.fullmatch(_shapes()["government"], body.strip()) is not None


@cache
def _shapes() -> dict[str, Any]:
    return tomllib.loads((files("scraper.portals") / "shapes.toml").read_text(encoding="utf-8"))


def add_missing(portals: Iterable[Portal], folder: Path) -> Iterator[Portal]:
    """Writes entries of counties that the files of ``folder`` lack, and gives them."""
    known = {portal.county_code for path in folder.glob("*.toml") for portal in read_registry(path)}
    for portal in merged(portals):
        if portal.county_code in known:
            continue
        *_, province = areas_of(portal)
        path = folder / f"{min(spoken(province.name, 'province'), key=len)}.toml"
        if not path.exists():
            path.write_text(_HEADER.format(province=province.name), encoding="utf-8")
        add_entry(path, portal)
        yield portal


def main(table: str, folder: str = "") -> None:
    """Adds what ``table`` tells to the files of ``folder``, by default those that ship with nianbao."""
    portals, left_out = portals_of(rows_of(Path(table)))
    target = Path(folder or str(files("scraper.portals") / "provinces"))
    target.mkdir(exist_ok=True)
    for portal in add_missing(portals, target):
        sys.stdout.write(f"added {portal.county_code} {portal.county} {portal.home}\n")
    for row, reason in left_out:
        sys.stderr.write(f"row {row.line} left out ({reason}): {row.region} {row.address}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
