"""The counties: their GB/T 2260 codes, names, prefectures and provinces."""

from scraper.places.register import County, counties, county_by_code, county_by_name

__all__ = ["County", "counties", "county_by_code", "county_by_name"]
