"""Finds a county by what people call or called it: 640324, 同心县, 同心, Tongxin."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

# What English readers put behind a name, and the pinyin of what Chinese names end in.
_ENGLISH_KIND = re.compile(r"\b(county|district|city|banner)\b")
_NOT_LETTER = re.compile(r"[^a-z]")
_MOST_SUGGESTIONS = 5

_SELECT = "SELECT code, name, prefecture, province, current_code FROM county"
_BY_NAME = f"""
    {_SELECT}
    WHERE code = $given OR name = $given OR province || prefecture || name = $given
       OR prefecture || name = $given OR province || name = $given
       OR list_contains(other_names, $given)
       OR list_contains([other[:-2] for other in other_names], $given)
       OR regexp_replace(name, '(自治县|自治旗|林区|特区|县|区|市|旗)$', '') = $given
       OR ($latin <> '' AND $latin IN (pinyin, regexp_replace(pinyin, '(xian|qu|shi|qi)$', '')))
    ORDER BY code
"""
_REPORTING = "SELECT DISTINCT current_code FROM report JOIN county ON code = county_code"
_EXISTING = "SELECT current_code FROM county WHERE code = current_code AND until IS NULL"
_NEAR = f"""
    {_SELECT}
    WHERE greatest(jaro_winkler_similarity(name, $given), jaro_winkler_similarity(pinyin, $sound)) > 0.8
    ORDER BY greatest(jaro_winkler_similarity(name, $given), jaro_winkler_similarity(pinyin, $sound)) DESC,
             exists(FROM report WHERE county_code = code) DESC, code
    LIMIT {_MOST_SUGGESTIONS}
"""


@dataclass(frozen=True)
class County:
    """A county-level division.

    ``current_code`` is the code that it has today, where it only changed code, name or rank: the one
    name under which all its reports are found.
    """

    code: str
    name: str
    prefecture: str
    province: str
    current_code: str

    @property
    def place(self) -> str:
        """Code and full name, which tell it from others of its name."""
        return f"{self.code} {self.province}{self.prefecture}{self.name}"


@dataclass(frozen=True)
class KnownCounty:
    """A county under one of its codes; ``reporting``: there are reports of it, under whatever code."""

    county: County
    other_names: tuple[str, ...]
    reporting: bool


class UnknownCounty(Exception):  # noqa: N818 - said by the user
    """No county is called ``given``; ``near`` are those with a similar name."""

    def __init__(self, given: str, near: list[County]) -> None:
        super().__init__(given)
        self.given = given
        self.near = near


class AmbiguousCounty(UnknownCounty):
    """Several counties are called ``given``: ``near``."""


def find_county(connection: duckdb.DuckDBPyConnection, given: str) -> County:
    """The county called ``given``: its code, its name with or without 县, or its pinyin.

    Of several with that name the only one with reports is meant, then the only one that exists today;
    one that changed its code counts once. Raises :class:`UnknownCounty` or :class:`AmbiguousCounty`.
    """
    name = given.strip()
    found = _counties(connection, _BY_NAME, {"given": name, "latin": _latin(name)})
    found = _each_once(found)
    for preferred in (_REPORTING, _EXISTING):
        if len(found) > 1:
            codes = {code for (code,) in connection.execute(preferred).fetchall()}
            found = [county for county in found if county.current_code in codes] or found
    if not found:
        raise UnknownCounty(given, _counties(connection, _NEAR, {"given": name, "sound": _sound(name)}))
    if len(found) > 1:
        raise AmbiguousCounty(given, found)
    return found[0]


def known_counties(connection: duckdb.DuckDBPyConnection) -> list[KnownCounty]:
    """The counties that exist today and those with reports, under all codes that they had."""
    rows = connection.execute(
        f"""
        WITH reporting AS ({_REPORTING}), existing AS ({_EXISTING})
        SELECT code, name, prefecture, province, current_code, other_names, current_code IN (FROM reporting)
        FROM county WHERE current_code IN (FROM reporting) OR current_code IN (FROM existing)
        ORDER BY code
        """  # noqa: S608 - nothing but the constants above is put in
    ).fetchall()
    return [KnownCounty(County(*names), tuple(others), reporting) for *names, others, reporting in rows]


def _each_once(found: list[County]) -> list[County]:
    """``found`` without the older codes of a county whose newer one is there too."""
    newest = {county.current_code: county for county in found}
    newest |= {county.code: county for county in found if county.code == county.current_code}
    return list(newest.values())


def _counties(connection: duckdb.DuckDBPyConnection, query: str, names: dict[str, str]) -> list[County]:
    return [County(*row) for row in connection.execute(query, names).fetchall()]


def _latin(given: str) -> str:
    return _NOT_LETTER.sub("", _ENGLISH_KIND.sub("", given.lower()))


def _sound(name: str) -> str:
    """The pinyin of a name: mistyped with a character of the same sound (同新 for 同心) it is the same."""
    # Its dictionary takes longer to load than most questions to answer, and few need it.
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(name)).lower()
