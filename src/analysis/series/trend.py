"""One county's figures across years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from analysis.series.comparability import Wording
from analysis.series.compare import peer_lines
from analysis.series.lines import Line, Place, all_lines, no_report
from analysis.series.places import County
from analysis.series.quantities import Quantity
from analysis.series.question import Question, answer, quantities_of
from analysis.series.records import Note, Records

Followed = tuple[str | None, str | None]


@dataclass(frozen=True)
class Trend:
    """Records from the first reported year to the last; they and the notes are as in a comparison."""

    county: County
    quantities: Sequence[Quantity]
    records: list[dict[str, Any]]
    notes: list[Note]
    wordings: Mapping[str, Wording]


def trend(
    connection: duckdb.DuckDBPyConnection,
    county: County,
    question: Question,
    quantities: Sequence[Quantity] | None = None,
    *,
    following: Line | None = None,
) -> Trend:
    """What ``question`` asks of ``county``, in every year from its first report to its last.

    ``quantities`` are those that it asks for, where :func:`quantities_of` has found them before.

    A county that changed its code, name or rank is one series; one that was merged ends there. The
    series keeps to one publisher and one scope: the one with most years, the government before its office
    where both have as many; or those of the report ``following``. Reports of unknown scope are taken in and
    marked. A year without such a report stands in the series with no values, and with the reason. Raises
    :class:`UnknownMetric` or :class:`UnknownApplicant`.
    """
    quantities = quantities or quantities_of(connection, question)
    place = Place("county", county.province, county.prefecture, county.current_code)
    choice = replace(question.choice, places=(place,), years=None)
    reports = all_lines(connection, choice)
    followed = _followed([one for one in reports if _alike(one, following)], choice.kinds)
    asked = _each_year(reports, followed)
    wanted = [
        number
        for number, line in enumerate(asked)
        if question.choice.years is None or line.year in question.choice.years
    ]
    among = replace(choice, scopes=(followed[1],), kinds=(followed[0] or "",))
    lines = [*asked, *peer_lines(connection, asked, among, question.peers)]
    found = answer(connection, question, quantities, lines, len(asked), wanted)
    records = Records(question, found, wanted)
    notes = [*records.notes(), *_absences([asked[number] for number in wanted])]
    return Trend(county, quantities, records.records, notes, records.wordings)


def _alike(line: Line, following: Line | None) -> bool:
    """Whether ``line`` may be of the series that ``following`` is of."""
    if following is None:
        return True
    return line.kind == following.kind and (following.scope is None or line.scope in (following.scope, None))


def _followed(reports: Sequence[Line], kinds: Sequence[str]) -> Followed:
    """The publisher and the scope with most years; of several publishers the first in ``kinds``."""
    years: defaultdict[Followed, set[int]] = defaultdict(set)
    for line in reports:
        years[line.kind, line.scope].add(line.year)
    order = {kind: number for number, kind in enumerate(kinds)}
    joined = {(kind, scope): found | years.get((kind, None), set()) for (kind, scope), found in years.items()}
    return min(
        joined,
        key=lambda one: (-len(joined[one]), order.get(one[0] or "", 0), one[1] is None, one[1] or ""),
        default=(None, None),
    )


def _each_year(reports: Sequence[Line], followed: Followed) -> list[Line]:
    """The report of each year that belongs to the series, or a line that says why there is none."""
    if not reports:
        return []
    of_year: defaultdict[int, list[Line]] = defaultdict(list)
    for line in reports:
        of_year[line.year].append(line)
    return [_of_year(of_year[year], followed, reports[-1], year) for year in _span(reports)]


def _span(reports: Sequence[Line]) -> range:
    years = [line.year for line in reports]
    return range(min(years), max(years) + 1)


def _of_year(found: Sequence[Line], followed: Followed, last: Line, year: int) -> Line:
    kind, scope = followed
    fitting = [line for line in found if line.kind == kind and line.scope in (scope, None)]
    if fitting:
        return min(fitting, key=lambda line: line.scope is None)
    absent = "no_report"
    if found:
        absent = "another_scope" if any(line.scope != scope for line in found) else "another_publisher"
    names = (last.county, last.province, last.prefecture)
    return no_report(last.owner, names, year, absent)


def _absences(lines: Sequence[Line]) -> list[Note]:
    """The years whose reports are of another scope or publisher."""
    return [
        Note(absent, {"years": ", ".join(str(line.year) for line in lines if line.absent == absent)})
        for absent in ("another_scope", "another_publisher")
        if any(line.absent == absent for line in lines)
    ]
