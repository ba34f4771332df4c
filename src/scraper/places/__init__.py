"""The counties since 2008: their GB/T 2260 codes, names, prefectures, provinces and successors."""

from scraper.places.register import (
    County,
    counties,
    counties_named,
    county_by_code,
    county_by_name,
    county_in,
    current,
    same_county,
)

__all__ = [
    "County",
    "counties",
    "counties_named",
    "county_by_code",
    "county_by_name",
    "county_in",
    "current",
    "same_county",
]
