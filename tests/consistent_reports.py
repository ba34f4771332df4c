"""Reports whose figures contradict nothing: drawn by chance in realistic sizes, with many zeros."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from analysis.checks.localisation.relations import TableFigures
from analysis.checks.relation import Cell
from scraper.forms import catalogue

Figures = dict[Cell, int | None]
Row = tuple[Cell | None, ...]
Grid = tuple[Row, ...]

APPLICANTS = [applicant.applicant for applicant in catalogue.applicants() if applicant.applicant != "total"]
# Nearly all requests come from natural persons, some from enterprises.
_SHARES = [85, 9, 0.3, 0.5, 1.5, 3]
_NO_OUTCOMES = ("requests_received", "requests_carried_in", "processed_total", "carried_forward")


@dataclass(frozen=True)
class SeededReport:
    """A report of one form: its figures, and the tables of the form, each as rows of cells."""

    report_id: str
    form: str
    figures: Figures
    tables: dict[str, Grid]


def consistent_reports(form: str, count: int) -> Iterator[SeededReport]:
    """``count`` reports of one form, the same on every run."""
    grids = {table.table: _grid(table) for table in catalogue.tables() if table.form == form}
    for number in range(count):
        chance = random.Random(f"{form} {number}")
        yield SeededReport(f"{form}-{number:04}", form, dict(_figures(form, chance)), grids)


def tables(report: SeededReport, figures: Figures) -> Iterator[TableFigures]:
    """The report's tables, saying ``figures``."""
    for name, rows in report.tables.items():
        values = {cell: figures[cell] for cell in cells_in(rows)}
        yield TableFigures(
            report_id=report.report_id,
            table=name,
            publisher_kind="county_government",
            scope="own",
            figures={cell: None if value is None else Fraction(value) for cell, value in values.items()},
            raw={cell: "" if value is None else str(value) for cell, value in values.items()},
            previous={},
            rows=rows,
        )


def cells_in(rows: Grid) -> list[Cell]:
    """The cells of a table, row by row."""
    return [cell for row in rows for cell in row if cell]


def _grid(table: catalogue.Table) -> Grid:
    return tuple(
        tuple((place.metric, place.applicant) for place in row)
        for block in table.blocks
        for row in block.places
        if not any(place.metric.startswith("other_disclosed_documents") for place in row)
    )


def _figures(form: str, chance: random.Random) -> Iterator[tuple[Cell, int]]:
    if form == "2014":
        for metric, value in _statistics(chance).items():
            yield (metric, ""), value
        return
    proactive = _proactive_2019(chance) if form == "2019" else _proactive_2021(chance)
    for metric, value in (proactive | _cases(chance)).items():
        yield (metric, ""), value
    yield from _requests(form, chance).items()


def _about(chance: random.Random, largest: int, zeros: float = 0.3) -> int:
    """A figure up to ``largest``; small ones are as frequent as large ones."""
    return 0 if chance.random() < zeros else int(largest ** chance.random())


def _split(chance: random.Random, total: int, weights: Sequence[float]) -> list[int]:
    """``total`` things dealt out to as many heaps as there are weights."""
    dealt = Counter(chance.choices(range(len(weights)), weights, k=total) if total else ())
    return [dealt[heap] for heap in range(len(weights))]


def _requests(form: str, chance: random.Random) -> dict[Cell, int]:
    (block,) = (block for block in catalogue.blocks() if block.form == form and block.table == "requests")
    rows = [row[0].metric for row in block.places]
    outcomes = [metric for metric in rows if metric not in _NO_OUTCOMES]
    weights = [chance.choice([0, 0, 0, 0.2, 1, 3]) for _ in outcomes]
    weights[0] = 4
    table: dict[Cell, int] = {}
    processed = _split(chance, _about(chance, 3000, zeros=0.1), _SHARES)
    for applicant, total in zip(APPLICANTS, processed, strict=True):
        column = dict(zip(outcomes, _split(chance, total, weights), strict=True))
        forward = _about(chance, 1 + total // 8, zeros=0.5) if total else 0
        brought = min(_about(chance, 1 + total // 8, zeros=0.5), total) if total else 0
        column |= {
            "processed_total": total,
            "carried_forward": forward,
            "requests_carried_in": brought,
            "requests_received": total + forward - brought,
        }
        table |= {(metric, applicant): column[metric] for metric in rows}
    for metric in rows:
        table[metric, "total"] = sum(table[metric, applicant] for applicant in APPLICANTS)
    return table


def _cases(chance: random.Random) -> dict[str, int]:
    table: dict[str, int] = {}
    for group in ("review", "litigation_direct", "litigation_after_review"):
        total = _about(chance, 60, zeros=0.45)
        results = ("upheld", "corrected", "other", "pending")
        for result, value in zip(results, _split(chance, total, (6, 2, 1, 1)), strict=True):
            table[f"{group}_{result}"] = value
        table[f"{group}_total"] = total
    return table


def _proactive_2019(chance: random.Random) -> dict[str, int]:
    made = _about(chance, 60)
    disclosed = chance.randint(0, made)
    table = dict.fromkeys(("made", "disclosed", "disclosed_total"), 0)
    table = {f"regulations_{name}": value for name, value in table.items()}
    table |= {
        "normative_documents_made": made,
        "normative_documents_disclosed": disclosed,
        "normative_documents_disclosed_total": disclosed + _about(chance, 400),
    }
    for kind in ("licensing", "other_service", "penalty", "coercion", "fee"):
        items = _about(chance, 900)
        change = chance.choice([0, 0, _about(chance, 50), -min(items, _about(chance, 20))])
        table |= {f"{kind}_items_previous": items, f"{kind}_items_change": change}
        if kind != "fee":
            decisions = _about(chance, 20_000) if items + change else 0
            table[f"{kind}_decisions"] = decisions + (decisions == items + change and decisions > 0)
    projects = _about(chance, 80)
    table["procurement_projects"] = projects
    table["procurement_amount"] = projects * chance.randint(1_000, 900_000)
    return table


def _proactive_2021(chance: random.Random) -> dict[str, int]:
    issued, repealed = _about(chance, 40), _about(chance, 15, zeros=0.6)
    table = {f"regulations_{name}": 0 for name in ("issued", "repealed", "in_force")}
    table |= {
        "normative_documents_issued": issued,
        "normative_documents_repealed": repealed,
        "normative_documents_in_force": issued + _about(chance, 200),
        "fee_amount": _about(chance, 9_000),
    }
    for kind, largest in (("licensing", 50_000), ("penalty", 5_000), ("coercion", 500)):
        table[f"{kind}_decisions"] = _about(chance, largest)
    return table


def _statistics(chance: random.Random) -> dict[str, int]:
    channels = [_about(chance, largest) for largest in (80, 20_000, 2_000, 2_000, 300)]
    disclosed = chance.randint(max(channels), sum(channels))
    normative = min(_about(chance, 60), disclosed)
    table = {
        "disclosed_total": disclosed,
        "normative_documents_disclosed": normative,
        "normative_documents_made": normative + _about(chance, 30),
    }
    names = ("gazette", "website", "weibo", "wechat", "other")
    table |= {f"disclosed_{name}": value for name, value in zip(names, channels, strict=True)}
    table |= _responses(chance) | _applications(chance)
    table |= _with_total(
        chance, "review_total", _about(chance, 40, 0.6), ("review_upheld", "review_corrected", "review_other")
    )
    table |= _with_total(
        chance,
        "litigation_total",
        _about(chance, 30, 0.6),
        ("litigation_upheld", "litigation_corrected", "litigation_other"),
    )
    table |= _with_total(
        chance,
        "disclosure_staff",
        _about(chance, 300, 0.1),
        ("disclosure_staff_full_time", "disclosure_staff_part_time"),
    )
    for metric, largest in (
        ("complaints", 10), ("disclosure_offices", 80), ("reading_points", 120), ("disclosure_budget", 60),
        ("meetings", 40), ("training_courses", 30), ("training_attendance", 2_000),
    ):  # fmt: skip
        table[metric] = _about(chance, largest)
    table["information_fees"] = 0
    return table


def _responses(chance: random.Random) -> dict[str, int]:
    conferences, interviews = _about(chance, 30), _about(chance, 30)
    return {
        "responses_total": _about(chance, 200),
        "press_conferences": conferences,
        "press_conferences_by_leader": chance.randint(0, conferences),
        "online_interviews": interviews,
        "online_interviews_by_leader": chance.randint(0, interviews),
        "policy_interpretations": _about(chance, 300),
        "social_media_responses": _about(chance, 100),
        "other_responses": _about(chance, 60),
    }


def _applications(chance: random.Random) -> dict[str, int]:
    received = _about(chance, 1_500, zeros=0.2)
    forms = ("requests_in_person", "requests_by_fax", "requests_online", "requests_by_letter")
    table = _with_total(chance, "requests_received", received, forms, (5, 0.5, 8, 2))
    ends = ("requests_completed_on_time", "requests_completed_extended")
    table |= _with_total(chance, "requests_completed", received, ends, (20, 1))
    answers = (
        "answered_already_public", "answered_granted", "answered_granted_in_part", "answered_denied",
        "answered_not_this_agency", "answered_not_existing", "answered_amend", "answered_other_channel",
    )  # fmt: skip
    table |= _with_total(chance, "requests_answered", received, answers, (4, 6, 1, 2, 2, 2, 1, 1))
    reasons = (
        "state_secret", "trade_secret", "privacy", "security", "not_government_information", "other_law",
    )  # fmt: skip
    parts = tuple(f"answered_denied_{reason}" for reason in reasons)
    return table | _with_total(chance, "answered_denied", table["answered_denied"], parts)


def _with_total(
    chance: random.Random, total: str, value: int, parts: Sequence[str], weights: Sequence[float] = ()
) -> dict[str, int]:
    heaps = _split(chance, value, weights or [1] * len(parts))
    return {total: value} | dict(zip(parts, heaps, strict=True))
