"""Everything that can end a command early, as one sentence and an exit code."""

from __future__ import annotations

import duckdb

from analysis.database import DatabaseMissing
from analysis.provenance import AmbiguousReport, NoVersion, UnknownReport
from analysis.series import AmbiguousCounty, UnknownApplicant, UnknownCounty, UnknownMetric
from analysis.series.compare import NoReports
from nianbao.wording import language, sentence
from scraper.messages import ScraperError
from scraper.shared.readable import failure_in

WORK_FAILED = 1
WRONG_USAGE = 2


class Failure(Exception):  # noqa: N818 - it ends a command, it is no bug
    """A command can't go on; ``usage`` tells that it was asked for wrongly."""

    def __init__(self, code: str, /, *, usage: bool = False, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.usage = usage
        self.values = values


EXPECTED = (
    Failure,
    ScraperError,
    UnknownCounty,
    UnknownMetric,
    UnknownApplicant,
    DatabaseMissing,
    NoReports,
    NoVersion,
    UnknownReport,
    duckdb.Error,
)


def explain(error: BaseException) -> tuple[str, int]:
    """What to tell the user of an expected error, and the exit code."""
    if isinstance(error, Failure):
        return sentence(error.code, **error.values), WRONG_USAGE if error.usage else WORK_FAILED
    if isinstance(error, ScraperError):
        return error.said.text(language()), WORK_FAILED
    if isinstance(error, UnknownReport):
        return _unknown_report(error), WRONG_USAGE
    if isinstance(error, NoVersion):
        return sentence("no_version", day=error.day, first=f"{error.first:%Y-%m-%d}"), WRONG_USAGE
    if isinstance(error, UnknownCounty):
        return _unknown_county(error), WRONG_USAGE
    if isinstance(error, UnknownMetric | UnknownApplicant):
        code = "unknown_metric" if isinstance(error, UnknownMetric) else "unknown_applicant"
        return sentence(code, given=error.given, near=_near(error.near)), WRONG_USAGE
    if isinstance(error, DatabaseMissing):
        return sentence("database_missing", file=error.path), WORK_FAILED
    if isinstance(error, NoReports):
        return sentence("no_reports"), WORK_FAILED
    if said := failure_in(str(error)):
        return said.text(language()), WORK_FAILED
    return sentence("database_error", reason=str(error).strip()), WORK_FAILED


def _unknown_county(error: UnknownCounty) -> str:
    code = "ambiguous_county" if isinstance(error, AmbiguousCounty) else "unknown_county"
    return sentence(code, given=error.given, near=_near([county.place for county in error.near]))


def _unknown_report(error: UnknownReport) -> str:
    code = "ambiguous_report" if isinstance(error, AmbiguousReport) else "unknown_report"
    return sentence(code, given=error.given, near=_near(error.near))


def _near(names: list[str]) -> str:
    return "; ".join(names) or sentence("nothing_near")
