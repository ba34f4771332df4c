"""Gathers what a brief says from the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb

from analysis import series
from analysis.brief.catalogue import most, peer_rule, plan
from analysis.brief.content import Brief, Figure, KeyFigure, SourceReport
from analysis.brief.printed import PrintedReport
from analysis.brief.standout import leads
from analysis.database import records
from analysis.present.figures import said_of
from analysis.present.notice import Notice, Wanted, notices
from analysis.series import Choice, County, Peers, Place, Quantity, Question, Trend
from analysis.series.lines import Line, chosen_lines, latest_year

_REPORTS = """
    SELECT r.*, c.name AS county,
           count(f.finding_id) FILTER (f.severity = 'error') AS errors,
           count(f.finding_id) FILTER (f.severity = 'warning') AS warnings,
           count(f.finding_id) FILTER (f.severity = 'notice') AS notices
    FROM report r LEFT JOIN county c ON c.code = r.county_code
    LEFT JOIN finding f ON f.report_id = r.report_id AND f.status IN ('open', 'confirmed')
    WHERE list_contains($reports, r.report_id)
    GROUP BY ALL ORDER BY r.year DESC, r.report_id
"""
_CLAIMS = """
    SELECT DISTINCT c.metric, c.value, c.sentence, c.approximate, m.label_zh, m.label_en, m.unit, c.rowid
    FROM claim c LEFT JOIN (SELECT DISTINCT ON (metric) * FROM metric ORDER BY form = 'prose' DESC) m
      ON m.metric = c.metric
    WHERE report_id = $report ORDER BY c.rowid
"""
_PINYIN = "SELECT pinyin FROM county WHERE code = $code"
_REUSED = "text.reused"
_LATEST = "SELECT max(year) FROM report"


class NoReportOfYear(Exception):  # noqa: N818 - it is a state of the database
    """No report stands for ``county`` in ``year``, or in any; there are some of ``years``."""

    def __init__(self, county: County, year: int | None, years: Sequence[int]) -> None:
        super().__init__(f"{county.place} {year}")
        self.county = county
        self.year = year
        self.years = years


def brief_on(
    connection: duckdb.DuckDBPyConnection,
    county: County,
    language: str,
    *,
    year: int | None = None,
    peers: Peers | None = None,
) -> Brief:
    """The brief on ``county`` and ``year``, by default the latest year with a report of its own.

    ``peers`` are by default the first group in ``brief.toml`` that is large enough. ``language`` is that of
    the names of cells. Raises :class:`NoReportOfYear`.
    """
    place = Place("county", county.province, county.prefecture, county.current_code)
    line = _line(connection, county, place, year)
    return _Gathering(connection, county, place, line, peers).brief(language)


def _line(connection: duckdb.DuckDBPyConnection, county: County, place: Place, year: int | None) -> Line:
    """The report that stands for the county in the year. Raises :class:`NoReportOfYear`."""
    choice = Choice(places=(place,))
    wanted = year or latest_year(connection, choice)
    lines = chosen_lines(connection, choice)
    found = [line for line in lines if line.year == wanted]
    if not found:
        raise NoReportOfYear(county, year, sorted({line.year for line in lines}))
    return found[0]


class _Gathering:
    """All that is known of a county up to the year of the report ``line``."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        county: County,
        place: Place,
        line: Line,
        peers: Peers | None,
    ) -> None:
        self._connection = connection
        self._county = county
        self._place = place
        self._line = line
        self._peers, self._peers_found = self._group(peers)

    def brief(self, language: str) -> Brief:
        """Everything put together."""
        question = self._question(self._metrics(), peers=self._peers)
        trend = self._trend(question)
        key = list(self._key(trend))
        reports = self._reports(trend)
        report = next(one for one in reports if one.report["report_id"] == self._line.report_id)
        states = self._states()
        notice = self._notice(language)
        before = self._record(trend, self._line.year - 1)
        printed = PrintedReport(self._connection, str(self._line.report_id))
        earlier = PrintedReport(self._connection, before["report_id"]) if before else None
        found = Brief(
            county=self._county,
            pinyin=self._pinyin(),
            year=self._line.year,
            report=report,
            reports=reports,
            states=states,
            peers=self._peers,
            peers_found=self._peers_found,
            key=key,
            series={
                quantity.quantity_id: [figure_of(record, quantity) for record in trend.records]
                for quantity in trend.quantities
            },
            trend=trend,
            question=question,
            sources=series.sources_of(self._connection, [one.report for one in reports]),
            leads=(),
            outcomes=printed.outcomes(),
            outcomes_before=earlier.outcomes() if earlier else None,
            asked=printed.asked(),
            cases=printed.cases(),
            disclosed=printed.disclosed(),
            prose=self._prose(),
            notice=notice,
            reused=[one.finding for one in notice.points if one.finding["rule"] == _REUSED] if notice else [],
        )
        return replace(found, leads=leads(found))

    def _metrics(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*plan()["key"], *plan()["panels"], *plan()["yearly"]]))

    def _question(self, metrics: Iterable[str], **given: Any) -> Question:
        years = tuple(range(min(self._years()), self._line.year + 1))
        return Question(metrics=tuple(metrics), choice=Choice(years=years), **given)

    def _trend(self, question: Question) -> Trend:
        return series.trend(self._connection, self._county, question, following=self._line)

    def _group(self, wanted: Peers | None) -> tuple[Peers | None, int]:
        """Who the peers are, and how many reports they have; None where there are too few of them."""
        rule = peer_rule()
        counts = 0
        for peers in (wanted,) if wanted else rule.order:
            question = Question(
                metrics=("requests_received",), choice=Choice(years=(self._line.year,)), peers=peers
            )
            (record,) = self._trend(question).records
            counts = record["requests_received_peers"]
            if counts >= (rule.median if wanted else rule.enough):
                return peers, counts
        return None, counts

    @staticmethod
    def _record(trend: Trend, year: int) -> Mapping[str, Any] | None:
        """The record of a year that has a report."""
        found = [record for record in trend.records if record["year"] == year and record["report_id"]]
        return found[0] if found else None

    def _key(self, trend: Trend) -> Iterable[KeyFigure]:
        changes = self._trend(self._question(plan()["key"], shown="change"))
        by_year = {record["year"]: record for record in trend.records}
        year = self._line.year
        change = next(record for record in changes.records if record["year"] == year)
        for quantity in trend.quantities:
            if quantity.quantity_id not in plan()["key"]:
                continue
            before = by_year.get(year - 1)
            yield KeyFigure(
                figure_of(by_year[year], quantity),
                figure_of(before, quantity) if before else None,
                figure_of(change, quantity),
            )

    def _years(self) -> list[int]:
        lines = chosen_lines(self._connection, Choice(places=(self._place,)))
        return [line.year for line in lines]

    def _reports(self, trend: Trend) -> list[SourceReport]:
        """The reports that figures come from, the newest first."""
        named = {record["report_id"] for record in trend.records if record["report_id"]}
        lines = records(self._connection, _REPORTS, {"reports": sorted({*named, self._line.report_id})})
        return [
            SourceReport(number, line, line["errors"], line["warnings"], line["notices"])
            for number, line in enumerate(lines, start=1)
        ]

    def _states(self) -> dict[int, str]:
        (latest,) = self._connection.execute(_LATEST).fetchone() or (self._line.year,)
        years = tuple(range(min(self._years()), max(latest, self._line.year) + 1))
        found = series.coverage(self._connection, Choice(places=(self._place,), years=years))
        return {record["year"]: record["state"] for record in found.records}

    def _notice(self, language: str) -> Notice | None:
        found = list(notices(self._connection, Wanted(report=self._line.report_id), language))
        return found[0] if found else None

    def _prose(self) -> list[dict[str, Any]]:
        """The figures that prose states, each once; of reports with tables none, for they have the tables."""
        if self._line.form != "narrative":
            return []
        found: dict[tuple[str, float], dict[str, Any]] = {}
        for claim in records(self._connection, _CLAIMS, {"report": self._line.report_id}):
            found.setdefault((claim["metric"], claim["value"]), claim)
        return list(found.values())[: most("claims")]

    def _pinyin(self) -> str:
        row = self._connection.execute(_PINYIN, {"code": self._county.code}).fetchone()
        return str(row[0]) if row else ""


def figure_of(record: Mapping[str, Any], quantity: Quantity) -> Figure:
    """What a record of a trend says of a quantity."""
    name = quantity.quantity_id
    rule = peer_rule()
    peers = record.get(f"{name}_peers", 0)
    told = {part: record.get(f"{name}_{part}") for part in ("percentile", "median", "q25", "q75")}
    enough = peers >= rule.median
    return Figure(
        quantity,
        record["year"],
        record[name],
        of=record.get(f"{name}_of"),
        reason=next(iter(said_of(record, "missing", name)), ""),
        doubtful=bool(said_of(record, "doubtful", name)),
        assumed=bool(said_of(record, "assumed", name)),
        joined=bool(said_of(record, "joined", name)),
        breaks=tuple(said_of(record, "break", name)),
        peers=peers,
        percentile=told["percentile"] if peers >= rule.percentile else None,
        median=told["median"] if enough else None,
        lower=told["q25"] if enough else None,
        upper=told["q75"] if enough else None,
    )
