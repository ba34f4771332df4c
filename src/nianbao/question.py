"""What is asked of the series, in the words of the user: reports, metrics, and how they are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial

import duckdb

from analysis import series
from nianbao.failures import Failure
from nianbao.naming import place_called

_YEARS = re.compile(r"(20\d{2})(?:-(20\d{2}))?")


class As(StrEnum):
    """How figures are shown."""

    VALUE = "value"
    CHANGE = "change"
    GROWTH = "growth"
    INDEX = "index"
    PERCENTILE = "percentile"


class PeersOf(StrEnum):
    """Whom a county is set beside."""

    PREFECTURE = "prefecture"
    PROVINCE = "province"
    KIND = "kind"
    NEAREST = "nearest"


class JoinOn(StrEnum):
    """The weakest terms on which figures of other forms are joined to a series."""

    SAME = "same"
    NEAR = "near"
    WEAK = "weak"


class ScopeOf(StrEnum):
    """What reports cover."""

    WHOLE = "whole"
    OWN = "own"


class Kind(StrEnum):
    """Kinds of publishers."""

    COUNTY_GOVERNMENT = "county_government"
    COUNTY_OFFICE = "county_office"
    DEPARTMENT = "department"
    TOWNSHIP = "township"
    OTHER = "other"


def choice_of(
    connection: duckdb.DuckDBPyConnection,
    years: Sequence[str] | None,
    counties: Sequence[str] | None,
    places: Sequence[str] | None,
    kinds: Sequence[Kind] | None,
    scope: ScopeOf | None,
    place: Callable[[str], series.Place] | None = None,
    county: Callable[[str], series.County] | None = None,
) -> series.Choice:
    """Which reports are meant; ``place`` and ``county`` find these by name. Raises what finding them does."""
    find = place or partial(place_called, connection)
    named = list(map(county or partial(series.find_county, connection), counties or ()))
    chosen = [series.Place("county", one.province, one.prefecture, one.current_code) for one in named]
    chosen += map(find, places or ())
    return series.Choice(
        places=tuple(dict.fromkeys(chosen)),
        kinds=tuple(kind.value for kind in kinds) if kinds else series.Choice().kinds,
        scopes=None if scope is None else (scope.value,),
        years=years_of(years) if years else None,
    )


def years_of(given: Sequence[str]) -> tuple[int, ...]:
    """The years in texts such as 2020 and 2019-2022, in order. Raises :class:`Failure`."""
    found: set[int] = set()
    for text in given:
        match = _YEARS.fullmatch(text.strip())
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise Failure("year_wrong", usage=True, given=text)
        found.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return tuple(sorted(found))


def question_of(
    metrics: Sequence[str],
    choice: series.Choice,
    applicant: str,
    shown: As,
    base: int | None,
    peers: PeersOf | None,
    join: JoinOn,
    across: bool,
    without_doubtful: bool,
) -> series.Question:
    """What is asked. Raises :class:`Failure` where an index has no base year, or a percentile no peers."""
    if (shown is As.INDEX) != (base is not None):
        raise Failure("index_base", usage=True)
    if shown is As.PERCENTILE and peers is None:
        raise Failure("percentile_peers", usage=True)
    return series.Question(
        metrics=tuple(metrics),
        choice=choice,
        applicant=applicant,
        join=join.value,
        shown=shown.value,
        base=base,
        across=across,
        peers=None if peers is None else peers.value,
        without_doubtful=without_doubtful,
    )
