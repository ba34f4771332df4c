"""A nation of invented counties whose bodies report year after year, for ``nianbao parse`` or ``crawl``.

``python benchmarks/nation.py --counties 100 --years 2019-2024 --out FOLDER`` writes FOLDER/archive (WARC),
FOLDER/portals.toml with the counties, and FOLDER/errors.csv: each figure that was made to contradict its
report, with what it should be. With ``--serve`` the same reports are served on loopback in place of an
archive, and the command that crawls them is printed. The same options give the same reports. Figures obey
the sums of their form and carry over from year to year; pages are written in the layouts of
``tests/corpus.py``, a share of the reports as files. All counties are invented and have codes that GB/T 2260
does not assign.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice, product
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from benchmarks.nation_files import TYPES, draft_of, file_of, forget, format_of
from benchmarks.nation_frame import framed

import corpus
from portals.figures import figures_of, form_of
from portals.reports import FIRST_YEAR, LAST_YEAR, Organ, organs
from scraper.archive import Archive
from scraper.places import counties_named
from scraper.portals import Portal, write_registry

FIRST_CODE = 990200

# Of a report's page, on average: the median home page of a county has 88 KB.
WEIGHT = 87_000
HTML, LATER = "text/html", datetime(2026, 3, 1, 8, tzinfo=UTC)

# Characters of names; three of them give more counties than the nation has.
_NAMES = "澄岚苇槐砚桐芦荻檀蒲桑汀枫菱杏竺溪坪湾原浦洲台峪岗"

# What the cells beside it add up to, as the total of every row of requests is too.
_TOTALS = ("review_total", "litigation_total", "litigation_direct_total", "litigation_after_review_total")

# How many of the layouts a page mixes.
_MIXED = (0, 1, 1, 2)
_COMMON = (
    "word_paste", "labels_cut_by_breaks", "local_numbers", "other_scripts", "punctuation", "tables_apart",
    "comments", "entities", "navigation", "old_markup", "chinese_charset", "layout_table",
)  # fmt: skip
LAYOUTS = {"common": _COMMON, "all": tuple(corpus.LAYOUTS)}


@dataclass(frozen=True)
class Style:
    """How reports are written: the shares with a wrong figure, and that are files; the layouts of pages.

    Where pages have a ``weight``, in bytes, it is their mean: they are pasted from Word, in a portal's frame.
    """

    errors: float
    files: float
    layouts: Sequence[str]
    seed: int
    weight: int


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


def reports(county: County, years: Sequence[int], style: Style) -> Iterator[Report]:
    """The reports of a county; errors are only in web pages."""
    for organ, year in product(county.bodies, years):
        if organ.until is None or year <= organ.until:
            yield _report(county, organ, year, style)
    forget()


def _report(county: County, organ: Organ, year: int, style: Style) -> Report:
    chance = Random(f"{style.seed} {organ.name} {year}")  # noqa: S311 - nobody's secret
    drawn = chance.random()
    if form_of(year) and drawn < style.files:
        kind = format_of(drawn / style.files)
        body = file_of(kind, organ, year, chance)
        return Report(county, organ, year, kind, (), None, TYPES[kind], body)
    error = _error(organ, year, chance) if form_of(year) and chance.random() < style.errors else None
    layouts = tuple(chance.sample(style.layouts, chance.choice(_MIXED)))
    if style.weight and "word_paste" not in layouts:
        layouts = (*layouts, "word_paste")
    weight = int(style.weight * chance.uniform(0.5, 1.5))
    page = _page(organ, year, error, layouts, weight, chance)
    return Report(county, organ, year, "html", layouts, error, HTML, page)


def _error(organ: Organ, year: int, chance: Random) -> Error:
    """Another figure in a total, which the parts then contradict."""
    figures = figures_of(organ.name, year)
    totals = [key for key in figures if key[1] == "total" or key[0] in _TOTALS]
    metric, applicant = chance.choice(sorted(totals))
    true = figures[metric, applicant]
    return Error(metric, applicant, str(int(true) + chance.choice((1, 9, 10))), true)


def _page(
    organ: Organ, year: int, error: Error | None, layouts: Sequence[str], weight: int, chance: Random
) -> bytes:
    figures = dict(figures_of(organ.name, year))
    if error:
        figures[error.metric, error.applicant] = error.printed
    draft = draft_of(organ, year, figures, chance)
    for name in layouts:
        corpus.LAYOUTS[name](draft)
    heading, *said = draft.opening
    charset = "utf-8" if draft.charset == "utf-8" else "gb18030"
    return framed(corpus.page(draft, heading, said), weight, charset)


def write(nation: Sequence[County], years: Sequence[int], style: Style, out: Path, largest_warc: int) -> int:
    """Writes the archive, the counties' portals and the errors; how many reports there are."""
    out.mkdir(parents=True, exist_ok=True)
    write_registry(out / "portals.toml", map(portal_of, nation))
    count = 0
    with (
        Archive(out / "archive", writing=True, largest_warc=largest_warc) as archive,
        noted_errors(out) as note,
    ):
        for report in (report for county in nation for report in reports(county, years, style)):
            count += 1
            moment = min(datetime(report.year + 1, 3, 1, 8, tzinfo=UTC), LATER)
            headers = [("Content-Type", report.mime)]
            archive.store_response(report.url, "200 OK", headers, report.body, captured_at=moment)
            note(report)
    return count


def make(out: Path, count: int, years: Sequence[int], publishers: int, weight: int = WEIGHT) -> None:
    """Writes a nation as the command does by default, unless ``out`` has an archive already."""
    if not (out / "archive").exists():
        style = Style(errors=0.05, files=0.05, layouts=LAYOUTS["common"], seed=1, weight=weight)
        write(list(counties(count, publishers, style.seed)), years, style, out, 1_000_000_000)


@contextmanager
def noted_errors(out: Path) -> Iterator[Callable[[Report], None]]:
    """Writes the errors of the reports that it is given into the file of errors."""
    with (out / "errors.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("url", "publisher", "year", "metric", "applicant", "printed", "true"))

        def note(report: Report) -> None:
            if said := report.error:
                about = (report.url, report.organ.name, report.year)
                table.writerow((*about, said.metric, said.applicant, said.printed, said.true))

        yield note


def portal_of(county: County, *, served: bool = False) -> Portal:
    """The county as the registry has it; where it is ``served`` here, it may be asked without delay."""
    home = f"http://{county.host}/"
    found = Portal(county_code=county.code, county=county.name, home=home, province="样例省", sample=True)
    return replace(found, delay=0.0, loopback=True) if served else found


def _years(given: str) -> list[int]:
    first, _, last = given.partition("-")
    years = list(range(int(first), int(last or first) + 1))
    if not years or years[0] < FIRST_YEAR or years[-1] > LAST_YEAR:
        raise argparse.ArgumentTypeError(f"years from {FIRST_YEAR} to {LAST_YEAR}, as 2019-2024")
    return years


def _arguments() -> argparse.ArgumentParser:
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--counties", type=int, default=100)
    said.add_argument("--years", type=_years, default=_years("2019-2024"))
    said.add_argument("--publishers", type=int, default=5, help="in each county, at most 28")
    said.add_argument("--errors", type=float, default=0.05, help="share of the pages with a wrong figure")
    said.add_argument("--files", type=float, default=0.05, help="share of the reports that are no web pages")
    said.add_argument(
        "--layouts", choices=tuple(LAYOUTS), default="common", help="all: those too that few pages have"
    )
    said.add_argument(
        "--weight",
        type=float,
        default=WEIGHT / 1000,
        metavar="KB",
        help="mean of pages; 0: no frame (87)",
    )
    said.add_argument("--seed", type=int, default=1)
    said.add_argument("--warc-size", type=float, default=1000, metavar="MB", help="of each WARC file (1000)")
    said.add_argument("--out", type=Path, required=True)
    said.add_argument("--serve", action="store_true", help="serve the reports instead of archiving them")
    said.add_argument("--seconds", type=float, default=600.0, help="how long to serve them at most (600)")
    return said


def main() -> int:
    """Writes or serves the nation that the command line asks for."""
    arguments = _arguments()
    given = arguments.parse_args()
    if (given.out / "archive").exists():
        arguments.error(f"{given.out} has an archive already; choose another folder")
    nation = list(counties(given.counties, given.publishers, given.seed))
    weight = int(given.weight * 1000)
    style = Style(given.errors, given.files, LAYOUTS[given.layouts], given.seed, weight)
    if given.serve:
        from benchmarks.nation_portals import serve

        serve(nation, given.years, style, given.out, given.seconds)
        return 0
    count = write(nation, given.years, style, given.out, int(given.warc_size * 1_000_000))
    sys.stdout.write(f"{count} reports of {len(nation)} counties in {given.out}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
