"""Invented figures of the simulated reports: they obey every sum of their form, and last year's carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from random import Random

from rendering import Figures, keys_of
from scraper.forms import catalogue
from scraper.forms.catalogue import Table

APPLICANTS = tuple(a.applicant for a in catalogue.applicants() if a.applicant != "total")
_BALANCE = ("requests_received", "requests_carried_in", "processed_total", "carried_forward")
_CASES = ("review", "litigation_direct", "litigation_after_review")
# Most requests come from persons.
_MOST = {"natural_person": 9, "commercial_enterprise": 3}


def form_of(year: int) -> str:
    """The form of the year's report; reports before 2014 have none."""
    return "2021" if year >= 2021 else "2019" if year >= 2019 else "2014" if year >= 2014 else ""


@cache
def tables_of(year: int) -> tuple[Table, ...]:
    """The statutory tables of the year's form, without rows that only some reports print."""
    return tuple(
        replace(table, blocks=tuple(replace(block, rows=_printed(block.rows)) for block in table.blocks))
        for table in catalogue.tables()
        if table.form == form_of(year)
    )


def _printed(rows: Iterable[catalogue.Row]) -> tuple[catalogue.Row, ...]:
    return tuple(row for row in rows if not row.optional)


@cache
def figures_of(name: str, year: int) -> Figures:
    """What the report of the body ``name`` says, by metric and applicant; of early years in its prose."""
    chance = Random(f"{name} {year}")
    if year < 2019:
        return _statistics(chance)
    keys = [key for table in tables_of(year) for block in table.blocks for key in keys_of(block)]
    found: Figures = {key: str(chance.randrange(40)) for key in keys if not key[1]}
    found |= _proactive(chance, year)
    return found | _cases(chance) | _requests(chance, name, year)


def total(name: str, year: int, *metrics: str) -> int:
    """The sum of whole figures of a report, each of all applicants together."""
    figures = figures_of(name, year)
    return sum(int(figures[(m, "total") if (m, "total") in figures else (m, "")]) for m in metrics)


def _proactive(chance: Random, year: int) -> Figures:
    if year >= 2021:
        money = f"{chance.randrange(9000) / 100:.2f}"
        issued = chance.randrange(8)
        return {
            ("regulations_issued", ""): "0",
            ("regulations_repealed", ""): "0",
            ("regulations_in_force", ""): "0",
            ("normative_documents_issued", ""): str(issued),
            ("normative_documents_in_force", ""): str(issued + chance.randrange(30)),
            ("fee_amount", ""): money,
        }
    made = chance.randrange(8)
    values: dict[str, int | str] = {
        "regulations_made": 0,
        "regulations_disclosed": 0,
        "regulations_disclosed_total": 0,
        "normative_documents_made": made,
        "normative_documents_disclosed": made,
        "normative_documents_disclosed_total": made + chance.randrange(30),
        "procurement_amount": f"{chance.randrange(100, 90000) / 100:.2f}万元",
    }
    return {(metric, ""): str(value) for metric, value in values.items()}


def _cases(chance: Random) -> Figures:
    found: Figures = {}
    for prefix in _CASES:
        parts = {part: chance.choice((0, 0, 0, 1, 2)) for part in ("upheld", "corrected", "other", "pending")}
        found |= {(f"{prefix}_{part}", ""): str(value) for part, value in parts.items()}
        found[f"{prefix}_total", ""] = str(sum(parts.values()))
    return found


def _requests(chance: Random, name: str, year: int) -> Figures:
    (table,) = (table for table in tables_of(year) if table.table == "requests")
    outcomes = [row.metrics[0] for row in table.blocks[0].rows if row.metrics[0] not in _BALANCE]
    columns = {applicant: _column(chance, outcomes, name, year, applicant) for applicant in APPLICANTS}
    whole = {metric: sum(column[metric] for column in columns.values()) for metric in (*outcomes, *_BALANCE)}
    columns["total"] = whole
    return {(m, applicant): str(n) for applicant, column in columns.items() for m, n in column.items()}


def _column(chance: Random, outcomes: list[str], name: str, year: int, applicant: str) -> dict[str, int]:
    column = dict.fromkeys(outcomes, 0)
    for metric in chance.sample(outcomes, 4):
        column[metric] = chance.randrange(_MOST.get(applicant, 2))
    before, after = _carried(name, year - 1, applicant), _carried(name, year, applicant)
    column["granted"] += chance.randrange(_MOST.get(applicant, 2)) + before
    handled = sum(column.values())
    return column | dict(zip(_BALANCE, (handled + after - before, before, handled, after), strict=True))


def _carried(name: str, year: int, applicant: str) -> int:
    """What the report of ``year`` carries forward, and the next one therefore carries in."""
    return Random(f"{name} {year} {applicant} carried").choice((0, 0, 1, 2)) if applicant in _MOST else 0


def _statistics(chance: Random) -> Figures:
    (table,) = tables_of(2014)
    value = {metric: chance.randrange(9) for metric, _ in keys_of(table.blocks[0])}
    for stem in ("answered_denied", "review", "litigation", "disclosure_staff"):
        _add_up(value, stem)
    for part in ("press_conferences", "online_interviews"):
        value[f"{part}_by_leader"] = value[part] // 2
    value["answered_granted"] += 3
    answered = [metric for metric in value if metric.startswith("answered_") and "_denied_" not in metric]
    value["requests_answered"] = sum(value[metric] for metric in answered)
    # All that was asked in the year was answered in it, and most of it in time.
    done = value["requests_answered"]
    value["requests_received"] = value["requests_completed"] = done
    value["requests_completed_extended"] = min(done, value["requests_completed_extended"])
    value["requests_completed_on_time"] = done - value["requests_completed_extended"]
    value["requests_online"] = done // 2
    value["requests_in_person"] = done - done // 2
    value["requests_by_letter"] = value["requests_by_fax"] = 0
    value["normative_documents_disclosed"] = value["normative_documents_made"]
    website = chance.randrange(60, 2400)
    value["disclosed_website"] = website
    value["disclosed_total"] = website + chance.randrange(90)
    found: Figures = {(metric, ""): str(number) for metric, number in value.items()}
    found["disclosure_budget", ""] = f"{chance.randrange(60) / 10:.1f}"
    found["information_fees", ""] = "0"
    return found


def _add_up(value: dict[str, int], stem: str) -> None:
    whole = f"{stem}_total" if f"{stem}_total" in value else stem
    parts = [metric for metric in value if metric.startswith(f"{stem}_") and metric != whole]
    value[whole] = sum(value[metric] for metric in parts)
