"""A nation of invented counties whose bodies report year after year, as an archive for ``nianbao parse``.

``python benchmarks/nation.py --counties 100 --years 2019-2024 --out FOLDER`` writes FOLDER/archive (WARC),
FOLDER/portals.toml with the counties, and FOLDER/errors.csv: each figure that was made to contradict its
report, with what it should be. The same options give the same reports. Figures obey the sums of their form
and carry over from year to year; pages are written in the layouts of ``tests/corpus.py``, some as DOCX
or PDF. All counties are invented and have codes that GB/T 2260 does not assign.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, product
from pathlib import Path
from random import Random

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import corpus  # noqa: E402 - tests/ is not a package
from corpus import Draft, Piece  # noqa: E402
from portals import files  # noqa: E402
from portals.figures import figures_of, form_of, tables_of  # noqa: E402
from portals.reports import FIRST_YEAR, LAST_YEAR, Organ, organs, parts, title  # noqa: E402
from rendering import Written, table_rows  # noqa: E402
from scraper.archive import Archive  # noqa: E402
from scraper.places import counties_named  # noqa: E402
from scraper.portals import Portal, write_registry  # noqa: E402

FIRST_CODE = 990200
HTML, LATER = "text/html", datetime(2026, 3, 1, 8, tzinfo=UTC)

# Characters of names; three of them give more counties than the nation has.
_NAMES = "澄岚苇槐砚桐芦荻檀蒲桑汀枫菱杏竺溪坪湾原浦洲台峪岗"

# What the cells beside it add up to, as the total of every row of requests is too.
_TOTALS = ("review_total", "litigation_total", "litigation_direct_total", "litigation_after_review_total")

# How often a report is no page, and how many of the layouts a page mixes.
_FILES = {"docx": 0.04, "pdf": 0.01}
_MIXED = (0, 1, 1, 2)
_LAYOUTS = (
    "word_paste", "labels_cut_by_breaks", "local_numbers", "other_scripts", "punctuation", "tables_apart",
    "comments", "entities", "navigation", "old_markup", "chinese_charset", "layout_table",
)  # fmt: skip


@dataclass(frozen=True)
class County:
    """An invented county with the bodies that report."""

    code: str
    name: str
    bodies: tuple[Organ, ...]

    @property
    def host(self) -> str:
        """Where it publishes."""
        return f"www.c{self.code}.gov.cn.test"


@dataclass(frozen=True)
class Error:
    """A figure that was made wrong."""

    metric: str
    applicant: str
    printed: str
    true: str


@dataclass(frozen=True)
class Report:
    """One report as it is published."""

    county: County
    organ: Organ
    year: int
    format: str
    layouts: tuple[str, ...]
    error: Error | None
    mime: str
    body: bytes

    @property
    def url(self) -> str:
        """Its address."""
        ending = "html" if self.format == "html" else self.format
        return f"http://{self.county.host}/zfxxgk/nb/{self.year}/{self.organ.slug}.{ending}"


def counties(count: int, publishers: int, seed: int) -> Iterator[County]:
    """``count`` counties, each with so many publishers: the government, departments and townships."""
    names = ("".join(letters) for size in (2, 3) for letters in product(_NAMES, repeat=size))
    invented = (f"{name}县" for name in names if not counties_named(f"{name}县"))
    for number, name in enumerate(islice(invented, count)):
        departments = publishers // 2
        bodies = organs(name, seed, departments, publishers - 1 - departments)
        reporting = tuple(body for body in bodies if body.kind != "county_office")
        yield County(str(FIRST_CODE + number), name, reporting)


def reports(county: County, years: Sequence[int], errors: float, seed: int) -> Iterator[Report]:
    """The reports of a county; a share of ``errors`` of those in HTML holds a wrong figure."""
    for organ, year in product(county.bodies, years):
        if organ.until is None or year <= organ.until:
            yield _report(county, organ, year, errors, Random(f"{seed} {organ.name} {year}"))  # noqa: S311


def _report(county: County, organ: Organ, year: int, errors: float, chance: Random) -> Report:
    drawn = chance.random()
    if form_of(year) and drawn < sum(_FILES.values()):
        kind = "pdf" if drawn < _FILES["pdf"] else "docx"
        body = files.pdf(organ, year) if kind == "pdf" else files.docx(organ, year)
        return Report(county, organ, year, kind, (), None, files.TYPES[kind], body)
    error = _error(organ, year, chance) if form_of(year) and chance.random() < errors else None
    layouts = tuple(chance.sample(_LAYOUTS, chance.choice(_MIXED)))
    page = _page(organ, year, error, layouts, chance)
    return Report(county, organ, year, "html", layouts, error, HTML, page)


def _error(organ: Organ, year: int, chance: Random) -> Error:
    """Another figure in a total, which the parts then contradict."""
    figures = figures_of(organ.name, year)
    totals = [key for key in figures if key[1] == "total" or key[0] in _TOTALS]
    metric, applicant = chance.choice(sorted(totals))
    true = figures[metric, applicant]
    return Error(metric, applicant, str(int(true) + chance.choice((1, 9, 10))), true)


def _page(organ: Organ, year: int, error: Error | None, layouts: Sequence[str], chance: Random) -> bytes:
    figures = dict(figures_of(organ.name, year))
    if error:
        figures[error.metric, error.applicant] = error.printed
    said = [part for part in parts(organ, year) if isinstance(part, str)]
    tables = [table_rows(table, figures) for table in tables_of(year)]
    draft = Draft([[_pieces(row) for row in table] for table in tables], chance)
    for name in layouts:
        corpus.LAYOUTS[name](draft)
    return corpus.page(draft, title(organ, year), said)


def _pieces(row: Sequence[Written]) -> list[Piece]:
    """A row of a table with what each cell is, as layouts ask for it."""
    plain = not any(_is_figure(cell) for cell in row)
    return [Piece(cell.html, _kind(cell, plain), cell.columns, cell.rows) for cell in row]


def _kind(cell: Written, heading: bool) -> str:
    if _is_figure(cell):
        return "figure"
    return "heading" if heading else "group" if cell.rows > 1 else "label"


def _is_figure(cell: Written) -> bool:
    return cell.html[:1].isdigit()


def write(nation: Sequence[County], years: Sequence[int], errors: float, seed: int, out: Path) -> int:
    """Writes the archive, the counties' portals and the errors; how many reports there are."""
    out.mkdir(parents=True, exist_ok=True)
    write_registry(out / "portals.toml", map(_portal, nation))
    count = 0
    with (
        Archive(out / "archive", writing=True) as archive,
        (out / "errors.csv").open("w", encoding="utf-8", newline="") as file,
    ):
        table = csv.writer(file)
        table.writerow(("url", "publisher", "year", "metric", "applicant", "printed", "true"))
        for report in (report for county in nation for report in reports(county, years, errors, seed)):
            count += 1
            moment = min(datetime(report.year + 1, 3, 1, 8, tzinfo=UTC), LATER)
            headers = [("Content-Type", report.mime)]
            archive.store_response(report.url, "200 OK", headers, report.body, captured_at=moment)
            if said := report.error:
                about = (report.url, report.organ.name, report.year)
                table.writerow((*about, said.metric, said.applicant, said.printed, said.true))
    return count


def _portal(county: County) -> Portal:
    home = f"http://{county.host}/"
    return Portal(county_code=county.code, county=county.name, home=home, province="样例省", sample=True)


def _years(given: str) -> list[int]:
    first, _, last = given.partition("-")
    years = list(range(int(first), int(last or first) + 1))
    if not years or years[0] < FIRST_YEAR or years[-1] > LAST_YEAR:
        raise argparse.ArgumentTypeError(f"years from {FIRST_YEAR} to {LAST_YEAR}, as 2019-2024")
    return years


def main() -> int:
    """Writes the nation that the command line asks for."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--counties", type=int, default=100)
    arguments.add_argument("--years", type=_years, default=_years("2019-2024"))
    arguments.add_argument("--publishers", type=int, default=5, help="in each county, at most 28")
    arguments.add_argument("--errors", type=float, default=0.05, help="share of reports with a wrong figure")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--out", type=Path, required=True)
    given = arguments.parse_args()
    if (given.out / "archive").exists():
        arguments.error(f"{given.out} has an archive already; choose another folder")
    nation = list(counties(given.counties, given.publishers, given.seed))
    count = write(nation, given.years, given.errors, given.seed, given.out)
    sys.stdout.write(f"{count} reports of {len(nation)} counties in {given.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
