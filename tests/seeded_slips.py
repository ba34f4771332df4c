"""The slips that are put into consistent reports, one function for each kind."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise

from analysis.checks.relation import Cell
from consistent_reports import APPLICANTS, SeededReport

Spoilt = dict[Cell, int | None]
"""The cells that a slip changes, with what they then say; empty where it can't be made."""


def slip(kind: str, report: SeededReport, chance: random.Random) -> Spoilt:
    """The changes of one slip of a kind, somewhere in the report."""
    made = KINDS[kind](report, chance)
    return {cell: value for cell, value in made.items() if value != report.figures[cell]}


def _any_cell(report: SeededReport, chance: random.Random, least: int = 1) -> Cell | None:
    found = [cell for cell, value in report.figures.items() if value is not None and abs(value) >= least]
    return chance.choice(found) if found else None


def _on_digits(
    spoil: Callable[[str, random.Random], str], least: int
) -> Callable[[SeededReport, random.Random], Spoilt]:
    """A slip in the digits of one figure that is at least ``least``."""

    def slip(report: SeededReport, chance: random.Random) -> Spoilt:
        cell = _any_cell(report, chance, least)
        if cell is None:
            return {}
        value = report.figures[cell] or 0
        spoilt = int(spoil(str(abs(value)), chance))
        return {cell: spoilt if value > 0 else -spoilt}

    return slip


def _altered(digits: str, chance: random.Random) -> str:
    place = chance.randrange(len(digits))
    other = chance.choice([digit for digit in "0123456789"[place == 0 :] if digit != digits[place]])
    return digits[:place] + other + digits[place + 1 :]


def _lost(digits: str, chance: random.Random) -> str:
    place = chance.randrange(len(digits))
    return digits[:place] + digits[place + 1 :]


def _doubled(digits: str, chance: random.Random) -> str:
    place = chance.randrange(len(digits))
    return digits[: place + 1] + digits[place:]


def _swapped(digits: str, chance: random.Random) -> str:
    places = [place for place in range(len(digits) - 1) if digits[place] != digits[place + 1]]
    if not places:
        return digits
    place = chance.choice(places)
    return digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]


def _lines(report: SeededReport) -> list[list[Cell]]:
    """The rows of the tables that have several columns; of a single column, that."""
    found: list[list[Cell]] = []
    for table in report.tables.values():
        rows = [[cell for cell in row if cell] for row in table]
        found += [row for row in rows if len(row) > 2]
        if all(len(row) == 1 for row in rows):
            found.append([row[0] for row in rows])
    return found


def _row_shifted(report: SeededReport, chance: random.Random) -> Spoilt:
    """The figures of a row one cell further on or back, from some cell to the end."""
    lines = [line for line in _lines(report) if any(report.figures[cell] for cell in line)]
    if not lines:
        return {}
    line = chance.choice(lines)
    start = chance.randrange(len(line) - 1) if len(line) > 10 else 0
    moved = line[start:]
    if chance.random() < 0.5:
        moved = moved[::-1]
    return {moved[0]: 0} | {to: report.figures[source] for source, to in pairwise(moved)}


def _columns_swapped(report: SeededReport, chance: random.Random) -> Spoilt:
    """Two neighbouring columns of a table, or two neighbouring figures of a single column."""
    table = chance.choice([grid for name, grid in report.tables.items() if name != "proactive"])
    rows = [[cell for cell in row if cell] for row in table]
    if all(len(row) == 1 for row in rows):
        lines = [[row[0]] for row in rows]
    else:
        lines = [[row[place] for row in rows] for place in range(len(rows[0]))]
    one, other = chance.choice(list(pairwise(lines)))
    figures = report.figures
    swapped = {cell: figures[source] for cell, source in zip(one, other, strict=True)}
    return swapped | {cell: figures[source] for cell, source in zip(other, one, strict=True)}


def _total_copied(report: SeededReport, chance: random.Random) -> Spoilt:
    totals = [cell for cell in report.figures if cell[1] == "total" or (not cell[1] and _is_total(cell))]
    one, other = chance.sample(totals, 2) if report.form == "2014" else _two_of_a_table(totals, chance)
    return {one: report.figures[other]}


def _two_of_a_table(totals: Sequence[Cell], chance: random.Random) -> list[Cell]:
    requests = chance.random() < 0.7
    return chance.sample([cell for cell in totals if (cell[1] == "total") == requests], 2)


def _is_total(cell: Cell) -> bool:
    return cell[0].endswith("_total") or cell[0] in (
        "requests_received", "requests_completed", "requests_answered", "answered_denied", "disclosure_staff",
    )  # fmt: skip


def _wrong_applicant(report: SeededReport, chance: random.Random) -> Spoilt:
    """A figure in another applicant's column; in a table without applicants, one row too low or high."""
    figures = report.figures
    pairs: list[tuple[Cell, Cell]] = []
    for metric, applicant in figures:
        if applicant in APPLICANTS:
            pairs += [((metric, applicant), (metric, other)) for other in APPLICANTS]
    if not pairs:
        (column,) = (line for line in _lines(report))
        pairs = [*pairwise(column), *pairwise(column[::-1])]
    pairs = [(one, other) for one, other in pairs if figures[one] and figures[other] == 0]
    if not pairs:
        return {}
    one, other = chance.choice(pairs)
    return {one: 0, other: figures[one]}


def _blank(report: SeededReport, chance: random.Random) -> Spoilt:
    cell = _any_cell(report, chance)
    return {cell: None} if cell else {}


def _other_figure(report: SeededReport, chance: random.Random) -> Spoilt:
    """Some other figure, for no reason that anybody could find."""
    cell = _any_cell(report, chance)
    return {cell: chance.randint(0, 10 + 3 * abs(report.figures[cell] or 0))} if cell else {}


KINDS: dict[str, Callable[[SeededReport, random.Random], Spoilt]] = {
    "digit_altered": _on_digits(_altered, 1),
    "digit_lost": _on_digits(_lost, 10),
    "digit_doubled": _on_digits(_doubled, 1),
    "digits_swapped": _on_digits(_swapped, 10),
    "tenfold": _on_digits(lambda digits, _: digits + "0", 1),
    "row_shifted": _row_shifted,
    "columns_swapped": _columns_swapped,
    "total_copied": _total_copied,
    "wrong_applicant": _wrong_applicant,
    "other_figure": _other_figure,
    "blank": _blank,
}
