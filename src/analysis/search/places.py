"""Counties by a part of their name, their pinyin or their code."""

from __future__ import annotations

from typing import Any

import duckdb

from analysis.database import records

_PLACES = """
    WITH reporting AS (
        SELECT c.current_code, count(*) AS reports
        FROM report r JOIN county c ON c.code = r.county_code GROUP BY ALL
    )
    SELECT county.current_code AS county_code, any_value(today.name) AS county,
           any_value(today.province) AS province, any_value(today.prefecture) AS prefecture,
           coalesce(max(reports), 0) AS reports
    FROM county JOIN county today ON today.code = county.current_code
    LEFT JOIN reporting ON reporting.current_code = county.current_code
    WHERE contains(county.name, $text) OR starts_with(county.code, $text)
       OR starts_with(county.pinyin, lower($text))
       OR len(list_filter(county.other_names, lambda x: contains(x, $text))) > 0
       OR county.province = $text OR county.prefecture = $text
    GROUP BY county.current_code
    HAVING max(reports) > 0 OR bool_or(today.until IS NULL)
    ORDER BY coalesce(max(reports), 0) = 0,
             bool_or(county.name = $text OR starts_with(county.name, $text)) DESC, county_code
    LIMIT $limit
"""


def search_places(connection: duckdb.DuckDBPyConnection, text: str, *, limit: int) -> list[dict[str, Any]]:
    """The counties whose present or former name contains ``text``, those with reports first."""
    return records(connection, _PLACES, {"text": text.strip(), "limit": limit})
