"""What a notice to an office holds: a report, what can't be true in it, and its tables as printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any

import duckdb

from analysis.checks import rules
from analysis.checks.localisation.catalogue import slips
from analysis.database import records
from analysis.present.printed import Figure, Label, Mark, PrintedTable, printed_table, table_by_form

_AT_ONCE = 100

_REPORTS = """
    SELECT DISTINCT r.report_id, r.county_code, c.name AS county, r.publisher, r.year, r.form, r.title, r.url,
           r.captured_at, r.sha256, r.published_on
    FROM finding f JOIN report r USING (report_id) LEFT JOIN county c ON c.code = r.county_code
    WHERE list_contains($statuses::VARCHAR[], f.status)
      AND ($county IS NULL OR coalesce(c.current_code, r.county_code) = $county)
      AND ($year IS NULL OR r.year = $year)
      AND ($rule IS NULL OR f.rule = $rule OR f.rule LIKE replace($rule, '*', '%'))
      AND ($severity IS NULL OR f.severity = $severity)
      AND ($report IS NULL OR starts_with(r.report_id, $report))
    ORDER BY r.county_code, r.year, r.report_id
"""
_REPORT = """
    SELECT r.report_id, r.county_code, c.name AS county, r.publisher, r.year, r.form, r.title, r.url,
           r.captured_at, r.sha256, r.published_on
    FROM report r LEFT JOIN county c ON c.code = r.county_code WHERE r.report_id = $report
"""
_FINDINGS = """
    SELECT f.*, v.decided_at, v.expected AS expected_then, v.actual AS actual_then
    FROM finding f LEFT JOIN review v ON v.finding_id = f.finding_id AND v.standing = 'figures_changed'
    WHERE list_contains($reports::VARCHAR[], f.report_id)
      AND list_contains($statuses::VARCHAR[], f.status)
      AND ($rule IS NULL OR f.rule = $rule OR f.rule LIKE replace($rule, '*', '%'))
      AND ($severity IS NULL OR f.severity = $severity)
"""
_FACTS = """
    SELECT report_id, "table", table_no, "row", col, raw, value, metric, applicant
    FROM fact WHERE list_contains($reports::VARCHAR[], report_id) ORDER BY table_no, "row", col
"""
_LABELS = """
    SELECT report_id, table_no, "row", row_span, col, text
    FROM label WHERE list_contains($reports::VARCHAR[], report_id) ORDER BY table_no, "row", col
"""
_SUGGESTIONS = """
    SELECT * FROM suggestion WHERE list_contains($reports::VARCHAR[], report_id)
    ORDER BY report_id, part, explanation_no, metric, applicant
"""
_NAMES = """
    SELECT metric AS name, form, label_zh, label_en FROM metric
    UNION ALL SELECT applicant, '', label_zh, label_en FROM applicant
"""


@dataclass(frozen=True)
class Wanted:
    """Which findings notices are written of; None means any. ``report`` is the beginning of an id."""

    county: str | None = None
    year: int | None = None
    report: str | None = None
    rule: str | None = None
    severity: str | None = None
    statuses: tuple[str, ...] = ("open", "confirmed")


@dataclass(frozen=True)
class NamedCell:
    """A cell that takes part in a finding, as a reader may find it.

    ``fact`` is its line of the database, None where it is not printed; ``report`` is another report that
    it stands in.
    """

    name: str
    fact: Mapping[str, Any] | None
    report: Mapping[str, Any] | None = None

    @property
    def has_figure(self) -> bool:
        """Whether it says something else than nothing or zero."""
        return self.fact is not None and bool(self.fact["value"] or _is_text(self.fact))


def _is_text(fact: Mapping[str, Any]) -> bool:
    return fact["value"] is None and any(character.isalnum() for character in fact["raw"])


@dataclass(frozen=True)
class ProposedChange:
    """A cell that another figure would mend.

    ``was`` is what is printed; ``slip`` the slip that would account for it, in words; ``open`` tells that
    other figures would do as well.
    """

    name: str
    was: str
    to: float
    slip: str = ""
    open: bool = False


@dataclass(frozen=True)
class Proposal:
    """What would mend the findings with these ``signs``: one of the ``alternatives``, each with its changes.

    ``complete`` tells whether there are no others that are as good.
    """

    signs: tuple[str, ...]
    alternatives: tuple[tuple[ProposedChange, ...], ...]
    complete: bool


@dataclass(frozen=True)
class Point:
    """One finding: its ``sign`` in the notice, its line of the database, its cells.

    ``changes`` are those that its own rule proposes.
    """

    sign: str
    finding: Mapping[str, Any]
    cells: tuple[NamedCell, ...]
    changes: tuple[ProposedChange, ...] = ()

    @property
    def explanations(self) -> frozenset[int]:
        """The explanations in the table ``suggestion`` that would mend it."""
        return frozenset(change["explanation"] for change in self.finding["suggestion"])

    @property
    def telling(self) -> tuple[NamedCell, ...]:
        """The cells that make it fail: what is stated, and every figure."""
        return tuple(cell for number, cell in enumerate(self.cells) if not number or cell.has_figure)


@dataclass(frozen=True)
class NoticeTable:
    """A table with marked cells; ``by_form`` where it could not be kept as it was printed."""

    table: str
    table_no: int
    printed: PrintedTable
    by_form: bool


@dataclass(frozen=True)
class Notice:
    """A report and its findings, the gravest first."""

    report: Mapping[str, Any]
    points: tuple[Point, ...]
    tables: tuple[NoticeTable, ...]
    proposals: tuple[Proposal, ...] = ()


def sign_of(number: int) -> str:
    """How the finding ``number``, from 1, is marked: ① and so on, as far as there are such signs."""
    for first, last, code in ((1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1)):
        if first <= number <= last:
            return chr(code + number - first)
    return f"[{number}]"


def notices(connection: duckdb.DuckDBPyConnection, wanted: Wanted, language: str) -> Iterator[Notice]:
    """The notices of all reports with findings that are ``wanted``, by county and year."""
    given = vars(wanted) | {"statuses": list(wanted.statuses)}
    reports = records(connection, _REPORTS, given)
    names = _Names(connection, language)
    for first in range(0, len(reports), _AT_ONCE):
        together = reports[first : first + _AT_ONCE]
        read = _Read(connection, [report["report_id"] for report in together], wanted, names)
        yield from (read.notice(report) for report in together)


def report_in_full(connection: duckdb.DuckDBPyConnection, report_id: str, language: str) -> Notice:
    """The report ``report_id`` as a notice has it, but with all of its tables."""
    (report,) = records(connection, _REPORT, {"report": report_id})
    read = _Read(connection, [report_id], Wanted(), _Names(connection, language), every_table=True)
    return read.notice(report)


class _Names:
    """What metrics and applicants are called, in one language, in the words of a form."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, language: str) -> None:
        self.language = language
        self._names: dict[tuple[str, str], str] = {}
        for line in records(connection, _NAMES):
            said = line["label_zh"] if language == "zh" else line["label_en"]
            self._names[line["name"], line["form"]] = said
            self._names.setdefault((line["name"], ""), said)
        query = "SELECT applicant FROM applicant ORDER BY rowid"
        self.applicants = [line["applicant"] for line in records(connection, query)]

    def of(self, name: str, form: str) -> str:
        """The label; what a publisher added is called as it is printed."""
        return self._names.get((name, form)) or self._names.get((name, "")) or name.removeprefix("local.")

    def of_cell(self, metric: str, applicant: str, form: str) -> str:
        """Row and column of a cell, in words."""
        row = self.of(metric, form)
        return f"{row} × {self.of(applicant, form)}" if applicant else row


@dataclass
class _Read:
    """All that is known of some reports, read at once."""

    connection: duckdb.DuckDBPyConnection
    reports: list[str]
    wanted: Wanted
    names: _Names
    every_table: bool = False
    _order: dict[str, int] = field(default_factory=lambda: {rule.rule: n for n, rule in enumerate(rules())})

    @cached_property
    def _findings(self) -> Mapping[str, list[dict[str, Any]]]:
        given = {
            "reports": self.reports,
            "statuses": list(self.wanted.statuses),
            "rule": self.wanted.rule,
            "severity": self.wanted.severity,
        }
        found = _by_report(records(self.connection, _FINDINGS, given))
        for of_report in found.values():
            of_report.sort(key=self._gravest_first)
        return found

    def _gravest_first(self, finding: Mapping[str, Any]) -> tuple[Any, ...]:
        severity = ("error", "warning", "notice").index(finding["severity"])
        rule = self._order.get(finding["rule"], len(self._order))
        applicant = finding["applicant"]
        column = self.names.applicants.index(applicant) if applicant in self.names.applicants else 0
        return severity, rule, applicant != "total", column, finding["place"], finding["finding_id"]

    @cached_property
    def _cited(self) -> list[str]:
        """Reports that findings take cells from, beside their own."""
        cited = {cell["report_id"] for of in self._findings.values() for one in of for cell in one["cells"]}
        return sorted(cited.union(self.reports))

    @cached_property
    def _facts(self) -> Mapping[str, list[dict[str, Any]]]:
        return _by_report(records(self.connection, _FACTS, {"reports": self._cited}))

    @cached_property
    def _cells(self) -> Mapping[tuple[str, str, str, str], dict[str, Any]]:
        cells: dict[tuple[str, str, str, str], dict[str, Any]] = {}
        for report_id, facts in self._facts.items():
            for fact in facts:
                cells.setdefault((report_id, fact["table"], fact["metric"], fact["applicant"]), fact)
        return cells

    @cached_property
    def _labels(self) -> Mapping[str, list[dict[str, Any]]]:
        return _by_report(records(self.connection, _LABELS, {"reports": self.reports}))

    @cached_property
    def _others(self) -> Mapping[str, dict[str, Any]]:
        query = "SELECT report_id, publisher, year, url FROM report WHERE list_contains($reports, report_id)"
        return {line["report_id"]: line for line in records(self.connection, query, {"reports": self._cited})}

    def notice(self, report: Mapping[str, Any]) -> Notice:
        """The notice of ``report``."""
        found = self._findings.get(report["report_id"], [])
        points = tuple(
            Point(
                sign_of(number),
                finding,
                tuple(self._named(report, finding)),
                tuple(self._change(report, one) for one in finding["suggestion"] if not one["explanation"]),
            )
            for number, finding in enumerate(found, start=1)
        )
        return Notice(
            report, points, tuple(self._tables(report, points)), tuple(self._proposals(report, points))
        )

    @cached_property
    def _suggestions(self) -> Mapping[str, list[dict[str, Any]]]:
        return _by_report(records(self.connection, _SUGGESTIONS, {"reports": self.reports}))

    def _proposals(self, report: Mapping[str, Any], points: Sequence[Point]) -> Iterator[Proposal]:
        """What localisation proposes for the findings, contradiction by contradiction."""
        lines = self._suggestions.get(report["report_id"], [])
        for _, of_part in groupby(lines, key=lambda line: int(line["part"])):
            part = list(of_part)
            numbers = {int(line["explanation_no"]) for line in part}
            signs = tuple(point.sign for point in points if numbers & point.explanations)
            alternatives = tuple(
                tuple(self._change(report, line) for line in changes)
                for _, changes in groupby(part, key=lambda line: int(line["explanation_no"]))
            )
            if signs:
                yield Proposal(signs, alternatives, part[0]["complete"])

    def _change(self, report: Mapping[str, Any], line: Mapping[str, Any]) -> ProposedChange:
        name = self.names.of_cell(line["metric"], line["applicant"], report["form"])
        was = "" if line["from"] is None else plain(line["from"])
        slip = line.get("slip")
        said = slips().wording[slip][self.names.language] if slip else ""
        return ProposedChange(name, was, line["to"], said, bool(line.get("open")))

    def _named(self, report: Mapping[str, Any], finding: Mapping[str, Any]) -> Iterator[NamedCell]:
        for cell in finding["cells"]:
            key = (cell["report_id"], cell["table"], cell["metric"], cell["applicant"] or "")
            other = self._others.get(key[0]) if key[0] != report["report_id"] else None
            yield NamedCell(self.names.of_cell(key[2], key[3], report["form"]), self._cells.get(key), other)

    def _tables(self, report: Mapping[str, Any], points: Sequence[Point]) -> Iterator[NoticeTable]:
        """The tables with marked cells, or all, in the order of the page."""
        marks = _marks(points)
        facts = self._facts.get(report["report_id"], [])
        marked = {fact["table_no"] for fact in facts if self.every_table or _key(fact) in marks}
        for number in sorted(marked):
            own = [fact for fact in facts if fact["table_no"] == number]
            labels = [
                Label(line["row"], line["row_span"], line["col"], line["text"])
                for line in self._labels.get(report["report_id"], [])
                if line["table_no"] == number
            ]
            figures = [
                Figure(
                    fact["row"],
                    fact["col"],
                    fact["raw"],
                    marks.get(_key(fact), Mark((), 0)),
                    (fact["row"], fact["col"]),
                )
                for fact in own
            ]
            if labels:
                yield NoticeTable(own[0]["table"], number, printed_table(labels, figures), by_form=False)
            else:
                yield NoticeTable(own[0]["table"], number, self._by_form(report, own, figures), by_form=True)

    def _by_form(
        self, report: Mapping[str, Any], facts: Sequence[Mapping[str, Any]], figures: Sequence[Figure]
    ) -> PrintedTable:
        form = report["form"]
        return table_by_form(
            [
                (self.names.of(fact["metric"], form), self.names.of(fact["applicant"], form), figure)
                for fact, figure in zip(facts, figures, strict=True)
            ]
        )


def plain(value: float | None) -> str:
    """A figure as people write it: no decimals where there are none."""
    if value is None:
        return "—"
    written = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def _by_report(lines: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        found[line["report_id"]].append(line)
    return found


def _key(fact: Mapping[str, Any]) -> tuple[str, str, str]:
    return fact["table"], fact["metric"], fact["applicant"]


def _marks(points: Sequence[Point]) -> Mapping[tuple[str, str, str], Mark]:
    """How the report's own cells are marked."""
    marks: dict[tuple[str, str, str], Mark] = {}
    for point in points:
        telling = point.telling
        for cell in point.cells:
            if cell.fact is None or cell.report is not None:
                continue
            key, before = _key(cell.fact), marks.get(_key(cell.fact), Mark((), 0))
            if cell in telling:
                marks[key] = Mark((*before.signs, point.sign), 2)
            elif not before.weight:
                marks[key] = Mark((), 1)
    return marks
