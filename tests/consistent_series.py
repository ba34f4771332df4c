"""Series of annual reports that contradict nothing: within a report, from year to year, and in their prose.

Every figure is a vector over the counties. What the next year's report takes over, requests and cases
pending, items, documents in force, is kept from one year to the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Counts = npt.NDArray[Any]
Cells = dict[tuple[str, str], Counts]

APPLICANTS = (
    "natural_person", "commercial_enterprise", "research_institution", "social_welfare_organisation",
    "legal_service_organisation", "other_organisation",
)  # fmt: skip
_SHARES = np.array([0.86, 0.08, 0.005, 0.005, 0.02, 0.03])
_OUTCOMES = (
    "granted", "granted_in_part", "denied_state_secret", "denied_prohibited_by_law",
    "denied_security_and_stability", "denied_third_party_rights", "denied_internal_affairs",
    "denied_process_information", "denied_enforcement_file", "denied_administrative_query",
    "unavailable_not_held", "unavailable_needs_creation", "unavailable_still_unclear", "rejected_petition",
    "rejected_duplicate", "rejected_published", "rejected_excessive", "rejected_reconfirmation",
)  # fmt: skip
_OTHER = {
    "2019": ("other_handling",),
    "2021": ("other_correction_overdue", "other_fee_overdue", "other_remaining"),
}
_ITEMS = ("licensing", "other_service", "penalty", "coercion")
_CHANNELS = ("gazette", "website", "weibo", "wechat", "other")
_DENIALS = (
    "answered_denied_state_secret", "answered_denied_trade_secret", "answered_denied_privacy",
    "answered_denied_security", "answered_denied_not_government_information", "answered_denied_other_law",
)  # fmt: skip
_ANSWERS = (
    "answered_already_public", "answered_granted", "answered_granted_in_part", "answered_denied",
    "answered_not_this_agency", "answered_not_existing", "answered_amend", "answered_other_channel",
)  # fmt: skip


def form_of_year(year: int) -> str:
    """The form in force in ``year``."""
    return "2021" if year >= 2021 else "2019" if year >= 2019 else "2014" if year >= 2014 else "narrative"


class Series:
    """The reports of ``counties`` counties, year after year; the same for the same ``seed``."""

    def __init__(self, counties: int, seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self._count = counties
        self._size = self._chance.lognormal(3.0, 0.9, counties)
        self._onward = np.zeros((counties, len(APPLICANTS)), dtype=np.int64)
        self._items = {name: self._chance.integers(40, 400, counties) for name in (*_ITEMS, "fee")}
        self._public = self._chance.integers(20, 90, counties)
        self._in_force = np.zeros(counties, dtype=np.int64)
        self._pending: dict[str, Counts] = {}
        self.disclosed: dict[str, Counts] = {}

    def year(self, year: int) -> Cells:
        """The cells of the reports of the next year; what was disclosed is in ``disclosed``."""
        self.disclosed = self._disclosure()
        form = form_of_year(year)
        if form == "narrative":
            return {}
        if form == "2014":
            return self._statistics()
        proactive = self._proactive_2019() if form == "2019" else self._proactive_2021()
        return proactive | self._requests(form) | self._cases()

    def _about(self, rate: float | Counts) -> Counts:
        return self._chance.poisson(np.broadcast_to(rate, self._count))

    def _some_of(self, whole: Counts, share: float) -> Counts:
        return self._chance.binomial(whole, share)

    def _split(self, whole: Counts, parts: int) -> Counts:
        """``whole`` in ``parts``, along a new last axis; the first parts are the larger ones."""
        shares = 1.0 / np.arange(1, parts + 1)
        return self._chance.multinomial(whole, shares / shares.sum())

    def _disclosure(self) -> dict[str, Counts]:
        channels = {
            name: self._about(self._size * rate)
            for name, rate in zip(_CHANNELS, (3, 60, 20, 25, 2), strict=True)
        }
        return {**channels, "total": sum(channels.values(), np.zeros(self._count, dtype=np.int64))}

    def _requests(self, form: str) -> Cells:
        received = self._chance.poisson(self._size[:, None] * _SHARES)
        carried_in = self._onward
        came = received + carried_in
        self._onward = self._some_of(came, 0.04)
        handled = came - self._onward
        names = (*_OUTCOMES, *_OTHER[form])
        outcomes = self._split(handled, len(names))
        columns = {
            "requests_received": received, "requests_carried_in": carried_in, "processed_total": handled,
            "carried_forward": self._onward,
            **{name: outcomes[:, :, number] for number, name in enumerate(names)},
        }  # fmt: skip
        return {
            (metric, applicant): values[:, number] if number < len(APPLICANTS) else values.sum(axis=1)
            for metric, values in columns.items()
            for number, applicant in enumerate((*APPLICANTS, "total"))
        }

    def _cases(self) -> Cells:
        cells: Cells = {}
        decided = self._count_cases(cells, "review", self._about(self._size / 12))
        self._count_cases(cells, "litigation_direct", self._about(self._size / 30))
        self._count_cases(cells, "litigation_after_review", self._some_of(decided, 0.3))
        return cells

    def _count_cases(self, cells: Cells, name: str, new: Counts) -> Counts:
        """Adds new cases and those that were pending; returns how many were decided."""
        total = new + self._pending.get(name, np.zeros(self._count, dtype=np.int64))
        pending = self._pending[name] = self._some_of(new, 0.2)
        decided = self._split(total - pending, 3)
        for number, outcome in enumerate(("upheld", "corrected", "other")):
            cells[f"{name}_{outcome}", ""] = decided[:, number]
        cells[f"{name}_pending", ""] = pending
        cells[f"{name}_total", ""] = total
        return total - pending

    def _proactive_2019(self) -> Cells:
        made = self._about(8.0)
        published = self._some_of(made, 0.9)
        self._public = self._public + published
        cells = {
            "normative_documents_made": made, "normative_documents_disclosed": published,
            "normative_documents_disclosed_total": self._public, **self._nothing("made", "disclosed"),
            "regulations_disclosed_total": np.zeros(self._count),
        }  # fmt: skip
        for name in (*_ITEMS, "fee"):
            cells[f"{name}_items_previous"] = before = self._items[name]
            cells[f"{name}_items_change"] = change = self._chance.integers(-3, 5, self._count)
            self._items[name] = before + change
        for name, decisions in self._decisions().items():
            # As many decisions as items would look like a slip.
            cells[name] = decisions + (decisions == self._items[name.removesuffix("_decisions")])
        cells["procurement_projects"] = 1 + self._about(12.0)
        cells["procurement_amount"] = np.round(self._size * self._chance.uniform(20, 30, self._count), 2)
        return _alone(cells)

    def _proactive_2021(self) -> Cells:
        before = self._in_force if self._in_force.any() else self._public
        issued = self._about(4.0)
        repealed = self._some_of(before, 0.05)
        self._in_force = before + issued - repealed
        cells = {
            "normative_documents_issued": issued, "normative_documents_repealed": repealed,
            "normative_documents_in_force": self._in_force, **self._nothing("issued", "repealed", "in_force"),
        }  # fmt: skip
        decisions = self._decisions()
        cells |= {
            f"{name}_decisions": decisions[f"{name}_decisions"]
            for name in ("licensing", "penalty", "coercion")
        }
        cells["fee_amount"] = np.floor(self._size * self._chance.uniform(20, 30, self._count)) + 0.37
        return _alone(cells)

    def _nothing(self, *columns: str) -> dict[str, Counts]:
        return {f"regulations_{column}": np.zeros(self._count) for column in columns}

    def _decisions(self) -> dict[str, Counts]:
        rates = zip(_ITEMS, (120, 40, 30, 5), strict=True)
        return {f"{name}_decisions": 500 + self._about(self._size * rate) for name, rate in rates}

    def _statistics(self) -> Cells:
        cells: dict[str, Counts] = {f"disclosed_{name}": self.disclosed[name] for name in _CHANNELS}
        cells["disclosed_total"] = self.disclosed["total"]
        cells["normative_documents_made"] = made = self._about(8.0)
        cells["normative_documents_disclosed"] = np.minimum(
            self._some_of(made, 0.9), cells["disclosed_total"]
        )
        cells |= self._responses() | self._requests_2014() | self._means()
        for name in ("review", "litigation"):
            cells[f"{name}_total"] = total = self._about(self._size / 15)
            outcomes = self._split(total, 3)
            for number, outcome in enumerate(("upheld", "corrected", "other")):
                cells[f"{name}_{outcome}"] = outcomes[:, number]
        return _alone(cells)

    def _responses(self) -> dict[str, Counts]:
        cells = {
            name: self._about(rate)
            for name, rate in (
                ("responses_total", 9.0), ("press_conferences", 5.0), ("online_interviews", 6.0),
                ("policy_interpretations", 30.0), ("social_media_responses", 12.0), ("other_responses", 3.0),
            )
        }  # fmt: skip
        for name in ("press_conferences", "online_interviews"):
            cells[f"{name}_by_leader"] = self._some_of(cells[name], 0.4)
        return cells

    def _requests_2014(self) -> dict[str, Counts]:
        received = 1 + self._about(self._size)
        ways = self._split(received, 4)
        answers = self._split(received, len(_ANSWERS))
        denials = self._split(answers[:, _ANSWERS.index("answered_denied")], len(_DENIALS))
        late = self._some_of(received, 0.05)
        return {
            "requests_received": received,
            **{
                name: ways[:, number]
                for number, name in enumerate(
                    ("requests_online", "requests_by_letter", "requests_in_person", "requests_by_fax")
                )
            },
            "requests_completed": received, "requests_completed_on_time": received - late,
            "requests_completed_extended": late, "requests_answered": received,
            **{name: answers[:, number] for number, name in enumerate(_ANSWERS)},
            **{name: denials[:, number] for number, name in enumerate(_DENIALS)},
            "information_fees": np.round(received / 100, 2),
        }  # fmt: skip

    def _means(self) -> dict[str, Counts]:
        full_time, part_time = 1 + self._about(2.0), 20 + self._about(15.0)
        return {
            "complaints": self._about(4.0), "disclosure_offices": 1 + self._about(1.0),
            "reading_points": 10 + self._about(9.0), "disclosure_staff": full_time + part_time,
            "disclosure_staff_full_time": full_time, "disclosure_staff_part_time": part_time,
            "disclosure_budget": np.round(10 + self._about(9.0) / 4, 2), "meetings": 1 + self._about(4.0),
            "training_courses": 1 + self._about(3.0), "training_attendance": 90 + self._about(60.0),
        }  # fmt: skip


def _alone(cells: dict[str, Counts]) -> Cells:
    """Cells outside the requests table, which have no applicant."""
    return {(metric, ""): values for metric, values in cells.items()}


@dataclass(frozen=True)
class Prose:
    """What the prose of a year's reports claims, and their paragraphs."""

    claims: pa.Table
    paragraphs: pa.Table


def prose_of(names: Sequence[str], year: int, cells: Cells, disclosed: dict[str, Counts]) -> Prose:
    """Prose that agrees with the tables: sentences of the kind that reports have."""
    claims: list[tuple[str, str, float, str, int, int]] = []
    paragraphs: list[tuple[str, int, str]] = []
    figures = _claimed(cells, disclosed)
    for number, name in enumerate(names):
        place = 0
        for template, metrics in _SENTENCES:
            if not all(metric in figures for metric in metrics):
                continue
            values = [int(figures[metric][number]) for metric in metrics]
            sentence = template.format(*values, year=year, percent=_percent(values))
            paragraphs.append((name, place, sentence))
            place, found = place + 1, 0
            for metric, value in zip(metrics, values, strict=True):
                start = sentence.index(f"{value}", found)
                found = start + len(str(value))
                claims.append((name, metric, float(value), sentence, start, found))
        paragraphs.append((name, place, _FILLER.format(year=year)))
    return Prose(_claim_table(claims), _text_table(paragraphs))


_FILLER = (
    "{year}年，全县各单位按照条例要求做好日常公开，健全工作考核和社会评议机制，规范发布程序，做好解读回应。"
    * 4
)
_SENTENCES = (
    (
        "{year}年全县主动公开政府信息{}条，其中政府公报公开{}条，政府网站公开{}条，政务微博公开{}条，政务微信公开{}条，其他方式公开{}条。",
        ("disclosed_total", *(f"disclosed_{name}" for name in _CHANNELS)),
    ),
    (
        "{year}年全县共收到政府信息公开申请{}件，上年结转{}件，按期答复{}件，结转下年度继续办理{}件。",
        ("requests_received", "requests_carried_in", "processed_total", "carried_forward"),
    ),
    ("{year}年全县收到政府信息公开申请{}件，予以公开{}件，占{percent}%。", ("requests_received", "granted")),
    ("{year}年因政府信息公开产生行政复议{}件。", ("review_total",)),
)


def _claimed(cells: Cells, disclosed: dict[str, Counts]) -> dict[str, Counts]:
    figures = {f"disclosed_{name}": values for name, values in disclosed.items()}
    for (metric, applicant), values in cells.items():
        if applicant in ("", "total"):
            figures[metric] = values
    return figures


def _percent(values: Sequence[int]) -> str:
    whole, part = values[0], values[-1]
    return f"{100 * part / whole:.1f}" if whole else "0"


def _claim_table(claims: Sequence[tuple[str, str, float, str, int, int]]) -> pa.Table:
    columns = list(zip(*claims, strict=True))
    return pa.table(
        {
            "report_id": columns[0], "metric": columns[1], "value": columns[2], "sentence": columns[3],
            "start_at": pa.array(columns[4], pa.int32()), "end_at": pa.array(columns[5], pa.int32()),
            "approximate": [False] * len(claims), "scope": ["whole"] * len(claims),
        }
    )  # fmt: skip


def _text_table(paragraphs: Sequence[tuple[str, int, str]]) -> pa.Table:
    report_ids, numbers, texts = zip(*paragraphs, strict=True)
    return pa.table({"report_id": report_ids, "paragraph": pa.array(numbers, pa.int32()), "text": texts})
